"""What no test may do by accident: reach the network, spend a real key, read the settings of the machine."""

import fnmatch
import ipaddress
import os
import sys

import pytest
from hypothesis import settings

# A slow machine is not a bug, and a failure must be the same failure on the next run.
settings.register_profile("reviewbot", deadline=None, derandomize=True)
settings.load_profile("reviewbot")

#: Variables that change what reviewbot, an SDK, git or a terminal library does.
AMBIENT = (
    "*_API_KEY", "*_BASE_URL", "*_PROXY", "*_proxy", "*_TOKEN", "AWS_*", "CI", "COLORTERM", "FORCE_COLOR",
    "GITHUB_*", "GIT_*", "GOOGLE_*", "REVIEWBOT_*", "RUNNER_*", "TERM", "XDG_*",
)  # fmt: skip

FIXED = {
    "AWS_EC2_METADATA_DISABLED": "true",
    "COLUMNS": "100",
    "GIT_AUTHOR_EMAIL": "author@example.com",
    "GIT_AUTHOR_NAME": "Author",
    "GIT_COMMITTER_EMAIL": "author@example.com",
    "GIT_COMMITTER_NAME": "Author",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "NO_COLOR": "1",
}


def _local(host):
    if host in {None, "", b"", "localhost", b"localhost"}:
        return True
    try:
        return ipaddress.ip_address(host if isinstance(host, str) else host.decode()).is_loopback
    except ValueError:
        return False


def _stay_home(event, args):
    """Refuse every address that is not of this machine, before a packet leaves.

    `pytest.fail` raises outside the tree of `Exception`: no SDK can turn it into a connection error that a
    test then takes for the failure it wanted to see.
    """
    if event == "socket.getaddrinfo":
        host = args[0]
    elif event == "socket.connect" and isinstance(args[1], tuple):  # a path, for a Unix socket, is local
        host = args[1][0]
    else:
        return
    if not _local(host):
        pytest.fail(f"the test tried to reach {host!r}; pass in a stand-in on 127.0.0.1 or replay a cassette")


# An audit hook sees what C code does too, in every thread, and cannot be undone by a test.
sys.addaudithook(_stay_home)


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(autouse=True)
def _no_ambient_settings(monkeypatch, empty_home):
    for name in list(os.environ):
        if any(fnmatch.fnmatchcase(name, pattern) for pattern in AMBIENT):
            monkeypatch.delenv(name)
    for name, value in {**FIXED, "HOME": str(empty_home), "USERPROFILE": str(empty_home)}.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def server():
    """A stand-in for GitHub that has nothing to object to at the end."""
    from github_server import GitHubServer  # noqa: PLC0415 - few tests need it

    with GitHubServer() as running:
        yield running
        assert running.violations == []


@pytest.fixture
def models():
    """Models of three vendors, which find nothing unless told otherwise."""
    from model_servers import Models  # noqa: PLC0415 - likewise

    with Models() as running:
        yield running


@pytest.fixture
def repo(server):
    """A repository on it, with one file."""
    made = server.repository("octo/shop")
    made.commit("main", {"README.md": "# Shop\n"})
    return made


@pytest.fixture
def job(server, repo, models, tmp_path, monkeypatch):
    """Runs the action for an event of that repository."""
    from action_runs import Job  # noqa: PLC0415 - likewise

    return Job(server, repo, tmp_path, monkeypatch, models.environ)
