# SPDX-License-Identifier: MIT
"""What a slot follows: its host name, the backend's name, the command line."""

from .harness.haproxy import Backend
from .harness.load import get
from .harness.wait import until


def test_a_tag_in_the_slots_name_chooses_the_instances(world):
    consul = world.consul()
    haproxy = world.haproxy(Backend("prod", host="prod.web.service.slots.invalid"),
                            Backend("all", host="web.service.slots.invalid"))
    world.slotd(haproxy, consul)
    prod, test = world.origins.start("web-prod"), world.origins.start("web-test")
    consul.register("web", "web-prod", prod.host, prod.port, tags=["prod"])
    consul.register("web", "web-test", test.host, test.port, tags=["test"])
    haproxy.wait_serving("all", [prod, test])
    haproxy.wait_serving("prod", [prod])
    consul.register("web", "web-test", test.host, test.port, tags=["test", "prod"])
    haproxy.wait_serving("prod", [prod, test])


def test_a_datacenter_in_the_slots_name_is_asked_for_and_an_unknown_one_holds_alone(world):
    consul = world.consul(datacenter="east")
    haproxy = world.haproxy(Backend("web", host="prod.web.service.east.slots.invalid"),
                            Backend("far", host="web.service.west.slots.invalid"))
    slotd = world.slotd(haproxy, consul)
    origin = world.origins.start("web-1")
    consul.register("web", "web-1", origin.host, origin.port, tags=["prod"])
    haproxy.wait_serving("web", [origin])
    assert get(haproxy.port("web")) == (200, "web-1")
    line = slotd.wait_log(r"No path to datacenter")
    assert "far" in line or "west" in line, line
    assert not [slot for slot in haproxy.slots("far").values() if slot.state != "maint"]


def test_a_bare_name_follows_the_service_of_the_backends_name(world):
    consul = world.consul()
    haproxy = world.haproxy(Backend("shop", host="slots.invalid"))
    world.slotd(haproxy, consul)
    origin = world.origins.start("shop-1")
    consul.register("shop", "shop-1", origin.host, origin.port)
    haproxy.wait_serving("shop", [origin])


def test_servers_that_name_no_service_are_handed_over_by_the_command_line(world):
    consul = world.consul()
    plain = [f"p{n} 127.0.0.1:{n} disabled" for n in (1, 2)]
    haproxy = world.haproxy(Backend("old", slots=0, servers=plain), Backend("web"))
    world.slotd(haproxy, consul, "--backend", "old=api")
    api, web = world.origins.start("api-1"), world.origins.start("web-1")
    consul.register("web", "web-1", web.host, web.port)
    consul.register("api", "api-1", api.host, api.port)
    haproxy.wait_serving("old", [api])
    assert get(haproxy.port("old")) == (200, "api-1")
    assert not [slot for slot in haproxy.slots("web").values() if slot.state != "maint"], \
        "--backend limits the work to what it names"


def test_servers_that_name_no_service_are_handed_over_by_a_glob(world):
    consul = world.consul()
    plain = ["p1 127.0.0.1:1 disabled", "p2 127.0.0.1:2 disabled", "keep 127.0.0.1:3 disabled"]
    haproxy = world.haproxy(Backend("old", slots=0, servers=plain))
    world.slotd(haproxy, consul, config='[backend.old]\nservice = "api"\nslots = "p*"\n')
    origins = [world.origins.start(f"api-{n}") for n in (1, 2, 3)]
    for origin in origins:
        consul.register("api", origin.name, origin.host, origin.port)
    until(lambda: all(haproxy.slots("old")[name].state == "ready" for name in ("p1", "p2")), "both slots serve")
    assert haproxy.slots("old")["keep"].state == "maint"


def test_backends_of_one_service_share_one_query(world):
    consul = world.consul()
    backends = [Backend(f"web{n}", host="web.service.slots.invalid", slots=2) for n in range(5)]
    haproxy = world.haproxy(*backends)
    slotd = world.slotd(haproxy, consul)
    origin = world.origins.start("web-1")
    consul.register("web", "web-1", origin.host, origin.port)
    for backend in backends:
        haproxy.wait_serving(backend.name, [origin])
    assert len(connections(slotd.pid, consul.port)) <= 2, "a blocking query, and at most one more connection"


def connections(pid, port):
    """The local ports of the TCP connections that process `pid` has to `port`."""
    import glob
    import os

    inodes = {os.readlink(link)[8:-1] for link in glob.glob(f"/proc/{pid}/fd/*")
              if os.path.exists(link) or os.path.islink(link)}
    with open("/proc/net/tcp") as table:
        rows = [line.split() for line in table.readlines()[1:]]
    return [row[1] for row in rows if row[9] in inodes and int(row[2].split(":")[1], 16) == port]
