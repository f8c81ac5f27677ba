# SPDX-License-Identifier: MIT
"""What Consul says is not always to be believed: unknown removes nothing."""

from .harness.haproxy import Backend
from .harness.load import get
from .harness.wait import until
from .test_traffic import exchange


def serving(world, config=None, **options):
    consul = world.consul(**options)
    haproxy = world.haproxy(Backend("web"), Backend("api"), redispatch=False)
    web, api = world.origins.start("web-1"), world.origins.start("api-1")
    consul.register("web", "web-1", web.host, web.port)
    consul.register("api", "api-1", api.host, api.port)
    slotd = world.slotd(haproxy, consul, config=config)
    haproxy.wait_serving("web", [web])
    haproxy.wait_serving("api", [api])
    return consul, haproxy, slotd, web, api


def test_an_empty_answer_leaves_what_is_live_and_says_so(world):
    consul, haproxy, slotd, web, api = serving(world, config='[defaults]\nconfirm = "100ms"\n')
    load = world.load(haproxy.port("web"))
    before = haproxy.slots("web")
    seen = len(slotd.lines())
    consul.deregister("web-1")
    line = slotd.wait_log(r"web.*empty|web.*no instance", after=seen)
    assert " warn" in line, line
    late = world.origins.start("api-2")
    consul.register("api", "api-2", late.host, late.port)
    haproxy.wait_serving("api", [api, late])
    assert haproxy.slots("web") == before
    assert get(haproxy.port("web")) == (200, "web-1")
    other = world.origins.start("web-2")
    consul.register("web", "web-2", other.host, other.port)
    haproxy.wait_serving("web", [other], "a list that is not empty is followed again")
    load.stop()
    assert not load.failures


def test_an_empty_answer_is_followed_where_that_is_wanted(world):
    consul, haproxy, _, _, api = serving(world, config='[backend.web]\non_empty = "apply"\nconfirm = "100ms"\n')
    load = world.load(haproxy.port("api"))
    consul.deregister("web-1")
    haproxy.wait_slot("web/s1", state="maint")
    before = haproxy.slots("api")
    consul.deregister("api-1")
    late = world.origins.start("web-2")
    consul.register("web", "web-2", late.host, late.port)
    haproxy.wait_serving("web", [late])
    assert haproxy.slots("api") == before, "the other backend holds"
    load.stop()
    assert load.requests and not load.failures, load.failures[:5]


def test_a_large_removal_waits_to_be_confirmed_and_what_comes_with_it_goes_ahead(world):
    consul = world.consul()
    haproxy = world.haproxy(Backend("web", slots=8), redispatch=False)
    old = [world.origins.start(f"old-{n}") for n in range(4)]
    exchange(consul, "web", old, [])
    slotd = world.slotd(haproxy, consul, config='[defaults]\nconfirm = "1s"\n', level="info")
    haproxy.wait_serving("web", old)
    load = world.load(haproxy.port("web"))
    new = world.origins.start("new")
    exchange(consul, "web", [new], old[1:])
    haproxy.wait_serving("web", [old[0], new])
    load.stop()
    assert not load.failures
    slotd.wait_log(" drain at ")  # HAProxy shows it before slotd's log does
    said = [next(n for n, line in enumerate(slotd.lines()) if words in line)
            for words in ("stays (large-removal): Consul no longer lists 3 of 4 instances",
                          "new on ext takes a free slot", "no longer held (large-removal), after ", " drain at ")]
    assert said == sorted(said), slotd.lines()


def test_a_large_removal_that_is_taken_back_never_happens(world):
    consul = world.consul()
    haproxy = world.haproxy(Backend("web", slots=8), redispatch=False)
    origins = [world.origins.start(f"web-{n}") for n in range(4)]
    exchange(consul, "web", origins, [])
    slotd = world.slotd(haproxy, consul, config='[defaults]\nconfirm = "1h"\n')
    haproxy.wait_serving("web", origins)
    load = world.load(haproxy.port("web"))
    before = haproxy.slots("web")
    exchange(consul, "web", [], origins[1:])
    slotd.wait_log("held.*large-removal.*3 of 4")
    exchange(consul, "web", origins[1:], [])
    slotd.wait_log("no longer held")
    assert haproxy.slots("web") == before
    assert not [line for line in slotd.lines() if "state drain" in line]
    load.stop()
    assert load.requests and not load.failures, load.failures[:5]


def test_a_check_that_leaves_the_last_no_weight_is_doubted_too(world):
    consul = world.consul()
    haproxy = world.haproxy(Backend("web"), redispatch=False)
    origins = [world.origins.start(f"web-{n}") for n in range(2)]
    for origin in origins:
        consul.register("web", origin.name, origin.host, origin.port, weights=(7, 0))
    slotd = world.slotd(haproxy, consul, config='[defaults]\nconfirm = "1h"\n')
    haproxy.wait_serving("web", origins)
    slots = [f"web/{haproxy.slot_of('web', origin)}" for origin in origins]
    load = world.load(haproxy.port("web"))
    consul.set_status("web-0", "warning")
    haproxy.wait_slot(slots[0], weight=0)
    consul.set_status("web-1", "warning")
    slotd.wait_log("held.*large-removal.*by their checks")
    assert haproxy.wait_slot(slots[1], state="ready").weight == 7
    consul.set_status("web-0", "passing")
    slotd.wait_log("no longer held")
    haproxy.wait_slot(slots[0], weight=7)
    haproxy.wait_slot(slots[1], weight=0)
    load.stop()
    assert load.requests and not load.failures, load.failures[:5]


def test_without_consul_all_stay_and_it_is_followed_again_when_it_is_back(world):
    consul, haproxy, slotd, web, _ = serving(world)
    # The hand takes the one instance of web out of traffic for a moment.
    load = world.load(haproxy.port("api"))
    before = haproxy.slots("web")
    seen = len(slotd.lines())
    consul.stop()
    slotd.wait_log(r" (warn|error)", after=seen)
    mine = haproxy.slot_of("web", web)
    haproxy.run(f"set server web/{mine} state maint")
    haproxy.wait_slot(f"web/{mine}", "by what was known last", state="ready")
    assert haproxy.slots("web") == before
    # A dev agent comes back with an empty catalog, in good faith: on_empty holds.
    consul.start()
    other = world.origins.start("web-2")
    consul.register("web", "web-2", other.host, other.port)
    until(lambda: (other.host, other.port) in [slot.at for slot in haproxy.slots("web").values()
                                               if slot.state == "ready"], "the new list is followed", 40)
    load.stop()
    assert load.requests and not load.failures, load.failures[:5]


def test_an_instance_haproxy_cannot_serve_is_named_and_the_others_serve(world):
    consul, haproxy, slotd, web, _ = serving(world)
    load = world.load(haproxy.port("web"))
    consul.register("web", "web-zero", "127.0.200.1", 0)
    consul.register("web", "web-name", "not.an.address", 80)
    consul.register("web", "web-evil", "127.0.0.1;set server web/s1 state maint\n", 80)
    late = world.origins.start("web-2")
    consul.register("web", "web-2", late.host, late.port)
    haproxy.wait_serving("web", [web, late])
    for name in ("web-zero", "web-name", "web-evil"):
        assert " warn" in slotd.wait_log(name)
    load.stop()
    assert load.requests and not load.failures, load.failures[:5]
