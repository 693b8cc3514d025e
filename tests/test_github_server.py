"""The stand-in for GitHub refuses what GitHub refuses, and answers in the form that GitHub describes."""

import base64
import http.client
import json
import re
from dataclasses import dataclass

import github
import pytest
from github_server import GitHubServer, contract, executable, graph, rest_pulls, submodule, symlink
from jsonschema import Draft202012Validator

HOME = "/repos/octo/shop"
BASE = "".join(f"line {number}\n" for number in range(1, 41))
#: Line 5 changed, line 30 taken away, two lines put in after line 35: hunks 2-8 and 27-39 of the new side.
HEAD = (
    BASE.replace("line 5\n", "five\n").replace("line 30\n", "").replace("line 35\n", "line 35\nmore\nmore\n")
)

#: What GitHub answers otherwise than it describes: a comment on a file, or outdated, has no line; a fork may be gone.
UNDESCRIBED = re.compile(
    r"comments .*\['(original_)?(line|position)'\]: None is not|\['head'\]\['repo'\]: None is not"
)


@dataclass(frozen=True)
class Reply:
    status: int
    body: object
    headers: dict

    @property
    def message(self):
        return self.body["message"]


def ask(server, method, path, body=None, *, token="t", **headers):
    """One request of a client without opinions; headers are written with underscores."""
    sent = {"User-Agent": "test"} | {name.replace("_", "-"): value for name, value in headers.items()}
    if token:
        sent["Authorization"] = f"Bearer {token}"
    connection = http.client.HTTPConnection("127.0.0.1", int(server.url.rpartition(":")[2]), timeout=10)
    root = "/api" if path == "/graphql" else "/api/v3"
    text = body if body is None or isinstance(body, str) else json.dumps(body)
    connection.request(method, root + path, text, {name: value for name, value in sent.items() if value})
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    is_json = answer.headers.get_content_type() == "application/json"
    return Reply(
        answer.status, json.loads(data or "null") if is_json else data.decode(), dict(answer.headers)
    )


@pytest.fixture
def server():
    """Every test also asserts that nothing was asked or answered that GitHub does not describe."""
    with GitHubServer() as server:
        yield server
    assert server.violations == []
    problems = [
        problem
        for it in server.requests
        if it.operation and isinstance(it.answer, dict | list)
        for problem in contract.answer_problems(it.operation, it.method, it.status, it.answer)
    ]
    assert [problem for problem in problems if not UNDESCRIBED.search(problem)] == []


@pytest.fixture
def repo(server):
    repo = server.repository("octo/shop")
    repo.commit("main", {"a.py": BASE})
    everything = dict.fromkeys(("contents", "pull_requests", "checks", "statuses"), "write")
    server.token("t", permissions=everything | {"contents": "read"})
    return repo


@pytest.fixture
def pull(repo):
    repo.commit("topic", {"a.py": HEAD})
    return repo.pull("topic", title="Change a")


def review(pull, *comments, **body):
    wanted = {"event": "COMMENT", "commit_id": pull.head_sha} | body
    given = wanted | {"comments": list(comments)} if comments else wanted
    return ask(pull.repository.server, "POST", f"{HOME}/pulls/1/reviews", given)


def on(line, path="a.py", **more):
    return {"path": path, "line": line, "body": "Hm.", **more}


def query(server, text, *, token="t", **variables):
    return ask(server, "POST", "/graphql", {"query": text, "variables": variables}, token=token).body


# The change


def listed(server, number=1):
    return {it["filename"]: it for it in ask(server, "GET", f"{HOME}/pulls/{number}/files?per_page=100").body}


def test_files_are_compared_with_the_merge_base(server, repo, pull):
    repo.commit("main", {"elsewhere.py": "not of this pull request\n"})
    assert list(listed(server)) == ["a.py"]
    repo.commit("topic", {"b.py": "b\n"})
    assert list(listed(server)) == ["a.py", "b.py"]
    repo.merge("topic", "main")
    assert list(listed(server)) == ["a.py", "b.py"]
    assert pull.merge_base == repo.head("main")


