# SPDX-License-Identifier: MIT
"""A drain ends when it can, survives slotd's end, and a slot rests before it serves another address."""

import signal

from .harness.haproxy import Backend
from .harness.load import get
from .harness.relay import Relay
from .harness.wait import until


def draining(world, drain, hold, slots=2):
    """web-0 leaves while a request on it is open for `hold` seconds."""
    consul = world.consul()
    haproxy = world.haproxy(Backend("web", slots=slots))
    origins = [world.origins.start(f"web-{n}") for n in range(2)]
    for origin in origins:
        consul.register("web", origin.name, origin.host, origin.port)
    config = f'[defaults]\ndrain = "{drain}"\n'
    slotd = world.slotd(haproxy, consul, config=config)
    haproxy.wait_serving("web", origins)
    load = world.load(haproxy.port("web"), path=f"/hold/{hold}", kept=0, fresh=2)
    until(lambda: all(origin.requests for origin in origins), "each has a request open")
    left = haproxy.slot_of("web", origins[0])
    consul.deregister("web-0")
    haproxy.wait_slot(f"web/{left}", state="drain")
    slotd.wait_log(rf"web/{left} drain .*is no longer listed")  # HAProxy shows it before slotd's log does
    return consul, haproxy, slotd, origins, load, left, config


def test_a_drain_lasts_as_long_as_its_sessions_and_no_longer(world):
    _, haproxy, slotd, _, load, left, _ = draining(world, "1h", 1.5)
    haproxy.wait_slot(f"web/{left}", state="maint")
    assert "no session is left on it" in slotd.wait_log(rf"web/{left} maint")
    load.stop()
    assert not load.failures and load.answers.get("web-0")


def test_a_drain_survives_slotds_restart(world):
    consul, haproxy, slotd, origins, load, left, config = draining(world, "3s", 6)
    slotd.stop(signal.SIGKILL)
    again = world.slotd(haproxy, consul, config=config)
    again.wait_log("slots follow the service web")
    assert haproxy.slots("web")[left].state == "drain", "its time begins anew, it is not cut short"
    haproxy.wait_slot(f"web/{left}", state="maint", seconds=6)
    assert "time to drain (3s) is over" in again.wait_log(rf"web/{left} maint")
    load.stop()
    assert not load.failures


def test_an_instance_that_comes_back_while_it_drains_is_ready_in_one_command(world):
    consul, haproxy, slotd, origins, load, left, _ = draining(world, "1h", 2)
    seen = len(slotd.lines())
    consul.register("web", "web-0", origins[0].host, origins[0].port)
    haproxy.wait_slot(f"web/{left}", state="ready")
    slotd.wait_log(rf"web/{left} ready .*is back and takes its old slot", after=seen)
    commands = [line for line in slotd.lines("debug")[0:] if "set server" in line and f"web/{left} " in line]
    assert commands[-1].split("set server ")[1].startswith(f"web/{left} state ready")
    assert len([line for line in slotd.lines()[seen:] if "set server" in line]) == 1
    load.stop()
    assert not load.failures


def test_a_slot_with_sessions_left_goes_to_maint_before_it_is_filled_again(world):
    consul, haproxy, slotd, origins, load, left, _ = draining(world, "1500ms", 4)
    late = world.origins.start("late")
    consul.register("web", "late", late.host, late.port)
    slotd.wait_log("waits for a slot: late on ext")
    assert haproxy.slots("web")[left].state == "drain", "its request is open, its time not over"
    slotd.wait_log(rf"web/{left} maint .*with 1 sessions left")
    haproxy.wait_serving("web", [origins[1], late])
    load.stop()
    assert not load.failures, "maint does not cut an open request"


def test_persistence_still_reaches_a_slot_that_drains_until_its_time_is_over(world):
    """HAProxy's meaning of drain: so a drain must have an end."""
    consul = world.consul()
    haproxy = world.haproxy(Backend("web", slots=2, options=["stick-table type ip size 1k expire 1m", "stick on src"]))
    origins = {name: world.origins.start(name) for name in ("web-0", "web-1")}
    for origin in origins.values():
        consul.register("web", origin.name, *origin.at)
    slotd = world.slotd(haproxy, consul, config='[defaults]\ndrain = "2s"\n')
    haproxy.wait_serving("web", origins.values())
    stuck = origins[get(haproxy.port("web"))[1]]
    load = world.load(haproxy.port("web"), path="/hold/0.2", kept=0, fresh=4)
    until(lambda: stuck.requests > 4, "requests flow: with none in flight a drain is over at once")
    consul.deregister(stuck.name)
    slotd.wait_log(r" drain .*is no longer listed")
    count = stuck.requests
    until(lambda: stuck.requests > count + 2, "new requests still come to it")
    assert "time to drain (2s) is over" in slotd.wait_log(r"web/s\d maint")
    other, = [one for one in origins.values() if one is not stuck]
    until(lambda: load.answers.get(other.name), "then they go to the other")
    load.stop()
    assert not load.failures


def test_sessions_are_asked_for_only_while_something_drains(world):
    consul = world.consul()
    haproxy = world.haproxy(Backend("web", slots=3))
    relay = world.keep(Relay(haproxy.socket + ".relay", haproxy.socket))
    origins = [world.origins.start(f"web-{n}") for n in range(2)]
    for origin in origins:
        consul.register("web", origin.name, origin.host, origin.port)
    world.slotd(relay, consul, config='[haproxy]\npoll = "100ms"\n')
    haproxy.wait_serving("web", origins)

    def asked_over_polls():
        relay.asked = b""
        until(lambda: relay.asked.count(b"show info") > 5, "it polls")
        return relay.asked

    assert b"show stat" not in asked_over_polls()
    load = world.load(haproxy.port("web"), path="/hold/1", kept=0, fresh=2)
    until(lambda: all(origin.requests for origin in origins), "each has a request open")
    consul.deregister("web-0")
    until(lambda: b"show stat" in relay.asked, "the sessions of the draining slot are asked for")
    until(lambda: all(slot.state != "drain" for slot in haproxy.slots("web").values()), "it has drained")
    load.stop()
    assert b"show stat" not in asked_over_polls()
