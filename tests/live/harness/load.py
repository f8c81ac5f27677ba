# SPDX-License-Identifier: MIT
"""Requests that never stop: one thread on a kept connection, one on a fresh connection for each request."""

import socket
import threading
import time
from dataclasses import dataclass


@dataclass
class Failure:
    at: float  # time.monotonic() when the request was sent
    why: str
    body: str
    ended: float  # when that was known


class _Broken(Exception):
    def __init__(self, why, answered):
        super().__init__(why)
        self.answered = answered


class Connection:
    """HTTP/1.1 on a plain socket: what it reports is what came, with no library's retries in between."""

    def __init__(self, port, timeout):
        self._socket = socket.socket()
        self._rest = b""
        self.open = True
        try:
            self._socket.settimeout(timeout)
            self._socket.connect(("127.0.0.1", port))
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            self.close()
            raise _Broken(f"connect: {error}", False) from None

    def get(self, path, keep=True):
        """Status and body."""
        # A test makes hundreds of thousands of these: only the two fields that count are looked for.
        ask = f"GET {path} HTTP/1.1\r\nHost: test\r\n{'' if keep else 'Connection: close' + chr(13) + chr(10)}\r\n"
        received = self._rest
        try:
            self._socket.sendall(ask.encode())
            while (end := received.find(b"\r\n\r\n")) < 0:
                received += self._more(received)
            head = received[:end].lower() + b"\r\n"
            status, end = int(head[9:12]), end + 4 + int(_field(head, b"content-length") or 0)
            while len(received) < end:
                received += self._more(received)
        except (OSError, ValueError) as error:
            self.close()
            raise _Broken(f"{type(error).__name__}: {error}", bool(received)) from None
        self._rest = received[end:]
        if not keep or _field(head, b"connection") == b"close":
            self.close()
        return status, received[len(head) + 2:end].decode("latin1")

    def _more(self, received):
        data = self._socket.recv(4096)
        if not data:
            self.close()
            raise _Broken("the connection was closed without an answer", bool(received))
        return data

    def close(self):
        self.open = False
        self._socket.close()


def _field(head, name):
    """Of a head in lower case, whose lines all have an end."""
    at = head.find(b"\r\n" + name + b": ")
    if at < 0:
        return None
    return head[at + len(name) + 4:head.index(b"\r\n", at + 2)]


def get(port, path="/", timeout=10.0):
    """One request on a connection of its own: status and body."""
    connection = Connection(port, timeout)
    return connection.get(path, keep=False)


class Load:
    """Runs from construction until `stop`; `failures` then holds every request that did not get a 200."""

    def __init__(self, port, path="/", pause=0.0005, kept=1, fresh=1):
        self._port, self._path, self._pause = port, path, pause
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self.failures = []
        self.answers = {}  # origin's name: how many
        self.reconnects = 0
        self._threads = [threading.Thread(target=self._run, args=(keep,), daemon=True)
                         for keep in [True] * kept + [False] * fresh]
        for thread in self._threads:
            thread.start()

    @property
    def requests(self):
        with self._lock:
            return sum(self.answers.values()) + len(self.failures)

    def stop(self):
        self._stopping.set()
        for thread in self._threads:
            thread.join(15)
        return self

    def _run(self, keep):
        connection = None
        while not self._stopping.is_set():
            time.sleep(self._pause)
            began = time.monotonic()
            reused = connection is not None and connection.open
            try:
                if not reused:
                    connection = Connection(self._port, 10)
                status, body = connection.get(self._path, keep)
            except _Broken as broken:
                # A server may close an idle connection just when the next request is on its way. Every HTTP
                # client asks again then (RFC 9110, 9.2.2), and only then: nothing was answered.
                connection = None
                if reused and not broken.answered:
                    with self._lock:
                        self.reconnects += 1
                    continue
                self._failed(began, str(broken), "")
                continue
            if status == 200:
                with self._lock:
                    self.answers[body] = self.answers.get(body, 0) + 1
            else:
                self._failed(began, f"status {status}", body)

    def _failed(self, began, why, body):
        with self._lock:
            self.failures.append(Failure(began, why, body, time.monotonic()))
        # While everything is refused, thousands of failures a second tell no more than a few hundred.
        self._stopping.wait(0.002)
