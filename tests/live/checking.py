# SPDX-License-Identifier: MIT
"""What the tests of `slotd check` share."""

import pytest


def check(world, haproxy, consul, *arguments, config=None):
    """(exit code, lines) of what is said."""
    said = world.command("check", haproxy, consul, *arguments, config=config)
    assert said.stderr == ""
    return said.returncode, said.stdout.splitlines()


def faults(lines):
    """What is not ok, without the count at the end."""
    return [line for line in lines[:-1] if not line.startswith("ok ")]


@pytest.fixture
def consul(world):
    """With two instances of web and one of api."""
    consul = world.consul()
    for service, n in (("web", 1), ("web", 2), ("api", 1)):
        consul.register(service, f"{service}-{n}", f"127.0.77.{n}", 80)
    return consul


def state_config(haproxy):
    return f'[haproxy]\nstate_file = "{haproxy.state_file}"\n'
