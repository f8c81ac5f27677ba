# SPDX-License-Identifier: MIT
"""`slotd render`, `history` and `rollback` by hand."""

import os
import pathlib
import pty
import re
import subprocess

import pytest

from .harness.program import clean_environment
from .harness.wait import until
from .managed import Managed


@pytest.fixture
def managed(world):
    return Managed(world)


@pytest.mark.one_haproxy
def test_who_only_looks_makes_nothing_and_is_told_what_it_may_not_see(world, managed):
    managed.add("web")
    for arguments in (["history"], ["render", "--stdout"], ["render", "--diff"], ["render", "--check"], ["check"]):
        managed.command(*arguments)
        assert os.listdir(managed.state_dir) == [], arguments
    managed.render()
    path = managed.configure()
    as_nobody = world.as_nobody(path)
    if as_nobody is None:
        return
    os.chmod(path, 0o644)
    for command in (["history"], ["render", "--diff", "--consul", managed.consul.url]):
        said = as_nobody(*command, "--socket", managed.socket, "-c", path)
        assert (said.returncode, said.stdout) == (1, ""), said
        assert f"slotd: {managed.state_dir}/file/" in said.stderr, said
        assert "can't be read: Permission denied (the folder must be slotd's own user's: run this as" in said.stderr


def test_a_render_by_hand_and_the_way_back(managed):
    managed.add("web", meta={"slotd-slots": "3", "team": "a b"})
    text = managed.render("--stdout")
    assert "backend web\n    balance roundrobin\n    # of web, 3 slots haproxy a\\x20b\n" in text
    assert "    server-template s 1-3 web.service.slots.invalid:1 disabled init-addr last,127.0.0.1\n" in text
    assert managed.render("--check") == f"HAProxy takes what would be {managed.output}\n"
    assert "\n+backend web\n" in managed.render("--diff")
    assert not os.path.exists(managed.output) and managed.versions() == []

    assert f"{managed.output}: version 1 (web came) is in place, and no HAProxy answers" in managed.render()
    assert managed.read() == text
    managed.start()
    assert managed.render() == f"{managed.output} is up to date\n"
    assert managed.versions() == [("*1", "good", "web came")]

    managed.add("api")
    before = managed.pid()
    diff = managed.render("--diff")
    assert diff.startswith(f"--- {managed.output}\n+++ {managed.output} as it would be\n")
    assert "\n+backend api\n" in diff and "\x1b" not in diff
    assert managed.render() == f"{managed.output}: version 2 (api came) is in place and loaded\n"
    assert managed.pid() not in (0, before) and managed.backends() == {"web", "api"}
    assert managed.command("history", "show", "1").stdout == text
    assert managed.command("history", "show", "2").stdout == managed.read()
    assert "\n+backend api\n" in managed.command("history", "diff", "1").stdout
    assert "\n-backend api\n" in managed.command("history", "diff", "2", "1").stdout
    assert managed.command("history", "diff", "2").stdout == ""

    said = managed.command("rollback")
    assert said.returncode == 0
    assert said.stdout == (f"{managed.output}: version 3 (rollback) is in place and loaded\n"
                           "it is pinned: nothing is rendered until `slotd render --unpin`\n")
    assert managed.read() == text and managed.backends() == {"web"}
    assert "version 3 is pinned since `slotd rollback`" in managed.render(code=1)
    assert "version 3 is pinned" in managed.command("render", "--diff").stderr
    assert managed.read() == text
    assert managed.render("--unpin") == f"{managed.output}: version 4 (rendered by hand) is in place and loaded\n"
    assert managed.versions() == [("1", "good", "web came"), ("2", "good", "api came"),
                                  ("3", "good", "rollback to version 1"), ("*4", "good", "rendered by hand")]
    assert managed.command("rollback", "1").returncode == 0
    assert managed.read() == text


def test_what_haproxy_refuses_stays_out_and_is_said(managed):
    managed.add("web")
    managed.render()
    managed.start()
    before, text = managed.pid(), managed.read()
    managed.write_template(managed.text + "    nonsense here\n")
    for arguments in (["--check"], []):
        said = managed.render(*arguments, code=1)
        assert "unknown keyword 'nonsense'" in said, said
    assert "stays as it is, HAProxy's check refuses version 2" in said
    assert (managed.read(), managed.pid()) == (text, before)
    assert managed.versions()[-1][:2] == ("2", "refused")
    assert "nonsense here" in managed.command("history", "show", "2").stdout
    said = managed.command("rollback", "2")
    assert said.returncode == 1 and "unknown keyword 'nonsense'" in said.stderr
    assert (managed.read(), managed.pid()) == (text, before)
    assert os.listdir(managed.folder).count(".haproxy.cfg.slotd") == 0


def test_a_file_that_somebody_else_wrote_is_kept(managed):
    managed.add("web")
    with open(managed.output, "w") as file:
        file.write("# mine\n")
    os.chmod(managed.output, 0o640)
    said = managed.render(code=1)
    assert "was written by somebody else, which is kept as version 1 and left alone" in said
    assert managed.read() == "# mine\n"
    managed.render("--force")
    assert "backend web" in managed.read()
    assert os.stat(managed.output).st_mode & 0o777 == 0o640
    assert managed.command("history", "show", "1").stdout == "# mine\n"
    managed.start()
    with open(managed.output, "a") as file:
        file.write("# a hand\n")
    edited = managed.read()
    assert "kept as version 3" in managed.render(code=1)
    assert managed.read() == edited
    managed.render("--force")
    assert "a hand" not in managed.read()
    assert managed.command("history", "show", "3").stdout == edited


