# SPDX-License-Identifier: MIT
"""What a running slotd shows: status, metrics, events, whether it is ready."""

import json
import os
import re
import signal
import subprocess

import pytest

from .admin import Steered
from .harness.haproxy import Backend
from .harness.shown import Shown
from .harness.wait import until


@pytest.fixture
def steered(world):
    return Steered(world)


def test_the_status_says_who_sits_where_since_when(world, steered, haproxy_version):
    one, two, *waiting = steered.register("web-1", "web-2", "web-3", "web-4", "web-5", "web-6")
    steered.register("api-1", service="api")
    steered.start()
    until(lambda: steered.tcp.status("web")["instances"] == {"serving": 4, "waiting": 2, "refused": 0}, "web is filled")
    document = until(lambda: (now := steered.tcp.status())["ready"] and now, "slotd is ready")
    assert document["version"] and document["not_ready"] == []
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", document["started"])
    assert document["haproxy"][0]["pid"] == steered.haproxy.pid() and document["haproxy"][0]["up"] is True
    assert document["haproxy"][0]["version"].startswith(".".join(map(str, haproxy_version)))
    web, = [backend for backend in document["backends"] if backend["name"] == "web"]
    assert (web["service"], web["paused"], web["held"], web["last_error"]) == ("web", False, None, None)
    assert web["slots"] == {"ready": 4, "draining": 0, "out": 0, "free": 0}
    assert [name.split()[0] for name in web["waiting"]] == ["web-5", "web-6"]
    assert document["started"] <= web["last_change"] <= web["last_success"]
    by_instance = {slot["instance"]: slot for slot in web["slot"]}
    slot = by_instance["web-1"]
    assert (slot["address"], slot["port"], slot["node"], slot["state"]) == (one.host, one.port, "ext", "ready")
    assert steered.haproxy.slots("web")[slot["name"]].at == (one.host, one.port)
    assert slot["since"] and slot["weight"] == 1

    steered.consul.set_status("web-2", "critical")
    until(lambda: {slot["instance"]: slot["state"] for slot in steered.unix.slots("web").values()}["web-2"] == "out",
          "web-2 is out")
    assert steered.tcp.status("web")["slots"] == {"ready": 3, "draining": 0, "out": 1, "free": 0}
    assert steered.tcp.ask("/v1/status?backend=nope")[0] == 404


def test_ready_once_every_backend_was_in_step(steered):
    steered.consul.stop()
    steered.start()
    assert steered.tcp.ask("/healthz") == (200, "ok\n")
    until(lambda: steered.tcp.ask("/readyz")[1].count("held (consul-unreachable)") == 2, "both backends are held")
    code, text = steered.tcp.ask("/readyz")
    assert code == 503
    for backend in ("web", "api"):
        assert f"{backend} on {steered.haproxy.socket}: held (consul-unreachable): " in text
    assert steered.tcp.status()["not_ready"] == text.splitlines()
    assert steered.tcp.metric("slotd_ready") == 0
    assert steered.tcp.metric("slotd_held", backend="web", reason="consul-unreachable") == 1
    held = steered.tcp.status("web")["held"]
    assert held["reason"] == "consul-unreachable" and held["since"] and held["detail"]

    steered.consul.start()
    steered.register("web-1")
    steered.register("api-1", service="api")
    until(lambda: steered.tcp.ask("/readyz") == (200, "ready\n"), "slotd is ready", 20)
    assert steered.tcp.status("web")["held"] is None
    steered.consul.stop()
    until(lambda: steered.tcp.status("web")["held"], "it is held again")
    assert steered.tcp.ask("/readyz") == (200, "ready\n")


