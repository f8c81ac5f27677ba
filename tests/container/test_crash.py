# SPDX-License-Identifier: MIT
"""Neither HAProxy nor slotd goes down with the other."""

import os
import signal

import pytest

from live.harness.load import get
from live.harness.wait import until


def kill(pid):
    os.kill(pid, signal.SIGKILL)


def test_haproxy_serves_while_slotd_is_gone_and_slotd_comes_back(demo):
    demo.serve("web-1")
    load = demo.world.load(demo.port)
    worker = demo.haproxy.pid()
    for _ in range(2):  # at once after the first time, and after a pause
        before = demo.box.pid("slotd")
        kill(before)
        until(lambda: demo.box.pids("slotd") not in ([], [before]), "slotd is started again")
    demo.serve("web-2", "web-3")
    assert demo.haproxy.pid() == worker
    assert load.stop().failures == []
    assert "slotd-init: slotd ended with code 137; it starts again in 0 s\n" in demo.box.log()
    assert "slotd-init: slotd ended with code 137; it starts again in 1 s\n" in demo.box.log()


@pytest.mark.parametrize("which", ["worker", "master", "master of a stuck worker"])
def test_slotd_lives_on_and_fills_a_haproxy_that_crashed(demo, which):
    demo.serve("web-1", "web-2")
    slotd, master = demo.box.pid("slotd"), demo.box.pid("haproxy")
    workers = demo.box.workers()
    if "stuck" in which:
        # It does not see its master go, and would get its share of the connections for ever.
        os.kill(workers[0], signal.SIGSTOP)
    kill(workers[0] if which == "worker" else master)
    until(lambda: demo.box.pids("haproxy") not in ([], [master]), "HAProxy is started again")
    until(lambda: demo.haproxy.pid(), "HAProxy answers again")
    demo.wait_serving()
    assert get(demo.port)[0] == 200
    assert demo.box.pid("slotd") == slotd
    until(lambda: not demo.box.alive(workers[0]), "the worker is gone")
    demo.serve("web-3")
    assert "slotd-init: HAProxy ended with code 137; it starts again in 0 s\n" in demo.box.log()
