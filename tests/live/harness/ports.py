# SPDX-License-Identifier: MIT
"""Ports below 32768, each given once over all test processes of this machine.

Above 32768 the kernel hands out client ports, and a TIME_WAIT socket there makes a server's bind fail.
"""

import fcntl
import os
import socket
import tempfile

BLOCK = 20
FIRST, LAST = 20000, 32000


def _usable(port):
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            with socket.socket(family, kind) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((host, port))
                except OSError:
                    return False
    return True


class Ports:
    """Claims blocks of ports by locked files, so processes side by side never get the same one."""

    def __init__(self):
        self._locks = []
        self._left = []
        self._folder = os.path.join(tempfile.gettempdir(), f"slotd-ports-{os.getuid()}")
        os.makedirs(self._folder, exist_ok=True)
        # Workers begin at different places, or each would try the others' blocks first.
        self._next = FIRST + (os.getpid() * 7 % ((LAST - FIRST) // BLOCK)) * BLOCK

    def take(self):
        while not self._left:
            self._claim_block()
        return self._left.pop(0)

    def close(self):
        for lock in self._locks:
            lock.close()
        self._locks.clear()
        self._left.clear()

    def _claim_block(self):
        for _ in range((LAST - FIRST) // BLOCK):
            block = self._next
            self._next = FIRST + (block + BLOCK - FIRST) % (LAST - FIRST)
            lock = open(os.path.join(self._folder, str(block)), "w")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                lock.close()
                continue
            self._locks.append(lock)
            self._left = [port for port in range(block, block + BLOCK) if _usable(port)]
            return
        raise RuntimeError("no block of free ports is left between 20000 and 32000")