def test_metrics_are_as_prometheus_wants_them_and_count(world, steered, promtool):
    other = world.haproxy(Backend("web"), state_file=True)
    steered.register("web-1", "web-2")
    steered.start("--socket", other.socket)
    for haproxy in (steered.haproxy, other):
        until(lambda: steered.tcp.metric("slotd_slots", backend="web", state="ready", socket=haproxy.socket) == 2,
              "web is filled")
    before = steered.tcp.metric("slotd_rounds_total", socket=other.socket, outcome="ok")
    other.reload()
    until(lambda: steered.tcp.metric("slotd_haproxy_reloads_total", socket=other.socket) == 1, "the reload is counted")
    until(lambda: steered.tcp.metric("slotd_rounds_total", socket=other.socket, outcome="ok") > before, "rounds count")
    steered.haproxy.stop()
    until(lambda: steered.tcp.metric("slotd_haproxy_up", socket=steered.haproxy.socket) == 0, "it is down")
    page = steered.tcp.ask("/metrics")[1]
    linted = subprocess.run([promtool, "check", "metrics"], input=page, capture_output=True, text=True, timeout=20)
    assert (linted.returncode, linted.stdout, linted.stderr) == (0, "", "")
    metrics = steered.tcp.metrics()
    socket = f'socket="{other.socket}"'
    assert metrics[f'slotd_commands_total{{backend="web",{socket},kind="addr",outcome="done"}}'] >= 2
    assert metrics['slotd_consul_requests_total{outcome="ok"}'] >= 2
    assert metrics["slotd_propagation_seconds_count"] >= 1
    assert metrics["process_resident_memory_bytes"] > 1_000_000
    assert 0 < metrics["process_cpu_seconds_total"] < 60
    last_success = steered.tcp.metric("slotd_last_success_timestamp_seconds", backend="web", socket=other.socket)
    assert metrics["process_start_time_seconds"] - 1 <= last_success


@pytest.mark.one_haproxy
def test_events_are_listed_and_streamed_as_they_come(steered):
    steered.register("web-1")
    steered.start()
    stream = steered.tcp.stream()
    first_id, first = stream.wait(r"^web/s\d+ ready at ")
    assert (first["backend"], first["level"], first["socket"]) == ("web", "info", steered.haproxy.socket)
    assert re.fullmatch(r"s\d+", first["slot"]) and first["instance"].startswith("web-1 on ext")
    steered.register("web-2")
    second_id, second = stream.wait("web-2")
    assert second["number"] > first["number"]
    assert second["text"] in steered.slotd.log()

    listed = steered.tcp.events()
    assert listed[0]["number"] == 1 and second in listed
    assert steered.tcp.events(after=first["number"])[0]["number"] == first["number"] + 1

    resumed = steered.unix.stream(Last_Event_ID=first_id)
    assert next(iter(resumed))[1]["number"] == first["number"] + 1
    stream.close()
    resumed.close()

    # Another run counts from 1 again: an ID of the one before is none of its own.
    steered.slotd.stop()
    steered.start()
    again = steered.tcp.stream(Last_Event_ID=second_id)
    assert next(iter(again))[1]["number"] == 1
    again.close()


@pytest.mark.one_haproxy
def test_the_page_may_load_nothing_but_what_slotd_says(steered):
    steered.start()
    answer = steered.tcp.open("/")
    assert answer.status == 200 and answer.getheader("Content-Type") == "text/html; charset=utf-8"
    policy = answer.getheader("Content-Security-Policy")
    assert "default-src 'none'" in policy and "connect-src 'self'" in policy and "unsafe" not in policy
    assert answer.getheader("X-Content-Type-Options") == "nosniff"
    assert "<html" in answer.read().decode()
    head = steered.tcp.open("/", "HEAD")
    assert head.status == 200 and head.read() == b"" and int(head.getheader("Content-Length")) > 0


@pytest.mark.one_haproxy
def test_errors_are_those_of_http(steered):
    steered.start()
    assert steered.tcp.ask("/nothing")[0] == 404
    for target, method, allow in [("/metrics", "POST", "GET, HEAD"), ("/v1/pause", "GET", "POST")]:
        answer = steered.unix.open(target, method)
        assert (answer.status, answer.getheader("Allow")) == (405, allow)
    assert steered.tcp.ask("/v1/status?bakend=web")[0] == 400
    assert steered.tcp.ask("/" + "a" * 5000)[0] == 414
    assert steered.tcp.ask("/healthz", Cookie="a" * 9000)[0] == 431


