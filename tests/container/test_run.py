# SPDX-License-Identifier: MIT
"""The image at work: read-only, as its user, beside a real Consul."""

import os
import pathlib
import signal
import time

from live.harness.load import get
from live.harness.wait import until

from .box import Box, has_namespaces


def status(pid):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def test_a_change_in_consul_is_served(demo, figure):
    origin, second = (demo.world.origins.start(name) for name in ("web-1", "web-2"))
    began = time.monotonic()
    demo.register(origin)

    def served():
        code, body = get(demo.port)
        return (code, body) == (200, "web-1")

    until(served, "the new instance answers through HAProxy")
    figure(f"registration to HTTP 200: {(time.monotonic() - began) * 1000:.0f} ms")
    demo.register(second)
    demo.haproxy.wait_serving("web", [origin, second])
    demo.consul.deregister("web-1")
    demo.haproxy.wait_serving("web", [second])


def test_what_runs_is_not_root_and_can_do_nothing_else(demo):
    for pid in (demo.box.first, demo.box.pid("haproxy"), demo.box.pid("slotd"), *demo.box.workers()):
        now = status(pid)
        assert int(now["CapEff"], 16) == 0
        inside = now["Uid"].split()[0]
        # In a user namespace the image's user is the caller outside.
        assert has_namespaces() or inside == "99"


def test_the_health_check_is_haproxys(demo):
    until(lambda: demo.box.run_inside(*demo.box.image.health).returncode == 0, "healthy")
    (worker,) = demo.box.workers()
    os.kill(worker, signal.SIGSTOP)
    try:
        ill = demo.box.run_inside(*demo.box.image.health)
    finally:
        os.kill(worker, signal.SIGCONT)
    assert ill.returncode == 1
    assert ill.stderr == "/run/haproxy/admin.sock: no answer within 3 s\n"
    until(lambda: demo.box.run_inside(*demo.box.image.health).returncode == 0, "healthy again")


def test_a_command_of_its_own_takes_the_place_of_both(world, image):
    box = Box(world, image, ["slotd", "--version"])
    assert box.wait_end() == 0
    assert box.log().startswith("slotd ")
    box = Box(world, image, ["haproxy", "-v"])
    assert box.wait_end() == 0
    assert box.log().startswith("HAProxy version 2.6")


def test_certificates_are_there_for_haproxy_too(world, image):
    config = "listen tls\n    bind 127.0.0.1:1\n    timeout client 1s\n    timeout connect 1s\n    timeout server 1s\n" \
        "    server one 127.0.0.1:1 ssl verify required ca-file @system-ca\n"
    box = Box(world, image, ["/usr/sbin/haproxy", "-c", "-f", "/etc/haproxy/haproxy.cfg"],
              files={"/etc/haproxy/haproxy.cfg": config})
    assert (box.wait_end(), "ALERT" in box.log(), "WARNING" in box.log()) == (0, False, False), box.log()
