#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each source file by itself, as a user compiles it: does it include all that it uses? (Unity builds do not tell.)

`each_file.py BUILD` reads every file of that configured build (Meson's, with g++), makes nothing of it, prints the
compiler's words about those at fault, and how many files it read.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[1]
# Half of the time is this header's, in every file that includes it. It is read ahead for those, and for them only: it
# hides nothing that it would not bring them itself.
DEAR = "asio/awaitable.hpp"
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def includes_of(path, folders, seen):
    """What <...> names in the file and in the project's own headers that it includes."""
    names = set()
    for bracket, name in INCLUDE.findall(path.read_text()):
        if bracket == "<":
            names.add(name)
            continue
        own = next((base / name for base in (path.parent, *folders) if (base / name).is_file()), None)
        if own and own not in seen:
            seen.add(own)
            names |= includes_of(own, folders, seen)
    return names


class Entry:
    """One of compile_commands.json."""

    def __init__(self, entry):
        self.folder = pathlib.Path(entry["directory"])
        self.path = (self.folder / entry["file"]).resolve()
        words = shlex.split(entry["command"])
        # Without what it is made of, into what, and for whom.
        for option, takes in {"-o": 1, "-c": 1, "-MD": 0, "-MQ": 1, "-MF": 1}.items():
            at = words.index(option)
            del words[at:at + 1 + takes]
        # Nor how code is made, which what is read ahead would have to be read for.
        self.command = [word for word in words if word not in ("-fPIC", "-fPIE")]
        folders = [self.folder / word[2:] for word in words if word.startswith("-I")]
        self.takes_dear = DEAR in includes_of(self.path, folders, set())

    def run(self, *arguments):
        done = subprocess.run([*self.command, *map(str, arguments)], cwd=self.folder, capture_output=True, text=True)
        return done.returncode == 0, done.stdout + done.stderr


def read_ahead(entries, build):
    """The header as g++ reads it fastest, where any file takes it."""
    entry = next((entry for entry in entries if entry.takes_dear), None)
    if not entry:
        return None
    header = build / "dear.hpp"
    header.write_text(f"#include <{DEAR}>\n")
    good, said = entry.run("-x", "c++-header", header, "-o", f"{header}.gch")
    if not good:
        sys.exit(said)
    return header


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    compiled = json.loads((build / "compile_commands.json").read_text())
    generated = [entry["file"] for entry in compiled if not (build / entry["file"]).exists()]
    if generated:
        subprocess.run(["ninja", "-C", build, *generated], check=True, stdout=subprocess.DEVNULL)
    entries = [Entry(entry) for entry in compiled]
    header = read_ahead(entries, build)

    def check(entry):
        first = ["-include", header, "-Winvalid-pch"] if entry.takes_dear else []
        return entry, *entry.run(*first, "-fsyntax-only", entry.path)

    bad = 0
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for entry, good, said in pool.map(check, entries):
            bad += not good
            if said:
                print(f"{entry.path.relative_to(TOP)}:\n{said}", end="")
    print(f"each file by itself: {len(entries)} files, {bad} at fault")
    return 1 if bad or not entries else 0


if __name__ == "__main__":
    sys.exit(main())
