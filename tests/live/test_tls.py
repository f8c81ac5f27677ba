# SPDX-License-Identifier: MIT
"""Consul over TLS: what works, and what each thing that is wrong is called."""

import os
import re
import shutil

import pytest

from .harness.certificates import Authority, openssl
from .harness.haproxy import Backend
from .harness.wait import until


# How Consul is reached concerns no version of HAProxy.
pytestmark = pytest.mark.one_haproxy


class Certificates:
    """All that the tests need, made once."""

    def __init__(self, folder):
        self.folder = folder
        self.authority = Authority(folder, "authority")
        self.other = Authority(folder, "other")
        self.server = self.authority.sign("server")
        self.renamed = self.authority.sign("renamed", names=("DNS:server.dc1.consul",))
        self.expired = self.authority.sign("expired", days=-1)
        self.client = self.authority.sign("client", names=())
        self.foreign = self.other.sign("foreign", names=())


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return Certificates(str(tmp_path_factory.mktemp("tls")))


@pytest.fixture
def haproxy(world):
    return world.haproxy(Backend("web"))


DEMANDS = {"verify_incoming_https": True}


def register(world, consul, name="web-1"):
    origin = world.origins.start(name)
    consul.register("web", name, origin.host, origin.port)
    return origin


def settings(**values):
    lines = [f"{key} = {str(value).lower() if isinstance(value, bool) else repr(value)}" for key, value in values.items()]
    return "\n".join(["[consul]", *lines, ""])


@pytest.mark.parametrize("demands", (False, True), ids=("no client certificate", "verify_incoming"))
def test_it_follows_over_tls(world, made, haproxy, demands):
    consul = world.consul(tls=made.server, settings=DEMANDS if demands else {})
    client = {"client_cert": made.client.cert, "client_key": made.client.key} if demands else {}
    slotd = world.slotd(haproxy, None, config=settings(address=consul.https_url, ca_file=made.authority.cert, **client),
                        level="info")
    origins = [register(world, consul)]
    haproxy.wait_serving("web", origins)
    origins.append(register(world, consul, "web-2"))
    haproxy.wait_serving("web", origins)
    assert not slotd.lines("warn"), slotd.log()


def test_consuls_own_variables_are_enough(world, made, haproxy):
    consul = world.consul(tls=made.renamed, settings=DEMANDS, acl=True)
    origin = register(world, consul)
    secret, *_ = consul.new_token('service_prefix "" { policy = "read" } node_prefix "" { policy = "read" }')
    slotd = world.slotd(haproxy, None, level="info", environment={
        "CONSUL_HTTP_ADDR": consul.https_url.removeprefix("https://"), "CONSUL_HTTP_SSL": "true",
        "CONSUL_CACERT": made.authority.cert, "CONSUL_CLIENT_CERT": made.client.cert,
        "CONSUL_CLIENT_KEY": made.client.key, "CONSUL_TLS_SERVER_NAME": "server.dc1.consul",
        "CONSUL_HTTP_TOKEN_FILE": world.file(secret), "CONSUL_HTTP_AUTH": "user:password"})
    haproxy.wait_serving("web", [origin])
    slotd.wait_log(rf"follows Consul at {consul.https_url}$")


def test_a_folder_of_authorities(world, made, haproxy):
    consul = world.consul(tls=made.server)
    folder = os.path.join(world.folder, "authorities")
    os.mkdir(folder)
    shutil.copy(made.authority.cert, folder)
    openssl("rehash", folder)
    world.slotd(haproxy, consul.https_url, config=settings(ca_path=folder))
    haproxy.wait_serving("web", [register(world, consul)])


