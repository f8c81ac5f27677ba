# SPDX-License-Identifier: MIT
"""Certificates for a test, made with openssl: authorities, and what they sign."""

import os
import subprocess


def openssl(*arguments):
    done = subprocess.run(["openssl", *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"openssl {' '.join(map(str, arguments))}: {done.stderr}")


class Pair:
    """A certificate and its key, as paths of PEM files; `authority` is the certificate of who signed it."""

    def __init__(self, folder, name, authority=None):
        self.authority = authority
        self.cert = os.path.join(folder, name + ".pem")
        self.key = os.path.join(folder, name + "-key.pem")


class Authority:
    """Signs certificates; `cert` is what one trusts."""

    def __init__(self, folder, name):
        self._folder = folder
        self._own = Pair(folder, name)
        self._serial = 0
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", 2,
                "-subj", f"/CN={name}", "-keyout", self._own.key, "-out", self._own.cert)

    @property
    def cert(self):
        return self._own.cert

    def sign(self, name, names=("IP:127.0.0.1", "DNS:localhost"), days=2):
        """A certificate for these names (a client's needs none); with negative `days` one that expired."""
        pair = Pair(self._folder, name, self.cert)
        self._serial += 1
        request, extensions = pair.cert + ".csr", pair.cert + ".ext"
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
                f"/CN={name}", "-keyout", pair.key, "-out", request)
        with open(extensions, "w") as file:
            file.write("extendedKeyUsage = serverAuth, clientAuth\n")
            if names:
                file.write(f"subjectAltName = {', '.join(names)}\n")
        openssl("x509", "-req", "-in", request, "-CA", self._own.cert, "-CAkey", self._own.key, "-set_serial",
                self._serial, "-days", days, "-extfile", extensions, "-out", pair.cert)
        return pair
