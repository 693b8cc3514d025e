"""What the tests of the stand-in for GitHub ask of it: a client without opinions, and a pull request to ask about."""

import http.client
import json
from dataclasses import dataclass

HOME = "/repos/octo/shop"
BASE = "".join(f"line {number}\n" for number in range(1, 41))
#: Of BASE, line 5 changed, line 30 taken away and two lines put in after line 35: two hunks, 2-8 and 27-39 at head.
HEAD = (
    BASE.replace("line 5\n", "five\n").replace("line 30\n", "").replace("line 35\n", "line 35\nmore\nmore\n")
)


@dataclass(frozen=True)
class Reply:
    status: int
    body: object
    headers: dict

    @property
    def message(self):
        return self.body["message"]


def ask(server, method, path, body=None, *, token="t", **headers):
    """One request of a client without opinions; headers are written with underscores."""
    sent = {"User-Agent": "test"} | {name.replace("_", "-"): value for name, value in headers.items()}
    if token:
        sent["Authorization"] = f"Bearer {token}"
    connection = http.client.HTTPConnection("127.0.0.1", int(server.url.rpartition(":")[2]), timeout=10)
    root = "/api" if path == "/graphql" else "/api/v3"
    text = body if body is None or isinstance(body, str) else json.dumps(body)
    connection.request(method, root + path, text, {name: value for name, value in sent.items() if value})
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    is_json = answer.headers.get_content_type() == "application/json"
    return Reply(
        answer.status, json.loads(data or "null") if is_json else data.decode(), dict(answer.headers)
    )


def review(pull, *comments, **body):
    wanted = {"event": "COMMENT", "commit_id": pull.head_sha} | body
    given = wanted | {"comments": list(comments)} if comments else wanted
    return ask(pull.repository.server, "POST", f"{HOME}/pulls/1/reviews", given)


def on(line, path="a.py", **more):
    return {"path": path, "line": line, "body": "Hm.", **more}


def query(server, text, *, token="t", **variables):
    return ask(server, "POST", "/graphql", {"query": text, "variables": variables}, token=token).body


def comment(pull, body):
    given = {"commit_id": pull.head_sha, "body": "Hm."} | body
    return ask(pull.repository.server, "POST", f"{HOME}/pulls/1/comments", given)


def check(server, sha, *, token="t", **body):
    return ask(
        server, "POST", f"{HOME}/check-runs", {"name": "reviewbot", "head_sha": sha, **body}, token=token
    )


def annotation(**more):
    where = {"path": "a.py", "start_line": 1, "end_line": 1}
    return where | {"annotation_level": "notice", "message": "Hm."} | more
