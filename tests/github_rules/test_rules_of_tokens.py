"""GitHub and who is asking: what a token may, and how often."""

import pytest
from github_server import GitHubServer
from rules_client import BASE, HEAD, HOME, ask, query


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
