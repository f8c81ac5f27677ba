# SPDX-License-Identifier: MIT
"""`gate = true`: an instance serves once HAProxy's own check of it has passed."""

import urllib.request

from .harness.haproxy import Backend
from .harness.wait import until

GATE = '[defaults]\ngate = true\nconfirm = "0s"\ndrain = "0s"\n'
CHECKED = "check inter 300ms rise 2 fall 2"


def serving(world, options=CHECKED, slots=4):
    consul = world.consul()
    haproxy = world.haproxy(Backend("web", slots=slots, slot_options=options), redispatch=False)
    good = world.origins.start("good")
    consul.register("web", "good", good.host, good.port)
    slotd = world.slotd(haproxy, consul, config=GATE)
    haproxy.wait_serving("web", [good])
    return consul, haproxy, slotd, good


def test_an_instance_that_is_not_up_yet_gets_no_request_until_it_is(world):
    consul, haproxy, slotd, good = serving(world)
    load = world.load(haproxy.port("web"))
    host, port = world.origins.next_host(), world.origins.port
    consul.register("web", "slow", host, port)
    line = slotd.wait_log(r"web/s\d drain .*slow on ext serves once HAProxy's own check has passed")
    name = line.split("web/")[1].split()[0]
    # Several checks have failed by then.
    until(lambda: int(next(row for row in haproxy.servers("web") if row["srv_name"] == name)["srv_check_health"]) == 0,
          "HAProxy's check has failed")
    count = load.requests
    until(lambda: load.requests > count + 300, "requests flow")
    assert haproxy.slots("web")[name].state == "drain"
    slow = world.origins.start("slow", host, port)
    haproxy.wait_serving("web", [good, slow])
    slotd.wait_log(rf"web/{name} ready .*HAProxy's own check of slow on ext has passed")
    until(lambda: load.answers.get("slow"), "it is asked")
    load.stop()
    assert not load.failures, (len(load.failures), load.requests, load.failures[:5])


def test_refilled_slots_judge_by_the_new_instance_and_not_by_the_last(world):
    """The last check's result of a slot is its previous instance's."""
    consul, haproxy, slotd, good = serving(world, slots=2)
    load = world.load(haproxy.port("web"))
    for n in range(4):
        new = world.origins.start(f"new-{n}")
        consul.register("web", new.name, new.host, new.port)
        # A slot whose address shows too late, as on a loaded machine, is avoided for 10 s; there is no other one.
        haproxy.wait_serving("web", [good, new], seconds=20)
        consul.deregister(new.name)
        haproxy.wait_serving("web", [good])
        # Maint cuts no request that is under way; the end of its origin would. One that was on its way to the slot
        # just then is not counted there yet, and over when more have been answered.
        count = load.requests
        until(lambda: load.requests > count + 20, "requests flow")
        left = next(slot.name for slot in haproxy.slots("web").values() if slot.at == new.at)
        until(lambda: haproxy.sessions("web")[left] == 0, "no request is left on it")
        new.close()
    load.stop()
    assert not load.failures, (len(load.failures), load.requests, load.failures[:5])
    assert not slotd.lines("error")


def test_plan_shows_the_gate(world):
    consul, haproxy, slotd, good = serving(world)
    slotd.stop()
    consul.register("web", "new", "127.0.99.1", 80)
    said = world.command("plan", haproxy, consul, config=GATE).stdout
    assert "# new on ext serves once HAProxy's own check has passed\nset server web/s2 state drain\n" in said


def test_slots_without_a_check_have_no_gate(world):
    consul, haproxy, _, good = serving(world, options="")
    consul.register("web", "dead", "127.0.99.1", 9)
    haproxy.wait_serving("web", [good, ("127.0.99.1", 9)])


def test_an_instance_behind_the_gate_that_leaves_frees_its_slot(world):
    consul, haproxy, slotd, good = serving(world, slots=2)
    load = world.load(haproxy.port("web"))
    consul.register("web", "dead", "127.0.99.1", 9)
    slotd.wait_log("dead on ext serves once")
    consul.deregister("dead")
    haproxy.wait_slot("web/s2", state="maint")
    new = world.origins.start("new")
    consul.register("web", "new", new.host, new.port)
    haproxy.wait_serving("web", [good, new], seconds=20)
    load.stop()
    assert load.requests and not load.failures, load.failures[:5]


def test_a_session_that_persists_by_a_static_cookie_gets_behind_the_gate(world):
    """HAProxy's meaning of drain; so README advises against the two together."""
    consul = world.consul()
    fixed, new = world.origins.start("fixed"), world.origins.start("new")
    # The first check comes anywhere within the hour.
    slot = "s1 web.service.slots.invalid:1 cookie one check inter 1h fall 2 disabled init-addr last,127.0.0.1"
    haproxy = world.haproxy(Backend("web", slots=0, options=["cookie SRV insert"],
                                    servers=[f"fixed {fixed.host}:{fixed.port}", slot]))
    slotd = world.slotd(haproxy, consul, config=GATE)
    consul.register("web", "new", new.host, new.port)
    slotd.wait_log(r"web/s1 drain .*new on ext serves once HAProxy's own check has passed")

    def ask(**headers):
        request = urllib.request.Request(f"http://127.0.0.1:{haproxy.port('web')}/", headers=headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read().decode()

    assert [ask() for _ in range(4)] == ["fixed"] * 4, "the gate holds"
    assert ask(Cookie="SRV=one") == "new"
    assert haproxy.slots("web")["s1"].state == "drain"
