"""GitHub and checks: who may write them, how much, and which are listed."""

import pytest
from rules_client import HOME, annotation, ask, check


def test_a_conclusion_completes_a_check(server, repo, pull):
    made = check(server, pull.head_sha, status="in_progress").body
    done = ask(server, "PATCH", f"{HOME}/check-runs/{made['id']}", {"conclusion": "failure"}).body
    assert (made["status"], made["conclusion"]) == ("in_progress", None)
    assert (done["status"], done["conclusion"]) == ("completed", "failure")
    assert done["app"]["slug"] == "github-actions"


def test_annotations_are_appended(server, repo, pull):
    made = check(server, pull.head_sha, **output(annotations=[annotation()] * 50)).body
    for _ in range(2):
        ask(server, "PATCH", f"{HOME}/check-runs/{made['id']}", output(annotations=[annotation()] * 50))
    assert len(repo.checks[0].annotations) == 150
    page = ask(server, "GET", f"{HOME}/check-runs/{made['id']}/annotations?per_page=100&page=2")
    assert len(page.body) == 50


def output(**more):
    return {"output": {"title": "t", "summary": "s", **more}}


@pytest.mark.parametrize(
    ("sha", "body"),
    [
        pytest.param(None, {"status": "completed"}, id="completed, with what?"),
        pytest.param("1" * 40, {}, id="of a commit that is not there"),
        pytest.param(None, {"conclusion": "stale"}, id="only GitHub says stale"),
        pytest.param(None, output(annotations=[annotation(title="x" * 256)]), id="a long title"),
        pytest.param(None, output(annotations=[annotation(message="x" * 65_537)]), id="a long message"),
    ],
)
def test_a_check_is_refused(server, repo, pull, sha, body):
    assert check(server, sha or pull.head_sha, **body).status == 422
    assert repo.checks == []


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(output(annotations=[annotation()] * 51), id="annotations"),
        pytest.param(output(summary="x" * 65_536), id="summary"),
        pytest.param(output(text="x" * 65_536), id="text"),
    ],
)
def test_too_much_for_a_check_is_known_from_the_description(server, repo, pull, body):
    assert check(server, pull.head_sha, **body).status == 422
    assert server.violations.pop().startswith(f"POST {HOME}/check-runs: body['output']")


def test_checks_are_listed_newest_first_and_by_name_once(server, repo, pull):
    ids = [check(server, pull.head_sha, external_id=name).body["id"] for name in "ab"]
    check(server, pull.head_sha, name="other")
    path = f"{HOME}/commits/{pull.head_sha}/check-runs?check_name=reviewbot"
    assert [it["id"] for it in ask(server, "GET", path).body["check_runs"]] == [ids[1]]
    assert [it["id"] for it in ask(server, "GET", path + "&filter=all").body["check_runs"]] == ids[::-1]
    both = ask(server, "GET", f"{HOME}/commits/topic/check-runs").body["check_runs"]
    assert [it["name"] for it in both] == ["other", "reviewbot"]


def test_only_apps_write_checks_and_only_their_own(server, repo, pull):
    repo.grant("writer", "admin")
    server.token("person", login="writer")
    server.token("other", login="other[bot]", permissions={"checks": "write"})
    reply = check(server, pull.head_sha, token="person")
    assert (reply.status, reply.message) == (403, "You must authenticate via a GitHub App.")
    made = check(server, pull.head_sha).body["id"]
    assert ask(server, "PATCH", f"{HOME}/check-runs/{made}", {"name": "mine"}, token="other").status == 403


def test_a_status_is_short(server, pull):
    path = f"{HOME}/statuses/{pull.head_sha}"
    assert ask(server, "POST", path, {"state": "success", "description": "x" * 141}).status == 422
    assert ask(server, "POST", path, {"state": "success", "description": "x" * 140}).status == 201
    assert ask(server, "GET", f"{HOME}/commits/{pull.head_sha}/status").body["state"] == "success"
