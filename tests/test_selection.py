"""A pull request on the command line: read from GitHub, judged by its base, and nothing is written there."""

import json

import pytest
from github_server import GitHubServer

from reviewbot import cli
from reviewbot.errors import Exit

BAD = "import hashlib\n\n\ndef digest(password):\n    return hashlib.md5(password.encode()).hexdigest()\n"
LOGIN = "app/auth/login.py"
OFFLINE = "panel: offline\n"


@pytest.fixture(scope="module")
def server():
    with GitHubServer() as running:
        repo = running.repository("octo/shop")
        repo.commit("main", {".reviewbot.yml": OFFLINE, "other.yml": OFFLINE + "gate: {mode: report}\n"})
        # The change would switch the gate off, if it were asked.
        repo.commit("topic", {LOGIN: BAD, ".reviewbot.yml": "gate: {mode: 'off'}\n"}, start="main")
        repo.pull("topic")
        running.repository("octo/hidden", private=True).commit("main", {"a": "1\n"})
        yield running
        assert running.violations == []


@pytest.fixture
def run(server, tmp_path, monkeypatch, capsysbinary):
    """Run a command outside of any repository: exit status, stdout, stderr. The token may write everything."""
    rights = {"contents": "write", "pull_requests": "write", "checks": "write"}
    monkeypatch.chdir(tmp_path)
    usual = {
        "GITHUB_TOKEN": server.token("token-of-a-person", permissions=rights),
        "GITHUB_API_URL": server.api_url,
    }

    def command(*arguments, **environ):
        for name, value in {**usual, **environ}.items():
            monkeypatch.setenv(name, value)
        before = server.state()
        status = cli.main(arguments)
        assert server.state() == before
        captured = capsysbinary.readouterr()
        return status, captured.out.decode(), captured.err.decode()

    return command


def test_it_is_reviewed_by_the_configuration_at_base(run):
    status, out, _ = run("review", "--pr", "octo/shop#1", "--format", "json")
    report = json.loads(out)
    assert status == Exit.BLOCKED
    assert (report["change"]["repository"], report["change"]["number"]) == ("octo/shop", 1)
    assert [f["path"] for f in report["findings"] if f["state"] == "confirmed"] == [LOGIN]


@pytest.mark.parametrize("form", ["text", "markdown", "sarif", "rdjson", "gitlab", "html"])
def test_every_format_is_there(run, form):
    status, out, _ = run("review", "--pr", "octo/shop#1", "--format", form)
    assert status == Exit.BLOCKED
    assert LOGIN in out.replace("\\", "")


def test_another_configuration_is_read_at_base_too(run):
    assert run("review", "--pr", "octo/shop#1", "--config", "other.yml")[0] == Exit.PASSED
    status, _, err = run("review", "--pr", "octo/shop#1", "--config", "none.yml")
    assert (status, "none.yml does not exist at the base commit" in err) == (Exit.USAGE, True)


def test_it_can_be_planned(run):
    status, out, _ = run("plan", "--pr", "octo/shop#1")
    assert status == Exit.PASSED
    assert LOGIN in out


@pytest.mark.parametrize(
    "name", ["", "1", "#1", "octo/shop", "octo/shop#0", "octo/shop#x", "a/b/c#1", "o/s#1\n", "o/s#१"]
)
def test_what_is_no_pull_request(run, name):
    status, _, err = run("review", "--pr", name)
    assert status == Exit.USAGE
    assert "write OWNER/REPO#NUMBER" in err


@pytest.mark.parametrize(
    ("name", "environ", "status", "said"),
    [
        pytest.param("octo/shop#9", {}, Exit.SOURCE, "404", id="a number that is none"),
        pytest.param("octo/none#1", {}, Exit.SOURCE, "404", id="a repository that is none"),
        pytest.param("octo/hidden#1", {}, Exit.SOURCE, "may the token see it", id="one that the token cannot see"),
        pytest.param("octo/shop#1", {"GITHUB_TOKEN": ""}, Exit.USAGE, "set GITHUB_TOKEN", id="no token"),
        pytest.param("octo/shop#1", {"GITHUB_TOKEN": "expired"}, Exit.SOURCE, "401", id="a token that is none"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_one_sentence(run, name, environ, status, said):
    ended, out, err = run("review", "--pr", name, **environ)
    assert (ended, out, err.count("\n")) == (status, "", 1)
    assert said in err


def test_the_other_token_is_read_too(run):
    token = "token-of-a-person"
    status, _, _ = run("review", "--pr", "octo/shop#1", GITHUB_TOKEN="", GH_TOKEN=token)
    assert status == Exit.BLOCKED


def test_a_change_with_files_that_github_does_not_list_does_not_pass(server, run):
    repo = server.repository("octo/large")
    repo.commit("main", {".reviewbot.yml": OFFLINE})
    repo.commit("topic", {"a.py": "a = 1\n", "b.py": "b = 1\n"}, start="main")
    repo.pull("topic")
    repo.listing_cap = 1
    assert run("review", "--pr", "octo/large#1")[0] == Exit.INCONCLUSIVE
