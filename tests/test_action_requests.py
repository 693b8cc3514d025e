"""How many requests a run sends to GitHub: as docs/github.md says, and no more for more findings."""

from pathlib import Path

import pytest
from action_runs import Job
from model_servers import Models

from reviewbot.findings import Category

ROOT = Path(__file__).parents[1]
#: By kind of run: of a pull request of ten files, one of them critical, when nothing is found, and when something blocks.
REQUESTS = {"first review": (8, 10), "a further push": (9, 10), "the same again": (9, 10)}
MOST = 12
LOGIN = "app/auth/login.py"
CODE = "".join(f"value_{n} = compute_{n}()\n" for n in range(40))


def finding(number):
    """The n-th one of as many as one likes: all models make it, and no other is like it."""
    line, category = number % 40 + 1, list(Category)[number // 40]
    words = {
        "title": f"Defect{number}",
        "body": f"subject{number} object{number}",
        "failure": f"effect{number}",
    }
    place = {"path": LOGIN, "first_line": line, "last_line": line, "quote": CODE.splitlines()[line - 1]}
    return {**place, "category": category, "severity": "high", "suggestion": None, **words}


@pytest.mark.parametrize("findings", [0, 1, 20, 45])
def test_requests(server, tmp_path, monkeypatch, findings):
    repo = server.repository("octo/shop")
    repo.commit("main", {"README.md": "# Shop\n"})
    repo.commit(
        "ten", {LOGIN: CODE, **{f"src/part{n}.py": f"def f{n}():\n    return {n}\n" for n in range(9)}}
    )
    pull = repo.pull("ten")
    with Models() as models:
        job = Job(server, repo, tmp_path, monkeypatch, models.environ)
        models.say(review={"findings": [finding(n) for n in range(findings)]})
        first = job.run(server.event("pull_request", pull, action="opened"))
        repo.commit("ten", {"src/part0.py": "def f0():\n    return -1\n"})
        push = job.run(server.event("pull_request", pull, action="synchronize"))
        again = job.run(server.event("pull_request", pull, action="reopened"))
    assert [len(run.report["findings"]) for run in (first, push, again)] == [findings] * 3
    assert len(pull.comments) == min(findings, 20)
    sent = {name: run.requests for name, run in zip(REQUESTS, (first, push, again), strict=True)}
    assert sent == {name: told[findings > 0] for name, told in REQUESTS.items()}
    assert max(sent.values()) <= MOST


def test_the_documents_say_so():
    text = (ROOT / "docs/github.md").read_text("utf-8")
    for name, (nothing, something) in REQUESTS.items():
        assert f"| {name} | {nothing} | {something} |" in text