@pytest.mark.parametrize(
    ("before", "after", "path", "expected"),
    [
        pytest.param({}, {"b.py": "b\n"}, "b.py", ("added", 1, 0, "@@ -0,0 +1 @@\n+b"), id="added"),
        pytest.param({}, {"b.py": ""}, "b.py", ("added", 0, 0, None), id="added and empty"),
        pytest.param({"b.py": "b\n"}, {"b.py": None}, "b.py", ("removed", 0, 1, "@@ -1 +0,0 @@\n-b"), id="removed"),
        pytest.param({"b.py": "b\n"}, {"b.py": "c\r\n"}, "b.py", ("modified", 1, 1, "@@ -1 +1 @@\n-b\n+c\r"), id="modified"),
        pytest.param({"b.py": BASE}, {"b.py": None, "c d.py": BASE}, "c d.py", ("renamed", 0, 0, None), id="renamed"),
        pytest.param({"b.py": "b\n"}, {"b.py": executable("b\n")}, "b.py", ("changed", 0, 0, None), id="mode only"),
        pytest.param({"b": "b\n"}, {"b": symlink("a.py")}, "b",
                     ("changed", 1, 1, "@@ -1 +0,0 @@\n-b\n@@ -0,0 +1 @@\n+a.py\n\\ No newline at end of file"), id="file to link"),
        pytest.param({"b": b"\0"}, {"b": b"\0\1"}, "b", ("modified", 0, 0, None), id="binary"),
        pytest.param({}, {"lib": submodule("1" * 40)}, "lib", ("added", 1, 0, f"@@ -0,0 +1 @@\n+Subproject commit {'1' * 40}"), id="submodule"),
    ],
)  # fmt: skip
def test_a_file_is_listed(server, repo, before, after, path, expected):
    repo.commit("main", before or {"other": "x"})
    repo.commit("topic", after, start="main")
    repo.pull("topic")
    (file,) = listed(server).values()
    assert file["filename"] == path
    assert (file["status"], file["additions"], file["deletions"], file.get("patch")) == expected
    assert file.get("previous_filename") == ("b.py" if file["status"] == "renamed" else None)


def test_a_patch_is_left_out_when_it_is_too_long_or_the_test_says_so(server, repo):
    repo.commit("topic", {"long.py": "x\n" * 20_001, "slow.py": "x\n", "plain.py": "x\n"})
    repo.without_patch.add("slow.py")
    repo.pull("topic")
    assert [path for path, file in listed(server).items() if "patch" in file] == ["plain.py"]
    assert listed(server)["long.py"]["additions"] == 20_001


def test_patches_end_when_all_of_them_are_too_long(server, repo):
    repo.commit("topic", {f"{name}.txt": "x" * 400_000 for name in "bcde"})
    repo.pull("topic")
    assert [path for path, file in listed(server).items() if "patch" in file] == ["b.txt", "c.txt"]


def test_files_come_in_pages_up_to_a_cap_and_are_all_counted(server, repo):
    repo.commit("topic", {f"{number:04}.py": "x\n" for number in range(3_001)})
    repo.pull("topic")
    first = ask(server, "GET", f"{HOME}/pulls/1/files?per_page=1000")
    assert len(first.body) == 100
    assert '?per_page=1000&page=2>; rel="next"' in first.headers["Link"]
    assert 'page=30>; rel="last"' in first.headers["Link"]
    last = ask(server, "GET", f"{HOME}/pulls/1/files?per_page=100&page=30")
    assert len(last.body) == 100
    assert 'rel="next"' not in last.headers["Link"]
    assert ask(server, "GET", f"{HOME}/pulls/1").body["changed_files"] == 3_001


@pytest.mark.parametrize("files", [1, 301])
def test_the_diff_is_text_unless_it_is_too_large(server, repo, files):
    repo.commit("topic", {f"{number}.py": "x\n" for number in range(files)})
    repo.pull("topic")
    reply = ask(server, "GET", f"{HOME}/pulls/1", Accept="application/vnd.github.v3.diff")
    if files <= rest_pulls.MAX_DIFF_FILES:
        assert reply.body.startswith("diff --git a/0.py b/0.py\n")
    else:
        assert (reply.status, reply.body["errors"][0]["code"]) == (406, "too_large")


def test_a_push_moves_the_head(server, repo, pull):
    old = pull.head_sha
    new = repo.commit("topic", {"b.py": "b\n"})
    assert ask(server, "GET", f"{HOME}/pulls/1").body["head"]["sha"] == new != old
    assert [it["sha"] for it in ask(server, "GET", f"{HOME}/pulls/1/commits").body] == [old, new]


