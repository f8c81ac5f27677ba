# SPDX-License-Identifier: MIT
"""Each shell's completion, in that shell: it offers what --help names, and no other."""

import re
import shlex
import subprocess

import pytest

from program import named_under, only, slotd
from shell import Shell

COMMANDS = sorted(named_under("Subcommands"))


def choices():
    """(command, option, its choices) for each line of --help that ends with ": a, b or c"."""
    found = [(command, option, re.split(", | or ", words)) for command in ["", *COMMANDS]
             for option, words in re.findall(r"^  (--\S+) .*: ((?:[a-z]+, )*[a-z]+ or [a-z]+)$",
                                             slotd(*filter(None, [command]), "--help").stdout, flags=re.MULTILINE)]
    assert len(found) >= 5
    return found


def bash(installed, *words, tmp_path="."):
    """COMPREPLY for a command line that is split as bash does, and what the function asked of readline."""
    script = r"""
        compopt() { printf 'compopt %s\n' "$*"; }
        source "$1"; shift
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        [[ $(complete -p slotd) =~ -F\ ([a-z_]+) ]]
        set -u
        "${BASH_REMATCH[1]}"
        printf '%s\n' ${COMPREPLY+"${COMPREPLY[@]}"}"""
    said = subprocess.run(["bash", "--norc", "-c", script, "bash", only(installed, "completions/slotd"), "slotd", *words],
                          capture_output=True, text=True, timeout=20, cwd=tmp_path)
    assert (said.returncode, said.stderr) == (0, ""), said
    return [line for line in said.stdout.splitlines() if line]


def fish(installed, tmp_path, line):
    """As fish finds it where it is installed, which it does for programs in the PATH."""
    prefix = only(installed, "bin/slotd").parents[1]
    said = subprocess.run(["fish", "-c", f"complete -C {shlex.quote(line)}"], capture_output=True, text=True, timeout=20,
                          cwd=tmp_path, env={"PATH": f"{prefix}/bin:/usr/bin:/bin", "HOME": str(tmp_path), "LC_ALL": "C.UTF-8",
                                             "XDG_DATA_DIRS": f"{prefix}/share:/usr/share"})
    assert (said.returncode, said.stderr) == (0, ""), said
    return [one.split("\t")[0] for one in said.stdout.splitlines()]


def long_names(names):
    return {name for name in names if name.startswith("--")}


@pytest.fixture
def zsh(installed, tmp_path):
    with Shell(["zsh", "-f", "-i"], tmp_path) as shell:
        shell.press(f"LISTMAX=10000; fpath=({only(installed, '_slotd').parent} $fpath)\n")
        shell.press("autoload -Uz compinit; compinit -u -D; setopt auto_list no_list_beep no_menu_complete no_auto_menu\n")
        yield shell


@pytest.fixture
def real_bash(installed, tmp_path):
    with Shell(["bash", "--norc", "--noprofile", "-i"], tmp_path) as shell:
        shell.press(f"source {only(installed, 'completions/slotd')}; bind 'set show-all-if-ambiguous on'\n")
        yield shell


def test_bash_offers_the_commands_and_their_options(installed):
    assert sorted(bash(installed, "")) == COMMANDS
    assert bash(installed, "pl") == ["plan"]
    assert bash(installed, "--log-level", "debug", "-c", "run", "pl") == ["plan"]
    assert bash(installed, "--log-level", "=", "debug", "pl") == ["plan"]
    assert bash(installed, "-c", "x", "plan", "--fo") == ["--format"]
    assert bash(installed, "plan", "") == []
    for command in COMMANDS:
        assert set(bash(installed, command, "-")) == named_under("Options", command)
    assert set(bash(installed, "-")) == named_under("Options")
    assert bash(installed, "plan", "--exit-code", "--co") == ["--commands-only", "--config", "--consul"]


