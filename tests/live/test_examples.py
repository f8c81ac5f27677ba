# SPDX-License-Identifier: MIT
"""The configuration that people copy is one that HAProxy takes without a word, and that slotd can fill."""

import pathlib
import subprocess

TOP = pathlib.Path(__file__).resolve().parents[2]


def check(binary, path):
    return subprocess.run([binary, "-c", "-f", path], capture_output=True, text=True, timeout=20)


def test_haproxy_takes_the_example(haproxy_binary, tmp_path):
    state, config = tmp_path / "state", tmp_path / "haproxy.cfg"
    # HAProxy 2.6 warns while the state file is not there yet.
    state.write_text("1\n")
    text = (TOP / "examples/haproxy.cfg").read_text()
    assert text.count("server-state-file /var/lib/haproxy/state\n") == 1
    config.write_text(text.replace("server-state-file /var/lib/haproxy/state", f"server-state-file {state}"))
    checked = check(haproxy_binary, config)
    assert checked.returncode == 0, checked.stderr
    assert not [line for line in checked.stderr.splitlines() if "WARNING" in line or "ALERT" in line]


def test_haproxy_takes_the_quickstarts(haproxy_binary, monkeypatch):
    for name, value in (("PORT", "20000"), ("RUN", "/tmp")):
        monkeypatch.setenv(name, value)
    checked = check(haproxy_binary, TOP / "examples/quickstart/haproxy.cfg")
    assert checked.returncode == 0, checked.stderr
    assert not [line for line in checked.stderr.splitlines() if "WARNING" in line or "ALERT" in line]
