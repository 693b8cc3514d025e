"""GitHub and what is said on a pull request: where a comment may stand, and all or nothing."""

import pytest
from rules_client import HEAD, HOME, ask, comment, on, review


@pytest.mark.parametrize(
    "draft",
    [
        pytest.param(on(5), id="an added line"),
        pytest.param(on(2), id="a context line, right by default"),
        pytest.param(on(5, side="LEFT"), id="a deleted line"),
        pytest.param(on(2, side="LEFT"), id="a context line on the left"),
        pytest.param(on(33, side="LEFT"), id="a context line whose number differs on the left"),
        pytest.param(on(6, start_line=5), id="lines of one hunk"),
        pytest.param(on(5, start_line=5, start_side="LEFT"), id="from the deleted to the added line"),
        pytest.param({"path": "a.py", "position": 4, "body": "Hm."}, id="by position"),
    ],
)
def test_a_comment_stands_on(pull, draft):
    assert review(pull, draft).status == 200
    assert len(pull.comments) == 1


LINE, PATH = "Line could not be resolved", "Path could not be resolved"
ORDER = "Pull request review thread start line must precede the end line."


@pytest.mark.parametrize(
    ("draft", "errors"),
    [
        pytest.param(on(1), [LINE], id="a line above the hunk"),
        pytest.param(on(15), [LINE], id="a line between hunks"),
        pytest.param(on(400), [LINE], id="a line that the file has not"),
        pytest.param(on(30, start_line=6), [LINE], id="lines of two hunks"),
        pytest.param(on(6, start_line=6), [ORDER], id="a range of one line"),
        pytest.param(on(5, "none.py"), [PATH], id="a file that was not changed"),
        pytest.param({"path": "a.py", "body": "Hm."}, [LINE], id="no line at all"),
    ],
)
def test_one_bad_comment_costs_the_whole_review_and_is_not_named(pull, draft, errors):
    reply = review(pull, on(5), draft, body="Two things.")
    assert (reply.status, reply.message, reply.body["errors"]) == (422, "Unprocessable Entity", errors)
    assert (pull.reviews, pull.comments) == ([], [])


@pytest.mark.parametrize(
    ("more", "event", "status"),
    [
        pytest.param({"body": "x" * 65_536}, "COMMENT", 200, id="leaves alone: the longest body"),
        pytest.param({"body": "x" * 65_537}, "COMMENT", 422, id="a body too long"),
        pytest.param({}, "COMMENT", 422, id="a comment on nothing, saying nothing"),
        pytest.param({"commit_id": "1" * 40, "body": "Hm."}, "COMMENT", 422, id="a commit of something else"),
        pytest.param({"body": "Fine."}, "APPROVE", 422, id="approval by Actions"),
    ],
)
def test_a_review_needs(pull, more, event, status):
    assert review(pull, event=event, **more).status == status
    assert len(pull.reviews) == (status == 200)


def test_nobody_judges_their_own_pull_request(server, pull):
    server.token("mine", login="octocat")
    for event in ("APPROVE", "REQUEST_CHANGES"):
        reply = ask(
            server, "POST", f"{HOME}/pulls/1/reviews", {"event": event, "body": "Fine."}, token="mine"
        )
        assert (reply.status, "your own pull request" in reply.body["errors"][0]) == (422, True)


def test_a_pending_review_is_one_and_hidden(server, pull):
    server.token("other", login="someone")
    made = ask(server, "POST", f"{HOME}/pulls/1/reviews", {"comments": [on(5)]})
    assert made.body["state"] == "PENDING"
    assert review(pull, on(5)).status == 422
    path = f"{HOME}/pulls/1/comments"
    assert [len(ask(server, "GET", path, token=token).body) for token in ("t", "other")] == [1, 0]
    submitted = ask(server, "POST", f"{HOME}/pulls/1/reviews/{made.body['id']}/events", {"event": "COMMENT"})
    assert submitted.body["state"] == "COMMENTED"
    assert len(ask(server, "GET", path, token="other").body) == 1


