# SPDX-License-Identifier: MIT
"""`slotd check`: a good setup is all ok, each kind of fault is said with how to mend it, and nothing is changed."""

import json
import os

import pytest

from .checking import check, consul, faults, state_config  # noqa: F401
from .harness.certificates import Authority
from .harness.haproxy import Backend
from .harness.slotd import command

MENDED_INIT_ADDR = "(write `init-addr last,127.0.0.1`)"


def slot_line(name, options):
    return f"{name} web.service.slots.invalid:1 {options}"


def untimed(haproxy):
    """All of HAProxy's servers, without what time alone changes."""
    return [{key: value for key, value in row.items() if key != "srv_time_since_last_change"}
            for row in haproxy.servers()]


def test_a_good_setup_is_all_ok_and_stays_as_it_is(world, consul):
    haproxy = world.haproxy(Backend("web"), Backend("api", slots=2), state_file=True)
    config = state_config(haproxy)
    done = world.command("run", haproxy, consul, "--once", config=config)
    assert done.returncode == 0, done.stderr
    before, state = untimed(haproxy), open(haproxy.state_file).read()
    leader = consul.get("/v1/status/leader")
    code, lines = check(world, haproxy, consul, config=config)
    assert code == 0
    info, file = haproxy.info(), haproxy.state_file
    assert lines[1:] == [
        f"ok       consul {consul.url}: Consul 1.8.7, datacenter dc1, leader {leader}",
        "ok       service api: 1 instance",
        "ok       service web: 2 instances",
        f"ok       haproxy {haproxy.socket}: HAProxy {info['Version']}, pid {info['Pid']} of a master process, level "
        "admin, 6 slots",
        f"ok       haproxy {haproxy.socket}: {haproxy.config} was looked at",
        "ok       backend web: 4 slots follow the service web: 2 instances",
        "ok       backend api: 2 slots follow the service api: 1 instance",
        f"ok       state-file {file}: HAProxy loads it at a reload",
        f"ok       state-file {file}: it holds what HAProxy has now",
        "0 failures, 0 warnings, 10 ok"]
    assert lines[0].startswith("ok       configuration /") and lines[0].endswith(".toml: read; 1 HAProxy")
    assert (untimed(haproxy), open(haproxy.state_file).read()) == (before, state)


def test_json_is_one_document(world, consul):
    haproxy = world.haproxy(Backend("web", slots=1))
    said = world.command("check", haproxy, consul, "--format", "json")
    assert said.returncode == 0 and said.stderr == ""
    document = json.loads(said.stdout)
    assert (document["failures"], document["warnings"], document["ok"]) == (0, 1, 5)
    assert document["findings"][-1] == {
        "level": "warning", "area": "backend", "code": "too-few-slots", "where": "web",
        "what": "1 slot follows the service web, which has 2 instances: 1 can't be served",
        "hint": "make more slots: raise the range of the server-template line"}


def test_each_fault_of_a_slot_line_is_told(world, consul):
    servers = [slot_line("open", "check init-addr last,127.0.0.1"), slot_line("blind", "disabled init-addr "
                                                                                     "last,127.0.0.1"),
               slot_line("none", "check disabled init-addr none"), slot_line("first", "check disabled init-addr "
                                                                                      "127.0.0.1"),
               slot_line("sticky", "check disabled init-addr last,127.0.0.1 cookie c1"),
               "literal 127.0.0.1:9 check disabled", "other 127.0.0.1:9"]
    haproxy = world.haproxy(Backend("web", slots=0, servers=servers, options=["cookie SRV insert"]), state_file=True)
    number = next(n for n, line in enumerate(open(haproxy.config), 1) if " first " in line)
    code, lines = check(world, haproxy, consul, config=state_config(haproxy) + '[backend.web]\nslots = "literal"\n')
    assert code == 1
    assert faults(lines) == [
        f"failure  backend web: the slot none can't be given an address: its line has `none` in `init-addr` "
        f"{MENDED_INIT_ADDR}",
        "warning  backend web: the slot literal loses its address over a reload, with a state file too: its line holds "
        "an address instead of a name (`slotd slots SERVICE COUNT` prints a line that keeps it)",
        "warning  backend web: the slot open takes requests after a start of HAProxy, before slotd has filled it: its "
        "line lacks `disabled` (add `disabled`)",
        "warning  backend web: HAProxy does not check what is in the slot blind: its line lacks `check` (add `check`, "
        "if Consul's checks are not enough)",
        "warning  backend web: the slot sticky has a `cookie`: clients stay with the slot, whichever instance takes it "
        "next (with `cookie NAME insert dynamic` and a `dynamic-cookie-key` they stay with the instance)",
        f"failure  backend web: {haproxy.config}:{number}: after a reload these slots are ready at the address of "
        f"`init-addr`, not at that of the state file {MENDED_INIT_ADDR}"]
    assert lines[-1] == "2 failures, 4 warnings, 8 ok"


