"""A vendor of three models on 127.0.0.1, in OpenAI's format, that answers what a test tells it to."""

import json
import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = "-".join(("vk", "Zr8kQm2Wx", "Tn5yBd7h", "Lp4cVs9f"))  # not one of anybody's


@dataclass(frozen=True)
class Asked:
    """One request as the model reads it."""

    stage: str
    paths: list
    claims: list
    text: str  # all of it

    @classmethod
    def of(cls, body):
        blocks = [block["text"] for message in body["input"] for block in message["content"]]
        stage = re.match(r"Task: (\w+)", blocks[-1])[1]
        fence = re.search(r"^```json\n(.*?)\n```$", blocks[-1], re.DOTALL | re.MULTILINE)
        claims = json.loads(fence[1]) if fence and stage == "vote" else []
        paths = re.findall(r"^File: (.*)$", blocks[0], re.MULTILINE)
        return cls(stage, paths, claims, "\n".join([body["instructions"], *blocks]))


@dataclass
class Vendor:
    """`url` is what OPENAI_BASE_URL wants, `asked` every request so far, `bodies` as they were sent."""

    url: str = ""
    asked: list = field(default_factory=list)
    bodies: list = field(default_factory=list)

    @property
    def environ(self):
        return {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": self.url}


@contextmanager
def vendor(answer):
    """A running vendor. `answer(asked)` gives the fields of a reply that are not empty, or a text to send instead of one."""
    made = Vendor()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            asked = Asked.of(body)
            made.asked.append(asked)
            made.bodies.append(body)
            said = answer(asked)
            if not isinstance(said, str):
                said = json.dumps({"read": asked.paths, "flags": [], "findings": [], "votes": [], **said})
            content = [{"type": "output_text", "text": said, "annotations": []}]
            message = {
                "type": "message",
                "id": "m",
                "status": "completed",
                "role": "assistant",
                "content": content,
            }
            whole = {
                "id": "r",
                "object": "response",
                "model": body["model"],
                "status": "completed",
                "output": [message],
            }
            data = json.dumps(whole | {"usage": {"input_tokens": 10, "output_tokens": 10}}).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    made.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
