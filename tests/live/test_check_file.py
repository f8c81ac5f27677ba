# SPDX-License-Identifier: MIT
"""`slotd check` on the file that slotd manages: each fault is told by its code, and nothing is changed."""

import json
import os

import pytest

from .managed import Managed


@pytest.fixture
def managed(world):
    managed = Managed(world)
    managed.add("web")
    return managed


def faults(managed, more="", good=()):
    """The codes of what is wrong with the file; `good` are those that are ok."""
    said = managed.command("check", "--format", "json", more=more)
    assert said.stderr == ""
    findings = [one for one in json.loads(said.stdout)["findings"] if one["area"] == "file"]
    assert {one["code"] for one in findings if one["level"] == "ok"} == set(good), findings
    wrong = [one for one in findings if one["level"] != "ok"]
    assert all(one["hint"] for one in wrong), findings
    assert said.returncode == any(one["level"] == "failure" for one in json.loads(said.stdout)["findings"])
    return {one["code"] for one in wrong}


def contents(managed):
    return sorted((folder, name) for folder, _, names in os.walk(managed.folder) for name in names)


def test_before_anything_was_rendered_nothing_is_made(managed):
    before = contents(managed), os.listdir(managed.state_dir)
    assert faults(managed, good={"file-check-passes", "file-missing"}) == {"file-reload-impossible"}
    assert (contents(managed), os.listdir(managed.state_dir)) == before


def test_what_is_in_place(managed):
    managed.render()
    managed.start()
    good = {"file-check-passes", "file-reload-possible"}
    assert faults(managed, good=good | {"file-in-place"}) == set()
    managed.add("api")
    assert faults(managed, good=good) == {"file-old"}
    managed.render()
    assert managed.command("rollback").returncode == 0
    before = contents(managed)
    assert faults(managed, good=good | {"file-in-place"}) == {"file-pinned"}
    with open(managed.output, "a") as file:
        file.write("# by hand\n")
    assert faults(managed, good=good) == {"file-pinned", "file-edited"}
    assert contents(managed) == before


def test_a_template_that_is_none_or_that_haproxy_does_not_take(managed):
    good = managed.text
    managed.write_template(good.replace("{{name}}", "{{nam}}", 1))
    said = managed.command("check").stdout
    assert f"failure  file {managed.template}:" in said
    managed.write_template(good + "nonsense\n")
    assert faults(managed, good={"file-missing"}) == {"file-check-fails", "file-reload-impossible"}
    assert "nonsense" in managed.command("check").stdout
    managed.write_template(good)
    assert "file-check-fails" in faults(managed, 'check = ["/no/haproxy", "{file}"]', good={"file-missing"})


@pytest.mark.parametrize("by, why", [
    (["no-such-program", "x"], "no-such-program: there is no such program that slotd may run (`reload` in [file] names it)"),
    ("signal:/no/pid", "/no/pid: can't be read: No such file or directory (HAProxy's `pidfile`"),
    ("master:/no/socket", "/no/socket: can't connect: No such file or directory (")])
def test_a_reload_that_slotd_can_not_make(managed, by, why):
    managed.reload_by = json.dumps(by)
    assert f"failure  file {managed.output}: slotd can't reload HAProxy: {why}" in managed.command("check").stdout
    managed.reload_by = json.dumps(["true"])
    assert f"ok       file {managed.output}: it is loaded by the command true\n" in managed.command("check").stdout
