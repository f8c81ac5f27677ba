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
    status: str = "passing"  # passing, critical, gone
    since: float = field(default_factory=time.monotonic)  # of the status

    @property
    def at(self):
        return (self.origin.host, self.origin.port)

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

    def covers(self, what, at, before, after):
        """Whether `at` lies in an outage of that kind, or that close to one."""
        now = time.monotonic()
        spans = [(began, ended) for kind, began, ended in list(self.over) if kind == what]
        spans += [(began, now) for kind, began in list(self._open.items()) if kind == what]
        return any(began - before <= at <= ended + after for began, ended in spans)
