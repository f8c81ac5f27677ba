# SPDX-License-Identifier: MIT
"""What the token may not read is not gone: Consul answers with a shorter list and 200, and nothing in it says so."""

import itertools
import os
import signal

import pytest

from .harness.haproxy import Backend
from .harness.relay import Relay
from .harness.wait import until


# What Consul says concerns no version of HAProxy.
pytestmark = pytest.mark.one_haproxy

SERVICES = 'service_prefix "" { policy = "read" } '
ALL = SERVICES + 'node_prefix "" { policy = "read" }'
GONE = r"web: held.*\(acl\): the token may not read the service or the nodes of instances that are gone"
CONFIG = '[consul]\ntoken_file = "{secret}"\n[defaults]\non_empty = "apply"\nconfirm = "300ms"\n'


class Token:
    """A token with one policy, whose rules can be changed under it."""

    _numbers = itertools.count(1)

    def __init__(self, world, consul, rules):
        self._consul = consul
        self._name = f"read-{next(Token._numbers)}"
        self._policy = consul.put("/v1/acl/policy", {"Name": self._name, "Rules": rules})["ID"]
        made = consul.put("/v1/acl/token", {"Policies": [{"ID": self._policy}]})
        self._accessor, self.secret = made["AccessorID"], made["SecretID"]
        self.config = CONFIG.format(secret=world.config(self.secret))

    def may(self, rules):
        self._consul.put(f"/v1/acl/policy/{self._policy}", {"Name": self._name, "Rules": rules})

    def delete(self):
        self._consul.delete(f"/v1/acl/token/{self._accessor}")


def put(consul, origins, nodes=("ext",)):
    for n, origin in enumerate(origins):
        node = nodes[n % len(nodes)]
        consul.register("web", origin.name, origin.host, origin.port, node=node)


def touch(consul, origin, node="ext"):
    """Wakes who waits for a change of web: rights alone do not."""
    consul.register("web", origin.name, origin.host, origin.port, node=node, meta={"again": "1"})


def filled_once(world):
    """Three instances on three nodes serve, by a `run --once` that might read all."""
    consul = world.consul(acl=True)
    haproxy = world.haproxy(Backend("web", slots=6))
    origins = [world.origins.start(f"web-{n}") for n in range(3)]
    put(consul, origins, ("ext", "b", "c"))
    token = Token(world, consul, ALL)
    assert world.command("run", haproxy, consul, "--once", config=token.config).returncode == 0
    haproxy.wait_serving("web", origins)
    return consul, token, haproxy, origins


@pytest.fixture
def followed(world):
    """Three instances on three nodes serve, requests flow, and the token may read all."""
    consul = world.consul(acl=True)
    token = Token(world, consul, ALL)
    haproxy = world.haproxy(Backend("web", slots=6))
    origins = [world.origins.start(f"web-{n}") for n in range(3)]
    put(consul, origins, ("ext", "b", "c"))
    slotd = world.slotd(haproxy, consul, config=token.config)
    haproxy.wait_serving("web", origins)
    load = world.load(haproxy.port("web"))
    yield consul, token, haproxy, slotd, origins
    load.stop()
    assert load.requests and not load.failures


def test_a_token_that_loses_its_right_or_is_deleted_empties_nothing(followed):
    consul, token, haproxy, slotd, origins = followed
    before = haproxy.slots("web")
    seen = len(slotd.lines())
    # 200 [], KnownLeader true: nothing in the answer tells it from the truth.
    token.may('node_prefix "" { policy = "read" }')
    touch(consul, origins[0])
    slotd.wait_log(GONE, after=seen)
    token.delete()
    until(lambda: "ACL not found" in consul.log(), "it was asked with the deleted token", 30)
    assert haproxy.slots("web") == before
    assert not [line for line in slotd.lines()[seen:] if "no longer held" in line]
    assert token.secret not in slotd.log()


def test_one_node_that_the_token_may_not_read_any_more_is_not_gone(world, followed):
    consul, token, haproxy, slotd, origins = followed
    before = haproxy.slots("web")
    seen = len(slotd.lines())
    # One of three: no large removal, which would be confirmed first.
    token.may(ALL + 'node "b" { policy = "deny" }')
    touch(consul, origins[0])
    slotd.wait_log(GONE, after=seen)
    assert haproxy.slots("web") == before
    late = world.origins.start("web-late")
    consul.register("web", "web-late", late.host, late.port)
    consul.deregister("web-2", node="c")
    token.may(ALL)
    haproxy.wait_serving("web", [*origins[:2], late], "it follows again by itself", seconds=20)
    slotd.wait_log(r"no longer held \(acl\), after \d+ s and \d+ tr", after=seen)


def test_another_token_by_sighup_that_sees_less_takes_nothing_away(world, followed):
    consul, token, haproxy, slotd, origins = followed
    before = haproxy.slots("web")
    seen = len(slotd.lines())
    # One of three, and its node is not among those that the new token reads.
    blind = Token(world, consul, SERVICES + 'node "ext" { policy = "read" } node "b" { policy = "read" }')
    command = slotd.program.command
    with open(command[command.index("-c") + 1], "w") as file:
        file.write(blind.config)
    os.kill(slotd.pid, signal.SIGHUP)
    slotd.wait_log(GONE, after=seen)
    assert haproxy.slots("web") == before
    late = world.origins.start("web-late")
    consul.register("web", "web-late", late.host, late.port)
    blind.may(ALL)
    haproxy.wait_serving("web", [*origins, late], "it follows again by itself", seconds=20)


