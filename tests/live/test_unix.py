# SPDX-License-Identifier: MIT
"""Consul over a UNIX socket."""

import os

import pytest

from .harness.haproxy import Backend


# How Consul is reached concerns no version of HAProxy.
pytestmark = pytest.mark.one_haproxy


@pytest.fixture
def haproxy(world):
    return world.haproxy(Backend("web"))


def consul_on(world, path, mode="0600"):
    return world.consul(settings={"addresses": {"http": f"unix://{path} 127.0.0.1"}, "unix_sockets": {"mode": mode}})


def register(world, consul, name):
    origin = world.origins.start(name)
    consul.register("web", name, origin.host, origin.port)
    return origin


def test_it_is_followed_over_a_socket_and_found_again_after_a_restart(world, haproxy):
    path = os.path.join(world.folder, "consul.sock")
    consul = consul_on(world, path)
    origins = [register(world, consul, "web-1")]
    slotd = world.slotd(haproxy, None, config=f'[consul]\naddress = "unix://{path}"\n[defaults]\nconfirm = "300ms"\n')
    haproxy.wait_serving("web", origins)
    origins.append(register(world, consul, "web-2"))
    haproxy.wait_serving("web", origins)

    seen = len(slotd.lines())
    consul.stop()  # killed: the file stays
    slotd.wait_log(rf"web: held, what is live stays \(consul-unreachable\): unix://{path}: ", after=seen)
    os.unlink(path)
    consul.start()
    origins = [register(world, consul, "web-3")]
    haproxy.wait_serving("web", origins, seconds=30)


def test_a_socket_without_an_agent_is_explained(world, haproxy):
    path = os.path.join(world.folder, "consul.sock")

    def told(where):
        planned = world.command("plan", haproxy, f"unix://{where}")
        assert planned.returncode == 1
        return planned.stderr

    held = f"slotd: backend web: held (consul-unreachable): unix://{path}: can't connect: "
    assert told(path) == (held + "No such file or directory (is the agent running, with unix:// and this path in its "
                          "addresses.http?)\n")
    consul_on(world, path).stop()
    assert told(path) == held + "Connection refused (nobody listens on this socket file: the agent may have stopped)\n"


def test_a_socket_that_slotd_may_not_open_is_explained(world, haproxy):
    path = os.path.join(world.folder, "consul.sock")
    consul_on(world, path)
    os.chmod(haproxy.socket, 0o666)
    as_nobody = world.as_nobody(path)
    assert as_nobody, "this test needs root, to run slotd as another user"
    planned = as_nobody("plan", "--socket", haproxy.socket, "--consul", f"unix://{path}")
    assert planned.returncode == 1
    assert planned.stderr == (f"slotd: backend web: held (consul-unreachable): unix://{path}: can't connect: Permission "
                              "denied (slotd's user may not open the socket: see user, group and mode of unix_sockets "
                              "in the agent's configuration)\n")
