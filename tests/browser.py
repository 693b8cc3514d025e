"""A real Chromium without a window, driven over a pipe: what a page looks like, asks for and complains of."""

import base64
import contextlib
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
#: Nothing it starts with may reach the network, and none of it may need what a container does not give.
FLAGS = (
    "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
    "--host-resolver-rules=MAP * ~NOTFOUND", "--hide-scrollbars", "--force-color-profile=srgb",
)  # fmt: skip
#: Seconds to wait for an answer; a browser that hangs must not hang the tests.
PATIENCE = 60


def find():
    """The path of a browser, None where there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Tab:
    """One page. `happened` is every event of it, in order."""

    def __init__(self, send, receive, session):
        self._send, self._receive, self._session = send, receive, session
        self._number = 0
        self.happened = []

    def __call__(self, method, **params):
        self._number += 1
        self._send({"id": self._number, "method": method, "params": params, "sessionId": self._session})
        while True:
            message = self._receive()
            if message.get("id") == self._number and message.get("sessionId") == self._session:
                assert "error" not in message, message
                return message["result"]
            self.happened.append(message)

    def events(self, *methods):
        return [m["params"] for m in self.happened if m.get("method") in methods]

    def open(self, url, *, width, height=900, dark=False, scripts=True):
        """Load the page at this width, in CSS pixels, and wait until it is drawn."""
        for domain in ("Page", "Network", "Runtime", "Log", "Audits"):
            self(f"{domain}.enable")
        self(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self("Emulation.setEmulatedMedia", features=[scheme])
        self("Emulation.setScriptExecutionDisabled", value=not scripts)
        self.happened.clear()
        self("Page.navigate", url=url)
        while not self.events("Page.loadEventFired"):
            self.happened.append(self._receive())

    def value(self, expression):
        """What an expression is in the page."""
        result = self("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def picture(self, path):
        """The whole page as a PNG."""
        made = self("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(made["data"]))


@contextlib.contextmanager
def started(binary):
    """A function that opens a new tab of a running browser."""
    to_browser, ours_out = os.pipe()
    ours_in, from_browser = os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        # The browser reads commands from descriptor 3 and writes answers to 4.
        shell = f'exec 3<&{to_browser} 4>&{from_browser}; exec "$0" "$@"'
        browser = subprocess.Popen(
            ["bash", "-c", shell, binary, *FLAGS, f"--user-data-dir={profile}", "about:blank"],
            pass_fds=(to_browser, from_browser),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        buffer = bytearray()

        def send(message):
            os.write(ours_out, json.dumps(message).encode() + b"\0")

        def receive():
            end = time.monotonic() + PATIENCE
            while b"\0" not in buffer:
                ready, _, _ = select.select([ours_in], [], [], max(0, end - time.monotonic()))
                assert ready, "the browser does not answer"
                data = os.read(ours_in, 1 << 20)
                assert data, "the browser went away"
                buffer.extend(data)
            message, _, rest = bytes(buffer).partition(b"\0")
            buffer[:] = rest
            return json.loads(message)

        def ask(number, method, **params):
            send({"id": number, "method": method, "params": params})
            while (message := receive()).get("id") != number:
                pass
            return message["result"]

        def tab():
            target = ask(1, "Target.createTarget", url="about:blank")["targetId"]
            return Tab(
                send, receive, ask(2, "Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            )

        try:
            yield tab
        finally:
            browser.terminate()
            browser.wait(PATIENCE)
            os.close(ours_out)
            os.close(ours_in)
