"""Who may tell us what to do is GitHub's to say."""

import pytest

from reviewbot.github import people
from reviewbot.github.client import GitHubError


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