def test_a_single_comment_makes_a_review_of_its_own(pull):
    made = comment(pull, on(6, start_line=5)).body
    assert (made["start_line"], made["line"], made["position"]) == (5, 6, 6)
    assert made["diff_hunk"].endswith("\n+five\n line 6")
    assert made["pull_request_review_id"] == pull.reviews[0].id


def test_a_single_comment_is_told_what_is_wrong_with_it(pull):
    reply = comment(pull, on(15))
    assert (reply.status, reply.message) == (422, "Validation Failed")
    assert reply.body["errors"][0]["field"] == "pull_request_review_thread.line"
    assert comment(pull, on(5, "none.py")).body["errors"][0]["field"] == "pull_request_review_thread.path"
    assert pull.reviews == []


def test_a_comment_may_be_on_a_whole_file(server, repo):
    repo.commit("topic", {"image": b"\0"})
    pull = repo.pull("topic")
    made = comment(pull, {"path": "image", "subject_type": "file"})
    assert (made.status, made.body["subject_type"], made.body["line"]) == (201, "file", None)
    assert comment(pull, {"path": "a.py", "subject_type": "file"}).status == 422


def test_a_reply_joins_its_thread(server, pull):
    root = pull.say_on("octocat", "a.py", 5, "Why?")
    reply = ask(server, "POST", f"{HOME}/pulls/1/comments/{root.id}/replies", {"body": "Because."})
    assert (reply.status, reply.body["in_reply_to_id"], len(pull.threads)) == (201, root.id, 1)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param({"a.py": "new\n" + HEAD}, (6, 5), id="moved down"),
        pytest.param({"a.py": HEAD.replace("line 4\n", "4\n")}, (5, 5), id="leaves alone: the line above"),
        pytest.param({"a.py": HEAD.replace("line 6\n", "6\n")}, (5, 5), id="leaves alone: the line below"),
        pytest.param({"a.py": HEAD.replace("five\n", "six\n")}, (None, 5), id="its line was changed"),
        pytest.param(
            {"a.py": HEAD.replace("five\n", "line 5\n")}, (None, 5), id="its line is as before the change"
        ),
        pytest.param({"a.py": None}, (None, 5), id="its file was deleted"),
        pytest.param({"b.py": "b\n"}, (5, 5), id="leaves alone: another file"),
    ],
)
def test_a_push_moves_a_comment_or_outdates_it(server, repo, pull, files, expected):
    old = pull.say_on("octocat", "a.py", 5, "Hm.").commit
    new = repo.commit("topic", files)
    (now,) = ask(server, "GET", f"{HOME}/pulls/1/comments").body
    assert (now["line"], now["original_line"]) == expected
    assert (now["position"] is None) == (now["line"] is None)
    assert (now["commit_id"], now["original_commit_id"]) == (new if now["line"] else old, old)


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
@pytest.mark.parametrize(("token", "allowed"), [("reader", False), ("writer", True), ("t", True)])
def test_comments_of_others_are_for_those_who_write(server, repo, pull, method, token, allowed):
    for login, role in (("reader", "read"), ("writer", "write")):
        repo.grant(login, role)
        server.token(login, login=login)
    path = f"{HOME}/pulls/comments/{pull.say_on('octocat', 'a.py', 5, 'Hm.').id}"
    body = {"body": "Changed."} if method == "PATCH" else None
    assert (ask(server, method, path, body, token=token).status < 300) == allowed


def test_issue_comments_are_made_edited_and_deleted(server, pull):
    made = ask(server, "POST", f"{HOME}/issues/1/comments", {"body": "One."})
    assert (made.status, made.body["user"]["login"]) == (201, "github-actions[bot]")
    path = f"{HOME}/issues/comments/{made.body['id']}"
    assert ask(server, "PATCH", path, {"body": "Two."}).body["body"] == "Two."
    assert [it["body"] for it in ask(server, "GET", f"{HOME}/issues/1/comments").body] == ["Two."]
    assert ask(server, "DELETE", path).status == 204
    assert pull.issue_comments == []


@pytest.mark.parametrize("text", ["", "x" * 65_537], ids=["empty", "too long"])
def test_an_issue_comment_is_refused(server, pull, text):
    assert ask(server, "POST", f"{HOME}/issues/1/comments", {"body": text}).status == 422
    assert pull.issue_comments == []
