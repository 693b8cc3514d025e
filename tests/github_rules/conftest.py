"""A server with one pull request, and what every test of it asserts at the end."""

import re

import pytest
from github_server import GitHubServer, contract
from rules_client import BASE, HEAD

#: What GitHub answers otherwise than it describes: a comment on a file, or outdated, has no line; a fork may be gone.
UNDESCRIBED = re.compile(
    r"comments .*\['(original_)?(line|position)'\]: None is not|\['head'\]\['repo'\]: None is not"
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
