"""The APIs of three vendors on 127.0.0.1, each with a model behind it that says, or does, what a test tells it to."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from batch_servers import Batches
from scripted import EMPTY

#: Built, so that no scanner takes them for real ones.
KEYS = {
    "ANTHROPIC_API_KEY": "sk-ant-" + "a1B2c3D4" * 4,
    "OPENAI_API_KEY": "sk-proj-" + "e5F6g7H8" * 4,
    "GEMINI_API_KEY": "AIza" + "j9K0l1M2" * 4,
}
URLS = {"claude": "ANTHROPIC_BASE_URL", "gpt": "OPENAI_BASE_URL", "gemini": "GOOGLE_GEMINI_BASE_URL"}
VENDORS = tuple(URLS)
_TASK = re.compile(r"^Task: (scan|review|vote)$", re.MULTILINE)
_FILE = re.compile(r"^File: (.+)$", re.MULTILINE)
_CLAIMS = re.compile(r"^```json\n(\[.*?\])\n```$", re.MULTILINE | re.DOTALL)


class Model:
    """One vendor's server. `says` maps stages to the parts of an answer, or to a function from paths or claims to them.

    Unless told otherwise it reads everything, flags and finds nothing, and cannot tell in votes. `trouble` is "" or one
    of: an HTTP status (with `words`), hang, cut off, refusal, garbage. `asked` holds a stage and the paths or claims for each request, `heard` all of
    the request. What is asked of `batches` it answers as what is asked alone.
    """

    def __init__(self, vendor):
        self.vendor, self.says, self.trouble, self.asked, self.heard = vendor, {}, "", [], []
        self.batches = Batches(vendor, self.answer)
        self.words = "the service says no"
        self._over = threading.Event()
        model = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                raw = self.rfile.read(int(self.headers["content-length"] or 0))
                status, answer = model.batches.handle(
                    self.command, self.path, self.headers, raw
                ) or model.answer(json.loads(raw))
                if status is None:
                    self.close_connection = True
                    return
                data = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                self.send_header("retry-after", "0")  # of a failure, so that no test has to wait
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST  # noqa: N815 - the name http.server calls

            def log_message(self, *args):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def environ(self):
        """The variable with its address."""
        url = f"http://127.0.0.1:{self._server.server_port}"
        return {URLS[self.vendor]: f"{url}/v1" if self.vendor == "gpt" else url}

    @property
    def stages(self):
        return [stage for stage, _ in self.asked]

    def read(self, stage):
        """Every path it was shown in this stage."""
        return sorted({path for asked, about in self.asked if asked == stage for path in about})

    def stop(self):
        self._over.set()
        self._server.shutdown()
        self._server.server_close()

    def answer(self, body):
        """Status and body of the answer to a request, None and nothing where there is none."""
        text = "\n".join(_texts(body, self.vendor))
        stage = _TASK.findall(text)[-1]
        paths = [path.strip() for path in _FILE.findall(text)]
        claims = [claim["id"] for found in _CLAIMS.findall(text) for claim in json.loads(found)]
        self.asked.append((stage, paths))
        self.heard.append(json.dumps(body, ensure_ascii=False))
        if self.trouble == "hang":
            self._over.wait()
            return None, None
        if self.trouble.isdecimal():
            return int(self.trouble), {"error": {"message": self.words, "type": "api_error"}}
        said = self.says.get(stage, {})
        parts = said(claims if stage == "vote" else paths) if callable(said) else said
        if stage != "vote" and "findings" in parts:
            parts = {**parts, "findings": [f for f in parts["findings"] if f["path"] in paths]}
        whole = json.dumps({**EMPTY, "read": paths, **parts})
        return 200, _WRITTEN[self.vendor](*_troubled(whole, self.trouble))


def _troubled(whole, trouble):
    """The text and how it ended."""
    match trouble:
        case "cut off":
            return whole[: len(whole) // 2], "cut"
        case "refusal":
            return "", "refused"
        case "garbage":
            return f"Looks good to me!\n\n```json\n{whole}", "ended"
        case _:
            return whole, "ended"


def _texts(body, vendor):
    """The blocks of the user's text."""
    if vendor == "claude":
        return [block["text"] for block in body["messages"][0]["content"]]
    if vendor == "gpt":
        return [block["text"] for block in body["input"][0]["content"]]
    return [block["text"] for block in body["contents"][0]["parts"]]


def _anthropic(text, end):
    reason = {"ended": "end_turn", "cut": "max_tokens", "refused": "refusal"}[end]
    content = [{"type": "text", "text": text}] if text else []
    usage = {"input_tokens": 1_000, "output_tokens": 100}
    told = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude", "stop_sequence": None}
    return {**told, "content": content, "stop_reason": reason, "usage": usage}


def _openai(text, end):
    part = {"type": "output_text", "text": text, "annotations": []}
    if end == "refused":
        part = {"type": "refusal", "refusal": "I cannot help with that."}
    message = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed"}
    return {
        "id": "resp_1",
        "object": "response",
        "model": "gpt",
        "status": "incomplete" if end == "cut" else "completed",
        "incomplete_details": {"reason": "max_output_tokens"} if end == "cut" else None,
        "output": [{**message, "content": [part]}],
        "usage": {"input_tokens": 1_000, "output_tokens": 100, "total_tokens": 1_100},
    }


def _google(text, end):
    reason = {"ended": "STOP", "cut": "MAX_TOKENS", "refused": "SAFETY"}[end]
    content = {"role": "model", "parts": [{"text": text}] if text else []}
    usage = {"promptTokenCount": 1_000, "candidatesTokenCount": 100, "totalTokenCount": 1_100}
    return {"candidates": [{"content": content, "finishReason": reason, "index": 0}], "usageMetadata": usage}


_WRITTEN = {"claude": _anthropic, "gpt": _openai, "gemini": _google}


class Models:
    """The three of them, a context manager; each by its name, all by iterating."""

    def __init__(self):
        self._all = {vendor: Model(vendor) for vendor in VENDORS}

    def __getitem__(self, vendor):
        return self._all[vendor]

    def __iter__(self):
        return iter(self._all.values())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for model in self:
            model.stop()

    @property
    def environ(self):
        """Keys and addresses."""
        return {**KEYS, **{name: url for model in self for name, url in model.environ.items()}}

    def say(self, **stages):
        """All three say this, by stage."""
        for model in self:
            model.says |= stages

    def forget(self):
        """As if nothing had been asked."""
        for model in self:
            model.asked.clear()

    @property
    def calls(self):
        return sum(len(model.asked) for model in self)


def confirming(evidence):
    """A vote that confirms every claim, with this line as its evidence."""
    return lambda claims: {
        "votes": [
            {"id": c, "verdict": "confirm", "evidence": evidence, "reason": "It is there."} for c in claims
        ]
    }
