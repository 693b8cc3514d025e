"""HTTP on the loopback address."""

import json
import sys
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

from github_server.exchange import Answer, Request

#: Paths of a GitHub of one's own; GraphQL is beside the REST API's root, not below it.
REST, GRAPHQL = "/api/v3", "/api/graphql"


class Listener(ThreadingHTTPServer):
    """Hands each request to `answer`, which returns None to cut the connection;
    `broken` is told of whatever goes wrong in it.
    """

    daemon_threads = True

    def __init__(self, answer, broken):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.broken = broken

    def handle_error(self, *_):
        """A bug of the stand-in cuts the connection; the test shall hear why. A client that went away is none."""
        if not isinstance(sys.exception(), ConnectionError):
            self.broken("the stand-in broke: " + traceback.format_exc())

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # A small answer is two small packets otherwise, and waits for the client to acknowledge the first.
    disable_nagle_algorithm = True
    wbufsize = -1

    def _answer(self):
        path, _, query = self.path.partition("?")
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        below = path.removeprefix(REST) if path.startswith(REST + "/") else path.removeprefix("/api")
        request = Request(self.command, below, dict(parse_qsl(query, keep_blank_values=True)), headers)
        answer = self.server.answer(request, text)
        if answer is None:
            self.close_connection = True
            return
        self._send(answer)

    def _send(self, answer: Answer):
        data = answer.body
        kind = "application/json; charset=utf-8"
        if isinstance(data, str):
            data = data.encode()
        elif data is not None and not isinstance(data, bytes):
            data = json.dumps(data).encode()
        self.send_response(answer.status)
        for name, value in {"Content-Type": kind, **answer.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data or b"")))
        self.end_headers()
        self.wfile.write(data or b"")
        self.wfile.flush()

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _answer  # noqa: N815  # names http.server looks for

    def log_message(self, *_):
        """Nothing on stderr; the log is `GitHubServer.requests`."""
