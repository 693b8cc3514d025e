"""Reads are sent again, writes are not sent twice, no wait is without a limit, and no failure tells the token."""

import itertools
import traceback
from contextlib import closing

import pytest
import requests

from reviewbot.errors import Exit, UsageError
from reviewbot.github.client import AT_ONCE, Client, GitHubError, ReadOnlyError, breaks
from reviewbot.github.patience import MAX_WAIT

TOKEN = "token-of-the-job"


@pytest.fixture
def opened(repo):
    """A pull request to read, and to comment on."""
    repo.commit("main", {"a.py": "a = 1\n"})
    repo.commit("topic", {"a.py": "a = 2\n"})
    return repo.pull("topic")


def read(client):
    return client.get("/pulls/1")["number"]


def write(client):
    return client.send("POST", "/issues/1/comments", {"body": "x"})["body"]


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"status": 500}, id="server error"),
        pytest.param({"status": 502}, id="bad gateway"),
        pytest.param({"status": 503, "retry_after": 0}, id="not available"),
        pytest.param({"status": 403}, id="secondary limit"),
        pytest.param({"status": 429}, id="secondary limit, the other status"),
        pytest.param({"status": 403, "retry_after": 0}, id="secondary limit that says how long"),
        pytest.param({"status": 0}, id="a connection that broke off"),
    ],
)
def test_a_read_is_sent_again(server, client, opened, fault):
    server.fault("GET", "/pulls/1$", times=2, **fault)
    assert read(client) == 1
    assert client.calls == len(server.requests) == 3


@pytest.mark.parametrize(
    ("status", "calls"),
    [
        pytest.param(500, 6, id="server error"),
        pytest.param(403, 3, id="secondary limit"),
        pytest.param(429, 3, id="secondary limit, the other status"),
        pytest.param(0, 6, id="a connection that broke off"),
    ],
)
def test_a_read_is_given_up_at_last(server, client, opened, status, calls):
    server.fault("GET", "/pulls/1$", status, times=100)
    with pytest.raises(GitHubError) as caught:
        read(client)
    assert caught.value.status == status
    assert ("rate limit" in str(caught.value)) == (status in (403, 429))
    assert len(server.requests) == client.calls == calls


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"status": 500}, id="server error"),
        pytest.param({"status": 502, "after_write": True}, id="an answer that was lost"),
        pytest.param({"status": 503, "retry_after": 0}, id="server error that says how long"),
        pytest.param({"status": 0}, id="a connection that broke off"),
        pytest.param({"status": 0, "after_write": True}, id="a connection that broke off after it"),
        pytest.param({"status": 422}, id="rejected"),
    ],
)
def test_a_write_is_not_sent_again(server, client, opened, fault):
    server.fault("POST", "/comments$", **fault)
    with pytest.raises(GitHubError) as caught:
        write(client)
    assert caught.value.status == fault["status"]
    assert client.calls == len(server.requests) == 1


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"status": 403}, id="secondary limit"),
        pytest.param({"status": 403, "retry_after": 0}, id="secondary limit that says how long"),
        pytest.param({"status": 429}, id="secondary limit, the other status"),
        pytest.param({"status": 429, "retry_after": 0}, id="the other status, says how long"),
    ],
)
@pytest.mark.parametrize(("verb", "path"), [("POST", "/issues/1/comments"), ("PATCH", "/issues/comments/{}")])
def test_a_write_that_was_not_done_is_sent_again(server, client, opened, fault, verb, path):
    comment = client.send("POST", "/issues/1/comments", {"body": "x"})["id"]
    server.fault(verb, "/comments", **fault)
    assert client.send(verb, path.format(comment), {"body": "y"})["body"] == "y"
    assert client.calls == len(server.requests) == 3


@pytest.mark.parametrize("do", [pytest.param(read, id="read"), pytest.param(write, id="write")])
@pytest.mark.parametrize("status", [403, 429])
def test_a_long_wait_is_not_waited_for(server, client, opened, do, status):
    server.fault("GET" if do is read else "POST", "/", status, retry_after=MAX_WAIT + 1)
    with pytest.raises(GitHubError, match=rf"rate limit .* {MAX_WAIT + 1} seconds") as caught:
        do(client)
    assert caught.value.status == status
    assert client.calls == 1


