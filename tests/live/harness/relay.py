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
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._listen_at}"

    @property
    def socket(self):
        return self._listen_at

    def stop(self):
        self._close(self._listener)
        self.drop()
        if not isinstance(self._listen_at, int):
            with contextlib.suppress(OSError):
                os.unlink(self._listen_at)

    def drop(self):
        """Ends every open connection."""
        with self._lock:
            open_now = list(self._open)
        for one in open_now:
            self._close(one)

    def set(self, *rule):
        """From now on, and with nothing left of what was before."""
        self.rule = rule
        self._commands = 0
        self.drop()

    @staticmethod
    def _close(one):
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(OSError):
            one.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            with self._lock:
                self._open.add(client)
            threading.Thread(target=self._serve, args=(client, self.rule), daemon=True).start()

    def _connect(self):
        if isinstance(self._target, int):
            return socket.create_connection(("127.0.0.1", self._target), 10)
        server = socket.socket(socket.AF_UNIX)
        server.connect(self._target)
        return server

    def _serve(self, client, rule):
        server = None
        try:
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
            with self._lock:
                self._open.add(server)
            copy = self._copy_commands if rule[0] == "commands" else self._copy
            threading.Thread(target=copy, args=(client, server), daemon=True).start()
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
        except OSError:
            pass
        finally:
            for one in (client, server):
                if one is not None:
                    self._close(one)
                    with self._lock:
                        self._open.discard(one)

    def _copy(self, source, to):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self.asked += data
                to.sendall(data)
            to.shutdown(socket.SHUT_WR)

    def _copy_commands(self, source, to):
        _, most, at_end = self.rule
        with contextlib.suppress(OSError), source.makefile("rb") as lines:
            for line in lines:
                if line.startswith(b"set server"):
                    if self._commands == most:
                        break
                    self._commands += 1
                to.sendall(line)
            else:
                return
            to.shutdown(socket.SHUT_WR)
            at_end()
