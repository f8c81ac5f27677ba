# SPDX-License-Identifier: MIT
"""The commands that ask a running slotd: status, pause, resume and log-level."""

import json
import os
import pty
import re
import signal
import subprocess

import pytest

from .admin import Steered
from .documented import document_below
from .harness.program import clean_environment
from .harness.slotd import command
from .harness.wait import until


class Asked(Steered):
    """web-1 serves; the commands ask over the UNIX socket unless they say otherwise."""

    def start(self, *arguments, **options):
        super().start(*arguments, **options)
        until(lambda: self.tcp.status("web") and self.tcp.status("api"), "the backends are known")
        return self

    def ask(self, *arguments, admin=None, **environment):
        return command(self.world.binaries["slotd"],
                       [*arguments, "--admin", admin or f"unix:{self.unix.address}"], environment=environment)

    def say(self, *arguments, **options):
        """What it prints, when all is well."""
        said = self.ask(*arguments, **options)
        assert (said.returncode, said.stderr) == (0, ""), said
        return said.stdout


@pytest.fixture
def asked(world):
    made = Asked(world)
    made.first, = made.register("web-1")
    made.start()
    made.haproxy.wait_serving("web", [made.first])
    until(lambda: made.tcp.status("web")["slots"]["ready"] == 1, "the status shows it")
    return made


def test_the_status_says_how_it_is(asked, haproxy_version):
    text = asked.say("status")
    lines = text.splitlines()
    assert re.fullmatch(r"slotd \S+, up \d+ s, (not )?ready", lines[0])
    version = re.escape(".".join(map(str, haproxy_version)))
    assert re.search(rf"^HAProxy {version}\S*, pid {asked.haproxy.pid()} on {asked.haproxy.socket}$", text, re.MULTILINE)
    assert re.search(r"^web +web +1 serving +1 ready, 3 free +\d+ s ago +\d+ s ago$", text, re.MULTILINE), text
    assert "\x1b" not in text
    assert asked.say("status", admin=f"127.0.0.1:{asked.tcp.address}").splitlines()[1:2] == lines[1:2]

    slots = asked.say("status", "web")
    name = asked.haproxy.slot_of("web", asked.first)
    assert re.search(rf"^{name} +ready +{asked.first.host}:{asked.first.port} +1 +web-1 +ext +\d+ s$", slots, re.MULTILINE)
    assert len(re.findall(r"^s\d +free +", slots, re.MULTILINE)) == 3
    assert "api" not in slots


@pytest.mark.one_haproxy
def test_what_is_wrong_is_told_below_its_backend(asked):
    asked.consul.stop()
    until(lambda: all(one["held"] for one in asked.tcp.status()["backends"]), "both are held")
    text = asked.say("status")
    assert len(re.findall(r"^    held for \d+ s \(consul-unreachable\): .+", text, re.MULTILINE)) == 2
    assert "2 backends: 2 held" in text
    asked.haproxy.stop()
    until(lambda: "HAProxy does not answer" in asked.say("status"), "no HAProxy")


@pytest.mark.one_haproxy
def test_as_json_it_is_the_documented_document(asked):
    document = json.loads(asked.say("status", "--format", "json"))
    served = asked.tcp.status()
    assert document.keys() == served.keys() and document["started"] == served["started"]
    one = json.loads(asked.say("status", "web", "--format", "json"))
    assert [backend["name"] for backend in one["backends"]] == ["web"]
    shown = document_below("The status document only ever gains keys.")

    assert document.keys() == shown.keys()
    assert document["haproxy"][0].keys() == shown["haproxy"][0].keys()
    (backend, *_), (documented,) = document["backends"], shown["backends"]
    assert backend.keys() == documented.keys()
    for part in ("slots", "instances"):
        assert backend[part].keys() == documented[part].keys()
    assert backend["slot"][0].keys() == documented["slot"][0].keys()


@pytest.mark.one_haproxy
def test_pause_and_resume_say_what_holds_now(asked):
    assert asked.say("pause", "web", "--for", "1h") == (
        f"web is paused until {asked.tcp.status('web')['paused_until']} or `slotd resume web`: slotd watches on and changes "
        "nothing\n")
    second, = asked.register("web-2")
    until(lambda: asked.tcp.status("web")["would"], "it would fill a slot")
    assert re.search(r"^    paused until \S+; would send \d commands?\n      set server web/s\d addr ", asked.say("status"),
                     re.MULTILINE)
    asked.haproxy.wait_serving("web", [asked.first], seconds=0.1)
    assert asked.say("resume", "web") == "web is not paused\n"
    asked.haproxy.wait_serving("web", [asked.first, second])

    assert asked.say("pause") == "all backends are paused until `slotd resume`: slotd watches on and changes nothing\n"
    refused = asked.ask("resume", "web")
    assert refused.returncode == 1 and "all backends are paused, not web alone (resume all of them" in refused.stderr
    assert asked.say("resume") == "no backend is paused\n"
    refused = asked.ask("resume", "web")
    assert refused.returncode == 1
    assert refused.stderr == f"slotd: admin socket {asked.unix.address}: web is not paused\n"
    refused = asked.ask("pause", "nope")
    assert refused.returncode == 1 and 'slotd has no backend "nope" with slots' in refused.stderr
    assert asked.say("log-level", "error") == "the log's level is error, until slotd ends\n"
    asked.slotd.wait_log("the log's level is error now")


