"""The action in parts: one job plans, each of a matrix reviews a part, and one posts what they have found together."""

import json
import shutil

import pytest
from action_runs import READ, Job, check

BAD = "import hashlib\n\n\ndef digest(password):\n    return hashlib.md5(password.encode()).hexdigest()\n"
CLEAN = "def total(items):\n    return sum(items)\n"
FILES = {
    "app/auth/login.py": BAD,
    "app/auth/logout.py": CLEAN,
    "app/basket.py": BAD.replace("digest", "key"),
    "README.md": "# Our shop\n",
}


@pytest.fixture
def repo(server):
    made = server.repository("octo/shop")
    made.commit("main", {".reviewbot.yml": "panel: offline\n", "README.md": "# Shop\n"})
    return made


@pytest.fixture
def opened(server, repo):
    """A pull request with these files, and the event of its opening."""

    def make(files, branch="topic"):
        repo.commit(branch, files, start="main")
        pull = repo.pull(branch, title="Change the shop")
        return pull, server.event("pull_request", pull, action="opened")

    return make


@pytest.fixture
def run(server, repo, tmp_path, monkeypatch):
    return Job(server, repo, tmp_path, monkeypatch).run


@pytest.fixture
def in_parts(run, tmp_path):
    """All jobs on an event; the reports of the parts `lost` do not arrive."""

    def jobs(payload, shards="3", lost=()):
        planned = run(payload, permissions=READ, REVIEWBOT_MODE="plan", REVIEWBOT_SHARDS=shards)
        assert planned.status == 0
        matrix = [job["shard"] for job in json.loads(planned.outputs["matrix"])["include"]]
        folder = tmp_path / "review"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for number, shard in enumerate(matrix):
            told = run(
                payload,
                permissions=READ,
                REVIEWBOT_MODE="review",
                REVIEWBOT_SHARD=shard,
                REVIEWBOT_GATE="report",
            )
            assert told.status == 0
            if number not in lost:
                (folder / f"reviewbot-{number}").mkdir()
                shutil.move(told.outputs["report"], folder / f"reviewbot-{number}")
        return run(payload, REVIEWBOT_MODE="post", REVIEWBOT_REPORT=str(folder))

    return jobs


def without(report, *keys):
    return {key: value for key, value in report.items() if key not in ("usage", "seconds", "change", *keys)}


@pytest.mark.parametrize("shards", ["2", "256"])
def test_the_parts_post_what_a_single_run_posts(shards, server, repo, opened, run, in_parts):
    one, payload = opened(FILES, "one")
    single = run(payload)
    other, payload = opened(FILES, "other")
    joined = in_parts(payload, shards)
    assert (joined.status, joined.outputs["verdict"]) == (single.status, single.outputs["verdict"])
    assert without(joined.report) == without(single.report)
    assert [(c.path, c.line) for c in other.comments] == [(c.path, c.line) for c in one.comments] != []
    assert len(other.issue_comments) == 1
    assert check(repo, other.head_sha) == check(repo, one.head_sha) == "failure"
    assert server.violations == []


@pytest.mark.parametrize("lost", [(1,), (0, 1, 2)])
def test_a_report_that_is_lost_is_never_green(lost, repo, opened, in_parts):
    pull, payload = opened({"app/auth/login.py": CLEAN, "app/a.py": CLEAN, "app/b.py": CLEAN})
    outcome = in_parts(payload, lost=lost)
    assert (outcome.status, check(repo, pull.head_sha)) == (3, "action_required")


def test_nothing_lost_and_nothing_wrong_is_green(repo, opened, in_parts):
    pull, payload = opened({"app/auth/login.py": CLEAN, "app/a.py": CLEAN, "app/b.py": CLEAN})
    assert in_parts(payload).status == 0
    assert check(repo, pull.head_sha) == "success"


def test_a_draft_is_left_alone_as_a_whole(repo, opened, in_parts):
    pull, payload = opened({"app/a.py": CLEAN, "app/b.py": CLEAN})
    pull.draft = True
    outcome = in_parts(payload)
    assert outcome.status == 0
    assert [f["path"] for f in outcome.report["files"]] == ["app/a.py", "app/b.py"]


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        pytest.param(
            {"REVIEWBOT_SHARD": "1/2"}, "`shard` is for mode review", id="a part that would be posted"
        ),
        pytest.param(
            {"REVIEWBOT_MODE": "review", "REVIEWBOT_SHARD": "2"}, "is not a part of a change", id="no part"
        ),
        pytest.param(
            {"REVIEWBOT_MODE": "plan", "REVIEWBOT_SHARDS": "257"}, "use a number from 1 to 256", id="too many"
        ),
        pytest.param({"REVIEWBOT_MODE": "plan", "REVIEWBOT_SHARDS": "-1"}, "must be a number", id="too few"),
    ],
)
def test_what_cannot_be_meant_is_refused(environ, said, repo, opened, run, caplog):
    _, payload = opened({"app/a.py": CLEAN})
    assert run(payload, **environ).status == 2
    assert said in caplog.text
