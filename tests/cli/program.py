# SPDX-License-Identifier: MIT
"""The built binary and how it is run."""

import os
import pathlib
import re
import subprocess

TOP = pathlib.Path(__file__).resolve().parents[2]
SLOTD = os.environ.get("SLOTD") or str(TOP / "build/src/app/slotd")


def build_folder():
    """Where Meson built; SLOTD may name a binary from elsewhere."""
    beside = pathlib.Path(SLOTD).resolve().parents[2]
    return beside if (beside / "build.ninja").is_file() else TOP / "build"


def slotd(*arguments, **environment):
    clean = {key: value for key, value in os.environ.items() if not key.startswith("CONSUL_")}
    return subprocess.run([SLOTD, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20,
                          env={**clean, **environment})


def only(folder, pattern):
    """The one file under the folder that the pattern names."""
    found = list(folder.rglob(pattern))
    assert len(found) == 1, (pattern, found)
    return found[0]


def named_under(title, *command):
    """The first words of the lines under a title of --help: names of options lose their value."""
    block = re.search(rf"^{title}:\n((?:  .*\n)+)", slotd(*command, "--help").stdout, flags=re.MULTILINE)
    if not block:
        return set()
    lines = re.findall(r"^  (\S+)", re.sub(r"^  An option beats.*\n", "", block[1], flags=re.MULTILINE),
                       flags=re.MULTILINE)
    return {name for line in lines for name in line.split(",")}


def refusal(text):
    """What `slotd run` says of a configuration."""
    return subprocess.run([SLOTD, "run", "-c", "/dev/stdin"], input=text, capture_output=True, text=True, timeout=20).stderr


def known_sections():
    """{"consul", "backend.NAME", ...}, as the parser names them."""
    return set(re.findall(r"\[([^]]+)\]", re.search(r"the sections are (.*)\)", refusal("[none]\n"))[1]))


def known_keys(section):
    """The keys of a section, as the parser names them."""
    said = refusal(f"[{section}]\nnone = 1\n")
    return set(re.search(r"the keys of \[.*?\] are (.*)\)", said)[1].split(", "))