def test_without_verification_it_follows_and_warns_at_every_start(world, made, haproxy):
    consul = world.consul(tls=made.expired)
    origin = register(world, consul)
    slotd = world.slotd(haproxy, consul.https_url, config=settings(verify=False))
    slotd.wait_log(rf"warn +.*consul.verify: the certificate of {consul.https_url} is not checked: whoever answers "
                   "there gets the token, and says what HAProxy serves")
    haproxy.wait_serving("web", [origin])
    planned = world.command("plan", haproxy, consul.https_url, environment={"CONSUL_HTTP_SSL_VERIFY": "false"})
    assert planned.returncode == 0
    assert planned.stderr.startswith("slotd: warning: CONSUL_HTTP_SSL_VERIFY: the certificate of ")


DEMANDED = ("it seems to demand a client certificate (verify_incoming): give it client_cert and client_key, or "
            "CONSUL_CLIENT_CERT and CONSUL_CLIENT_KEY")
REFUSED = "an authority of the agent's ca_file must have signed {foreign}, and its time must not be over"
OTHER_NAME = ("say the name in the certificate as tls_server_name or CONSUL_TLS_SERVER_NAME; `openssl x509 -noout -ext "
              "subjectAltName -in FILE` tells it")
# With an alert when curl gets to read it: over TLS 1.3 it comes after the handshake.
ENDS = ("the agent {0} ({1})", "the agent ends the connection as soon as it stands ({1}; if that is so already, the "
        "agent's limits.http_max_conns_per_client (200) may be used up)")
