# SPDX-License-Identifier: MIT
"""All that one test (or the quickstart) starts, ended in one place whatever happened."""

import os
import shutil
import tempfile

from .consul import Consul
from .haproxy import HAProxy
from .load import Load
from .origins import Origins
from .ports import Ports
from .slotd import Slotd, command


class World:
    """Starts programs in a folder of its own and ends them, newest first."""

    def __init__(self, *, slotd, consul, haproxy):
        self.binaries = {"slotd": slotd, "consul": consul, "haproxy": haproxy}
        # Short: a UNIX socket's path holds 107 bytes.
        self.folder = tempfile.mkdtemp(prefix="slotd-")
        self.ports = Ports()
        self._running = []
        self._origins = None
        self._count = 0

    def consul(self, **options):
        return self.keep(Consul(self.binaries["consul"], self.folder, self.ports, **options))

    def haproxy(self, *backends, **options):
        return self.keep(HAProxy(self.binaries["haproxy"], self.folder, self.ports, backends, **options))

    @property
    def origins(self):
        if self._origins is None:
            self._origins = self.keep(Origins(self.ports))
        return self._origins

    def load(self, port, **options):
        return self.keep(Load(port, **options))

    def config(self, text):
        """The path of a configuration file with this text."""
        self._count += 1
        path = os.path.join(self.folder, f"slotd-{self._count}.toml")
        with open(path, "w") as file:
            file.write(text)
        return path

    def file(self, text, name=None):
        """The path of a file with this text; with `name` an earlier one of that name is replaced, as at once."""
        self._count += 1
        path = os.path.join(self.folder, name or f"file-{self._count}")
        with open(path + ".new", "w") as file:
            file.write(text)
        os.rename(path + ".new", path)
        return path

    def slotd(self, haproxy, consul, *arguments, config=None, level="debug", environment=None):
        """`slotd run` on these two; `consul` has a `url`, or is the URL, or None where something else says it."""
        self._count += 1
        more = ["-c", self.config(config)] if config else []
        log = os.path.join(self.folder, f"slotd-{self._count}.log")
        return self.keep(Slotd(self.binaries["slotd"], log, [
            "--socket", haproxy.socket, *self._at(consul), "--log-level", level, *more, *arguments], environment))

    @staticmethod
    def _at(consul):
        return [] if consul is None else ["--consul", getattr(consul, "url", consul)]

    def command(self, name, haproxy, consul, *arguments, config=None, environment=None):
        """`slotd plan` or `slotd run --once` on these two: a command that ends by itself."""
        more = ["-c", self.config(config)] if config else []
        return command(self.binaries["slotd"],
                       [name, "--socket", haproxy.socket, *self._at(consul), *more, *arguments],
                       environment=environment)

    def as_nobody(self, reachable):
        """A function that runs a slotd command as another user, who can get to the folder of `reachable`; None where
        this one may not do that."""
        if os.getuid() != 0:
            return None
        os.chmod(os.path.dirname(reachable), 0o755)
        # The built binary may lie where another user can't get to.
        binary = os.path.join(self.folder, "slotd")
        shutil.copy(self.binaries["slotd"], binary)
        os.chmod(binary, 0o755)
        return lambda *arguments: command("setpriv", ["--reuid", "65534", "--regid", "65534", "--clear-groups", binary,
                                                      *arguments])

    def keep(self, thing):
        """Ends `thing` (with its `stop`) at the end, and shows its `log` when something failed."""
        self._running.append(thing)
        return thing

    def logs(self):
        """[(title, text)] of everything that writes one."""
        return [(f"{type(thing).__name__} log", thing.log()) for thing in self._running if hasattr(thing, "log")]

    def close(self):
        errors = []
        for thing in reversed(self._running):
            try:
                thing.stop()
            except Exception as error:  # the others must end all the same
                errors.append(error)
        self._running.clear()
        self.ports.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        if errors:
            raise errors[0]
