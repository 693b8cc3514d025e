"""Runs of the action in a process of their own that come to a bad end at a chosen request, and what must hold afterwards."""

import json
import os
import signal
import subprocess
import sys
import threading

JOB = {"contents": "read", "pull_requests": "write", "checks": "write"}
LOGIN = "app/auth/login.py"
BAD = "import hashlib\n\n\ndef digest(password):\n    return hashlib.md5(password.encode()).hexdigest()\n"
START = (
    "import sys; from reviewbot import action, cli; action.SPARING = False; sys.exit(cli.main(['action']))"
)
MARK = "<!-- reviewbot:v1 fp="


class Runner:
    """A job on one pull request of a stand-in for GitHub, in `folder`, with a defect that two analysers agree on."""

    def __init__(self, server, folder):
        self.server, self.folder = server, folder
        self.repo = server.repository("octo/shop")
        self.repo.commit("main", {".reviewbot.yml": "panel: offline\n"})
        self.repo.commit("topic", {LOGIN: BAD}, start="main")
        self.pull = self.repo.pull("topic")
        server.token("token-of-the-job", permissions=JOB)
        (folder / "event").write_text(json.dumps(server.event("pull_request", self.pull, action="opened")))
        self.log = ""

    def start(self, **environ):
        for name in ("output", "summary"):
            (self.folder / name).write_text("")
        kept = {
            name: os.environ[name]
            for name in ("PATH", "HOME", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM")
            if name in os.environ
        }
        given = {
            "GITHUB_EVENT_NAME": "pull_request",
            "GITHUB_EVENT_PATH": str(self.folder / "event"),
            "GITHUB_REPOSITORY": self.repo.full_name,
            "GITHUB_API_URL": self.server.api_url,
            "GITHUB_GRAPHQL_URL": self.server.graphql_url,
            "GITHUB_TOKEN": "token-of-the-job",
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            "GITHUB_RUN_ID": "1",
            "GITHUB_RUN_ATTEMPT": "1",
            "RUNNER_TEMP": str(self.folder),
        }
        return subprocess.Popen(
            [sys.executable, "-c", START], env={**kept, **given, **environ}, cwd=self.folder,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip  # the command line reads as one

    def run(self, **environ):
        """To its end; the exit status."""
        process = self.start(**environ)
        self.log = process.communicate()[0]
        return process.returncode

    def ended(self, sign, method, path, *, skip=0):
        """A run that gets this signal just before GitHub handles the request; its exit status, None if it never came to that."""
        process, reached = self.start(), threading.Event()

        def strike():
            reached.set()
            process.send_signal(sign)
            if sign == signal.SIGKILL:
                process.wait()

        self.server.when(method, path, strike, skip=skip)
        self.log = process.communicate()[0]
        self.server.faults.clear()
        return process.returncode if reached.is_set() else None

    def close(self):
        """What the last step of the action does after a run without a verdict."""
        if "verdict=" not in (self.folder / "output").read_text():
            assert self.run(REVIEWBOT_MODE="close") == 0, self.log

    def assert_sound(self):
        """Nothing half done is left: the check is closed and not green, and files are whole or not there."""
        checks = [c for c in self.repo.checks if c.head_sha == self.pull.head_sha]
        assert [c.status for c in checks] == ["completed"] * len(checks), self.log
        assert not {"success", "neutral", "skipped"} & {c.conclusion for c in checks}
        report = self.folder / "reviewbot-report.json"
        if report.exists():
            assert json.loads(report.read_text())["schema"] == "reviewbot.report/1"
        for record in self.folder.glob("reviewbot-record*"):
            verified = subprocess.run(
                [sys.executable, "-m", "reviewbot", "record", "verify", str(record)],
                capture_output=True,
                text=True,
                check=False,
            )
            assert "broken" not in verified.stdout, verified.stdout
        assert "Traceback" not in self.log, self.log

    def assert_posted_once(self):
        """After another run everything is there, once."""
        assert self.run(GITHUB_RUN_ATTEMPT="2") == 1, self.log
        marks = [c.body.rpartition(MARK)[2] for c in self.pull.comments if MARK in c.body]
        assert len(marks) == len(set(marks)) == 1
        assert len(self.pull.issue_comments) == 1
        assert [c.conclusion for c in self.repo.checks if c.head_sha == self.pull.head_sha][-1] == "failure"
