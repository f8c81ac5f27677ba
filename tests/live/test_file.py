# SPDX-License-Identifier: MIT
"""`slotd run` with a managed file: rendered when, and only when, the set of backends or the template changes."""

import datetime
import os
import re
import signal
import socket

import pytest

from .harness.load import get
from .harness.wait import until
from .managed import Managed


@pytest.fixture
def managed(world):
    return Managed(world)


@pytest.fixture
def taken_port(world):
    """Somebody else listens on it."""
    # It may be taken where connections of an earlier test have only just ended.
    with socket.create_server(("127.0.0.1", world.ports.take())) as taken:
        yield taken.getsockname()[1]


def test_a_service_that_appears_gets_all_it_needs_and_one_that_goes_leaves(world, managed, figure):
    managed.started("web")
    load = world.load(managed.port, path="/web")
    pid, file = managed.pid(), os.stat(managed.output)
    managed.add("web", "web-2")
    managed.wait_backend("web", 2)
    managed.add("web", "web-3")
    managed.wait_backend("web", 3)
    managed.consul.deregister("web-2")
    managed.wait_backend("web", 2)
    managed.consul.put_key("other", "x")

    api = managed.add("api")
    managed.wait_backend("api")
    assert get(managed.port, "/api") == (200, "api-1")
    assert managed.serves("api") == [(api.host, api.port)]
    assert managed.pid() not in (0, pid)
    managed.wait_version("*2", "good", "api came")
    assert len(managed.versions()) == 2, "an instance that comes or goes is no version"
    changes = managed.command("history", "diff", "1", "2").stdout
    assert not re.search(r"^-(?!--)", changes, flags=re.MULTILINE), changes
    assert os.stat(managed.output).st_mtime_ns > file.st_mtime_ns
    managed.wait_standing(version=2, backends=2, lingering=0, pinned=None, edited=False, error=None, doubt=None)

    managed.consul.deregister("api-1")
    managed.slotd.wait_log(r"the service api is gone; its backend stays for 1 s")
    until(lambda: managed.backends() == {"web"}, "api has gone", 20)
    managed.wait_version("*3", "good", "api went")
    managed.wait_standing(version=3, backends=1, lingering=0)
    load.stop()
    assert not load.failures, load.failures[:5]
    figure(f"a backend comes and goes, two reloads: {load.requests} requests of another, 0 failed")


def test_services_that_appear_at_once_make_one_reload(managed):
    managed.started("web")
    names = [f"svc{n}" for n in range(8)]
    for name in names:
        managed.add(name)
    for name in names:
        managed.wait_backend(name)
    managed.wait_version("*2", "good", ", ".join(names) + " came")
    assert managed.shown.metric("slotd_haproxy_reloads_total") == 1
    assert managed.shown.metric("slotd_file_backends", state="listed") == 9


def placed_at(managed, version):
    line = managed.slotd.wait_log(rf"version {version} \(.*\) is in place and loaded", 20)
    return datetime.datetime.fromisoformat(line.split()[0].rstrip("Z"))


def test_reloads_are_as_far_apart_as_is_asked(world):
    managed = Managed(world, interval="3s")
    managed.started("web")
    managed.add("api")
    first = placed_at(managed, 2)
    managed.add("db")
    second = placed_at(managed, 3)
    assert (second - first).total_seconds() >= 3
    managed.wait_backend("db")


def test_the_template_is_followed_and_what_renders_the_same_does_nothing(world, managed):
    managed.started("web")
    load = world.load(managed.port, path="/web")
    pid = managed.pid()
    managed.write_template(managed.text + "{{! nothing of this is rendered }}")
    managed.slotd.wait_log(r"haproxy\.cfg: the template changed and makes the same text")
    assert (managed.pid(), len(managed.versions())) == (pid, 1)
    managed.write_template(managed.text + "# more\n")
    placed_at(managed, 2)
    assert managed.versions()[-1] == ("*2", "good", "the template changed")
    assert managed.read().endswith("# more\n")
    until(lambda: managed.pid() not in (0, pid), "reloaded")
    managed.write_template("{{#backends}}\n")
    managed.slotd.wait_log(r"haproxy\.template:1: .*; .*haproxy\.cfg stays as it is")
    until(lambda: managed.standing()["doubt"], "the doubt is shown")
    managed.write_template("{{nobody}}\n")
    managed.slotd.wait_log(r'haproxy\.template:1: there is no "nobody" here')
    managed.write_template(managed.text.replace("nobody", "# n"))
    load.stop()
    assert not load.failures, load.failures[:5]


