"""The whole action: action.yml on a simulated runner, the product it installs, and the stand-in for GitHub."""

import threading
from pathlib import Path

import action_simulator
import pytest
from action_copies import ROOT, copy, programs
from action_simulator import Simulator
from github_server import GitHubServer

JOB = {"contents": "read", "pull_requests": "write", "checks": "write"}
BAD = "import hashlib\n\n\ndef digest(password):\n    return hashlib.md5(password.encode()).hexdigest()\n"
LOGIN = "app/auth/login.py"
#: Of a title, a branch and a file: what a shell, the runner's log and its files might obey.
HOSTILE = "$(touch pwned) `touch pwned` ::error::pwned\n::set-output name=verdict::passed\n::add-path::/tmp"


@pytest.fixture(scope="module")
def action(tmp_path_factory):
    return copy(tmp_path_factory.mktemp("action"), product=ROOT)


@pytest.fixture
def server():
    with GitHubServer() as running:
        yield running
        assert running.violations == []


@pytest.fixture
def repo(server):
    made = server.repository("octo/repo")
    made.commit("main", {".reviewbot.yml": "panel: offline\n"})
    return made


@pytest.fixture
def pull(repo):
    repo.commit("topic", {LOGIN: BAD}, start="main")
    return repo.pull("topic", title=HOSTILE, body=HOSTILE)


@pytest.fixture
def run(server, action, tmp_path):
    def started(pull, **how):
        simulator = Simulator(
            tmp_path / "runner",
            path=programs(tmp_path / "bin", "python3"),
            event="pull_request",
            payload=server.event("pull_request", pull, action="opened"),
            GITHUB_API_URL=server.api_url,
            GITHUB_GRAPHQL_URL=server.graphql_url,
            GITHUB_SERVER_URL=server.url,
        )
        server.token("token-of-the-job", permissions=JOB)
        done = simulator.run(action, **how)
        assert not list(tmp_path.rglob("pwned"))
        return done

    return started


def checks(repo, pull):
    return [(c.status, c.conclusion) for c in repo.checks if c.head_sha == pull.head_sha]


def test_a_defect_on_a_critical_path_blocks(repo, pull, run):
    done = run(pull)
    assert done.steps["run"].status == 1, done.log
    assert done.outputs["verdict"] == "blocked"
    assert done.steps["close"].outcome == "skipped"
    assert checks(repo, pull) == [("completed", "failure")]
    assert [comment.line for comment in pull.comments] == [5]
    # What it leaves to the runner: outputs of one line each, a summary that fits, and no command.
    files = done.steps["run"].files
    assert [line.partition("=")[0] for line in files["GITHUB_OUTPUT"].splitlines()] == [
        *done.steps["run"].outputs
    ]
    assert Path(done.outputs["report"]).is_file()
    assert 0 < len(files["GITHUB_STEP_SUMMARY"].encode()) < 1 << 20
    assert (files["GITHUB_ENV"], files["GITHUB_PATH"], done.commands) == ("", "", [])


@pytest.mark.parametrize(
    ("patience", "status", "conclusion"),
    [
        pytest.param((7.5, 2.5), 130, "failure", id="it completes its check itself"),
        pytest.param((0, 0), -9, "cancelled", id="had to be killed: another step completes the check"),
    ],
)
def test_a_cancelled_run_leaves_no_open_check(
    server, repo, pull, run, monkeypatch, patience, status, conclusion
):
    reading, cancelled = threading.Event(), threading.Event()

    def in_the_middle():
        reading.set()
        server.turn.wait_for(cancelled.is_set, 30)  # an answer that takes longer than a runner is patient

    server.when("GET", r"/files", in_the_middle)
    monkeypatch.setattr(action_simulator, "PATIENCE", patience)
    done = run(pull, cancel=lambda _: reading.is_set())
    with server.turn:
        cancelled.set()
        server.turn.notify_all()
    assert (done.status, done.steps["run"].status) == ("cancelled", status)
    assert checks(repo, pull) == [("completed", conclusion)]
