"""Which pull requests are left without a review, and that no such one on a critical path is green."""

import pytest
from action_runs import READ, check

from reviewbot.action import skipping
from reviewbot.config import Skip
from reviewbot.errors import Exit
from reviewbot.github.pull import Pull

CLEAN = "def total(items):\n    return sum(items)\n"
LOGIN, PAGE = "app/auth/login.py", "src/page.py"


def pull_request(**what):
    return Pull(
        **{
            "number": 1,
            "title": "Add a page",
            "body": "",
            "author": "octocat",
            "author_is_bot": False,
            "head_sha": "a" * 40,
            "base_sha": "b" * 40,
            "base_ref": "main",
            "fork": False,
            "draft": False,
            "labels": (),
            "changed_files": 1,
            "state": "open",
            **what,
        }
    )


RENOVATE = {"author": "renovate[bot]", "author_is_bot": True}


@pytest.mark.parametrize(
    ("what", "rules", "why"),
    [
        pytest.param({}, {}, None, id="an ordinary one is reviewed"),
        pytest.param({"draft": True}, {}, "draft", id="a draft"),
        pytest.param({"draft": True}, {"drafts": False}, None, id="a draft, where drafts are wanted"),
        pytest.param(RENOVATE, {}, "author is the bot renovate", id="a bot that is named"),
        pytest.param({**RENOVATE, "author": "coder[bot]"}, {}, None, id="a bot that is not"),
        pytest.param({**RENOVATE, "author": "coder[bot]"}, {"bots": ("*",)}, "author is the bot *", id="any bot"),
        pytest.param({"author": "renovate"}, {}, None, id="a person of that name"),
        pytest.param({"labels": ("bug", "ReviewBot:Skip")}, {}, "label reviewbot:skip", id="a label"),
        pytest.param({"labels": ("reviewbot:skip-not",)}, {}, None, id="a label that only begins so"),
        pytest.param({"title": "WIP: a page"}, {}, None, id="by default no title"),
        pytest.param({"title": "wip: a\npage"}, {"titles": ("WIP*",)}, "title is like WIP*", id="a title"),
        pytest.param({"title": "No WIP"}, {"titles": ("WIP*",)}, None, id="a title that has it elsewhere"),
        pytest.param({"title": "[x] a"}, {"titles": ("[x]*",)}, "title is like [x]*", id="brackets are brackets"),
        pytest.param({"title": "x a"}, {"titles": ("[x]*",)}, None, id="and nothing else"),
    ],
)  # fmt: skip
def test_the_first_rule_that_holds(what, rules, why):
    found = skipping.find(pull_request(**what), Skip(**rules))
    assert (found.why if found else None) == why


# The whole run


@pytest.fixture
def opened(server, repo, job):
    """Run the action for a new draft with these files; the pull request, and what came of it."""

    def run(files, **how):
        repo.commit("topic", files, start="main")
        pull = repo.pull("topic", draft=True)
        return pull, job.run(server.event("pull_request", pull, action="opened"), **how)

    return run


def newest(repo):
    return repo.checks[-1]


def test_a_skip_without_a_critical_file_is_green_and_says_so(repo, models, opened):
    pull, outcome = opened({PAGE: CLEAN, "poetry.lock": "x\n"})
    assert outcome.status == Exit.PASSED
    assert (newest(repo).conclusion, newest(repo).title) == ("success", "passed: skipped: draft")
    assert [(f["path"], f["covered"], f["reviewed_by"]) for f in outcome.report["files"]] == [
        ("poetry.lock", True, []),  # triage leaves it out in any case
        (PAGE, False, []),
    ]
    assert (models.calls, pull.reviews, pull.issue_comments) == (0, [], [])
    assert "nobody has reviewed this" in outcome.summary


def test_a_skip_on_a_critical_path_is_not_green_and_says_what_to_do(repo, models, opened):
    pull, outcome = opened({LOGIN: CLEAN})
    assert (outcome.status, outcome.outputs["verdict"]) == (Exit.INCONCLUSIVE, "inconclusive")
    assert (newest(repo).conclusion, newest(repo).title) == (
        "action_required",
        "inconclusive: skipped: draft",
    )
    assert models.calls == 0
    (said,) = pull.issue_comments
    for text in (said.body, outcome.summary, newest(repo).summary):
        assert "mark it ready for review, or comment: /reviewbot review" in text
        assert f"{LOGIN} was not covered: skipped: draft" in text.replace("\\", "")


@pytest.mark.parametrize("gate", ["report", "off"])
def test_a_gate_that_only_reports_lets_it_pass(repo, opened, gate):
    _, outcome = opened({LOGIN: CLEAN}, REVIEWBOT_GATE=gate)
    assert (outcome.status, newest(repo).conclusion) == (Exit.PASSED, "neutral")


def test_where_every_file_gates_every_skip_is_inconclusive(repo, opened):
    repo.commit("main", {".reviewbot.yml": "gate: {scope: all}\n"})
    _, outcome = opened({PAGE: CLEAN})
    assert outcome.status == Exit.INCONCLUSIVE


def test_a_change_cannot_have_itself_skipped(server, repo, models, job):
    repo.commit("topic", {PAGE: CLEAN, ".reviewbot.yml": "skip: {titles: ['*']}\n"}, start="main")
    job.run(server.event("pull_request", repo.pull("topic"), action="opened"))
    assert models.calls


@pytest.mark.parametrize(
    ("role", "reviewed"), [("write", True), ("read", False)], ids=["may write", "may only read"]
)
def test_a_review_that_somebody_asks_for(server, repo, models, job, opened, role, reviewed):
    pull, _ = opened({LOGIN: CLEAN})
    repo.grant("maria", role)
    body = "/reviewbot review"
    pull.say("maria", body)
    job.run(
        server.event("issue_comment", pull, action="created", sender="maria", body=body),
        event="issue_comment",
    )
    assert bool(models.calls) is reviewed
    assert check(repo, pull.head_sha) == ("success" if reviewed else "action_required")


def test_a_draft_that_is_ready_is_reviewed(server, repo, models, job, opened):
    pull, _ = opened({LOGIN: CLEAN})
    pull.draft = False
    outcome = job.run(server.event("pull_request", pull, action="ready_for_review"))
    assert (outcome.status, check(repo, pull.head_sha)) == (Exit.PASSED, "success")
    assert len(pull.issue_comments) == 1


def test_a_summary_of_an_older_head_does_not_stay(server, repo, job, opened):
    pull, _ = opened({LOGIN: CLEAN})
    repo.commit("topic", {LOGIN: None, PAGE: CLEAN})
    job.run(server.event("pull_request", pull, action="synchronize"))
    (said,) = pull.issue_comments
    assert "reviewbot: passed" in said.body


def test_the_job_that_posts_says_it_as_the_job_that_reviews(server, repo, job, opened, tmp_path):
    pull, first = opened({LOGIN: CLEAN}, permissions=READ, REVIEWBOT_MODE="review")
    assert (first.status, repo.checks) == (Exit.INCONCLUSIVE, [])
    payload = server.event("pull_request", pull, action="opened")
    outcome = job.run(payload, REVIEWBOT_MODE="post", REVIEWBOT_REPORT=first.outputs["report"])
    assert (outcome.status, newest(repo).title) == (Exit.INCONCLUSIVE, "inconclusive: skipped: draft")
