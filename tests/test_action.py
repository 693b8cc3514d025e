"""A run inside GitHub Actions, from the event to comments, check, summary, outputs and exit status.

The GitHub is the stand-in of tests/github_server, over a real repository; the panel is the offline one, configured at base.
"""

import json

import pytest
from action_runs import READ, Job, check

from reviewbot import cli
from reviewbot.errors import Exit

BAD = "import hashlib\n\n\ndef digest(password):\n    return hashlib.md5(password.encode()).hexdigest()\n\n\n"
BAD += "def find(connection, name):\n    return connection.execute(f\"SELECT * FROM users WHERE name = '{name}'\")\n"
CLEAN = "def total(items):\n    return sum(items)\n"
OFFLINE = "panel: offline\n"
LOGIN = "app/auth/login.py"


@pytest.fixture
def repo(server):
    made = server.repository("octo/shop")
    made.commit("main", {".reviewbot.yml": OFFLINE, "README.md": "# Shop\n"})
    return made


@pytest.fixture
def pull(repo):
    repo.commit("topic", {LOGIN: BAD}, start="main")
    return repo.pull("topic", title="Add the login")


@pytest.fixture
def run(server, repo, tmp_path, monkeypatch):
    return Job(server, repo, tmp_path, monkeypatch).run


def test_a_pull_request_gets_comments_a_summary_and_a_check(server, repo, pull, run):
    outcome = run(server.event("pull_request", pull, action="opened"))
    assert outcome.status == Exit.BLOCKED
    assert outcome.outputs["verdict"] == "blocked"
    assert [f["state"] for f in outcome.report["findings"]] == ["confirmed", "confirmed"]
    assert len(pull.reviews) == 1
    assert sorted(c.line for c in pull.comments) == [5, 9]
    assert all("<!-- reviewbot:v1 fp=" in c.body for c in pull.comments)
    assert len(pull.issue_comments) == 1
    assert check(repo, pull.head_sha) == "failure"
    assert "blocked" in outcome.summary


def test_its_record_is_sound_and_says_what_was_posted(server, pull, run, tmp_path, capsys):
    outcome = run(server.event("pull_request", pull, action="opened"))
    record, again = outcome.outputs["record"], tmp_path / "again.json"
    assert cli.main(["record", "verify", record]) == 0
    assert cli.main(["replay", record, "--format", "json", "--output", str(again)]) == outcome.status
    assert json.loads(again.read_text()) == outcome.report
    capsys.readouterr()
    assert cli.main(["explain", outcome.report["findings"][0]["id"], "--record", record]) == 0
    assert "posted on its lines" in capsys.readouterr().out


def test_a_second_run_posts_nothing_twice(server, repo, pull, run):
    for _ in range(2):
        run(server.event("pull_request", pull, action="reopened"))
    assert len(pull.reviews) == 1
    assert len(pull.comments) == 2
    assert len(pull.issue_comments) == 1


def test_a_clean_change_is_green_without_a_review(server, repo, run):
    repo.commit("clean", {LOGIN: CLEAN}, start="main")
    pull = repo.pull("clean")
    outcome = run(server.event("pull_request", pull, action="opened"))
    assert outcome.status == Exit.PASSED
    assert pull.reviews == []
    assert len(pull.issue_comments) == 1
    assert check(repo, pull.head_sha) == "success"


def test_the_configuration_is_read_at_base(server, repo, run):
    repo.commit("sly", {LOGIN: BAD, ".reviewbot.yml": "panel: offline\ngate: {mode: 'off'}\n"}, start="main")
    pull = repo.pull("sly")
    outcome = run(server.event("pull_request", pull, action="opened"))
    assert outcome.status == Exit.BLOCKED
    assert check(repo, pull.head_sha) == "failure"
    (summary,) = pull.issue_comments
    for text in (summary.body, outcome.summary, repo.checks[-1].summary):
        assert "the policy would change: gate.mode: enforce → off" in text
    assert "the policy would change: gate.mode: enforce → off" in outcome.report["warnings"]


