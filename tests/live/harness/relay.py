# SPDX-License-Identifier: MIT
"""A small relay that stands between slotd and what it talks to, for what the real one can't be made to do on demand."""

import contextlib
import os
import socket
import threading


class Relay:
    """Passes bytes both ways to `target` (a port on loopback or a UNIX path), listening on a port or a path.

    `rule` is one of
      pass            as it comes
      refuse          closes each new connection without a byte
      hang            takes connections and says nothing
      cut N           passes N bytes of each answer, then closes
      say TEXT        answers each request with TEXT (bytes), and closes
      commands N FUNCTION   passes requests line by line; after N lines that begin with "set server" in all, calls
                      FUNCTION and passes no more
      edit FUNCTION   passes requests, and what is answered, as it comes, through FUNCTION(bytes) -> bytes
    Connections that are open keep the rule they began with, but for `drop`.
    """

    def __init__(self, listen, target):
        self._target = target
        self._listen_at = listen
        self.rule = ("pass",)
        self._commands = 0
        self.connections = 0
        self.asked = b""  # all that was passed on to the target
        self._open = set()
        self._lock = threading.Lock()
        if isinstance(listen, int):
            self._listener = socket.create_server(("127.0.0.1", listen))
        else:
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(listen)
            self._listener.listen(64)
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._listen_at}"

    @property
    def socket(self):
        return self._listen_at

    def stop(self):
        self._end(self._listener)
        self._accepting.join(10)
        self._listener.close()
        self.drop()
        if not isinstance(self._listen_at, int):
            with contextlib.suppress(OSError):
                os.unlink(self._listen_at)

    def drop(self):
        """Ends every open connection."""
        with self._lock:
            self._end_all()

    def set(self, *rule):
        """From now on, and with nothing left of what was before."""
        with self._lock:
            self.rule = rule
            self._commands = 0
            self._end_all()

    def _end_all(self):
        for one in self._open:
            self._end(one)

    @staticmethod
    def _end(one):
        """Whoever waits for it goes on. It is closed by its own thread: another's next socket may get its number."""
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            with self._lock:
                self._open.add(client)
                rule = self.rule
            threading.Thread(target=self._serve, args=(client, rule), daemon=True).start()

    def _connect(self):
        if isinstance(self._target, int):
            return socket.create_connection(("127.0.0.1", self._target), 10)
        server = socket.socket(socket.AF_UNIX)
        server.connect(self._target)
        return server

    def _serve(self, client, rule):
        with contextlib.suppress(OSError), contextlib.ExitStack() as connection:
            self._keep(connection, client)
            if rule[0] == "refuse":
                return
            if rule[0] == "hang":
                while client.recv(65536):
                    pass
                return
            if rule[0] == "say":
                if client.recv(65536):
                    client.sendall(rule[1])
                return
            server = self._connect()
            self._keep(connection, server)
            copying = threading.Thread(target=self._pass_on, args=(client, server, rule), daemon=True)
            copying.start()
            connection.callback(copying.join)
            connection.callback(self._end, server)
            connection.callback(self._end, client)
            if rule[0] == "edit":
                while data := server.recv(65536):
                    client.sendall(rule[1](data))
                return
            left = rule[1] if rule[0] == "cut" else None
            while data := server.recv(65536):
                client.sendall(data if left is None else data[:left])
                if left is not None:
                    left -= len(data)
                    if left <= 0:
                        return

    def _keep(self, connection, one):
        """`one` is open as long as `connection`."""
        with self._lock:
            self._open.add(one)

        def close():
            with self._lock:
                self._open.discard(one)
            one.close()

        connection.callback(close)

    def _pass_on(self, client, server, rule):
        try:
            if rule[0] == "commands":
                self._copy_commands(client, server, *rule[1:])
            else:
                self._copy(client, server)
            server.shutdown(socket.SHUT_WR)
        except OSError:
            # As without a relay: a client that went with its answer unread takes up no connection of the server.
            self._end(server)

    def _copy(self, client, server):
        while data := client.recv(65536):
            self.asked += data
            server.sendall(data)

    def _copy_commands(self, client, server, most, at_end):
        with client.makefile("rb") as lines:
            for line in lines:
                if line.startswith(b"set server"):
                    if self._commands == most:
                        at_end()
                        return
                    self._commands += 1
                server.sendall(line)
