# SPDX-License-Identifier: MIT
"""With the state file kept fresh, a reload by anyone at any time starts with all slots filled."""

import os

import pytest

from .harness.haproxy import Backend
from .harness.wait import until


def config(haproxy, more=""):
    return f'[haproxy]\nstate_file = "{haproxy.state_file}"\n[defaults]\nconfirm = "0s"\n{more}'


def serving(world, *backends, count=3, **options):
    consul = world.consul()
    haproxy = world.haproxy(*(backends or [Backend("web", slots=8)]), state_file=True, redispatch=False, **options)
    origins = [world.origins.start(f"web-{n}") for n in range(count)]
    for origin in origins:
        consul.register("web", origin.name, origin.host, origin.port)
    slotd = world.slotd(haproxy, consul, config=config(haproxy), level="info")
    haproxy.wait_serving("web", origins)
    return consul, haproxy, slotd, origins


def ready_in(path, backend="web"):
    """{(address, port)} of the ready servers that a state file shows."""
    with open(path) as file:
        lines = file.read().splitlines()
    assert lines[0] == "1" and lines[1].startswith("# "), lines[:2]
    columns = lines[1][2:].split()
    rows = [dict(zip(columns, line.split())) for line in lines[2:] if line]
    return {(row["srv_addr"], int(row["srv_port"])) for row in rows
            if row["be_name"] == backend and not int(row["srv_admin_state"]) & 0x7B}


def wait_file(haproxy, origins, backend="web"):
    wanted = {(origin.host, origin.port) for origin in origins}
    until(lambda: ready_in(haproxy.state_file, backend) == wanted, f"the state file shows {wanted}")


@pytest.mark.parametrize("changes", [False, True], ids=["at rest", "with changes"])
def test_no_request_fails_over_twenty_reloads(world, figure, changes):
    consul, haproxy, slotd, origins = serving(world)
    wait_file(haproxy, origins)
    load = world.load(haproxy.port("web"))
    until(lambda: load.requests > 100, "requests flow")
    stay, moving = origins[:2], origins[2]
    for n in range(20):
        if changes:
            # The reload comes while this is on its way, or just after; the origin itself stays up.
            if n % 2:
                consul.register("web", moving.name, moving.host, moving.port, weights=(n, 1))
            else:
                consul.deregister(moving.name)
        seen = len(slotd.lines())
        haproxy.reload()
        slotd.wait_log(rf"reloaded or restarted.* {haproxy.pid()} ", after=seen)
    haproxy.wait_serving("web", origins if changes else [*stay, moving])
    load.stop()
    assert not load.failures, (len(load.failures), load.requests, load.failures[:5])
    figure(f"20 reloads {'with changes' if changes else 'at rest'}: 0 of {load.requests} requests failed")


def test_a_restart_starts_filled_without_slotd(world):
    _, haproxy, slotd, origins = serving(world)
    wait_file(haproxy, origins)
    before = haproxy.slots("web")
    slotd.stop()
    haproxy.restart()
    assert haproxy.slots("web") == before


def test_it_follows_every_change_and_leaves_servers_with_an_address_out(world):
    """HAProxy would restore the old port of such a line over one that was edited in haproxy.cfg."""
    consul = world.consul()
    haproxy = world.haproxy(Backend("web", servers=["fixed 127.0.0.9:9 weight 5 disabled"]), state_file=True,
                            redispatch=False)
    origins = [world.origins.start(f"web-{n}") for n in range(2)]
    for origin in origins:
        consul.register("web", origin.name, origin.host, origin.port)
    world.slotd(haproxy, consul, config=config(haproxy))
    haproxy.wait_serving("web", origins)
    load = world.load(haproxy.port("web"))
    late = world.origins.start("late")
    consul.register("web", "late", late.host, late.port)
    wait_file(haproxy, [*origins, late])
    consul.deregister("late")
    wait_file(haproxy, origins)
    with open(haproxy.state_file) as file:
        assert " fixed " not in file.read()
    load.stop()
    assert load.requests and not load.failures, load.failures[:5]


def test_owner_and_mode_are_kept_and_nothing_is_left_beside_it(world):
    consul = world.consul()
    haproxy = world.haproxy(Backend("web"), state_file=True)
    with open(haproxy.state_file, "w") as file:
        file.write("1\n")
    os.chmod(haproxy.state_file, 0o640)
    if os.getuid() == 0:
        os.chown(haproxy.state_file, 65534, 65534)
    before = os.stat(haproxy.state_file)
    reader = open(haproxy.state_file)
    world.slotd(haproxy, consul, config=config(haproxy))
    origin = world.origins.start("web-1")
    consul.register("web", "web-1", origin.host, origin.port)
    wait_file(haproxy, [origin])
    after = os.stat(haproxy.state_file)
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    with reader:
        assert reader.read() == "1\n", "renamed over: who reads the old file goes on reading it"
    folder, name = os.path.split(haproxy.state_file)
    assert [one for one in os.listdir(folder) if name in one] == [name]


