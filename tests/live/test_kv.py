# SPDX-License-Identifier: MIT
"""Slots that follow the list of servers in a KV key."""

import json
import re
import subprocess

import pytest

from .harness.haproxy import Backend
from .harness.load import get
from .harness.wait import until

KEY = "haproxy-config/backend"
CONFIG = f'[kv]\nBackendServers = "{KEY}"\n[defaults]\nconfirm = "300ms"\n'
HOST = "BackendServers.kv.slots.invalid"


def line(origin, more=""):
    return f"server {origin.name} {origin.host}:{origin.port} {more}".rstrip()


@pytest.fixture
def followed(world):
    """Three servers of the key serve; the backend has two slots more."""
    consul = world.consul()
    haproxy = world.haproxy(Backend("web", slots=5, host=HOST))
    origins = [world.origins.start(f"web-{n}") for n in range(3)]
    consul.put_key(KEY, "\n".join(line(origin) for origin in origins))
    slotd = world.slotd(haproxy, consul, config=CONFIG)
    haproxy.wait_serving("web", origins)
    return consul, haproxy, slotd, origins


def commands_since(slotd, seen):
    return [found[1] for found in (re.search(r"(set server .*) -> ", text) for text in slotd.lines()[seen:]) if found]


def put(consul, origins, more=None):
    """The list of these, with what `more` has for some."""
    consul.put_key(KEY, "\n".join(line(origin, (more or {}).get(origin.name, "")) for origin in origins))


def test_lines_as_consuls_command_stores_them(world):
    consul = world.consul()
    haproxy = world.haproxy(Backend("web", host=HOST))
    one, two = world.origins.start("web-1"), world.origins.start("web-2")
    slotd = world.slotd(haproxy, consul, config=CONFIG)
    slotd.wait_log(rf"web: held.*\(consul-error\): the key {KEY} does not exist; put its list of servers there")
    consul.put_key(KEY, rf"# the servers\n\n{line(one, 'check')}\n  {line(two, 'check weight 3')} # heavy\n")
    haproxy.wait_serving("web", [one, two], "at once, although the key was missing", seconds=3)
    assert haproxy.slots("web")[haproxy.slot_of("web", two)].weight == 3
    assert {get(haproxy.port("web"))[1] for _ in range(8)} == {"web-1", "web-2"}
    slotd.wait_log(rf"web: 4 slots follow the key {KEY}$")
    slotd.wait_log(r"web/s\d ready at .*, weight 3: web-2 takes a free slot")


def test_json_is_taken_too_and_two_backends_share_a_key(world):
    consul = world.consul()
    haproxy = world.haproxy(Backend("web", host=HOST), Backend("api", slots=0, servers=["a1 127.0.0.1:1 disabled"]))
    one, two = world.origins.start("web-1"), world.origins.start("web-2")
    entries = [{"name": origin.name, "address": origin.host, "port": origin.port, "weight": 2} for origin in (one, two)]
    consul.put_key(KEY, json.dumps(entries, indent=2))
    slotd = world.slotd(haproxy, consul, config=CONFIG + f'[backend.api]\nkv = "{KEY}"\nslots = "a*"\n')
    haproxy.wait_serving("web", [one, two])
    haproxy.wait_serving("api", [one])
    slotd.wait_log("api: 1 instance waits for a slot: web-2")
    entries[0]["disabled"] = True
    consul.put_key(KEY, json.dumps(entries))
    haproxy.wait_serving("web", [two])
    haproxy.wait_serving("api", [])


def test_a_changed_line_changes_one_slot(followed):
    consul, haproxy, slotd, origins = followed
    first, second, third = origins
    mine = {origin.name: haproxy.slot_of("web", origin) for origin in origins}
    before = haproxy.slots("web")
    seen = len(slotd.lines())

    put(consul, origins, {"web-1": "weight 7"})
    haproxy.wait_slot(f"web/{mine['web-1']}", weight=7)
    put(consul, origins, {"web-1": "weight 7 disabled"})
    haproxy.wait_slot(f"web/{mine['web-1']}", state="maint")
    slotd.wait_log(rf"web/{mine['web-1']} drain at .*: web-1 is disabled in its list")
    haproxy.wait_serving("web", [first, third])
    put(consul, reversed(origins), {"web-1": "weight 7"})
    haproxy.wait_slot(f"web/{mine['web-1']}", "it has its slot again", state="ready", weight=7)
    assert {command.split()[2] for command in commands_since(slotd, seen)} == {f"web/{mine['web-1']}"}
    now = haproxy.slots("web")
    assert all(now[slot] == before[slot] for slot in before if slot != mine["web-1"])


