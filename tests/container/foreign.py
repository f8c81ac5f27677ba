# SPDX-License-Identifier: MIT
"""The images of another architecture: cross-built (`TARGETARCH=arm64 container/test`), their programs under qemu.

Not called test_*: only a cross build has anything for it.
"""

import os
import subprocess

import pytest

from .image import TOP, images

MACHINE = {"arm64": "AArch64"}[os.environ["TARGETARCH"]]
QEMU = {"arm64": "qemu-aarch64"}[os.environ["TARGETARCH"]]


@pytest.fixture(params=list(images()))
def any_image(request):
    return images()[request.param]


def run(image, program, *arguments):
    return subprocess.run([QEMU, "-L", image.root, f"{image.root}{program}", *arguments], capture_output=True, text=True,
                          timeout=120, env={"PATH": os.environ["PATH"]})


def test_every_program_and_library_is_of_that_architecture(any_image):
    found = 0
    for path in any_image.root.rglob("*"):
        if path.is_file() and not path.is_symlink() and path.read_bytes()[:4] == b"\x7fELF":
            header = subprocess.run(["readelf", "-h", path], capture_output=True, text=True, check=True).stdout
            assert f"Machine:                           {MACHINE}\n" in header, path
            found += 1
    assert found >= (1 if any_image.name == "slotd" else 10)


def test_slotd_starts(any_image):
    said = run(any_image, "/usr/bin/slotd", "--version")
    assert (said.returncode, said.stdout.split()[0]) == (0, "slotd"), said.stderr
    said = run(any_image, "/usr/bin/slotd", "plan", "--socket", "/nowhere/admin.sock", "--consul", "http://127.0.0.1:1")
    assert said.returncode == 1
    assert "/nowhere/admin.sock" in said.stderr


def test_haproxy_starts():
    image = images()["slotd-haproxy"]
    said = run(image, "/usr/sbin/haproxy", "-c", "-f", TOP / "container/demo/haproxy.cfg")
    assert said.returncode == 0, said.stderr
    assert "Configuration file is valid" in said.stdout + said.stderr
