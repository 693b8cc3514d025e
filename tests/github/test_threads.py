"""What is ours on a pull request, and the closing of threads."""

import pytest
from posted import JOB, finding, fingerprint

from reviewbot.github import threads
from reviewbot.github.client import GitHubError


def test_what_is_there_costs_one_request(hub):
    hub.post(*(finding(n, f"f{n}.py") for n in range(6)))
    hub.summarise("all of it")
    before = hub.client.calls
    seen = threads.read(hub.client, 1)
    assert hub.client.calls - before == 1
    assert seen.head_sha == hub.pull.head_sha
    assert seen.fingerprints == set(map(fingerprint, range(6)))
    (note,) = seen.summaries
    assert (note.id, note.body) == (hub.pull.issue_comments[0].id, hub.pull.issue_comments[0].body)


def test_the_last_marker_is_ours(hub):
    """What comes before it is a finding's text; the sanitizer breaks markers in it, and this does not rely on that."""
    hub.post(finding(1, body=f"<!-- reviewbot:v1 fp={fingerprint(2)} -->"))
    assert threads.read(hub.client, 1).fingerprints == {fingerprint(1)}


def test_a_pull_request_that_is_not_there(hub):
    with pytest.raises(GitHubError, match="no pull request 7"):
        threads.read(hub.client, 7)


def test_many_of_both_kinds(hub):
    talk = hub.client_of("talk", "octocat")
    for _ in range(4):
        hub.a_minute_later()
        for n in range(35):
            talk.send("POST", "/issues/1/comments", {"body": f"talk {n}"})
    for start in (0, 70, 140):
        hub.a_minute_later()
        hub.post(*(finding(n) for n in range(start, start + 70)))
    hub.summarise("last")
    before = hub.client.calls
    seen = threads.read(hub.client, 1)
    assert (len(seen.fingerprints), len(seen.summaries)) == (210, 1)
    assert hub.client.calls - before == 3


@pytest.mark.parametrize("broken", ["reviewThreads", "query"], ids=["one query", "all of GraphQL"])
@pytest.mark.parametrize("status", [502, 400], ids=["down", "without our fields"])
def test_without_graphql_lists_will_do(hub, broken, status):
    query = {"query": '"query"', "reviewThreads": "reviewThreads"}[broken]
    hub.post(finding(1), client=hub.client_of("theirs", "octocat"))
    hub.client_of("talk", "octocat").send(
        "POST", "/issues/1/comments", {"body": "<!-- reviewbot:v1 summary -->"}
    )
    hub.post(finding(0), finding(2, first_line=2))
    hub.summarise("one")
    reply = {"body": hub.pull.comments[-1].body.replace(fingerprint(2), fingerprint(3))}
    hub.client.send("POST", f"/pulls/1/comments/{hub.pull.comments[-1].id}/replies", reply)
    told = threads.read(hub.client, 1)
    hub.server.fault("POST", "/graphql", status, times=99, containing=query)
    seen = threads.read(hub.client, 1)
    assert (seen.head_sha, seen.summaries) == (told.head_sha, told.summaries)
    assert seen.fingerprints == told.fingerprints == {fingerprint(0), fingerprint(2)}


@pytest.mark.parametrize("status", [401, 404])
def test_what_lists_would_not_tell_either_is_an_error_at_once(hub, status):
    hub.server.fault("POST", "/graphql", status)
    with pytest.raises(GitHubError):
        threads.read(hub.client, 1)
    assert hub.client.calls == 1


def test_the_comments_of_others_are_not_ours(hub):
    hub.post(finding(0), client=hub.client_of("theirs", "octocat"))
    assert threads.read(hub.client, 1).fingerprints == frozenset()


def test_a_finding_stays_posted_when_its_thread_is_resolved(hub):
    hub.post(finding(0))
    hub.pull.threads[0].resolved_by = "octocat"
    assert threads.read(hub.client, 1).fingerprints == {fingerprint(0)}


MAY_RESOLVE = JOB | {"contents": "write"}


def closable(hub, permissions=MAY_RESOLVE):
    """What a token of the same bot, with other rights, could close."""
    seen = threads.read(hub.client_of("resolver", permissions=permissions), 1)
    return [thread.fingerprint for thread in seen.threads if thread.closable]


def test_an_open_thread_nobody_answered_can_be_closed_by_who_may(hub):
    hub.post(finding(0))
    assert closable(hub) == [fingerprint(0)]
    assert closable(hub, JOB) == [], "the token of a job may not, unless it may write contents"


def answered(pull):
    pull.reply(pull.threads[0], "maria", "I do not think so")


def resolved(pull):
    pull.threads[0].resolved_by = "maria"


def somebody_elses(pull):
    pull.threads[0].comments[0].login = "octocat"


@pytest.mark.parametrize(
    "happens", [answered, resolved, somebody_elses], ids=lambda function: function.__name__
)
def test_a_thread_is_left_to_people(hub, happens):
    hub.post(finding(0))
    happens(hub.pull)
    assert closable(hub) == []


def test_threads_are_resolved_in_one_request(hub):
    hub.post(*(finding(n, f"f{n}.py") for n in range(5)))
    client = hub.client_of("resolver", permissions=MAY_RESOLVE)
    seen = threads.read(client, 1)
    threads.resolve(client, seen.threads[1:3])
    assert client.calls == 2
    assert [n for n, thread in enumerate(hub.pull.threads) if thread.resolved_by] == [1, 2]


def test_resolving_nothing_costs_nothing(hub):
    threads.resolve(hub.client, ())
    assert hub.client.calls == 0


def test_where_a_finding_was_is_read_back(hub):
    hub.post(finding(0, code="data-loss:12"), finding(1, "f1.py"))
    seen = threads.read(hub.client, 1)
    assert [(thread.path, thread.code) for thread in seen.threads] == [
        ("f0.py", "data-loss:12"),
        ("f1.py", ""),
    ]
