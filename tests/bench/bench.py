#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Measures slotd beside the floor on a real Consul and HAProxy, and prints ratios. tests/bench/run builds and calls it.

SLOTD, BENCH_FLOOR, BENCH_CLIENT, CONSUL and HAPROXYS (one or more paths, separated by colons) name the binaries.
"""

import argparse
import contextlib
import math
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "live"))

from harness.haproxy import Backend  # noqa: E402
from harness.program import Program, clean_environment  # noqa: E402
from harness.wait import until  # noqa: E402
from harness.world import World  # noqa: E402
import scrapes  # noqa: E402

TURNS = 8  # services of each side
SLOTS = 20
REST = 31  # seconds, after which a slot has rested for sure: slotd's `drain` is 30
FILLED = 1000
IDLE_SECONDS = 30
PLAN_RUNS = 20


def percentile(values, share):
    """The smallest value that `share` of all do not exceed."""
    return sorted(values)[math.ceil(share * len(values)) - 1]


def verdict(value, most, unit):
    return f"{value:.2f}{unit}, at most {most:g}{unit}: {'ok' if value <= most else 'MISSED'}"


def compare(title, slotd, floor, most, unit="ms"):
    print(f"  {title:<44} slotd {slotd:8.2f} {unit}  floor {floor:8.2f} {unit}  {verdict(slotd / floor, most, 'x')}",
          flush=True)


def alone(title, value, most, unit):
    print(f"  {title:<44} {verdict(value, most, ' ' + unit)}", flush=True)


def run(*command, seconds=600):
    """What it prints; an error with what it says when it fails."""
    done = subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=seconds, env=clean_environment())
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {done.stdout[-500:]}{done.stderr[-2000:]}")
    return done.stdout


class Bench:
    """One HAProxy's figures."""

    def __init__(self, world, samples):
        self.world = world
        self.samples = samples
        self.floor = os.environ["BENCH_FLOOR"]
        self.client = os.environ["BENCH_CLIENT"]

    def latency(self):
        """All run all the while, each on its own services and backends; the samples take turns."""
        services = {side: [f"{side}{n}" for n in range(TURNS)] for side in ("slotd", "floor", "look")}
        consul = self.world.consul()
        haproxy = self.world.haproxy(
            *[Backend(name, SLOTS) for name in services["slotd"]],
            *[Backend(name, SLOTS, host="bench.invalid") for side in ("floor", "look") for name in services[side]])
        rested = time.monotonic() + REST
        consul.register("anchor", "anchor", "127.0.0.1", 1, node="bench")
        self.world.slotd(haproxy, consul, level="info")
        for side, mode in {"floor": "follow", "look": "look"}.items():
            self.world.keep(Program([self.floor, mode, haproxy.socket, consul.port, *services[side]],
                                    os.path.join(self.world.folder, f"{side}.log"), clean_environment()))
        # The client has two next to each other change places every other time: slotd and the floor.
        order = [(side, services[side][n]) for n in range(TURNS) for side in ("slotd", "floor")]
        order += [("look", name) for name in services["look"]]
        time.sleep(max(0.0, rested - time.monotonic()))
        text = run(self.client, "latency", haproxy.socket, consul.port, self.world.ports.take(),
                   math.ceil(self.samples / TURNS),
                   *[word for side, name in order for word in (side, name, haproxy.port(name))])
        rows = [line.split() for line in text.splitlines()]
        for kind, title in {"registration": "registration to first response",
                            "removal": "removal to last response"}.items():
            took = {side: [float(row[2]) for row in rows if row[:2] == [side, kind]] for side in services}
            for share, most in ((0.5, 1.2), (0.99, 2)):
                slotd, floor, look = (percentile(took[side], share) for side in ("slotd", "floor", "look"))
                compare(f"{title}, p{share * 100:g} of {len(took['slotd'])}", slotd, floor, most)
                print(f"    the floor with a round's look: {look:.2f} ms, {look / floor:.2f}x", flush=True)

    def fill(self):
        """An empty backend each time, by turns: slotd from Consul's answer on, the floor from its first command; both
        until the client sees every slot ready."""
        consul = self.world.consul()
        for n in range(FILLED):
            consul.register("web", f"web-{n}", f"127.{2 + n // 250}.0.{1 + n % 250}", 8080)
        answer = os.path.join(self.world.folder, "answer")
        with open(answer, "wb") as file:
            file.write(record(consul.port, "/v1/health/service/web?stale"))
        consul.stop()
        took = {"slotd": [], "floor": []}
        for _ in range(max(5, self.samples // 20)):
            with self.empty_backend() as haproxy:
                took["slotd"].append(self.fill_by_slotd(haproxy, answer))
            with self.empty_backend() as haproxy:
                took["floor"].append(self.fill_bare(haproxy))
        compare(f"{FILLED} slots filled, p50 of {len(took['slotd'])}", statistics.median(took["slotd"]),
                statistics.median(took["floor"]), 1.3)

    @contextlib.contextmanager
    def empty_backend(self):
        haproxy = self.world.haproxy(Backend("web", FILLED))
        try:
            yield haproxy
        finally:
            haproxy.stop()

    def fill_by_slotd(self, haproxy, answer):
        port = self.world.ports.take()
        with subprocess.Popen([self.client, "fill", str(port), answer, haproxy.socket, "web"],
                              stdout=subprocess.PIPE, text=True) as client:
            client.stdout.readline()
            slotd = Program([self.world.binaries["slotd"], "run", "--socket", haproxy.socket, "--consul",
                             f"http://127.0.0.1:{port}"], os.path.join(self.world.folder, "fill.log"),
                            clean_environment())
            try:
                took = client.stdout.readline()
                expect_filled(haproxy)
                return float(took)
            finally:
                slotd.stop()

    def fill_bare(self, haproxy):
        with subprocess.Popen([self.client, "watch", haproxy.socket, "web"], stdout=subprocess.PIPE,
                              text=True) as client:
            client.stdout.readline()
            began = float(run(self.floor, "fill", haproxy.socket, "web", 8080))
            ready = float(client.stdout.readline())
        expect_filled(haproxy)
        return ready - began

    def ten_services(self):
        names = [f"service{n}" for n in range(10)]
        consul = self.world.consul()
        for name in names:
            for n in range(10):
                consul.register(name, f"{name}-{n}", f"127.0.{names.index(name)}.{1 + n}", 8080)
        return names, consul, self.world.haproxy(*[Backend(name, 20) for name in names])

    def idle(self):
        names, consul, haproxy = self.ten_services()
        slotd = self.world.slotd(haproxy, consul, level="info")
        for name in names:
            until(lambda name=name: sum(slot.state == "ready" for slot in haproxy.slots(name).values()) == 10,
                  f"{name} is filled")
        time.sleep(5)
        began, cpu = time.monotonic(), cpu_seconds(slotd.pid)
        time.sleep(IDLE_SECONDS)
        share = (cpu_seconds(slotd.pid) - cpu) / (time.monotonic() - began)
        memory = status(slotd.pid)
        alone("idle, 10 services of 10: anonymous memory", memory["RssAnon"] / 1024, 3, "MB")
        alone("idle: resident memory", memory["VmRSS"] / 1024, 16, "MB")
        alone(f"idle: share of one core over {IDLE_SECONDS} s", share * 100, 0.2, "%")

    def plan(self):
        names, consul, haproxy = self.ten_services()
        slotd = self.world.binaries["slotd"]
        commands = {"slotd": [slotd, "plan", "--socket", haproxy.socket, "--consul", consul.url],
                    "floor": [self.floor, "read", haproxy.socket, consul.port, *names]}
        took = {"slotd": [], "floor": []}
        for _ in range(PLAN_RUNS):
            for side, command in commands.items():
                began = time.perf_counter()
                text = run(*command)
                took[side].append((time.perf_counter() - began) * 1000)
                if side == "slotd" and text.count(" addr ") != 100:
                    raise RuntimeError(f"slotd plan does not fill 100 slots: {text}")
        alone(f"slotd plan on 10 services, p50 of {PLAN_RUNS}", statistics.median(took["slotd"]), 100, "ms")
        floor = statistics.median(took["floor"])
        print(f"    slowest {max(took['slotd']):.2f} ms; bare reading of the same: {floor:.2f} ms", flush=True)

    def scrapes(self):
        taken = scrapes.measure(self.world, self.client)
        without, scraped = statistics.median(taken.without), statistics.median(taken.scraped)
        print(f"  scraped {statistics.median(taken.rates):.0f} times a second, 100 backends of 50 slots: propagation "
              f"{scraped:.2f} ms, else {without:.2f} ms  {verdict(scraped / without, 1.2, 'x')}", flush=True)
        cost = (statistics.median(taken.asked) - statistics.median(taken.deaf)) / 1024
        alone("resident memory of the admin endpoint, scraped", cost, 2, "MB")


def record(port, target):
    """The whole response of a server that closes after it."""
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(f"GET {target} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n".encode())
        response = b""
        while data := connection.recv(65536):
            response += data
    return response.replace(b"Connection: close\r\n", b"", 1)


def expect_filled(haproxy):
    ready = [slot for slot in haproxy.slots("web").values() if slot.state == "ready"]
    if len({slot.at for slot in ready}) != FILLED:
        raise RuntimeError(f"{len(ready)} slots are ready")


def cpu_seconds(pid):
    """Of all threads, to the nanosecond, where /proc/PID/stat counts ticks of 10 ms."""
    tasks = pathlib.Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def status(pid):
    """The lines of /proc/PID/status that count kB."""
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return {line.split(":")[0]: int(line.split()[1]) for line in lines if line.endswith(" kB")}


def main():
    parts = ("latency", "fill", "idle", "plan", "scrapes")
    parser = argparse.ArgumentParser(prog="tests/bench/run", description=__doc__.splitlines()[0])
    parser.add_argument("part", nargs="*", help="of " + ", ".join(parts) + "; else all")
    parser.add_argument("--samples", type=int, default=240, help="of each latency, a side (default 240)")
    options = parser.parse_args()
    if unknown := set(options.part) - set(parts):
        parser.error(f"no such part: {', '.join(unknown)}")
    for binary in os.environ["HAPROXYS"].split(":"):
        version = run(binary, "-v").split("version ")[1].split()[0]
        print(f"HAProxy {version}", flush=True)
        for part in options.part or parts:
            world = World(slotd=os.environ["SLOTD"], consul=os.environ["CONSUL"], haproxy=binary)
            try:
                getattr(Bench(world, options.samples), part)()
            except Exception:
                for title, text in world.logs():
                    print(f"{title}:\n{text[-2000:]}", file=sys.stderr)
                raise
            finally:
                world.close()


if __name__ == "__main__":
    main()
