"""Files of a commit, with GraphQL and without."""

import pytest
from github_server import submodule, symlink

from reviewbot.github import blobs
from reviewbot.github.blobs import Place
from reviewbot.github.client import GitHubError


@pytest.fixture
def head(repo):
    return repo.commit("main", {"a b/ü.py": "x = 1\n", "logo.png": b"\0\1", "dir/in.py": "y = 2\n"})


def found(client, head, *paths):
    return {
        path: entry.data
        for (_, path), entry in blobs.entries(client, [Place(head, p, content=True) for p in paths]).items()
    }


PATHS = ("a b/ü.py", "logo.png", "dir", "dir/in.py", "nope.py")


@pytest.mark.parametrize("status", [400, 404, 500])
def test_without_graphql_each_file_is_read_by_itself(server, client, head, status):
    server.fault("POST", "graphql", status, times=50)
    assert found(client, head, *PATHS) == {
        "a b/ü.py": b"x = 1\n",
        "logo.png": b"\0\1",
        "dir/in.py": b"y = 2\n",
    }


def test_graphql_that_answers_something_else_is_none(server, client, head):
    server.fault("POST", "graphql", 200, body={"data": {"viewer": None}}, times=50)
    assert found(client, head, "dir/in.py") == {"dir/in.py": b"y = 2\n"}
    assert len(server.asked("POST")) == 1


def test_without_graphql_links_and_submodules_are_known(server, client, repo):
    head = repo.commit("main", {"a.py": "x\n", "link": symlink("/etc/passwd"), "sub": submodule("1" * 40)})
    server.fault("POST", "graphql", 404, times=50)
    places = [Place(head, path, content=True) for path in ("a.py", "link", "sub")]
    entries = blobs.entries(client, places)
    assert [entries[head, place.path].mode for place in places] == ["100644", "120000", "160000"]


def test_without_graphql_only_content_is_asked_for(server, client, head):
    server.fault("POST", "graphql", 404, times=50)
    assert blobs.entries(client, [Place(head, "dir/in.py")]) == {}
    assert server.asked("GET") == []


def test_with_graphql_one_request_reads_all(server, client, head):
    text = found(client, head, *PATHS)
    assert (text["a b/ü.py"], text["dir/in.py"]) == (b"x = 1\n", b"y = 2\n")
    assert len(server.requests) == 1


@pytest.mark.parametrize("broken", [True, False])
def test_an_unknown_commit_is_an_error_and_not_an_absent_file(server, client, head, broken):
    """An absent file means defaults; a commit that cannot be read must not."""
    if broken:
        server.fault("POST", "graphql", 404, times=50)
    with pytest.raises(GitHubError):
        found(client, "0" * 39 + "1", "a.py")


def test_a_token_that_may_not_is_not_asked_again_for_each_file(server, client, head):
    server.fault("POST", "graphql", 403, times=50)
    with pytest.raises(GitHubError):
        found(client, head, *PATHS)
    assert server.asked("GET") == []
