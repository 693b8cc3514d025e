"""Cassettes, and the server they are recorded against."""

import json
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import vcr

ROOT = Path(__file__).parents[1]
AIMOCK = ROOT / "node_modules/@copilotkit/aimock"

#: What a cassette calls the server, wherever it ran.
HOST = "http://aimock"


@contextmanager
def aimock(*fixtures):
    """A running server with these fixture files or folders, as its address. Needs Node and `npm ci`."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    sources = [argument for path in fixtures for argument in ("-f", path)]
    command = ["node", AIMOCK / "dist/cli.js", "-p", str(port), *sources, "--strict", "--log-level", "warn"]
    server = subprocess.Popen(command)
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


def cassette(path, mode="none"):
    """Plays recorded answers; a request that differs in any part of its body has none."""
    return vcr.VCR(
        match_on=["method", "path", "query", "body"],
        decode_compressed_response=True,
        before_record_request=_without_headers,
        before_record_response=_with_few_headers,
        record_mode=mode,
    ).use_cassette(str(path))


@contextmanager
def recorded(path, url, against="", host=HOST):
    """Records a cassette anew; it says against what (by default aimock), and forgets where the server ran."""
    version = json.loads((AIMOCK / "package.json").read_text())["version"]
    path.unlink(missing_ok=True)
    with cassette(path, "all"):
        yield
    note = f"# Recorded against {against or f'@copilotkit/aimock {version}'}, not a live API.\n"
    path.write_text(note + path.read_text().replace(url, host))


def _without_headers(request):
    # All but the type of the body, by which vcrpy decides how bodies are compared: keys are in headers.
    request.headers = {k: v for k, v in request.headers.items() if k.lower() == "content-type"}
    return request


def _with_few_headers(response):
    allowed = {"content-type", "retry-after", "request-id", "x-request-id", "x-amzn-errortype"}
    response["headers"] = {k: v for k, v in response["headers"].items() if k.lower() in allowed}
    return response