def test_a_comparison_has_the_merge_base_on_every_page_and_files_on_the_first(server, repo, pull):
    fork_point = repo.head("main")
    repo.commit("main", {"b.py": "b\n"})
    first, second = (ask(server, "GET", f"{HOME}/compare/main...topic?page={page}").body for page in (1, 2))
    assert first["merge_base_commit"]["sha"] == second["merge_base_commit"]["sha"] == fork_point
    assert first["status"] == "diverged"
    assert [it["filename"] for it in first["files"]] == ["a.py"]
    assert "files" not in second


# Files


def test_content_is_base64_or_raw(server, repo):
    repo.commit("main", {"d/é.txt": "text\n"})
    path = f"{HOME}/contents/d/%C3%A9.txt?ref=main"
    assert base64.b64decode(ask(server, "GET", path).body["content"]) == b"text\n"
    assert ask(server, "GET", path, Accept="application/vnd.github.raw+json").body == "text\n"
    assert [it["path"] for it in ask(server, "GET", f"{HOME}/contents/d").body] == ["d/é.txt"]


def test_content_above_a_megabyte_comes_raw_only(server, repo):
    repo.commit("main", {"big.txt": "x" * 1_000_001})
    path = f"{HOME}/contents/big.txt"
    assert ask(server, "GET", path).body["content"] == ""
    assert len(ask(server, "GET", path, Accept="application/vnd.github.raw").body) == 1_000_001


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        pytest.param("to-file", "file", id="a link to a file is the file"),
        pytest.param("to-nowhere", "symlink", id="any other link is itself"),
        pytest.param("lib", "submodule", id="a submodule"),
    ],
)
def test_content_that_is_no_file(server, repo, path, kind):
    modules = '[submodule "lib"]\n\tpath = lib\n\turl = https://example.com/lib.git\n'
    repo.commit("main", {"to-file": symlink("a.py"), "to-nowhere": symlink("/etc/passwd")})
    repo.commit("main", {"lib": submodule("1" * 40), ".gitmodules": modules})
    assert ask(server, "GET", f"{HOME}/contents/{path}").body["type"] == kind


@pytest.mark.parametrize(
    "path", ["contents/none.py", "contents/a.py?ref=none", "git/blobs/" + "1" * 40, "pulls/9"]
)
def test_what_is_not_there_is_404(server, repo, path):
    assert ask(server, "GET", f"{HOME}/{path}").status == 404


def test_a_tree_says_when_it_is_cut(server, repo):
    repo.commit(
        "main",
        {"run.sh": executable("true\n"), "link": symlink("a.py"), "lib": submodule("1" * 40), "d/e": "x"},
    )
    flat, deep = (ask(server, "GET", f"{HOME}/git/trees/main{more}").body for more in ("", "?recursive=1"))
    assert {it["path"]: it["mode"] for it in flat["tree"]} == {
        "a.py": "100644", "d": "040000", "lib": "160000", "link": "120000", "run.sh": "100755",
    }  # fmt: skip
    assert "d/e" in {it["path"] for it in deep["tree"]}
    repo.tree_cap = 2
    assert ask(server, "GET", f"{HOME}/git/trees/main?recursive=1").body["truncated"] is True


# Reviews


@pytest.mark.parametrize(
    "draft",
    [
        pytest.param(on(5), id="an added line"),
        pytest.param(on(2), id="a context line, right by default"),
        pytest.param(on(5, side="LEFT"), id="a deleted line"),
        pytest.param(on(2, side="LEFT"), id="a context line on the left"),
        pytest.param(on(6, start_line=5), id="lines of one hunk"),
        pytest.param(on(5, start_line=5, start_side="LEFT"), id="from the deleted to the added line"),
        pytest.param({"path": "a.py", "position": 4, "body": "Hm."}, id="by position"),
    ],
)
def test_a_comment_stands_on(pull, draft):
    assert review(pull, draft).status == 200
    assert len(pull.comments) == 1


LINE, PATH = "Line could not be resolved", "Path could not be resolved"


