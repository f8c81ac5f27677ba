# SPDX-License-Identifier: MIT
"""slotd in a container of its own, beside HAProxy's, with the runtime socket on a volume of both."""

import json
import pathlib
import signal
import subprocess

import pytest

from .box import Box, has_namespaces
from .image import TOP


def test_it_fills_the_haproxy_of_another_container(world, image, alone):
    consul, port = world.consul(), world.ports.take()
    haproxy = Box(world, image, ["/usr/sbin/haproxy", "-W", "-db", "-f", "/etc/haproxy/haproxy.cfg"],
                  environment={"PORT": str(port)},
                  files={"/etc/haproxy/haproxy.cfg": TOP / "container/demo/haproxy.cfg"}).wait_up()
    slotd = Box(world, alone, environment={"CONSUL_HTTP_ADDR": consul.url}, share=haproxy)
    origin = world.origins.start("web-1")
    consul.register("web", "web-1", origin.host, origin.port)
    haproxy.haproxy.wait_serving("web", [origin])
    slotd.send(signal.SIGTERM)
    assert slotd.wait_end() == 0
    assert haproxy.haproxy.slots("web")["s1"].state == "ready"


@pytest.fixture(scope="module")
def looked_up(tmp_path_factory, image, alone):
    folder = tmp_path_factory.mktemp("lookup")
    # Root in there, with a loopback of its own.
    wrap = ["bwrap", "--dev-bind", "/", "/", "--unshare-user", "--uid", "0", "--gid", "0", "--unshare-net", "--unshare-pid",
            "--proc", "/proc", "--cap-add", "ALL", "--die-with-parent"] if has_namespaces() else []
    script = pathlib.Path(__file__).with_name("lookup.py")
    done = subprocess.run([*wrap, "/usr/bin/python3", script, folder, alone.root, image.root], capture_output=True,
                          text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("program", ["/usr/bin/slotd", "/usr/bin/slotd-alone"])
def test_consuls_name_is_looked_up_and_its_certificate_checked(looked_up, program):
    unknown, known = looked_up[f"{program} unknown"], looked_up[f"{program} known"]
    assert unknown["asked"] == []
    assert "certificate" in unknown["said"]
    (asked,) = known["asked"]
    assert asked.startswith("consul.slotd.test:")
    assert "500" in known["said"]
