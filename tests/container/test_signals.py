# SPDX-License-Identifier: MIT
"""What signals do to the container, and its exit codes."""

import signal
import threading
import time

import pytest

from live.harness.load import get
from live.harness.wait import until

from .box import Box
from .image import TOP


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT], ids=lambda number: number.name)
def test_ends_at_once_with_0(demo, number):
    demo.serve("web-1")
    box = demo.box
    slotd = box.pid("slotd")
    began = time.monotonic()
    box.send(number)
    assert box.wait_end() == 0
    # An engine waits for 10 s.
    assert time.monotonic() - began < 8
    assert "SIGTERM: slotd ends, every slot stays as it is" in box.log()
    assert not box.alive(slotd)


def test_the_engines_signal_is_one_of_these(image, alone):
    assert image.stop_signal == alone.stop_signal == "SIGTERM"


def test_usr1_lets_haproxy_finish(demo):
    demo.serve("web-1")
    answers = []
    request = threading.Thread(target=lambda: answers.append(get(demo.port, "/hold/2")))
    request.start()
    until(lambda: sum(demo.haproxy.sessions("web").values()) == 1, "the request is in flight")
    demo.box.send(signal.SIGUSR1)
    request.join()
    assert answers == [(200, "web-1")]
    assert demo.box.wait_end() == 0


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGUSR2], ids=lambda number: number.name)
def test_a_reload_fails_no_request(demo, number):
    demo.serve("web-1", "web-2")
    load = demo.world.load(demo.port)
    slotd, master, worker = demo.box.pid("slotd"), demo.box.pid("haproxy"), demo.haproxy.pid()
    demo.box.send(number)
    until(lambda: demo.haproxy.pid() not in (0, worker), "the new worker answers")
    demo.serve("web-3")
    assert load.stop().failures == []
    assert (demo.box.pid("slotd"), demo.box.pid("haproxy")) == (slotd, master)
    read_again = "SIGHUP: the configuration is read again"
    if number == signal.SIGHUP:
        demo.box.wait_log(read_again)
    else:
        assert read_again not in demo.box.log()


def test_a_haproxy_that_cannot_start_ends_the_container_with_its_code(world, image):
    box = Box(world, image, files={"/etc/haproxy/haproxy.cfg": "frontend f\n    bind nonsense\n"})
    assert box.wait_end() == 1
    assert "[ALERT]" in box.log()
    assert "slotd-init: HAProxy ended with code 1, and so does the container\n" in box.log()


def test_a_slotd_with_a_wrong_configuration_ends_the_container_with_2(world, image):
    box = Box(world, image, environment={"PORT": str(world.ports.take())}, files={
        "/etc/haproxy/haproxy.cfg": TOP / "container/demo/haproxy.cfg",
        "/etc/slotd/slotd.toml": "[haproxy]\nsocket = \"/run/haproxy/admin.sock\"\n"})
    assert box.wait_end() == 2
    assert "/etc/slotd/slotd.toml:2" in box.log()
    assert "slotd-init: slotd can't start (code 2), and so the container ends\n" in box.log()


def test_an_unknown_program_is_127(world, image):
    assert Box(world, image, ["/usr/bin/nothing"]).wait_end() == 127