@pytest.mark.one_haproxy
def test_a_pause_that_would_be_forgotten_says_so(world):
    asked = Asked(world).start(state_dir=False)
    assert "a slotd that is started again forgets this: `state_dir` in [admin]" in asked.say("pause")


@pytest.mark.one_haproxy
def test_errors_say_what_to_do(world, asked):
    over_tcp = asked.ask("pause", "web", admin=f"127.0.0.1:{asked.tcp.address}")
    assert over_tcp.returncode == 2 and "over TCP nothing can be changed (name slotd's UNIX socket" in over_tcp.stderr
    assert not asked.tcp.status("web")["paused"]
    asked.slotd.stop()
    gone = asked.ask("status")
    assert gone.returncode == 1
    assert f"admin socket {asked.unix.address}: there is no such socket (is slotd running" in gone.stderr
    gone = asked.ask("status", admin=f"127.0.0.1:{asked.tcp.address}")
    assert gone.returncode == 1 and f"admin address 127.0.0.1:{asked.tcp.address}: " in gone.stderr
    configured = command(world.binaries["slotd"], ["status", "-c", world.config(asked.config())])
    assert configured.returncode == 1 and f"admin socket {asked.unix.address}: there is no such" in configured.stderr
    silent = command(world.binaries["slotd"], ["status", "-c", world.config("[haproxy]\n")])
    assert silent.returncode == 1 and "has no `listen` in [admin], so slotd answers nowhere" in silent.stderr
    other = world.consul()
    strange = asked.ask("status", admin=f"127.0.0.1:{other.port}")
    assert strange.returncode == 1 and f"admin address 127.0.0.1:{other.port}: " in strange.stderr


@pytest.mark.one_haproxy
def test_who_may_not_use_the_socket_is_told_and_may_look_over_tcp(world, asked):
    as_nobody = world.as_nobody(asked.unix.address)
    if as_nobody is None:
        return
    denied = as_nobody("status", "--admin", f"unix:{asked.unix.address}")
    assert denied.returncode == 1
    assert f"admin socket {asked.unix.address}: permission denied (run this as slotd's user, as root, or in the group " \
        in denied.stderr
    path = world.config(asked.config())
    os.chmod(path, 0o644)
    assert as_nobody("status", "-c", path).returncode == 0
    denied = as_nobody("pause", "-c", path)
    assert denied.returncode == 1 and "permission denied" in denied.stderr


class Watched:
    """A command on a terminal of its own."""

    def __init__(self, arguments, environment=None):
        self._terminal, inner = pty.openpty()
        self.process = subprocess.Popen(arguments, stdin=inner, stdout=inner, stderr=inner, close_fds=True,
                                        start_new_session=True,
                                        env={**clean_environment(), "TERM": "xterm", **(environment or {})})
        os.close(inner)
        os.set_blocking(self._terminal, False)
        self.text = ""

    def read(self):
        try:
            while part := os.read(self._terminal, 65536):
                self.text += part.decode()
        except BlockingIOError:
            pass
        except OSError:  # the other side is closed
            pass
        return self.text

    def wait(self, pattern, seconds=10.0):
        return until(lambda: re.search(pattern, self.read()), f"{pattern!r} on the terminal", seconds)

    def stop(self):
        self.process.kill()
        self.process.wait()
        os.close(self._terminal)


@pytest.mark.one_haproxy
def test_watching_redraws_in_place_and_ends_cleanly(world, asked):
    watched = world.keep(Watched([world.binaries["slotd"], "status", "--watch", "--admin", f"unix:{asked.unix.address}"]))
    watched.wait(r"\x1b\[32mweb\x1b\[0m +web +1 serving")
    asked.register("web-2")
    watched.wait("2 serving")
    assert watched.text.count("\x1b[?1049h") == 1 and watched.text.count("\x1b[H") >= 2
    asked.slotd.stop()
    watched.wait(r"there is no such socket.*\x1b\[K\r\nThis is what it said last:")
    watched.wait(r"This is what it said last:.*\x1b\[K\r\n\x1b\[K\r\nslotd ")
    watched.text = ""
    asked.start()
    watched.wait(r"\x1b\[Hslotd .*up \d+ s")
    watched.process.send_signal(signal.SIGINT)
    assert watched.process.wait(5) == 0
    watched.wait(r"\x1b\[\?1049l$")


@pytest.mark.one_haproxy
def test_colours_are_for_terminals_that_want_them(world, asked):
    for environment, is_coloured in [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True),
                                     ({"TERM": "dumb"}, False)]:
        shown = world.keep(Watched([world.binaries["slotd"], "status", "--admin", f"unix:{asked.unix.address}"], environment))
        assert shown.process.wait(10) == 0
        assert ("\x1b" in shown.wait("1 serving").string) == is_coloured, environment


@pytest.mark.one_haproxy
def test_watching_as_json_is_a_document_a_line(world, asked):
    with subprocess.Popen([world.binaries["slotd"], "status", "--watch", "--format", "json", "--admin",
                           f"unix:{asked.unix.address}"], stdout=subprocess.PIPE, text=True) as watching:
        documents = [json.loads(watching.stdout.readline()) for _ in range(2)]
        watching.send_signal(signal.SIGTERM)
        assert watching.wait(5) == 0
    assert documents[0]["now"] < documents[1]["now"]
