# SPDX-License-Identifier: MIT
"""A headless Chromium, driven over a pipe by its DevTools protocol."""

import base64
import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time

from .wait import until

_libc = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1


class Browser:
    """Chromium with one page. `stop` ends it."""

    def __init__(self, binary="chromium"):
        self._profile = tempfile.mkdtemp(prefix="slotd-chromium-")
        to_browser, self._out = os.pipe()
        self._in, from_browser = os.pipe()
        os.set_inheritable(to_browser, True)
        os.set_inheritable(from_browser, True)

        def child():
            _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            # Where --remote-debugging-pipe reads and writes. Out of the way first: they may be 3 and 4 crosswise.
            read, write = os.dup(to_browser), os.dup(from_browser)
            os.dup2(read, 3)
            os.dup2(write, 4)

        self._log = open(os.path.join(self._profile, "log"), "wb")
        # No sandbox: it refuses to run as root. It shows slotd's page on loopback and nothing else.
        self._process = subprocess.Popen(
            [binary, "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage", "--mute-audio",
             f"--user-data-dir={self._profile}/profile", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log, close_fds=False, start_new_session=True,
            preexec_fn=child)
        os.close(to_browser)
        os.close(from_browser)
        self._count = 0
        self._buffer = b""
        self._session = None
        self.errors = []  # of the console, with exceptions and what the policy blocked
        target = next(one for one in self.call("Target.getTargets")["targetInfos"] if one["type"] == "page")
        self._session = self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setFocusEmulationEnabled", enabled=True)

    def _read(self, seconds):
        """The next message; None when none came."""
        deadline = time.monotonic() + seconds
        while b"\0" not in self._buffer:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._in], [], [], left)[0]:
                return None
            data = os.read(self._in, 1 << 20)
            if not data:
                with open(self._log.name, errors="replace") as log:
                    raise RuntimeError(f"Chromium ended:\n{log.read()[-3000:]}")
            self._buffer += data
        message, self._buffer = self._buffer.split(b"\0", 1)
        return json.loads(message)

    def _take(self, message):
        """What was not asked for."""
        method, parameters = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.errors.append(json.dumps(parameters["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "warning", "assert"):
            self.errors.append(json.dumps(parameters["args"]))
        elif method == "Log.entryAdded" and parameters["entry"]["level"] in ("error", "warning"):
            self.errors.append(f"{parameters['entry']['source']}: {parameters['entry']['text']}")

    def call(self, method, seconds=30.0, **parameters):
        self._count += 1
        message = {"id": self._count, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + seconds
        while (answer := self._read(deadline - time.monotonic())) is not None:
            if answer.get("id") != self._count:
                self._take(answer)
            elif "error" in answer:
                raise ValueError(f"{method}: {answer['error']}")
            else:
                return answer["result"]
        raise TimeoutError(f"{method}: no answer within {seconds:g} s")

    def open(self, url):
        self.call("Page.navigate", url=url)
        self.wait("document.readyState === 'complete' && location.href.startsWith('http')", f"{url} is loaded")

    def ask(self, expression):
        """The value of a JavaScript expression; a promise's when that is one."""
        said = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in said:
            raise ValueError(f"{expression}: {said['exceptionDetails']}")
        return said["result"].get("value")

    def wait(self, expression, what="", seconds=10.0):
        """Until the expression is true; its value."""
        return until(lambda: self.ask(expression), what or expression, seconds, pause=0.05)

    def text(self, selector="body"):
        """What a reader sees there."""
        return self.ask(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''")

    def press(self, *keys):
        """"Tab", "ArrowRight", "/" ..., one after the other."""
        codes = {"Tab": 9, "Enter": 13, "Escape": 27, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}
        for key in keys:
            text = {"text": key} if len(key) == 1 else {"text": "\r"} if key == "Enter" else {}
            code = {"windowsVirtualKeyCode": codes[key]} if key in codes else {}
            self.call("Input.dispatchKeyEvent", type="keyDown", key=key, **text, **code)
            self.call("Input.dispatchKeyEvent", type="keyUp", key=key, **code)

    def look_as(self, width, height, *, dark=False, phone=False):
        """The size of the window, and what the reader prefers."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=2 if phone else 1,
                  mobile=phone)
        self.call("Emulation.setTouchEmulationEnabled", enabled=phone)
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def shoot(self, path):
        """A picture of the window."""
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def stop(self):
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            # Its own session, so what it started too.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        for descriptor in (self._in, self._out):
            os.close(descriptor)
        self._log.close()
        shutil.rmtree(self._profile, ignore_errors=True)
