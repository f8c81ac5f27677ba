# SPDX-License-Identifier: MIT
"""What a running slotd shows, over TCP or its UNIX socket."""

import http.client
import json
import re
import socket


class _Connection(http.client.HTTPConnection):
    def __init__(self, shown):
        super().__init__("localhost")
        self._shown = shown

    def connect(self):
        self.sock = self._shown.connect()


class Shown:
    """`address` is a port of 127.0.0.1, or the path of a socket."""

    def __init__(self, address):
        self.address = address

    def connect(self):
        made = socket.socket(socket.AF_UNIX if isinstance(self.address, str) else socket.AF_INET)
        made.settimeout(10)
        made.connect(self.address if isinstance(self.address, str) else ("127.0.0.1", self.address))
        return made

    def open(self, target, method="GET", **headers):
        """The response before its body is read; `Last_Event_ID` becomes Last-Event-ID."""
        connection = _Connection(self)
        connection.request(method, target, headers={name.replace("_", "-"): text for name, text in headers.items()})
        return connection.getresponse()

    def ask(self, target, method="GET", **headers):
        """(status, body)."""
        answer = self.open(target, method, **headers)
        return answer.status, answer.read().decode()

    def post(self, target):
        return self.ask(target, "POST")

    def raw(self, data):
        """All that comes back for these bytes."""
        with self.connect() as connection:
            connection.sendall(data)
            answer = b""
            while part := connection.recv(65536):
                answer += part
        return answer

    def status(self, backend=""):
        """The status document, or the one backend of it."""
        code, text = self.ask("/v1/status" + (f"?backend={backend}" if backend else ""))
        if code != 200:
            raise LookupError(text)
        document = json.loads(text)
        return document["backends"][0] if backend else document

    def slots(self, backend):
        """{name: slot} of the status."""
        return {slot["name"]: slot for slot in self.status(backend)["slot"]}

    def metrics(self):
        """{'slotd_slots{backend="web",state="ready"}': 1.0}."""
        lines = self.ask("/metrics")[1].splitlines()
        return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")}

    def metric(self, name, **labels):
        """The value of the one sample with these labels, perhaps among others."""
        found = [value for sample, value in self.metrics().items() if re.match(rf"{name}({{|$)", sample)
                 and all(f'{label}="{text}"' in sample for label, text in labels.items())]
        if len(found) != 1:
            raise LookupError(f"{len(found)} samples of {name} {labels}")
        return found[0]

    def events(self, after=0):
        return json.loads(self.ask(f"/v1/events?after={after}")[1])["events"]

    def stream(self, **headers):
        return Stream(self.open("/v1/events", Accept="text/event-stream", **headers))


class Stream:
    """Server-sent events: (id, object) one after the other; what has no ID is passed over."""

    def __init__(self, answer):
        if answer.status != 200:
            raise ValueError(answer.read())
        self._answer = answer

    def __iter__(self):
        message = {}
        while line := self._answer.readline().decode():
            name, _, text = line.rstrip("\n").partition(": ")
            if name in ("id", "data"):
                message[name] = text
            elif not name and "id" in message:
                yield message.pop("id"), json.loads(message.pop("data"))

    def wait(self, pattern):
        """The first message whose text the pattern is found in."""
        return next((id, event) for id, event in self if re.search(pattern, event["text"]))

    def close(self):
        self._answer.close()
