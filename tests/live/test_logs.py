# SPDX-License-Identifier: MIT
"""One line for each change, as text and as JSON."""

import re

from .harness.haproxy import Backend


def fill_and_leave(world, *arguments, level="info"):
    consul = world.consul()
    haproxy = world.haproxy(Backend("web", slots=2))
    slotd = world.slotd(haproxy, consul, *arguments, level=level)
    one, two, three = (world.origins.start(name) for name in ("web-1", "web-2", "web-3"))
    for origin in (one, two):
        consul.register("web", origin.name, origin.host, origin.port)
        haproxy.wait_slot("web/s1" if origin is one else "web/s2", state="ready")
    consul.register("web", "web-3", three.host, three.port)
    slotd.wait_log("waits for a slot")
    consul.deregister("web-1")
    haproxy.wait_serving("web", [two, three])
    slotd.wait_log("web-3.*slot.*" if "json" in arguments else rf"web/s1 ready at {three.host}")
    slotd.stop()
    return slotd, one, two, three


def test_text_has_a_line_for_each_change(world):
    slotd, one, two, three = fill_and_leave(world)
    for line in slotd.lines():
        assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (info|warn|error) +\S", line), line
    changes = [line.split(maxsplit=2)[2] for line in slotd.lines("info") if " web/s" in line]
    assert [(change.split()[0], change.split()[1]) for change in changes if "drain" not in change] == \
        [("web/s1", "ready"), ("web/s2", "ready"), ("web/s1", "maint"), ("web/s1", "ready")], changes
    for change, origin in zip([one for one in changes if "ready" in one.split()[1]], (one, two, three)):
        assert f"{origin.host}:{origin.port}" in change and origin.name in change, change
    assert "no longer listed by Consul" in next(change for change in changes if "maint" in change or "drain" in change)


def test_json_lines_have_the_same_in_fields(world):
    slotd, one, _, three = fill_and_leave(world, "--log-format", "json")
    lines = slotd.json_lines()
    assert all({"time", "level", "message"} <= line.keys() for line in lines)
    ready = [line for line in lines if line.get("state") == "ready" and line.get("slot")]
    assert [line["slot"] for line in ready] == ["s1", "s2", "s1"]
    assert ready[0]["backend"] == "web" and ready[0]["address"] == f"{one.host}:{one.port}"
    assert "web-1" in ready[0]["instance"] and "web-3" in ready[2]["instance"]
    assert ready[2]["address"] == f"{three.host}:{three.port}"
    assert all(line["why"] for line in ready)
    assert [line for line in lines if "web-3" in line.get("waiting", "")]


def test_each_command_is_shown_at_debug_only(world):
    slotd, one, _, _ = fill_and_leave(world, level="debug")
    debug = slotd.lines("debug")
    assert [line for line in debug if f"set server web/s1 addr {one.host} port {one.port}" in line]
    assert [line for line in debug if "set server web/s1 state ready" in line]


def test_names_from_consul_cannot_forge_a_log_line(world):
    consul = world.consul()
    haproxy = world.haproxy(Backend("web"))
    slotd = world.slotd(haproxy, consul)
    origin = world.origins.start("web-1")
    consul.register("web", "evil\n2026-01-01T00:00:00.000Z error all is lost\x1b[31m", origin.host, origin.port)
    haproxy.wait_serving("web", [origin])
    slotd.wait_log("web/s1 ready.*evil")
    assert not [line for line in slotd.lines() if line.startswith("2026-01-01") or "\x1b" in line]
