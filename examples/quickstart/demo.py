# SPDX-License-Identifier: MIT
"""Consul, HAProxy, a few origin servers and slotd on loopback; instances come and go while requests flow."""

import os
import pathlib
import signal
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE.parents[1] / "tests"))

from live.harness.admin import Admin  # noqa: E402
from live.harness.program import Program  # noqa: E402
from live.harness.wait import until  # noqa: E402
from live.harness.world import World  # noqa: E402

_printing = threading.Lock()


def say(who, text):
    now = time.time()
    clock = time.strftime("%H:%M:%S", time.localtime(now)) + f".{int(now * 1000) % 1000:03d}"
    with _printing:
        print(f"{clock}  {who:<9} {text}", flush=True)


class Follower(threading.Thread):
    """Prints what slotd logs, as it comes."""

    def __init__(self, slotd):
        super().__init__(daemon=True)
        self._slotd = slotd
        self._stopping = threading.Event()

    def run(self):
        shown = 0
        while True:
            last = self._stopping.wait(0.02)
            lines = self._slotd.lines()
            for line in lines[shown:]:
                say("slotd", line.split(maxsplit=2)[-1])
            shown = len(lines)
            if last:
                return

    def stop(self):
        self._stopping.set()
        self.join(5)


class HAProxy(Admin):
    """HAProxy with the quickstart's own haproxy.cfg."""

    def __init__(self, world):
        super().__init__(f"{world.folder}/admin.sock")
        self.port = world.ports.take()
        self.program = Program([world.binaries["haproxy"], "-W", "-db", "-f", HERE / "haproxy.cfg"],
                               f"{world.folder}/haproxy.log",
                               {**os.environ, "RUN": world.folder, "PORT": str(self.port)})
        self.program.wait_up(self.pid, "HAProxy answers")
        world.keep(self)

    def log(self):
        return self.program.log()

    def stop(self):
        self.program.stop()


class Demo:
    def __init__(self, world):
        self.world = world
        self.consul = world.consul()
        self.haproxy = HAProxy(world)
        self.load = None
        self._seen = {}

    def register(self, origin, weight=1):
        say("you", f"register {origin.name} at {origin.host}:{origin.port} in Consul, weight {weight}")
        self.consul.register("web", origin.name, origin.host, origin.port, node="host-1", weights=(weight, 1))

    def serving(self, *origins):
        self.haproxy.wait_serving("web", origins)

    def requests(self, seconds=1.0):
        """Lets requests flow for a moment and says who answered them."""
        end = time.monotonic() + seconds
        until(lambda: time.monotonic() > end, "time passes", seconds + 1, 0.05)
        now = dict(self.load.answers)
        new = {name: count - self._seen.get(name, 0) for name, count in sorted(now.items())}
        self._seen = now
        say("requests", f"{sum(new.values())} answered by " +
            ", ".join(f"{name} ({count})" for name, count in new.items() if count) +
            f"; {len(self.load.failures)} failed so far")

    def run(self):
        world, haproxy = self.world, self.haproxy
        say("demo", f"Consul is at {self.consul.url}, HAProxy at http://127.0.0.1:{haproxy.port}")
        say("demo", "HAProxy's slots: server-template s 1-4 web.service.slots.invalid:1 check disabled ...")
        one, two, three = (world.origins.start(f"web-{n}") for n in (1, 2, 3))
        self.register(one)
        self.register(two)

        say("demo", "what would slotd send? (slotd plan)")
        planned = world.command("plan", haproxy, self.consul)
        print("\n" + planned.stdout + planned.stderr, flush=True)
        if planned.returncode:
            raise RuntimeError("slotd plan failed")

        say("demo", "slotd run starts")
        slotd = world.slotd(haproxy, self.consul, level="info")
        follower = world.keep(Follower(slotd))
        follower.start()
        self.serving(one, two)
        self.load = world.load(haproxy.port, pause=0.002)
        self.requests()

        self.register(three)
        self.serving(one, two, three)
        self.requests()

        self.register(three, weight=4)
        haproxy.wait_slot("web/" + haproxy.slot_of("web", three), weight=4)
        self.requests()

        say("you", "web-2's check goes critical")
        self.consul.set_status("web-2", "critical", node="host-1")
        self.serving(one, three)
        self.requests()
        say("you", "web-2's check passes again")
        self.consul.set_status("web-2", "passing", node="host-1")
        self.serving(one, two, three)

        say("you", "deregister web-1")
        old_slot = haproxy.slot_of("web", one)
        self.consul.deregister("web-1", node="host-1")
        haproxy.wait_slot(f"web/{old_slot}", state="maint")
        one.close()
        say("you", "and stop it: it has no traffic left")
        self.requests()
        one = world.origins.start("web-1", one.host)
        self.register(one)
        self.serving(one, two, three)
        self.requests()

        say("demo", "slotd stops; the slots stay as they are, and HAProxy serves on")
        took = slotd.stop()
        follower.stop()
        say("demo", f"slotd ended after {took * 1000:.0f} ms")
        self.requests()
        self.load.stop()
        failed = len(self.load.failures)
        print(f"\n{self.load.requests} requests, {failed} failed")
        for failure in self.load.failures[:5]:
            print(f"  {failure.why}")
        return 1 if failed else 0


def main():
    # Every end by a signal goes one way, so that everything started here ends.
    for how in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(how, signal.default_int_handler)
    world = World(slotd=os.environ["SLOTD"], consul=os.environ["CONSUL"], haproxy=os.environ["HAPROXY_30"])
    try:
        return Demo(world).run()
    except KeyboardInterrupt:
        print("\nstopped")
        return 130
    except (AssertionError, OSError, RuntimeError) as error:
        print(f"\n{error}")
        for title, text in world.logs():
            print(f"--- {title}\n{text[-3000:]}")
        return 1
    finally:
        world.close()


if __name__ == "__main__":
    sys.exit(main())
