"""Stand-ins for the vendors and for GitHub, with a set latency, in a process of their own: their work is not ours.

Started by run.py. Answers are fixed by what is asked, so that the same change always has the same chains of calls.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import threading
import time
import zlib
from collections import Counter, defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

import made  # noqa: E402 - beside this file
import model_servers  # noqa: E402 - the tests' own, found through the line above
from github_server import GitHubServer  # noqa: E402 - likewise

if TYPE_CHECKING:
    from github_server.exchange import Answer, Request

#: Number, sign and text of a changed row; a file as it was shown.
Row = tuple[str, str, str]
Shown = tuple[str, list[Row]]

#: One file in so many is flagged by the scan; one claim in so many is refuted by who votes first.
FLAGGED, REFUTED = 5, 8
_FILE = re.compile(r"^(?:File: |## File: ')(.+?)'?$", re.MULTILINE)
_TASK = re.compile(r"^Task: (scan|review|vote)$", re.MULTILINE)
_CLAIMS = re.compile(r"^```json\n(\[.*?\])\n```$", re.MULTILINE | re.DOTALL)
_ROW = re.compile(r"^ *(\d*) ?([+-])(?: \|)? ?(.*)$")


#: What PR-Agent wants to hear: there is nothing.
_PEER = {
    "review": {
        "estimated_effort_to_review_[1-5]": "1",
        "relevant_tests": "No",
        "key_issues_to_review": [],
        "security_concerns": "No",
    }
}


class Vendors:
    """All model APIs at one address, told apart by the path. `asked` is what the chains are worked out of."""

    def __init__(self, latency: float) -> None:
        self.latency = latency
        self._lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        """As if nothing had been asked."""
        self.asked: list[tuple[str, list[str], list[str]]] = []
        self.bytes = 0
        self.seen: dict[str, set[str]] = defaultdict(set)
        self.now = self.most = 0

    def answer(self, path: str, data: bytes) -> dict[str, Any]:
        """The answer to one request, after the latency."""
        began = time.monotonic()
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        vendor = path.strip("/").partition("/")[0]
        text = _text(json.loads(data), vendor)
        stage = (_TASK.findall(text) or ["other"])[-1]
        files = list(_files(text))
        claims = [claim for found in _CLAIMS.findall(text) for claim in json.loads(found)]
        with self._lock:
            self.bytes += len(data)
            self.asked.append((stage, [p for p, _ in files], [c["id"] for c in claims]))
            for path_, rows in files:
                self.seen[path_].update(row for _, _, row in rows)
        said = json.dumps(_PEER if vendor == "chat" else _said(stage, vendor, files, claims))
        time.sleep(max(0.0, self.latency - (time.monotonic() - began)))
        with self._lock:
            self.now -= 1
        return _chat(said) if vendor == "chat" else model_servers._WRITTEN[vendor](said, "ended")  # noqa: SLF001

    def summary(self) -> dict[str, Any]:
        """What came in since the last `forget`."""
        with self._lock:
            return {
                "calls": Counter(stage for stage, _, _ in self.asked),
                "bytes": self.bytes,
                "chain": self._chain(),
                "at_once": self.most,
                "seen": {path: sorted(rows) for path, rows in self.seen.items()},
            }

    def _chain(self) -> int:
        """The most calls that had to follow one another: for some file its scan, its review, and votes on one claim."""
        votes = Counter(claim for stage, _, claims in self.asked if stage == "vote" for claim in claims)
        of_file: dict[str, set[str]] = defaultdict(set)
        rounds: Counter[str] = Counter()
        for stage, paths, claims in self.asked:
            for path in paths:
                of_file[path].add(stage)
                if stage == "vote":
                    rounds[path] = max(rounds[path], *(votes[c] for c in claims))
        return max((len(s - {"vote"}) + rounds[path] for path, s in of_file.items()), default=len(self.asked))


def _text(body: dict[str, Any], vendor: str) -> str:
    if vendor == "chat":
        return "\n".join(message["content"] for message in body["messages"])
    return "\n".join(model_servers._texts(body, vendor))  # noqa: SLF001


def _files(text: str) -> list[Shown]:
    """Each file shown, with number, sign and text of its changed rows."""
    parts = _FILE.split(text)
    return [
        (path.strip(), [row for line in body.split("\n") if (row := _row(line))])
        for path, body in zip(parts[1::2], parts[2::2], strict=True)
    ]


def _row(line: str) -> Row | None:
    found = _ROW.match(line)
    return (found[1], found[2], found[3].strip()) if found else None


def _said(stage: str, vendor: str, files: list[Shown], claims: list[dict[str, Any]]) -> dict[str, Any]:
    """Claude finds something in each request, which a judge then confirms or refutes; a hash says which files are risky."""
    reply: dict[str, Any] = {"read": [path for path, _ in files], "flags": [], "findings": [], "votes": []}
    if stage == "scan":
        risky = (path for path, _ in files if not zlib.crc32(path.encode()) % FLAGGED)
        reply["flags"] = [
            {"path": p, "line": 1, "risk": "medium", "reason": "It looks risky."} for p in risky
        ]
    elif stage == "review" and vendor == "claude":
        reply["findings"] = [found for path, rows in files if (found := _finding(path, rows))][:1]
    elif stage == "vote":
        reply["votes"] = [_vote(claim, vendor) for claim in claims]
    return reply


def _finding(path: str, rows: list[Row]) -> dict[str, Any] | None:
    number, _, quote = next((r for r in rows if r[0] and r[1] == "+" and len(r[2]) > 20), ("", "", ""))
    if not number:
        return None
    words = {"title": "This can fail", "body": "It fails on empty input.", "failure": "An empty list raises."}
    place = {"path": path, "first_line": int(number), "last_line": int(number), "quote": quote}
    return {**place, **words, "category": "correctness", "severity": "high", "suggestion": None}


def _vote(claim: dict[str, Any], vendor: str) -> dict[str, Any]:
    refuted = vendor == "gemini" and not zlib.crc32(claim["quote"].encode()) % REFUTED
    verdict = "refute" if refuted else "confirm"
    return {"id": claim["id"], "verdict": verdict, "evidence": claim["quote"], "reason": "The code says so."}


def _chat(said: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": said}
    usage = {"prompt_tokens": 1_000, "completion_tokens": 100, "total_tokens": 1_100}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return {
        "id": "c",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [choice],
        "usage": usage,
    }


class GitHub(GitHubServer):
    """The tests' GitHub, each of whose answers takes a while."""

    latency = 0.0

    def _handle(self, request: Request, text: bytes) -> Answer | None:
        time.sleep(self.latency)
        return super()._handle(request, text)


