# SPDX-License-Identifier: MIT
"""What is in the images: small, and nothing that could be left out."""

import re
import subprocess

import pytest

from .image import TOP, images, instructions

# Bytes of a tar of the root file system. A change that needs more should say so by changing the second figure.
MOST = {"slotd-haproxy": (18_000_000, 16_000_000), "slotd": (18_000_000, 9_000_000)}
PROGRAMS = {
    "slotd-haproxy": ["usr/bin/haproxy-health", "usr/bin/slotd", "usr/bin/slotd-init", "usr/sbin/haproxy"],
    "slotd": ["usr/bin/slotd"],
}
LIBRARIES = {"libc.so.6", "libcrypt.so.1", "libcrypto.so.3", "libgcc_s.so.1", "libm.so.6", "libpcre2-8.so.0",
             "libssl.so.3"}


@pytest.fixture(params=list(MOST))
def any_image(request):
    return images()[request.param]


def paths(image):
    return [path for path in image.root.rglob("*")]


def files(image):
    return {str(path.relative_to(image.root)): path for path in paths(image) if path.is_file() and not path.is_symlink()}


def needed(image):
    """The libraries that its programs name, and theirs."""
    names = {"libgcc_s.so.1"} if image.name == "slotd-haproxy" else set()  # HAProxy opens it at a thread's end
    for path in files(image).values():
        if path.read_bytes()[:4] == b"\x7fELF":
            said = subprocess.run(["readelf", "-d", path], capture_output=True, text=True, check=True).stdout
            names |= set(re.findall(r"\(NEEDED\).*\[(.*)\]", said))
    return names


def test_it_is_small(any_image, figure):
    packed = subprocess.run(["tar", "-cf", "-", "-C", any_image.root, "."], capture_output=True, check=True).stdout
    limit, usual = MOST[any_image.name]
    gzip = subprocess.run(["gzip", "-6"], input=packed, capture_output=True, check=True).stdout
    figure(f"{any_image.name}: {len(packed) / 1e6:.2f} MB, {len(gzip) / 1e6:.2f} MB compressed")
    assert len(packed) <= limit
    assert len(packed) <= usual, "larger than it was; is what came in needed?"


def test_nothing_is_in_it_but_what_is_used(any_image):
    found = set(files(any_image))
    licences = {path for path in found if re.fullmatch(r"usr/share/doc/[^/]+/copyright\.gz", path)}
    records = {path for path in found if re.fullmatch(r"var/lib/dpkg/status\.d/[^/]+", path)}
    configuration = {"etc/group", "etc/nsswitch.conf", "etc/os-release", "etc/passwd", "etc/slotd/slotd.toml",
                     "etc/ssl/certs/ca-certificates.crt"}
    rest = found - licences - records - configuration - set(PROGRAMS[any_image.name])
    libraries = {path.split("/")[-1] for path in rest if re.fullmatch(r"usr/lib/[a-z0-9_]+-linux-gnu/[^/]+", path)}
    loaders = {path for path in rest if re.search(r"/ld-linux[^/]*$", path)}
    assert configuration | set(PROGRAMS[any_image.name]) <= found
    assert len(rest) == len(libraries) + len(loaders), rest
    assert libraries <= LIBRARIES
    assert libraries | {path.split("/")[-1] for path in loaders} == needed(any_image)
    names = {path.split("/")[-1] for path in records}
    assert {path.split("/")[-2] for path in licences} == names | {"slotd"}
    assert {"libssl3", "libc6", "libcurl4", "ca-certificates"} <= names


def test_nobody_can_write_to_it_or_become_another_by_it(any_image):
    for path in paths(any_image):
        if not path.is_symlink():
            assert path.stat().st_mode & 0o6022 == 0, path


def test_programs_are_hardened(any_image):
    for name in PROGRAMS[any_image.name]:
        said = subprocess.run(["readelf", "-W", "-h", "-l", "-d", "-S", any_image.root / name], capture_output=True,
                              text=True, check=True).stdout
        assert "DYN (Position-Independent Executable file)" in said, name
        assert "GNU_RELRO" in said and "BIND_NOW" in said, name
        assert re.search(r"GNU_STACK .* RW ", said), name
        assert ".symtab" not in said, name
        assert ("INTERP" in said) == (any_image.name != "slotd"), name


def test_every_package_is_named_with_its_version(any_image):
    for record in (any_image.root / "var/lib/dpkg/status.d").iterdir():
        fields = dict(line.split(": ", 1) for line in record.read_text().splitlines())
        assert fields["Package"] == record.name
        assert fields["Version"] and fields["Source"] and fields["Architecture"]


def test_it_says_what_it_is(any_image):
    version = re.search(r"version: '([^']+)'", (TOP / "meson.build").read_text())[1]
    labels = any_image.labels
    assert labels["org.opencontainers.image.version"] == version
    for label in ("title", "description", "licenses"):
        assert labels[f"org.opencontainers.image.{label}"]
    assert any_image.user == "99:99"


def test_the_last_stage_is_the_one_with_haproxy():
    stages = [rest.rpartition(" AS ")[2] for word, rest in instructions() if word == "FROM"]
    assert stages == ["build", "slotd", "slotd-haproxy"]


def test_the_build_only_calls_its_steps():
    """So container/test, which runs these lines, builds what an engine would."""
    steps = [rest for word, rest in instructions() if word == "RUN"]
    assert steps and all(re.fullmatch(r"container/steps/\w+", step) for step in steps)
    assert {f"container/steps/{path.name}" for path in (TOP / "container/steps").iterdir()} - set(steps) == \
        {"container/steps/common"}
