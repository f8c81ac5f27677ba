# SPDX-License-Identifier: MIT
"""The man pages as they are installed: they render without a warning and say what --help says."""

import os
import re
import subprocess

import pytest

from program import known_keys, known_sections, named_under, only

PAGES = ["man1/slotd.1", "man5/slotd.toml.5"]


def rendered(page):
    said = subprocess.run(["man", "--warnings=w", "-E", "UTF-8", "-P", "cat", "-l", page], capture_output=True, text=True,
                          timeout=20, env={**os.environ, "LC_ALL": "C.UTF-8", "MANWIDTH": "200", "MAN_KEEP_FORMATTING": ""})
    assert (said.returncode, said.stderr) == (0, "")
    return said.stdout


def section(text, title):
    return re.search(rf"^{re.escape(title)}\n((?: .*\n|\n)+)", text, flags=re.MULTILINE)[1]


def tags(text, after=0):
    """The first words of the items in a section, after some lines of another kind."""
    return set(re.findall(r"^       (\S+)", text, flags=re.MULTILINE)[after:])


def test_man_finds_the_pages(installed):
    manual = only(installed, "man1").parent
    for number, name in (("1", "slotd"), ("5", "slotd.toml")):
        found = subprocess.run(["man", "-M", manual, "-w", number, name], capture_output=True, text=True, timeout=20)
        assert found.stdout.strip() == str(manual / f"man{number}/{name}.{number}"), found


@pytest.mark.parametrize("page", PAGES)
def test_a_page_renders_without_a_warning(installed, page):
    path = only(installed, page)
    assert len(rendered(path).splitlines()) > 60
    groff = subprocess.run(["groff", "-ww", "-b", "-z", "-man", "-K", "utf8", path], capture_output=True, text=True,
                           timeout=20)
    assert (groff.returncode, groff.stderr) == (0, "")
    lint = subprocess.run(["mandoc", "-T", "lint", path], capture_output=True, text=True, timeout=20).stdout
    # The version stands where other pages have their date.
    assert [line for line in lint.splitlines() if "missing date" not in line] == []


def test_the_page_has_the_options_facts_and_commands_that_help_has_and_no_other(installed):
    text = rendered(only(installed, "slotd.1"))
    commands = named_under("Subcommands")
    assert len(commands) >= 3
    assert set(re.findall(r"^   slotd (\S+)$", text, flags=re.MULTILINE)) == commands
    options = set.union(named_under("Options"), *(named_under("Options", command) for command in commands))
    shown = section(text, "COMMANDS") + section(text, "OPTIONS")
    assert set(re.findall(r"(?<![\w-])--?[a-z][\w-]*", shown)) == options
    for title, heading in (("Environment", "ENVIRONMENT"), ("Signals", "SIGNALS"), ("Exit codes", "EXIT STATUS")):
        assert tags(section(text, heading)) == named_under(title)


def test_the_page_of_the_configuration_has_the_keys_that_the_parser_names(installed):
    text = rendered(only(installed, "slotd.toml.5"))
    headings = set(re.findall(r"^\[(\S+)\]$", text, flags=re.MULTILINE))
    assert headings == known_sections() and len(headings) >= 4
    # [defaults] says that it has the keys of [backend.NAME].
    # What stands in [kv] are names.
    assert tags(section(text, "[kv]"), after=1) == {"NAME"}
    for name in headings - {"defaults", "kv"}:
        assert tags(section(text, f"[{name}]"), after=1) == known_keys(name)
