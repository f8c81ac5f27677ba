# SPDX-License-Identifier: MIT
"""A Consul with ACLs that deny by default: what the token may read is followed, the rest is held as `acl`."""

import os

import pytest

from .harness.haproxy import Backend
from .harness.wait import until


# What Consul's token may read concerns no version of HAProxy.
pytestmark = pytest.mark.one_haproxy

NODES = 'node_prefix "" { policy = "read" }'
WEB = 'service "web" { policy = "read" } ' + NODES
BOTH = 'service_prefix "" { policy = "read" } ' + NODES
# A refusal is tried again after 10 s.
RETRY = 20


@pytest.fixture
def consul(world):
    return world.consul(acl=True)


@pytest.fixture
def haproxy(world):
    return world.haproxy(Backend("web"), Backend("api"))


@pytest.fixture
def origins(world, consul):
    """An instance of web and one of api."""
    started = [world.origins.start(name) for name in ("web-1", "api-1")]
    for origin in started:
        consul.register(origin.name.split("-")[0], origin.name, origin.host, origin.port)
    return started


def with_token(path):
    return f'[consul]\ntoken_file = "{path}"\n'


def test_a_token_for_one_service_follows_that_and_the_other_when_it_is_replaced(world, consul, haproxy, origins):
    narrow, *_ = consul.new_token(WEB)
    path = world.file(narrow + "\n", "token")
    slotd = world.slotd(haproxy, consul, config=with_token(path), level="info")
    haproxy.wait_serving("web", origins[:1])
    slotd.wait_log(r"api: held, what is live stays \(acl\): the token may not read the service or all of its nodes; it "
                   "needs service:read and node:read")
    assert {slot.state for slot in haproxy.slots("api").values()} == {"maint"}

    broad, *_ = consul.new_token(BOTH)
    world.file(broad + "\n", "token")
    haproxy.wait_serving("api", origins[1:], seconds=RETRY)
    slotd.wait_log(rf"info +{path}: another token, used from now on")
    slotd.wait_log(r"api: no longer held \(acl\)")
    assert len([line for line in slotd.lines() if "held, what" in line]) == 1
    assert narrow not in slotd.log() and broad not in slotd.log()


def test_a_policy_that_gets_better_is_enough(world, consul, haproxy, origins):
    secret, _, policy = consul.new_token(WEB)
    slotd = world.slotd(haproxy, consul, config=with_token(world.file(secret)))
    slotd.wait_log(r"api: held.*\(acl\)")
    consul.put(f"/v1/acl/policy/{policy}", {"Name": "better", "Rules": BOTH})
    haproxy.wait_serving("api", origins[1:], seconds=RETRY)


def test_without_a_token_it_says_that_there_is_none(world, consul, haproxy, origins):
    slotd = world.slotd(haproxy, consul)
    slotd.wait_log(r"web: held, what is live stays \(acl\): Consul's ACLs let nobody read the service without a token; "
                   r"give slotd one with service:read and node:read \(token_file, CONSUL_HTTP_TOKEN_FILE\)")


def test_a_right_to_the_service_alone_is_not_enough_and_said(world, consul, haproxy, origins):
    secret, *_ = consul.new_token('service_prefix "" { policy = "read" }')
    slotd = world.slotd(haproxy, consul, config=with_token(world.file(secret)))
    slotd.wait_log(r"web: held, what is live stays \(acl\): the token may not read the service or all of its nodes")


@pytest.mark.parametrize("rules", (BOTH, 'service_prefix "" { policy = "read" } node "ext" { policy = "read" }'))
def test_a_service_that_is_not_there_is_empty_and_no_matter_of_rights(world, consul, haproxy, rules):
    # A node by which one that may read only that is known to see nodes.
    consul.register("other", "other-1", "127.0.0.1", 1)
    secret, *_ = consul.new_token(rules)
    slotd = world.slotd(haproxy, consul, config=with_token(world.file(secret)))
    slotd.wait_log(r"web: held, what is live stays \(empty\)")
    slotd.wait_log(r"api: held, what is live stays \(empty\)")


def test_a_token_is_rotated_without_a_hold(world, consul, haproxy, origins):
    old, accessor, _ = consul.new_token(BOTH)
    new, *_ = consul.new_token(BOTH)
    slotd = world.slotd(haproxy, consul, config=with_token(world.file(old, "token")))
    haproxy.wait_serving("api", origins[1:])
    haproxy.wait_serving("web", origins[:1])
    world.file(new, "token")
    consul.delete(f"/v1/acl/token/{accessor}")
    # What is under way with the old one ends with the change, the next ones have the new one.
    for origin, status in ((origins[0], "warning"), (origins[0], "passing"), (origins[1], "warning")):
        consul.set_status(origin.name, status)
    late = world.origins.start("web-2")
    consul.register("web", "web-2", late.host, late.port)
    haproxy.wait_serving("web", [origins[0], late])
    assert "held" not in slotd.log()


def test_a_file_that_is_empty_or_gone_keeps_the_token_and_is_said_once(world, consul, haproxy, origins):
    secret, *_ = consul.new_token(BOTH)
    path = world.file(secret, "token")
    slotd = world.slotd(haproxy, consul, config=with_token(path), level="info")
    haproxy.wait_serving("web", origins[:1])
    haproxy.wait_serving("api", origins[1:])
    world.file("", "token")
    seen = list(origins[:1])
    for number in (2, 3):
        seen.append(world.origins.start(f"web-{number}"))
        consul.register("web", seen[-1].name, seen[-1].host, seen[-1].port)
        haproxy.wait_serving("web", seen)
    os.unlink(path)
    seen.append(world.origins.start("web-4"))
    consul.register("web", "web-4", seen[-1].host, seen[-1].port)
    haproxy.wait_serving("web", seen)
    said = [line for line in slotd.lines("warn") if path in line]
    assert len(said) == 1 and "the token file is empty; the token from before is used on" in said[0]
    assert "held" not in slotd.log()


def test_plan_says_what_the_token_may_not_read(world, consul, haproxy, origins):
    secret, *_ = consul.new_token(WEB)
    planned = world.command("plan", haproxy, consul, config=with_token(world.file(secret)))
    assert planned.returncode == 1
    assert "state ready" in planned.stdout
    assert planned.stderr == ("slotd: backend api: held (acl): the token may not read the service or all of its nodes; "
                              "it needs service:read and node:read\n")

    def told():
        again = world.command("plan", haproxy, consul, config=with_token(world.file("no-such-token")))
        return again.returncode == 1 and "held (acl): Consul answers 403: ACL not found; the token" in again.stderr
    until(told, "a token that is none is told")
