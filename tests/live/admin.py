# SPDX-License-Identifier: MIT
"""A slotd with `[admin]`, for the tests of what it shows and how it is steered."""

import os

from .harness.haproxy import Backend
from .harness.shown import Shown


class Steered:
    """Consul, HAProxy and slotd, with the backends web and api."""

    def __init__(self, world, *backends):
        self.world = world
        self.consul = world.consul()
        self.haproxy = world.haproxy(*(backends or (Backend("web"), Backend("api"))))
        self.tcp = Shown(world.ports.take())
        self.unix = Shown(os.path.join(world.folder, "slotd.sock"))
        self.state_dir = os.path.join(world.folder, "state")
        os.mkdir(self.state_dir)
        self.slotd = None

    def config(self, listen=True, state_dir=True):
        addresses = f'["127.0.0.1:{self.tcp.address}", "unix:{self.unix.address}"]'
        return "[admin]\n" + (f"listen = {addresses}\n" if listen else "") + \
            (f'state_dir = "{self.state_dir}"\n' if state_dir else "")

    def start(self, *arguments, **options):
        """Until it listens."""
        self.slotd = self.world.slotd(self.haproxy, self.consul, *arguments, config=self.config(**options))
        self.slotd.wait_log("follows Consul at")
        return self

    def register(self, *names, service="web"):
        origins = [self.world.origins.start(name) for name in names]
        for origin in origins:
            self.consul.register(service, origin.name, origin.host, origin.port)
        return origins
