"""What is ours on a pull request, and how fixed findings are closed."""

import pytest
from posted import JOB, finding, fingerprint

from reviewbot.github import pull as pulls
from reviewbot.github import threads
from reviewbot.github.client import GitHubError
from reviewbot.github.threads import Resolved, resolve_fixed

MAY_RESOLVE = JOB | {"contents": "write"}


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
    assert resolve(hub, 0)[0].open == (fingerprint(0),)


@pytest.mark.parametrize("status", [401, 404])
def test_what_lists_would_not_tell_either_is_an_error_at_once(hub, status):
    hub.server.fault("POST", "/graphql", status)
    with pytest.raises(GitHubError):
        threads.read(hub.client, 1)
    assert hub.client.calls == 1


def resolve(hub, *numbers, permissions=MAY_RESOLVE):
    """By a token of the same bot with other rights."""
    client = hub.client_of("resolver", permissions=permissions)
    seen = threads.read(client, 1)
    before = client.calls
    made = resolve_fixed(client, pulls.fetch(client, 1), [fingerprint(n) for n in numbers], seen)
    return made, client.calls - before - 1


def resolved(hub):
    return [n for n, thread in enumerate(hub.pull.threads) if thread.resolved_by]


def test_fixed_findings_are_resolved_in_one_request(hub):
    hub.post(*(finding(n, f"f{n}.py") for n in range(5)))
    made, requests = resolve(hub, 1, 3, 4, 9)
    assert made == Resolved(tuple(map(fingerprint, (1, 3, 4))))
    assert requests == 1
    assert resolved(hub) == [1, 3, 4]


def test_without_the_right_nothing_is_sent(hub):
    """The token of a job may not resolve, unless it may write contents."""
    hub.post(finding(0))
    made, requests = resolve(hub, 0, permissions=JOB)
    assert made == Resolved((), (fingerprint(0),), "the token may not resolve threads")
    assert requests == 0


@pytest.mark.parametrize("numbers", [(), (9,), (0,)], ids=["nothing", "not posted", "resolved already"])
def test_nothing_to_resolve(hub, numbers):
    hub.post(finding(0))
    hub.pull.threads[0].resolved_by = "octocat"
    assert resolve(hub, *numbers) == (Resolved(), 0)


def test_threads_of_others_are_left_alone(hub):
    hub.post(finding(0), client=hub.client_of("theirs", "octocat"))
    assert resolve(hub, 0) == (Resolved(), 0)
    assert resolved(hub) == []


@pytest.mark.parametrize("after_write", [True, False], ids=["written", "not written"])
def test_a_lost_answer_is_looked_up(hub, after_write):
    hub.post(finding(0), finding(1))
    hub.server.fault("POST", "/graphql", 502, containing="resolveReviewThread", after_write=after_write)
    made, _ = resolve(hub, 0, 1)
    both = tuple(map(fingerprint, (0, 1)))
    assert (made.resolved, made.open) == ((both, ()) if after_write else ((), both))
    assert "502" in made.why
