"""What must hold before the action is let near a pull request: each demand, where it is tested, and the tests nobody else has."""

import ast
import functools
from pathlib import Path

import pytest
from action_faults import FOUND, LOGIN, TEXT
from action_runs import check
from test_action_requests import CODE, finding

from reviewbot.errors import Exit

TESTS = Path(__file__).parent
#: Bytes GitHub takes of a comment, of a check's text and of a job summary; annotations in one request.
COMMENT, CHECK, SUMMARY = 65_536, 65_535, 1 << 20

#: By demand, the tests that show it. What only GitHub itself can show is listed in docs/github.md.
SHOWN = {
    "hostile words, names and forged marks run nothing, change no verdict and forge no state": (
        "test_action_hostile.py::test_what_the_author_writes_changes_no_verdict",
        "test_action_hostile.py::test_what_models_write_does_nothing_on_github",
        "test_action_hostile.py::test_a_forged_mark_is_no_mark",
        "test_action_hostile.py::test_the_marks_of_others_are_nothing",
        "test_action_start.py::test_a_title_is_not_a_command",
        "end_to_end/test_action_on_a_runner.py::test_three_models_of_three_vendors",
    ),
    "nothing in the workspace is read": (
        "test_action_start.py::test_nothing_in_the_workspace_matters",
        "test_action_start.py::test_it_would_matter_to_a_careless_action",
        "end_to_end/test_action_on_a_runner.py::test_three_models_of_three_vendors",
    ),
    "a key that a model repeats, in whatever form, reaches no channel": (
        "test_action_hostile.py::test_a_key_that_a_model_repeats_goes_nowhere",
        "test_action_hostile.py::test_a_key_in_what_a_vendor_answers_to_a_bad_request_goes_nowhere",
    ),
    "every kind of file and line is read and anchored, or known not to be": (
        "github/test_pull.py::test_it_reads_what_git_reads",
        "github/test_pull.py::test_more_files_than_one_page",
        "github/test_pull.py::test_files_that_github_does_not_list_are_known_to_be_missing",
        "github/test_post.py::test_a_rejected_line_becomes_a_comment_on_the_file",
        "test_gate.py::test_a_change_with_unlisted_files_never_passes",
    ),
    "one rejected line of thirty costs that line": (
        "github/test_post.py::test_rejected_among_many",
        "github/test_post.py::test_a_line_that_is_rejected_for_no_visible_reason",
        "test_action_faults.py::test_when_github_fails",
    ),
    "limits and lost answers post nothing twice": (
        "github/test_post.py::test_a_secondary_limit_is_waited_for",
        "github/test_post.py::test_a_review_whose_answer_was_lost_is_not_sent_twice",
        "github/test_client.py::test_a_write_is_not_sent_again",
        "test_action_faults.py::test_when_github_fails",
    ),
    "a token that may only read crashes nothing and passes nothing": (
        "test_action.py::test_a_token_that_may_only_read_leaves_the_job_summary_and_the_exit_status",
        "test_action.py::test_without_keys_and_without_a_choice_a_critical_path_is_never_green",
        "test_action_faults.py::test_when_github_fails",
    ),
    "models that are down, cut off or off the mark; different findings are no agreement, the same in other words are": (
        "test_action_faults.py::test_when_models_fail",
        "end_to_end/test_scenarios.py::test_what_comes_of_three_opinions",
        "test_action_acceptance.py::test_with_no_model_left_nothing_critical_passes",
    ),
    "a critical path stays one through renames, links, case and new places": (
        "test_triage.py::test_critical_by_path",
        "test_action_hostile.py::test_a_gate_that_the_change_itself_relaxes_holds",
    ),
    "a head that moves, a head of two pull requests, and another base": (
        "test_action.py::test_a_head_that_moved_gets_nothing_and_no_green_check",
        "github/test_check.py::test_the_verdict_of_another_pull_request_with_this_head_does_not_count",
        "test_action_acceptance.py::test_another_base_is_another_verdict",
    ),
    "the merge queue repeats a verdict, fails without one, and asks no model": (
        "test_action.py::test_a_merge_group_mirrors_its_pull_request",
        "test_action_acceptance.py::test_the_merge_queue_asks_no_model",
    ),
    "an override is given by who may, for one commit": (
        "test_action.py::test_an_override_by_somebody_who_may_write",
        "test_action.py::test_an_override_by_somebody_who_may_not_is_nothing",
        "test_action.py::test_an_override_holds_for_its_commit_alone",
        "test_action_acceptance.py::test_a_bot_cannot_override",
    ),
    "the check is completed after a signal and after a crash": (
        "end_to_end/test_action_on_a_runner.py::test_a_cancelled_run_leaves_no_open_check",
        "test_action.py::test_a_crash_completes_the_check",
        "test_action.py::test_a_killed_run_leaves_no_open_check",
        "test_action_faults.py::test_when_github_fails",
    ),
    "every request is one that GitHub describes": (
        "github_rules/test_github_server.py::test_a_request_that_github_does_not_describe_is_a_violation",
        "github_rules/test_rules_of_graphql.py::test_a_document_that_would_not_do_is_a_violation",
    ),
    "what is too long is cut with a word, and counts stay right": (
        "test_action_acceptance.py::test_more_findings_than_github_takes",
        "outputs/test_markdown.py::test_no_limit_is_exceeded",
        "github/test_check.py::test_annotations_go_out_in_batches",
    ),
}