def test_what_it_says_of_a_reload_is_so(world, consul):
    """Without `last`, the state file brings the slot back ready, and at the placeholder."""
    haproxy = world.haproxy(Backend("web", slots=0, servers=[slot_line("first", "check disabled init-addr 127.0.0.1")]),
                            state_file=True)
    done = world.command("run", haproxy, consul, "--once", config=state_config(haproxy))
    assert done.returncode == 0, done.stderr
    assert haproxy.slots("web")["first"].address == "127.0.77.1"
    haproxy.reload()
    slot = haproxy.slots("web")["first"]
    assert (slot.state, slot.address) == ("ready", "127.0.0.1")


def test_cookies_that_follow_the_address_are_no_fault_and_do_follow_it(world, consul):
    haproxy = world.haproxy(Backend("web", options=["cookie SRV insert dynamic", "dynamic-cookie-key key"]))

    def cookies():
        lines = haproxy.run("show stat -1 4 -1").splitlines()
        columns = lines[0][2:].split(",")
        return {row["svname"]: row["cookie"] for row in (dict(zip(columns, line.split(","))) for line in lines[1:])
                if row.get("svname")}

    assert faults(check(world, haproxy, consul)[1]) == []
    before = cookies()["s1"]
    world.command("run", haproxy, consul, "--once")
    assert len(before) == 16 and cookies()["s1"] != before


STICKY = ("warning  backend web: the slots sticky1 and sticky2 have a `cookie` each: clients stay with the slot, "
          "whichever instance takes it next (with `cookie NAME insert dynamic` and a `dynamic-cookie-key` they stay with the "
          "instance)")


def sticky(*options):
    servers = [slot_line(f"sticky{n}", f"check disabled init-addr last,127.0.0.1 cookie c{n}") for n in (1, 2)]
    return Backend("web", slots=0, servers=servers, options=list(options))


def test_a_cookie_that_the_backend_does_not_use_is_no_fault(world, consul):
    for level in ("admin", "user"):
        for options, told in (([], []), (["cookie SRV insert"], [STICKY])):
            haproxy = world.haproxy(sticky(*options), level=level)
            assert [line for line in faults(check(world, haproxy, consul)[1]) if "cookie" in line] == told


def test_what_a_low_level_does_not_tell_is_read_in_haproxy_cfg(world, consul):
    for level in ("user", "operator"):
        haproxy = world.haproxy(sticky("cookie SRV insert", "balance source"), level=level)
        assert faults(check(world, haproxy, consul)[1])[1:] == [
            STICKY, "warning  backend web: `balance source` takes no weights but 0 and that of the slot's line: every "
                    "instance is served with the latter (`hash-type consistent` takes them)"]
        lines = check(world, haproxy, consul, "--haproxy-config", haproxy.config + ".not")[1]
        assert (STICKY in lines) == (level == "operator")
        assert any("and what one of level user does not: balance, cookies" in line for line in lines) == (level == "user")


