"""A real HTTP server that answers what a test tells it to, for what the recorded one cannot do."""

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


@dataclass
class Scripted:
    """What it answers every request with, and the requests it has seen as (path, headers in lower case, body)."""

    url: str = ""
    status: int = 200
    headers: dict = field(default_factory=lambda: {"content-type": "application/json"})
    body: bytes = b"{}"
    hang_up: bool = False
    silent: bool = False
    seen: list = field(default_factory=list)

    def answer(self, status, body, **headers):
        self.status, self.body = status, body if isinstance(body, bytes) else body.encode()
        self.headers |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self


@pytest.fixture
def serve():
    """Starts servers; each is stopped when the test ends."""
    started = []
    over = threading.Event()

    def start():
        script = Scripted()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"] or 0))
                script.seen.append(
                    (self.path, {name.lower(): value for name, value in self.headers.items()}, body)
                )
                if script.silent:
                    over.wait()
                if script.silent or script.hang_up:
                    self.close_connection = True
                    return
                self.send_response(script.status)
                for name, value in script.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(script.body)))
                self.end_headers()
                self.wfile.write(script.body)

            do_GET = do_POST  # noqa: N815 - the name http.server calls

            def log_message(self, *args):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        started.append(server)
        script.url = f"http://127.0.0.1:{server.server_port}"
        return script

    yield start
    over.set()
    for server in started:
        server.shutdown()
        server.server_close()


@pytest.fixture
def server(serve):
    return serve()
