# SPDX-License-Identifier: MIT
"""Where `meson install` puts things."""

import os
import subprocess

from program import only


def test_the_program_and_its_documents_are_installed_and_nothing_of_the_build(installed):
    program = only(installed, "bin/slotd")
    prefix = program.parents[1]
    assert os.access(program, os.X_OK)
    assert subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20).stdout.startswith("slotd ")
    for path in ("man/man1/slotd.1", "man/man5/slotd.toml.5", "bash-completion/completions/slotd",
                 "zsh/site-functions/_slotd", "fish/vendor_completions.d/slotd.fish"):
        assert (prefix / "share" / path).stat().st_size > 1000
    names = {path.name for path in installed.rglob("*") if path.is_file()}
    assert not [name for name in names if name.startswith(("slotd-documents", "test_", "lib"))]
