# SPDX-License-Identifier: MIT
"""What it costs slotd to be looked at: /metrics 100 times a second, with 100 backends of 50 slots."""

import contextlib
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "live"))

from harness.haproxy import Backend  # noqa: E402
from harness.program import clean_environment  # noqa: E402
from harness.shown import Shown  # noqa: E402
from harness.wait import until  # noqa: E402

BACKENDS = 100
SLOTS = 50
FILLED = 40
A_SECOND = 100
STARTS = 3
ROUNDS = 6
CHANGES = 100  # of each round, with the scrapes and without


class Scrapes:
    """slotd follows a KV list for each backend; a change is another weight in one of them."""

    def __init__(self, world, client):
        self.world = world
        self.client = client
        self.names = [f"b{n:03}" for n in range(BACKENDS)]
        # The blocking queries of a slotd that has ended go on for a minute, and each counts.
        self.consul = world.consul(settings={"limits": {"http_max_conns_per_client": 2000}})
        self.haproxy = world.haproxy(*[Backend(name, SLOTS, host=f"{name}.kv.slots.invalid", slot_options="")
                                       for name in self.names])
        self.shown = Shown(world.ports.take())
        self.weights = dict.fromkeys(self.names, 1)
        for name in self.names:
            self.put(name)

    def put(self, name):
        at = self.names.index(name)
        self.consul.put(f"/v1/kv/lb/{name}", [{"name": f"{name}-{n}", "address": f"10.{at}.0.{1 + n}", "port": 8080,
                                               "weight": self.weights[name] if n == 0 else 1} for n in range(FILLED)])

    def start(self, listen=True):
        admin = f'[admin]\nlisten = ["127.0.0.1:{self.shown.address}"]\n' if listen else ""
        names = "[kv]\n" + "".join(f'{name} = "lb/{name}"\n' for name in self.names)
        slotd = self.world.slotd(self.haproxy, self.consul, config=admin + names, level="info")
        for name in self.names:
            slotd.wait_log(f"{name}: {SLOTS} slots follow", 60)
        until(lambda: all(sum(slot.state == "ready" for slot in self.haproxy.slots(name).values()) == FILLED
                          for name in self.names), "all is filled", 60)
        return slotd

    def change(self):
        """So many changes, one after the other."""
        for name in self.names[:CHANGES]:
            self.weights[name] = self.weights[name] % 200 + 1
            self.put(name)
            until(lambda name=name: self.haproxy.slots(name)["s1"].weight == self.weights[name], "the weight is set")

    def propagation(self):
        """The mean of so many changes, in milliseconds, from Consul's answer to the reading back."""
        def figures():
            return [self.shown.metric(f"slotd_propagation_seconds_{what}") for what in ("sum", "count")]

        before = figures()
        self.change()
        until(lambda: figures()[1] >= before[1] + CHANGES, "all are counted")
        after = figures()
        return (after[0] - before[0]) / (after[1] - before[1]) * 1000

    @contextlib.contextmanager
    def scraped(self, rates):
        """While it is looked at."""
        scraper = subprocess.Popen([self.client, "scrape", str(self.shown.address), str(A_SECOND)], text=True,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=clean_environment())
        try:
            scraper.stdout.readline()
            yield
        finally:
            rates.append(float(scraper.communicate(timeout=20)[0]))


def resident(slotd):
    """kB."""
    text = pathlib.Path(f"/proc/{slotd.pid}/status").read_text()
    return int(text.split("VmRSS:")[1].split()[0])


class Taken:
    """What was measured: milliseconds, scrapes a second, kB."""

    def __init__(self):
        self.without, self.scraped = [], []
        self.rates = []
        self.deaf, self.unasked, self.asked = [], [], []


def measure(world, client):
    scrapes = Scrapes(world, client)
    scrapes.start().stop()
    taken = Taken()
    for _ in range(STARTS):
        for listen, to in ((False, taken.deaf), (True, taken.unasked)):
            slotd = scrapes.start(listen)
            for _ in range(ROUNDS // STARTS):
                scrapes.change()
            to.append(resident(slotd))
            if not listen:
                slotd.stop()
        for _ in range(ROUNDS // STARTS):
            taken.without.append(scrapes.propagation())
            with scrapes.scraped(taken.rates):
                taken.scraped.append(scrapes.propagation())
        taken.asked.append(resident(slotd))
        slotd.stop()
    return taken