@pytest.mark.parametrize(
    ("draft", "errors"),
    [
        pytest.param(on(1), [LINE], id="a line above the hunk"),
        pytest.param(on(15), [LINE], id="a line between hunks"),
        pytest.param(on(400), [LINE], id="a line that the file has not"),
        pytest.param(on(36, side="LEFT"), None, id="leaves alone: a context line of the old side"),
        pytest.param(on(30, start_line=6), [LINE], id="lines of two hunks"),
        pytest.param(
            on(6, start_line=6), ["start line must precede the end line."], id="a range of one line"
        ),
        pytest.param(on(5, "none.py"), [PATH], id="a file that was not changed"),
        pytest.param({"path": "a.py", "body": "Hm."}, [LINE], id="no line at all"),
    ],
)
def test_one_bad_comment_costs_the_whole_review_and_is_not_named(pull, draft, errors):
    reply = review(pull, on(5), draft, body="Two things.")
    if errors is None:
        assert reply.status == 200
        return
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


def comment(pull, body):
    given = {"commit_id": pull.head_sha, "body": "Hm."} | body
    return ask(pull.repository.server, "POST", f"{HOME}/pulls/1/comments", given)


def test_a_single_comment_makes_a_review_of_its_own(pull):
    made = comment(pull, on(6, start_line=5)).body
    assert (made["line"], made["start_line"], made["position"], made["diff_hunk"].endswith("\n line 6")) == (
        6,
        5,
        6,
        True,
    )
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


# Issue comments


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


# Checks


def check(server, sha, *, token="t", **body):
    return ask(
        server, "POST", f"{HOME}/check-runs", {"name": "reviewbot", "head_sha": sha, **body}, token=token
    )


def annotation(**more):
    return {
        "path": "a.py",
        "start_line": 1,
        "end_line": 1,
        "annotation_level": "notice",
        "message": "Hm.",
        **more,
    }


def test_a_conclusion_completes_a_check(server, repo, pull):
    made = check(server, pull.head_sha, status="in_progress").body
    done = ask(server, "PATCH", f"{HOME}/check-runs/{made['id']}", {"conclusion": "failure"}).body
    assert (made["status"], made["conclusion"], done["status"], done["conclusion"]) == (
        "in_progress", None, "completed", "failure",
    )  # fmt: skip
    assert done["app"]["slug"] == "github-actions"


def test_annotations_are_appended(server, repo, pull):
    output = {"title": "t", "summary": "s", "annotations": [annotation()] * 50}
    made = check(server, pull.head_sha, output=output).body
    for _ in range(2):
        ask(server, "PATCH", f"{HOME}/check-runs/{made['id']}", {"output": {"title": "u", **output}})
    assert len(repo.checks[0].annotations) == 150
    page = ask(server, "GET", f"{HOME}/check-runs/{made['id']}/annotations?per_page=100&page=2")
    assert len(page.body) == 50


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"status": "completed"}, id="completed, with what?"),
        pytest.param({"head_sha": "1" * 40}, id="of a commit that is not there"),
        pytest.param({"conclusion": "stale"}, id="only GitHub says stale"),
        pytest.param({"output": {"title": "t", "summary": "s", "annotations": [annotation(title="x" * 256)]}}, id="a long title"),
        pytest.param({"output": {"title": "t", "summary": "s", "annotations": [annotation(message="x" * 65_537)]}}, id="a long message"),
    ],
)  # fmt: skip
def test_a_check_is_refused(server, repo, pull, body):
    assert (
        check(
            server,
            **{"sha": pull.head_sha} | ({} if "head_sha" not in body else {"sha": body.pop("head_sha")}),
            **body,
        ).status
        == 422
    )
    assert repo.checks == []


@pytest.mark.parametrize(
    "output",
    [
        pytest.param({"annotations": [annotation()] * 51}, id="annotations"),
        pytest.param({"summary": "x" * 65_536}, id="summary"),
        pytest.param({"text": "x" * 65_536}, id="text"),
    ],
)
def test_too_much_for_a_check_is_known_from_the_description(server, repo, pull, output):
    assert check(server, pull.head_sha, output={"title": "t", "summary": "s"} | output).status == 422
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


# Tokens


