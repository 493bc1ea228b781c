"""A Chromium without a window, driven through the pipe that it offers to programs: no port, no package.

`--remote-debugging-pipe` takes messages of the DevTools protocol on one file descriptor and answers on another, each
message ended by a zero byte (https://chromedevtools.github.io/devtools-protocol/).
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PATIENCE = 30.0


def find_browser() -> str | None:
    """The command of a Chromium that can be driven here; None where there is none."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    return None if sys.platform == "win32" else found


class Tab:
    """One page in the browser; `complaints` are what it wrote to the console, and what went wrong in it."""

    def __init__(self, commands: int, answers: int) -> None:
        self._commands = commands
        self._answers = answers
        self._rest = b""
        self._number = 0
        self._session = ""
        self.complaints: list[str] = []
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Give a command and wait for its answer."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer["error"]
                result: dict[str, Any] = answer["result"]
                return result

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            more = os.read(self._answers, 1 << 20)
            assert more, "the browser ended"
            self._rest += more
        message, self._rest = self._rest.split(b"\0", 1)
        answer: dict[str, Any] = json.loads(message)
        self._hear(answer.get("method", ""), answer.get("params", {}))
        return answer

    def _hear(self, method: str, said: dict[str, Any]) -> None:
        if method == "Runtime.exceptionThrown":
            details = said["exceptionDetails"]
            self.complaints.append(details.get("exception", {}).get("description") or details["text"])
        elif method == "Runtime.consoleAPICalled":
            self.complaints.append(f"{said['type']}: {[each.get('value') for each in said['args']]}")
        elif method == "Log.entryAdded":
            self.complaints.append(said["entry"]["text"])
        elif method == "Network.requestWillBeSent" and not said["request"]["url"].startswith(("file:", "about:")):
            self.complaints.append(f"asked for {said['request']['url']}")

    def show(self, path: Path, anchor: str = "", *, width: int = 1280, height: int = 900, phone: bool = False) -> None:
        """Load a file and wait for it."""
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone)
        self.send("Page.navigate", url=path.as_uri() + anchor)
        self.wait("document.readyState === 'complete'")

    def prefer(self, scheme: Literal["light", "dark"]) -> None:
        """Be a reader who prefers light or dark."""
        self.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def run(self, script: str) -> Any:
        """The value of an expression, or of what it promises."""
        answer = self.send("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait(self, condition: str) -> None:
        """Wait until an expression holds."""
        started = time.monotonic()
        while not self.run(condition):
            assert time.monotonic() - started < PATIENCE, f"never: {condition}"
            time.sleep(0.02)

    def reach(self, selector: str) -> None:
        """Scroll to an element and wait until all stands still."""
        self.wait("!document.getAnimations().length")
        nearest = "{block: 'nearest', inline: 'nearest', behavior: 'instant'}"
        self.run(f"document.querySelector({json.dumps(selector)}).scrollIntoView({nearest})")

    def click(self, selector: str) -> None:
        """Click on an element, as somebody does who scrolls there."""
        self.reach(selector)
        x, y, width, height = self.box(selector)
        point = x + width / 2, y + min(height / 2, 12)
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=point[0], y=point[1], button="left", clickCount=1)

    def box(self, selector: str) -> tuple[float, float, float, float]:
        """Where an element is on the screen: x, y, width and height."""
        box = f"document.querySelector({json.dumps(selector)}).getBoundingClientRect()"
        x, y, width, height = self.run(f"(box => [box.x, box.y, box.width, box.height])({box})")
        return x, y, width, height

    def press(self, *keys: str) -> None:
        """Press keys: `ArrowDown`, `Enter`, `a`."""
        for key in keys:
            text = {"Enter": "\r", "Space": " "}.get(key, key if len(key) == 1 else "")
            key = " " if key == "Space" else key
            self.send("Input.dispatchKeyEvent", type="keyDown", key=key, code=key, **({"text": text} if text else {}))
            self.send("Input.dispatchKeyEvent", type="keyUp", key=key, code=key)

    def picture(self, path: Path, *, whole: bool = False) -> None:
        """Take a picture of what shows, or of the whole page."""
        picture = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(picture["data"]))


@contextmanager
def browser(command: str) -> Iterator[Tab]:
    """Start a browser of its own, and end it."""
    from_us, commands = os.pipe()
    answers, to_us = os.pipe()
    arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-extensions",
                 "--disable-background-networking", "--remote-debugging-pipe", "about:blank"]  # fmt: skip
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        # The browser reads from 3 and writes to 4; a shell gives it what it is given here.
        numbers = f'exec 3<&{from_us} 4>&{to_us}; exec "$@"'
        process = subprocess.Popen(
            ["bash", "-c", numbers, "browser", command, f"--user-data-dir={profile}", *arguments],
            pass_fds=(from_us, to_us), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(from_us)
        os.close(to_us)
        try:
            yield Tab(commands, answers)
        finally:
            os.close(commands)
            process.terminate()
            process.wait(PATIENCE)
            os.close(answers)
