# SPDX-License-Identifier: MIT
"""What Consul takes and HAProxy must never see: refused by name, once, and the others go on."""

import json
import re

import pytest

from .harness.haproxy import Backend
from .harness.wait import until

# ID: (address, port, words of the reason)
HOSTILE = {
    "port-0": ("127.0.60.1", 0, "port 0 is not between 1 and 65535"),
    "port-negative": ("127.0.60.1", -1, "port -1 is not between"),
    "port-large": ("127.0.60.1", 65536, "port 65536 is not between"),
    "port-huge": ("127.0.60.1", 99999999999, "port 99999999999 is not between"),
    "host-name": ("web.example.com", 80, "is a host name"),
    "wildcard-in-text": ("0", 80, "is no IP address"),
    "octal": ("010.0.0.1", 80, "is no IP address"),
    "short": ("127.1", 80, "is no IP address"),
    "too-large": ("256.1.1.1", 80, "is no IP address"),
    "multicast": ("224.0.0.1", 80, "is a multicast address"),
    "broadcast": ("255.255.255.255", 80, "broadcast"),
    "multicast-6": ("ff02::1", 80, "is a multicast address"),
    "link-local": ("fe80::1", 80, "is a link-local address"),
    "scoped": ("fe80::1%eth0", 80, "has a scope"),
    "mapped": ("::ffff:10.0.0.1", 80, "is an IPv4-mapped address"),
    "brackets": ("[::1]", 80, "is no IP address"),
    "with-port": ("10.0.0.1:80", 80, "is no IP address"),
    "newline": ("127.0.60.1\nset server web/s1 state maint", 80, "is no IP address"),
    "semicolon": ("127.0.60.1;set server web/s1 state maint", 80, "is no IP address"),
    "socket": ("unix:///x", 80, "is no IP address"),
}


@pytest.fixture
def hostile(world):
    consul = world.consul()
    haproxy = world.haproxy(Backend("web", slots=4, servers=["fixed 127.0.0.9:9 disabled"]))
    good = world.origins.start("good")
    consul.register("web", "good", good.host, good.port)
    return consul, haproxy, good


def test_each_is_refused_by_name_with_the_reason_once_and_the_others_serve(world, hostile):
    consul, haproxy, good = hostile
    for name, (address, port, _) in HOSTILE.items():
        consul.register("web", name, address, port)
    slotd = world.slotd(haproxy, consul)
    haproxy.wait_serving("web", [good])
    load = world.load(haproxy.port("web"))
    for name, (_, _, words) in HOSTILE.items():
        line = slotd.wait_log(rf" warn +web: {name} on ext can't be served: .*{re.escape(words)}")
        assert line
    late = world.origins.start("late")
    consul.register("web", "late", late.host, late.port, weights=(65535, 1))
    haproxy.wait_serving("web", [good, late])
    slotd.wait_log(r"late on ext is served with another weight: weight 65535 is beyond HAProxy's 256")
    assert haproxy.slots("web")[haproxy.slot_of("web", late)].weight == 256
    for name in HOSTILE:
        assert len([line for line in slotd.lines() if f"{name} on ext can't be served" in line]) == 1, name
    assert haproxy.slots("web")["fixed"].state == "maint"
    assert [line.split()[2] for line in slotd.lines("warn") if " failed: " in line] == []
    load.stop()
    assert not load.failures


NAMES = ['quo"te', "semi;colon", "new\nline", "ret\rurn", "nul\0byte", "esc\x1b[31m", "bidi\u202eevil", "sl/ash",
         "blank s", "long" * 1000, "back\\slash", "emoji\U0001f600"]


def test_no_name_reaches_the_socket_a_log_line_or_json_as_it_came(world, hostile):
    consul, haproxy, good = hostile
    origins = [good]
    for name in NAMES[:3]:
        origin = world.origins.start("served")
        consul.register("web", name, origin.host, origin.port, meta={"key": "value\n;" + "x" * 400})
        origins.append(origin)
    for name in NAMES[3:]:
        consul.register("web", name, "host.name", 80)
    text = world.slotd(haproxy, consul)
    haproxy.wait_serving("web", origins)
    load = world.load(haproxy.port("web"))
    text.wait_log("backs?")
    text.stop()
    lines = text.lines()
    assert all(re.match(r"\d{4}-\d\d-\d\dT[\d:.]+Z (debug|info|warn) ", line) for line in lines), lines
    assert all(ord(c) >= 0x20 and c not in "\u202e\x7f" for line in lines for c in line)
    assert all(len(line) < 600 for line in lines)
    logged = world.slotd(haproxy, consul, "--log-format", "json")
    logged.wait_log("can't be served")
    logged.stop()
    for line in logged.json_lines():
        assert all(ord(c) >= 0x20 for value in line.values() for c in str(value))
    planned = world.command("plan", haproxy, consul, "--format", "json")
    assert json.loads(planned.stdout)["sockets"][0]["backends"][0]["remarks"]
    plain = world.command("plan", haproxy, consul).stdout
    assert all(line.startswith(("#", "set server web/s")) for line in plain.splitlines())
    load.stop()
    assert load.requests and not load.failures, load.failures[:5]


def test_megabytes_of_check_output_and_meta_are_read_and_left(world, hostile):
    consul, haproxy, good = hostile
    consul.put("/v1/catalog/register", {
        "Node": "ext", "Address": "127.0.0.1", "SkipNodeUpdate": True,
        "Check": {"Node": "ext", "CheckID": "big", "Name": "big", "Status": "passing", "Output": "x" * (3 << 20)}})
    slotd = world.slotd(haproxy, consul)
    haproxy.wait_serving("web", [good])
    load = world.load(haproxy.port("web"))
    others = [world.origins.start(f"web-{n}") for n in range(2)]
    for origin in others:
        consul.register("web", origin.name, origin.host, origin.port, meta={f"k{n}": "v" * 500 for n in range(60)})
    haproxy.wait_serving("web", [good, *others])
    assert max(len(line) for line in slotd.lines()) < 600
    load.stop()
    assert load.requests and not load.failures, load.failures[:5]


def test_service_names_that_differ_after_a_nul_or_in_case_only_are_told_apart(world, hostile):
    consul, haproxy, good = hostile
    evil, upper = world.origins.start("evil"), world.origins.start("upper")
    world.slotd(haproxy, consul)
    haproxy.wait_serving("web", [good])
    load = world.load(haproxy.port("web"))
    consul.register("web\0evil", "evil", evil.host, evil.port)
    consul.register("WEB", "upper", upper.host, upper.port)
    haproxy.wait_serving("web", [good, upper], "Consul's names are the same but for case")
    until(lambda: load.answers.get("upper"), "it is asked")
    load.stop()
    assert load.requests and not load.failures, load.failures[:5]
    assert "evil" not in load.answers
