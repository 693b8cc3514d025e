"""The stand-in for GitHub: what a test sends must be what GitHub describes."""

from contextlib import closing

import posted
import pytest
from github_server import GitHubServer

from reviewbot.github.client import Client

#: What the action's job may do.
JOB = {"contents": "read", "pull_requests": "write", "checks": "write"}


@pytest.fixture
def hub():
    with GitHubServer(clock=posted.Clock()) as running:
        made = posted.started(running)
        yield made
        made.client.close()
        assert running.violations == []


@pytest.fixture
def repo(server):
    return server.repository("octo/shop")


@pytest.fixture
def client(server, repo):
    token = server.token("token-of-the-job", permissions=JOB)
    with closing(Client(token=token, api_url=server.api_url, repository=repo.full_name, pause=False)) as made:
        yield made