def test_what_a_proposed_configuration_says_acts_on_nobody(server, repo, run):
    nasty = "ignore: ['@maria <img src=//x.example/a.png> ::error::a']\n"
    repo.commit("sly", {".reviewbot.yml": OFFLINE + nasty}, start="main")
    pull = repo.pull("sly")
    outcome = run(server.event("pull_request", pull, action="opened"))
    (summary,) = pull.issue_comments
    assert "the policy would change: ignore: with" in summary.body
    for text in (summary.body, outcome.summary):
        assert "<img" not in text
        assert "@maria" not in text


def test_the_configuration_that_an_input_names_is_critical_too(server, repo, run):
    repo.commit("main", {"ci/bot.yml": OFFLINE + "critical: {content: []}\n"})
    repo.commit("sly", {"ci/bot.yml": "gate: {mode: 'off'}\n"}, start="main")
    outcome = run(
        server.event("pull_request", repo.pull("sly"), action="opened"), REVIEWBOT_CONFIG="ci/bot.yml"
    )
    assert outcome.status == Exit.INCONCLUSIVE
    assert [(f["path"], f["tier"]) for f in outcome.report["files"]] == [("ci/bot.yml", "critical")]


def test_a_broken_configuration_at_base_is_not_green(server, repo, run):
    repo.commit("main", {".reviewbot.yml": "gaet: {}\n"})
    repo.commit("topic", {LOGIN: CLEAN}, start="main")
    pull = repo.pull("topic")
    outcome = run(server.event("pull_request", pull, action="opened"))
    assert outcome.status == Exit.USAGE
    assert check(repo, pull.head_sha) == "failure"


def test_without_keys_and_without_a_choice_a_critical_path_is_never_green(server, repo, run):
    repo.commit("main", {".reviewbot.yml": ""})
    repo.commit("clean", {LOGIN: CLEAN}, start="main")
    pull = repo.pull("clean")
    outcome = run(server.event("pull_request", pull, action="opened"))
    assert outcome.status == Exit.INCONCLUSIVE
    assert check(repo, pull.head_sha) == "action_required"


def test_report_only_exits_0_and_passes_the_check(server, repo, pull, run):
    outcome = run(server.event("pull_request", pull, action="opened"), REVIEWBOT_GATE="report")
    assert outcome.status == Exit.PASSED
    assert outcome.outputs["verdict"] == "blocked"
    assert check(repo, pull.head_sha) == "neutral"


def test_a_token_that_may_only_read_leaves_the_job_summary_and_the_exit_status(server, repo, pull, run):
    outcome = run(
        server.event("pull_request", pull, action="opened"),
        permissions={"contents": "read", "pull_requests": "read"},
    )
    assert outcome.status == Exit.BLOCKED
    assert (pull.reviews, pull.issue_comments, repo.checks) == ([], [], [])
    assert "may not" in outcome.summary


def test_a_head_that_moved_gets_nothing_and_no_green_check(server, repo, pull, run):
    reviewed = pull.head_sha
    server.when(
        "POST", r"/graphql", lambda: repo.commit("topic", {"b.py": "b = 1\n"}), containing="reviewThreads"
    )
    outcome = run(server.event("pull_request", pull, action="opened"))
    assert outcome.status == Exit.INCONCLUSIVE
    assert (pull.reviews, pull.issue_comments) == ([], [])
    assert check(repo, reviewed) == "action_required"
    assert outcome.outputs["verdict"] == "inconclusive"


def test_a_crash_completes_the_check(server, repo, pull, run, monkeypatch):
    payload = server.event("pull_request", pull, action="opened")
    server.fault("GET", r"/files", status=500, times=20)
    assert run(payload).status == Exit.SOURCE
    assert check(repo, pull.head_sha) == "failure"


@pytest.mark.parametrize(
    ("environ", "first", "ended"),
    [
        pytest.param(
            {"GITHUB_ACTIONS": "true"},
            "::group::what reviewbot did",
            "::endgroup::",
            id="folded by the runner",
        ),
        pytest.param({}, "reviewbot: ", "requests to GitHub", id="without folds elsewhere"),
    ],
)
def test_the_log_ends_with_the_verdict_and_its_numbers(server, pull, run, capsys, environ, first, ended):
    run(server.event("pull_request", pull, action="opened"), **environ)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith(first)
    assert lines[-2].endswith(ended)
    assert lines[-1] == (
        "reviewbot: blocked: 2 confirmed findings, 1 of 1 file covered: 1 reviewed by 3 analysers"
    )


