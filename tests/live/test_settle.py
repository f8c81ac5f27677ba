# SPDX-License-Identifier: MIT
"""`settle` gathers a burst: Consul says many things, HAProxy is told what is left of them in the end."""

import os

from .harness.haproxy import Backend
from .harness.relay import Relay
from .harness.shown import Shown
from .harness.wait import until


def rounds(shown):
    return sum(value for sample, value in shown.metrics().items() if sample.startswith("slotd_rounds_total"))


def test_a_burst_makes_one_round_with_the_last_word_of_it(world):
    consul = world.consul()
    haproxy = world.haproxy(Backend("web", slots=8), redispatch=False)
    relay = world.keep(Relay(haproxy.socket + ".relay", haproxy.socket))
    shown = Shown(os.path.join(world.folder, "slotd.sock"))
    stay = world.origins.start("stay")
    consul.register("web", "stay", *stay.at)
    # No round but for Consul's answers, and none before the burst is surely over.
    slotd = world.slotd(relay, consul, level="info", config=f"""
[haproxy]
poll = "1m"
[admin]
listen = ["unix:{shown.address}"]
[defaults]
settle = "3s"
""")
    haproxy.wait_serving("web", [stay], seconds=15)
    until(lambda: shown.status("web")["last_success"] and shown.metric("slotd_slots", state="ready") == 1, "in step")
    load = world.load(haproxy.port("web"))
    before, relay.asked = rounds(shown), b""
    new = [world.origins.start(f"new-{n}") for n in range(4)]
    for origin in new:
        consul.register("web", origin.name, *origin.at)
        consul.register("web", "stay", *stay.at, weights=(2 + len(origin.name), 1))
        consul.set_status(origin.name, "critical")
    # Who comes and goes within it, and who is ill only within it, never was for HAProxy.
    consul.deregister(new[3].name)
    for origin in new[:3]:
        consul.set_status(origin.name, "passing")
    consul.register("web", "stay", *stay.at, weights=(9, 1))
    haproxy.wait_serving("web", [stay, *new[:3]], seconds=20)
    until(lambda: shown.metric("slotd_slots", state="ready") == 4, "the round is over")
    load.stop()
    sent = [line.split(maxsplit=2)[2] for line in relay.asked.decode().splitlines() if line.startswith("set server")]
    # Each of three has an address and is made ready, and one weight changes once.
    assert len(sent) == 7, sent
    assert [line for line in sent if "weight" in line] == [f"web/{haproxy.slot_of('web', stay)} weight 9"], sent
    assert rounds(shown) - before == 1
    assert not load.failures
    assert not slotd.lines("warn")
