# SPDX-License-Identifier: MIT
"""HAProxy is absent, hung or odd: that command fails with a clear error, the rest goes on, and it is put right."""

import os
import signal

import pytest

from .harness.haproxy import Backend
from .harness.relay import Relay
from .harness.slotd import command
from .harness.wait import until


@pytest.fixture
def flow(world):
    """Requests to a backend that has nothing to do with the fault: `flow(consul, haproxy)` begins them."""
    loads = []

    def begin(consul, haproxy):
        origins = register(world, consul, "steady-1", service="steady")
        haproxy.wait_serving("steady", origins)
        loads.append(world.load(haproxy.port("steady"), pause=0.005))
        until(lambda: loads[-1].requests > 20, "requests flow")

    yield begin
    for load in loads:
        count = load.requests
        until(lambda: load.requests > count + 20, "requests flow to the end")
        load.stop()
        assert not load.failures, (len(load.failures), load.requests, load.failures[:5])


def start(world, *backends, config='[haproxy]\npoll = "200ms"\n', relayed=False, flow=None, **options):
    """Consul, HAProxy and slotd, which reaches HAProxy through a relay when `relayed`."""
    consul = world.consul()
    steady = [Backend("steady", slots=2)] if flow else []
    haproxy = world.haproxy(*(backends or [Backend("web")]), *steady, **options)
    relay = world.keep(Relay(haproxy.socket + ".relay", haproxy.socket)) if relayed else haproxy
    slotd = world.slotd(relay, consul, config=config)
    if flow:
        flow(consul, haproxy)
    return consul, haproxy, relay, slotd


def register(world, consul, *names, service="web", **options):
    origins = [world.origins.start(name) for name in names]
    for origin in origins:
        consul.register(service, origin.name, origin.host, origin.port, **options)
    return origins


def test_a_missing_socket_is_named_once_and_found_when_it_comes(world):
    consul, haproxy, _, slotd = start(world)
    haproxy.stop()
    os.unlink(haproxy.socket)
    line = slotd.wait_log(rf" error +socket {haproxy.socket}: can't connect: No such file.*\(is HAProxy running")
    origins = register(world, consul, "web-1")
    haproxy.start()
    haproxy.wait_serving("web", origins)
    slotd.wait_log("HAProxy answers again")
    assert len([one for one in slotd.lines("error") if one[30:] == line[30:]]) == 1


def test_a_masters_socket_is_told(world):
    consul, haproxy = world.consul(), world.haproxy(Backend("web"))
    for arguments in (["run", "--once"], ["plan"]):
        said = command(world.binaries["slotd"], [*arguments, "--socket", haproxy.master, "--consul", consul.url])
        assert said.returncode == 1
        assert f"socket {haproxy.master}: this is the socket of HAProxy's master process (slotd needs" in said.stderr


def test_a_socket_of_a_lower_level_is_named_with_what_to_write(world):
    for level in ("user", "operator"):
        consul = world.consul()
        fixed = world.origins.start("fixed")
        haproxy = world.haproxy(Backend("web", servers=[f"fixed {fixed.host}:{fixed.port}"]), level=level,
                                redispatch=False)
        load = world.load(haproxy.port("web"))
        slotd = world.slotd(haproxy, consul)
        register(world, consul, f"web-{level}")
        line = slotd.wait_log(r" warn .*Permission denied")
        assert "level admin" in line and 'set server web/s1 addr' in line, line
        assert {slot.state for slot in haproxy.slots("web").values() if slot.name != "fixed"} == {"maint"}
        slotd.stop()
        until(lambda: load.requests > 20, "requests flow")
        load.stop()
        assert not load.failures, load.failures[:5]


def test_a_socket_that_this_user_may_not_open_is_named_with_what_to_do(world, flow):
    consul, haproxy, _, slotd = start(world, flow=flow)
    may_not = world.as_nobody(haproxy.socket)
    if may_not is None:
        # Who is not root can take the right away from themselves.
        slotd.stop()
        os.chmod(haproxy.socket, 0)

        def may_not(*arguments):
            return command(world.binaries["slotd"], arguments)

    for what in (["plan"], ["run", "--once"]):
        done = may_not(*what, "--socket", haproxy.socket, "--consul", consul.url)
        assert done.returncode == 1
        assert "Permission denied" in done.stderr and "mode, user and group" in done.stderr, done.stderr