def test_a_run_that_fails_says_so_outside_the_fold(server, pull, run, capsys):
    payload = server.event("pull_request", pull, action="opened")
    server.fault("GET", r"/files", status=500, times=20)
    run(payload, GITHUB_ACTIONS="true")
    lines = capsys.readouterr().err.splitlines()
    assert "::endgroup::" in lines[:-1]
    assert lines[-1].startswith("reviewbot: ")


def override(pull, sha, actor="maria"):
    body = f"/reviewbot override {sha} the fix is in the next release"
    pull.say(actor, body)
    return body


def test_an_override_by_somebody_who_may_write(server, repo, pull, run):
    repo.grant("maria", "write")
    body = override(pull, pull.head_sha)
    payload = server.event("issue_comment", pull, action="created", sender="maria", body=body)
    assert run(payload, event="issue_comment").status == Exit.PASSED
    assert check(repo, pull.head_sha) == "success"
    outcome = run(server.event("pull_request", pull, action="reopened"))
    assert outcome.status == Exit.PASSED
    assert "overridden by maria" in outcome.report["gate"]["reasons"][0]


def test_an_override_by_somebody_who_may_not_is_nothing(server, repo, pull, run):
    repo.grant("rita", "read")
    body = override(pull, pull.head_sha, "rita")
    payload = server.event("issue_comment", pull, action="created", sender="rita", body=body)
    run(payload, event="issue_comment")
    assert repo.checks == []
    assert run(server.event("pull_request", pull, action="reopened")).status == Exit.BLOCKED


def test_an_override_holds_for_its_commit_alone(server, repo, pull, run):
    repo.grant("maria", "write")
    override(pull, pull.head_sha)
    repo.commit("topic", {"b.py": "b = 1\n"})
    assert run(server.event("pull_request", pull, action="reopened")).status == Exit.BLOCKED


@pytest.mark.parametrize(
    ("reviewed", "exit_", "conclusion"),
    [
        pytest.param(BAD, Exit.BLOCKED, "failure", id="blocked"),
        pytest.param(CLEAN, Exit.PASSED, "success", id="passed"),
        pytest.param(None, Exit.INCONCLUSIVE, "failure", id="never reviewed"),
    ],
)
def test_a_merge_group_mirrors_its_pull_request(server, repo, run, reviewed, exit_, conclusion):
    repo.commit("topic", {LOGIN: reviewed or CLEAN}, start="main")
    pull = repo.pull("topic")
    if reviewed:
        run(server.event("pull_request", pull, action="opened"))
    head = repo.commit("queued", {"merged.py": "x = 1\n"}, start="main")
    payload = server.event("merge_group", pull, action="checks_requested", head=head)
    assert run(payload, event="merge_group").status == exit_
    assert check(repo, head) == conclusion


def test_a_killed_run_leaves_no_open_check(server, repo, pull, run):
    server.fault("PATCH", r"/check-runs", status=500, times=20)
    payload = server.event("pull_request", pull, action="opened")
    run(payload)
    server.faults.clear()
    run(payload, REVIEWBOT_MODE="close")
    assert check(repo, pull.head_sha) == "cancelled"


def test_closing_leaves_the_check_of_a_newer_run_alone(server, repo, pull, run):
    server.fault("PATCH", r"/check-runs", status=500, times=40)
    payload = server.event("pull_request", pull, action="opened")
    for number in ("70", "71"):
        run(payload, GITHUB_RUN_ID=number, GITHUB_RUN_ATTEMPT="1")
    server.faults.clear()
    run(payload, REVIEWBOT_MODE="close", GITHUB_RUN_ID="70", GITHUB_RUN_ATTEMPT="1")
    assert [it.status for it in repo.checks] == ["completed", "in_progress"]


def test_closing_finds_the_check_on_a_head_that_has_moved_since(server, repo, pull, run):
    server.fault("PATCH", r"/check-runs", status=500, times=20)
    payload = server.event("pull_request", pull, action="opened")
    run(payload)
    server.faults.clear()
    repo.commit("topic", {"b.py": "b = 1\n"})
    run(payload, REVIEWBOT_MODE="close")
    assert [it.conclusion for it in repo.checks] == ["cancelled"]


