# SPDX-License-Identifier: MIT
"""A real HAProxy on loopback: its configuration from a list of backends, reload and restart."""

import os
import signal
from dataclasses import dataclass, field

from .admin import Admin
from .program import Program
from .wait import until


@dataclass
class Backend:
    """A backend whose slots follow `host`; the default follows the service of the backend's name."""

    name: str
    slots: int = 4
    host: str = ""
    servers: list = field(default_factory=list)  # whole lines beside the slots
    options: list = field(default_factory=list)  # whole lines of the section
    slot_options: str = "check"
    port: int = 0  # of its frontend; given by HAProxy (below)

    def text(self):
        host = self.host or f"{self.name}.service.slots.invalid"
        lines = [f"frontend fe_{self.name}", f"    bind 127.0.0.1:{self.port}", f"    default_backend {self.name}",
                 f"backend {self.name}", "    balance roundrobin"]
        lines += ["    " + option for option in self.options]
        if self.slots:
            lines.append(f"    server-template s 1-{self.slots} {host}:1 {self.slot_options} disabled"
                         " init-addr last,127.0.0.1")
        lines += ["    server " + server for server in self.servers]
        return "\n".join(lines) + "\n"


class HAProxy(Admin):
    """Plain (`master_worker=False`) or with a master that reloads on SIGUSR2."""

    def __init__(self, binary, folder, ports, backends, *, master_worker=True, redispatch=True, state_file=False,
                 level="admin", expose=True, before=()):
        self.binary = binary
        self._before = list(before)  # words of the command line before haproxy's own
        self._expose = " expose-fd listeners" if expose else ""
        self._level = level
        self.backends = list(backends)
        self.master_worker = master_worker
        self._ports = ports
        self._redispatch = redispatch
        name = f"haproxy-{ports.take()}"
        super().__init__(os.path.join(folder, name + ".sock"))
        self.config = os.path.join(folder, name + ".cfg")
        self._master = Admin(os.path.join(folder, name + ".master"))
        self.log_path = os.path.join(folder, name + ".log")
        self.state_file = os.path.join(folder, name + ".state") if state_file else ""
        self.program = None
        self.start()

    def write_config(self):
        for backend in self.backends:
            backend.port = backend.port or self._ports.take()
        state = [f"    server-state-file {self.state_file}"] if self.state_file else []
        load = ["    load-server-state-from-file global"] if self.state_file else []
        again = ["    option redispatch", "    retries 3"] if self._redispatch else ["    retries 0"]
        text = "\n".join([
            "global", f"    stats socket {self.socket} mode 600 level {self._level}{self._expose}",
            "    nbthread 2",
            "    hard-stop-after 5s", *state,
            "defaults", "    mode http", "    timeout connect 2s", "    timeout client 30s", "    timeout server 30s",
            "    timeout queue 2s", *again, *load]) + "\n"
        with open(self.config, "w") as config:
            config.write(text + "".join(backend.text() for backend in self.backends))

    def start(self):
        self.write_config()
        mode = ["-W", "-S", self._master.socket] if self.master_worker else []
        self.program = Program([*self._before, self.binary, *mode, "-db", "-f", self.config], self.log_path)
        self.program.wait_up(self.pid, "HAProxy answers on its socket")
        self._wait_master()

    @property
    def master(self):
        """The path of the master's own socket."""
        return self._master.socket

    def _wait_master(self):
        # Until its loop runs again, a master that loads a configuration loses a SIGUSR2 (2.6 and 3.0).
        if self.master_worker:
            until(lambda: self._master.run("show proc"), "the master answers")

    def stop(self):
        self.program.stop()

    def log(self):
        return self.program.log()

    def restart(self):
        self.stop()
        self.start()

    def reload(self, backends=None):
        """As `systemctl reload` does, with the configuration of now; returns when the new worker answers."""
        if backends is not None:
            self.backends = list(backends)
        self.write_config()
        before = self.pid()
        os.kill(self.program.pid, signal.SIGUSR2)
        until(lambda: self.pid() not in (0, before), "the new worker answers")
        self._wait_master()

    def save_state(self):
        """What an operator's reload script does: the live state into the state file."""
        text = self.run("show servers state")
        with open(self.state_file, "w") as file:
            file.write(text)

    def port(self, backend):
        """Of the frontend before `backend`."""
        return next(one.port for one in self.backends if one.name == backend)
