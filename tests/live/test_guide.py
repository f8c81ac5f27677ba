# SPDX-License-Identifier: MIT
"""README's "Coming from something else": each way, with the lines that stand there, under load and without a failed request."""

import os
import pathlib
import re

from .harness.haproxy import Backend
from .harness.load import get
from .harness.wait import until

README = (pathlib.Path(__file__).resolve().parents[2] / "README.md").read_text()
GUIDE = README.partition("## Coming from something else\n")[2].partition("\n## ")[0]


def row(title):
    """The pieces of code on both sides of the guide's row."""
    line = next(line for line in GUIDE.splitlines() if line.startswith(f"| **{title}**"))
    before, after = re.split(r"(?<!\\) \| ", line.strip("| "), maxsplit=1)
    return [re.findall(r"`([^`]+)`", side) for side in (before, after)]


class Move:
    """A backend `web` with the lines of before; `to` brings it to slots as the guide says."""

    def __init__(self, world, *lines, consul=None, more=()):
        self.world = world
        self.consul = consul or world.consul()
        self.before, self.more = list(lines), list(more)
        self.haproxy = world.haproxy(self._backend(), state_file=True)
        self.port = self.haproxy.port("web")
        self.origins = []

    def _backend(self, *slots, old=True):
        # HAProxy does not mind the blanks before another section's first line.
        lines = [*slots, *(self.before if old else []), *(self.more if old else [])]
        return Backend("web", slots=0, options=lines, port=getattr(self, "port", 0))

    def to(self, slots, config="", loaded=True):
        """Slots beside the old lines, slotd, and then the old lines out. Not `loaded`: requests begin when the slots are
        filled."""
        load = self.load() if loaded else None
        # Two templates of servers in one backend need two names.
        beside = slots.replace("server-template s ", "server-template slot ")
        self.haproxy.reload([self._backend(beside)])
        plan = self.world.command("plan", self.haproxy, self.consul, config=config)
        assert plan.returncode == 0 and "takes a free slot" in plan.stdout, plan
        config += f'[haproxy]\nstate_file = "{self.haproxy.state_file}"\n'
        self.slotd = self.world.slotd(self.haproxy, self.consul, config=config)
        self.wait_filled()
        load = load or self.load()
        plan = self.world.command("plan", self.haproxy, self.consul, config=config)
        assert "set server" not in plan.stdout, plan
        until(lambda: os.path.exists(self.haproxy.state_file), "the state file is written")
        self.haproxy.reload([self._backend(beside, old=False)])
        self.wait_filled()
        load.stop()
        assert not load.failures, (len(load.failures), load.failures[:5])
        return {get(self.port)[1] for _ in range(30)}

    def load(self):
        load = self.world.load(self.port)
        until(lambda: load.requests > 100, "requests flow")
        return load

    def wait_filled(self):
        wanted = sorted((origin.host, origin.port) for origin in self.origins)
        until(lambda: sorted(slot.at for name, slot in self.haproxy.slots("web").items()
                             if name.startswith("slot") and slot.state == "ready") == wanted, f"the slots hold {wanted}", 15)


def start(world, *names):
    return [world.origins.start(name) for name in names]


def server(origin, more="check"):
    return f"server {origin.name} {origin.host}:{origin.port} {more}"


def test_from_consul_template(world):
    before, after = row("consul-template")
    assert "slotd slots web 20" in after and "prod.web.service.slots.invalid" in after
    origins = start(world, "web-1", "web-2", "web-3")
    move = Move(world, *[server(origin) for origin in origins])
    for origin in origins:
        move.consul.register("web", origin.name, origin.host, origin.port)
    move.origins = origins
    assert move.to("server-template s 1-20 web.service.slots.invalid:1 check disabled init-addr last,127.0.0.1") == {
        "web-1", "web-2", "web-3"}


def test_from_consul_template_with_a_tag_and_a_filter(world):
    after = row("consul-template")[1]
    host = next(code for code in after if code.startswith("prod."))
    origins = start(world, "web-1", "web-2", "web-3")
    move = Move(world, server(origins[0]))
    move.consul.register("web", "web-1", origins[0].host, origins[0].port, tags=["prod"], meta={"zone": "a"})
    move.consul.register("web", "web-2", origins[1].host, origins[1].port, tags=["prod"], meta={"zone": "b"})
    move.consul.register("web", "web-3", origins[2].host, origins[2].port, meta={"zone": "a"})
    move.origins = origins[:1]
    config = "[backend.web]\nfilter = 'Service.Meta.zone == \"a\"'\n"
    assert move.to(f"server-template s 1-20 {host}:1 check disabled init-addr last,127.0.0.1", config=config) == {"web-1"}


def test_from_dns(world):
    before, after = row("DNS")
    old, new = before[0], next(code for code in after if code.startswith("server-template"))
    origins = start(world, "web-1", "web-2")
    consul = world.consul()
    for origin in origins:
        consul.register("web", origin.name, origin.host, origin.port)
    move = Move(world, f"{old} check resolve-prefer ipv4 init-addr none", consul=consul, more=[
        "resolvers consul", f"nameserver agent 127.0.0.1:{consul.dns_port}", "accepted_payload_size 8192", "hold valid 1s",
        "timeout resolve 1s", "timeout retry 1s"])
    move.origins = origins
    move.haproxy.wait_serving("web", origins, "by DNS", 15)
    # Until its resolver has answered, a HAProxy that was reloaded has none of the old servers.
    assert move.to(new, loaded=False) == {"web-1", "web-2"}


def test_from_a_list_with_a_script(world):
    origins = start(world, "web-1", "web-2")
    lines = [server(origins[0], "check inter 500 weight 5"), server(origins[1])]
    move = Move(world, *lines)
    move.consul.put_key("haproxy/web", "\n".join(lines))
    move.origins = origins
    slots = "server-template s 1-20 BackendServers.kv.slots.invalid:1 check inter 500 disabled init-addr last,127.0.0.1"
    assert move.to(slots, config='[kv]\nBackendServers = "haproxy/web"\n') == {"web-1", "web-2"}
    move.slotd.wait_log(r"web-1 is served without \"inter 500\" \(line 1\)")
