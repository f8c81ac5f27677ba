# SPDX-License-Identifier: MIT
"""What is true: which instances exist, how healthy Consul believes them, and when each part was out of order."""

import time
from dataclasses import dataclass, field


@dataclass
class Instance:
    name: str
    backend: str
    origin: object
    weight: int = 1
    status: str = "passing"  # passing, warning, critical, gone
    since: float = field(default_factory=time.monotonic)  # of the status

    @property
    def at(self):
        return (self.origin.host, self.origin.port)

    @property
    def serves(self):
        return self.status in ("passing", "warning")

    @property
    def shown_weight(self):
        """What it is registered with for a warning is 1."""
        return 1 if self.status == "warning" else self.weight

    def set(self, status):
        self.status, self.since = status, time.monotonic()


class Outages:
    """When something was out of order that may delay or fail what follows."""

    def __init__(self):
        self._open = {}
        self.over = []  # (what, began, ended)

    def begin(self, what):
        self._open.setdefault(what, time.monotonic())

    def end(self, what):
        began = self._open.pop(what, None)
        if began is not None:
            self.over.append((what, began, time.monotonic()))

    def last_disturbed(self):
        """When the last outage of any kind ended; now while one lasts."""
        if self._open:
            return time.monotonic()
        return max((ended for _, _, ended in self.over), default=0.0)

    def cover(self, what, began, ended, after=2.5):
        """Whether such an outage lies in that time, or ended so short before it."""
        now = time.monotonic()
        spans = [(first, last) for kind, first, last in list(self.over) if kind == what]
        spans += [(first, now) for kind, first in list(self._open.items()) if kind == what]
        return any(first <= ended and began <= last + after for first, last in spans)
