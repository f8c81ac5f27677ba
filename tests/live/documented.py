# SPDX-License-Identifier: MIT
"""The documents that README shows, for the tests that hold slotd's to them."""

import json
import pathlib

README = (pathlib.Path(__file__).resolve().parents[2] / "README.md").read_text()


def document_below(words):
    """The one that stands below these words, which README has once."""
    _, below = README.split(words)
    return json.loads(below.split("```json\n", 1)[1].split("```", 1)[0])
