"""The check of a run: opened once, completed once, and the merge queue reads no verdict that is not its own."""

import pytest

from reviewbot.github import check
from reviewbot.github.check import Annotation, Binding, CheckRun, finish, previous, start, unfinished
from reviewbot.github.client import GitHubError

CREATE, UPDATE = "/check-runs$", "/check-runs/"


@pytest.fixture
def run(hub):
    return opened(hub)


def bound(hub, number=1, run="7", attempt="1"):
    return Binding(number, hub.pull.base_sha, hub.pull.head_sha, run, attempt)


def opened(hub, **which):
    made = start(hub.client, bound(hub, **which))
    assert made is not None
    return made


def finished(hub, run, conclusion="success", **more):
    return finish(hub.client, run, conclusion, **({"title": "t", "summary": "s"} | more))


def annotations(number):
    return [Annotation("f0.py", n + 1, n + 2, "warning", f"title {n}", f"message {n}") for n in range(number)]


def test_it_is_open_while_the_run_goes_on(hub, run):
    (made,) = hub.repo.checks
    assert (made.name, made.status, made.head_sha) == ("reviewbot", "in_progress", hub.pull.head_sha)
    held = f"reviewbot:v1 pr=1 base={hub.pull.base_sha} head={hub.pull.head_sha}"
    assert made.external_id == f"{held} run=7 attempt=1"
    assert run == CheckRun(made.id, run.url, app=15_368)


@pytest.mark.parametrize("conclusion", ["success", "failure", "neutral", "action_required", "cancelled"])
def test_it_is_completed_in_one_request(hub, run, conclusion):
    before = hub.client.calls
    made = finished(hub, run, conclusion, text="details", annotations=annotations(2))
    assert made == check.Finished(completed=True, annotations=2)
    assert hub.client.calls - before == 1
    (it,) = hub.repo.checks
    assert (it.status, it.conclusion, it.title, it.summary, it.text) == (
        "completed",
        conclusion,
        "t",
        "s",
        "details",
    )
    assert it.annotations[1] == {
        "path": "f0.py",
        "start_line": 2,
        "end_line": 3,
        "annotation_level": "warning",
        "title": "title 1",
        "message": "message 1",
    }


@pytest.mark.parametrize(("number", "requests"), [(0, 1), (50, 1), (51, 2), (120, 3)])
def test_annotations_go_out_in_batches(hub, run, number, requests):
    assert finished(hub, run, annotations=annotations(number)).annotations == number
    sent = [it.body for it in hub.server.asked("PATCH", UPDATE)]
    assert len(sent) == requests
    assert ["conclusion" in body for body in sent] == [True] + [False] * (requests - 1)
    assert [it["title"] for it in hub.repo.checks[0].annotations] == [f"title {n}" for n in range(number)]


def test_nothing_is_longer_than_github_takes(hub, run):
    long = "é" * 70_000
    made = finished(
        hub,
        run,
        title=long,
        summary=long,
        text=long,
        annotations=[Annotation("f0.py", 1, 1, "notice", long, long)],
    )
    assert made == check.Finished(completed=True, annotations=1)
    (it,) = hub.repo.checks
    (note,) = it.annotations
    for text, limit in ((it.title, 255), (it.summary, 65_535), (it.text, 65_535), (note["title"], 255)):
        assert limit - 2 <= len(text.encode()) <= limit
        assert text.endswith("\n…")


# Answers that get lost


@pytest.mark.parametrize("status", [502, 0], ids=["502", "cut off"])
@pytest.mark.parametrize("after_write", [True, False], ids=["written", "not written"])
def test_a_check_whose_creation_was_not_answered_is_there_once(hub, status, after_write):
    hub.server.fault("POST", CREATE, status, after_write=after_write)
    run = opened(hub)
    assert [it.id for it in hub.repo.checks] == [run.id]
    assert finished(hub, run).completed
    assert left(hub) == []


def test_a_check_of_another_pull_request_is_not_taken_for_it(hub):
    other = opened(hub, number=2)
    hub.server.fault("POST", CREATE, 502)
    assert opened(hub).id != other.id


def test_one_that_a_killed_run_left_open_is_not_taken_for_it(hub, run):
    hub.server.fault("POST", CREATE, 502, after_write=True)
    assert opened(hub).id == hub.repo.checks[-1].id != run.id


def test_a_completed_check_is_not_opened_again(hub, run):
    finished(hub, run)
    hub.server.fault("POST", CREATE, 502)
    assert opened(hub).id != run.id


@pytest.mark.parametrize("status", [502, 0], ids=["502", "cut off"])
@pytest.mark.parametrize("after_write", [True, False], ids=["written", "not written"])
def test_a_completion_whose_answer_was_lost(hub, run, status, after_write):
    hub.server.fault("PATCH", UPDATE, status, after_write=after_write)
    assert finished(hub, run, annotations=annotations(60)) == check.Finished(completed=True, annotations=60)
    (it,) = hub.repo.checks
    assert (it.conclusion, len(it.annotations)) == ("success", 60)


