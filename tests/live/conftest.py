# SPDX-License-Identifier: MIT
"""Every test runs on each HAProxy: Debian 12's and 13's, or the one that HAPROXY names."""

import os
import pathlib
import subprocess

import pytest

from .harness.world import World

TOP = pathlib.Path(__file__).resolve().parents[2]
DEPS = TOP / "build-deps"


def _haproxys():
    if os.environ.get("HAPROXY"):
        return {"haproxy": os.environ["HAPROXY"]}
    return {"2.6": str(DEPS / "haproxy-bookworm/usr/sbin/haproxy"), "3.0": str(DEPS / "haproxy-trixie/usr/sbin/haproxy")}


def _binary(variable, default):
    path = os.environ.get(variable) or str(default)
    if not os.access(path, os.X_OK):
        pytest.fail(f"{path} is not there; tests/run builds and unpacks what is needed, or set {variable}",
                    pytrace=False)
    return path


def pytest_configure(config):
    config.addinivalue_line("markers", "one_haproxy: runs on one version of HAProxy only")


def pytest_generate_tests(metafunc):
    if "haproxy_binary" in metafunc.fixturenames:
        found = _haproxys()
        if metafunc.definition.get_closest_marker("one_haproxy"):
            found = dict([list(found.items())[-1]])
        metafunc.parametrize("haproxy_binary", found.values(), ids=found.keys(), indirect=True)


@pytest.fixture
def haproxy_binary(request):
    if not os.access(request.param, os.X_OK):
        pytest.fail(f"{request.param} is not there; tests/run unpacks it, or set HAPROXY", pytrace=False)
    return request.param


@pytest.fixture
def haproxy_version(haproxy_binary):
    """(3, 0) and the like."""
    said = subprocess.run([haproxy_binary, "-v"], capture_output=True, text=True, check=True).stdout
    major, minor = said.split("version ")[1].split(".")[:2]
    return int(major), int(minor)


@pytest.fixture
def promtool():
    return _binary("PROMTOOL", DEPS / "promtool/usr/bin/promtool")


@pytest.fixture
def world(request, haproxy_binary):
    made = World(slotd=_binary("SLOTD", TOP / "build/src/app/slotd"),
                 consul=_binary("CONSUL", DEPS / "consul-bullseye/usr/bin/consul"), haproxy=haproxy_binary)
    request.node.live_world = made
    yield made
    made.close()


@pytest.fixture
def figure(request):
    """Notes a measured figure; `tests/run` prints them all at its end."""
    def note(text):
        line = f"{request.node.name}: {text}"
        print(line)
        if os.environ.get("SLOTD_FIGURES"):
            with open(os.environ["SLOTD_FIGURES"], "a") as file:
                file.write(line + "\n")
    return note


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    made = getattr(item, "live_world", None)
    if call.when == "call" and report.failed and made is not None:
        report.sections += [(title, text[-20000:]) for title, text in made.logs()]