@pytest.mark.parametrize(
    ("permissions", "method", "path", "body", "allowed"),
    [
        ({"pull_requests": "read"}, "POST", "issues/1/comments", {"body": "Hm."}, False),
        ({"issues": "write"}, "POST", "issues/1/comments", {"body": "Hm."}, False),
        ({"pull_requests": "write"}, "POST", "issues/1/comments", {"body": "Hm."}, True),
        ({"pull_requests": "read"}, "POST", "pulls/1/reviews", {"event": "COMMENT", "body": "Hm."}, False),
        ({"pull_requests": "write"}, "POST", "check-runs", {"name": "n", "head_sha": "0" * 40}, False),
        ({}, "GET", "pulls/1", None, True),
        ({}, "GET", "contents/a.py", None, True),
    ],
)
def test_a_token_may_what_it_was_given(server, pull, permissions, method, path, body, allowed):
    server.token("few", permissions=permissions)
    reply = ask(server, method, f"{HOME}/{path}", body, token="few")
    if allowed:
        assert reply.status < 300
    else:
        assert (reply.status, reply.message) == (403, "Resource not accessible by integration")
        assert reply.headers["X-Accepted-GitHub-Permissions"].endswith("=write")


def test_a_private_repository_is_not_there_for_others(server):
    server.repository("octo/secret", private=True).commit("main", {"a.py": "a\n"})
    server.token("person", login="someone")
    server.token("app", permissions={"pull_requests": "read"})
    path = "/repos/octo/secret/contents/a.py"
    assert [ask(server, "GET", path, token=token).status for token in ("person", None, "app")] == [
        404,
        404,
        403,
    ]


@pytest.mark.parametrize(
    ("token", "headers", "method", "body", "status"),
    [
        pytest.param("none", {}, "GET", None, 401, id="an unknown token"),
        pytest.param(None, {}, "GET", None, 200, id="leaves alone: no token, to read"),
        pytest.param(None, {}, "POST", {"body": "Hm."}, 401, id="no token, to write"),
        pytest.param("t", {"User_Agent": ""}, "GET", None, 403, id="no user agent"),
        pytest.param("t", {}, "POST", "{", 400, id="broken JSON"),
    ],
)
def test_a_request_is_refused_before_it_is_looked_at(server, pull, token, headers, method, body, status):
    assert ask(server, method, f"{HOME}/issues/1/comments", body, token=token, **headers).status == status


def test_a_job_cannot_ask_who_it_is(server, repo):
    server.token("person", login="octocat")
    assert ask(server, "GET", "/user").status == 403
    assert ask(server, "GET", "/user", token="person").body["login"] == "octocat"


@pytest.mark.parametrize(
    ("login", "permission"),
    [("octo", "admin"), ("maintainer", "write"), ("triager", "read"), ("stranger", "read"), ("nobody", None)],
)
def test_permission_is_told_in_old_names(server, repo, login, permission):
    repo.grant("maintainer", "maintain")
    repo.grant("triager", "triage")
    server.user("stranger")
    reply = ask(server, "GET", f"{HOME}/collaborators/{login}/permission")
    assert (reply.body.get("permission"), reply.status) == (permission, 200 if permission else 404)


# GraphQL

THREADS = """query ($first: Int) { repository(owner: "octo", name: "shop") { pullRequest(number: 1) {
  reviewThreads(first: $first) { nodes { id isOutdated isResolved line viewerCanResolve comments(first: 1) {
    nodes { author { __typename login } body viewerDidAuthor } } } pageInfo { hasNextPage endCursor } } } } }"""
OF_PULL = '{ repository(owner: "octo", name: "shop") { pullRequest(number: 1)'
RESOLVE = "mutation ($id: ID!) { resolveReviewThread(input: {threadId: $id}) { thread { isResolved } } }"


def threads(server, **variables):
    found = query(server, THREADS, **{"first": 100} | variables)
    return found["data"]["repository"]["pullRequest"]["reviewThreads"]["nodes"]


def test_graphql_knows_who_is_asking_and_writes_bots_without_brackets(server, pull):
    review(pull, on(5))
    assert query(server, "{ viewer { login } }")["data"]["viewer"]["login"] == "github-actions[bot]"
    (comment,) = threads(server)[0]["comments"]["nodes"]
    assert comment["author"] == {"__typename": "Bot", "login": "github-actions"}
    assert comment["viewerDidAuthor"] is True


