# SPDX-License-Identifier: MIT
"""kill -9 while the managed file is changed: a whole file is there, and the next slotd finishes."""

import os
import random
import signal
import subprocess
import time

import pytest

from .harness.wait import until
from .managed import Managed

END = "# the end\n"


class Halting:
    """A command of [file] that waits in front of what it does until it is let go. It does nothing once slotd is gone."""

    def __init__(self, folder, name, command):
        self.reached = os.path.join(folder, name + ".reached")
        self.gate = os.path.join(folder, name + ".gate")
        script = (f'touch {self.reached}; while [ -e {self.gate} ]; do sleep 0.05; done; kill -0 $PPID || exit 1; '
                  f'exec {command}')
        self.command = f'["sh", "-c", {script!r}]'.replace("'", '"')

    def close(self):
        if os.path.exists(self.reached):
            os.unlink(self.reached)
        open(self.gate, "w").close()

    def open(self):
        os.unlink(self.gate)

    def wait(self):
        until(lambda: os.path.exists(self.reached), "the command was started", 20)


@pytest.fixture
def halting(world):
    managed = Managed(world)
    managed.check = Halting(managed.folder, "check", f"{managed.binary} -c -f {{file}}")
    managed.reload = Halting(managed.folder, "reload", f"kill -USR2 $(cat {managed.pid_file})")
    managed.more = f"check = {managed.check.command}"
    managed.reload_by = managed.reload.command.replace("exec kill", "kill")
    managed.started("web")
    return managed


def test_killed_during_the_check(halting):
    before, pid = halting.read(), halting.pid()
    halting.check.close()
    halting.write_template(halting.text + END)
    halting.check.wait()
    halting.slotd.stop(signal.SIGKILL)
    assert (halting.read(), halting.pid()) == (before, pid)
    halting.check.open()
    halting.start_slotd()
    until(lambda: halting.read().endswith(END), "the next slotd did it", 20)
    until(lambda: halting.pid() not in (0, pid), "and loaded it", 20)
    until(lambda: halting.versions()[-1][:2] == ("*2", "good"), "and knows it", 20)
    halting.wait_backend("web")


def test_killed_before_the_reload(halting):
    pid = halting.pid()
    halting.reload.close()
    halting.write_template(halting.text + END)
    halting.reload.wait()
    halting.slotd.stop(signal.SIGKILL)
    assert halting.read().endswith(END)
    assert halting.versions() == [("*1", "good", "web came"), ("2", "new", "the template changed")]
    halting.reload.open()
    halting.start_slotd()
    until(lambda: halting.versions() == [("1", "good", "web came"), ("*2", "good", "the template changed")],
          "it was loaded by the next slotd", 20)
    assert halting.pid() not in (0, pid)
    halting.wait_backend("web")


def test_what_was_cut_off_waits_for_the_end_of_a_pause(world, halting):
    pid = halting.pid()
    halting.reload.close()
    halting.write_template(halting.text + END)
    halting.reload.wait()
    assert halting.shown.post("/v1/pause")[0] == 200
    halting.slotd.stop(signal.SIGKILL)
    halting.reload.open()
    halting.start_slotd()
    halting.slotd.wait_log(r" warn .*stays as it is while slotd is paused: .*put version 2 there")
    assert "put version 2 there" in halting.standing()["error"]
    assert halting.pid() == pid
    halting.shown.post("/v1/resume")
    halting.slotd.wait_log(r"version 2 is in place and loaded", 20)
    assert halting.pid() not in (0, pid)
    halting.wait_backend("web")


def test_killed_at_any_moment(world):
    managed = Managed(world, interval="0s")
    managed.started("web")
    managed.wait_master()
    load = world.load(managed.port, path="/web")
    base = managed.text
    wholes = {managed.read()}
    order = random.Random(7)
    for number in range(8):
        managed.write_template(f"{base}# {number}\n{END}")
        wholes.add(managed.render("--stdout"))
        # The random moment of the kill.
        time.sleep(order.uniform(0.5, 2.5))
        managed.slotd.program.process.send_signal(signal.SIGKILL)
        managed.slotd.program.process.wait()
        assert managed.read() in wholes
        checked = subprocess.run([managed.binary, "-c", "-f", managed.output], capture_output=True, text=True, timeout=20)
        assert checked.returncode == 0, checked
        managed.start_slotd()
    last = f"# 7\n{END}"
    until(lambda: managed.read().endswith(last) and managed.versions()[-1][1] == "good", "the last is there", 30)
    managed.wait_backend("web")
    load.stop()
    assert not load.failures, load.failures[:5]
    assert not [name for name in os.listdir(managed.folder) if name.endswith(".slotd") and "cfg" in name]
