# SPDX-License-Identifier: MIT
"""Clients that mean harm, or are broken, do none: slotd follows on, and answers others."""

import contextlib
import os
import random
import socket

import pytest

from .admin import Steered
from .harness.wait import until

GET = b"GET /v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture
def steered(world):
    made = Steered(world).start()
    until(lambda: made.tcp.status("web"), "web is known")
    made.serving = []
    return made


def follows(steered):
    """An instance that comes now gets its slot."""
    steered.serving += steered.register(f"web-{len(steered.serving)}")
    steered.haproxy.wait_serving("web", steered.serving)
    steered.slotd.program.check_running()


def is_ended(client):
    """Whether the other side has closed; what it sent is taken."""
    client.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        try:
            while client.recv(65536):
                pass
            return True
        except ConnectionError:
            return True
    return False


@pytest.mark.one_haproxy
@pytest.mark.parametrize("data", [
    b"GET / HT", b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ", b"\r\n" * 10, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: " + b"a" * 100_000, b"A" * 1_000_000, GET + GET * 1000,
    b"POST /v1/pause HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 1_000_000,
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET /%00%ff?a=%0a HTTP/1.1\r\nHost: \xff\xfe\r\n\r\n",
    bytes(range(256)) * 100], ids=range(11))
def test_what_is_no_request_harms_nothing(steered, data):
    clients = []
    for shown in (steered.tcp, steered.unix):
        for end in (False, True):
            client = shown.connect()
            clients.append(client)
            # One that is cut already is not connected.
            with contextlib.suppress(OSError):
                client.sendall(data)
                if end:
                    client.shutdown(socket.SHUT_WR)
    follows(steered)
    assert steered.tcp.ask("/healthz") == steered.unix.ask("/healthz") == (200, "ok\n")
    # Half a request is given its five seconds.
    for client in clients:
        until(lambda: is_ended(client), "the connection is ended", 15)
        client.close()
    assert not any(backend["paused"] for backend in steered.tcp.status()["backends"])


@pytest.mark.one_haproxy
def test_random_bytes_harm_nothing(steered):
    seed = int(os.environ.get("SLOTD_SEED") or random.randrange(2**32))
    print(f"SLOTD_SEED={seed}")
    chance = random.Random(seed)
    pieces = [b"GET ", b"POST ", b"/v1/status", b"/metrics", b"?backend=", b"%", b" HTTP/1.1", b"\r\n", b"\n", b"\r", b":",
              b"Host: localhost", b"Accept: text/event-stream", b"\0", b"\xff" * 9, b"a" * 3000]
    for n in range(300):
        with (steered.tcp, steered.unix)[n % 2].connect() as client, contextlib.suppress(ConnectionError):
            client.sendall(b"".join(chance.choice(pieces) for _ in range(chance.randrange(1, 20))))
    follows(steered)
    assert steered.tcp.ask("/healthz") == (200, "ok\n")


@pytest.mark.one_haproxy
def test_many_connections_are_told_to_wait_and_harm_nothing(steered):
    clients = [steered.tcp.connect() for _ in range(200)]
    follows(steered)
    # The socket is another way in, with places of its own.
    assert steered.unix.ask("/healthz") == (200, "ok\n")
    answers = [first_bytes(client) for client in clients]
    assert answers.count(b"HTTP/1.1 503 ") >= 32
    # After their five seconds there is room again, though nobody went.
    until(lambda: steered.tcp.ask("/healthz") == (200, "ok\n"), "there is room again", 15)
    for client in clients:
        client.close()
    follows(steered)


def first_bytes(client):
    client.settimeout(0.01)
    try:
        return client.recv(13)
    except OSError:
        return b""


@pytest.mark.one_haproxy
def test_a_client_that_does_not_read_is_cut(steered):
    clients = []
    for shown in (steered.tcp, steered.unix):
        client = shown.connect()
        client.sendall(GET.replace(b"\r\n\r\n", b"\r\nAccept: text/event-stream\r\n\r\n").replace(b"status", b"events"))
        clients.append(client)
        clients.append(shown.connect())
        clients[-1].sendall(GET)
    follows(steered)
    assert steered.tcp.ask("/healthz") == (200, "ok\n")
    for client in clients:
        client.close()
    follows(steered)


@pytest.mark.one_haproxy
def test_memory_and_descriptors_come_back(steered):
    def sockets():
        folder = f"/proc/{steered.slotd.pid}/fd"
        links = []
        for number in os.listdir(folder):
            with contextlib.suppress(FileNotFoundError):  # it was closed meanwhile
                links.append(os.readlink(f"{folder}/{number}"))
        return [link for link in links if link.startswith("socket:")]

    follows(steered)  # so that the connections to Consul, which are kept, are there
    before = len(sockets())
    for _ in range(30):
        for shown in (steered.tcp, steered.unix):
            for data in (GET, b"GET", b"\0", GET.replace(b"status", b"events"), b""):
                with shown.connect() as client, contextlib.suppress(ConnectionError):
                    client.sendall(data)
    # A round may be talking to HAProxy, and Consul's connections be renewed.
    until(lambda: len(sockets()) <= before + 2, f"of 300 more connections, none but {before} sockets are left", 15)
    follows(steered)