def test_a_server_that_moves_never_moves_under_traffic(world, followed):
    consul, haproxy, slotd, origins = followed
    load = world.load(haproxy.port("web"))
    for _ in range(3):
        old = origins[0]
        origins[0] = world.origins.start(old.name)
        seen, slot = len(slotd.lines()), haproxy.slot_of("web", old)
        put(consul, origins)
        haproxy.wait_serving("web", origins)
        haproxy.wait_slot(f"web/{slot}", state="maint")
        moved = [command for command in commands_since(slotd, seen) if " addr " in command]
        assert len(moved) == 1 and f"web/{slot} " not in moved[0], moved
    load.stop()
    assert not load.failures, load.failures[:5]


def test_ten_changes_under_load_reload_nothing_and_fail_nothing(world, followed, figure):
    consul, haproxy, slotd, origins = followed
    more = [world.origins.start(f"new-{n}") for n in range(4)]
    first, second, third = origins
    a, b, c, d = more
    changes = [
        ([first, second, third, a], {}),
        ([first, second, third, a], {a.name: "weight 5"}),
        ([first, second, third, a, b], {a.name: "weight 5"}),
        ([second, third, a, b], {a.name: "weight 5"}),
        ([second, third, a, b], {second.name: "disabled"}),
        ([c, second, third, a, b], {second.name: "disabled", third.name: "weight 2"}),
        ([second, third, b, c], {}),
        ([third, b, c, d], {third.name: "check weight 10"}),
        ([first, b, c, d], {}),
        (origins, {}),
    ]
    pid = haproxy.pid()
    load = world.load(haproxy.port("web"))
    for servers, extra in changes:
        before = load.requests
        put(consul, servers, extra)
        haproxy.wait_serving("web", [one for one in servers if "disabled" not in extra.get(one.name, "")], seconds=15)
        until(lambda: load.requests > before + 50, "requests flow")
    load.stop()
    assert not load.failures, (len(load.failures), load.requests, load.failures[:5])
    assert haproxy.pid() == pid
    assert {origin.name for origin in more} <= set(load.answers)
    figure(f"10 changes of a KV key: {load.requests} requests, 0 failed, 0 reloads")


@pytest.mark.parametrize("bad, why", [
    ("server web-9 10.0.0.300:80", '"10.0.0.300" is no IP address'),
    ("server web-9 10.0.0.9:80 disbaled", 'HAProxy has no server option "disbaled"'),
    ("server web-1 10.0.0.9:80", "the server of line 2 has the name web-1 too"),
])
def test_a_line_that_makes_no_sense_refuses_the_new_value(followed, bad, why):
    consul, haproxy, slotd, origins = followed
    before = haproxy.slots("web")
    seen = len(slotd.lines())
    value = "\n".join(line(origin) for origin in origins)
    consul.put_key(KEY, f"{value}\n{bad}")
    said = slotd.wait_log(r"web: held, what is live stays \(unreadable-answer\)", after=seen)
    assert f'the key {KEY} can\'t be followed: line 4: "{bad}": {why} (nothing of the new value is used' in said, said
    # Another fault is news.
    consul.put_key(KEY, f"nonsense\n{line(origins[0])}")
    slotd.wait_log(r'line 1: "nonsense"', after=seen)
    consul.put_key(KEY, f"nonsense\n\n{line(origins[0])}")
    assert haproxy.slots("web") == before
    put(consul, origins[:2])
    haproxy.wait_serving("web", origins[:2])
    slotd.wait_log(r"web: no longer held \(unreadable-answer\)", after=seen)
    held = [text for text in slotd.lines()[seen:] if "(unreadable-answer): " in text]
    assert len(held) == 2, held


def test_a_deleted_key_takes_nothing_away(followed):
    consul, haproxy, slotd, origins = followed
    before = haproxy.slots("web")
    seen = len(slotd.lines())
    consul.delete_key(KEY)
    slotd.wait_log(rf"web: held.*\(consul-error\): the key {KEY} does not exist", after=seen)
    consul.put_key("haproxy-config/other", "x")
    assert haproxy.slots("web") == before
    put(consul, origins[:2])
    haproxy.wait_serving("web", origins[:2])
    slotd.wait_log(r"web: no longer held \(consul-error\)", after=seen)


def test_an_empty_value_is_held_or_followed_as_configured(world):
    consul = world.consul()
    haproxy = world.haproxy(Backend("web", host=HOST), Backend("api", host=HOST))
    origin = world.origins.start("web-1")
    put(consul, [origin])
    slotd = world.slotd(haproxy, consul, config=CONFIG + '[backend.api]\non_empty = "apply"\n')
    haproxy.wait_serving("web", [origin])
    haproxy.wait_serving("api", [origin])
    before = haproxy.slots("web")
    consul.put_key(KEY, r"# none\n")
    slotd.wait_log(r"web: held.*\(empty\)")
    haproxy.wait_serving("api", [])
    assert haproxy.slots("web") == before
    consul.put_key(KEY, "")
    late = world.origins.start("web-2")
    put(consul, [late])
    haproxy.wait_serving("web", [late])
    haproxy.wait_serving("api", [late])


