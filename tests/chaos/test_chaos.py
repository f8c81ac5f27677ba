# SPDX-License-Identifier: MIT
"""Everything that fails, at random, while requests flow; an observer of its own asserts the invariants all along.

SLOTD_CHAOS_SEED replays a run's choices, SLOTD_CHAOS_SECONDS makes it longer (tests/run takes 25 s a HAProxy).
"""

import os
import random
import signal
import time

from live.harness.haproxy import Backend
from live.harness.relay import Relay
from live.harness.wait import until

from .model import Instance, Outages
from .observer import Observer

BACKENDS = ("web", "api")
CONFIG = """
[haproxy]
state_file = "{state}"
poll = "200ms"
[defaults]
confirm = "1s"
drain = "1s"
"""
# Consul's confirm (1 s) and its retries (at most 10 s apart), HAProxy's (likewise), and time for a loaded machine.
BOUND = 25.0
MOST = 8


class Chaos:
    def __init__(self, world, seed):
        self.random = random.Random(seed)
        self.world = world
        self.outages = Outages()
        self.instances = {}
        self.count = 0
        self.events = []
        self.consul = world.consul(durable=True)
        self.haproxy = world.haproxy(*(Backend(name, slots=12) for name in BACKENDS), state_file=True)
        self.relay = world.keep(Relay(self.haproxy.socket + ".relay", self.haproxy.socket))
        self.relay_consul = world.keep(Relay(world.ports.take(), self.consul.port))
        for backend in BACKENDS:
            for _ in range(3):
                self.come(backend)
        self.slotd = None
        self.start_slotd()
        for backend in BACKENDS:
            self.haproxy.wait_serving(backend, [one.origin for one in self.living(backend)], seconds=20)
        self.observer = world.keep(Observer(self.haproxy, BACKENDS, self.instances, self.outages, BOUND))
        self.observer.start()
        self.loads = {backend: world.load(self.haproxy.port(backend), pause=0.002) for backend in BACKENDS}

    def say(self, text):
        self.events.append(f"{time.monotonic():.3f} {text}")

    def living(self, backend):
        return [one for one in self.instances.values() if one.backend == backend and one.status == "passing"]

    def listed(self, backend):
        return [one for one in self.instances.values() if one.backend == backend and one.status != "gone"]

    # What happens to instances. Consul may be away: then nothing happens.

    def come(self, backend=None):
        backend = backend or self.random.choice(BACKENDS)
        if len(self.listed(backend)) >= MOST:
            return
        self.count += 1
        instance = Instance(f"{backend}-{self.count}", backend, self.world.origins.start(f"{backend}-{self.count}"))
        self.instances[instance.name] = instance
        self.tell(instance, "comes")

    def tell(self, instance, what):
        self.say(f"{instance.name} {what}")
        self.consul.register(instance.backend, instance.name, *instance.at, weights=(instance.weight, 1),
                             status=instance.status)

    def some(self, keep=2):
        """An instance that may leave traffic: `keep` of its backend stay healthy."""
        backend = self.random.choice(BACKENDS)
        living = self.living(backend)
        return self.random.choice(living) if len(living) > keep else None

    def go(self):
        if instance := self.some():
            self.say(f"{instance.name} goes")
            self.consul.deregister(instance.name)
            instance.set("gone")

    def go_many(self):
        """More than large_removal at once."""
        backend = self.random.choice(BACKENDS)
        for instance in self.living(backend)[1:]:
            self.say(f"{instance.name} goes with others")
            self.consul.deregister(instance.name)
            instance.set("gone")

    def fall_ill(self):
        if instance := self.some():
            self.consul.set_status(instance.name, "critical")
            self.say(f"{instance.name} is critical")
            instance.set("critical")

    def recover(self):
        ill = [one for one in self.instances.values() if one.status == "critical"]
        if ill:
            instance = self.random.choice(ill)
            instance.status = "passing"
            self.tell(instance, "passes again")

    def change_weight(self):
        living = self.living(self.random.choice(BACKENDS))
        if living:
            instance = self.random.choice(living)
            instance.weight = self.random.randint(1, 256)
            self.tell(instance, f"has weight {instance.weight}")

    def bury(self):
        """Stops the origins of instances that are gone and out of traffic, as an operator does."""
        for instance in list(self.instances.values()):
            if instance.status != "gone" or not instance.origin.is_up():
                continue
            slots = self.haproxy.slots(instance.backend).values()
            in_use = any(slot.at == instance.at and slot.state != "maint" for slot in slots)
            if not in_use and not sum(self.haproxy.sessions(instance.backend).values()):
                instance.origin.close()

    # What happens to the programs.

    def start_slotd(self):
        self.slotd = self.world.slotd(self.relay, self.relay_consul, level="info",
                                      config=CONFIG.format(state=self.haproxy.state_file))

    def kill_slotd(self):
        self.outages.begin("slotd")
        self.say("slotd is killed")
        self.slotd.stop(signal.SIGKILL)
        self.pass_time(0, 1)
        self.start_slotd()
        self.outages.end("slotd")

    def kill_consul(self):
        self.outages.begin("consul")
        self.say("Consul is killed")
        self.consul.stop()
        self.pass_time(0, 2)
        self.consul.start()
        self.outages.end("consul")

    def stall(self, relay, name):
        self.outages.begin(name)
        self.say(f"{name} stalls")
        relay.set(*self.random.choice([("hang",), ("refuse",), ("cut", self.random.randint(0, 3000))]))
        self.pass_time(0, 2)
        relay.set("pass")
        self.outages.end(name)

    def reload(self):
        self.say("HAProxy is reloaded")
        self.haproxy.reload()

    def kill_haproxy(self):
        self.outages.begin("haproxy")
        self.say("HAProxy is killed")
        os.killpg(self.haproxy.program.pid, signal.SIGKILL)
        self.haproxy.stop()
        self.pass_time(0, 0.5)
        self.haproxy.start()
        self.outages.end("haproxy")

    def pass_time(self, least, most):
        end = time.monotonic() + self.random.uniform(least, most)
        until(lambda: time.monotonic() > end, "time passes", most + 5)

    def step(self):
        steps = [(self.come, 6), (self.go, 5), (self.go_many, 1), (self.fall_ill, 4), (self.recover, 5),
                 (self.change_weight, 4), (self.bury, 3), (self.kill_slotd, 2), (self.kill_consul, 1),
                 (lambda: self.stall(self.relay, "HAProxy's socket"), 2),
                 (lambda: self.stall(self.relay_consul, "Consul's answer"), 2), (self.reload, 2),
                 (self.kill_haproxy, 1)]
        self.random.choices([one for one, _ in steps], [weight for _, weight in steps])[0]()
        self.pass_time(0, 0.4)

    def check_end(self):
        """All is well again: the end state is exact."""
        for backend in BACKENDS:
            living = self.living(backend)
            self.haproxy.wait_serving(backend, [one.origin for one in living], "in the end", seconds=40)
            for instance in living:
                self.haproxy.wait_slot(f"{backend}/{self.haproxy.slot_of(backend, instance.origin)}",
                                       weight=instance.weight)
            until(lambda: all(slot.state != "drain" for slot in self.haproxy.slots(backend).values()),
                  "nothing drains any more", 15)
        said = self.world.command("plan", self.haproxy, self.consul, "--exit-code")
        assert said.returncode == 0, said.stdout + said.stderr
        # Before anything is stopped: who goes on reading it must find the truth.
        until(lambda: "Traceback" not in self.slotd.log(), "slotd is well")

    def unexplained(self, backend):
        """Failed requests that no outage of HAProxy itself explains, while an instance could have served them."""
        return [failure for failure in self.loads[backend].failures
                if not self.outages.covers("haproxy", failure.at, 12.5, 2.5)
                and self.observer.served_all_along(backend, failure.at)]


