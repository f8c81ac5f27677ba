# SPDX-License-Identifier: MIT
"""What the documents point at is there."""

import re

import pytest

from program import TOP, slotd

DOCUMENTS = ["README.md", ".github/CONTRIBUTING.md", ".github/SECURITY.md", ".github/CHANGELOG.md"]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_leads_to_a_file(name):
    document = TOP / name
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text()):
        assert (document.parent / target).exists(), target


def test_readme_leads_to_every_document():
    readme = (TOP / "README.md").read_text()
    for name in DOCUMENTS[1:]:
        assert f"]({name})" in readme


def test_contributing_names_every_layer():
    text = (TOP / ".github/CONTRIBUTING.md").read_text()
    layers = {path.name for path in (TOP / "src").iterdir() if path.is_dir()}
    assert set(re.findall(r"^\| `src/(\w+)` ", text, flags=re.MULTILINE)) == layers


def test_the_newest_entry_of_the_changes_is_of_this_version():
    text = (TOP / ".github/CHANGELOG.md").read_text()
    assert re.search(r"^## ([\d.]+)", text, flags=re.MULTILINE)[1] == slotd("--version").stdout.split()[1]
