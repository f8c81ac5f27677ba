# SPDX-License-Identifier: MIT
"""Pause, resume and the log's level, over the UNIX socket of a running slotd."""

import json
import signal

import pytest

from .admin import Steered
from .harness.wait import until


@pytest.fixture
def steered(world):
    """web-1 serves."""
    made = Steered(world)
    made.first, = made.register("web-1")
    made.start()
    made.haproxy.wait_serving("web", [made.first])
    until(lambda: made.tcp.status("api"), "api is known")
    return made


def test_a_paused_backend_stays_as_it_is_and_says_what_it_lacks(steered):
    code, text = steered.unix.post("/v1/pause?backend=web")
    assert (code, json.loads(text)) == (200, {"backend": "web", "paused": True, "until": None, "kept": True})
    second, = steered.register("web-2")
    other, = steered.register("api-1", service="api")
    steered.haproxy.wait_serving("api", [other])
    would = until(lambda: steered.tcp.status("web")["would"], "slotd says what it would do")
    assert would[0].endswith(f"addr {second.host} port {second.port}")
    assert steered.tcp.status("web")["paused"] is True and steered.tcp.status("api")["paused"] is False
    assert steered.tcp.metric("slotd_paused", backend="web") == 1
    assert steered.tcp.metric("slotd_paused", backend="api") == 0
    assert [event for event in steered.tcp.events() if event["text"].startswith("web is paused")][0]["backend"] == "web"
    steered.haproxy.wait_serving("web", [steered.first], seconds=0.1)

    assert steered.unix.post("/v1/resume?backend=web")[0] == 200
    steered.haproxy.wait_serving("web", [steered.first, second])
    until(lambda: steered.tcp.status("web")["would"] == [], "nothing is left to do")
    assert steered.unix.post("/v1/resume?backend=web") == (409, "web is not paused\n")


@pytest.mark.one_haproxy
def test_a_pause_of_all_ends_by_itself(steered):
    code, text = steered.unix.post("/v1/pause?for=2s")
    until_then = json.loads(text)["until"]
    assert code == 200 and json.loads(text)["backend"] is None
    second, = steered.register("web-2")
    until(lambda: steered.tcp.status("web")["would"], "it would fill a slot")
    assert steered.tcp.status("api")["paused_until"] == until_then
    steered.haproxy.wait_serving("web", [steered.first], seconds=0.1)
    steered.slotd.wait_log("all backends are no longer paused: its time is over")
    steered.haproxy.wait_serving("web", [steered.first, second])
    assert not steered.tcp.status("web")["paused"] and steered.tcp.status("web")["paused_until"] is None


@pytest.mark.one_haproxy
def test_a_pause_outlives_kill_9(steered):
    steered.unix.post("/v1/pause?backend=web&for=1h")
    end = steered.tcp.status("web")["paused_until"]
    steered.slotd.stop(signal.SIGKILL)
    second, = steered.register("web-2")
    steered.start()
    until(lambda: steered.tcp.status("web")["would"], "it would fill a slot")
    assert steered.tcp.status("web")["paused_until"] == end
    steered.haproxy.wait_serving("web", [steered.first], seconds=0.1)
    steered.slotd.wait_log(f"web is paused until {end}")
    steered.unix.post("/v1/resume")
    steered.haproxy.wait_serving("web", [steered.first, second])


@pytest.mark.one_haproxy
def test_without_a_state_dir_a_pause_is_not_kept_and_says_so(world):
    steered = Steered(world).start(state_dir=False)
    until(lambda: steered.tcp.status("web"), "web is known")
    assert json.loads(steered.unix.post("/v1/pause?backend=web")[1])["kept"] is False
    assert steered.unix.post("/v1/pause?backend=nope")[0] == 404
    assert steered.unix.post("/v1/pause?for=soon")[0] == 400


@pytest.mark.one_haproxy
def test_the_level_of_the_log_is_changed_while_it_runs(world):
    steered = Steered(world)
    steered.slotd = world.slotd(steered.haproxy, steered.consul, config=steered.config(), level="error")
    until(lambda: steered.unix.ask("/healthz") == (200, "ok\n"), "it listens")
    steered.register("web-1")
    until(lambda: steered.tcp.status("web")["slots"]["ready"] == 1, "web-1 serves")
    assert steered.slotd.log() == ""
    assert steered.unix.post("/v1/log-level?level=debug") == (200, '{"level":"debug"}\n')
    steered.register("web-2")
    steered.slotd.wait_log("set server web/s2 addr")
    assert steered.unix.post("/v1/log-level?level=loud")[0] == 400
