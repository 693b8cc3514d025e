"""Make the pictures of the README from a real run of the offline panel on examples/change.patch; needs Chromium.

python docs/pictures.py
"""

from __future__ import annotations

import base64
import io
import os
import pty
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parents[1]
IMAGES = Path(__file__).with_name("images")
sys.path.insert(0, str(ROOT / "tests"))
import browser  # noqa: E402 - the tests' own, found through the line above

REVIEW = ("review", "--diff", "examples/change.patch", "--panel", "offline")
COLUMNS = 80
#: Lines of the terminal's result that are shown, from its beginning and from its end.
FIRST, LAST = 36, 2
#: Of the page, in CSS pixels.
WIDTH, HEIGHT = 960, 1150


def terminal() -> str:
    """What the command shows at a terminal, its middle left out, as a picture."""
    lines = _at_a_terminal().rstrip("\n").split("\n")
    shown = Text.from_ansi("\n".join([*lines[:FIRST], "…", *lines[-LAST:]]))
    console = Console(record=True, width=COLUMNS, file=io.StringIO())
    console.print(Text(f"$ reviewbot {' '.join(REVIEW)}\n", style="bold"), shown, sep="")
    made = console.export_svg(title="reviewbot", unique_id="reviewbot")
    # The fonts it names are on a server of somebody else; those of the reader do.
    return re.sub(r"\s*@font-face \{.*?\}", "", made, flags=re.DOTALL)


def _at_a_terminal() -> str:
    ours, theirs = pty.openpty()
    environ = {name: text for name, text in os.environ.items() if name != "NO_COLOR"}
    environ |= {"TERM": "xterm-256color", "COLUMNS": str(COLUMNS)}
    with subprocess.Popen(_command(), cwd=ROOT, env=environ, stdout=theirs, stderr=subprocess.DEVNULL):
        os.close(theirs)
        read = bytearray()
        while part := _read(ours):
            read += part
    os.close(ours)
    return read.decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1 << 16)
    except OSError:  # Linux's way to say that nobody is at the other end any more
        return b""


def _command(*flags: str) -> list[str]:
    return [sys.executable, "-m", "reviewbot", *REVIEW, *flags]


def report() -> bytes:
    """The top of the HTML page, as a browser draws it."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        subprocess.run(_command("--format", "html", "--output", str(page)), cwd=ROOT, check=False)
        with browser.started(browser.find()) as new:
            tab = new()
            tab.open(page.as_uri(), width=WIDTH, height=HEIGHT)
            made = tab("Page.captureScreenshot")
    return base64.b64decode(made["data"])


def main() -> None:
    """Write both."""
    IMAGES.mkdir(exist_ok=True)
    (IMAGES / "terminal.svg").write_text(terminal(), "utf-8")
    (IMAGES / "report.png").write_bytes(report())


if __name__ == "__main__":
    main()
