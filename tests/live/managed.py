# SPDX-License-Identifier: MIT
"""An HAProxy in master-worker mode whose file slotd writes, for the tests of the managed file."""

import json
import os
import re

from .harness.admin import Admin
from .harness.program import Program
from .harness.shown import Shown
from .harness.wait import until

GLOBAL = """global
    stats socket @SOCKET@ mode 600 level admin expose-fd listeners
    nbthread 2
    hard-stop-after 5s
    server-state-file @STATE@
defaults
    mode http
    timeout connect 2s
    timeout client 30s
    timeout server 30s
    timeout queue 2s
    option redispatch
    retries 3
    load-server-state-from-file global
"""

BY_PATH = GLOBAL + """frontend in
    bind 127.0.0.1:@PORT@
{{#backends}}
    use_backend {{name}} if { path_beg /{{name}} }
{{/backends}}
{{#backends}}
backend {{name}}
    balance roundrobin
    # of {{service}}, {{slot_count}} slots{{#tags}} {{.}}{{/tags}} {{meta.team}}
    {{{slots}}}
{{/backends}}
"""


class Managed(Admin):
    """`more` are lines of [file], `keys` are those of [kv]."""

    def __init__(self, world, template=BY_PATH, more="", keys="", reload=None, interval="1s"):
        self.world = world
        self.folder = os.path.join(world.folder, "managed")
        os.mkdir(self.folder)
        super().__init__(self._at("sock"))
        self.port = world.ports.take()
        self.output, self.template = self._at("cfg"), self._at("template")
        self.state_file, self.state_dir, self.pid_file = self._at("state"), self._at("kept"), self._at("pid")
        os.mkdir(self.state_dir)
        self.master = Admin(self._at("master"))
        self.shown = Shown(self._at("slotd"))
        self.binary = world.binaries["haproxy"]
        self.program = None
        self.consul = world.consul()
        self.reload_by = reload or json.dumps("master:" + self.master.socket)
        self.more, self.keys, self.interval = more, keys, interval
        self.write_template(template)
        self.slotd = None

    def _at(self, name):
        return os.path.join(self.folder, "haproxy." + name)

    def write_template(self, text):
        """Replaced as at once, as an editor or a deployment does."""
        for name, value in (("@SOCKET@", self.socket), ("@STATE@", self.state_file), ("@PORT@", str(self.port))):
            text = text.replace(name, value)
        self.text = text
        with open(self.template + ".new", "w") as file:
            file.write(text)
        os.rename(self.template + ".new", self.template)

    def read(self):
        with open(self.output) as file:
            return file.read()

    def config(self, more=""):
        check = "" if "check =" in more + self.more else f'check = ["{self.binary}", "-c", "-f", "{{file}}"]'
        return f"""[haproxy]
state_file = "{self.state_file}"
poll = "200ms"
[admin]
listen = ["unix:{self.shown.address}"]
state_dir = "{self.state_dir}"
[kv]
{self.keys}
[defaults]
confirm = "300ms"
drain = "1s"
[file]
template = "{self.template}"
output = "{self.output}"
reload = {self.reload_by}
min_interval = "{self.interval}"
linger = "1s"
{check}
{self.more}
{more}
"""

    def command(self, name, *arguments, more="", **options):
        return self.world.command(name, self, self.consul, *arguments, config=self.config(more), **options)

    def render(self, *arguments, code=0, **options):
        """What `slotd render` says, on either of its outputs."""
        said = self.command("render", *arguments, **options)
        assert said.returncode == code, said
        return said.stdout + said.stderr

    def start(self):
        """HAProxy, with the file as it is."""
        self.program = self.world.keep(Program([self.binary, "-W", "-S", self.master.socket, "-p", self.pid_file, "-db",
                                                "-f", self.output], self._at("log")))
        self.program.wait_up(self.pid, "HAProxy answers on its socket")
        self.wait_master()
        return self

    def wait_master(self):
        until(lambda: self.master.run("show proc"), "the master answers")

    def configure(self, more="", without_file=False):
        """Writes the configuration that a running slotd reads again at SIGHUP."""
        text = self.config(more)
        return self.world.file(text.partition("[file]")[0] if without_file else text, "managed.toml")

    def start_slotd(self, more=""):
        self.slotd = self.world.slotd(self, self.consul, "-c", self.configure(more))
        return self.slotd

    def started(self, *services):
        """Rendered with what Consul has, loaded, and followed."""
        for service in services:
            self.add(service)
        self.render()
        self.start()
        self.start_slotd()
        self.wait_standing(version=1, doubt=None)
        for service in services:
            self.wait_backend(service)
        return self

    def add(self, service, name=None, **options):
        """An instance of a service that gets a backend."""
        origin = self.world.origins.start(name or f"{service}-1")
        self.consul.register(service, origin.name, origin.host, origin.port, tags=["haproxy"], **options)
        return origin

    def serves(self, backend):
        return [slot.at for slot in self.slots(backend).values() if slot.state == "ready"]

    def wait_backend(self, backend, count=1, seconds=20):
        try:
            until(lambda: len(self.serves(backend)) == count, f"{backend} serves {count}", seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}; the file is {self.read()}") from None

    def backends(self):
        """Of the running HAProxy."""
        return {row["be_name"] for row in self.servers()}

    def file_backends(self):
        return re.findall(r"^backend (\S+)$", self.read(), flags=re.MULTILINE)

    def versions(self):
        """[(number, grade, why)] with "*" before the number that is in place."""
        said = self.command("history")
        assert said.returncode == 0, said
        lines = [line for line in said.stdout.splitlines()[1:] if re.match(r"[ *]  \d", line)]
        return [_version(line) for line in lines]

    def wait_version(self, *wanted):
        """Until this is the newest."""
        until(lambda: self.versions()[-1] == wanted, f"the newest version is {wanted}", 20)

    def standing(self):
        return self.shown.status()["file"]

    def wait_standing(self, **wanted):
        def as_wanted():
            now = self.standing()
            return all(now[key] == value for key, value in wanted.items())
        until(as_wanted, f"the file stands {wanted}", 20)


def _version(line):
    in_place, rest = line[0].strip(), line[1:].split(maxsplit=4)
    return in_place + rest[0], rest[2], rest[4] if len(rest) > 4 else ""