def test_a_hung_haproxy_is_said_and_driven_on_when_it_goes_on(world, flow):
    consul, haproxy, _, slotd = start(world, master_worker=False, flow=flow)
    origins = register(world, consul, "web-1")
    haproxy.wait_serving("web", origins)
    haproxy.program.process.send_signal(signal.SIGSTOP)
    try:
        slotd.wait_log(r" error .*no whole answer within", seconds=15)
        origins += register(world, consul, "web-2")
    finally:
        haproxy.program.process.send_signal(signal.SIGCONT)
    haproxy.wait_serving("web", origins)


def test_an_answer_cut_off_in_the_middle_changes_nothing_and_is_asked_again(world, flow):
    consul, haproxy, relay, slotd = start(world, relayed=True, flow=flow)
    origins = register(world, consul, "web-1")
    haproxy.wait_serving("web", origins)
    for rule in (("cut", 40), ("cut", 700), ("refuse",)):
        seen = len(slotd.lines())
        relay.set(*rule)
        slotd.wait_log(r" error ", after=seen)
        relay.set("pass")
        slotd.wait_log("HAProxy answers again", after=seen)
    assert [slot.state for slot in haproxy.slots("web").values()].count("ready") == 1
    origins += register(world, consul, "web-2")
    haproxy.wait_serving("web", origins)


def test_a_reply_in_an_unknown_wording_fails_that_command_and_is_tried_again(world, flow):
    consul, haproxy, relay, slotd = start(world, relayed=True, flow=flow)
    relay.set("edit", lambda answer: answer.replace(b"IP changed from", b"Changed the IP from"))
    origins = register(world, consul, "web-1")
    line = slotd.wait_log(r" warn .*web/s1: .*set server web/s1 addr.* failed: HAProxy says: Changed the IP")
    assert "report it" in line
    relay.set("pass")
    haproxy.wait_serving("web", origins, seconds=15)


def test_what_haproxy_took_and_does_not_show_is_said_and_tried_again(world, flow):
    """The last state is what HAProxy says, never what was sent."""
    consul, haproxy, relay, slotd = start(world, relayed=True, flow=flow)
    origins = register(world, consul, "web-1", weights=(3, 1))
    haproxy.wait_serving("web", origins)
    real = haproxy.run

    def undo(answer):
        # Someone else turns it back between the command and the look at what became of it.
        if b"show servers state" not in answer:
            real("set server web/s1 weight 3")
        return answer

    relay.set("edit", undo)
    consul.register("web", "web-1", origins[0].host, origins[0].port, weights=(9, 1))
    slotd.wait_log(r" warn .*weight 9.* failed: HAProxy took it, but shows no change")
    relay.set("pass")
    haproxy.wait_slot("web/s1", weight=9, seconds=15)


def test_a_version_that_lacks_a_command_is_named(world, flow):
    consul, haproxy, relay, slotd = start(world, relayed=True, flow=flow)
    help_text = b"Unknown command. Please enter one of the following commands only :\n  help : this message\n"
    relay.set("edit", lambda answer: answer.replace(b"IP changed from", help_text + b"IP changed from"))
    origins = register(world, consul, "web-1")
    line = slotd.wait_log(r" warn .*set server web/s1 addr.* failed: HAProxy says: Unknown command")
    assert "help : this message" not in line, "not its kilobytes of help"
    relay.set("pass")
    haproxy.wait_serving("web", origins, seconds=20)


def test_a_slot_whose_line_takes_no_address_is_named_and_the_others_are_filled(world, flow):
    servers = ["fixed none.service.slots.invalid:1 disabled init-addr none"]
    consul, haproxy, _, slotd = start(world, Backend("web", slots=2, servers=servers), flow=flow)
    slotd.wait_log(r"web: 2 slots follow the service web")
    origins = register(world, consul, "web-1", "web-2")
    register(world, consul, "none-1", service="none")
    haproxy.wait_serving("web", origins)
    line = slotd.wait_log(r" warn .*web/fixed: .* failed: HAProxy says: Update for the current server address family")
    assert "slotd slots" in line


def test_a_balance_that_takes_no_weight_is_said_once_and_serves_with_weight_1(world, flow):
    consul, haproxy, _, slotd = start(world, Backend("web", options=["balance source"]), flow=flow)
    origins = register(world, consul, "web-1", "web-2", weights=(7, 1))
    haproxy.wait_serving("web", origins)
    slotd.wait_log(r" warn .*weight 7.* failed: HAProxy says: Backend is using a static LB algorithm"
                   r".*the weight of its slot's line\)")
    origins += register(world, consul, "web-3", weights=(5, 1))
    haproxy.wait_serving("web", origins)
    assert {slot.weight for slot in haproxy.slots("web").values()} == {1}
    assert len([line for line in slotd.lines("warn") if "static LB" in line]) == 1


