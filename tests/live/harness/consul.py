# SPDX-License-Identifier: MIT
"""A real Consul agent on loopback, and the calls that tests make to it."""

import json
import os
import subprocess
import urllib.error
import urllib.parse
import urllib.request
import uuid

from .program import Program, clean_environment


class Consul:
    """`consul agent -dev`: all in memory, ready in about 0.3 s; `durable`: on disk, ready in about 1.5 s.

    `tls` (a Pair of certificates.py) opens `https_url` beside `url`, `settings` are more of the agent's own.
    """

    def __init__(self, binary, folder, ports, datacenter="dc1", acl=False, durable=False, tls=None, settings=None):
        self.binary = binary
        self.token = str(uuid.uuid4()) if acl else ""
        self.datacenter = datacenter
        self.port = ports.take()
        names = ("dns", "server", "serf_lan", "serf_wan") + (("https",) if tls else ())
        places = {name: ports.take() for name in names}
        self.dns_port = places["dns"]
        self.https_url = f"https://127.0.0.1:{places['https']}" if tls else None
        self._config = os.path.join(folder, f"consul-{self.port}.json")
        with open(self._config, "w") as config:
            acls = {"primary_datacenter": datacenter,
                    "acl": {"enabled": True, "default_policy": "deny", "tokens": {"master": self.token}}} if acl else {}
            disk = {"server": True, "bootstrap_expect": 1, "performance": {"raft_multiplier": 1},
                    "data_dir": os.path.join(folder, f"consul-{self.port}")} if durable else {}
            certificates = {"ca_file": tls.authority, "cert_file": tls.cert, "key_file": tls.key} if tls else {}
            self._mode = [] if durable else ["-dev"]
            json.dump({**acls, **disk, **certificates, "ports": {"http": self.port, "grpc": -1, **places},
                       "datacenter": datacenter, "log_level": "ERR", "disable_update_check": True, **(settings or {})},
                      config)
        self.log_path = os.path.join(folder, f"consul-{self.port}.log")
        self.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        self.program = Program([self.binary, "agent", *self._mode, "-bind", "127.0.0.1", "-client", "127.0.0.1",
                                "-config-file", self._config], self.log_path, clean_environment())
        self.program.wait_up(self._ready, "Consul answers", 20)

    def _ready(self):
        # With ACLs a write is what tells that the token works already.
        return self.get("/v1/status/leader") and (self.get("/v1/catalog/nodes") or self.token) and \
            (not self.token or self.put("/v1/kv/ready", 1))

    def stop(self):
        # Its graceful end takes 0.5 s and saves nothing: it is a test's.
        self.program.process.kill()
        self.program.stop()

    def log(self):
        return self.program.log()

    def _ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, method=method,
                                         headers={"X-Consul-Token": self.token} if self.token else {})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise ValueError(f"Consul: {method} {path}: {error.code} {error.read().decode(errors='replace')}") \
                from None
        return json.loads(text) if text else None

    def get(self, path):
        return self._ask("GET", path)

    def delete(self, path):
        return self._ask("DELETE", path)

    def put(self, path, body=None):
        return self._ask("PUT", path, body)

    def new_token(self, rules):
        """A token with a policy of its own: (its secret, its accessor, the policy's ID)."""
        policy = self.put("/v1/acl/policy", {"Name": f"p-{uuid.uuid4()}", "Rules": rules})
        token = self.put("/v1/acl/token", {"Policies": [{"ID": policy["ID"]}]})
        return token["SecretID"], token["AccessorID"], policy["ID"]

    def register(self, service, instance, address, port, *, node="ext", node_address="127.0.0.1", status="passing",
                 tags=(), meta=None, weights=(1, 1)):
        """An instance on a node the agent does not own, so its anti-entropy leaves it alone. Again: a change."""
        self.put("/v1/catalog/register", {
            "Node": node, "Address": node_address, "SkipNodeUpdate": False,
            "Service": {"ID": instance, "Service": service, "Address": address, "Port": port, "Tags": list(tags),
                        "Meta": meta or {}, "Weights": {"Passing": weights[0], "Warning": weights[1]}},
            "Check": {"Node": node, "CheckID": f"service:{instance}", "Name": "up", "Status": status,
                      "ServiceID": instance}})

    def set_status(self, instance, status, node="ext"):
        """`status` of the instance's one check; nothing else about it changes."""
        self.put("/v1/catalog/register", {
            "Node": node, "Address": "127.0.0.1", "SkipNodeUpdate": True,
            "Check": {"Node": node, "CheckID": f"service:{instance}", "Name": "up", "Status": status,
                      "ServiceID": instance}})

    def set_maintenance(self, instance, on, node="ext"):
        """What `consul maint -enable -service=ID` leaves in the catalog."""
        check = f"_service_maintenance:{instance}"
        if on:
            self.put("/v1/catalog/register", {
                "Node": node, "Address": "127.0.0.1", "SkipNodeUpdate": True,
                "Check": {"Node": node, "CheckID": check, "Name": "Service Maintenance Mode", "Status": "critical",
                          "Notes": "by hand", "ServiceID": instance}})
        else:
            self.put("/v1/catalog/deregister", {"Node": node, "CheckID": check})

    def deregister(self, instance, node="ext"):
        self.put("/v1/catalog/deregister", {"Node": node, "ServiceID": instance})

    def put_key(self, key, text):
        """With Consul's own command, as people do."""
        environment = {**clean_environment(), "CONSUL_HTTP_TOKEN": self.token}
        subprocess.run([self.binary, "kv", "put", f"-http-addr={self.url}", key, text], check=True, timeout=10,
                       capture_output=True, env=environment)

    def delete_key(self, key):
        self.delete("/v1/kv/" + urllib.parse.quote(key))

    def instances(self, service):
        """The IDs that Consul lists for `service`."""
        return [entry["Service"]["ID"] for entry in
                self.get("/v1/health/service/" + urllib.parse.quote(service, safe=""))]
