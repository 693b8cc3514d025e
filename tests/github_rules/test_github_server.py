"""The stand-in itself: what a test can make go wrong, what it can read, and that a real client works."""

import http.client
import json

import github
import pytest
from github_server import contract, graph
from graphql import validate_schema
from jsonschema import Draft202012Validator
from rules_client import HEAD, HOME, annotation, ask, on, review


def test_an_answer_is_lost_but_the_review_was_written(server, pull):
    server.fault("POST", r"/reviews$", after_write=True)
    assert review(pull, on(5)).status == 502
    assert len(pull.reviews) == 1
    assert review(pull, on(5)).status == 200


def test_a_request_fails_and_nothing_was_written(server, pull):
    server.fault("POST", r"/reviews$", status=500, times=2)
    assert [review(pull, on(5)).status for _ in range(3)] == [500, 500, 200]
    assert len(pull.reviews) == 1


@pytest.mark.parametrize(("status", "retry_after"), [(403, 7), (429, 7), (403, None)])
def test_the_secondary_limit_comes_when_a_test_wants_it(server, pull, status, retry_after):
    server.fault("POST", "/graphql", status, retry_after=retry_after, containing="viewer")
    reply = ask(server, "POST", "/graphql", {"query": "{ viewer { login } }"})
    assert (reply.status, "secondary rate limit" in reply.message) == (status, True)
    assert reply.headers.get("Retry-After") == (None if retry_after is None else "7")


def test_a_connection_is_cut(server, pull):
    server.fault("GET", "", status=0)
    with pytest.raises(http.client.RemoteDisconnected):
        ask(server, "GET", HOME)
    assert server.requests[-1].status == 0


def test_the_head_moves_while_a_client_is_at_work(server, repo, pull):
    old = pull.head_sha
    server.when("POST", r"/reviews$", lambda: repo.commit("topic", {"b.py": "b\n"}))
    assert review(pull, on(5)).body["commit_id"] == old != pull.head_sha


def test_what_was_asked_is_logged(server, pull):
    review(pull, on(5))
    (asked,) = server.asked("POST", "reviews")
    assert (asked.path, asked.status, asked.login) == (f"{HOME}/pulls/1/reviews", 200, "github-actions[bot]")
    assert asked.body["comments"] == [on(5)]
    state = json.loads(json.dumps(server.state()))["octo/shop"]["pulls"]["1"]
    assert [it["body"] for it in state["comments"]] == ["Hm."]


@pytest.mark.parametrize(
    ("method", "path", "body", "problem"),
    [
        ("POST", "pulls/1/reviews", {"comments": [on(5, subject_type="file")]}, "'subject_type' was unexpec"),
        ("POST", "pulls/1/reviews", {"event": "COMMENTED"}, "not one of"),
        ("POST", "pulls/1/reviews", {"comments": [on("5")]}, "not of type 'integer'"),
        ("POST", "pulls/1/comments", {"body": "Hm.", "path": "a.py"}, "'commit_id' is a required property"),
        ("POST", "issues/1/comments", None, "body: is required"),
        ("POST", "check-runs", {"name": "n", "head_sha": "s", "conclusion": "passed"}, "not one of"),
        ("GET", "pulls/1/files?perpage=3", None, "'perpage' is no parameter"),
        ("GET", "pulls/1/nothing", None, "not an operation"),
    ],
)
def test_a_request_that_github_does_not_describe_is_a_violation(server, pull, method, path, body, problem):
    assert ask(server, method, f"{HOME}/{path}", body).status in {404, 422}
    assert problem in server.violations.pop()


def test_a_bug_of_the_stand_in_is_heard_of(server, repo):
    repo.pulls[1] = None
    repo.pulls[2] = object()
    with pytest.raises(http.client.RemoteDisconnected):
        ask(server, "GET", f"{HOME}/pulls/2")
    assert "the stand-in broke" in server.violations.pop()


@pytest.mark.parametrize("action", ["opened", "synchronize", "labeled"])
@pytest.mark.parametrize("name", ["pull_request", "pull_request_target"])
def test_a_pull_request_event_speaks_of_ours(server, repo, pull, name, action):
    old = pull.head_sha
    repo.commit("topic", {"b.py": "b\n"})
    event = server.event(name, pull, action=action, label="override")
    subject = event["pull_request"]
    assert (event["action"], event["number"], subject["head"]["sha"]) == (action, 1, pull.head_sha)
    assert event["repository"]["full_name"] == subject["base"]["repo"]["full_name"] == "octo/shop"
    moved = (event.get("before"), event.get("after"))
    assert moved == ((old, pull.head_sha) if action == "synchronize" else (None, None))
    assert "Codertocat" not in json.dumps(event)


def test_a_fork_is_another_repository_until_it_is_deleted(server, repo, pull):
    fork = repo.pull("topic", author="stranger", fork=True)
    assert server.event("pull_request", fork)["pull_request"]["head"]["repo"]["full_name"] == "stranger/shop"
    fork.fork_deleted = True
    assert ask(server, "GET", f"{HOME}/pulls/2").body["head"]["repo"] is None


def test_other_events_speak_of_ours_too(server, repo, pull):
    said = server.event("issue_comment", pull, sender="maintainer", body="/reviewbot review")
    assert (said["comment"]["user"]["login"], said["comment"]["body"]) == ("maintainer", "/reviewbot review")
    assert (said["issue"]["number"], "pull_request" in said["issue"]) == (1, True)
    queued = server.event("merge_group", pull, head="1" * 40)["merge_group"]
    assert queued["head_sha"] == "1" * 40
    assert queued["head_ref"].startswith("refs/heads/gh-readonly-queue/main/pr-1-")
    assert server.event("workflow_dispatch", pull, inputs={"number": "1"})["inputs"] == {"number": "1"}


def test_the_extracts_are_whole():
    for methods in contract.described()["paths"].values():
        for operation in methods.values():
            for schema in (operation["body"], *operation["answers"].values()):
                Draft202012Validator.check_schema(schema or {})
    assert validate_schema(graph.schema()) == []


def test_pygithub_reviews_a_pull_request(server, repo, pull):
    client = github.Github(
        auth=github.Auth.Token("t"), base_url=server.api_url, lazy=True, per_page=100,
        seconds_between_requests=0, seconds_between_writes=0, api_version="2022-11-28",
    )  # fmt: skip
    there = client.get_repo("octo/shop")
    seen = there.get_pull(1)
    assert [(file.filename, file.status) for file in seen.get_files()] == [("a.py", "modified")]
    assert there.get_contents("a.py", ref=seen.head.sha).decoded_content.decode() == HEAD
    comment = on(6, side="RIGHT", start_line=5, start_side="RIGHT")
    seen.create_review(there.get_commit(seen.head.sha), "One thing.", event="COMMENT", comments=[comment])
    seen.create_issue_comment("Summary.").edit("Better summary.")
    run = there.create_check_run("reviewbot", seen.head.sha, status="in_progress", external_id="1/2")
    run.edit(conclusion="success", output={"title": "t", "summary": "s", "annotations": [annotation()]})
    _, answer = client.requester.graphql_query("{ viewer { login } }", {})
    assert answer == {"data": {"viewer": {"login": "github-actions[bot]"}}}
    assert there.get_collaborator_permission("octo") == "admin"
    client.close()
    assert [comment.body for comment in pull.comments] == ["Hm."]
    assert [comment.body for comment in pull.issue_comments] == ["Better summary."]
    assert (repo.checks[0].conclusion, len(repo.checks[0].annotations)) == ("success", 1)
