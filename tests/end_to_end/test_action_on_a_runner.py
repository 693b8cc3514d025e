"""The whole action: action.yml on a simulated runner, the product it installs, and the stand-in for GitHub."""

import json
import threading
from pathlib import Path

import action_faults
import action_simulator
import pytest
from action_copies import ROOT, copy, programs
from action_simulator import Simulator
from model_servers import KEYS, Models

JOB = {"contents": "read", "pull_requests": "write", "checks": "write"}
BAD = "import hashlib\n\n\ndef digest(password):\n    return hashlib.md5(password.encode()).hexdigest()\n"
LOGIN = "app/auth/login.py"
#: Of a title, a branch and a file: what a shell, the runner's log and its files might obey.
HOSTILE = "$(touch pwned) `touch pwned` ::error::pwned\n::set-output name=verdict::passed\n::add-path::/tmp"
#: Of a checkout of the change, each to take the run over if it were read.
WORKSPACE = {
    ".env": "OPENAI_BASE_URL=http://127.0.0.1:1\nREVIEWBOT_GATE=off\n",
    ".reviewbot.yml": "gate: {mode: 'off'}\n",
    "sitecustomize.py": "open('pwned', 'w')\n",
    "yaml.py": "open('pwned', 'w')\n",
    "uv.toml": "index-url = 'http://127.0.0.1:1'\n",
}

#: All that the runner may find to obey: the log is folded under a title of our own.
FOLD = ["::group::what reviewbot did", "::endgroup::"]


@pytest.fixture(scope="module")
def action(tmp_path_factory):
    return copy(tmp_path_factory.mktemp("action"), product=ROOT)


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
        for name, text in WORKSPACE.items():
            (simulator.workspace / name).write_text(text)
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
    assert (files["GITHUB_ENV"], files["GITHUB_PATH"], done.commands) == ("", "", FOLD)


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


def test_three_models_of_three_vendors(server, repo, run):
    """Everything there is but GitHub and the models themselves."""
    repo.commit("main", {".reviewbot.yml": "# as it comes\n"})
    repo.commit("asked", {action_faults.LOGIN: action_faults.TEXT}, start="main")
    pull = repo.pull("asked", title=HOSTILE)
    with Models() as models:
        models.say(review={"findings": list(action_faults.FOUND)})
        done = run(pull, env=models.environ)
        assert [model.stages for model in models] == [["review"]] * 3
    assert (done.steps["run"].status, done.outputs["verdict"]) == (1, "blocked"), done.log
    assert checks(repo, pull) == [("completed", "failure")]
    assert sorted(comment.line for comment in pull.comments) == [5, 6]
    assert (len(pull.reviews), len(pull.issue_comments)) == (1, 1)
    panel = [seat["family"] for seat in json.loads(Path(done.outputs["report"]).read_text())["panel"]]
    assert panel == ["claude", "gpt", "gemini"]
    said = done.log + json.dumps(server.state()) + "".join(done.steps["run"].files.values())
    assert not [key for key in KEYS.values() if key in said]
    assert done.commands == FOLD