def test_a_thread_is_outdated_by_a_push(server, repo, pull):
    review(pull, on(5))
    assert [(it["isOutdated"], it["line"]) for it in threads(server)] == [(False, 5)]
    repo.commit("topic", {"a.py": "all new\n"})
    assert [(it["isOutdated"], it["line"]) for it in threads(server)] == [(True, None)]


def test_a_token_that_only_comments_cannot_resolve(server, pull):
    review(pull, on(5))
    (thread,) = threads(server)
    answer = query(server, RESOLVE, id=thread["id"])
    assert (answer["data"], answer["errors"][0]["type"]) == ({"resolveReviewThread": None}, "FORBIDDEN")
    assert (thread["viewerCanResolve"], pull.threads[0].resolved_by) == (False, None)


def test_a_token_that_writes_contents_resolves(server, pull):
    review(pull, on(5))
    server.token("app", permissions={"contents": "write", "pull_requests": "write"})
    query(server, RESOLVE, token="app", id=threads(server)[0]["id"])
    assert threads(server)[0]["isResolved"] is True


@pytest.mark.parametrize(
    ("first", "kind"),
    [(None, "MISSING_PAGINATION_BOUNDARIES"), (101, "EXCESSIVE_PAGINATION"), (100, None)],
)
def test_a_connection_wants_bounds(server, pull, first, kind):
    assert query(server, THREADS, first=first).get("errors", [{"type": None}])[0]["type"] == kind


def test_graphql_reads_files_by_expression_and_by_path(server, repo):
    sha = repo.commit("main", {"b": b"\0", "run.sh": executable("true\n"), "lib": submodule("1" * 40)})
    blob = "... on Blob { text isBinary byteSize isTruncated }"
    found = query(
        server,
        f"""query ($id: GitObjectID!, $e: String!) {{ repository(owner: "octo", name: "shop") {{
        text: object(expression: $e) {{ {blob} }} binary: object(expression: "main:b") {{ {blob} }}
        none: object(expression: "main:none") {{ {blob} }}
        commit: object(oid: $id) {{ ... on Commit {{ run: file(path: "run.sh") {{ mode type object {{ {blob} }} }}
        lib: file(path: "lib") {{ mode type object {{ id }} }} none: file(path: "none") {{ mode }} }} }} }} }}""",
        id=sha,
        e=f"{sha}:a.py",
    )["data"]["repository"]
    assert (found["text"]["text"], found["binary"]["isBinary"], found["none"]) == (BASE, True, None)
    assert (found["commit"]["run"]["mode"], found["commit"]["run"]["object"]["text"]) == (0o100755, "true\n")
    assert (found["commit"]["lib"], found["commit"]["none"]) == (
        {"mode": 0o160000, "type": "commit", "object": None},
        None,
    )


def test_graphql_tells_who_put_a_label_on(server, pull):
    pull.label("override", login="maintainer")
    items = "timelineItems(first: 10, itemTypes: [LABELED_EVENT])"
    text = f"{OF_PULL} {{ {items} {{ nodes {{ ... on LabeledEvent {{ actor {{ login }} label {{ name }} }} }} }} }} }} }}"
    (event,) = query(server, text)["data"]["repository"]["pullRequest"]["timelineItems"]["nodes"]
    assert event == {"actor": {"login": "maintainer"}, "label": {"name": "override"}}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{ viewer { name_of_none } }", id="a field that GitHub has not"),
        pytest.param("{ viewer {", id="no document"),
        pytest.param(f"{OF_PULL} {{ lastEditedAt }} }} }}", id="a field that only GitHub has"),
    ],
)  # fmt: skip
def test_a_document_that_would_not_do_is_a_violation(server, pull, text):
    assert "errors" in query(server, text)
    assert server.violations
    server.violations.clear()


# Limits


class Clock:
    now = 1_790_000_000

    def __call__(self):
        return self.now


def test_the_same_again_is_304_and_free(server, repo):
    first = ask(server, "GET", HOME)
    again = ask(server, "GET", HOME, If_None_Match=first.headers["ETag"])
    assert (again.status, again.headers["X-RateLimit-Remaining"]) == (
        304,
        first.headers["X-RateLimit-Remaining"],
    )
    repo.private = True
    assert ask(server, "GET", HOME, If_None_Match=first.headers["ETag"]).status == 200