def test_what_is_gone_and_may_be_read_goes_at_once(followed):
    consul, token, haproxy, slotd, origins = followed
    seen = len(slotd.lines())
    consul.deregister("web-1", node="b")
    haproxy.wait_serving("web", [origins[0], origins[2]])
    assert not [line for line in slotd.lines()[seen:] if "held" in line]


def test_more_nodes_than_consul_takes_in_one_question_are_asked_about(world):
    consul = world.consul(acl=True)
    rules = SERVICES + 'node_prefix "" { policy = "read" } '
    token = Token(world, consul, rules)
    haproxy = world.haproxy(Backend("web", slots=80))
    addresses = [(f"127.0.88.{n + 1}", 80) for n in range(71)]
    for n, at in enumerate(addresses):
        consul.register("web", f"web-{n}", *at, node=f"n{n}")
    relay = world.keep(Relay(world.ports.take(), consul.port))
    slotd = world.slotd(haproxy, relay, config=token.config)
    haproxy.wait_serving("web", addresses)
    before = haproxy.slots("web")
    seen = len(slotd.lines())
    relay.set("refuse")
    slotd.wait_log(r"web: held.*consul-unreachable", after=seen)
    for n in range(1, 71):
        if n != 9:
            consul.deregister(f"web-{n}", node=f"n{n}")
    # By name it is the last of the 70.
    token.may(rules + 'node "n9" { policy = "deny" }')
    relay.set("pass")
    slotd.wait_log(GONE, after=seen, seconds=15)
    assert relay.asked.count(b"/acl/authorize") > 2
    assert haproxy.slots("web") == before


def test_a_token_that_sees_nothing_from_the_start_empties_nothing(world):
    consul = world.consul(acl=True)
    haproxy = world.haproxy(Backend("web"))
    origins = [world.origins.start(f"web-{n}") for n in range(2)]
    put(consul, origins)
    all_may = Token(world, consul, ALL)
    assert world.command("run", haproxy, consul, "--once", config=all_may.config).returncode == 0
    haproxy.wait_serving("web", origins)
    load = world.load(haproxy.port("web"))
    # service:read without node:read is the usual mistake: 200 [].
    all_may.may(SERVICES)
    slotd = world.slotd(haproxy, consul, config=all_may.config)
    slotd.wait_log(r"web: held.*\(acl\): the token may not read the service or all of its nodes; it needs")
    said = world.command("plan", haproxy, consul, config=all_may.config)
    assert said.returncode == 1 and "held (acl): the token may not read" in said.stderr
    assert not [line for line in said.stdout.splitlines() if line.startswith("set ")]
    haproxy.wait_serving("web", origins)
    load.stop()
    assert load.requests and not load.failures, load.failures[:5]


def test_one_node_denied_beside_all_others_is_believed_at_the_start(world):
    """Consul says that the token may read every node, and slotd knows no earlier list: README's Limitations."""
    consul, token, haproxy, origins = filled_once(world)
    token.may(ALL + 'node "b" { policy = "deny" }')
    said = world.command("plan", haproxy, consul, config=token.config)
    assert said.returncode == 0, said
    sent = [line for line in said.stdout.splitlines() if line.startswith("set ")]
    assert sent == [f"set server web/{haproxy.slot_of('web', origins[1])} state drain"]


def test_a_token_for_single_nodes_takes_away_only_what_it_has_seen(world):
    consul, token, haproxy, origins = filled_once(world)
    load = world.load(haproxy.port("web"))
    token.may(SERVICES + 'node "ext" { policy = "read" } node "b" { policy = "read" }')
    at = f"{origins[2].host}:{origins[2].port}"
    for command in (["plan"], ["run", "--once"]):
        said = world.command(command[0], haproxy, consul, *command[1:], config=token.config)
        assert said.returncode == 1
        assert f"Consul lists no instance at {at}, and the token may not read every node" in said.stderr
        assert not [line for line in said.stdout.splitlines() if line.startswith("set ")]
    slotd = world.slotd(haproxy, consul, config=token.config)
    slotd.wait_log(rf"web: held.*\(acl\): Consul lists no instance at {at}, and the token")
    consul.deregister("web-1", node="b")
    haproxy.wait_serving("web", [origins[0], origins[2]])
    token.may(ALL)
    consul.deregister("web-2", node="c")
    touch(consul, origins[0])
    haproxy.wait_serving("web", [origins[0]], "with all rights it is known to be gone")
    load.stop()
    assert load.requests and not load.failures, load.failures[:5]


def test_a_consul_without_acls_is_asked_about_rights_once(world):
    consul = world.consul()
    services = [f"s{n}" for n in range(6)]
    haproxy = world.haproxy(*(Backend(name) for name in services))
    relay = world.keep(Relay(world.ports.take(), consul.port))
    for name in services:
        for n in range(2):
            consul.register(name, f"{name}-{n}", f"127.0.90.{n + 1}", 80)
    slotd = world.slotd(haproxy, relay)
    for name in services:
        haproxy.wait_serving(name, [("127.0.90.1", 80), ("127.0.90.2", 80)])
        consul.deregister(f"{name}-1")
    for name in services:
        haproxy.wait_serving(name, [("127.0.90.1", 80)])
    assert relay.asked.count(b"/acl/authorize") == 1
    assert not [line for line in slotd.lines() if "held" in line]
