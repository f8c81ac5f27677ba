# SPDX-License-Identifier: MIT
"""Origin servers: many small HTTP servers in one thread, each answers its own name.

On epoll itself: a test's load makes thousands of connections a second, and asyncio takes half of what that costs.
"""

import heapq
import itertools
import os
import select
import socket
import struct
import threading
import time
from collections import deque
from concurrent.futures import Future


class Origin:
    """`GET /` answers the name at once, `GET /hold/SECONDS` after that long."""

    def __init__(self, origins, name, host, port):
        self.name, self.host, self.port = name, host, port
        self.requests = 0
        self._origins = origins
        self._listener = None
        self._answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(name.encode()), name.encode())
        self.connections = set()

    @property
    def at(self):
        return self.host, self.port

    def is_up(self):
        return self._listener is not None

    def close(self):
        """From now on the address is dead: connections are refused, open ones reset."""
        if self._listener:
            self._origins.call(self._close)

    def _listen(self):
        self._listener = socket.create_server(self.at, family=_family(self.host), backlog=1024)
        self._listener.setblocking(False)
        self._origins.watch(self._listener, self._accept)

    def _accept(self):
        try:
            connection, _ = self._listener.accept()
        except BlockingIOError:
            return
        self.connections.add(_Connection(self, self._origins, connection))

    def _close(self):
        self._origins.forget(self._listener)
        self._listener.close()
        self._listener = None
        for connection in list(self.connections):
            connection.reset()


class _Connection:
    def __init__(self, origin, origins, connection):
        self._origin, self._origins, self._socket = origin, origins, connection
        self._received = b""
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        origins.watch(connection, self._read)

    def _read(self):
        try:
            data = self._socket.recv(4096)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._close()
            return
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            path = self._received.split(b" ", 2)[1]
            self._received = self._received[end + 4:]
            self._origin.requests += 1
            if path.startswith(b"/hold/"):
                self._origins.call_later(float(path[6:]), self._answer)
            else:
                self._answer()

    def _answer(self):
        if self not in self._origin.connections:
            return
        try:
            self._socket.send(self._origin._answer)
        except OSError:
            self._close()

    def _close(self):
        self._origin.connections.discard(self)
        self._origins.forget(self._socket)
        self._socket.close()

    def reset(self):
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._close()


def _family(host):
    return socket.AF_INET6 if ":" in host else socket.AF_INET


class Origins:
    """All origins of a test. Without an address each gets the next of 127.0.1.0/24 and on, all on one port."""

    def __init__(self, ports):
        self.port = ports.take()
        self._count = 0
        self._all = []
        self._poll = select.epoll()
        self._ready = {}  # descriptor: what to call
        self._timers = []
        self._order = itertools.count()
        self._calls = deque()  # of other threads
        self._waker = os.eventfd(0, os.EFD_NONBLOCK)
        self._running = True
        self._poll.register(self._waker, select.EPOLLIN)
        self._ready[self._waker] = self._called
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def next_host(self):
        """A loopback address nobody had before."""
        self._count += 1
        return f"127.0.{1 + self._count // 250}.{1 + self._count % 250}"

    def start(self, name, host=None, port=None):
        origin = Origin(self, name, host or self.next_host(), port or self.port)
        self.call(origin._listen)
        self._all.append(origin)
        return origin

    def stop(self):
        for origin in self._all:
            origin.close()
        self.call(self._end)
        self._thread.join(10)
        self._poll.close()
        os.close(self._waker)

    def call(self, what):
        """In the origins' thread; what it raises is raised here."""
        done = Future()
        self._calls.append((what, done))
        os.eventfd_write(self._waker, 1)
        return done.result(10)

    def call_later(self, seconds, what):
        heapq.heappush(self._timers, (time.monotonic() + seconds, next(self._order), what))

    def watch(self, connection, on_readable):
        self._ready[connection.fileno()] = on_readable
        self._poll.register(connection, select.EPOLLIN)

    def forget(self, connection):
        del self._ready[connection.fileno()]
        self._poll.unregister(connection)

    def _run(self):
        while self._running:
            timeout = max(0, self._timers[0][0] - time.monotonic()) if self._timers else None
            for descriptor, _ in self._poll.poll(timeout):
                # One that was closed just now may even be another's already: that one reads nothing then.
                if on_readable := self._ready.get(descriptor):
                    on_readable()
            while self._timers and self._timers[0][0] <= time.monotonic():
                heapq.heappop(self._timers)[2]()

    def _called(self):
        os.eventfd_read(self._waker)
        while self._calls:
            what, done = self._calls.popleft()
            try:
                done.set_result(what())
            except Exception as error:
                done.set_exception(error)

    def _end(self):
        self._running = False