def test_bash_offers_the_choices_of_an_option_and_asks_for_files(installed):
    for command, option, words in choices():
        at = filter(None, [command])
        assert bash(installed, *at, option, "") == words
    assert bash(installed, "plan", "--format", "=") == ["text", "json"]
    assert bash(installed, "plan", "--format", "=", "j") == ["json"]
    for words in (["-c", ""], ["run", "--config", ""], ["run", "--config", "=", "/etc"], ["plan", "--socket", "/r"]):
        assert bash(installed, *words) == ["compopt -o default"]
    assert bash(installed, "run", "--consul", "") == []


def test_bash_completes_at_the_prompt(real_bash, tmp_path):
    (tmp_path / "my file.toml").touch()
    assert "slotd plan " in real_bash.press("slotd pl\t")
    assert "slotd plan --format=json " in real_bash.press("slotd plan --format=j\t")
    assert "slotd run -c my\\ file.toml " in real_bash.press("slotd run -c my\t")
    assert "--commands-only" in real_bash.press("slotd plan --co\t")


def test_fish_offers_the_commands_and_their_options(installed, tmp_path):
    assert sorted(fish(installed, tmp_path, "slotd ")) == COMMANDS
    assert fish(installed, tmp_path, "slotd ru") == ["run"]
    assert fish(installed, tmp_path, "slotd --log-level debug -c run pl") == ["plan"]
    assert fish(installed, tmp_path, "slotd -c x plan --fo") == ["--format"]
    assert fish(installed, tmp_path, "slotd plan ") == []
    for command in COMMANDS:
        assert set(fish(installed, tmp_path, f"slotd {command} --")) == long_names(named_under("Options", command))
    assert set(fish(installed, tmp_path, "slotd --")) == long_names(named_under("Options"))
    assert {"-c", "-h"} <= set(fish(installed, tmp_path, "slotd run -"))


def test_fish_offers_the_choices_of_an_option_and_files(installed, tmp_path):
    for command, option, words in choices():
        assert sorted(fish(installed, tmp_path, f"slotd {command} {option} ")) == sorted(words)
    (tmp_path / "own.toml").touch()
    assert fish(installed, tmp_path, "slotd run -c ow") == ["own.toml"]
    assert fish(installed, tmp_path, "slotd run --config=ow") == ["--config=own.toml"]
    assert fish(installed, tmp_path, "slotd run ow") == []


def listed(shown):
    """The options of a list that zsh shows, a line for each with its help."""
    return {name for line in re.findall(r"^(-.*?) +-- ", shown, flags=re.MULTILINE) for name in line.split()}


def test_zsh_completes_the_commands_and_their_options(zsh):
    assert "slotd plan " in zsh.press("slotd pl\t")
    shown = zsh.press("slotd \t")
    assert sorted(re.findall(r"^(\w[\w-]*) +-- ", shown, flags=re.MULTILINE)) == COMMANDS
    for command in COMMANDS:
        assert listed(zsh.press(f"slotd {command} -\t")) == named_under("Options", command)
    assert listed(zsh.press("slotd -\t")) == named_under("Options")
    assert "--commands-only" in zsh.press("slotd --log-level debug plan --comm\t")


def test_zsh_completes_the_choices_of_an_option_and_files(zsh, tmp_path):
    for command, option, words in choices():
        shown = zsh.press(f"slotd {command} {option} \t")
        assert set(words) <= set(shown.split()), (command, option)
    assert "--format=json" in zsh.press("slotd plan --format=j\t")
    (tmp_path / "own.toml").touch()
    assert "slotd run -c own.toml " in zsh.press("slotd run -c ow\t")


@pytest.mark.parametrize("shell, name", [("bash", "completions/slotd"), ("zsh", "_slotd"), ("fish", "slotd.fish")])
def test_the_shell_takes_the_file(installed, shell, name):
    said = subprocess.run([shell, "-n", only(installed, name)], capture_output=True, text=True, timeout=20)
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")