def test_the_hourly_limit_is_not_waited_for(server, client, opened):
    server.limits.remaining = 0
    with pytest.raises(GitHubError, match=r"rate limit .* 3[56]\d\d seconds"):
        read(client)
    assert client.calls == 1


def test_pages_are_followed_to_the_last(server, client, opened):
    for _ in range(3):
        write(client)
    assert len(client.pages("/issues/1/comments", limit=100)) == 3
    assert len(server.asked("GET")) == 1


def test_pages_have_a_limit(server, client, repo, opened):
    repo.commit("topic", {f"{n}.py": "x\n" for n in range(250)})
    assert len(client.pages("/pulls/1/files", limit=200)) == 200
    assert len(client.pages("/pulls/1/files", limit=1_000)) == 251
    assert [asked.query["page"] for asked in server.asked("GET")] == ["1", "2", "1", "2", "3"]


def test_pages_must_be_a_list(server, client, opened):
    server.fault("GET", "/files$", 200, message="Hello")
    with pytest.raises(GitHubError, match="not a list"):
        client.pages("/pulls/1/files", limit=1)


REPOSITORY = "query ($n: String!) { repository(owner: $n, name: $n) { id } }"


def test_what_graphql_does_not_find_is_none(client):
    assert client.graphql(REPOSITORY, {"n": "none"}) == {"repository": None}


def test_what_graphql_forbids_is_an_error(server, client, repo):
    repo.commit("main", {"a": "1\n"})
    repo.private = True
    token = server.token("token-of-little", permissions={"issues": "read"})
    query = '{ repository(owner: "octo", name: "shop") { object(expression: "main") { oid } } }'
    with (
        closing(Client(token=token, api_url=server.api_url, repository="octo/shop", pause=False)) as other,
        pytest.raises(ReadOnlyError, match="not accessible"),
    ):
        other.graphql(query, {})


def test_few_writes_wait_for_nothing_and_many_stay_below_the_limit_of_a_minute():
    waits = list(itertools.islice(breaks(), 100))
    begun = list(itertools.accumulate(waits))
    assert begun[:AT_ONCE] == [0.0] * AT_ONCE
    assert sum(at < 60 for at in begun) <= 80


def test_a_graphql_write_is_not_sent_again(server, client):
    server.fault("POST", "/graphql", 502, times=1)
    with pytest.raises(GitHubError):
        client.graphql(REPOSITORY, {"n": "none"}, write=True)
    server.fault("POST", "/graphql", 502, times=1)
    assert client.graphql(REPOSITORY, {"n": "none"}) == {"repository": None}


@pytest.mark.parametrize(
    "message", ["Resource not accessible by integration", "You must authenticate via a GitHub App."]
)
def test_a_token_that_may_not_is_told_from_a_refusal(server, client, opened, message):
    server.fault("POST", "/comments", 403, message=message)
    with pytest.raises(ReadOnlyError) as caught:
        write(client)
    assert message.split(".")[0] in str(caught.value)
    assert client.calls == 1


def test_a_read_only_token_names_the_permission(server, opened):
    token = server.token("token-of-a-fork", permissions={"contents": "read", "pull_requests": "read"})
    with (
        closing(Client(token=token, api_url=server.api_url, repository="octo/shop", pause=False)) as fork,
        pytest.raises(ReadOnlyError, match=r"it needs .*pull_requests=write"),
    ):
        write(fork)


def test_another_403_is_a_refusal(server, client, opened):
    server.fault("POST", "/comments", 403, message="Repository was archived so is read-only.")
    with pytest.raises(GitHubError, match="archived") as caught:
        write(client)
    assert not isinstance(caught.value, ReadOnlyError)


def test_a_wrong_token(server, repo):
    with (
        closing(
            Client(token="token-of-nobody", api_url=server.api_url, repository="octo/shop", pause=False)
        ) as wrong,
        pytest.raises(GitHubError, match="does not know the token") as caught,
    ):
        read(wrong)
    assert caught.value.status == 401


