"""A headless Chromium, driven through its DevTools protocol over a pair of pipes."""

import base64
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time

FLAGS = [
    "--headless=new",
    "--remote-debugging-pipe",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-sync",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
    "--hide-scrollbars",
    "--lang=en-US",
    "--no-default-browser-check",
    "--no-first-run",
]


class BrowserError(Exception):
    """The browser refused a command, took too long or ended."""


class Browser:
    """A browser with a profile of its own, which ends with the `with` block.

    `seconds` limits how long all that is done with it may take.
    """

    def __init__(self, seconds):
        self._deadline = time.monotonic() + seconds
        self._next_id = 0
        self._unread = b""
        self._handlers = {}
        self._profile = tempfile.mkdtemp(prefix="exectrack-browser-")
        try:
            self._start()
        except OSError as error:
            shutil.rmtree(self._profile)
            raise BrowserError(f"the browser doesn't start: {error}") from error

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _start(self):
        command = [os.environ.get("CHROMIUM", "chromium"), *FLAGS]
        if os.geteuid() == 0:
            command.append("--no-sandbox")
        command += ["--user-data-dir=" + self._profile, "about:blank"]
        for_browser, self._commands = os.pipe()
        self._messages, from_browser = os.pipe()

        def place_pipes():
            # By way of higher numbers, as 3 and 4 may be those of the pipes already.
            low, high = os.dup(for_browser), os.dup(from_browser)
            while low < 5 or high < 5:
                low, high = os.dup(low), os.dup(high)
            os.dup2(low, 3)
            os.dup2(high, 4)

        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, preexec_fn=place_pipes, close_fds=False,
            start_new_session=True)
        os.close(for_browser)
        os.close(from_browser)

    def close(self):
        """Ends the browser and all processes that it started, and removes its profile."""
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._process.wait()
        os.close(self._commands)
        os.close(self._messages)
        shutil.rmtree(self._profile, ignore_errors=True)

    def _receive(self):
        """The next message."""
        while b"\0" not in self._unread:
            left = self._deadline - time.monotonic()
            if left <= 0 or not select.select([self._messages], [], [], left)[0]:
                raise BrowserError("the browser took too long")
            read = os.read(self._messages, 1 << 20)
            if not read:
                raise BrowserError("the browser ended")
            self._unread += read
        message, self._unread = self._unread.split(b"\0", 1)
        return json.loads(message)

    def _dispatch(self, message):
        handler = self._handlers.get(message.get("sessionId"))
        if handler and "method" in message:
            handler(message["method"], message["params"])

    def call(self, method, params=None, session=None):
        """The result of a command. Events that come before it go to their session's handler."""
        self._next_id += 1
        command = {"id": self._next_id, "method": method, "params": params or {}}
        if session:
            command["sessionId"] = session
        data = json.dumps(command).encode() + b"\0"
        try:
            while data:
                data = data[os.write(self._commands, data):]
        except BrokenPipeError as error:
            raise BrowserError("the browser ended") from error
        while True:
            message = self._receive()
            if message.get("id") == command["id"]:
                if "error" in message:
                    raise BrowserError(f"{method}: {message['error']['message']}")
                return message["result"]
            self._dispatch(message)

    def wait_until(self, condition):
        """Takes in events until `condition()` holds."""
        while not condition():
            self._dispatch(self._receive())

    def open_page(self):
        """A new, empty page."""
        target = self.call("Target.createTarget", {"url": "about:blank"})["targetId"]
        session = self.call(
            "Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        return Page(self, session, target)

    def handle(self, session, handler):
        """Has `handler(method, params)` called with each event of a session."""
        self._handlers[session] = handler


class Page:
    """A page, and the events that came from it."""

    def __init__(self, browser, session, target):
        self._browser = browser
        self._session = session
        self._target = target
        self.events = []
        browser.handle(session, self._handle)
        for domain in ("Page", "Runtime", "Log", "Network", "DOM", "Accessibility"):
            self.call(domain + ".enable")

    def _handle(self, method, params):
        self.events.append((method, params))
        if method == "Page.javascriptDialogOpening":
            # It would wait for an answer for ever, and so would we.
            self.call("Page.handleJavaScriptDialog", {"accept": False})

    def call(self, method, params=None):
        return self._browser.call(method, params, self._session)

    def close(self):
        self._browser.call("Target.closeTarget", {"targetId": self._target})

    def load(self, url):
        """Loads a page and waits until it is there."""
        self.events.clear()
        self.call("Page.navigate", {"url": url})
        self._browser.wait_until(lambda: self.happened("Page.loadEventFired"))

    def happened(self, method):
        """The parameters of the events of a kind."""
        return [params for name, params in self.events if name == method]

    def evaluate(self, expression):
        """The value of a JavaScript expression."""
        result = self.call("Runtime.evaluate", {
            "expression": expression, "returnByValue": True, "awaitPromise": True})
        if "exceptionDetails" in result:
            raise BrowserError(json.dumps(result["exceptionDetails"]))
        return result["result"].get("value")

    def use_scheme(self, scheme):
        """Prefers "light" or "dark" colours."""
        self.call("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def use_width(self, width, is_phone=False, scale=1):
        """Makes the page so many CSS pixels wide, and waits until its script has followed."""
        self.call("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": 844, "deviceScaleFactor": scale, "mobile": is_phone})
        self.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")

    def screenshot(self, most_height=16000):
        """A picture of the whole page, or of so many CSS pixels of it, as a PNG file."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"],
                "height": min(size["height"], most_height), "scale": 1}
        return base64.b64decode(self.call("Page.captureScreenshot", {
            "captureBeyondViewport": True, "clip": clip})["data"])