def test_an_algorithm_that_refuses_weights_is_told(world, consul):
    backends = [Backend(f"b{n}", host="web.service.slots.invalid", options=options) for n, options in enumerate((
        ["balance static-rr"], ["balance source"], ["balance hdr(host)", "hash-type consistent"], ["balance random"],
        ["balance leastconn"], ["balance first"]))]
    haproxy = world.haproxy(*backends)
    weights = ("takes no weights but 0 and that of the slot's line: every instance is served with the latter (`{}` "
               "takes them)")
    assert faults(check(world, haproxy, consul)[1]) == [
        "warning  backend b0: `balance static-rr` " + weights.format("balance roundrobin"),
        "warning  backend b1: `balance source` " + weights.format("hash-type consistent")]
    # What it says of them is so.
    for backend in backends:
        refused = "static LB algorithm" in haproxy.run(f"set server {backend.name}/s1 weight 7")
        assert refused == (backend.name in ("b0", "b1")), backend.options


def test_a_level_below_admin_is_a_failure(world, consul):
    for level in ("user", "operator"):
        haproxy = world.haproxy(Backend("web"), level=level)
        code, lines = check(world, haproxy, consul)
        assert code == 1
        assert faults(lines) == [
            f"failure  haproxy {haproxy.socket}: the socket has level {level}: slotd may not change slots (write `level "
            "admin` on its `stats socket` line; `slotd plan` works with less)"]


def test_expose_fd_is_asked_for_only_without_a_master(world, consul):
    for master_worker, expose, said in ((True, False, False), (False, True, False), (False, False, True)):
        haproxy = world.haproxy(Backend("web"), master_worker=master_worker, expose=expose)
        code, lines = check(world, haproxy, consul)
        assert (code, any("without `expose-fd listeners`" in line for line in faults(lines))) == (0, said)


def test_with_a_master_a_reload_without_expose_fd_refuses_nobody(world):
    """What haproxy.cfg's manual says, and `slotd check` relies on."""
    haproxy = world.haproxy(Backend("web", options=["http-request return status 200"]), expose=False)
    load = world.load(haproxy.port("web"), kept=0, fresh=2)
    for _ in range(3):
        haproxy.reload()
    load.stop()
    assert not load.failures


def test_a_masters_socket_is_told(world, consul):
    haproxy = world.haproxy(Backend("web"))
    said = command(world.binaries["slotd"], ["check", "--socket", haproxy.master, "--consul", consul.url])
    assert said.returncode == 1
    assert said.stdout.splitlines()[-2] == (
        f"failure  haproxy {haproxy.master}: this is the socket of HAProxy's master process (slotd needs the socket of "
        "a `stats socket` line in haproxy.cfg; the one that haproxy's option -S names can't change servers)")


def test_who_is_not_there_is_told(world, consul):
    haproxy = world.haproxy(Backend("web", options=["http-request return status 404"]))
    port = world.ports.take()

    def said_of(socket, url):
        said = command(world.binaries["slotd"], ["check", "--socket", socket, "--consul", url])
        assert said.returncode == 1
        return said.stdout.splitlines()[1:]

    nobody, nowhere = haproxy.socket + ".not", f"http://127.0.0.1:{port}"
    lines = said_of(nobody, nowhere)
    assert lines[0].startswith(f"failure  consul {nowhere}: Failed to connect to 127.0.0.1 port {port} ")
    assert lines[0].endswith(" (is the agent running, and is this its HTTP address?)")
    assert lines[1:] == [
        f"failure  haproxy {nobody}: can't connect: No such file or directory (is HAProxy running, and is this the path of "
        "a `stats socket` line of its configuration?)", "2 failures, 0 warnings, 1 ok"]
    for path, what in (os.path.dirname(haproxy.config), "folder"), (haproxy.config, "file and no socket"):
        assert f"failure  haproxy {path}: can't connect: Connection refused (this is a {what}: " in "".join(
            said_of(path, nowhere))
    # Somebody else is there: each is taken for the other.
    served, other = f"http://127.0.0.1:{haproxy.port('web')}", consul.url.replace("http://", "tcp://")
    assert said_of(other, served) == [
        f"failure  consul {served}: answers 404, but not as Consul does (is this the address of Consul's HTTP API?)",
        f"failure  haproxy {other}: the connection was closed before the whole answer (is this HAProxy's runtime socket? It "
        "may also have stopped just then)", "2 failures, 0 warnings, 1 ok"]


