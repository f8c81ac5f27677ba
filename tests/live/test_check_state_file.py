# SPDX-License-Identifier: MIT
"""`slotd check` on state files, and on files that one of the two users may not use."""

import os
import subprocess

from .checking import check, consul, faults, state_config  # noqa: F401
from .harness.haproxy import Backend
from .harness.wait import until


def test_a_state_file_that_haproxy_does_not_load_or_that_is_old_is_told(world, consul):
    plain, loads = world.haproxy(Backend("web")), world.haproxy(Backend("web"), state_file=True)
    path = os.path.join(world.folder, "state")
    lines_to_write = (f"(write `server-state-file {path}` under global and `load-server-state-from-file global` under "
                      "defaults)")
    config = f'[haproxy]\nstate_file = "{path}"\n'
    assert faults(check(world, plain, consul, config=config)[1]) == [
        f"failure  state-file {path}: HAProxy does not load it for the backend web {lines_to_write}"]
    assert faults(check(world, loads, consul, config=config)[1]) == [
        f"failure  state-file {path}: HAProxy loads {loads.state_file} for the backend web, not this file "
        f"{lines_to_write}"]
    assert faults(check(world, loads, consul)[1]) == [
        f"warning  state-file {loads.state_file}: HAProxy loads it for the backend web, and slotd does not keep it: at a "
        "reload it may be old (set `state_file` under [haproxy] to it, unless each reload writes it first)"]

    code, lines = check(world, loads, consul, config=state_config(loads))
    assert (code, faults(lines)) == (0, [])
    assert lines[-2] == f"ok       state-file {loads.state_file}: it is not there yet: `slotd run` writes it"
    loads.save_state()
    assert faults(check(world, loads, consul, config=state_config(loads))[1]) == []
    loads.run("set server web/s2 state ready")
    code, lines = check(world, loads, consul, config=state_config(loads))
    assert (code, faults(lines)) == (0, [
        f"warning  state-file {loads.state_file}: it is not what HAProxy has now: web/s2 is ready at 127.0.0.1:1, and in "
        "the file maint at 127.0.0.1:1 (`slotd run` keeps it fresh: does it run?)"])
    with open(loads.state_file, "w") as file:
        file.write("nothing of the kind\n")
    code, lines = check(world, loads, consul, config=state_config(loads))
    assert (code, faults(lines)) == (1, [
        f"failure  state-file {loads.state_file}: it is no server-state file of HAProxy's (remove it: `slotd run` writes "
        "it anew)"])


def test_without_haproxy_cfg_the_age_of_its_servers_tells_whether_it_began_with_a_state_file(world, consul):
    haproxy = world.haproxy(Backend("web"), state_file=True)
    nowhere = os.path.join(world.folder, "none.cfg")
    config = state_config(haproxy)

    def about_loading():
        code, lines = check(world, haproxy, consul, "--haproxy-config", nowhere, config=config)
        assert code == 0
        assert faults(lines) == [
            f"warning  haproxy {haproxy.socket}: haproxy.cfg was not looked at: {nowhere}: No such file or directory "
            "(--haproxy-config FILE names it; it says what no socket tells: init-addr, hash-type, the state file)"]
        return next(line for line in lines if "state-file" in line)

    assert "whether HAProxy loads it can't be told" in about_loading()
    until(lambda: int(haproxy.servers()[0]["srv_time_since_last_change"]) > 3, "the servers are older than a process "
                                                                              "that begins")
    haproxy.save_state()
    haproxy.reload()
    assert "HAProxy began with a state file; which one can't be told" in about_loading()


def test_files_that_another_user_may_not_use_are_told(world, consul):
    haproxy = world.haproxy(Backend("web"), state_file=True)
    user = world.as_nobody(haproxy.socket)
    if user is None:
        said = "as another user nothing can be started here"
        assert os.getuid() != 0, said
        return
    os.chmod(haproxy.socket, 0o666)
    os.chmod(haproxy.config, 0o600)
    path = world.config(state_config(haproxy))
    said = user("check", "-c", path, "--socket", haproxy.socket, "--consul", consul.url)
    assert faults(said.stdout.splitlines()) == [
        f"warning  haproxy {haproxy.socket}: haproxy.cfg was not looked at: {haproxy.config}: Permission denied "
        "(--haproxy-config FILE names it; it says what no socket tells: init-addr, hash-type, the state file)",
        f"failure  state-file {haproxy.state_file}: slotd can't keep it: {world.folder}: Permission denied (slotd writes "
        "the file beside it and renames it; run `slotd check` as slotd's user)"]
    assert said.returncode == 1


def test_a_state_file_that_haproxys_user_may_not_read_is_told(world, consul):
    nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
    reachable = os.getuid() == 0 and subprocess.run([*nobody, world.binaries["haproxy"], "-v"], capture_output=True,
                                                    timeout=20).returncode == 0
    if not reachable:
        return
    os.chmod(world.folder, 0o777)
    haproxy = world.haproxy(Backend("web"), state_file=True, before=nobody)
    haproxy.save_state()
    assert faults(check(world, haproxy, consul, config=state_config(haproxy))[1]) == []
    os.chmod(haproxy.state_file, 0o600)
    code, lines = check(world, haproxy, consul, config=state_config(haproxy))
    assert code == 1
    assert faults(lines) == [
        f"failure  state-file {haproxy.state_file}: HAProxy may not read it at a reload: it runs as user 65534 (change "
        "the owner or mode of the file, or of a folder above it; slotd keeps them)"]