def test_a_check_that_is_rejected_is_completed_in_few_words(hub, run):
    hub.server.fault("PATCH", UPDATE, 422, containing="annotations")
    made = finished(hub, run, "failure", text="details", annotations=annotations(2))
    assert (made.completed, made.annotations) == (True, 0)
    assert "without details" in made.problem
    (it,) = hub.repo.checks
    assert (it.status, it.conclusion, it.text) == ("completed", "failure", None)


def test_later_annotations_that_fail_leave_it_completed(hub, run):
    hub.server.fault("PATCH", UPDATE, 502, skip=1)
    made = finished(hub, run, annotations=annotations(120))
    assert (made.completed, made.annotations) == (True, 50)
    assert "annotations are missing" in made.problem


def test_a_check_that_cannot_be_completed_is_told(hub, run):
    hub.server.fault("PATCH", UPDATE, 500, times=9)
    made = finished(hub, run)
    assert (made.completed, made.problem.startswith("the check stays open")) == (False, True)
    assert len(hub.server.asked("PATCH", UPDATE)) == 3


# Rights


@pytest.mark.parametrize(
    ("login", "permissions"),
    [
        pytest.param(
            "github-actions[bot]", {"contents": "read", "pull_requests": "write"}, id="no permission"
        ),
        pytest.param("github-actions[bot]", {}, id="a fork"),
        pytest.param("octo", None, id="a person's token"),
    ],
)
def test_who_may_not_write_checks_gets_none(hub, login, permissions):
    client = hub.client_of("other", login, permissions)
    assert start(client, bound(hub)) is None


def test_a_right_that_was_lost_on_the_way_is_told(hub, run):
    client = hub.client_of("other", permissions={"contents": "read"})
    made = finish(client, run, "success", title="t", summary="s")
    assert (made.completed, "may not" in made.problem) == (False, True)


def test_a_commit_that_does_not_exist_is_an_error(hub):
    with pytest.raises(GitHubError, match="422"):
        start(hub.client, Binding(1, "", "0" * 40))


# The merge queue


def verdict(hub, number=1, app=15_368):
    return previous(hub.client, hub.pull.head_sha, number=number, app=app)


@pytest.mark.parametrize("conclusion", ["success", "failure", "neutral", "action_required"])
def test_the_verdict_on_the_head(hub, run, conclusion):
    finished(hub, run, conclusion)
    assert verdict(hub) == conclusion


def test_an_open_check_is_no_verdict(hub, run):
    assert verdict(hub) is None


def test_the_newest_verdict_counts(hub, run):
    finished(hub, run, "failure")
    finished(hub, opened(hub), "success")
    opened(hub)
    assert verdict(hub) == "success"


def test_the_verdict_of_another_pull_request_with_this_head_does_not_count(hub, run):
    finished(hub, opened(hub, number=2))
    assert (verdict(hub), verdict(hub, number=2)) == (None, "success")
    finished(hub, run, "failure")
    assert (verdict(hub), verdict(hub, number=2)) == ("failure", "success")


def test_the_verdict_on_an_earlier_head_does_not_count(hub, run):
    finished(hub, run)
    hub.push({"f0.py": "other\n"})
    assert verdict(hub) is None


@pytest.mark.parametrize("name", ["reviewbot", "tests"])
def test_a_check_of_another_app_or_name_does_not_count(hub, name):
    held = str(bound(hub))
    forger = hub.client if name == "tests" else hub.client_of("theirs", "other-app[bot]")
    body = {"name": name, "head_sha": hub.pull.head_sha, "external_id": held, "conclusion": "success"}
    forger.send("POST", "/check-runs", body)
    assert verdict(hub) is None
    assert verdict(hub, app=None) == (None if name == "tests" else "success")


@pytest.mark.parametrize(
    "held", ["", "1", "reviewbot:v1 pr=1 base= head=0123 run=7 attempt=1", "reviewbot:v1 pr=1"], ids=str
)
def test_a_check_that_is_not_bound_to_this_head_does_not_count(hub, held):
    body = {"name": "reviewbot", "head_sha": hub.pull.head_sha, "external_id": held, "conclusion": "success"}
    hub.client.send("POST", "/check-runs", body)
    assert verdict(hub) is None


def left(hub, run=("7", "1")):
    return [made.id for made in unfinished(hub.client, hub.pull.head_sha, number=1, run=run)]


def test_what_a_killed_run_left_open(hub, run):
    finished(hub, opened(hub))
    opened(hub, number=2)
    assert left(hub) == [run.id]
    finished(hub, run, "cancelled")
    assert left(hub) == []


@pytest.mark.parametrize(
    ("other", "name"),
    [
        pytest.param({"run": "8"}, ("8", "1"), id="a newer run"),
        pytest.param({"attempt": "2"}, ("7", "2"), id="the run started again"),
        pytest.param({"run": "", "attempt": ""}, ("", ""), id="one outside of a workflow"),
    ],
)
def test_what_another_run_has_open_is_not_what_this_one_left(hub, run, other, name):
    newer = opened(hub, **other)
    assert (left(hub), left(hub, name)) == ([run.id], [newer.id])


def test_the_verdict_counts_whichever_run_gave_it(hub):
    finished(hub, opened(hub, run="7"), "failure")
    finished(hub, opened(hub, run="8"), "success")
    assert verdict(hub) == "success"
