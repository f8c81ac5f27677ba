# SPDX-License-Identifier: MIT
"""An interactive shell on a terminal of its own, at which keys are pressed."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time


PROMPT = "ready> "


class Shell:
    def __init__(self, arguments, folder):
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.chdir(folder)
            os.execvpe(arguments[0], arguments, {"PATH": os.environ["PATH"], "TERM": "xterm", "LC_ALL": "C.UTF-8",
                                                 "HOME": str(folder), "PS1": PROMPT})
        # Wide, so that nothing is cut or broken.
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 100, 400, 0, 0))
        self.marks = 0
        self.read_until("")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        os.close(self.terminal)

    def press(self, keys):
        """Presses the keys, then empties the line and prints a mark: what the shell showed until then."""
        self.marks += 1
        # What is typed does not hold the mark itself.
        os.write(self.terminal, f"{keys}\x15echo mark''{self.marks}.\n".encode())
        seen = self.read_until(f"mark{self.marks}.")
        # Where the cursor goes to another line, another line begins; colours and the like are nothing.
        seen = re.sub(r"\x1b\[\d*[ABHd]", "\n", seen)
        return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[=>]|\r|\x07", "", seen)

    def read_until(self, mark, seconds=30):
        """... and a prompt after it: only then does the shell read keys, and not the terminal lines for it."""
        seen, deadline = "", time.monotonic() + seconds
        while PROMPT not in seen[seen.find(mark):] or mark not in seen:
            left = deadline - time.monotonic()
            assert left > 0 and select.select([self.terminal], [], [], left)[0], f"no {mark!r} in {seen!r}"
            seen += os.read(self.terminal, 65536).decode(errors="replace")
        return seen
