# SPDX-License-Identifier: MIT
"""Instances come, change and go; their slots follow."""

import pytest

from .harness.haproxy import Backend
from .harness.load import get
from .harness.wait import until

DRAIN_AT_ONCE = '[defaults]\ndrain = "0s"\n'


def start(world, *backends, config=None, **options):
    """Consul, HAProxy and slotd with nothing registered yet."""
    consul = world.consul()
    haproxy = world.haproxy(*(backends or [Backend("web")]), **options)
    return consul, haproxy, world.slotd(haproxy, consul, config=config)


def register(world, consul, *names, service="web", **options):
    """An origin for each name, registered as an instance of that ID."""
    origins = [world.origins.start(name) for name in names]
    for origin in origins:
        consul.register(service, origin.name, origin.host, origin.port, **options)
    return origins


def test_an_instance_that_comes_fills_a_slot_and_serves(world):
    consul, haproxy, slotd = start(world)
    web1, = register(world, consul, "web-1")
    slot = haproxy.wait_slot("web/s1", state="ready", address=web1.host, port=web1.port, weight=1)
    assert slot.name == "s1"
    assert get(haproxy.port("web")) == (200, "web-1")
    line = slotd.wait_log(r"info +web/s1 ready")
    assert "web-1" in line and f"{web1.host}:{web1.port}" in line, line


def test_an_instance_that_leaves_ends_in_maint_and_the_others_stay_where_they_are(world):
    consul, haproxy, slotd = start(world)
    origins = register(world, consul, "web-1", "web-2", "web-3")
    haproxy.wait_serving("web", origins)
    before = haproxy.slots("web")
    left = haproxy.slot_of("web", origins[1])
    consul.deregister("web-2")
    haproxy.wait_slot(f"web/{left}", state="maint")
    after = haproxy.slots("web")
    assert {name: slot for name, slot in after.items() if name != left} == \
        {name: slot for name, slot in before.items() if name != left}
    assert after[left].at == before[left].at
    assert "web-2" in slotd.wait_log(rf"web/{left} maint")


def test_an_instance_that_comes_back_takes_its_old_slot(world):
    consul, haproxy, _ = start(world)
    origins = register(world, consul, "web-1", "web-2")
    haproxy.wait_serving("web", origins)
    web1 = origins[0]
    old = haproxy.slot_of("web", web1)
    consul.deregister("web-1")
    haproxy.wait_slot(f"web/{old}", state="maint")
    consul.register("web", "web-1", web1.host, web1.port)
    haproxy.wait_slot(f"web/{old}", state="ready", address=web1.host)
    haproxy.wait_serving("web", origins)


def test_an_open_request_of_an_instance_that_leaves_is_answered(world):
    consul, haproxy, _ = start(world)
    origins = register(world, consul, "web-1", "web-2")
    haproxy.wait_serving("web", origins)
    load = world.load(haproxy.port("web"), path="/hold/1", kept=0, fresh=2)
    until(lambda: all(origin.requests for origin in origins), "both instances have a request open")
    left = haproxy.slot_of("web", origins[0])
    consul.deregister("web-1")
    haproxy.wait_slot(f"web/{left}", state="drain")
    assert haproxy.sessions("web")[left] == 1
    haproxy.wait_slot(f"web/{left}", state="maint")
    assert haproxy.sessions("web")[left] == 0
    load.stop()
    assert load.answers.get("web-1"), "the request that was open when web-1 left"
    assert not load.failures


def test_a_drain_ends_when_its_time_is_over(world):
    consul, haproxy, slotd = start(world, config='[defaults]\ndrain = "500ms"\n')
    origins = register(world, consul, "web-1", "web-2")
    haproxy.wait_serving("web", origins)
    load = world.load(haproxy.port("web"), path="/hold/3", kept=0, fresh=2)
    until(lambda: all(origin.requests for origin in origins), "both instances have a request open")
    left = haproxy.slot_of("web", origins[0])
    consul.deregister("web-1")
    haproxy.wait_slot(f"web/{left}", state="maint", seconds=2)
    assert haproxy.sessions("web")[left] == 1
    assert "500ms" in slotd.wait_log(rf"web/{left} maint")
    load.stop()
    assert not load.failures, "maint does not cut an open request"