def test_what_a_slot_cannot_take_is_named_once_with_its_line(followed):
    consul, haproxy, slotd, origins = followed
    late = origins[0]
    text = "\n".join([line(origins[0], "check inter 2s backup"), *map(line, origins[1:]), "server web-x nowhere.example:80",
                      f"server web-same {origins[1].host}:{origins[1].port}"])
    consul.put_key(KEY, text)
    said = slotd.wait_log(r'web: web-0 is served without "inter 2s backup" \(line 1\): a slot can\'t take that')
    assert " warn" in said
    slotd.wait_log(r'web: web-x can\'t be served: its address "nowhere.example" is a host name')
    slotd.wait_log(r"web: web-same needs no slot of its own: its address .* is also that of web-1")
    consul.put_key(KEY, "# moved down\n" + text + " weight 2")
    haproxy.wait_serving("web", origins)
    put(consul, origins, {late.name: "weight 9"})
    haproxy.wait_slot(f"web/{haproxy.slot_of('web', late)}", weight=9)
    for words in ("is served without", "can't be served", "needs no slot"):
        assert len([one for one in slotd.lines() if words in one]) == 1, words


def test_a_token_that_may_not_read_the_key(world):
    consul = world.consul(acl=True)
    rules = 'key "haproxy-config/backend" { policy = "%s" }'
    policy = consul.put("/v1/acl/policy", {"Name": "read", "Rules": rules % "deny"})
    token = consul.put("/v1/acl/token", {"Policies": [{"ID": policy["ID"]}]})
    haproxy = world.haproxy(Backend("web", host=HOST))
    origins = [world.origins.start(f"web-{n}") for n in range(2)]
    put(consul, origins)
    secret = world.config(token["SecretID"])
    slotd = world.slotd(haproxy, consul, config=f'[consul]\ntoken_file = "{secret}"\n{CONFIG}on_empty = "apply"\n')
    slotd.wait_log(rf"web: held.*\(acl\).*403.*the token needs key:read for the key {KEY}")
    consul.put(f"/v1/acl/policy/{policy['ID']}", {"Name": "read", "Rules": rules % "read"})
    haproxy.wait_serving("web", origins, seconds=20)
    seen = len(slotd.lines())
    consul.put(f"/v1/acl/policy/{policy['ID']}", {"Name": "read", "Rules": rules % "deny"})
    # A query that waits already is answered once more: Consul judged the token when it began.
    put(consul, origins, {"web-0": "weight 2"})
    slotd.wait_log(r"web: held.*\(acl\).*403", after=seen, seconds=10)
    before = haproxy.slots("web")
    put(consul, origins[:1])
    until(lambda: consul.log().count("Permission denied") >= 3, "it was asked again", 20)
    assert haproxy.slots("web") == before
    assert token["SecretID"] not in slotd.log()


def test_plan_names_the_key_and_what_is_wrong_with_the_slots(world):
    consul = world.consul()
    haproxy = world.haproxy(Backend("web", host=HOST), Backend("api", host="Other.kv.slots.invalid"))
    origin = world.origins.start("web-1")
    put(consul, [origin], {"web-1": "inter 1s"})
    said = world.command("plan", haproxy, consul, config=CONFIG)
    assert said.returncode == 1, said
    assert f"# web: 4 slots of the key {KEY}\n" in said.stdout
    assert '# web: web-1 is served without "inter 1s" (line 1)' in said.stdout
    assert f"set server web/s1 addr {origin.host} port {origin.port}\n" in said.stdout
    assert re.search(r'^# api/s\d and 3 more slots: \[kv\] of the configuration has no Other \(add Other = "KEY" there\)$',
                     said.stdout, flags=re.MULTILINE)
    plan = json.loads(world.command("plan", haproxy, consul, "--format", "json", config=CONFIG).stdout)
    web = plan["sockets"][0]["backends"][0]
    assert (web["name"], web["service"], web["kv"]) == ("web", "", KEY)


def test_every_server_option_that_haproxy_knows_is_known(world, haproxy_version):
    consul = world.consul()
    haproxy = world.haproxy(Backend("web", host=HOST))
    known = subprocess.run([haproxy.binary, "-dKcfg", "-q", "-c", "-f", haproxy.config], capture_output=True, text=True,
                           timeout=20).stdout
    options = re.findall(r"^\tserver <name> <addr> (\S+)(?: (\+-?1))?$", known, flags=re.MULTILINE)
    assert len(options) > 90, known
    origin = world.origins.start("web-1")
    skipped = {"disabled", "weight"}
    words = [f"{name} {'x' if value or name in ('usesrc', 'set-proxy-v2-tlv-fmt') else ''}"
             for name, value in options if name not in skipped]
    put(consul, [origin], {"web-1": " ".join(words)})
    slotd = world.slotd(haproxy, consul, config=CONFIG)
    haproxy.wait_serving("web", [origin])
    assert not [text for text in slotd.lines() if "held" in text]
