# SPDX-License-Identifier: MIT
"""slotd ends quickly, and leaves every slot as it is."""

import signal
import time

import pytest

from .harness.haproxy import Backend
from .harness.wait import until


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_signal_ends_it_within_a_second_and_the_slots_stay(world, how, figure):
    consul = world.consul()
    haproxy = world.haproxy(Backend("web"))
    slotd = world.slotd(haproxy, consul, config='[defaults]\ndrain = "1h"\n')
    origins = [world.origins.start(f"web-{n}") for n in range(3)]
    for origin in origins:
        consul.register("web", origin.name, origin.host, origin.port)
    haproxy.wait_serving("web", origins)
    world.load(haproxy.port("web"), path="/hold/2", kept=0, fresh=3)
    until(lambda: all(origin.requests for origin in origins), "each has a request open")
    left = haproxy.slot_of("web", origins[0])
    consul.deregister("web-0")
    haproxy.wait_slot(f"web/{left}", state="drain")
    before = haproxy.slots("web")
    took = slotd.stop(how)
    figure(f"{how.name}: ended after {took:.3f} s")
    assert took < 1
    assert slotd.returncode == 0
    assert haproxy.slots("web") == before


@pytest.mark.parametrize("gone", ["consul", "haproxy", "silent consul", "silent haproxy"])
def test_a_signal_ends_it_within_a_second_whatever_is_down(world, gone):
    consul = world.consul()
    haproxy = world.haproxy(Backend("web"), master_worker=False)
    origin = world.origins.start("web-1")
    consul.register("web", "web-1", origin.host, origin.port)
    slotd = world.slotd(haproxy, consul)
    haproxy.wait_serving("web", [origin])
    program = (consul if "consul" in gone else haproxy).program
    program.process.send_signal(signal.SIGSTOP if "silent" in gone else signal.SIGKILL)
    if gone == "haproxy":
        slotd.wait_log(r" error ")
    if gone == "consul":
        slotd.wait_log(r" (warn|error) ")
    took = slotd.stop()
    program.process.send_signal(signal.SIGCONT)
    assert took < 1
    assert slotd.returncode == 0


def test_slotd_that_was_killed_goes_on_where_it_was(world):
    consul = world.consul()
    haproxy = world.haproxy(Backend("web"))
    origins = [world.origins.start(f"web-{n}") for n in range(3)]
    for origin in origins:
        consul.register("web", origin.name, origin.host, origin.port)
    first = world.slotd(haproxy, consul)
    haproxy.wait_serving("web", origins)
    load = world.load(haproxy.port("web"))
    before = haproxy.slots("web")
    first.stop(signal.SIGKILL)
    consul.deregister("web-0")
    again = world.slotd(haproxy, consul)
    haproxy.wait_serving("web", origins[1:])
    load.stop()
    assert not load.failures
    after = haproxy.slots("web")
    assert [slot for slot in after.values() if slot.state == "ready"] == \
        [slot for slot in before.values() if slot.at in [(one.host, one.port) for one in origins[1:]]]
    assert len([line for line in again.lines("info") if " ready at " in line]) == 0


def test_idle_slotd_sends_nothing(world):
    """Level-triggered, but quiet: no command and no full read each second."""
    consul = world.consul()
    haproxy = world.haproxy(Backend("web"))
    origin = world.origins.start("web-1")
    consul.register("web", "web-1", origin.host, origin.port)
    slotd = world.slotd(haproxy, consul)
    haproxy.wait_serving("web", [origin])
    slotd.wait_log("web/s1 ready")
    lines = slotd.lines()
    connections = int(haproxy.info()["CumConns"])
    began = time.monotonic()
    until(lambda: time.monotonic() - began > 3, "3 s pass", 5, 0.1)
    used = int(haproxy.info()["CumConns"]) - connections
    assert used <= 8, "about a poll a second, and this test's own look"
    assert slotd.lines() == lines