# What is wrong: (the agent's certificate, whether it demands one, slotd's settings, what it is called).
FAULTS = {
    "another authority": (
        "server", False, {"ca_file": "other"},
        ["the agent's certificate is not trusted: unable to get local issuer certificate (no authority in {other} "
         "signed it: ca_file or CONSUL_CACERT names the one that did)"]),
    "no authority": (
        "server", False, {},
        ["the agent's certificate is not trusted: unable to get local issuer certificate (no authority of this system "
         "signed it: name the one that did as ca_file or CONSUL_CACERT)"]),
    "expired": (
        "expired", False, {"ca_file": "authority"},
        ["the agent's certificate has expired, or that of its authority (renew it; `openssl x509 -noout -dates -in "
         "FILE` tells the time of each)"]),
    "another name": (
        "renamed", False, {"ca_file": "authority"},
        [f"the agent's certificate is for another name than the address ({OTHER_NAME})"]),
    "another server name": (
        "server", False, {"ca_file": "authority", "tls_server_name": "server.dc2.consul"},
        [f"the agent's certificate is for another name than tls_server_name server.dc2.consul ({OTHER_NAME})"]),
    "no client certificate": (
        "server", True, {"ca_file": "authority"},
        [text.format("demands a client certificate", DEMANDED) for text in ENDS]),
    "a client certificate of another authority": (
        "server", True, {"ca_file": "authority", "client_cert": "foreign", "client_key": "foreign-key"},
        [text.format("refuses the client certificate", REFUSED) for text in ENDS]),
    "the key of another certificate": (
        "server", True, {"ca_file": "authority", "client_cert": "client", "client_key": "server-key"},
        ["the client certificate can't be used: unable to set private key file: '{server-key}' type PEM (client_cert "
         "and client_key are PEM files of one pair, the key without a passphrase)"]),
    "authorities that are none": (
        "server", False, {"ca_file": "broken"},
        ["the authorities can't be read: error setting certificate file: {broken} (ca_file is a PEM file of "
         "certificates)"]),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_wrong_with_tls_is_told(world, made, haproxy, fault):
    certificate, demands, chosen, texts = FAULTS[fault]
    consul = world.consul(tls=getattr(made, certificate), settings=DEMANDS if demands else {})
    paths = {name[:-len(".pem")]: os.path.join(made.folder, name)
             for name in os.listdir(made.folder) if name.endswith(".pem")}
    paths["broken"] = world.file("-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n")
    config = settings(**{key: paths.get(value, value) for key, value in chosen.items()})
    planned = world.command("plan", haproxy, consul.https_url, config=config)
    assert planned.returncode == 1
    told = f"slotd: backend web: held (consul-unreachable): {consul.https_url}: "
    filled = [told + re.sub(r"\{([a-z-]+)\}", lambda name: paths[name[1]], text) + "\n" for text in texts]
    assert planned.stderr in filled


def test_tls_to_a_port_without_it_and_the_reverse_are_told(world, made, haproxy):
    consul = world.consul(tls=made.server)
    to_http = consul.url.replace("http:", "https:")
    assert world.command("plan", haproxy, to_http).stderr == (
        f"slotd: backend web: held (consul-unreachable): {to_http}: this port does not speak TLS (write http:// instead "
        "of https:// (is CONSUL_HTTP_SSL set?), or the port of the agent's ports.https)\n")
    to_https = consul.https_url.replace("https:", "http:")
    assert world.command("plan", haproxy, to_https).stderr == (
        "slotd: backend web: held (consul-error): Consul answers 400: Client sent an HTTP request to an HTTPS server.; "
        "write https:// in its address, or set CONSUL_HTTP_SSL=true\n")


def test_a_key_that_slotd_may_not_read_is_told_before_anything_begins(world, made, haproxy):
    key = world.file("-----BEGIN PRIVATE KEY-----\n", "key.pem")
    os.chmod(key, 0)
    as_nobody = world.as_nobody(key)
    if as_nobody is None:
        assert os.getuid() != 0, "as another user nothing can be started here"
        return
    cert = world.file("-----BEGIN CERTIFICATE-----\n", "cert.pem")
    config = world.config(settings(address="https://127.0.0.1:1", client_cert=cert, client_key=key))
    done = as_nobody("plan", "--socket", haproxy.socket, "-c", config)
    assert done.returncode == 1
    assert done.stderr == (f"slotd: {config}: consul.client_key: {key} can't be read: Permission denied (it is a PEM "
                           "file that slotd's user may read)\n")


def test_an_authority_that_is_replaced_is_taken_without_a_restart(world, made, haproxy):
    """As when an agent's certificate is renewed by a new authority: the file is read for each connection."""
    consul = world.consul(tls=made.server)
    trusted = world.file(open(made.other.cert).read(), "trusted.pem")
    origin = register(world, consul)
    slotd = world.slotd(haproxy, consul.https_url, config=settings(ca_file=trusted))
    slotd.wait_log("web: held.*is not trusted")
    world.file(open(made.authority.cert).read(), "trusted.pem")
    haproxy.wait_serving("web", [origin], seconds=20)


def sockets_to(port):
    """How many established connections lead to a port on 127.0.0.1."""
    with open("/proc/net/tcp") as table:
        return sum(1 for row in map(str.split, list(table)[1:])
                   if int(row[2].rsplit(":", 1)[1], 16) == port and row[3] == "01")


def test_many_services_share_a_few_connections_and_none_waits_for_another(world, made, figure):
    """Consul allows 250 requests on a connection over HTTP/2, and 200 connections for each client."""
    consul = world.consul(tls=made.server)
    services = 300
    haproxy = world.haproxy(*[Backend(f"s{n}", slots=2, slot_options="") for n in range(services)])
    port = int(consul.https_url.rsplit(":", 1)[1])
    for n in range(services):
        consul.register(f"s{n}", f"i{n}", "127.0.0.1", 1000 + n)
    world.slotd(haproxy, consul.https_url, config=settings(ca_file=made.authority.cert), level="warn")

    last = f"s{services - 1}"
    until(lambda: sum(row["srv_port"] != "1" for row in haproxy.servers()) == services, "all are filled", 60)
    haproxy.wait_serving(last, [("127.0.0.1", 1000 + services - 1)])
    most = 0
    for n in (0, services // 2, services - 1):
        consul.register(f"s{n}", f"j{n}", "127.0.0.1", 5000 + n)
        haproxy.wait_serving(f"s{n}", [("127.0.0.1", 1000 + n), ("127.0.0.1", 5000 + n)], seconds=10)
        most = max(most, sockets_to(port))
    figure(f"{most} connections for {services} services")
    assert most <= 8
