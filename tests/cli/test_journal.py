# SPDX-License-Identifier: MIT
"""The log is written for the journal where that is what reads it, and for people else."""

import os
import re
import subprocess

import pytest

from program import SLOTD


def said(tmp_path, shift=0, *options, config=""):
    """What `slotd run --once` writes to a file that JOURNAL_STREAM names, or not quite."""
    (tmp_path / "slotd.toml").write_text(config or '[haproxy]\nsockets = ["/no/such/socket"]\n')
    with open(tmp_path / "stderr", "w+") as stderr:
        about = os.fstat(stderr.fileno())
        subprocess.run([SLOTD, "run", "--once", "-c", tmp_path / "slotd.toml", *options], stderr=stderr, timeout=20,
                       env={**os.environ, "JOURNAL_STREAM": f"{about.st_dev}:{about.st_ino + shift}"})
        stderr.seek(0)
        return stderr.read()


def test_lines_for_the_journal_begin_with_their_priority(tmp_path):
    assert re.fullmatch(r"<3>error .*socket /no/such/socket.*\n", said(tmp_path))


def test_so_do_its_json_lines_and_what_ends_it_before_it_logs(tmp_path):
    assert re.fullmatch(r'<3>\{"time":.*\}\n', said(tmp_path, 0, "--log-format", "json"))
    assert re.fullmatch(r"<3>slotd: .*consul.*\n", said(tmp_path, config="[consul]\nx = 1\n"))


@pytest.mark.parametrize("format, expected", [("text", r"\d{4}-.*Z error "), ("json", r'\{"time"')])
def test_lines_for_anybody_else_do_not(tmp_path, format, expected):
    assert re.match(expected, said(tmp_path, 1, "--log-format", format))
