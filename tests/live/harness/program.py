# SPDX-License-Identifier: MIT
"""A child process that never outlives its parent."""

import ctypes
import os
import signal
import subprocess
import time

from .wait import until

_libc = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1


def _die_with_parent():
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Program:
    """Runs `command`, its output in the file `log_path`; ended by `stop` or with this process."""

    def __init__(self, command, log_path, env=None):
        self.command = [str(part) for part in command]
        self.log_path = str(log_path)
        with open(self.log_path, "ab") as log:
            # A session of its own: Ctrl-C goes to the parent alone, which then ends all in order.
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env,
                                            start_new_session=True, preexec_fn=_die_with_parent)

    @property
    def pid(self):
        return self.process.pid

    def running(self):
        return self.process.poll() is None

    def log(self):
        with open(self.log_path, errors="replace") as log:
            return log.read()

    def check_running(self):
        """An error with the end of the log when the program is gone already."""
        if not self.running():
            raise RuntimeError(f"{self.command[0]} ended with {self.process.returncode}:\n{self.log()[-2000:]}")

    def wait_up(self, condition, what, seconds=10.0):
        """Until `condition()`; a program that does not come up is ended at once."""
        def up():
            self.check_running()
            return condition()

        try:
            until(up, what, seconds)
        except BaseException:
            self.stop(signal.SIGKILL)
            raise

    def stop(self, how=signal.SIGTERM, seconds=5.0):
        """Ends the program and says how long that took; one that does not go is killed."""
        began = time.monotonic()
        if self.running():
            self.process.send_signal(how)
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        return time.monotonic() - began


def clean_environment():
    """Without what would point slotd or Consul to somebody's real Consul."""
    return {key: value for key, value in os.environ.items() if not key.startswith("CONSUL_")}
