# SPDX-License-Identifier: MIT
"""HAProxy's admin socket: commands on fresh connections, and the live state as values."""

import socket
from dataclasses import dataclass

from .wait import until


@dataclass(frozen=True)
class Slot:
    """A server as `show servers state` has it."""

    name: str
    state: str  # ready, drain, maint
    address: str
    port: int
    weight: int

    @property
    def at(self):
        return (self.address, self.port)


def _state(bits):
    if bits & 0x23:
        return "maint"
    return "drain" if bits & 0x18 else "ready"


def _at(origin):
    return origin if isinstance(origin, tuple) else (origin.host, origin.port)


class Admin:
    """The socket at `path`; `socket` is that path too."""

    def __init__(self, path):
        self.socket = path

    def run(self, command):
        """The reply to `command`, on a connection of its own."""
        with socket.socket(socket.AF_UNIX) as admin:
            admin.settimeout(5)
            admin.connect(self.socket)
            admin.sendall(command.encode() + b"\n")
            # A master's socket stays open otherwise.
            admin.shutdown(socket.SHUT_WR)
            reply = b""
            while data := admin.recv(65536):
                reply += data
        return reply.decode()

    def info(self):
        """`show info` as a dict."""
        return dict(line.split(": ", 1) for line in self.run("show info").splitlines() if ": " in line)

    def pid(self):
        """Of the worker that answers; an old, stopping one does not count."""
        info = self.info()
        return int(info["Pid"]) if info.get("Stopping", "0") == "0" else 0

    def servers(self, backend=""):
        """`show servers state`: a dict a server, by column name."""
        lines = self.run(f"show servers state {backend}".rstrip()).splitlines()
        if len(lines) < 2 or not lines[1].startswith("# "):
            raise ValueError(f"HAProxy says: {lines}")
        columns = lines[1][2:].split()
        return [dict(zip(columns, line.split())) for line in lines[2:] if line.strip()]

    def slots(self, backend):
        """All servers of a backend as {name: Slot}."""
        return {row["srv_name"]: Slot(row["srv_name"], _state(int(row["srv_admin_state"])), row["srv_addr"],
                                      int(row["srv_port"]), int(row["srv_uweight"]))
                for row in self.servers(backend)}

    def sessions(self, backend):
        """Requests in flight and queued as {server: number}."""
        lines = self.run("show stat").splitlines()
        columns = lines[0].removeprefix("# ").split(",")
        rows = [dict(zip(columns, line.split(","))) for line in lines[1:]]
        return {row["svname"]: int(row["scur"]) + int(row["qcur"]) for row in rows
                if row.get("pxname") == backend and row["svname"] not in ("BACKEND", "FRONTEND")}

    def wait_slot(self, slot, what="", seconds=5.0, **wanted):
        """Until e.g. wait_slot("web/s1", state="ready", port=80); returns the Slot."""
        backend, name = slot.split("/")

        def as_wanted():
            now = self.slots(backend)[name]
            return now if all(getattr(now, key) == value for key, value in wanted.items()) else None

        try:
            return until(as_wanted, f"{slot} {wanted} {what}", seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}; HAProxy has {list(self.slots(backend).values())}") from None

    def wait_serving(self, backend, origins, what="", seconds=5.0):
        """Until exactly these origins (or (address, port) pairs) have a ready slot."""
        wanted = sorted(_at(origin) for origin in origins)

        def serving():
            return sorted(slot.at for slot in self.slots(backend).values() if slot.state == "ready")

        try:
            until(lambda: serving() == wanted, f"{backend} serves {wanted} {what}", seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}; HAProxy has {list(self.slots(backend).values())}") from None

    def slot_of(self, backend, origin):
        """The name of the ready slot with this origin's address."""
        return next(slot.name for slot in self.slots(backend).values()
                    if slot.at == _at(origin) and slot.state == "ready")
