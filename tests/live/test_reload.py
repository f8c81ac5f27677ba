# SPDX-License-Identifier: MIT
"""HAProxy is reloaded, restarted, or changed by someone else."""

from .harness.haproxy import Backend
from .harness.wait import until


def serving(world, *backends, count=3, config=None, **options):
    """Consul, HAProxy, slotd and `count` instances of web that already serve."""
    consul = world.consul()
    haproxy = world.haproxy(*(backends or [Backend("web", slots=6)]), **options)
    origins = [world.origins.start(f"web-{n}") for n in range(count)]
    for origin in origins:
        consul.register("web", origin.name, origin.host, origin.port)
    slotd = world.slotd(haproxy, consul, config=config)
    haproxy.wait_serving("web", origins)
    return consul, haproxy, slotd, origins


def test_a_reload_without_a_state_file_is_refilled_and_the_gap_is_short(world, figure):
    _, haproxy, _, origins = serving(world)
    load = world.load(haproxy.port("web"))
    until(lambda: load.requests > 200, "requests flow")
    assert not load.failures
    haproxy.reload()
    haproxy.wait_serving("web", origins)
    count = load.requests
    until(lambda: load.requests > count + 200, "requests flow again")
    load.stop()
    first, last = (load.failures[0].at, load.failures[-1].at) if load.failures else (0, 0)
    figure(f"a reload without a state file: {last - first:.3f} s without service"
           f" ({len(load.failures)} of {load.requests} requests failed, all within)")
    assert last - first < 1.5, "the poll of 1 s finds the new process"
    assert {failure.why for failure in load.failures} <= {"status 503"}


def test_a_reload_with_a_state_file_fails_no_request(world, figure):
    consul, haproxy, slotd, origins = serving(world, state_file=True)
    load = world.load(haproxy.port("web"))
    until(lambda: load.requests > 200, "requests flow")
    before = haproxy.slots("web")
    for _ in range(3):
        haproxy.save_state()
        seen = len(slotd.lines())
        haproxy.reload()
        slotd.wait_log(rf"reloaded or restarted.* {haproxy.pid()} ", after=seen)
    assert haproxy.slots("web") == before
    late = world.origins.start("web-late")
    consul.register("web", "web-late", late.host, late.port)
    haproxy.wait_serving("web", [*origins, late])
    load.stop()
    assert not load.failures
    figure(f"3 reloads with a state file: 0 of {load.requests} requests failed")


def test_a_restart_is_refilled(world):
    _, haproxy, slotd, origins = serving(world, master_worker=False)
    haproxy.stop()
    line = slotd.wait_log(rf" error .*{haproxy.socket}")
    seen = len(slotd.lines())
    haproxy.start()
    haproxy.wait_serving("web", origins)
    assert len([one for one in slotd.lines("error") if one[30:] == line[30:]]) == 1, "said once, not at each try"
    assert slotd.lines()[seen:]


def test_slotd_may_start_before_haproxy_and_consul(world):
    consul = world.consul()
    haproxy = world.haproxy(Backend("web"))
    origin = world.origins.start("web-1")
    haproxy.stop()
    consul.stop()
    slotd = world.slotd(haproxy, consul)
    slotd.wait_log(rf" error .*{haproxy.socket}")
    haproxy.start()
    consul.start()
    consul.register("web", "web-1", origin.host, origin.port)
    haproxy.wait_serving("web", [origin], seconds=15)


def test_a_backend_that_a_reload_brings_is_filled_and_one_it_takes_is_forgotten(world):
    consul, haproxy, slotd, origins = serving(world)
    api = world.origins.start("api-1")
    consul.register("api", "api-1", api.host, api.port)
    haproxy.reload([*haproxy.backends, Backend("api")])
    haproxy.wait_serving("api", [api])
    haproxy.wait_serving("web", origins)
    haproxy.reload([one for one in haproxy.backends if one.name == "api"])
    haproxy.wait_serving("api", [api])
    late = world.origins.start("api-2")
    consul.register("api", "api-2", late.host, late.port)
    haproxy.wait_serving("api", [api, late])
    assert slotd.program.running()


def test_more_slots_by_a_reload_take_those_who_wait(world):
    _, haproxy, slotd, origins = serving(world, Backend("web", slots=3), state_file=True)
    load = world.load(haproxy.port("web"))
    assert not [line for line in slotd.lines() if "waits" in line]
    haproxy.save_state()
    haproxy.reload([Backend("web", slots=1, port=haproxy.port("web"))])
    slotd.wait_log(r"2 instances wait for a slot")
    haproxy.save_state()
    haproxy.reload([Backend("web", slots=5, port=haproxy.port("web"))])
    haproxy.wait_serving("web", origins)
    load.stop()
    assert load.requests and not load.failures, load.failures[:5]


def test_someone_elses_change_of_a_slot_is_put_right(world):
    _, haproxy, slotd, origins = serving(world)
    mine = haproxy.slot_of("web", origins[0])
    free = next(slot.name for slot in haproxy.slots("web").values() if slot.state == "maint")
    for command, slot, wanted in [
            (f"set server web/{mine} state maint", mine, {"state": "ready", "weight": 1}),
            (f"set server web/{mine} state drain", mine, {"state": "ready", "weight": 1}),
            (f"set server web/{mine} weight 77", mine, {"state": "ready", "weight": 1}),
            (f"set server web/{free} state ready", free, {"state": "maint"})]:
        before = haproxy.slots("web")[slot]
        haproxy.run(command)
        until(lambda: haproxy.slots("web")[slot] != before or "web/" + slot in slotd.lines()[-1], "the hand's change")
        haproxy.wait_slot(f"web/{slot}", what=f"after {command!r}", **wanted)
    slotd.wait_log(rf"web/{mine} ready.*web-0")
    haproxy.wait_serving("web", origins)


def test_an_address_changed_by_someone_else_is_left_by_its_traffic_and_the_instance_serves_on(world):
    _, haproxy, _, origins = serving(world)
    mine = haproxy.slot_of("web", origins[0])
    haproxy.run(f"set server web/{mine} addr 127.0.250.1 port 1")
    until(lambda: haproxy.slots("web")[mine].address == "127.0.250.1", "the hand's change")
    haproxy.wait_serving("web", origins)
