# SPDX-License-Identifier: MIT
"""A running container without an engine: bubblewrap, or chroot where namespaces are not to be had.

Under bubblewrap it is as strict as an engine can be made: read-only root, only the volumes can be written to, user
99:99 without capabilities, a process tree of its own with the image's first process as its first. Under chroot (as root) the
user is the same, and the rest is not to be had: the root is a copy, the process tree is the machine's.
"""

import functools
import os
import pathlib
import shutil
import signal
import subprocess

from live.harness.admin import Admin
from live.harness.program import Program
from live.harness.wait import until

USER = "99"


@functools.cache
def has_namespaces():
    if os.environ.get("SLOTD_BOX") == "chroot":
        return False
    tried = subprocess.run(["bwrap", "--ro-bind", "/", "/", "--unshare-user", "--unshare-pid", "--proc", "/proc", "true"],
                           capture_output=True)
    if tried.returncode != 0 and os.getuid() != 0:
        raise RuntimeError(f"bwrap can make no namespace, and chroot needs root: {tried.stderr.decode()}")
    return tried.returncode == 0


def children(pid):
    """[(pid, name)] of the living children."""
    found = []
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            number, rest = stat.read_text().split(" (", 1)
        except OSError:
            continue
        name, rest = rest.rsplit(") ", 1)
        state, parent = rest.split()[:2]
        if int(parent) == pid and state != "Z":
            found.append((int(number), name))
    return found


class Box:
    """Starts `image` with its own command or another, and Consul's address; `files` {path inside: path or text}."""

    def __init__(self, world, image, command=None, *, environment=None, files=None, share=None):
        self.image = image
        self.folder = pathlib.Path(world.folder) / f"box-{world.ports.take()}"
        self.folder.mkdir()
        self._share = share
        environment = {**image.environment, **(environment or {})}
        command = [*image.entrypoint, *(image.command if command is None else command)]
        prepare = self._bubblewrap if has_namespaces() else self._chroot
        self.program = Program(prepare(command, environment, files or {}), self.folder / "log")
        world.keep(self)

    def _bubblewrap(self, command, environment, files):
        assert self.image.user == f"{USER}:{USER}"
        # The caller's user is USER in there, so the volumes are owned as the image's would be.
        wrap = ["bwrap", "--unshare-user", "--uid", USER, "--gid", USER, "--unshare-pid", "--as-pid-1", "--unshare-ipc",
                "--cap-drop", "ALL", "--die-with-parent", "--clearenv"]
        # Piece by piece and not as a whole, so that, as in an engine, more can be mounted than the image has places for.
        for path in self.image.root.iterdir():
            inside = f"/{path.name}"
            wrap += ["--symlink", os.readlink(path), inside] if path.is_symlink() else ["--ro-bind", path, inside]
        wrap += ["--proc", "/proc", "--dev", "/dev"]
        for name, value in environment.items():
            wrap += ["--setenv", name, value]
        for volume in self.image.volumes:
            self.host(volume).mkdir(parents=True, exist_ok=True)
            wrap += ["--bind", self.host(volume), volume]
        for folder in {os.path.dirname(path) for path in files}:
            given, there = self.folder / "files" / folder.strip("/"), pathlib.Path(f"{self.image.root}{folder}")
            if there.is_dir():
                shutil.copytree(there, given)
            given.mkdir(parents=True, exist_ok=True)
            wrap += ["--ro-bind", given, folder]
        for path, content in files.items():
            self._write(self.folder / "files" / path.strip("/"), content)
        return [*wrap, "--remount-ro", "/", "--", *command]

    def _chroot(self, command, environment, files):
        root = self.host("/")
        if self._share is None:
            shutil.copytree(self.image.root, root, symlinks=True)
            # HAProxy opens it; a plain file is one, too, and needs no device.
            (root / "dev/null").touch()
            (root / "dev/null").chmod(0o666)
            for volume in self.image.volumes:
                os.chown(self.host(volume), int(USER), int(USER))
        else:
            shutil.copy(f"{self.image.root}{command[0]}", f"{root}{command[0]}-beside")
            command = [f"{command[0]}-beside", *command[1:]]
        for path, content in files.items():
            self._write(self.host(path), content)
        return ["env", "-i", *(f"{name}={value}" for name, value in environment.items()),
                shutil.which("chroot", path="/usr/sbin:/sbin"), f"--userspec={USER}:{USER}", "--groups=", root, *command]

    @staticmethod
    def _write(path, content):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content.read_text() if isinstance(content, pathlib.Path) else content)
        path.chmod(0o644)

    def host(self, path):
        """Where a path of a volume (or of anything, under chroot) lies on this machine."""
        if self._share is not None:
            return self._share.host(path)
        return self.folder / "root" / path.strip("/")

    @property
    def haproxy(self):
        return Admin(str(self.host("/run/haproxy/admin.sock")))

    @property
    def first(self):
        """The pid of the image's first process."""
        if not has_namespaces():
            return self.program.pid
        return until(lambda: children(self.program.pid), "the box has begun")[0][0]

    def pids(self, name):
        """Of the programs of this name that the first process runs: `haproxy` is the master alone."""
        return [pid for pid, known in children(self.first) if known == name]

    def pid(self, name):
        return until(lambda: self.pids(name), f"{name} runs")[0]

    def workers(self):
        return [pid for pid, _ in children(self.pid("haproxy"))]

    @staticmethod
    def alive(pid):
        return os.path.exists(f"/proc/{pid}")

    def send(self, number):
        os.kill(self.first, number)

    def wait_up(self, seconds=10.0):
        self.program.wait_up(self.haproxy.pid, "HAProxy answers in the box", seconds)
        return self

    def wait_log(self, text, seconds=10.0):
        try:
            until(lambda: text in self.log(), f"the log says {text!r}", seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}; the log: {self.log()[-3000:]}") from None

    def wait_end(self, seconds=10.0):
        """The exit code."""
        until(lambda: not self.program.running(), "the box ends", seconds)
        return self.program.process.returncode

    def run_inside(self, *command):
        """A second process in the same image and volumes, as a health check is."""
        return subprocess.run(self._beside(command), capture_output=True, text=True, timeout=20)

    def _beside(self, command):
        return [*self.program.command[:self.program.command.index("--") + 1], *command] if has_namespaces() else \
            [*self.program.command[:self.program.command.index(str(self.host("/"))) + 1], *command]

    def log(self):
        return self.program.log()

    def stop(self):
        if self.program.running():
            self.send(signal.SIGTERM)
        self.program.stop()
