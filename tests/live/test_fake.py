# SPDX-License-Identifier: MIT
"""The unit tests' fake HAProxy and the real ones, side by side: the same lines, the same replies and slots."""

import os
import pathlib
import subprocess

import pytest

from .harness.admin import Admin
from .harness.haproxy import Backend
from .harness.program import clean_environment
from .harness.wait import until

TOP = pathlib.Path(__file__).resolve().parents[2]
# Columns of `show servers state` about checks, which the fake has none of, and about numbers nobody forced.
NOT_COMPARED = {"srv_check_status", "srv_check_result", "srv_check_health", "srv_check_state", "be_id"}


def fake_path():
    """Of the same build as the slotd under test."""
    slotd = os.environ.get("SLOTD")
    built = pathlib.Path(slotd).resolve().parents[2] if slotd else TOP / "build"
    return built / "tests/support/fake_haproxy"


class Fake(Admin):
    """The fake as a program; its clock stands still but for `tick`."""

    def __init__(self, version):
        super().__init__("the fake")
        path = fake_path()
        if not os.access(path, os.X_OK):
            pytest.fail(f"{path} is not there; tests/run builds it", pytrace=False)
        self._process = subprocess.Popen([str(path), version], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         env=clean_environment())

    def run(self, command):
        self._process.stdin.write(command.encode() + b"\n")
        self._process.stdin.flush()
        reply = b""
        while not reply.endswith(b"\0"):
            some = self._process.stdout.read1(65536)
            assert some, f"the fake ended at {command!r}"
            reply += some
        return reply[:-1].decode()

    def tick(self, seconds):
        self._process.stdin.write(f"tick {seconds}\n".encode())

    def stop(self):
        self._process.stdin.close()
        self._process.wait(5)
        self._process.stdout.close()


class Pair:
    """One fake and one real HAProxy with the same backends."""

    def __init__(self, world, version):
        self.version = version
        slots = {"slot_options": ""}
        self.real = world.haproxy(
            Backend("web", slots=3, servers=["fixed 127.0.0.9:8080"], **slots),
            Backend("hash", slots=2, host="slots.invalid", options=["balance source"], **slots),
            Backend("heavy", slots=1, host="slots.invalid", options=["balance source"], slot_options="weight 10"),
            Backend("none", slots=0, servers=["s1 none.invalid:1 disabled init-addr none"]), master_worker=False)
        self.fake = world.keep(Fake(f"{version[0]}.{version[1]}"))

    def same(self, line):
        """Runs `line` on both: the same reply, then the same servers."""
        real = self.real.run(line)
        assert self.fake.run(line) == real, line
        wanted = servers(self.fake)
        # 3.0 puts an address in force after the reply.
        until(lambda: servers(self.real) == wanted, f"{line}: {wanted}", seconds=2)
        return real


def servers(admin):
    """Every server but those without an address, whose maint comes from DNS, by "backend/server"."""
    rows = admin.servers()
    return {f"{row['be_name']}/{row['srv_name']}": {
        key: value for key, value in row.items() if key not in NOT_COMPARED and key != "srv_time_since_last_change"}
        for row in rows if row["be_name"] != "none"}


def play(pair, text):
    return [pair.same(line.strip()) for line in text.strip().splitlines()]


@pytest.fixture
def pair(world, haproxy_version):
    if haproxy_version not in ((2, 6), (3, 0)):
        pytest.skip("the fake plays HAProxy 2.6 and 3.0")
    return Pair(world, haproxy_version)


def test_they_begin_alike(pair):
    assert servers(pair.fake) == servers(pair.real)
    assert pair.fake.run("show servers state").splitlines()[:2] == pair.real.run("show servers state").splitlines()[:2]


def test_a_slot_is_filled_and_leaves_alike(pair):
    said = play(pair, """
        set server web/s1 addr 10.0.0.1 port 80
        set server web/s1 weight 3
        set server web/s1 state ready
        set server web/s1 state drain
        set server web/s1 state ready
        set server web/s1 state drain
        set server web/s1 state maint
        set server web/s1 state drain
        set server web/s1 state maint
        set server web/s1 state ready
        set server web/s1 state ready
        set server web/s1 weight 0
    """)
    assert said[1:] == ["\n"] * 11