def test_services_and_backends_that_nobody_knows_are_told(world, consul):
    haproxy = world.haproxy(Backend("web", host="prod.web.service.slots.invalid"), Backend("apy", slots=2),
                            Backend("wrong", host="x.slots.invalid"))
    code, lines = check(world, haproxy, consul, config="[backend.none]\n")
    assert code == 1
    assert faults(lines)[:2] == [
        "warning  service apy: Consul knows no instance of it (is the name right, and is an instance registered? slotd "
        "leaves its slots as they are)",
        "warning  service web (tag prod): Consul knows 2 instances, and none has the tags or passes the filter (mend the "
        "tag in the slots' host name, or `tags` and `filter`)"]
    assert [line.split(":")[0] for line in faults(lines)[2:]] == [
        "failure  backend wrong/s1 and 3 more slots", "failure  haproxy backend none"]
    assert "`slotd slots none 10` prints them" in lines[-2]


def test_a_haproxy_without_slots_is_a_failure(world, consul):
    haproxy = world.haproxy(Backend("web", slots=0, servers=["one 127.0.0.1:9"]))
    code, lines = check(world, haproxy, consul)
    assert code == 1
    assert faults(lines) == [
        f"failure  haproxy {haproxy.socket}: it has no slot (add slot lines to the backends that slotd shall fill, `slotd "
        "slots SERVICE COUNT` prints one, and reload HAProxy)"]


@pytest.mark.one_haproxy
def test_a_key_that_slots_follow_is_told(world):
    consul = world.consul(acl=True)
    haproxy = world.haproxy(Backend("web", slots=2, host="lb.kv.slots.invalid"))

    def about_key(rules, value=None):
        if value is not None:
            consul.put_key("lb/web", value)
        path = world.file(consul.new_token(rules)[0], "token")
        code, lines = check(world, haproxy, consul, config=f'[consul]\ntoken_file = "{path}"\n[kv]\nlb = "lb/web"\n')
        return code, next(line for line in lines if " key lb/web: " in line), lines

    rights = 'key "lb/web" { policy = "read" }'
    code, said, _ = about_key(rights)
    assert (code, said) == (1, "failure  key lb/web: the key lb/web does not exist; put its list of servers there, or mend "
                               "the key's name in slotd's configuration")
    code, said, _ = about_key(rights, "server a 127.0.77.1:80\nserver b 127.0.77.2:80 disabled")
    assert (code, said) == (0, "ok       key lb/web: 2 instances, 1 may serve")
    code, said, lines = about_key(rights, "".join(f"server s{n} 127.0.77.{n}:80\n" for n in (1, 2, 3)))
    assert (code, said) == (0, "ok       key lb/web: 3 instances")
    assert faults(lines) == [
        "warning  backend web: 2 slots follow the key lb/web, which has 3 instances: 1 can't be served (make more slots: "
        "raise the range of the server-template line)"]
    code, said, _ = about_key(rights, "server a 127.0.77.1:80 disabled")
    assert (code, said) == (0, "warning  key lb/web: 1 instance, and none may serve: all are `disabled` (take that word "
                               "out of the lines that shall serve)")
    code, said, _ = about_key('key "other" { policy = "read" }')
    assert (code, said) == (1, "failure  key lb/web: the token may not read it (the token needs key:read)")


@pytest.mark.one_haproxy
def test_tls_is_told(world):
    consul = world.consul(tls=Authority(world.folder, "authority").sign("server"))
    consul.register("web", "web-1", "127.0.77.1", 80)
    haproxy, url = world.haproxy(Backend("web")), consul.https_url

    def lines_with(setting):
        return check(world, haproxy, url, config=f"[consul]\n{setting}\n")

    code, lines = lines_with(f'ca_file = "{world.folder}/authority.pem"')
    assert (code, faults(lines)) == (0, [])
    assert f"ok       consul {url}: Consul 1.8.7, over TLS, datacenter dc1, leader " in lines[1]
    code, lines = lines_with("verify = false")
    assert code == 0
    assert [": consul.verify: the certificate of " in line for line in faults(lines)] == [True]
    assert f"ok       consul {url}: Consul 1.8.7, over TLS without verification, datacenter dc1, leader " in "".join(lines)
    code, lines = lines_with("")
    assert code == 1
    assert faults(lines)[0].startswith(f"failure  consul {url}: the agent's certificate is not trusted: ")


