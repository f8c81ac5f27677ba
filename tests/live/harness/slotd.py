# SPDX-License-Identifier: MIT
"""slotd itself: as a daemon whose log is read, and as a command that ends."""

import json
import re
import signal
import subprocess

from .program import Program, clean_environment
from .wait import until


class Slotd:
    """`slotd run`, its log in a file. `arguments` come after `run`; `environment` is added to what there is."""

    def __init__(self, binary, log_path, arguments, environment=None):
        self.program = Program([binary, "run", *arguments], log_path, {**clean_environment(), **(environment or {})})

    @property
    def pid(self):
        return self.program.pid

    def log(self):
        return self.program.log()

    def lines(self, level=None):
        """The text log's lines, all or of one level: "2026-11-24T12:00:00.123Z info  web/s1 ..."."""
        lines = self.log().splitlines()
        return lines if level is None else [line for line in lines if line.split(maxsplit=2)[1:2] == [level]]

    def json_lines(self):
        return [json.loads(line) for line in self.log().splitlines()]

    def wait_log(self, pattern, seconds=5.0, after=0):
        """The first line that `pattern` (a regular expression) is found in, from line number `after` on."""
        def found():
            self.program.check_running()
            return next((line for line in self.lines()[after:] if re.search(pattern, line)), None)

        try:
            return until(found, f"a log line like {pattern!r}", seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}; the log ends: {self.lines()[-10:]}") from None

    def stop(self, how=signal.SIGTERM):
        """Seconds until it ended; `returncode` then says how."""
        return self.program.stop(how)

    @property
    def returncode(self):
        return self.program.process.returncode


def command(binary, arguments, seconds=20.0, environment=None):
    """A slotd command that ends by itself: returncode, stdout, stderr."""
    return subprocess.run([binary, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=seconds, env={**clean_environment(), **(environment or {})})