def test_a_text_that_haproxy_refuses_changes_nothing(world, managed):
    managed.started("web")
    load = world.load(managed.port, path="/web")
    pid, text, good = managed.pid(), managed.read(), managed.text
    managed.write_template(good + "    nonsense here\n")
    managed.slotd.wait_log(r"stays as it is, HAProxy's check refuses version 2 .*unknown keyword 'nonsense'", 20)
    assert (managed.read(), managed.pid()) == (text, pid)
    until(lambda: "unknown keyword 'nonsense'" in (managed.standing()["error"] or ""), "the error is shown")
    assert managed.shown.metric("slotd_file_failed") == 1
    managed.add("web", "web-2")
    managed.wait_backend("web", 2)
    managed.write_template(good + "# mended\n")
    placed_at(managed, 3)
    managed.wait_standing(version=3, error=None)
    load.stop()
    assert not load.failures, load.failures[:5]


def test_a_worker_that_does_not_come_up_is_rolled_back(world, managed, taken_port, figure):
    """HAProxy's check does not see that a port is taken."""
    managed.started("web")
    load = world.load(managed.port, path="/web")
    pid, text, good = managed.pid(), managed.read(), managed.text
    managed.write_template(good + f"frontend other\n    bind 127.0.0.1:{taken_port}\n")
    managed.slotd.wait_log(r"HAProxy did not come up with version 2 .*, the version before it is in place and loaded again",
                           60)
    assert managed.read() == text
    assert managed.versions() == [("*1", "good", "web came"), ("2", "failed", "the template changed")]
    until(lambda: managed.pid() not in (0, pid), "the version before is loaded again")
    assert managed.standing()["version"] == 1 and managed.standing()["error"]
    managed.wait_backend("web")
    managed.wait_master()
    managed.write_template(good + "# mended\n")
    placed_at(managed, 3)
    managed.wait_backend("web")
    load.stop()
    # A new worker that can't have its port has the old one close the others for 2 s, in which it tries again.
    first, last = (load.failures[0].at, load.failures[-1].at) if load.failures else (0, 0)
    assert all("Connection refused" in failure.why for failure in load.failures), load.failures[:5]
    figure(f"a reload that fails for a port: HAProxy takes no connection for {last - first:.1f} s")


def test_a_worker_that_takes_haproxy_along_leaves_the_good_file(managed):
    """One that ends right after its start, so the master ends too: what starts HAProxy again finds the good file."""
    managed.started("web")
    text, good = managed.read(), managed.text
    managed.write_template(good.replace("global\n", "global\n    chroot /no/such\n", 1))
    managed.slotd.wait_log(r"HAProxy did not come up with version 2 .*; and no HAProxy answers any more that could load version 1, "
                           "which is in place again", 60)
    assert managed.read() == text
    assert [version[:2] for version in managed.versions()] == [("*1", "good"), ("2", "failed")]
    managed.program.stop()
    managed.start()
    managed.wait_backend("web")
    managed.write_template(good + "# mended\n")
    placed_at(managed, 3)
    managed.wait_backend("web")


def test_a_rollback_under_load_fails_no_request_and_is_pinned(world, managed, figure):
    managed.started("web")
    managed.add("api")
    managed.wait_backend("api")
    load = world.load(managed.port, path="/web")
    until(lambda: load.requests > 200, "requests flow")
    assert managed.command("rollback").returncode == 0
    managed.wait_standing(pinned=3, version=3)
    assert managed.shown.metric("slotd_file_pinned") == 1
    managed.slotd.wait_log(r"version 3 is pinned since `slotd rollback`")
    assert managed.backends() == {"web"}
    managed.add("db")
    managed.write_template(managed.text + "# more\n")
    until(lambda: managed.standing()["backends"] == 3, "db is seen", 20)
    assert managed.command("rollback", "2").returncode == 0
    until(lambda: managed.backends() == {"web", "api"}, "version 2 is back")
    managed.wait_standing(pinned=4)
    before = load.requests
    until(lambda: load.requests > before + 200, "requests flow")
    said = managed.render("--unpin")
    assert "is in place and loaded" in said
    managed.wait_standing(pinned=None)
    assert managed.shown.metric("slotd_file_pinned") == 0
    assert managed.file_backends() == ["api", "db", "web"] and managed.read().endswith("# more\n")
    managed.wait_backend("db")
    load.stop()
    assert not load.failures, (len(load.failures), load.failures[:5])
    figure(f"two rollbacks and the way back: {load.requests} requests, 0 failed")


