#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each source file by itself, as a user compiles it: does it include all that it uses? (Unity builds do not tell.)

`each_file.py BUILD` reads every file of that configured build (Meson's, with g++), makes nothing of it, prints the
compiler's words about them, and how many it read.
"""

import concurrent.futures
import json
import os
import pathlib
import shlex
import subprocess
import sys

from layers import INCLUDE

TOP = pathlib.Path(__file__).resolve().parents[1]
# Half of the time is this header's, in every file that includes it. It is read ahead for those, and for them only.
DEAR = "asio/awaitable.hpp"
# What a command holds of where its file is compiled to (and how many words more), and of how: nothing is compiled, and
# what is read ahead would have to be read for each.
MAKES = {"-o": 1, "-c": 1, "-MD": 0, "-MQ": 1, "-MF": 1, "-fPIC": 0, "-fPIE": 0, "-fdiagnostics-color=always": 0}
MOST_LINES = 40  # of a file


class Entry:
    """One of compile_commands.json."""

    def __init__(self, entry):
        self.folder = pathlib.Path(entry["directory"])
        self.path = (self.folder / entry["file"]).resolve()
        self.command = shlex.split(entry["command"])
        for option, more in MAKES.items():
            if option in self.command:
                at = self.command.index(option)
                del self.command[at:at + 1 + more]
        self._folders = [self.folder / word[2:] for word in self.command if word.startswith("-I")]
        self.headers = set()  # the project's own that it includes
        self.takes_dear = DEAR in self.includes_of(self.path, self.headers)

    def includes_of(self, path, seen):
        """What <...> names in the file and in the project's own headers that it includes."""
        names = set()
        for bracket, name in INCLUDE.findall(path.read_text()):
            if bracket == "<":
                names.add(name)
                continue
            own = next((base / name for base in (path.parent, *self._folders) if (base / name).is_file()), None)
            if own and own.resolve() not in seen:
                seen.add(own.resolve())
                names |= self.includes_of(own, seen)
        return names

    def run(self, *arguments):
        done = subprocess.run([*self.command, *map(str, arguments)], cwd=self.folder, capture_output=True, text=True)
        return done.returncode == 0, done.stdout + done.stderr


def generate(build, compiled):
    files = [entry["file"] for entry in compiled if (build / entry["file"]).resolve().is_relative_to(build)]
    if not files:
        return
    made = subprocess.run(["ninja", "-C", build, *files], capture_output=True, text=True)
    if made.returncode != 0:
        sys.exit(made.stdout + made.stderr)


def read_ahead(entries, build):
    """The header as g++ reads it fastest, if any file takes it."""
    entry = next((entry for entry in entries if entry.takes_dear), None)
    if not entry:
        return None
    header = build / "dear.hpp"
    header.write_text(f"#include <{DEAR}>\n")
    good, said = entry.run("-x", "c++-header", header, "-o", f"{header}.gch")
    if not good:
        sys.exit(said)
    return header


def never_alone(entries):
    """Headers that do not include what is read ahead, and that only those files include for which it is: what they
    lack themselves would not be noticed there."""
    alone = {header for entry in entries if not entry.takes_dear for header in entry.headers}
    found = {header: entry for entry in entries for header in entry.headers - alone}
    return [(header, entry) for header, entry in sorted(found.items()) if DEAR not in entry.includes_of(header, set())]


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    compiled = json.loads((build / "compile_commands.json").read_text())
    generate(build, compiled)
    entries = [Entry(entry) for entry in compiled]
    dear = read_ahead(entries, build)

    def read(task):
        path, entry = task
        if path.suffix == ".hpp":
            return path, *entry.run("-include", path, "-fsyntax-only", "-x", "c++", "/dev/null")
        first = ["-include", dear, "-Winvalid-pch"] if entry.takes_dear else []
        return path, *entry.run(*first, "-fsyntax-only", path)

    tasks = [(entry.path, entry) for entry in entries] + never_alone(entries)
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for path, good, said in pool.map(read, tasks):
            bad += not good
            if said:
                print(f"{path.relative_to(TOP)}:", *said.splitlines()[:MOST_LINES], sep="\n")
    print(f"each file by itself: {len(tasks)} files, {bad} at fault")
    return 1 if bad or not entries else 0


if __name__ == "__main__":
    sys.exit(main())