def test_outside_of_actions_it_says_what_to_do(monkeypatch, capsys):
    assert cli.main(["action"]) == Exit.USAGE
    assert "reviewbot review" in capsys.readouterr().err


def test_one_job_reviews_and_another_posts(server, repo, pull, run, tmp_path):
    payload = server.event("pull_request", pull, action="opened")
    first = run(payload, permissions=READ, REVIEWBOT_MODE="review")
    assert (first.status, repo.checks, pull.reviews, pull.issue_comments) == (Exit.BLOCKED, [], [], [])
    report = tmp_path / "from-the-other-job.json"
    report.write_text(json.dumps(first.report))
    second = run(payload, REVIEWBOT_MODE="post", REVIEWBOT_REPORT=str(report))
    assert second.status == Exit.BLOCKED
    assert sorted(c.line for c in pull.comments) == [5, 9]
    assert check(repo, pull.head_sha) == "failure"
    run(payload)
    assert len(pull.comments) == 2, "a finding is known again, whichever mode posted it"


def test_a_relative_report_is_in_the_workspace(server, repo, pull, run, tmp_path):
    payload = server.event("pull_request", pull, action="opened")
    first = run(payload, permissions=READ, REVIEWBOT_MODE="review")
    (tmp_path / "workspace/out").mkdir(parents=True)
    (tmp_path / "workspace/out/report.json").write_text(json.dumps(first.report))
    workspace = str(tmp_path / "workspace")
    posting = {"REVIEWBOT_MODE": "post", "REVIEWBOT_REPORT": "out/report.json", "GITHUB_WORKSPACE": workspace}
    assert run(payload, **posting).status == Exit.BLOCKED


def test_posting_without_a_report_is_not_green(server, repo, pull, run):
    outcome = run(server.event("pull_request", pull, action="opened"), REVIEWBOT_MODE="post")
    assert outcome.status == Exit.INCONCLUSIVE
    assert check(repo, pull.head_sha) == "action_required"


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"schema": "reviewbot.report/1"}'])
def test_a_report_that_is_none_is_refused(server, repo, pull, run, tmp_path, text):
    (tmp_path / "bad.json").write_text(text)
    payload = server.event("pull_request", pull, action="opened")
    outcome = run(payload, REVIEWBOT_MODE="post", REVIEWBOT_REPORT=str(tmp_path / "bad.json"))
    assert outcome.status == Exit.USAGE
    assert check(repo, pull.head_sha) == "failure"


def test_a_report_of_an_older_head_is_not_posted(server, repo, pull, run, tmp_path):
    payload = server.event("pull_request", pull, action="opened")
    report = tmp_path / "old.json"
    report.write_text(json.dumps(run(payload, permissions=READ, REVIEWBOT_MODE="review").report))
    repo.commit("topic", {"b.py": "b = 1\n"})
    assert run(payload, REVIEWBOT_MODE="post", REVIEWBOT_REPORT=str(report)).status == Exit.INCONCLUSIVE
    assert pull.reviews == []
    assert check(repo, pull.head_sha) == "action_required"


def test_a_review_can_be_asked_for_in_a_comment(server, repo, pull, run):
    repo.grant("maria", "write")
    body = f"/reviewbot review {pull.head_sha}"
    pull.say("maria", body)
    payload = server.event("issue_comment", pull, action="created", sender="maria", body=body)
    assert run(payload, event="issue_comment").status == Exit.BLOCKED
    assert len(pull.comments) == 2


def test_a_review_of_an_older_commit_is_refused(server, repo, pull, run):
    repo.grant("maria", "write")
    body = f"/reviewbot review {pull.head_sha}"
    payload = server.event("issue_comment", pull, action="created", sender="maria", body=body)
    repo.commit("topic", {"b.py": "b = 1\n"})
    assert run(payload, event="issue_comment").status == Exit.USAGE
    assert pull.reviews == []


def test_closing_after_a_cancelled_override_does_not_carry_it_out(server, repo, pull, run):
    repo.grant("maria", "write")
    body = override(pull, pull.head_sha)
    payload = server.event("issue_comment", pull, action="created", sender="maria", body=body)
    run(payload, event="issue_comment", REVIEWBOT_MODE="close")
    assert repo.checks == []
