"""Headless Chromium, driven over its pipe (the DevTools protocol): clicks, types and measures."""

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import time
import unittest

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
               None)
COMMAND_SECONDS = 60  # a busy machine is slow to start a browser


def demand():
    """Raises unless there is a browser: a failure where the system has a package of one."""
    if PROGRAM is not None:
        return
    known = shutil.which("apt-cache") and subprocess.run(
        ["apt-cache", "show", "chromium"], capture_output=True, check=False).returncode == 0
    if known:
        raise AssertionError("no chromium: scripts/setup installs it")
    raise unittest.SkipTest("this system has no package of chromium")


def switches(folder):
    sandbox = ["--no-sandbox"] if os.getuid() == 0 else []
    return ["--headless", *sandbox, "--disable-gpu", "--hide-scrollbars",
            "--disable-dev-shm-usage", "--disable-background-networking", "--no-first-run",
            f"--user-data-dir={folder}/profile"]


class Page:
    """One tab of a browser of its own."""

    def __init__(self, folder):
        ours, theirs = os.pipe(), os.pipe()  # what they read, what they write
        # Chromium reads from 3 and writes to 4.
        read, write = (fcntl.fcntl(fd, fcntl.F_DUPFD, 10) for fd in (ours[0], theirs[1]))

        def place():
            os.dup2(read, 3)
            os.dup2(write, 4)

        self._process = subprocess.Popen(
            [PROGRAM, *switches(folder), "--remote-debugging-pipe", "about:blank"],
            close_fds=False, preexec_fn=place, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for fd in (ours[0], theirs[1], read, write):
            os.close(fd)
        self._to, self._from = ours[1], theirs[0]
        self._rest, self._last, self._session = b"", 0, None
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._ask("Target.attachToTarget", targetId=target,
                                  flatten=True)["sessionId"]
        self._ask("Page.enable")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self._session = None
            self._ask("Browser.close")
            self._process.wait(10)
        except (AssertionError, OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        os.close(self._to)
        os.close(self._from)

    def resize(self, width, height):
        self._ask("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=width < 600)

    def prefer(self, scheme):
        self._ask("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": scheme}])

    def before_each_page(self, script):
        self._ask("Page.addScriptToEvaluateOnNewDocument", source=script)

    def go(self, url):
        self.run("window.isOld = true")
        self._ask("Page.navigate", url=url)
        self.await_new()

    def await_new(self):
        """Until another page than the one marked as old is there, whole."""
        self.wait("!window.isOld && document.readyState == 'complete'")

    def click(self, selector):
        """Clicks where the element is, as a mouse does; the next page is waited for."""
        self.run("window.isOld = true")
        x, y = self.run(f"""(() => {{
            const element = document.querySelector({json.dumps(selector)});
            element.scrollIntoView({{block: 'center'}});
            const box = element.getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2]; }})()""")
        for kind in ("mousePressed", "mouseReleased"):
            self._ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
        self.await_new()

    def type(self, selector, text):
        self.run(f"document.querySelector({json.dumps(selector)}).focus()")
        self._ask("Input.insertText", text=text)

    def picture(self):
        """What is on the screen, as PNG."""
        return base64.b64decode(self._ask("Page.captureScreenshot", format="png")["data"])

    def run(self, expression):
        answer = self._ask("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in answer:
            raise AssertionError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait(self, expression):
        deadline = time.monotonic() + COMMAND_SECONDS
        while time.monotonic() < deadline:
            try:
                if self.run(expression):
                    return
            except AssertionError:  # between two pages there is nothing to ask
                pass
            select.select([], [], [], 0.02)
        raise AssertionError(f"never came true: {expression}")

    def _ask(self, method, **parameters):
        self._last += 1
        message = {"id": self._last, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self._last:
                if "error" in answer:
                    raise AssertionError(f"{method}: {answer['error']}")
                return answer["result"]

    def _read(self):
        deadline = time.monotonic() + COMMAND_SECONDS
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._from], [], [], max(0, deadline - time.monotonic()))
            block = os.read(self._from, 1 << 16) if ready else b""
            if not block:
                raise AssertionError("the browser does not answer")
            self._rest += block
        line, _, self._rest = self._rest.partition(b"\0")
        return json.loads(line)