def test_what_is_rejected_says_why(client, opened):
    comment = {"path": "a.py", "line": 99, "side": "RIGHT", "body": "x"}
    review = {"event": "COMMENT", "body": "x", "commit_id": opened.head_sha, "comments": [comment]}
    with pytest.raises(GitHubError, match=r"422 .* Line could not be resolved") as caught:
        client.send("POST", "/pulls/1/reviews", review)
    assert caught.value.status == 422


def test_nobody_there(server, opened):
    api_url = server.api_url
    server.stop()
    with (
        closing(Client(token=TOKEN, api_url=api_url, repository="octo/shop", pause=False)) as lonely,
        pytest.raises(GitHubError, match=r"127\.0\.0\.1:\d+ cannot be reached") as caught,
    ):
        read(lonely)
    assert caught.value.status == 0


@pytest.mark.parametrize(
    ("error", "words"),
    [
        pytest.param(AssertionError("evil.example"), "not one of GitHub's API", id="an address of another host"),
        pytest.param(ValueError("<html>"), "not one of GitHub's API", id="not JSON"),
        pytest.param(RuntimeError("redirected"), "not one of GitHub's API", id="redirected elsewhere"),
        pytest.param(requests.exceptions.ReadTimeout("x"), "in time", id="too slow"),
        pytest.param(requests.exceptions.SSLError("x"), "certificate", id="a certificate of another"),
        pytest.param(requests.exceptions.ProxyError(f"http://me:{TOKEN}@proxy"), "proxy", id="a proxy that fails"),
        pytest.param(requests.exceptions.InvalidProxyURL(f"http://me:{TOKEN}@:0"), "no usable", id="no proxy at all"),
    ],
)  # fmt: skip
def test_every_failure_is_one_sentence(client, error, words):
    with pytest.raises(GitHubError, match=words) as caught, client.told("reading"):
        raise error
    assert caught.value.exit is Exit.SOURCE
    assert TOKEN not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_bug_is_not_a_failure_of_github(client):
    with pytest.raises(KeyError), client.told("reading"):
        raise KeyError("x")


def test_the_token_is_in_no_message_and_no_repr(server, client, opened):
    server.fault("POST", "/comments", 422, message=f"\x1b[31mbad {TOKEN}\n{TOKEN[::-1]} " + "x" * 1_000)
    with pytest.raises(GitHubError) as caught:
        write(client)
    shown = "".join([str(caught.value), repr(caught.value), repr(client), repr(vars(client))])
    assert TOKEN not in shown
    assert TOKEN[::-1] not in shown
    assert "\x1b" not in shown
    assert len(str(caught.value)) < 500


def test_the_token_is_in_no_traceback_of_a_lost_connection(server, client, opened):
    server.fault("POST", "/comments", 0)
    with pytest.raises(GitHubError) as caught:
        write(client)
    assert TOKEN not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"token": ""}, id="no token"),
        pytest.param({"repository": ""}, id="no repository"),
        pytest.param({"repository": "octo"}, id="half a repository"),
        pytest.param({"repository": "octo/shop/../../user"}, id="more than a repository"),
        pytest.param({"repository": "octo/shop?x=1"}, id="a query"),
    ],
)
def test_what_no_client_can_be_made_of(changed):
    with pytest.raises(UsageError):
        Client(**{"token": TOKEN, "api_url": "https://api.github.com", "repository": "octo/shop", **changed})


@pytest.mark.parametrize(
    ("api_url", "graphql_url"),
    [
        pytest.param("https://api.github.com", "https://api.github.com/graphql", id="github.com"),
        pytest.param(
            "https://git.example.com/api/v3", "https://git.example.com/api/graphql", id="enterprise server"
        ),
    ],
)
def test_graphql_is_beside_rest(api_url, graphql_url):
    with closing(Client(token=TOKEN, api_url=api_url, repository="octo/shop")) as made:
        assert made.reads.requester.graphql_url == made.writes.requester.graphql_url == graphql_url