class Standins:
    """Everything a run needs to talk to, and the repositories of the changes."""

    def __init__(self, latency: float, github_latency: float) -> None:
        self.vendors = Vendors(latency)
        self.github = GitHub().start()
        self.github.latency = github_latency
        self.token = self.github.token(
            "t", permissions={"contents": "read", "pull_requests": "write", "checks": "write"}
        )

    def ask(self, what: str, body: dict[str, Any]) -> dict[str, Any]:
        """What run.py asks for."""
        match what:
            case "change":
                return self._change(body["size"])
            case "forget":
                self.vendors.forget()
                self.github.requests.clear()
                self.github.limits.remaining = self.github.limits.limit
                return {}
            case _:
                return {
                    **self.vendors.summary(),
                    "github": len(self.github.requests),
                    "violations": self.github.violations,
                }

    def _change(self, size: int) -> dict[str, Any]:
        """A repository with a change of this size, and an opened pull request of it."""
        built = made.change(size)
        repo = self.github.repository(f"octo/of{size}-{len(self.github.repositories)}")
        base = repo.commit("main", {"README.md": "# A project\n", **built.base})
        head = repo.commit("topic", built.head)
        pull = repo.pull("topic", title="Change files")
        clone = f"{repo.store.folder}-clone"
        repo.store.run("clone", "--quiet", "--no-checkout", "--shared", str(repo.store.folder), clone)
        return {
            "name": repo.full_name,
            "folder": clone,
            "range": f"{base}..{head}",
            "event": self.github.event("pull_request", pull, action="opened"),
            "files": len(built.head),
            "changed": _changed(repo.store.run("diff", "-U0", "-M", base, head).decode()),
            "api_url": self.github.api_url,
            "graphql_url": self.github.graphql_url,
            "token": self.token,
        }


def _changed(diff: str) -> dict[str, list[str]]:
    """The texts of added and removed lines by path, blank ones left out, as git finds them."""
    found: dict[str, list[str]] = {}
    rows: list[str] = []
    for line in diff.split("\n"):
        if line.startswith("+++ b/"):
            rows = found.setdefault(line[6:], [])
        elif line.startswith(("+", "-")) and not line.startswith("--- ") and (text := line[1:].strip()):
            rows.append(text)
    return found


def serve(standins: Standins) -> ThreadingHTTPServer:
    """A server for the vendors, and below /- for run.py."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def do_POST(self) -> None:
            data = self.rfile.read(int(self.headers["content-length"]))
            if self.path.startswith("/-/"):
                answer = standins.ask(self.path[3:], json.loads(data))
            else:
                answer = standins.vendors.answer(self.path, data)
            body = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

    return Server(("127.0.0.1", 0), Handler)


def main() -> None:
    """Print the address, then serve until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latency", type=float, default=1.0, help="seconds of a model's answer")
    parser.add_argument("--github-latency", type=float, default=0.1, help="seconds of GitHub's")
    options = parser.parse_args()
    standins = Standins(options.latency, options.github_latency)
    server = serve(standins)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    sys.stdin.read()
    standins.github.stop()


if __name__ == "__main__":
    main()
