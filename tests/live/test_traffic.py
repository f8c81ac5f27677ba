# SPDX-License-Identifier: MIT
"""Requests flow all the while, and none fails."""

import time

from .harness.haproxy import Backend
from .harness.wait import until


def test_no_request_fails_while_instances_come_change_and_go(world, figure):
    consul = world.consul()
    # Without a second try, each wrong turn of slotd is a failed request.
    haproxy = world.haproxy(Backend("web", slots=6), redispatch=False)
    slotd = world.slotd(haproxy, consul)
    stay, restart = world.origins.start("stay"), world.origins.start("restart")
    for origin in (stay, restart):
        consul.register("web", origin.name, origin.host, origin.port)
    haproxy.wait_serving("web", [stay, restart])
    load = world.load(haproxy.port("web"), kept=2, fresh=2)

    def out_of_traffic(origin):
        until(lambda: all(slot.at != (origin.host, origin.port) or slot.state == "maint"
                          for slot in haproxy.slots("web").values()), f"{origin.name} is out of traffic")

    for n in range(4):
        new = world.origins.start(f"new-{n}")
        consul.register("web", new.name, new.host, new.port)
        haproxy.wait_serving("web", [stay, restart, new])
        consul.register("web", "stay", stay.host, stay.port, weights=(10 + n, 1))
        haproxy.wait_slot("web/" + haproxy.slot_of("web", stay), weight=10 + n)
        consul.set_status("restart", "critical")
        haproxy.wait_serving("web", [stay, new])
        consul.set_status("restart", "passing")
        haproxy.wait_serving("web", [stay, restart, new])
        consul.deregister(new.name)
        out_of_traffic(new)
        until(lambda: load.answers.get(new.name), "the new instance answered")
        new.close()
    load.stop()
    assert not load.failures, (len(load.failures), load.requests, load.failures[:5])
    assert load.answers["restart"] and load.answers["stay"]
    figure(f"instances coming, changing and going: 0 of {load.requests} requests failed")
    assert not slotd.lines("error")


def test_all_instances_exchanged_at_once_leave_no_gap(world, figure):
    consul = world.consul()
    haproxy = world.haproxy(Backend("web", slots=6), redispatch=False)
    world.slotd(haproxy, consul)
    old = [world.origins.start(f"old-{n}") for n in range(3)]
    for origin in old:
        consul.register("web", origin.name, origin.host, origin.port)
    haproxy.wait_serving("web", old)
    load = world.load(haproxy.port("web"), kept=1, fresh=2)
    for generation in range(6):
        new = [world.origins.start(f"new-{generation}-{n}") for n in range(3)]
        exchange(consul, "web", new, old)
        haproxy.wait_serving("web", new)
        until(lambda: all(slot.state != "drain" for slot in haproxy.slots("web").values()), "the old ones have drained")
        for origin in old:
            origin.close()
        old = new
    load.stop()
    assert not load.failures, (len(load.failures), load.requests, load.failures[:5])
    figure(f"6 exchanges of all 3 instances at once: 0 of {load.requests} requests failed")


def test_a_slot_is_never_ready_with_its_previous_address(world, figure):
    """HAProxy 2.9 and later apply an address after the reply: a slot made ready too early serves a dead instance."""
    consul = world.consul()
    # A queue that is never empty: HAProxy sends its requests to a slot in the instant that this is made ready.
    haproxy = world.haproxy(Backend("web", slots=11, slot_options="maxconn 1"), redispatch=False)
    stay = world.origins.start("stay")
    consul.register("web", "stay", stay.host, stay.port)
    world.slotd(haproxy, consul, config='[defaults]\ndrain = "0s"\nconfirm = "0s"\n', level="info")
    haproxy.wait_serving("web", [stay])
    load = world.load(haproxy.port("web"), path="/hold/0.002", pause=0, kept=6, fresh=6)
    began, rounds, width = time.monotonic(), 30, 10
    for n in range(rounds):
        new = [world.origins.start(f"new-{n}-{i}") for i in range(width)]
        exchange(consul, "web", new, [])
        haproxy.wait_serving("web", [stay, *new])
        until(lambda: all(origin.requests for origin in new), "each of them was asked")
        exchange(consul, "web", [], new)
        haproxy.wait_serving("web", [stay])
        until(lambda: sum(haproxy.sessions("web").values()) <= 1, "no request is left on the old ones")
        for origin in new:
            origin.close()
    load.stop()
    assert not load.failures, (len(load.failures), load.requests, load.failures[:5])
    figure(f"{rounds * width} refills of slots with a dead previous address: 0 of {load.requests} requests failed"
           f" ({load.requests / (time.monotonic() - began):.0f} a second)")


def exchange(consul, service, come, go):
    """All in one transaction, so that Consul shows them at once."""
    def instance(origin):
        return {"Node": "ext", "Service": {"ID": origin.name, "Service": service, "Address": origin.host,
                                           "Port": origin.port}}

    consul.put("/v1/catalog/register", {"Node": "ext", "Address": "127.0.0.1"})
    work = [{"Service": {"Verb": "set", **instance(origin)}} for origin in come]
    work += [{"Service": {"Verb": "delete", "Node": "ext", "Service": {"ID": origin.name, "Service": service}}}
             for origin in go]
    consul.put("/v1/txn", work)