@pytest.mark.one_haproxy
def test_what_the_token_may_read_is_told(world):
    consul = world.consul(acl=True)
    for service in ("web", "api"):
        consul.register(service, f"{service}-1", "127.0.77.1", 80)
    haproxy = world.haproxy(Backend("web"), Backend("api"))

    def with_token(rules):
        token = rules if "-" in rules else consul.new_token(rules)[0]
        path = world.file(token + "\n", "token")
        return check(world, haproxy, consul, config=f'[consul]\ntoken_file = "{path}"\n')

    rights = "(the token needs service:read and node:read)"
    every, web = 'node_prefix "" { policy = "read" } ', 'service "web" { policy = "read" } '
    both = 'service_prefix "" { policy = "read" } '
    code, lines = with_token(every + both + 'agent_prefix "" { policy = "read" }')
    assert (code, faults(lines)) == (0, [])
    assert "Consul 1.8.7" in lines[1]
    code, lines = with_token(every + both)
    assert (code, faults(lines)) == (0, [])
    assert "answers; its version takes agent:read (Permission denied), leader" in lines[1]
    code, lines = with_token(every + web)
    assert (code, faults(lines)) == (1, [f"failure  service api: the token may not read it {rights}"])
    code, lines = with_token(both)
    assert (code, faults(lines)) == (1, [
        f"failure  service {name}: Consul shows no instance to a token that may read no node {rights}"
        for name in ("api", "web")])
    code, lines = with_token(both + 'node "ext" { policy = "read" }')
    assert (code, faults(lines)) == (0, [
        f"warning  service {name}: the token may not read every node: instances on the others are never shown (give it "
        '`node_prefix "" { policy = "read" }`)' for name in ("api", "web")])
    code, lines = with_token("11111111-1111-1111-1111-111111111111")
    assert code == 1
    assert faults(lines)[0] == (
        f"failure  consul {consul.url}: Consul does not know the token: ACL not found (it was deleted, or is of another "
        "Consul; give a valid one by token_file or CONSUL_HTTP_TOKEN_FILE)")


def test_a_haproxy_cfg_that_is_not_the_running_one_is_told(world, consul):
    haproxy = world.haproxy(Backend("web"), Backend("api"))
    haproxy.backends = [Backend("web", slots=2)]
    haproxy.write_config()
    code, lines = check(world, haproxy, consul)
    assert code == 0
    assert faults(lines) == [
        f"warning  haproxy {haproxy.socket}: {haproxy.config} has no line for the slots web/s3, web/s4, api/s1 and 3 "
        "more, which HAProxy has (was it changed since the last reload, or is it another HAProxy's?)"]


def test_several_haproxys_are_told_apart(world, consul):
    one, two = world.haproxy(Backend("web")), world.haproxy(Backend("web", slots=1), Backend("api"))
    code, lines = check(world, one, consul, "--socket", two.socket, config="[backend.api]\n[backend.none]\n")
    assert code == 1
    assert faults(lines)[0] == (
        f"warning  backend web on {two.socket}: 1 slot follows the service web, which has 2 instances: 1 can't be served "
        "(make more slots: raise the range of the server-template line)")
    assert [line.split(":")[0] for line in faults(lines)[1:]] == ["failure  haproxy backend none"]
    code, lines = check(world, one, consul, "--socket", two.socket, "--haproxy-config", one.config)
    assert code == 2
    assert lines[-2] == ("failure  configuration --haproxy-config: one haproxy.cfg can't be that of several HAProxys (name "
                         "one of them with --socket)")