def test_chaos(world, figure):
    seed = int(os.environ.get("SLOTD_CHAOS_SEED") or random.SystemRandom().randrange(1 << 31))
    seconds = float(os.environ.get("SLOTD_CHAOS_SECONDS") or 25)
    print(f"replay with SLOTD_CHAOS_SEED={seed} SLOTD_CHAOS_SECONDS={seconds:g}")
    chaos = Chaos(world, seed)
    end = time.monotonic() + seconds
    steps = 0
    while time.monotonic() < end:
        chaos.step()
        steps += 1
    try:
        chaos.check_end()
        for load in chaos.loads.values():
            load.stop()
        chaos.observer.stop()
        failed = {backend: chaos.unexplained(backend) for backend in BACKENDS}
        assert not chaos.observer.violations, chaos.observer.violations
        assert not any(failed.values()), failed
        assert chaos.observer.samples > seconds * 10
    except AssertionError as error:
        raise AssertionError(f"seed {seed}: {error}\nwhat happened:\n" + "\n".join(chaos.events[-60:])) from None
    requests = sum(load.requests for load in chaos.loads.values())
    figure(f"chaos with seed {seed}: {steps} steps in {seconds:g} s, {len(chaos.outages.over)} outages, "
           f"{requests} requests, none failed without a cause")
