# SPDX-License-Identifier: MIT
"""Looks at HAProxy by itself, all along, and notes each thing that must never be."""

import threading
import time


class Observer(threading.Thread):
    """`instances` are the model's; `bound` is how long after the last disturbance a wrong slot may serve, and may be
    changed."""

    def __init__(self, haproxy, backends, instances, outages, bound):
        super().__init__(daemon=True)
        self._haproxy, self._backends, self.bound = haproxy, backends, bound
        self._instances, self._outages = instances, outages
        self._stopping = threading.Event()
        self.violations = []
        self.samples = 0
        self._empty_at = {backend: [] for backend in backends}  # when no ready slot had a living instance

    def run(self):
        while not self._stopping.wait(0.02):
            for backend in self._backends:
                try:
                    slots = self._haproxy.slots(backend).values()
                except (OSError, ValueError, KeyError):
                    continue
                self.samples += 1
                self._look(backend, [slot for slot in slots if slot.state == "ready"])

    def stop(self):
        self._stopping.set()
        self.join(10)

    def served_all_along(self, backend, at):
        """Whether a ready slot had a living instance in each sample around then."""
        return not any(at - 0.3 <= empty <= at + 2.5 for empty in self._empty_at[backend])

    def _look(self, backend, ready):
        now = time.monotonic()
        known = {instance.at: instance for instance in list(self._instances.values()) if instance.backend == backend}
        addresses = [slot.at for slot in ready]
        for at in {at for at in addresses if addresses.count(at) > 1}:
            self._note(now, f"{backend}: {at} is in two slots that are ready")
        if not any(at in known and known[at].origin.is_up() for at in addresses):
            self._empty_at[backend].append(now)
        since = self._outages.last_disturbed()
        for slot in ready:
            instance = known.get(slot.at)
            if instance is None:
                self._note(now, f"{backend}/{slot.name} is ready at {slot.at}, where nothing ever was")
            elif not instance.serves and now - max(instance.since, since) > self.bound:
                self._note(now, f"{backend}/{slot.name} still serves {instance.name}, {instance.status} for "
                                f"{now - instance.since:.1f} s")

    def _note(self, now, text):
        if len(self.violations) < 20:
            self.violations.append(f"at {now:.3f}: {text}")