def test_a_weight_follows_consul(world):
    consul, haproxy, slotd = start(world)
    web1, = register(world, consul, "web-1", weights=(7, 1))
    haproxy.wait_slot("web/s1", state="ready", weight=7)
    consul.register("web", "web-1", web1.host, web1.port, weights=(42, 1))
    haproxy.wait_slot("web/s1", state="ready", weight=42)
    assert "web-1" in slotd.wait_log(r"info +web/s1 weight 42")
    consul.register("web", "web-1", web1.host, web1.port, weights=(1000, 1))
    haproxy.wait_slot("web/s1", state="ready", weight=256)


def test_a_warning_serves_with_the_warning_weight(world):
    consul, haproxy, _ = start(world)
    register(world, consul, "web-1", weights=(10, 3))
    haproxy.wait_slot("web/s1", state="ready", weight=10)
    consul.set_status("web-1", "warning")
    haproxy.wait_slot("web/s1", state="ready", weight=3)
    consul.set_status("web-1", "passing")
    haproxy.wait_slot("web/s1", state="ready", weight=10)


@pytest.mark.parametrize("setting, state", [("drain", "maint"), ("maint", "maint")])
def test_a_warning_can_take_an_instance_out_of_traffic(world, setting, state):
    consul, haproxy, slotd = start(world, config=f'[defaults]\non_warning = "{setting}"\nconfirm = "0s"\n')
    register(world, consul, "web-1")
    haproxy.wait_slot("web/s1", state="ready")
    consul.set_status("web-1", "warning")
    haproxy.wait_slot("web/s1", state=state)
    assert bool([line for line in slotd.lines("info") if "web/s1 drain" in line]) == (setting == "drain")


def test_a_critical_instance_keeps_its_slot_in_maint_and_comes_back_to_it(world):
    consul, haproxy, slotd = start(world)
    origins = register(world, consul, "web-1", "web-2")
    haproxy.wait_serving("web", origins)
    web1_slot = haproxy.slot_of("web", origins[0])
    consul.set_status("web-1", "critical")
    haproxy.wait_slot(f"web/{web1_slot}", state="maint")
    assert "critical" in slotd.wait_log(rf"web/{web1_slot} maint.*web-1")
    others = register(world, consul, "web-3", "web-4")
    haproxy.wait_serving("web", [origins[1], *others])
    assert haproxy.slots("web")[web1_slot].at == (origins[0].host, origins[0].port), "nobody takes its slot"
    consul.set_status("web-1", "passing")
    haproxy.wait_slot(f"web/{web1_slot}", state="ready", address=origins[0].host)


def test_a_critical_instance_may_drain_first(world):
    consul, haproxy, slotd = start(world, config='[defaults]\non_critical = "drain"\nconfirm = "0s"\n')
    origins = register(world, consul, "web-1", "web-2")
    haproxy.wait_serving("web", origins)
    load = world.load(haproxy.port("web"), path="/hold/1", kept=0, fresh=2)
    until(lambda: all(origin.requests for origin in origins), "each has a request open")
    mine = haproxy.slot_of("web", origins[0])
    consul.set_status("web-1", "critical")
    assert "critical" in slotd.wait_log(rf"web/{mine} drain .*web-1")
    haproxy.wait_slot(f"web/{mine}", state="maint")
    slotd.wait_log(rf"web/{mine} maint .*no session is left on it")
    load.stop()
    assert not load.failures and load.answers.get("web-1")


def test_maintenance_in_consul_takes_an_instance_out_of_traffic(world):
    consul, haproxy, slotd = start(world)
    register(world, consul, "web-1")
    haproxy.wait_slot("web/s1", state="ready")
    consul.set_maintenance("web-1", True)
    haproxy.wait_slot("web/s1", state="maint")
    assert "maintenance" in slotd.wait_log(r"web/s1 maint.*web-1")
    consul.set_maintenance("web-1", False)
    haproxy.wait_slot("web/s1", state="ready")


def test_an_instance_without_a_slot_waits_is_named_and_takes_the_next_free_one(world):
    consul, haproxy, slotd = start(world, Backend("web", slots=2), config=DRAIN_AT_ONCE)
    first = register(world, consul, "web-1", "web-2")
    haproxy.wait_serving("web", first)
    before = haproxy.slots("web")
    late, = register(world, consul, "web-3")
    line = slotd.wait_log(r"waits for a slot")
    assert "web-3" in line and " warn" in line, line
    assert haproxy.slots("web") == before, "those who serve are not touched"
    freed = haproxy.slot_of("web", first[0])
    consul.deregister("web-1")
    haproxy.wait_slot(f"web/{freed}", state="ready", address=late.host, port=late.port)
    haproxy.wait_serving("web", [first[1], late])
    slotd.wait_log(r"no instance waits for a slot any more")


