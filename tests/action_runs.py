"""One run of the action in this process: for an event, on the stand-in for GitHub, as a job would start it."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from reviewbot import action, cli

#: What a job may do, and what one of a fork may.
JOB = {"contents": "read", "pull_requests": "write", "checks": "write"}
READ = {"contents": "read", "pull_requests": "read"}


@dataclass
class Outcome:
    """How a run ended and what it left. `requests` is how many GitHub got."""

    status: int
    outputs: dict
    report: dict = field(default_factory=dict)
    summary: str = ""
    requests: int = 0


class Job:
    """A job of one repository on one server, with these further variables in its environment."""

    def __init__(self, server, repo, folder, monkeypatch, environ=None):
        self.server, self.repo, self.folder, self.monkeypatch = server, repo, folder, monkeypatch
        self.environ = environ or {}

    def run(self, payload, *, event="pull_request", permissions=None, **environ):
        """With the permissions of a job unless others are given."""
        self.monkeypatch.undo()
        token = self.server.token("token-of-the-job", permissions=JOB if permissions is None else permissions)
        files = {name: self.folder / name for name in ("event", "output", "summary")}
        files["event"].write_text(json.dumps(payload))
        for name in ("output", "summary"):
            files[name].write_text("")
        for name, value in {
            "GITHUB_EVENT_NAME": event,
            "GITHUB_EVENT_PATH": str(files["event"]),
            "GITHUB_REPOSITORY": self.repo.full_name,
            "GITHUB_API_URL": self.server.api_url,
            "GITHUB_GRAPHQL_URL": self.server.graphql_url,
            "GITHUB_SERVER_URL": self.server.url,
            "GITHUB_TOKEN": token,
            "GITHUB_OUTPUT": str(files["output"]),
            "GITHUB_STEP_SUMMARY": str(files["summary"]),
            "RUNNER_TEMP": str(self.folder),
            **self.environ,
            **environ,
        }.items():
            self.monkeypatch.setenv(name, value)
        self.monkeypatch.setattr(action, "SPARING", False)
        before = len(self.server.requests)
        status = cli.main(["action"])
        lines = files["output"].read_text().splitlines()
        outputs = dict(line.split("=", 1) for line in lines)
        report = outputs.get("report")
        return Outcome(
            status,
            outputs,
            json.loads(Path(report).read_text()) if report else {},
            files["summary"].read_text(),
            len(self.server.requests) - before,
        )


def check(repo, sha):
    """Conclusion of the newest check on a commit."""
    return [c.conclusion for c in repo.checks if c.head_sha == sha][-1]