def test_slots_with_an_address_on_their_line_are_left_out_and_named(world):
    plain = ["p1 127.0.0.1:1 disabled", "p2 127.0.0.1:1 disabled"]
    consul = world.consul()
    haproxy = world.haproxy(Backend("old", slots=0, servers=plain), Backend("web"), state_file=True)
    slotd = world.slotd(haproxy, consul, config=config(haproxy, '[backend.old]\nservice = "web"\nslots = "p*"\n'))
    origin = world.origins.start("web-1")
    consul.register("web", "web-1", origin.host, origin.port)
    haproxy.wait_serving("old", [origin])
    haproxy.wait_serving("web", [origin])
    wait_file(haproxy, [origin])
    line = slotd.wait_log(r" warn +old: 2 slots have an address on their line")
    assert "slotd slots" in line
    assert ready_in(haproxy.state_file, "old") == set()
    with open(haproxy.state_file) as file:
        assert " p1 " not in file.read()
    load = world.load(haproxy.port("web"))
    haproxy.reload()
    haproxy.wait_serving("old", [origin], "refilled after the reload")
    load.stop()
    assert not load.failures


def test_slots_whose_init_addr_lacks_last_are_found_at_the_reload_and_left_out_from_then_on(world):
    """HAProxy restores their state and port but sends requests to the address of the line; no socket shows it before."""
    lines = [f"p{n} web.service.slots.invalid:1 disabled init-addr 127.0.0.1" for n in range(1, 4)]
    consul, haproxy, slotd, origins = serving(world, Backend("web", slots=0, servers=lines), count=2)
    wait_file(haproxy, origins)
    seen = len(slotd.lines())
    haproxy.reload()
    line = slotd.wait_log(r" error web/p1 came out of the reload ready at 127\.0\.0\.1:\d+ instead of 127\.0\.1\.",
                          after=seen)
    assert "init-addr last,127.0.0.1" in line
    haproxy.wait_serving("web", origins)
    until(lambda: ready_in(haproxy.state_file) == set(), "the file has none of them")
    load = world.load(haproxy.port("web"))
    late = world.origins.start("late")
    consul.register("web", "late", late.host, late.port)
    haproxy.wait_serving("web", [*origins, late])
    assert ready_in(haproxy.state_file) == set()
    load.stop()
    assert not load.failures
    seen = len(slotd.lines())
    haproxy.reload()
    haproxy.wait_serving("web", [*origins, late])
    assert not [one for one in slotd.lines()[seen:] if " error " in one], "they began empty"


def test_a_file_that_cannot_be_written_is_said_once_and_all_else_goes_on(world):
    consul = world.consul()
    haproxy = world.haproxy(Backend("web"))
    path = f"{world.folder}/no/such/state"
    slotd = world.slotd(haproxy, consul, config=f'[haproxy]\nstate_file = "{path}"\npoll = "50ms"\n')
    origin = world.origins.start("web-1")
    consul.register("web", "web-1", origin.host, origin.port)
    haproxy.wait_serving("web", [origin])
    load = world.load(haproxy.port("web"))
    line = slotd.wait_log(r" error .*state file is not up to date.*No such file or directory")
    os.makedirs(os.path.dirname(path))
    until(lambda: ready_in(path) == {(origin.host, origin.port)}, "it is written once it can be")
    slotd.wait_log(r"the server-state file .* is kept again")
    assert len([one for one in slotd.lines("error") if one[30:] == line[30:]]) == 1
    load.stop()
    assert load.requests and not load.failures, load.failures[:5]


def test_dry_run_writes_no_state_file(world):
    consul = world.consul()
    haproxy = world.haproxy(Backend("web"), state_file=True)
    consul.register("web", "web-1", "127.0.0.9", 80)
    for arguments in (["--once"], ["--once", "--dry-run"]):
        world.command("run", haproxy, consul, *reversed(arguments), config=config(haproxy))
        assert os.path.exists(haproxy.state_file) == ("--dry-run" not in arguments)
        if "--dry-run" not in arguments:
            os.unlink(haproxy.state_file)