def on_terminal(managed, *arguments, **environment):
    """What a command prints when its output is a terminal."""
    leader, terminal = pty.openpty()
    path = managed.world.config(managed.config())
    # Without its own HAProxy's socket and Consul: those are in the file or on the command line.
    subprocess.run([managed.world.binaries["slotd"], *arguments, "--socket", managed.socket, "--consul",
                    managed.consul.url, "-c", path], stdin=terminal, stdout=terminal, stderr=terminal, timeout=20,
                   check=True, env={**clean_environment(), **environment})
    os.close(terminal)
    text = b""
    try:
        while part := os.read(leader, 65536):
            text += part
    except OSError:  # the terminal's end
        pass
    os.close(leader)
    return text.decode()


def test_colours_on_a_terminal_only_and_never_with_no_color(managed):
    managed.add("web")
    managed.render()
    managed.write_template(managed.text + "# more\n")
    managed.render()
    for arguments in (["render", "--diff"], ["history", "diff", "1", "2"]):
        managed.write_template(managed.text + "# and more\n")
        assert re.search(r"\x1b\[\d+m\+# .*more", on_terminal(managed, *arguments))
        plain = on_terminal(managed, *arguments, NO_COLOR="1")
        assert "\x1b" not in plain and "more" in plain


@pytest.mark.one_haproxy
def test_wrong_use_is_said_with_exit_code_2(world, managed):
    managed.add("web")
    for arguments in (["rollback"], ["rollback", "1"], ["history", "show", "9"], ["history", "diff", "9"]):
        said = managed.command(*arguments)
        assert (said.returncode, said.stdout) == (1, ""), (arguments, said)
        assert "there are no versions yet (the first is made when" in said.stderr
    said = managed.command("history")
    assert (said.returncode, said.stdout) == (0, "") and "there are no versions yet" in said.stderr
    with open(managed.output, "w") as file:
        file.write("# mine\n")
    managed.render(code=1)
    said = managed.command("rollback")
    assert said.returncode == 1 and "no other version was good" in said.stderr, said
    for arguments, why in [
        (["render", "--diff", "--stdout"], "only one of --diff, --check and --stdout"),
        (["render", "--diff", "--force"], "--force: nothing is written, so there is nothing for it"),
        (["history", "show"], "which version?"),
        (["history", "show", "1", "2"], "`show` takes one version"),
        (["history", "list"], '"list" is not one of show, diff'),
        (["history", "show", "x"], '"x" is no version\'s number'),
        (["history", "show", "9"], "there is no version 9"),
        (["history", "diff", "9"], "no version is in place"),
        (["rollback", "9"], "there is no version 9 (`slotd history` lists them)"),
    ]:
        said = managed.command(*arguments)
        assert (said.returncode, said.stdout) == (2, ""), (arguments, said)
        assert why in said.stderr, (arguments, said)
    for name in ("render", "history", "rollback"):
        said = world.command(name, managed, managed.consul)
        assert said.returncode == 2 and "no managed file is configured (it needs [file] with" in said.stderr
    managed.consul.stop()
    assert "Consul's list of services: http" in managed.render(code=1)


@pytest.mark.one_haproxy
def test_the_way_back_needs_no_consul(managed):
    managed.add("web")
    managed.render()
    managed.write_template(managed.text + "# more\n")
    managed.start()
    managed.render()
    managed.consul.stop()
    broken = """[consul]
token_file = "/no/such/token"
ca_file = "/no/such/authority"
"""
    assert "can't be read" in managed.render("--diff", code=1, more=broken)
    assert managed.command("history", more=broken).stdout.count("\n") == 3
    assert managed.command("rollback", more=broken).returncode == 0
    assert not managed.read().endswith("# more\n")


def test_every_way_to_reload(world):
    """By the master's socket, by a signal, and by a command that fails."""
    managed = Managed(world)
    managed.add("web")
    managed.render()
    managed.start()
    for number, reload in enumerate((f'"master:{managed.master.socket}"', f'"signal:{managed.pid_file}"',
                                     f'["sh", "-c", "kill -USR2 $(cat {managed.pid_file})"]')):
        before = managed.pid()
        managed.reload_by = reload
        managed.write_template(managed.text + f"# {number}\n")
        managed.render()
        until(lambda: managed.pid() not in (0, before), f"reloaded by {reload}")
        managed.wait_master()
    managed.reload_by = '["sh", "-c", "echo no bus; exit 3"]'
    before = managed.read()
    managed.write_template(managed.text + "# and\n")
    said = managed.render(code=1)
    assert "the command sh (exit code 3): no bus" in said
    assert managed.read() == before


def test_the_example_template_is_one_that_haproxy_takes(world):
    text = (pathlib.Path(__file__).resolve().parents[2] / "examples/haproxy.cfg.template").read_text()
    for path, name in (("/run/haproxy/admin.sock", "@SOCKET@"), ("/var/lib/haproxy/state", "@STATE@"), (":8080", "127.0.0.1:@PORT@")):
        assert text.count(path) == 1
        text = text.replace(path, name)
    managed = Managed(world, template=text)
    # HAProxy 2.6 warns while the state file is not there yet.
    with open(managed.state_file, "w") as state:
        state.write("1\n")
    assert "WARNING" not in managed.render() + checked(managed)
    managed.add("web")
    managed.render()
    assert "WARNING" not in checked(managed)
    managed.start()
    assert managed.backends() == {"web"}


def checked(managed):
    said = subprocess.run([managed.binary, "-c", "-f", managed.output], capture_output=True, text=True, timeout=20)
    assert said.returncode == 0, said
    return said.stderr
