# SPDX-License-Identifier: MIT
"""`slotd plan`, and `slotd run` with --dry-run or --once: what they print, send and return."""

import json
import subprocess

import pytest

from .documented import document_below
from .harness.haproxy import Backend
from .harness.load import get
from .harness.slotd import command
from .harness.wait import until


@pytest.fixture
def changed(world):
    """Two instances serve, then one left, one has another weight, and one is new; no slotd runs."""
    consul = world.consul()
    haproxy = world.haproxy(Backend("web", slots=3), Backend("idle"))
    world.gone, world.heavy, world.new = (world.origins.start(name) for name in ("gone", "heavy", "new"))
    for origin in (world.gone, world.heavy):
        consul.register("web", origin.name, origin.host, origin.port)
    done = world.command("run", haproxy, consul, "--once")
    assert done.returncode == 0, done.stderr
    haproxy.wait_serving("web", [world.gone, world.heavy])
    consul.deregister("gone")
    consul.register("web", "heavy", world.heavy.host, world.heavy.port, weights=(9, 1))
    consul.register("web", "new", world.new.host, world.new.port)
    return consul, haproxy


def commands_of(text):
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def expected(world, haproxy):
    """The commands, phase by phase: newcomers before leavers."""
    gone, heavy = haproxy.slot_of("web", world.gone), haproxy.slot_of("web", world.heavy)
    free = ({"s1", "s2", "s3"} - {gone, heavy}).pop()
    return [f"set server web/{free} addr {world.new.host} port {world.new.port}",
            f"set server web/{heavy} weight 9",
            f"set server web/{free} state ready",
            f"set server web/{gone} state drain"]


def test_it_prints_each_command_with_its_reason_and_sends_nothing(world, changed):
    consul, haproxy = changed
    before = haproxy.slots("web")
    said = world.command("plan", haproxy, consul)
    assert said.returncode == 0, said.stderr
    assert commands_of(said.stdout) == expected(world, haproxy)
    lines = said.stdout.splitlines()
    for line in commands_of(said.stdout):
        assert any(one.startswith("# ") for one in lines[:lines.index(line)])
    reasons = "\n".join(line for line in lines if line.startswith("# "))
    assert "new" in reasons and "heavy" in reasons and f"{world.gone.host}:{world.gone.port}" in reasons
    assert haproxy.slots("web") == before


def test_exit_code_says_whether_there_is_something_to_send(world, changed):
    consul, haproxy = changed
    assert world.command("plan", haproxy, consul, "--exit-code").returncode == 10
    assert world.command("run", haproxy, consul, "--once").returncode == 0

    world.command("run", haproxy, consul, "--once")
    said = world.command("plan", haproxy, consul, "--exit-code")
    assert (said.returncode, commands_of(said.stdout)) == (0, [])