def test_two_instances_on_one_host_have_two_slots(world):
    consul, haproxy, _ = start(world)
    host = world.origins.next_host()
    one = world.origins.start("web-1", host, world.ports.take())
    two = world.origins.start("web-2", host, world.ports.take())
    for origin in (one, two):
        consul.register("web", origin.name, origin.host, origin.port)
    haproxy.wait_serving("web", [one, two])
    assert {get(haproxy.port("web"))[1] for _ in range(4)} == {"web-1", "web-2"}


def test_an_instance_without_an_address_has_its_nodes(world):
    consul, haproxy, _ = start(world)
    origin = world.origins.start("web-1")
    consul.register("web", "web-1", "", origin.port, node="host-1", node_address=origin.host)
    haproxy.wait_serving("web", [origin])
    assert get(haproxy.port("web")) == (200, "web-1")


def test_ipv6_and_ipv4_instances_serve_side_by_side_and_follow_each_other_in_a_slot(world):
    consul, haproxy, _ = start(world, Backend("web", slots=2), config=DRAIN_AT_ONCE)
    six = world.origins.start("web-6", "::1", world.ports.take())
    four = world.origins.start("web-4")
    for origin in (six, four):
        consul.register("web", origin.name, origin.host, origin.port)
    haproxy.wait_serving("web", [six, four])
    assert {get(haproxy.port("web"))[1] for _ in range(4)} == {"web-4", "web-6"}
    sixth = world.origins.start("web-66", "::1", world.ports.take())
    consul.deregister("web-4")
    consul.register("web", "web-66", "::1", sixth.port)
    haproxy.wait_serving("web", [six, sixth])
    assert {get(haproxy.port("web"))[1] for _ in range(4)} == {"web-6", "web-66"}


def test_static_servers_beside_slots_are_left_alone(world):
    fixed = world.origins.start("fixed")
    servers = [f"fixed {fixed.host}:{fixed.port} weight 9", "spare 127.0.9.9:1 disabled",
               "named some.host.invalid:1 disabled init-addr last,127.0.0.1"]
    consul, haproxy, slotd = start(world, Backend("web", slots=2, servers=servers), Backend("plain", slots=0,
                                                                                            servers=servers))
    mine = ("fixed", "spare", "named")

    def static():
        return {(backend, name): haproxy.slots(backend)[name] for backend in ("web", "plain") for name in mine}

    before = static()
    web1, = register(world, consul, "web-1")
    haproxy.wait_serving("web", [fixed, web1])
    haproxy.run("set server web/fixed weight 5")
    haproxy.run("set server web/spare state drain")
    by_hand = static()
    assert by_hand != before
    seen = len(slotd.lines())
    web2, = register(world, consul, "web-2")
    haproxy.wait_serving("web", [fixed, web1, web2])
    register(world, consul, "web-3")  # more than there are slots
    slotd.wait_log(r"waits for a slot: .*web-3", after=seen)
    assert static() == by_hand
    assert not [line for line in slotd.lines() if any(f"/{name} " in line for name in mine)]


@pytest.mark.one_haproxy
def test_a_list_of_a_thousand_leaves_no_memory_behind(world, figure):
    """Its buffers are megabytes; the limit is half as much again as what was measured."""
    consul = world.consul()
    haproxy = world.haproxy(Backend("web", slots=1000))
    for n in range(1000):
        consul.register("web", f"web-{n}", f"127.{2 + n // 250}.0.{1 + n % 250}", 8080)
    slotd = world.slotd(haproxy, consul, level="warn")

    def ready_at(port):
        return any(slot.state == "ready" and slot.port == port for slot in haproxy.slots("web").values())

    until(lambda: sum(slot.state == "ready" for slot in haproxy.slots("web").values()) == 1000, "all are filled", 30)
    for port in range(8081, 8087):
        consul.register("web", "web-0", "127.9.0.1", port)
        until(lambda port=port: ready_at(port), f"one is at {port}")
        # The read-back that follows uses such buffers, too.
        until(lambda: anonymous_memory(slotd.pid) < 5.5, "the buffers are given back", 5)
    figure(f"{anonymous_memory(slotd.pid):.1f} MB of anonymous memory")


def anonymous_memory(pid):
    """In MB."""
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("RssAnon")) / 1024
