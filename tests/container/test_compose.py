# SPDX-License-Identifier: MIT
"""compose.yaml without an engine: what its services name is there, and they work together as they are written."""

import json

import pytest
import yaml

from live.harness.load import get
from live.harness.program import Program, clean_environment
from live.harness.wait import until

from .box import Box
from .image import TOP, images

CONTAINER = TOP / "container"


@pytest.fixture(scope="module")
def services():
    return yaml.safe_load((CONTAINER / "compose.yaml").read_text())["services"]


def mounts(service):
    """{path inside: path here} of the files of its volumes, which are read-only."""
    found = {}
    for volume in service["volumes"]:
        here, inside, mode = volume.split(":")
        assert mode == "ro"
        path = CONTAINER / here
        assert path.exists(), volume
        found.update({inside: path} if path.is_file() else {f"{inside}/{file.name}": file for file in path.iterdir()})
    return found


def test_what_it_names_is_there(services):
    built = services["proxy"]["build"]
    assert (CONTAINER / built["context"]).resolve() == TOP
    assert (TOP / built["dockerfile"]).is_file()
    for name, service in services.items():
        assert mounts(service)
        if service["image"] == "slotd-haproxy":
            assert service["read_only"] and service["cap_drop"] == ["ALL"], name


def test_consul_knows_the_addresses_of_the_servers(services):
    known = json.loads((CONTAINER / "demo/consul.json").read_text())["services"]
    web = {name: service for name, service in services.items() if name.startswith("web-")}
    assert {entry["id"]: entry["address"] for entry in known} == \
        {name: service["networks"]["demo"]["ipv4_address"] for name, service in web.items()}
    for name, service in web.items():
        assert service["environment"] == {"NAME": name, "ADDRESS": service["networks"]["demo"]["ipv4_address"]}


class Here:
    """The demo's network on this machine's loopback: other addresses and ports, and the rest as it is written."""

    def __init__(self, world, services):
        self.world, self.services = world, services
        self.image = images()["slotd-haproxy"]
        self.web_port, self.public_port = world.ports.take(), world.ports.take()
        self.consul_port = world.ports.take()

    def text(self, text):
        return text.replace("10.88.7.", "127.0.88.").replace("8080", str(self.web_port))

    def start_consul(self, binary):
        service = self.services["consul"]
        (services_file,) = (path for path in mounts(service).values() if path.name == "consul.json")
        config = self.world.folder + "/demo.json"
        names = ("dns", "server", "serf_lan", "serf_wan")
        with open(config, "w") as file:
            json.dump({**json.loads(self.text(services_file.read_text())), "disable_update_check": True, "ports": {
                "http": self.consul_port, "grpc": -1, **{name: self.world.ports.take() for name in names}}}, file)
        assert service["command"] == ["agent", "-dev", "-client", "0.0.0.0", "-config-file", "/demo/consul.json"]
        command = [binary, "agent", "-dev", "-bind", "127.0.0.1", "-client", "127.0.0.1", "-config-file", config]
        self.world.keep(Program(command, self.world.folder + "/demo-consul.log", clean_environment()))

    def start(self, name):
        service = self.services[name]
        environment = {key: self.text(value) for key, value in service["environment"].items()}
        if name == "proxy":
            assert environment == {"CONSUL_HTTP_ADDR": "http://consul:8500"}
            environment = {"CONSUL_HTTP_ADDR": f"http://127.0.0.1:{self.consul_port}", "PORT": str(self.public_port)}
        else:
            environment["PORT"] = str(self.web_port)
        return Box(self.world, self.image, service.get("command"), environment=environment, files=mounts(service))

    def answers(self):
        return {get(self.public_port)[1].strip() for _ in range(6)}


def test_its_services_work_together(world, services):
    here = Here(world, services)
    here.start_consul(world.binaries["consul"])
    here.start("proxy").wait_up()
    web = {name: here.start(name) for name in services if name.startswith("web-")}
    until(lambda: here.answers() == {"web-1", "web-2", "web-3"}, "all three answer", 15)
    web["web-2"].stop()
    until(lambda: here.answers() == {"web-1", "web-3"}, "two answer", 15)