@pytest.mark.one_haproxy
def test_only_local_names_are_answered_over_tcp_and_nothing_is_changed(steered):
    steered.start()
    for host in ("evil.example", "slotd.example:80", "localhost.evil.example", "10.0.0.1"):
        assert steered.tcp.ask("/v1/status", Host=host)[0] == 403, host
        assert steered.unix.ask("/v1/status", Host=host)[0] == 200, host
    for host in ("localhost", f"127.0.0.1:{steered.tcp.address}", "slotd.localhost", "[::1]"):
        assert steered.tcp.ask("/v1/status", Host=host)[0] == 200, host
    # As HAProxy's own health check asks.
    assert steered.tcp.raw(b"OPTIONS / HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 405 ")
    assert steered.tcp.raw(b"GET /readyz HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 ")
    for target in ("/v1/pause", "/v1/pause?backend=web&for=1h", "/v1/resume", "/v1/log-level?level=off"):
        code, text = steered.tcp.post(target)
        assert code == 403 and "UNIX socket" in text
        assert steered.tcp.ask(target, "POST", Origin="http://evil.example")[0] == 403
    until(lambda: steered.tcp.status("web"), "web is known")
    assert not any(backend["paused"] for backend in steered.tcp.status()["backends"])
    assert "nothing can be changed" not in steered.slotd.log()


@pytest.mark.one_haproxy
def test_the_socket_is_for_its_group_and_belongs_to_one_slotd(world, steered):
    steered.start(state_dir=False)
    assert os.stat(steered.unix.address).st_mode & 0o7777 == 0o660
    second = world.command("run", steered.haproxy, steered.consul, config=steered.config())
    assert second.returncode == 1 and "Address already in use" in second.stderr
    only_unix = f'[admin]\nlisten = ["unix:{steered.unix.address}"]\n'
    second = world.command("run", steered.haproxy, steered.consul, config=only_unix)
    assert second.returncode == 1 and "another slotd listens" in second.stderr
    # A dry run may stand beside the slotd that does the work.
    dry = world.slotd(steered.haproxy, steered.consul, "--dry-run", config=steered.config())
    dry.wait_log("a dry run: nothing is sent")
    dry.stop()
    assert steered.unix.ask("/healthz") == (200, "ok\n")

    steered.slotd.stop(signal.SIGKILL)
    assert os.path.exists(steered.unix.address)
    steered.start()
    assert steered.unix.ask("/healthz") == (200, "ok\n")
    assert steered.slotd.stop() < 2 and steered.slotd.returncode == 0
    assert not os.path.exists(steered.unix.address)


@pytest.mark.one_haproxy
def test_a_hangup_listens_where_the_file_says_now(world, steered):
    path = world.config(steered.config())
    slotd = world.slotd(steered.haproxy, steered.consul, "-c", path)
    slotd.wait_log("follows Consul at")
    stream = steered.tcp.stream()
    other = Shown(world.ports.take())

    def hang_up(listen):
        with open(path, "w") as file:
            file.write(f"[admin]\nlisten = {json.dumps(listen)}\n")
        os.kill(slotd.pid, signal.SIGHUP)

    hang_up([f"127.0.0.1:{steered.tcp.address}", f"127.0.0.1:{other.address}"])
    until(lambda: other.ask("/healthz") == (200, "ok\n"), "it listens there too")
    slotd.wait_log("another folder is taken when slotd is started again")
    assert not os.path.exists(steered.unix.address)
    hang_up([f"127.0.0.1:{other.address}", f"unix:{world.folder}/none/s"])
    slotd.wait_log("can't listen: No such file or directory.*slotd listens where it did before")
    assert other.ask("/healthz") == steered.tcp.ask("/healthz") == (200, "ok\n")
    steered.register("web-1")
    stream.wait("web-1")
    stream.close()
