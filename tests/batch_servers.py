"""The batch APIs of three vendors, as their documentation and SDKs describe them; model_servers.py has the models behind them."""

import email
import itertools
import json
import re

import sdk_types
from pydantic import ValidationError

SENT = {"claude": "anthropic", "gpt": "openai", "gemini": "google"}


class Batches:
    """One vendor's. `answer` says status and body of the answer to the body of one request.

    A job is at work for `looks` looks at it. `trouble` is "" or one of: expired, failed, cancelled, gone, one missing, no batches. `on_look`
    is called before each look. `jobs` holds the bodies of the requests of each job that was started, by the job's name.
    """

    def __init__(self, vendor, answer):
        self.vendor, self.answer = vendor, answer
        self.looks, self.trouble, self.on_look, self.jobs = 0, "", lambda: None, {}
        self.seen = []  # method and path
        self._looked, self._files = {}, {}
        self._ids, self._lost = {}, {}

    def lose(self, trouble, names):
        """This trouble with these jobs alone."""
        self._lost |= dict.fromkeys(names, trouble)

    def handle(self, method, path, headers, raw):
        """Status and body, None where this is no matter of batches."""
        path = path.partition("?")[0]
        routes = {"claude": self._anthropic, "gpt": self._openai, "gemini": self._google}
        try:
            answered = routes[self.vendor](method, path, headers, raw)
        except ValidationError as error:
            answered = 400, {"error": {"message": str(error), "type": "invalid_request_error"}}
        except PermissionError:
            error = {"message": "no batches for this account", "type": "invalid_request_error"}
            answered = 400, {"error": error}
        if answered is not None:
            self.seen.append((method, path))
        return answered

    def _trouble(self, name):
        return self._lost.get(name, self.trouble)

    def start(self, name, requests):
        """A job of requests by id."""
        if self.trouble == "no batches":
            raise PermissionError
        for body in requests.values():
            sdk_types.BODIES[SENT[self.vendor]].validate_python(body, extra="forbid")
        self.jobs[name] = list(requests.values())
        self._ids[name] = list(requests)
        return name

    def _ended(self, name):
        """Whether the job has, as this look at it sees it."""
        self.on_look()
        self._looked[name] = self._looked.get(name, 0) + 1
        return self._looked[name] > self.looks

    def _results(self, name):
        """Id, status and body of each answer, not in the order of the requests."""
        pairs = list(zip(self._ids[name], self.jobs[name], strict=True))
        if self._trouble(name) == "one missing":
            pairs = pairs[1:]
        return [(id_, *self.answer(body)) for id_, body in reversed(pairs)]

    def _anthropic(self, method, path, headers, raw):
        found = re.fullmatch(r"/v1/messages/batches(?:/([^/]+))?(/results)?", path)
        if not found:
            return None
        if method == "POST":
            asked = sdk_types.BATCHES["anthropic"].validate_python(json.loads(raw), extra="forbid")
            requests = {r["custom_id"]: r["params"] for r in json.loads(raw)["requests"]}
            assert asked
            return 200, self._claude_job(
                self.start(f"msgbatch_{len(self.jobs) + 1}", requests), "in_progress"
            )
        name, results = found.groups()
        if name not in self.jobs or self._trouble(name) == "gone":
            return 404, {"type": "error", "error": {"type": "not_found_error", "message": "no such batch"}}
        if not results:
            return 200, self._claude_job(name, "ended" if self._ended(name) else "in_progress")
        return 200, "".join(
            json.dumps(self._claude_line(self._trouble(name), *result)) + "\n"
            for result in self._results(name)
        )

    def _claude_job(self, name, status):
        counts = {"processing": 0, "succeeded": 0, "errored": 0, "canceled": 0, "expired": 0}
        times = {"created_at": "2026-11-21T00:00:00Z", "expires_at": "2026-11-22T00:00:00Z"}
        elsewhere = "http://198.51.100.1/results"  # never to be asked
        told = {"id": name, "type": "message_batch", "processing_status": status, "request_counts": counts}
        return {**told, **times, "results_url": elsewhere if status == "ended" else None}

    def _claude_line(self, trouble, id_, status, body):
        if trouble in {"expired", "cancelled"}:
            return {"custom_id": id_, "result": {"type": trouble.replace("lled", "led")}}
        if status == 200:
            return {"custom_id": id_, "result": {"type": "succeeded", "message": body}}
        kind = "invalid_request_error" if status < 500 else "api_error"
        error = {"type": "error", "error": {"type": kind, "message": body["error"]["message"]}}
        return {"custom_id": id_, "result": {"type": "errored", "error": error}}

    def _openai(self, method, path, headers, raw):
        if (method, path) == ("POST", "/v1/files"):
            parts = _form(headers, raw)
            assert parts["purpose"] == b"batch"
            return 200, self._gpt_file(parts["file"].decode())
        if found := re.fullmatch(r"/v1/files/([^/]+)/content", path):
            return 200, self._files[found[1]]
        found = re.fullmatch(r"/v1/batches(?:/([^/]+))?", path)
        if not found:
            return None
        if method == "POST":
            asked = sdk_types.BATCHES["openai"].validate_python(json.loads(raw), extra="forbid")
            lines = [
                sdk_types.OpenAILine(**json.loads(line))
                for line in self._files[asked["input_file_id"]].splitlines()
            ]
            assert {(line.method, line.url) for line in lines} == {("POST", asked["endpoint"])}
            name = self.start(f"batch_{len(self.jobs) + 1}", {line.custom_id: line.body for line in lines})
            return 200, {"id": name, "object": "batch", "status": "validating"}
        name = found[1]
        if name not in self.jobs or self._trouble(name) == "gone":
            return 404, {"error": {"message": "no such batch", "type": "invalid_request_error"}}
        if not self._ended(name):
            return 200, {"id": name, "object": "batch", "status": "in_progress"}
        if self._trouble(name) == "failed":
            errors = {"object": "list", "data": [{"code": "invalid_json", "message": "line 1 is no request"}]}
            return 200, {"id": name, "object": "batch", "status": "failed", "errors": errors}
        lines = [self._gpt_line(self._trouble(name), *result) for result in self._results(name)]
        good = [line for line in lines if line["response"] and line["response"]["status_code"] == 200]
        bad = [line for line in lines if line not in good]
        status = self._trouble(name) if self._trouble(name) in {"expired", "cancelled"} else "completed"
        files = {
            key: self._gpt_file("".join(json.dumps(line) + "\n" for line in some))["id"] if some else None
            for key, some in (("output_file_id", good), ("error_file_id", bad))
        }
        return 200, {"id": name, "object": "batch", "status": status, **files}

    def _gpt_file(self, text):
        name = f"file-{len(self._files) + 1}"
        self._files[name] = text
        return {"id": name, "object": "file", "purpose": "batch"}

    def _gpt_line(self, trouble, id_, status, body):
        if trouble in {"expired", "cancelled"}:
            error = {"code": f"batch_{trouble}", "message": f"This request was {trouble}."}
            return {"id": "r", "custom_id": id_, "response": None, "error": error}
        answer = {"status_code": status, "request_id": "req_1", "body": body}
        return {"id": "r", "custom_id": id_, "response": answer, "error": None}

    def _google(self, method, path, headers, raw):
        if found := re.fullmatch(r"/v1beta/models/[^/]+:batchGenerateContent", path):
            batch = json.loads(raw)["batch"]
            assert set(batch) == {"displayName", "inputConfig"}
            listed = batch["inputConfig"]["requests"]["requests"]
            assert all(set(entry) == {"request"} for entry in listed)
            numbered = dict(zip(map(str, itertools.count()), (e["request"] for e in listed), strict=False))
            name = self.start(f"batches/b{len(self.jobs) + 1}", numbered)
            return 200, {"name": name, "metadata": {"state": "BATCH_STATE_PENDING"}}
        found = re.fullmatch(r"/v1beta/(batches/[^/]+)", path)
        if not found:
            return None
        name = found[1]
        if name not in self.jobs or self._trouble(name) == "gone":
            return 404, {"error": {"code": 404, "message": "no such batch", "status": "NOT_FOUND"}}
        if not self._ended(name):
            return 200, {"name": name, "metadata": {"state": "BATCH_STATE_RUNNING"}}
        if self._trouble(name) in {"expired", "failed", "cancelled"}:
            return 200, {
                "name": name,
                "done": True,
                "metadata": {"state": f"BATCH_STATE_{self._trouble(name).upper()}"},
            }
        answers = [self._gemini_answer(*result) for result in reversed(self._results(name))]
        output = {"inlinedResponses": {"inlinedResponses": answers}}
        return 200, {
            "name": name,
            "done": True,
            "metadata": {"state": "BATCH_STATE_SUCCEEDED", "output": output},
        }

    def _gemini_answer(self, _, status, body):
        if status == 200:
            return {"response": body}
        return {"error": {"code": 3 if status < 500 else 13, "message": body["error"]["message"]}}


def _form(headers, raw):
    """The parts of multipart/form-data by name."""
    message = email.message_from_bytes(b"content-type: " + headers["content-type"].encode() + b"\n\n" + raw)
    named = {part.get_param("name", header="content-disposition"): part for part in message.get_payload()}
    return {name: part.get_payload(decode=True) for name, part in named.items()}