def test_commands_only_can_be_piped_a_line_a_connection(world, changed):
    consul, haproxy = changed
    arguments = ["--socket", haproxy.socket, "--consul", consul.url]
    loop = 'while read -r c; do echo "$c" | socat - "UNIX-CONNECT:$2"; done'
    script = f'"$1" plan --commands-only {" ".join(arguments)} | {loop}'
    plain = world.command("plan", haproxy, consul, "--commands-only").stdout
    assert commands_of(plain) == plain.splitlines() == expected(world, haproxy)
    load = world.load(haproxy.port("web"))
    done = subprocess.run(["bash", "-c", script, "bash", world.binaries["slotd"], haproxy.socket],
                          capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stderr
    haproxy.wait_serving("web", [world.heavy, world.new])
    load.stop()
    assert not load.failures
    assert get(haproxy.port("web"))[1] in ("heavy", "new")


def test_json_is_one_document_with_every_command_and_reason(world, changed):
    consul, haproxy = changed
    said = world.command("plan", haproxy, consul, "--format", "json")
    assert said.returncode == 0, said.stderr
    document = json.loads(said.stdout)
    web, idle = document["sockets"][0]["backends"]
    assert [step["command"] for step in web["addresses"] + web["changes"]] == expected(world, haproxy)
    assert [step["command"].split()[3] for step in web["addresses"]] == ["addr"]
    assert [step["instance"] for step in web["addresses"] + web["changes"]] == ["new on ext", "heavy on ext", "new on ext", ""]
    assert (document["commands"], idle["addresses"], idle["changes"]) == (4, [], [])
    # A hold has a `detail`; in README nothing is held.
    assert keys_of(document) - {"detail"} == keys_of(document_below("`slotd plan --format json` prints one"))


def keys_of(value):
    """The keys of a document, at whatever depth."""
    if isinstance(value, list):
        return set().union(*map(keys_of, value))
    if isinstance(value, dict):
        return set(value).union(*map(keys_of, value.values()))
    return set()


def test_the_plan_of_a_full_backend_names_who_waits(world):
    consul = world.consul()
    haproxy = world.haproxy(Backend("web", slots=1))
    for n in range(3):
        consul.register("web", f"web-{n}", f"127.0.77.{n + 1}", 80)
    said = world.command("plan", haproxy, consul)
    assert len(commands_of(said.stdout)) == 2
    assert "web-1" in said.stdout and "web-2" in said.stdout


def test_dry_run_prints_the_commands_and_sends_nothing(world, changed):
    consul, haproxy = changed
    before = haproxy.slots("web")
    planned = expected(world, haproxy)
    said = world.command("run", haproxy, consul, "--dry-run", "--once")
    assert said.returncode == 0, said.stderr
    assert commands_of(said.stdout) == planned
    assert haproxy.slots("web") == before
    running = world.slotd(haproxy, consul, "--dry-run")
    until(lambda: all(line in running.log() for line in planned), "the daemon prints them too")
    late = world.origins.start("late")
    consul.register("web", "late", late.host, late.port)
    running.wait_log(rf"(addr {late.host} port {late.port}|late.*waits|waits.*late)")
    assert haproxy.slots("web") == before
    assert running.stop() < 1


def test_a_dry_run_whose_output_can_not_be_written_is_a_failure(world, changed):
    consul, haproxy = changed
    with open("/dev/full", "w") as full, subprocess.Popen(
            [world.binaries["slotd"], "run", "--dry-run", "--log-level", "debug", "--socket", haproxy.socket,
             "--consul", consul.url], stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE, text=True) as running:
        line = next(line for line in running.stderr if "set server web/" in line)
        assert "debug" in line, "it has printed by then"
        running.terminate()
        assert "slotd: the output can't be written" in running.stderr.read()
    assert running.returncode == 1


def test_once_fills_every_backend_and_ends(world):
    consul = world.consul()
    haproxy = world.haproxy(*[Backend(f"b{n}", slots=12) for n in range(5)])
    origins = {n: [(f"127.0.8{n}.{i + 1}", 80) for i in range(10)] for n in range(5)}
    for n, addresses in origins.items():
        for i, (host, port) in enumerate(addresses):
            consul.register(f"b{n}", f"b{n}-{i}", host, port)
    done = world.command("run", haproxy, consul, "--once")
    assert done.returncode == 0, done.stderr
    for n, addresses in origins.items():
        haproxy.wait_serving(f"b{n}", addresses, seconds=0.5)
    again = world.command("run", haproxy, consul, "--once")
    assert again.returncode == 0 and " ready at " not in again.stderr


def test_a_paused_backend_is_left_alone_by_a_single_round_and_the_plan_says_so(world, changed):
    consul, haproxy = changed
    before = haproxy.slots("web")
    world.file("web -\n", "pauses")
    config = f'[admin]\nstate_dir = "{world.folder}"\n'
    done = world.command("run", haproxy, consul, "--once", config=config)
    assert done.returncode == 0, done.stderr
    assert 'web: paused; would send "set server web/' in done.stderr
    said = world.command("plan", haproxy, consul, "--exit-code", config=config)
    assert said.returncode == 0 and commands_of(said.stdout) == []
    for line in ["web: paused; else would be sent:", *("    " + one for one in expected(world, haproxy))]:
        assert f"# {line}\n" in said.stdout
    document = json.loads(world.command("plan", haproxy, consul, "--format", "json", config=config).stdout)
    web, = [one for one in document["sockets"][0]["backends"] if one["name"] == "web"]
    assert web["paused"] is True and web["would"] == expected(world, haproxy) and document["commands"] == 0
    assert haproxy.slots("web") == before

    world.file("nonsense\n", "pauses")
    assert world.command("run", haproxy, consul, "--once", config=config).returncode == 2
    said = world.command("plan", haproxy, consul, config=config)
    assert said.returncode == 1 and "BACKEND UNTIL" in said.stderr and commands_of(said.stdout)


@pytest.mark.parametrize("name, more", [("plan", []), ("run", ["--once"])])
def test_what_is_unreachable_is_named_and_ends_with_1(world, name, more):
    consul = world.consul()
    haproxy = world.haproxy(Backend("web"))
    nowhere = f"http://127.0.0.1:{world.ports.take()}"
    said = command(world.binaries["slotd"], [name, "--socket", haproxy.socket, "--consul", nowhere, *more])
    assert said.returncode == 1
    assert nowhere.removeprefix("http://") in said.stderr
    said = command(world.binaries["slotd"], [name, "--socket", haproxy.socket + ".not", "--consul", consul.url, *more])
    assert said.returncode == 1
    assert haproxy.socket + ".not" in said.stderr
