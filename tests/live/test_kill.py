# SPDX-License-Identifier: MIT
"""slotd is killed after each single command of a plan: the next start always converges, and no request fails."""

import os
import signal
import threading

from .harness.haproxy import Backend
from .harness.relay import Relay
from .harness.wait import until

CONFIG = '[haproxy]\npoll = "100ms"\n[defaults]\nconfirm = "0s"\n'


def test_kill_9_after_each_command_of_a_plan(world, figure):
    consul = world.consul()
    haproxy = world.haproxy(Backend("web", slots=6), redispatch=False)
    relay = world.keep(Relay(haproxy.socket + ".relay", haproxy.socket))
    stay = world.origins.start("stay")
    consul.register("web", "stay", stay.host, stay.port)
    old = []
    load = None
    boundaries = 0
    while True:
        # The plan: two come, two go, one has another weight.
        for origin in old:
            consul.register("web", origin.name, origin.host, origin.port)
        settled = world.slotd(haproxy, consul, config=CONFIG)
        haproxy.wait_serving("web", [stay, *old])
        until(lambda: all(slot.state != "drain" for slot in haproxy.slots("web").values()), "nothing drains")
        settled.stop()
        load = load or world.load(haproxy.port("web"))
        new = [world.origins.start(f"new-{boundaries}-{n}") for n in range(2)]
        for origin in old:
            consul.deregister(origin.name)
        for origin in new:
            consul.register("web", origin.name, origin.host, origin.port)
        consul.register("web", "stay", stay.host, stay.port, weights=(10 + boundaries, 1))

        killed = threading.Event()
        relay.set("commands", boundaries, killed.set)
        victim = world.slotd(relay, consul, config=CONFIG)
        done = until(lambda: "killed" if killed.is_set() else served(haproxy, [stay, *new]) and drained(haproxy) and "done",
                     "the boundary is reached, or the plan is done")
        if done == "killed":
            os.kill(victim.pid, signal.SIGKILL)
        victim.stop(signal.SIGKILL)
        if done == "done":
            break
        boundaries += 1
        after = world.slotd(haproxy, consul, config=CONFIG)
        haproxy.wait_serving("web", [stay, *new], f"after {boundaries} commands")
        haproxy.wait_slot("web/" + haproxy.slot_of("web", stay), weight=9 + boundaries)
        until(lambda: drained(haproxy), "what went has drained")
        after.stop()
        for origin in old:
            origin.close()
        old = new
    load.stop()
    assert boundaries >= 9, "two addresses, a weight, two ready, two drain, two maint"
    assert not load.failures, (len(load.failures), load.requests, load.failures[:5])
    figure(f"killed after each of {boundaries} commands: 0 of {load.requests} requests failed")


def served(haproxy, origins):
    return sorted(slot.at for slot in haproxy.slots("web").values() if slot.state == "ready") == \
        sorted((origin.host, origin.port) for origin in origins)


def drained(haproxy):
    return all(slot.state != "drain" for slot in haproxy.slots("web").values())