@functools.cache
def functions(file):
    return {
        node.name
        for node in ast.parse((TESTS / file).read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }


@pytest.mark.parametrize("demand", SHOWN)
def test_it_is_shown(demand):
    missing = [
        name for name in SHOWN[demand] if name.partition("::")[2] not in functions(name.partition("::")[0])
    ]
    assert missing == []


def opened(job, files):
    job.repo.commit("topic", files, start="main")
    return job.repo.pull("topic")


@pytest.mark.parametrize("kind", ["500", "garbage"])
def test_with_no_model_left_nothing_critical_passes(server, job, models, kind):
    for model in models:
        model.trouble = kind
    pull = opened(job, {LOGIN: TEXT})
    assert job.run(server.event("pull_request", pull, action="opened")).status == Exit.INCONCLUSIVE
    assert check(job.repo, pull.head_sha) == "action_required"


def test_another_base_is_another_verdict(server, job, models):
    """The other base guards the file, and the check that is green on the same head holds for the first base alone."""
    job.repo.commit("strict", {".reviewbot.yml": "critical: {paths: ['src/**']}\n"}, start="main")
    pull = opened(job, {"src/page.py": CODE})
    models.say(review={"findings": [{**finding(0), "path": "src/page.py"}]})
    assert job.run(server.event("pull_request", pull, action="opened")).status == Exit.PASSED
    assert check(job.repo, pull.head_sha) == "success"
    pull.base_ref = "strict"
    pull.base_sha = job.repo.head("strict")
    assert job.run(server.event("pull_request", pull, action="edited")).status == Exit.BLOCKED
    assert check(job.repo, pull.head_sha) == "failure"


def test_the_merge_queue_asks_no_model(server, job, models):
    pull = opened(job, {LOGIN: TEXT})
    job.run(server.event("pull_request", pull, action="opened"))
    models.forget()
    head = job.repo.commit("queued", {"merged.py": "x = 1\n"}, start="main")
    payload = server.event("merge_group", pull, action="checks_requested", head=head)
    assert job.run(payload, event="merge_group").status == Exit.PASSED
    assert models.calls == 0


def test_a_bot_cannot_override(server, job, models):
    """Not even one that may write, as the token of every job can."""
    pull = opened(job, {LOGIN: TEXT})
    models.say(review={"findings": [FOUND[0]]})
    job.repo.grant("github-actions[bot]", "write")
    body = f"/reviewbot override {pull.head_sha} it is fine"
    pull.say("github-actions[bot]", body)
    payload = server.event("issue_comment", pull, action="created", sender="github-actions[bot]", body=body)
    job.run(payload, event="issue_comment")
    assert job.repo.checks == []
    assert job.run(server.event("pull_request", pull, action="opened")).status == Exit.BLOCKED


def test_more_findings_than_github_takes(server, job, models):
    """70 findings with 3,000 characters each: nothing is refused for its length, and nothing is lost from the counts."""
    many = [{**finding(n), "body": f"subject{n} object{n} " + "word " * 600} for n in range(70)]
    models.say(review={"findings": many})
    pull = opened(job, {LOGIN: CODE})
    outcome = job.run(server.event("pull_request", pull, action="opened"))
    assert outcome.status == Exit.BLOCKED
    assert len(outcome.report["findings"]) == len(job.repo.checks[-1].annotations) == 70
    assert len(pull.comments) == 20
    (summary,) = pull.issue_comments
    for text, limit in (
        (summary.body, COMMENT),
        (job.repo.checks[-1].summary, CHECK),
        (outcome.summary, SUMMARY),
    ):
        assert "70 confirmed findings" in text
        assert "did not fit here" in text or limit == SUMMARY
        assert len(text.encode()) <= limit
