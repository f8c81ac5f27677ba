# SPDX-License-Identifier: MIT
"""The images that container/test has built, and what they run beside."""

import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from live.conftest import figure, pytest_runtest_makereport  # noqa: E402, F401
from live.harness.world import World  # noqa: E402

from .box import Box  # noqa: E402
from .image import TOP, images  # noqa: E402


@pytest.fixture(scope="session")
def image():
    """HAProxy with slotd."""
    return images()["slotd-haproxy"]


@pytest.fixture(scope="session")
def alone():
    """slotd alone."""
    return images()["slotd"]


@pytest.fixture
def world(request):
    made = World(slotd="", consul=os.environ["CONSUL"], haproxy="")
    request.node.live_world = made
    yield made
    made.close()


class Demo:
    """Consul, and a box that follows it with the demo's haproxy.cfg."""

    def __init__(self, world, image, **options):
        self.world = world
        self.consul = world.consul()
        self.port = world.ports.take()
        self.origins = []
        options.setdefault("files", {"/etc/haproxy/haproxy.cfg": TOP / "container/demo/haproxy.cfg"})
        self.box = Box(world, image, environment={"CONSUL_HTTP_ADDR": self.consul.url, "PORT": str(self.port)}, **options)
        self.box.wait_up()
        self.box.wait_log("10 slots follow the service web")

    @property
    def haproxy(self):
        return self.box.haproxy

    def serve(self, *names):
        """Until new instances of these names serve, beside those of earlier calls."""
        for name in names:
            self.origins.append(self.world.origins.start(name))
            self.register(self.origins[-1])
        self.wait_serving()

    def wait_serving(self):
        self.haproxy.wait_serving("web", self.origins)

    def register(self, origin):
        self.consul.register("web", origin.name, origin.host, origin.port)


@pytest.fixture
def demo(world, image):
    return Demo(world, image)
