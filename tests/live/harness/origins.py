# SPDX-License-Identifier: MIT
"""Origin servers: many small HTTP servers in one thread, each answers its own name."""

import asyncio
import threading


class Origin:
    """`GET /` answers the name at once, `GET /hold/SECONDS` after that long."""

    def __init__(self, origins, name, host, port):
        self.name, self.host, self.port = name, host, port
        self.requests = 0
        self._origins = origins
        self._server = None
        self.connections = set()

    @property
    def at(self):
        return self.host, self.port

    async def _listen(self):
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), self.host, self.port, reuse_address=True,
                                                backlog=1024)

    def is_up(self):
        return self._server is not None

    async def _close(self):
        self._server.close()
        await self._server.wait_closed()
        for connection in list(self.connections):
            connection.transport.abort()

    def close(self):
        """From now on the address is dead: connections are refused, open ones reset."""
        if self._server:
            self._origins._run(self._close())
            self._server = None


class _Connection(asyncio.Protocol):
    def __init__(self, origin):
        self.origin = origin
        self.received = b""

    def connection_made(self, transport):
        self.transport = transport
        self.origin.connections.add(self)

    def connection_lost(self, error):
        self.origin.connections.discard(self)

    def data_received(self, data):
        self.received += data
        while b"\r\n\r\n" in self.received:
            head, self.received = self.received.split(b"\r\n\r\n", 1)
            self.origin.requests += 1
            path = head.split(b" ", 2)[1]
            if path.startswith(b"/hold/"):
                asyncio.get_running_loop().call_later(float(path[6:]), self._answer)
            else:
                self._answer()

    def _answer(self):
        body = self.origin.name.encode()
        self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))


class Origins:
    """All origins of a test. Without an address each gets the next of 127.0.1.0/24 and on, all on one port."""

    def __init__(self, ports):
        self.port = ports.take()
        self._count = 0
        self._all = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def _run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    def next_host(self):
        """A loopback address nobody had before."""
        self._count += 1
        return f"127.0.{1 + self._count // 250}.{1 + self._count % 250}"

    def start(self, name, host=None, port=None):
        origin = Origin(self, name, host or self.next_host(), port or self.port)
        self._run(origin._listen())
        self._all.append(origin)
        return origin

    def stop(self):
        for origin in self._all:
            origin.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
