# SPDX-License-Identifier: MIT
"""An image without an engine: the root file system that was built, and what the Containerfile says of its start."""

import json
import os
import pathlib
import re
import shlex
from dataclasses import dataclass, field

TOP = pathlib.Path(__file__).resolve().parents[2]
CONTAINERFILE = TOP / "container/Containerfile"


def instructions(path=CONTAINERFILE):
    """[(WORD, rest)], with continued lines joined."""
    text = re.sub(r"^#.*\n", "", path.read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    return [tuple(line.strip().split(None, 1)) for line in text.splitlines() if line.strip()]


@dataclass
class Image:
    """The last instruction of a kind counts, as in an engine."""

    name: str
    root: pathlib.Path
    environment: dict = field(default_factory=dict)
    labels: dict = field(default_factory=dict)
    volumes: list = field(default_factory=list)
    user: str = "0:0"
    entrypoint: list = field(default_factory=list)
    command: list = field(default_factory=list)
    health: list = field(default_factory=list)
    stop_signal: str = "SIGTERM"

    def take(self, word, rest):
        if word in ("ENV", "LABEL"):
            pairs = dict(pair.split("=", 1) for pair in shlex.split(rest))
            (self.environment if word == "ENV" else self.labels).update(pairs)
        elif word == "VOLUME":
            self.volumes += rest.split()
        elif word == "USER":
            self.user = rest
        elif word == "ENTRYPOINT":
            self.entrypoint = json.loads(rest)
        elif word == "CMD":
            self.command = json.loads(rest)
        elif word == "HEALTHCHECK":
            self.health = json.loads(rest[rest.index("CMD ") + 4:])
        elif word == "STOPSIGNAL":
            self.stop_signal = rest
        elif word == "COPY":
            # Whole, and nothing else: so the root file system that is tested is the image's.
            assert rest == f"--from=build /build/out/{self.name}/ /"
        else:
            raise ValueError(f"{self.name}: {word} is not looked at here")


def images(out=None):
    """{name: Image} of the stages that begin from scratch; `out` is where their root file systems are."""
    out = pathlib.Path(out or os.environ.get("SLOTD_IMAGES") or TOP / "build-container")
    found, image = {}, None
    for word, rest in instructions():
        if word == "FROM":
            base, _, name = rest.rpartition(" AS ")
            image = Image(name, out / name) if base == "scratch" else None
            if image:
                found[name] = image
        elif image:
            image.take(word, rest)
    return found