def test_an_edit_by_hand_is_noticed_kept_and_left_alone(managed):
    managed.started("web")
    with open(managed.output, "a") as file:
        file.write("# a hand\n")
    edited = managed.read()
    managed.slotd.wait_log(r" warn .*was written by somebody else, which is kept as version 2 and left alone")
    managed.wait_standing(edited=True)
    assert managed.shown.metric("slotd_file_edited") == 1
    pid = managed.pid()
    managed.add("api")
    until(lambda: managed.standing()["backends"] == 2, "api is seen", 20)
    assert managed.command("history", "show", "2").stdout == edited
    assert "\n-# a hand\n" in managed.render("--diff")
    assert (managed.read(), managed.pid()) == (edited, pid)
    managed.render("--force")
    managed.wait_standing(edited=False)
    managed.wait_backend("api")
    assert "# a hand" not in managed.read()


def test_what_happens_to_the_file_is_among_the_events(managed):
    managed.started("web")
    stream = managed.shown.stream()
    good, placed = managed.text, r"haproxy\.cfg: version {} \({}\) is in place and loaded"
    managed.write_template(good + "    nonsense here\n")
    refused = stream.wait("HAProxy's check refuses version 2")[1]
    assert (refused["level"], refused["file"], refused["version"]) == ("error", managed.output, 2)
    assert [refused[key] for key in ("socket", "backend", "slot", "instance")] == [None] * 4
    managed.write_template(good + "# mended\n")
    assert stream.wait(placed.format(3, "the template changed"))[1]["version"] == 3
    managed.wait_backend("web")
    assert managed.command("rollback", "1").returncode == 0
    assert stream.wait("version 4 is pinned since `slotd rollback`")[1]["version"] == 4
    managed.render("--unpin")
    assert stream.wait("version 5 was put in place by a command")[1]["version"] == 5
    managed.wait_master()
    with open(managed.output, "a") as file:
        file.write("# a hand\n")
    assert stream.wait("was written by somebody else")[1]["level"] == "warn"
    stream.close()
    assert {event["version"] for event in managed.shown.events() if event["file"]} >= {2, 3, 4, 5, 6}


def test_sighup_takes_another_file_and_lets_go_of_one(managed):
    managed.started("web")
    pid, text = managed.pid(), managed.read()
    managed.configure()
    os.kill(managed.slotd.pid, signal.SIGHUP)
    managed.slotd.wait_log("SIGHUP: the configuration is read again")
    managed.configure(more="slots = 3")
    os.kill(managed.slotd.pid, signal.SIGHUP)
    placed_at(managed, 2)
    assert "s 1-3 web.service.slots.invalid" in managed.read() and managed.pid() != pid
    assert text != managed.read()
    managed.wait_backend("web")
    managed.configure(without_file=True)
    os.kill(managed.slotd.pid, signal.SIGHUP)
    until(lambda: managed.standing() is None, "no file is managed")
    managed.slotd.wait_log(r"haproxy\.cfg is no longer managed and stays as it is")
    managed.configure()
    os.kill(managed.slotd.pid, signal.SIGHUP)
    placed_at(managed, 3)
    managed.wait_backend("web")


@pytest.mark.one_haproxy
def test_sighup_leaves_the_versions_where_they_are(world, managed):
    managed.started("web")
    managed.wait_standing(version=1)
    managed.state_dir = os.path.join(world.folder, "other")
    os.mkdir(managed.state_dir)
    managed.configure(more="slots = 3")
    os.kill(managed.slotd.pid, signal.SIGHUP)
    managed.slotd.wait_log(r"\[admin\] state_dir: another folder is taken when slotd is started again")
    managed.wait_standing(version=2, edited=False)
    assert "s 1-3 web.service.slots.invalid" in managed.read()
    assert os.listdir(managed.state_dir) == []
