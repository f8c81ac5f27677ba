# SPDX-License-Identifier: MIT
"""slotd.service as it is installed, judged by systemd's own tools, which need no systemd that runs."""

import os
import re
import subprocess

import pytest

from program import TOP, only

MOST_EXPOSURE = 2.0


def said_by(command, **environment):
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, env={**os.environ, **environment})
    return said.returncode, said.stdout + said.stderr


def directives(text):
    """[(name, value), ...], without the comments."""
    return re.findall(r"^(\w+)=(.*)$", text, flags=re.MULTILINE)


@pytest.fixture(scope="module")
def unit(installed):
    return only(installed, "lib/systemd/system/slotd.service")


def test_it_runs_what_is_installed(installed, unit):
    started = dict(directives(unit.read_text()))["ExecStart"]
    assert "/" + str(only(installed, "bin/slotd").relative_to(installed)) + " run" == started


def test_its_exposure_is_low(unit):
    code, said = said_by(["systemd-analyze", "security", "--offline=true", "--no-pager",
                          f"--threshold={MOST_EXPOSURE * 10:.0f}", unit])
    exposure = float(re.search(r"Overall exposure level for slotd.service: ([\d.]+)", said)[1])
    assert code == 0 and exposure <= MOST_EXPOSURE, said


def test_it_is_verified_with_its_manual(installed, unit, tmp_path):
    # The program is where it was installed, not yet where the unit will find it.
    moved = tmp_path / "slotd.service"
    moved.write_text(re.sub(r"^ExecStart=", rf"ExecStart={installed}", unit.read_text(), flags=re.MULTILINE))
    said = said_by(["systemd-analyze", "verify", moved], MANPATH=f"{only(installed, 'man1').parent}:")
    assert said == (0, "")


def test_sysusers_makes_its_user(installed, unit, tmp_path):
    (tmp_path / "etc").mkdir()
    code, said = said_by(["systemd-sysusers", f"--root={tmp_path}", only(installed, "lib/sysusers.d/slotd.conf")])
    assert code == 0, said
    user = dict(directives(unit.read_text()))["User"]
    name, _, uid, _, _, home, shell = (tmp_path / "etc/passwd").read_text().strip().split(":")
    assert (name, home, shell.rsplit("/", 1)[1]) == (user, "/var/lib/slotd", "nologin")
    assert 0 < int(uid) < 1000


def test_it_gives_the_folders_that_the_examples_name(unit):
    given = dict(directives(unit.read_text()))
    example = (TOP / "examples/slotd.toml").read_text()
    assert f"unix:/run/{given['RuntimeDirectory']}/" in example
    assert f'state_dir = "/var/lib/{given["StateDirectory"]}"' in example
    state_file = re.search(r'state_file = "([^"]+)"', example)[1]
    assert os.path.dirname(state_file) == given["ReadWritePaths"].lstrip("-")
