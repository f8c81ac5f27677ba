# SPDX-License-Identifier: MIT
"""Templates that name a KV key: as slots that follow it, and as the key's own lines."""

import os

import pytest

from .harness.load import get
from .harness.wait import until
from .managed import GLOBAL, Managed

KEY = "haproxy-config/backend"
KEYS = f'BackendServers = "{KEY}"'
OLDER = GLOBAL + """frontend in
    bind 127.0.0.1:@PORT@
    default_backend web
backend web
    balance roundrobin
    """


def line(origin, more=""):
    return f"server {origin.name} {origin.host}:{origin.port} {more}".rstrip()


def put(managed, origins):
    managed.consul.put_key(KEY, r"\n".join(line(origin) for origin in origins))


@pytest.fixture
def older(world):
    def make(placeholder):
        managed = Managed(world, template=OLDER + placeholder + "\n", keys=KEYS)
        managed.origins = [world.origins.start(f"web-{n}") for n in range(3)]
        put(managed, managed.origins)
        managed.render()
        managed.start()
        managed.start_slotd()
        managed.wait_standing(version=1, doubt=None)
        return managed
    return make


def test_the_older_setup_keeps_its_key_and_template_and_loses_the_reloads(world, older, figure):
    managed = older("{{ .BackendServers }}")
    managed.wait_serving("web", managed.origins, seconds=20)
    pid, text, base = managed.pid(), managed.read(), managed.text
    stamp = os.stat(managed.output).st_mtime_ns
    assert "server-template BackendServers- 1-10 BackendServers.kv.slots.invalid:1 " in text
    more = [world.origins.start(f"new-{n}") for n in range(10)]
    load = world.load(managed.port)
    servers = managed.origins
    for number, origin in enumerate(more):
        servers = [*servers[1:], origin]
        put(managed, servers)
        # What the template says in a comment of its own is no change of the file.
        managed.write_template(base + f"{{{{! {number} }}}}")
        managed.wait_serving("web", servers, seconds=15)
        before = load.requests
        until(lambda: load.requests > before + 50, "requests flow")
    load.stop()
    assert not load.failures, (len(load.failures), load.failures[:5])
    assert (managed.pid(), managed.read(), os.stat(managed.output).st_mtime_ns) == (pid, text, stamp)
    assert len(managed.versions()) == 1
    assert {origin.name for origin in more} <= set(load.answers)
    figure(f"the older setup, its key and template changed ten times: {load.requests} requests, 0 failed, 0 reloads")


def test_the_lines_of_a_key_are_copied_and_checked(world, older):
    managed = older("{{{ lines.BackendServers }}}")
    assert [f"    {line(origin)}" for origin in managed.origins] == managed.read().splitlines()[-3:]
    load = world.load(managed.port)
    until(lambda: len(load.answers) == 3, "all serve")
    late = world.origins.start("late")
    put(managed, [*managed.origins[1:], late])
    managed.slotd.wait_log(r"version 2 \(the lines of a key changed\) is in place and loaded", 20)
    until(lambda: "late" in load.answers, "the new one serves")
    text, pid = managed.read(), managed.pid()
    for bad, why in ((f"{line(late)}\nlisten x", "listen x"), (f"{line(late)} disbaled", "disbaled"), ("a\nb", "a"),
                     (f'{line(late)} resolvers "$HOME"', "it has a $"), ("# none", "it lists no server"), ("[]", "no server")):
        seen = len(managed.slotd.lines())
        managed.consul.put_key(KEY, bad)
        said = managed.slotd.wait_log(rf"the lines of the key {KEY} are not taken, those before stay", after=seen)
        assert why in said
    until(lambda: managed.standing()["doubt"], "it is shown")
    assert "the key" in managed.render("--stdout", code=1)
    assert (managed.read(), managed.pid()) == (text, pid)
    assert get(managed.port)[0] == 200
    managed.write_template(managed.text + "# the lines of before stay\n")
    managed.slotd.wait_log(r"version 3 \(the template changed\) is in place and loaded", 20)
    assert managed.read() == text + "# the lines of before stay\n"
    managed.wait_master()
    put(managed, [late])
    managed.slotd.wait_log(r"version 4 \(the lines of a key changed\) is in place and loaded", 20)
    load.stop()
    assert not load.failures, (len(load.failures), load.failures[:5])


def test_what_consul_says_can_not_become_haproxys_own(world):
    """Names, tags and meta values of a service come from whoever may register it."""
    managed = Managed(world)
    evil = "x\nbackend evil\n    server a 1.2.3.4:5 # \" ' { } \\ %[env(HOME)] $HOME"
    managed.add("web", meta={"team": evil})
    origin = world.origins.start("bad")
    managed.consul.register("a\nbackend evil2", "bad", origin.host, origin.port, tags=["haproxy"])
    managed.consul.register("web", "web-2", origin.host, origin.port, tags=["haproxy", "t\nbackend evil3"])
    said = managed.render()
    assert "warning: service a" in said, said
    assert managed.file_backends() == ["web"]
    managed.start()
    assert managed.backends() == {"web"}
