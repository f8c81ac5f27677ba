# SPDX-License-Identifier: MIT
"""The real programs, to which happens what the script says."""

import os
import signal
import time

from live.harness.haproxy import Backend
from live.harness.relay import Relay
from live.harness.wait import until
from live.test_state_file import ready_in

from .model import Instance, Outages
from .observer import Observer
from .script import BACKENDS

CONFIG = """
[haproxy]
state_file = "{state}"
poll = "200ms"
[defaults]
confirm = "1s"
drain = "1s"
"""
# Seconds after the last disturbance in which a wrong slot may serve: Consul's confirm (1 s) and its retries (at most
# 10 s apart), HAProxy's (likewise), and time for a loaded machine.
BOUND = 25.0
# Nothing has been disturbed and all is as it should be: an unhealthy instance is gone within this, also the last one,
# which is confirmed (1 s) first.
CALM_BOUND = 4.0
# Seconds until all is as it should be again: the longest retry, confirm, drain.
EXACT_BOUND = 16.0


class Stage:
    def __init__(self, world, opening):
        self.world = world
        self.outages = Outages()
        self._ill = Outages()  # of a backend: none of its instances is healthy
        self.instances = {}
        self.events = []
        self.consul = world.consul(durable=True)
        # Without a second try, each wrong turn of slotd is a failed request.
        self.haproxy = world.haproxy(*(Backend(name, slots=12) for name in BACKENDS), state_file=True, redispatch=False)
        self._relays = {"haproxy": world.keep(Relay(self.haproxy.socket + ".relay", self.haproxy.socket)),
                        "consul": world.keep(Relay(world.ports.take(), self.consul.port))}
        for event in opening:
            self.do(event)
        self._start_slotd()
        for backend in BACKENDS:
            self.haproxy.wait_serving(backend, [one.origin for one in self.living(backend)], seconds=20)
        self.observer = world.keep(Observer(self.haproxy, BACKENDS, self.instances, self.outages, BOUND))
        self.observer.start()
        self.loads = {backend: world.load(self.haproxy.port(backend), pause=0.002) for backend in BACKENDS}

    def do(self, event):
        self.events.append(f"{time.monotonic():.3f} {event}")
        getattr(self, f"_{event.kind}")(event)
        self._pass_time(event.pause)

    def living(self, backend):
        return [one for one in self.instances.values() if one.backend == backend and one.serves]

    @staticmethod
    def _pass_time(seconds):
        end = time.monotonic() + seconds
        until(lambda: time.monotonic() > end, "time passes", seconds + 5)

    # What happens to instances.

    def _tell(self, change):
        """A Consul that just came back has no leader yet."""
        def told():
            change()
            return True

        until(told, "Consul takes the change", 30, pause=0.1)

    def _register(self, instance):
        self._tell(lambda: self.consul.register(instance.backend, instance.name, *instance.at,
                                                weights=(instance.weight, 1), status=instance.status))

    def _come(self, event):
        name, = event.instances
        self.instances[name] = Instance(name, name.split("-")[0], self.world.origins.start(name))
        self._register(self.instances[name])

    def _go(self, event):
        for name in event.instances:
            self._tell(lambda name=name: self.consul.deregister(name))
            self.instances[name].set("gone")

    def _fall_ill(self, event):
        instance = self.instances[event.instances[0]]
        if self.living(instance.backend) == [instance]:
            self._ill.begin(instance.backend)
        self._tell(lambda: self.consul.set_status(instance.name, "critical"))
        instance.set("critical")

    def _worsen(self, event):
        instance = self.instances[event.instances[0]]
        self._tell(lambda: self.consul.set_status(instance.name, "warning"))
        instance.set("warning")

    def _recover(self, event):
        instance = self.instances[event.instances[0]]
        instance.set("passing")
        self._register(instance)
        self._ill.end(instance.backend)

    def _change_weight(self, event):
        instance = self.instances[event.instances[0]]
        instance.weight = event.value
        self._register(instance)

    def _bury(self, _):
        """Stops the origins of instances that are gone and out of traffic, as an operator does."""
        for instance in list(self.instances.values()):
            if instance.status != "gone" or not instance.origin.is_up():
                continue
            slots = self.haproxy.slots(instance.backend).values()
            in_use = any(slot.at == instance.at and slot.state != "maint" for slot in slots)
            # A reload would send requests to it again; the file may be behind while slotd does not get through.
            if in_use or instance.at in self._ready_in_file(instance.backend):
                continue
            # What was on its way to the slot when that left traffic is over when more has been answered.
            load = self.loads[instance.backend]
            count = load.requests
            until(lambda: load.requests > count + 4, "requests go on", 15)
            if not sum(self.haproxy.sessions(instance.backend).values()):
                instance.origin.close()

    def _ready_in_file(self, backend):
        return ready_in(self.haproxy.state_file, backend) if os.path.exists(self.haproxy.state_file) else ()

    # What happens to the programs.

    def _start_slotd(self):
        self.slotd = self.world.slotd(self._relays["haproxy"], self._relays["consul"], level="info",
                                      config=CONFIG.format(state=self.haproxy.state_file))

    def _kill(self, event):
        self.outages.begin(event.value)
        if event.value == "slotd":
            self.slotd.stop(signal.SIGKILL)
        elif event.value == "consul":
            self.consul.stop()
        else:
            os.killpg(self.haproxy.program.pid, signal.SIGKILL)
            self.haproxy.stop()
        self._pass_time(event.seconds)
        {"slotd": self._start_slotd, "consul": self.consul.start, "haproxy": self.haproxy.start}[event.value]()
        self.outages.end(event.value)

    def _reload(self, _):
        self.haproxy.reload()

    def _stall(self, event):
        """slotd alone does not get through."""
        what = event.instances[0]
        self.outages.begin("way to " + what)
        self._relays[what].set(*event.value)
        self._pass_time(event.seconds)
        self._relays[what].set("pass")
        self.outages.end("way to " + what)

    def _freeze(self, event):
        pid = {"slotd": lambda: self.slotd.pid, "consul": lambda: self.consul.program.pid,
               "haproxy": self.haproxy.pid}[event.value]()
        self.outages.begin(event.value)
        os.kill(pid, signal.SIGSTOP)
        try:
            for one in event.meanwhile:
                self.do(one)
            self._pass_time(event.seconds)
        finally:
            os.kill(pid, signal.SIGCONT)
        self.outages.end(event.value)

    # What must be.

    def _calm(self, event):
        """Nothing is disturbed: all is exact soon, and what falls ill then is out of traffic in a moment."""
        self.wait_exact()
        instance = self.instances[event.instances[0]]
        self.observer.bound = CALM_BOUND
        for change, others in ((self._fall_ill, True), (self._recover, False)):
            change(event)
            # The last one that serves stays when its check fails alone: that is confirmed first.
            until(lambda: self._serves(instance) != others,
                  f"{instance.name} is {'out of' if others else 'in'} traffic {CALM_BOUND:g} s after it is "
                  f"{instance.status}", CALM_BOUND)
        self.wait_exact()
        self.observer.bound = BOUND

    def _serves(self, instance):
        return any(slot.at == instance.at and slot.state == "ready"
                   for slot in self.haproxy.slots(instance.backend).values())

    def wait_exact(self):
        """Each healthy instance serves, with its weight, in one slot; nothing else does, and nothing drains."""
        def exact():
            for backend in BACKENDS:
                slots = self.haproxy.slots(backend).values()
                is_so = sorted((slot.state, slot.at, slot.weight) for slot in slots if slot.state != "maint")
                shall = sorted(("ready", one.at, one.shown_weight) for one in self.living(backend))
                if is_so != shall:
                    raise ValueError(f"{backend} has {is_so} and shall have {shall}")
            return True

        until(exact, "the state is exact", EXACT_BOUND)
        said = self.world.command("plan", self.haproxy, self.consul, "--exit-code")
        assert said.returncode == 0, said.stdout + said.stderr

    def check_end(self):
        self.wait_exact()
        # Before anything is stopped: who goes on reading it must find the truth.
        assert "Traceback" not in self.slotd.log()
        for load in self.loads.values():
            load.stop()
        self.observer.stop()
        assert not self.observer.violations, self.observer.violations
        failed = {backend: self._unexplained(backend) for backend in BACKENDS}
        assert not any(failed.values()), failed

    def _unexplained(self, backend):
        """Failed requests that no outage of HAProxy explains, while a healthy instance could have served them."""
        return [failure for failure in self.loads[backend].failures
                if not self.outages.cover("haproxy", failure.at, failure.ended)
                and not self._ill.cover(backend, failure.at, failure.ended)
                and self.observer.served_all_along(backend, failure.at)]
