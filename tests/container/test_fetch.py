# SPDX-License-Identifier: MIT
"""Which versions the image's build takes when Debian has come to newer ones: its step `fetch`, with an archive of our own."""

import os
import pathlib
import subprocess

import pytest

STEP = pathlib.Path(__file__).resolve().parents[2] / "container/steps/fetch"
# What the lists say is in ARCHIVE/lists, or after a second update in ARCHIVE/newer; what can be had in ARCHIVE/pool.
APT = """#!/bin/bash
while [[ $1 == -* ]]; do if [ "$1" = -o ]; then shift; fi; shift; done
echo "$*" >>"$ARCHIVE/asked"
case $1 in
    update) ! [ -e "$ARCHIVE/updated" ] || ! [ -e "$ARCHIVE/newer" ] || mv "$ARCHIVE/newer" "$ARCHIVE/lists"
        touch "$ARCHIVE/updated" ;;
    showsrc | show) grep -q "^${*: -1} " "$ARCHIVE/lists" || { echo "Version: 1.0" && exit; }
        sed -n "s/^${*: -1} /Version: /p" "$ARCHIVE/lists" ;;
    source) grep -qx "$2" "$ARCHIVE/gone" && exit 100; mkdir "${2/=/-}" ;;
    download) grep -qx "$2" "$ARCHIVE/gone" && exit 100; touch "${2/=/_}.deb" ;;
esac
"""


class Archive:
    def __init__(self, folder):
        self.folder = folder
        (folder / "bin").mkdir()
        for name, text in (("apt-get", APT), ("apt-cache", APT), ("dpkg-deb", "#!/bin/sh\n")):
            (folder / "bin" / name).write_text(text)
            (folder / "bin" / name).chmod(0o755)
        self.lists("haproxy 2.6.1", "libc6 2.36")
        self.gone()

    def lists(self, *lines, name="lists"):
        (self.folder / name).write_text("".join(f"{line}\n" for line in lines))

    def gone(self, *packages):
        (self.folder / "gone").write_text("".join(f"{package}\n" for package in packages))

    def fetch(self, **environment):
        return subprocess.run([STEP], capture_output=True, text=True, timeout=60, env={
            **os.environ, "PATH": f"{self.folder}/bin:{os.environ['PATH']}", "ARCHIVE": str(self.folder), "LENIENT": "0",
            "DEPS": str(self.folder / "deps"), "OUT": str(self.folder / "out"), **environment})

    def haproxy(self):
        return (self.folder / "deps/sources/haproxy/version").read_text().strip()

    def packages(self):
        return {path.name for path in (self.folder / "deps").glob("*/files/*.deb")}


@pytest.fixture
def archive(tmp_path):
    return Archive(tmp_path)


def test_the_newest_that_debian_lists_is_taken(archive):
    archive.lists("haproxy 2.6.9", "haproxy 2.6.12", "haproxy 2.6.10", "libc6 2.36-9", "libc6 2.36-10")
    said = archive.fetch()
    assert said.returncode == 0, said
    assert archive.haproxy() == "2.6.12"
    assert "libc6_2.36-10.deb" in archive.packages()


def test_a_version_that_was_superseded_is_looked_up_again(archive):
    archive.lists("haproxy 2.6.12", "libc6 2.36-9")
    archive.lists("haproxy 2.6.13", "libc6 2.36-10", name="newer")
    archive.gone("haproxy=2.6.12", "libc6=2.36-9")
    said = archive.fetch()
    assert said.returncode == 0, said
    assert "haproxy 2.6.12 can't be had: Debian's lists are read again" in said.stderr
    assert archive.haproxy() == "2.6.13"
    assert "libc6_2.36-10.deb" in archive.packages()


@pytest.mark.parametrize("gone", ["haproxy=2.6.12", "libc6=2.36-10"])
def test_an_older_one_is_taken_only_where_that_is_asked_for(archive, gone):
    archive.lists("haproxy 2.6.12", "haproxy 2.6.9", "libc6 2.36-10", "libc6 2.36-9")
    archive.gone(gone)
    said = archive.fetch()
    assert said.returncode != 0
    assert f"{gone.partition('=')[0]} can't be had from http://deb.debian.org; DEBIAN_MIRROR names another" in said.stderr
    said = archive.fetch(LENIENT="1")
    assert said.returncode == 0, said
    taken = {"haproxy=" + archive.haproxy(), *(name.removesuffix(".deb").replace("_", "=") for name in archive.packages())}
    assert taken >= {"haproxy=2.6.9", "libc6=2.36-10"} or taken >= {"haproxy=2.6.12", "libc6=2.36-9"}
    assert gone not in taken


def test_what_no_mirror_has_is_named(archive):
    archive.gone("haproxy=2.6.1")
    said = archive.fetch(LENIENT="1", DEBIAN_MIRROR="http://mirror.test")
    assert said.returncode != 0
    assert "the source haproxy can't be had from http://mirror.test" in said.stderr
