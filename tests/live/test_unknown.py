# SPDX-License-Identifier: MIT
"""Unknown never removes: each way in which Consul does not answer well, while requests flow."""

import re
import signal
import time

import pytest

from .harness.haproxy import Backend
from .harness.relay import Relay
from .harness.wait import until


# What Consul says concerns no version of HAProxy.
pytestmark = pytest.mark.one_haproxy


def response(status, body=b"", headers=()):
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


GOOD = ("X-Consul-Index: 7", "X-Consul-Knownleader: true", "Content-Type: application/json")
# What is told to slotd: (the relay's rule, the reason it gives for the hold, words of the log line).
FAULTS = {
    "refused": (("refuse",), "consul-unreachable", "Empty reply|reset"),
    "hanging": (("hang",), None, None),
    "400": (("say", response("400 Bad Request", b"Invalid index")), "consul-error", "400: Invalid index"),
    "401": (("say", response("401 Unauthorized", b"ACL support disabled")), "acl", "401"),
    "403": (("say", response("403 Forbidden", b"ACL not found")), "acl", "403: ACL not found"),
    "404": (("say", response("404 Not Found")), "consul-error", "404"),
    "429": (("say", response("429 Too Many Requests", b"Your IP is issuing too many concurrent connections")),
            "consul-error", "429: Your IP"),
    "500": (("say", response("500 Internal Server Error", b"rpc error making call: EOF")), "consul-error", "rpc error"),
    "503": (("say", response("503 Service Unavailable", b"rate limit")), "consul-error", "503"),
    "no leader": (("say", response("500 Internal Server Error", b"No cluster leader")), "no-leader", "No cluster leader"),
    "stale without a leader": (("say", response("200 OK", b"[]", ("X-Consul-Index: 7", "X-Consul-Knownleader: false"))),
                               "no-leader", "leader"),
    "redirect": (("say", response("301 Moved", b"", ("Location: /",))), "consul-error", "301"),
    "cut off": (("say", response("200 OK", b"[" * 10, GOOD).replace(b"Content-Length: 10", b"Content-Length: 99")),
                "unreadable-answer", "cut off"),
    "not JSON": (("say", response("200 OK", b"<html>", GOOD)), "unreadable-answer", "can't be read"),
    "another shape": (("say", response("200 OK", b"{}", GOOD)), "unreadable-answer", "not an array"),
    "another shape inside": (("say", response("200 OK", b'[{"Node":{},"Service":[]}]', GOOD)), "unreadable-answer",
                             "Service is an array"),
    "too large": (("say", response("200 OK", b"[" + b" " * (65 << 20) + b"]", GOOD)), "unreadable-answer", "longer"),
    "no index": (("say", response("200 OK", b"[]")), "index-reset", "no index"),
    "index 0": (("say", response("200 OK", b"[]", ("X-Consul-Index: 0",))), "index-reset", "no index"),
    "filtered by ACLs": (("say", response("200 OK", b"[]", (*GOOD, "X-Consul-Results-Filtered-By-ACLs: true"))), "acl",
                         "token may not read"),
}


@pytest.fixture
def relayed(world):
    """web follows Consul through a relay, and two instances serve while requests flow."""
    consul = world.consul()
    haproxy = world.haproxy(Backend("web", slots=6), redispatch=False)
    relay = world.keep(Relay(world.ports.take(), consul.port))
    origins = [world.origins.start(f"web-{n}") for n in range(2)]
    for origin in origins:
        consul.register("web", origin.name, origin.host, origin.port)
    slotd = world.slotd(haproxy, relay, config='[defaults]\nconfirm = "500ms"\n', level="info")
    haproxy.wait_serving("web", origins)
    load = world.load(haproxy.port("web"))
    return consul, haproxy, relay, slotd, origins, load


@pytest.mark.parametrize("fault", FAULTS)
def test_it_holds_says_so_once_and_follows_again(world, relayed, fault):
    consul, haproxy, relay, slotd, origins, load = relayed
    rule, reason, words = FAULTS[fault]
    before = haproxy.slots("web")
    seen, connections = len(slotd.lines()), relay.connections
    relay.set(*rule)
    if reason is not None:
        line = slotd.wait_log(rf"warn +web: held, what is live stays \((?:{reason}|consul-unreachable)\)", after=seen)
        # The end of the connection that was open may be what is heard of first.
        if reason not in line:
            line = slotd.wait_log(rf"held, what is live stays \({reason}\)", after=seen)
        slotd.wait_log(rf"\({reason}\).*({words})", after=seen)
    until(lambda: relay.connections > connections, "it was tried again")
    consul.deregister("web-0")
    late = world.origins.start("web-late")
    consul.register("web", "web-late", late.host, late.port)
    assert haproxy.slots("web") == before
    relay.set("pass")
    haproxy.wait_serving("web", [origins[1], late], seconds=30)
    if reason is not None:
        ended = slotd.wait_log(r"web: no longer held \((?!large-removal).*\), after \d+ s and \d+ tr", after=seen)
        assert int(ended.split(" s and ")[1].split()[0]) >= 1
        assert len([line for line in slotd.lines()[seen:] if f"stays ({reason})" in line]) == 1, "said once"
    load.stop()
    assert not load.failures, (len(load.failures), load.requests, load.failures[:5])


