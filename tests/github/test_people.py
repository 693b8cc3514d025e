"""Who may tell us what to do is GitHub's to say."""

from contextlib import closing

import pytest

from reviewbot.github import people
from reviewbot.github.client import Client, GitHubError


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        pytest.param("admin", True, id="admin"),
        pytest.param("maintain", True, id="maintain"),
        pytest.param("write", True, id="write"),
        pytest.param("triage", False, id="triage"),
        pytest.param("read", False, id="read"),
    ],
)
def test_may_write(client, repo, role, expected):
    repo.grant("mona", role)
    assert people.may_write(client, "mona") is expected
    assert client.calls == 1


@pytest.mark.parametrize("login", ["nobody", "a/../b", "dependabot[bot]", "x?y#z"])
def test_a_stranger_may_not(client, login):
    assert not people.may_write(client, login)


def test_an_error_is_no_answer(server, client, repo):
    repo.grant("mona", "admin")
    server.fault("GET", "/permission", 500, times=100)
    with pytest.raises(GitHubError, match="500"):
        people.may_write(client, "mona")


@pytest.mark.parametrize(
    ("state", "permissions", "expected"),
    [
        pytest.param("active", {"members": "read"}, True, id="a member"),
        pytest.param("pending", {"members": "read"}, False, id="one who was only invited"),
        pytest.param(None, {"members": "read"}, False, id="another"),
        pytest.param("active", {}, None, id="a token that may not know"),
    ],
)
def test_in_a_team(server, repo, state, permissions, expected):
    server.teams["octo/core"] = {"mona": state} if state else {}
    token = server.token("of-an-app", permissions=permissions)
    with closing(
        Client(token=token, api_url=server.api_url, repository=repo.full_name, pause=False)
    ) as client:
        assert people.in_team(client, "octo/core", "mona") is expected