def test_an_hour_has_so_many_requests(server, pull):
    server.limits.remaining = 1
    assert ask(server, "GET", HOME).headers["X-RateLimit-Remaining"] == "0"
    refused = ask(server, "GET", HOME)
    assert (refused.status, refused.headers["X-RateLimit-Remaining"]) == (403, "0")
    assert query(server, "{ viewer { login } }")["errors"][0]["type"] == "RATE_LIMIT"
    assert ask(server, "GET", "/rate_limit").status == 200


def test_a_minute_has_so_much_new_content():
    clock = Clock()
    with GitHubServer(clock=clock) as server:
        repo = server.repository("octo/shop")
        repo.commit("main", {"a.py": BASE})
        repo.commit("topic", {"a.py": HEAD})
        pull = repo.pull("topic")
        server.token("t", permissions={"pull_requests": "write"})
        said = [ask(server, "POST", f"{HOME}/issues/1/comments", {"body": "Hm."}) for _ in range(81)]
        assert [reply.status for reply in said] == [201] * 80 + [403]
        assert (said[-1].headers["Retry-After"], "secondary rate limit" in said[-1].message) == ("60", True)
        clock.now += 60
        assert ask(server, "POST", f"{HOME}/issues/1/comments", {"body": "Hm."}).status == 201
        assert len(pull.issue_comments) == 81


# Faults and the log


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
        (
            "POST",
            "pulls/1/reviews",
            {"comments": [on(5, subject_type="line")]},
            "'subject_type' was unexpected",
        ),
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


# Events


@pytest.mark.parametrize("action", ["opened", "synchronize", "labeled"])
@pytest.mark.parametrize("name", ["pull_request", "pull_request_target"])
def test_a_pull_request_event_speaks_of_ours(server, repo, pull, name, action):
    old = pull.head_sha
    repo.commit("topic", {"b.py": "b\n"})
    event = server.event(name, pull, action=action, label="override")
    assert (event["action"], event["number"], event["pull_request"]["head"]["sha"]) == (
        action,
        1,
        pull.head_sha,
    )
    assert (
        event["repository"]["full_name"] == event["pull_request"]["base"]["repo"]["full_name"] == "octo/shop"
    )
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
    assert (queued["head_sha"], queued["head_ref"].startswith("refs/heads/gh-readonly-queue/main/pr-1-")) == (
        "1" * 40,
        True,
    )
    assert server.event("workflow_dispatch", pull, inputs={"number": "1"})["inputs"] == {"number": "1"}


# The descriptions, and a client that people use


def test_the_extracts_are_whole():
    for methods in contract.described()["paths"].values():
        for operation in methods.values():
            for schema in (operation["body"], *operation["answers"].values()):
                Draft202012Validator.check_schema(schema or {})
    assert graph.answer


def test_pygithub_reviews_a_pull_request(server, repo, pull):
    client = github.Github(
        auth=github.Auth.Token("t"), base_url=server.api_url, lazy=True, per_page=100,
        seconds_between_requests=0, seconds_between_writes=0, api_version="2022-11-28",
    )  # fmt: skip
    there = client.get_repo("octo/shop")
    seen = there.get_pull(1)
    assert [(file.filename, file.status) for file in seen.get_files()] == [("a.py", "modified")]
    assert there.get_contents("a.py", ref=seen.head.sha).decoded_content.decode() == HEAD
    comments = [
        {"path": "a.py", "line": 6, "side": "RIGHT", "start_line": 5, "start_side": "RIGHT", "body": "Hm."}
    ]
    seen.create_review(there.get_commit(seen.head.sha), "One thing.", event="COMMENT", comments=comments)
    seen.create_issue_comment("Summary.").edit("Better summary.")
    run = there.create_check_run("reviewbot", seen.head.sha, status="in_progress", external_id="1/2")
    run.edit(conclusion="success", output={"title": "t", "summary": "s", "annotations": [annotation()]})
    assert client.requester.graphql_query("{ viewer { login } }", {})[1]["data"]["viewer"]["login"].endswith(
        "[bot]"
    )
    assert there.get_collaborator_permission("octo") == "admin"
    client.close()
    assert [comment.body for comment in pull.comments] == ["Hm."]
    assert [comment.body for comment in pull.issue_comments] == ["Better summary."]
    assert (repo.checks[0].conclusion, len(repo.checks[0].annotations)) == ("success", 1)
