"""Records tests/cassettes anew, against the aimock server of package.json: `python tests/providers/record_cassettes.py`.

Needs Node and `npm ci`. aimock is a stand-in: what it answers has the vendors' format, but is not from the vendors.
"""

import asyncio
import json
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path

import asked

from reviewbot.errors import ModelError

ROOT = Path(__file__).parents[2]
AIMOCK = ROOT / "node_modules/@copilotkit/aimock"


@contextmanager
def aimock():
    """A running server, as its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = ["node", AIMOCK / "dist/cli.js", "-p", str(port), "-f", ROOT / "tests/fixtures", "--strict"]
    server = subprocess.Popen([*command, "--log-level", "warn"])
    try:
        url = f"http://127.0.0.1:{port}"
        for _ in range(100):
            try:
                with urllib.request.urlopen(f"{url}/__aimock/health"):
                    break
            except urllib.error.URLError:
                time.sleep(0.1)
        yield url
    finally:
        server.terminate()
        server.wait()


async def record(provider, url):
    model = asked.build(provider, url)
    for stage, case in asked.RECORDED:
        with suppress(ModelError):  # most cases are failures
            await model.complete(asked.prompt(case, stage), seconds=10)
    await model.close()


def main():
    version = json.loads((AIMOCK / "package.json").read_text())["version"]
    with aimock() as url:
        for provider in asked.ADAPTERS:
            path = asked.CASSETTES / f"{provider}.yaml"
            path.unlink(missing_ok=True)
            with asked.cassette(provider, "all"):
                asyncio.run(record(provider, url))
            note = (
                f"# Recorded against @copilotkit/aimock {version}, not a live API; see record_cassettes.py.\n"
            )
            path.write_text(note + path.read_text().replace(url, "http://aimock"))


if __name__ == "__main__":
    main()
