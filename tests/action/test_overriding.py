"""Whose override counts: anybody's who may write, or only that of somebody who owns what is held up."""

import pytest
from action_runs import READ, Job, check

from reviewbot.errors import Exit

BAD = "import hashlib\n\n\ndef digest(password):\n    return hashlib.md5(password.encode()).hexdigest()\n"
CLEAN = "def total(items):\n    return sum(items)\n"
LOGIN, PAY = "app/auth/login.py", "app/payments/pay.py"
OWNERS = "app/auth/ @Maria\napp/payments/ @paul\n"


@pytest.fixture
def repo(server):
    made = server.repository("octo/shop")
    for login in ("maria", "paul", "octocat"):
        made.grant(login, "write")
    return made


@pytest.fixture
def job(server, repo, tmp_path, monkeypatch):
    return Job(server, repo, tmp_path, monkeypatch)


@pytest.fixture
def opened(server, repo, job):
    """A pull request that was reviewed under these rules: one critical file blocks, the other is clean."""

    def made(rules="by: codeowners", owners=OWNERS, files=None):
        repo.commit(
            "main",
            {".reviewbot.yml": f"panel: offline\noverride: {{{rules}}}\n", ".github/CODEOWNERS": owners},
        )
        repo.commit("topic", files or {LOGIN: BAD, PAY: CLEAN}, start="main")
        pull = repo.pull("topic")
        assert job.run(server.event("pull_request", pull, action="opened")).status == Exit.BLOCKED
        return pull

    return made


def override(server, job, pull, actor):
    body = f"/reviewbot override {pull.head_sha} it is fixed on Monday"
    pull.say(actor, body)
    payload = server.event("issue_comment", pull, action="created", sender=actor, body=body)
    return job.run(payload, event="issue_comment")


def again(server, job, pull):
    return job.run(server.event("pull_request", pull, action="reopened"))


@pytest.mark.parametrize(
    ("rules", "actor", "counts"),
    [
        pytest.param("by: writers", "paul", True, id="anybody who may write"),
        pytest.param("by: writers", "octocat", True, id="the author, unless that is ruled out"),
        pytest.param("author: false", "octocat", False, id="not the author, where it is"),
        pytest.param("author: false", "paul", True, id="but others"),
        pytest.param("by: codeowners", "maria", True, id="who owns the file that blocks"),
        pytest.param("by: codeowners", "paul", False, id="not who owns another file"),
    ],
)
def test_whose_override_counts(server, repo, job, opened, rules, actor, counts):
    pull = opened(rules)
    outcome = override(server, job, pull, actor)
    assert outcome.status == (Exit.PASSED if counts else Exit.USAGE)
    assert check(repo, pull.head_sha) == ("success" if counts else "failure")
    later = again(server, job, pull)
    assert later.status == (Exit.PASSED if counts else Exit.BLOCKED)
    reason = later.report["gate"]["reasons"][0]
    assert reason.startswith(
        f"{'overridden' if counts else 'not overridden'} by {actor} for {pull.head_sha[:12]}"
    )
    (summary,) = (said.body for said in pull.issue_comments if "reviewbot:v1 summary" in said.body)
    assert reason.partition(" for ")[0] in summary


def test_who_is_refused_is_told_why_where_everybody_sees_it(server, repo, job, opened, capsys):
    pull = opened()
    override(server, job, pull, "paul")
    why = f"the override does not count: paul does not own {LOGIN} by CODEOWNERS at base"
    assert why in capsys.readouterr().err
    assert repo.checks[-1].title == why
    assert "paul does not own" in again(server, job, pull).summary.replace("\\", "")


def test_after_a_refusal_the_right_person_still_can(server, repo, job, opened):
    pull = opened()
    override(server, job, pull, "paul")
    assert override(server, job, pull, "maria").status == Exit.PASSED
    assert check(repo, pull.head_sha) == "success"


def test_a_refused_override_does_not_spoil_a_green_check(server, repo, job, opened):
    pull = opened()
    override(server, job, pull, "maria")
    override(server, job, pull, "paul")
    assert check(repo, pull.head_sha) == "success"


def test_before_the_review_every_file_has_to_be_theirs(server, repo, job, opened):
    pull = opened()
    repo.checks.clear()
    assert override(server, job, pull, "maria").status == Exit.USAGE
    assert again(server, job, pull).status == Exit.PASSED, "by then it is known what is held up"


def test_owners_are_those_at_base(server, repo, job, opened):
    pull = opened(files={LOGIN: BAD, ".github/CODEOWNERS": "* @paul\n"})
    assert override(server, job, pull, "paul").status == Exit.USAGE


def test_who_moves_a_file_into_their_own_folder_does_not_own_it_yet(server, repo, job, opened):
    repo.commit("main", {LOGIN: CLEAN * 9})
    pull = opened(files={LOGIN: None, PAY: CLEAN * 9 + BAD})
    assert override(server, job, pull, "paul").status == Exit.USAGE


def test_a_check_of_another_app_does_not_say_what_is_held_up(server, repo, job, opened):
    pull = opened()
    (made,) = repo.checks
    made.app = "some-other-app"
    assert override(server, job, pull, "maria").status == Exit.USAGE


def test_a_person_who_owns_but_may_not_write_is_nobody(server, repo, job, opened):
    pull = opened()
    repo.grant("maria", "read")
    override(server, job, pull, "maria")
    assert again(server, job, pull).status == Exit.BLOCKED


@pytest.mark.parametrize(
    ("member", "permissions", "status", "said"),
    [
        pytest.param("active", {"members": "read"}, Exit.PASSED, "", id="a member"),
        pytest.param("pending", {"members": "read"}, Exit.USAGE, "does not own", id="one who is only invited"),
        pytest.param(None, {"members": "read"}, Exit.USAGE, "does not own", id="not a member"),
        pytest.param("active", {}, Exit.USAGE, "may not know who is in @octo/core", id="a token that may not know"),
    ],
)  # fmt: skip
def test_a_team_counts_as_far_as_the_token_may_know(
    server, repo, job, opened, capsys, member, permissions, status, said
):
    pull = opened(owners="app/auth/ @octo/core\n")
    server.teams["octo/core"] = {"maria": member} if member else {}
    rights = {"contents": "read", "pull_requests": "write", "checks": "write", **permissions}
    body = f"/reviewbot override {pull.head_sha} it is fixed on Monday"
    pull.say("maria", body)
    payload = server.event("issue_comment", pull, action="created", sender="maria", body=body)
    assert job.run(payload, event="issue_comment", permissions=rights).status == status
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("owners", "why"),
    [
        pytest.param("docs/ @maria\n", f"nobody owns {LOGIN}", id="a file without an owner"),
        pytest.param("* maria@example.com\n", "names nobody here", id="an address of mail"),
        pytest.param(b"\xff", "is not UTF-8", id="a file that is no text"),
    ],
)
def test_what_makes_it_nobodys(server, job, opened, capsys, owners, why):
    pull = opened(owners=owners)
    assert override(server, job, pull, "maria").status == Exit.USAGE
    assert why in capsys.readouterr().err


def test_the_job_that_posts_knows_what_is_held_up_too(server, repo, job, opened):
    pull = opened()
    payload = server.event("pull_request", pull, action="reopened")
    first = job.run(payload, permissions=READ, REVIEWBOT_MODE="review")
    repo.checks.clear()
    job.run(payload, REVIEWBOT_MODE="post", REVIEWBOT_REPORT=first.outputs["report"])
    assert override(server, job, pull, "maria").status == Exit.PASSED
