# SPDX-License-Identifier: MIT
"""What happens, one event after another, by the seed alone: the same seed tells the same story again."""

import random
from dataclasses import dataclass

BACKENDS = ("web", "api")
MOST = 8  # instances that Consul lists of a backend


@dataclass(frozen=True)
class Event:
    kind: str
    instances: tuple = ()  # names
    value: object = None  # a weight, a relay's rule, the program that is frozen
    seconds: float = 0.0  # how long it lasts
    meanwhile: tuple = ()  # events while it lasts
    pause: float = 0.0  # after it

    def __str__(self):
        parts = [self.kind, *self.instances, *([] if self.value is None else [str(self.value)])]
        parts += [f"for {self.seconds:.1f} s"] if self.seconds else []
        return " ".join(parts) + "".join(f" ({one})" for one in self.meanwhile)


class Script:
    def __init__(self, seed):
        self._random = random.Random(seed)
        self._count = 0
        self._status = {}  # name: passing, warning, critical, gone
        self._until_calm = self._random.randint(4, 8)

    def opening(self):
        """Three instances of each backend."""
        return [self._come(backend) for backend in BACKENDS for _ in range(3)]

    def next(self):
        """The next event; each few are followed by `calm`, whose instance falls ill and recovers in it."""
        if self._until_calm == 0:
            self._until_calm = self._random.randint(4, 8)
            return Event("calm", (self._random.choice(self._passing(self._random.choice(BACKENDS))),))
        self._until_calm -= 1
        return self._one_of(self._INSTANCES + self._PROGRAMS)

    def _one_of(self, makers):
        while True:
            maker = self._random.choices([one for one, _ in makers], [weight for _, weight in makers])[0]
            event = maker(self)
            if event:
                return event

    def _event(self, kind, *instances, most=0.0, **more):
        seconds = self._random.uniform(0, most) if most else 0.0
        return Event(kind, instances, seconds=seconds, pause=self._random.uniform(0, 0.4), **more)

    def _names(self, backend, *statuses):
        return [name for name, status in self._status.items() if name.startswith(backend) and status in statuses]

    def _passing(self, backend):
        return self._names(backend, "passing")

    # What happens to instances; None: it can't.

    def _come(self, backend=None):
        backend = backend or self._random.choice(BACKENDS)
        if len(self._names(backend, "passing", "warning", "critical")) >= MOST:
            return None
        self._count += 1
        name = f"{backend}-{self._count}"
        self._status[name] = "passing"
        return self._event("come", name)

    def _leave(self, kind, status):
        """Two stay healthy."""
        passing = self._passing(self._random.choice(BACKENDS))
        if len(passing) <= 2:
            return None
        name = self._random.choice(passing)
        self._status[name] = status
        return self._event(kind, name)

    def _go(self):
        return self._leave("go", "gone")

    def _fall_ill(self):
        return self._leave("fall_ill", "critical")

    def _worsen(self):
        return self._leave("worsen", "warning")

    def _go_many(self):
        """More than large_removal at once."""
        names = self._passing(self._random.choice(BACKENDS))[1:]
        for name in names:
            self._status[name] = "gone"
        return self._event("go", *names) if names else None

    def _recover(self):
        ill = [name for name, status in self._status.items() if status in ("warning", "critical")]
        if not ill:
            return None
        name = self._random.choice(ill)
        self._status[name] = "passing"
        return self._event("recover", name)

    def _change_weight(self):
        passing = self._passing(self._random.choice(BACKENDS))
        return self._event("change_weight", self._random.choice(passing), value=self._random.randint(1, 256))

    def _bury(self):
        return self._event("bury")

    # What happens to the programs.

    def _kill_slotd(self):
        return self._event("kill", value="slotd", most=1)

    def _kill_consul(self):
        return self._event("kill", value="consul", most=2)

    def _kill_haproxy(self):
        return self._event("kill", value="haproxy", most=0.5)

    def _reload(self):
        return self._event("reload")

    def _stall(self):
        rule = self._random.choice([("hang",), ("refuse",), ("cut", self._random.randint(0, 3000))])
        return self._event("stall", self._random.choice(["consul", "haproxy"]), value=rule, most=2)

    def _freeze(self):
        """SIGSTOP, then SIGCONT; the others live on meanwhile."""
        what = self._random.choice(["slotd", "haproxy", "consul"])
        # A Consul that stands still takes no news of its instances.
        count = 0 if what == "consul" else self._random.randint(0, 3)
        makers = [(one, weight) for one, weight in self._INSTANCES if one is not Script._bury]
        if what == "slotd":
            makers += [(Script._reload, 3)]
        meanwhile = tuple(self._one_of(makers) for _ in range(count))
        return self._event("freeze", value=what, most=3, meanwhile=meanwhile)

    _INSTANCES = [(_come, 6), (_go, 5), (_go_many, 1), (_fall_ill, 4), (_worsen, 3), (_recover, 6), (_change_weight, 4),
                  (_bury, 3)]
    _PROGRAMS = [(_kill_slotd, 2), (_kill_consul, 1), (_kill_haproxy, 1), (_reload, 2), (_stall, 4), (_freeze, 4)]
