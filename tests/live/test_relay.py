# SPDX-License-Identifier: MIT
"""The harness's own relay: it stands between slotd and a real program unseen, so that no fault is its own."""

import contextlib
import os
import socket

import pytest

from .harness.relay import Relay
from .harness.wait import until


@pytest.fixture
def target(tmp_path):
    """A listener that answers nothing by itself."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "target"))
        listener.listen()
        listener.settimeout(5)
        yield listener


@pytest.fixture
def connect(tmp_path, target):
    """`connect(*rule)` gives the relay, its client's end and the target's."""
    with contextlib.ExitStack() as opened:
        def open_both(*rule):
            relay = Relay(str(tmp_path / "relay"), target.getsockname())
            opened.callback(relay.stop)
            relay.set(*rule)
            client = opened.enter_context(socket.socket(socket.AF_UNIX))
            client.settimeout(5)
            client.connect(relay.socket)
            client.sendall(b"ask\n")
            server, _ = target.accept()
            opened.enter_context(server)
            server.settimeout(5)
            assert server.recv(100) == b"ask\n"
            return relay, client, server

        yield open_both


@pytest.mark.parametrize("answered", [False, True], ids=["unanswered", "its answer unread"])
@pytest.mark.parametrize("rule", [("pass",), ("commands", 1, lambda: None)], ids=lambda rule: rule[0])
def test_a_client_that_goes_takes_its_connection_to_the_target_along(connect, rule, answered):
    _, client, server = connect(*rule)
    if answered:
        server.sendall(b"answer")
        until(lambda: client.recv(100, socket.MSG_PEEK) == b"answer", "the answer is there, unread")
    client.close()
    with contextlib.suppress(ConnectionResetError):
        assert server.recv(100) == b""


def test_a_client_that_has_said_all_still_gets_its_answer(connect):
    _, client, server = connect("pass")
    client.shutdown(socket.SHUT_WR)
    assert server.recv(100) == b""
    server.sendall(b"answer")
    server.close()
    assert (client.recv(100), client.recv(100)) == (b"answer", b"")


def test_a_new_rule_ends_what_was_open_and_leaves_no_descriptor(connect):
    before = len(os.listdir("/proc/self/fd"))
    relay, client, server = connect("pass")
    relay.set("refuse")
    assert (client.recv(100), server.recv(100)) == (b"", b"")
    client.close()
    server.close()
    relay.stop()
    until(lambda: len(os.listdir("/proc/self/fd")) <= before, "all is closed")