def test_a_consul_that_stands_still_is_held_when_its_time_is_over_and_followed_when_it_goes_on(world):
    consul = world.consul()
    haproxy = world.haproxy(Backend("web"), redispatch=False)
    origins = [world.origins.start(f"web-{n}") for n in range(2)]
    consul.register("web", "web-0", *origins[0].at)
    slotd = world.slotd(haproxy, consul, config='[consul]\nwait = "1s"\n', level="info")
    haproxy.wait_serving("web", origins[:1])
    load = world.load(haproxy.port("web"))
    consul.program.process.send_signal(signal.SIGSTOP)
    try:
        # The answer may take 10 s longer than `wait`.
        slotd.wait_log(r"web: held, what is live stays \(consul-unreachable\)", seconds=30)
    finally:
        consul.program.process.send_signal(signal.SIGCONT)
    until(lambda: consul.register("web", "web-1", *origins[1].at) or True, "Consul takes it", 20)
    haproxy.wait_serving("web", origins, seconds=20)
    slotd.wait_log(r"web: no longer held \(consul-unreachable\), after \d+ s and \d+ tr")
    load.stop()
    assert not load.failures


def test_one_services_failure_holds_that_backend_only(world):
    consul = world.consul()
    haproxy = world.haproxy(Backend("web"), Backend("api", host="api.service.nowhere.slots.invalid"), redispatch=False)
    slotd = world.slotd(haproxy, consul)
    slotd.wait_log(r"api: held.*No path to datacenter")
    origins = [world.origins.start(f"web-{n}") for n in (1, 2)]
    consul.register("web", "web-1", *origins[0].at)
    haproxy.wait_serving("web", origins[:1])
    load = world.load(haproxy.port("web"))
    consul.register("web", "web-2", *origins[1].at)
    haproxy.wait_serving("web", origins)
    until(lambda: load.answers.get("web-2"), "it is asked")
    load.stop()
    assert load.requests and not load.failures, load.failures[:5]


def test_it_retries_a_few_times_a_second_at_most(world, relayed):
    _, _, relay, slotd, _, _ = relayed
    seen = len(slotd.lines())
    relay.set("refuse")
    slotd.wait_log("held", after=seen)
    before, began = relay.connections, time.monotonic()
    until(lambda: relay.connections >= before + 4, "it goes on trying", 20)
    # The first retry comes after 125 to 250 ms, the next after twice as long, and so on.
    assert time.monotonic() - began > 0.8
    relay.set("pass")
    ended = slotd.wait_log("no longer held", after=seen, seconds=20)
    assert "tries" in ended


def test_an_index_that_goes_back_is_not_believed_at_once(world):
    """A dev agent that restarts comes back with an empty catalog and a low index, in good faith."""
    consul = world.consul()
    haproxy = world.haproxy(Backend("web", slots=8))
    origins = [world.origins.start(f"web-{n}") for n in range(4)]
    for origin in origins:
        consul.register("web", origin.name, origin.host, origin.port)
    slotd = world.slotd(haproxy, consul, config='[defaults]\nconfirm = "2s"\n')
    haproxy.wait_serving("web", origins)
    load = world.load(haproxy.port("web"))
    before = haproxy.slots("web")
    seen = len(slotd.lines())
    consul.stop()
    slotd.wait_log("held", after=seen)
    consul.start()
    # They come back one by one, as agents do; the last one never does.
    for count, origin in enumerate(origins[:3]):
        consul.register("web", origin.name, origin.host, origin.port)
        until(lambda: len(consul.instances("web")) == count + 1, "registered")
        assert haproxy.slots("web") == before, "nothing is taken away before it is confirmed"
    slotd.wait_log(r"web: held.*large-removal.*of 4", after=seen, seconds=20)
    haproxy.wait_serving("web", origins[:3], seconds=20)
    load.stop()
    assert not load.failures


class Restored:
    """What a server that was restored from an old snapshot says, once, when told to: no instances, and a low index."""

    def __init__(self, relay_connections):
        self._connections = relay_connections
        self.is_armed = False
        self.index = None  # that the question before had
        self.connections = None  # there had been by then

    def __call__(self, answer):
        index = re.search(rb"X-Consul-Index: (\d+)", answer)
        if not self.is_armed or not index:
            return answer
        head, body = answer.split(b"\r\n\r\n", 1)
        assert b"Content-Length: %d" % len(body) in head, "the answer came whole"
        self.is_armed, self.connections = False, self._connections()
        head = head.replace(index[0], b"X-Consul-Index: 2")
        return head + b"\r\n\r\n[" + b" " * (len(body) - 2) + b"]"


def test_an_index_that_goes_back_on_an_open_connection_is_asked_anew(world):
    consul = world.consul()
    haproxy = world.haproxy(Backend("web"), redispatch=False)
    relay = world.keep(Relay(world.ports.take(), consul.port))
    restored = Restored(lambda: relay.connections)
    relay.set("edit", restored)
    origin = world.origins.start("web-1")
    consul.register("web", "web-1", *origin.at)
    # Whatever is believed is acted on at once, also that there is nothing.
    slotd = world.slotd(haproxy, relay, config='[defaults]\nconfirm = "0s"\non_empty = "apply"\n')
    haproxy.wait_serving("web", [origin])
    load = world.load(haproxy.port("web"))
    until(lambda: relay.connections == 2, "after the quick query a blocking one waits")
    before, seen, connections = haproxy.slots("web"), len(slotd.lines()), relay.connections
    restored.is_armed = True
    consul.register("web", "web-1", *origin.at, meta={"again": "1"})
    slotd.wait_log(r"web: held, what is live stays \(index-reset\): Consul's index went back from \d+ to 2", after=seen)
    slotd.wait_log(r"web: no longer held \(index-reset\), after \d+ s and 1 try", after=seen)
    assert restored.connections == connections, "it was the connection that waited already"
    late = world.origins.start("web-2")
    consul.register("web", "web-2", *late.at)
    haproxy.wait_serving("web", [origin, late])
    load.stop()
    assert not load.failures
    assert haproxy.slots("web")[haproxy.slot_of("web", origin)] == before[haproxy.slot_of("web", origin)]
    assert not [line for line in slotd.lines()[seen:] if " drain " in line or " maint " in line]