def test_a_balance_that_takes_no_weight_takes_the_slot_lines_again_after_weight_0(world, flow):
    backend = Backend("web", options=["balance source"], slot_options="check weight 10")
    consul, haproxy, _, slotd = start(world, backend, flow=flow)
    register(world, consul, "web-1", weights=(5, 0), status="warning")
    haproxy.wait_slot("web/s1", state="ready", weight=0)
    consul.set_status("web-1", "passing")
    slotd.wait_log("web/s1 weight 10 at")  # read back: what comes now is somebody else's
    haproxy.run("set server web/s1 weight 0")
    haproxy.wait_slot("web/s1", "after somebody's hand", weight=10)
    register(world, consul, "web-2", weights=(7, 1))
    haproxy.wait_slot("web/s2", state="ready", weight=10)
    assert [line for line in slotd.lines("debug") if "static LB" in line] == [
        line for line in slotd.lines("debug") if "set server web/s1 weight 5 -> " in line]
    assert slotd.log().count(" failed: ") == 1


def test_a_disabled_backend_is_named_once_and_followed_when_it_is_enabled(world):
    consul, haproxy, _, slotd = start(world, Backend("web"), Backend("off", options=["disabled"]))
    line = slotd.wait_log(r" warn .*off/s\d and 3 more slots: its backend is `disabled`")
    assert "reload" in line
    origins = register(world, consul, "web-1")
    off = register(world, consul, "off-1", service="off")
    haproxy.wait_serving("web", origins)
    assert " failed" not in slotd.log(), "nothing is sent there"
    haproxy.reload([Backend(one.name, slots=one.slots, port=one.port) for one in haproxy.backends])
    haproxy.wait_serving("off", off)
    assert slotd.log().count("is `disabled`") == 1
    haproxy.reload([Backend(one.name, slots=one.slots, port=one.port, options=["disabled"] if one.name == "off" else [])
                    for one in haproxy.backends])
    until(lambda: slotd.log().count("is `disabled`") == 2, "that it is disabled again is said")
    assert "no slot" not in slotd.log()


@pytest.mark.parametrize("what", ["backend", "server"])
def test_a_backend_or_slot_that_vanished_in_mid_round_is_looked_for_again(world, flow, what):
    consul, haproxy, relay, slotd = start(world, Backend("web"), Backend("api"), relayed=True, flow=flow)
    relay.set("edit", lambda answer: answer.replace(b"IP changed from", f"No such {what}.\n".encode()))
    origins = register(world, consul, "web-1")
    slotd.wait_log(f" warn .*No such {what}")
    relay.set("pass")
    api = register(world, consul, "api-1", service="api")
    haproxy.wait_serving("api", api)
    haproxy.wait_serving("web", origins, seconds=20)


def test_one_haproxy_that_hangs_delays_no_other(world):
    consul = world.consul()
    hung, good = world.haproxy(Backend("web"), master_worker=False), world.haproxy(Backend("web"))
    slotd = world.slotd(hung, consul, "--socket", good.socket)
    origins = register(world, consul, "web-1")
    for haproxy in (hung, good):
        haproxy.wait_serving("web", origins)
    load = world.load(good.port("web"))
    hung.program.process.send_signal(signal.SIGSTOP)
    try:
        for n in range(2, 4):
            origins += register(world, consul, f"web-{n}")
            good.wait_serving("web", origins, seconds=1.5)
        slotd.wait_log(rf" error +{hung.socket}: .*no whole answer", seconds=20)
        consul.deregister("web-1")
        good.wait_serving("web", origins[1:], seconds=1.5)
    finally:
        hung.program.process.send_signal(signal.SIGCONT)
    hung.wait_serving("web", origins[1:])
    load.stop()
    assert load.requests and not load.failures, load.failures[:5]


def test_old_workers_that_still_drain_after_a_reload_are_left_alone(world):
    consul, haproxy, _, slotd = start(world)
    origins = register(world, consul, "web-1")
    haproxy.wait_serving("web", origins)
    load = world.load(haproxy.port("web"), path="/hold/2", kept=0, fresh=1)
    until(lambda: origins[0].requests, "a request is open")
    haproxy.reload()
    haproxy.wait_serving("web", origins)
    load.stop()
    assert load.answers.get("web-1"), "the request on the old worker was answered"
    assert not [line for line in slotd.lines() if "Proxy is disabled" in line]