def test_addresses_change_alike(pair):
    play(pair, """
        set server web/s1 addr 10.0.0.1 port 80
        set server web/s1 addr 10.0.0.1 port 80
        set server web/s1 addr 10.0.0.2 port 80
        set server web/s1 addr 10.0.0.2 port 81
        set server web/s1 addr 10.0.0.3
        set server web/s1 addr 10.0.0.3
        set server web/s1 addr 2001:db8::1 port 82
        set server web/s1 addr ::ffff:10.0.0.9 port 83
        set server web/s1 addr 10.0.0.1 port 70000
        set server web/s1 addr 10.0.0.1 port 0
        set server web/s2 state ready
        set server web/s2 addr 10.0.0.2 port 80
    """)


def test_refusals_are_alike(pair):
    play(pair, """
        set server web/s1 addr bad port 80
        set server web/s1 weight 257
        set server web/s1 weight x
        set server web/s1 weight 5x
        set server web/s1 weight 1.5
        set server web/s1 weight
        set server web/s1 state bogus
        set server web/s1 state
        set server web/s1 bogus 1
        set server web/nope state ready
        set server nope/s1 state ready
        set server web state ready
        set server
        set server none/s1 addr 10.0.0.1 port 80
        set server hash/s1 weight 3
        set server hash/s1 weight 0
        set server hash/s1 weight 1
        show servers state nope
    """)


def test_a_static_algorithm_takes_the_lines_weight_and_none_alike(pair):
    said = play(pair, """
        set server heavy/s1 weight 1
        set server heavy/s1 weight 0
        set server heavy/s1 weight 1
        set server heavy/s1 weight 9
        set server heavy/s1 weight 10
        set server heavy/s1 weight 10
    """)
    assert ["static LB" in reply for reply in said] == [True, False, True, True, False, False]


def test_an_unknown_command_begins_alike(pair):
    first = [admin.run("bogus command").splitlines()[0] for admin in (pair.fake, pair.real)]
    assert first[0] == first[1]


def test_a_socket_of_level_user_refuses_alike(pair):
    def as_user(line):
        # The level is lowered for the rest of the connection.
        return pair.real.run("user; " + line).removeprefix("\n")

    for line in ("set server web/s1 state ready", "set server web/s1 addr 10.0.0.1 port 80",
                 "set server nope/s1 weight 3"):
        assert pair.fake.run("as-user " + line) == as_user(line)
    assert pair.fake.run("as-user show servers state nope") == as_user("show servers state nope")
    assert servers(pair.fake) == servers(pair.real)


def test_the_table_of_sessions_is_alike(pair):
    play(pair, """
        set server web/s1 state ready
        set server web/s2 state drain
        set server web/s2 weight 7
    """)
    compared = ["pxname", "svname", "qcur", "scur", "status", "weight", "check_status"]

    def table(admin, more="-1"):
        number = next(row["be_id"] for row in admin.servers("web"))
        lines = [line for line in admin.run(f"show stat {number} 4 {more}").splitlines() if line]
        columns = lines[0].removeprefix("# ").split(",")
        return [[dict(zip(columns, line.split(",")))[name] for name in compared] for line in lines[1:]]

    assert table(pair.fake) == table(pair.real)
    assert table(pair.fake, "2") == table(pair.real, "2")
    assert table(pair.fake, "99") == table(pair.real, "99") == []
    assert pair.fake.run("show stat 99 4 -1").count("\n") == pair.real.run("show stat 99 4 -1").count("\n")


def test_what_is_read_of_the_process_is_alike(pair):
    fake, real = pair.fake.info(), pair.real.info()
    assert fake.keys() <= real.keys()
    assert fake["Version"].split(".")[:2] == real["Version"].split(".")[:2]
    assert fake["Stopping"] == real["Stopping"] == "0"


def test_what_counts_as_a_change_of_state_is_alike(pair):
    lines = {"web/s1": "state maint", "web/s2": "state drain", "web/s3": "weight 0", "hash/s1": "state ready",
             "hash/s2": "addr 10.0.0.9 port 9"}

    def ages(admin):
        return {slot: int(row["srv_time_since_last_change"]) for row in admin.servers()
                if (slot := f"{row['be_name']}/{row['srv_name']}") in lines}

    for admin in (pair.fake, pair.real):
        for slot in lines:
            admin.run(f"set server {slot} state ready")
    until(lambda: min(ages(pair.real).values()) >= 2, "two seconds pass")
    pair.fake.tick(2)
    for admin in (pair.fake, pair.real):
        for slot, line in lines.items():
            admin.run(f"set server {slot} {line}")
    reset = [{slot for slot, age in ages(admin).items() if age < 2} for admin in (pair.fake, pair.real)]
    # 3.x does not say when a drain began.
    assert reset == [{"web/s1", "web/s2"} if pair.version == (2, 6) else {"web/s1"}] * 2
