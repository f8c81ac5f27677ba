#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Asks a Consul whose name only DNS knows, over HTTPS, with each image's slotd: lookup.py FOLDER SLOTD-ROOT HAPROXY-ROOT.

Runs as root, of a namespace or of the machine: a name server has port 53. Prints one JSON document.
"""

import http.server
import json
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import threading

HOST = "127.0.88.53"
NAME = "consul.slotd.test"


def answer(question):
    """HOST for an A question about NAME, an empty answer for the rest."""
    name, at = [], 12
    while question[at]:
        name.append(question[at + 1:at + 1 + question[at]].decode())
        at += 1 + question[at]
    kind, end = question[at + 1:at + 3], at + 5
    found = ".".join(name) == NAME and kind == b"\0\1"
    head = question[:2] + b"\x81\x80\0\1" + (b"\0\1" if found else b"\0\0") + b"\0\0\0\0" + question[12:end]
    return head + (b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + socket.inet_aton(HOST) if found else b"")


def serve_names():
    names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    names.bind((HOST, 53))

    def serve():
        while True:
            question, who = names.recvfrom(512)
            names.sendto(answer(question), who)

    threading.Thread(target=serve, daemon=True).start()


class Consul(http.server.BaseHTTPRequestHandler):
    asked = []

    def do_GET(self):
        Consul.asked.append(self.headers["Host"])
        self.send_error(500)

    def log_message(self, *_):
        pass


class Quiet(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        """A client that did not like the certificate."""


def serve_consul(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                    f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}", "-keyout", folder / "key", "-out",
                    folder / "certificate"], check=True, capture_output=True)
    server = Quiet((HOST, 0), Consul)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate", folder / "key")
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


def ask(root, program, port):
    """What a plan says, and what Consul was asked meanwhile."""
    Consul.asked.clear()
    done = subprocess.run([program, "plan", "--socket", "/run/haproxy/admin.sock", "--consul", f"https://{NAME}:{port}"],
                          preexec_fn=lambda: (os.chroot(root), os.chdir("/")), capture_output=True, text=True, timeout=60)
    return {"said": done.stdout + done.stderr, "asked": sorted(set(Consul.asked))}


def main(folder, slotd_root, haproxy_root):
    folder = pathlib.Path(folder)
    root = folder / "root"
    shutil.copytree(haproxy_root, root, symlinks=True)
    shutil.copy(f"{slotd_root}/usr/bin/slotd", root / "usr/bin/slotd-alone")
    (root / "etc/resolv.conf").write_text(f"nameserver {HOST}\n")
    (root / "etc/haproxy/haproxy.cfg").write_text(
        "global\n    stats socket /run/haproxy/admin.sock level admin\n"
        "backend web\n    server-template s 1-2 web.service.slots.invalid:1 disabled init-addr last,127.0.0.1\n"
        "    timeout connect 1s\n    timeout server 1s\n")
    serve_names()
    port = serve_consul(folder)
    haproxy = subprocess.Popen(["/usr/sbin/haproxy", "-db", "-f", "/etc/haproxy/haproxy.cfg"], stderr=subprocess.DEVNULL,
                               preexec_fn=lambda: (os.chroot(root), os.chdir("/")))
    said = {}
    try:
        programs = ("/usr/bin/slotd", "/usr/bin/slotd-alone")
        while not (root / "run/haproxy/admin.sock").exists() and haproxy.poll() is None:
            pass
        for program in programs:
            said[f"{program} unknown"] = ask(root, program, port)
        bundle = root / "etc/ssl/certs/ca-certificates.crt"
        bundle.write_bytes(bundle.read_bytes() + (folder / "certificate").read_bytes())
        for program in programs:
            said[f"{program} known"] = ask(root, program, port)
    finally:
        haproxy.kill()
        haproxy.wait()
    print(json.dumps(said))


if __name__ == "__main__":
    main(*sys.argv[1:])
