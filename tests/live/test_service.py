# SPDX-License-Identifier: MIT
"""slotd as a service: what it tells the service manager, and its configuration read again at SIGHUP."""

import os
import re
import signal
import socket

import pytest

from .harness.haproxy import Backend
from .harness.slotd import Slotd
from .harness.wait import until


class Manager:
    """What systemd is to a service: a socket that it notifies."""

    def __init__(self, path):
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("\0" + path[1:] if path.startswith("@") else path)
        self._socket.setblocking(False)
        self.said = []

    def read(self):
        while True:
            try:
                self.said.append(self._socket.recv(4096).decode())
            except BlockingIOError:
                return self.said

    def wait(self, pattern, seconds=10.0):
        return until(lambda: next((text for text in self.read() if re.search(pattern, text, re.M)), None),
                     f"a notification like {pattern!r} in {self.said}", seconds)

    def stop(self):
        self._socket.close()


def service(world, config, **environment):
    """`slotd run` with all of its settings in the file `config`."""
    log = os.path.join(world.folder, "service.log")
    os.environ.update(environment)
    try:
        return world.keep(Slotd(world.binaries["slotd"], log, ["-c", config]))
    finally:
        for name in environment:
            del os.environ[name]


def state_of(pid):
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().rpartition(") ")[2].split()[0]


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


def settings(haproxy, consul, more=""):
    return f'[consul]\naddress = "{consul.url}"\n[haproxy]\nsockets = ["{haproxy.socket}"]\n{more}'


@pytest.mark.one_haproxy
@pytest.mark.parametrize("abstract", [False, True], ids=["path", "abstract"])
def test_the_manager_is_told_how_it_is(world, abstract):
    consul = world.consul()
    haproxy = world.haproxy(Backend("web"))
    origin = world.origins.start("web-1")
    consul.register("web", "web-1", origin.host, origin.port)
    path = os.path.join(world.folder, "notify")
    manager = world.keep(Manager("@" + path if abstract else path))
    slotd = service(world, world.config(settings(haproxy, consul)), NOTIFY_SOCKET=manager.path, WATCHDOG_USEC="200000")
    manager.wait(r"^READY=1$")
    manager.wait(r"^STATUS=1 backends, 1 slots ready$")
    beats = len([text for text in manager.read() if "WATCHDOG=1" in text])
    until(lambda: len([text for text in manager.read() if "WATCHDOG=1" in text]) >= beats + 5, "the watchdog is fed")
    # A loop that stands still feeds no watchdog.
    os.kill(slotd.pid, signal.SIGSTOP)
    # What it was about to send is sent by then.
    until(lambda: state_of(slotd.pid) == "T", "it stands still")
    manager.read()
    fed = len(manager.said)
    with pytest.raises(AssertionError):
        until(lambda: len(manager.read()) > fed, "nothing", 1.0)
    os.kill(slotd.pid, signal.SIGCONT)
    slotd.program.process.send_signal(signal.SIGHUP)
    manager.wait(r"^RELOADING=1$")
    manager.wait(r"^MONOTONIC_USEC=[1-9]\d+$")
    until(lambda: len([text for text in manager.read() if "READY=1" in text]) == 2, "ready again")
    slotd.stop()
    manager.wait(r"^STOPPING=1$")
    assert slotd.returncode == 0


def test_a_changed_file_is_followed_at_sighup(world):
    consul = world.consul()
    haproxy = world.haproxy(Backend("web"), Backend("api"))
    origins = [world.origins.start(f"web-{n}") for n in (1, 2)]
    for origin in origins:
        consul.register("web", origin.name, origin.host, origin.port)
    path = world.config(settings(haproxy, consul, '[backend.web]\nweight = 3\n'))
    slotd = service(world, path)
    haproxy.wait_serving("web", origins)
    # On a loaded machine an address may have come too late, and the instance into another slot.
    slots = [f"web/{haproxy.slot_of('web', origin)}" for origin in origins]
    for slot in slots:
        haproxy.wait_slot(slot, weight=3)
    load = world.load(haproxy.port("web"))
    until(lambda: load.answers, "requests flow")
    write(path, settings(haproxy, consul, '[backend.web]\nweight = 5\n[backend.api]\nservice = "web"\n'))
    os.kill(slotd.pid, signal.SIGHUP)
    slotd.wait_log("SIGHUP: the configuration is read again")
    for slot in slots:
        haproxy.wait_slot(slot, weight=5)
    haproxy.wait_serving("api", origins, seconds=15)
    load.stop()
    assert load.answers and not load.failures, load.failures[:5]


def test_a_bad_file_is_refused_and_the_old_one_stays(world):
    consul = world.consul()
    haproxy = world.haproxy(Backend("web"))
    path = world.config(settings(haproxy, consul))
    slotd = service(world, path)
    slotd.wait_log("web: .* follow")
    write(path, settings(haproxy, consul, "[backend.web]\nweigth = 5\n"))
    os.kill(slotd.pid, signal.SIGHUP)
    slotd.wait_log(rf"error .*{re.escape(path)}:6:1: .*weigth")
    slotd.wait_log("error SIGHUP: the configuration is refused, the one that was read before stays")
    origin = world.origins.start("web-1")
    consul.register("web", "web-1", origin.host, origin.port)
    haproxy.wait_serving("web", [origin])


def test_another_haproxy_is_taken_up_and_one_is_let_go(world):
    consul = world.consul()
    first, second = world.haproxy(Backend("web")), world.haproxy(Backend("web"))
    origins = [world.origins.start(f"web-{n}") for n in (1, 2)]
    consul.register("web", "web-1", origins[0].host, origins[0].port)
    path = world.config(settings(first, consul))
    slotd = service(world, path)
    first.wait_serving("web", origins[:1])
    write(path, settings(second, consul))
    os.kill(slotd.pid, signal.SIGHUP)
    slotd.wait_log("is let go, its slots stay as they are")
    second.wait_serving("web", origins[:1])
    consul.register("web", "web-2", origins[1].host, origins[1].port)
    second.wait_serving("web", origins)
    first.wait_serving("web", origins[:1])


def test_another_consul_is_followed_and_what_it_lacks_is_confirmed(world):
    first, second = world.consul(), world.consul()
    haproxy = world.haproxy(Backend("web"))
    origins = [world.origins.start(f"web-{n}") for n in (1, 2, 3)]
    for origin in origins:
        first.register("web", origin.name, origin.host, origin.port)
    for origin in origins[:2]:
        second.register("web", origin.name, origin.host, origin.port)
    more = '[defaults]\nconfirm = "1s"\ndrain = "0s"\n'
    path = world.config(settings(haproxy, first, more))
    slotd = service(world, path)
    haproxy.wait_serving("web", origins)
    load = world.load(haproxy.port("web"))
    write(path, settings(haproxy, second, more))
    os.kill(slotd.pid, signal.SIGHUP)
    slotd.wait_log(f"follows Consul at {second.url} from now on")
    slotd.wait_log("web: held, what is live stays .large-removal")
    haproxy.wait_serving("web", origins[:2])
    load.stop()
    assert load.answers and not load.failures, load.failures[:5]
