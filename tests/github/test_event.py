"""What an event asks for; a payload that is not of its event is an error, one that asks for nothing is not."""

import json
from copy import deepcopy
from pathlib import Path

import pytest

from reviewbot.errors import UsageError
from reviewbot.github import event
from reviewbot.github.event import Command, Dispatch, MergeGroup, Nothing, PullEvent

#: GitHub's own examples.
EXAMPLES = json.loads((Path(__file__).parents[1] / "data/github/webhooks.json").read_text("utf-8"))
HERE = "Codertocat/Hello-World"
EXAMPLE_HEAD = "ec26c3e57ca3a959ca5aad62de7213c562f8c821"
SHA = "0123456789abcdef0123456789abcdef01234567"


def payload(name, **changed):
    """GitHub's example with values at `__`-separated paths; `None` is null, `...` takes the key away."""
    made = deepcopy(EXAMPLES[name])
    for path, value in changed.items():
        *folders, last = path.split("__")
        place = made
        for folder in folders:
            place = place[folder]
        if value is ...:
            del place[last]
        else:
            place[last] = value
    return made


def read(name, **changed):
    return event.read(name, payload(name, **changed), repository=HERE)


def comment(body, **changed):
    on_a_pull = {"issue__pull_request": {"url": "https://api.github.com/repos/x/y/pulls/1"}}
    return read("issue_comment", **{**on_a_pull, "comment__body": body, **changed})


def test_a_pull_request():
    assert read("pull_request") == PullEvent(
        number=2,
        head=EXAMPLE_HEAD,
        base="f95f852bd8fca8fcc58a9a2d6c842781e32a215e",
        action="opened",
        draft=False,
        author="Codertocat",
        author_is_bot=False,
        fork=False,
        title="Update the README with new information.",
        labels=("bug",),
        reviewed_before="",
    )


@pytest.mark.parametrize(
    ("changed", "commit"),
    [
        pytest.param({"action": "opened"}, "", id="a new one has not been reviewed"),
        pytest.param(
            {"action": "synchronize", "before": "a" * 40}, "a" * 40, id="a push: the head before it"
        ),
        pytest.param({"action": "synchronize", "before": "main"}, EXAMPLE_HEAD, id="of no commit: the head"),
        pytest.param({"action": "labeled"}, EXAMPLE_HEAD, id="anything else: the head"),
    ],
)
def test_what_was_reviewed_before(changed, commit):
    assert read("pull_request", **changed).reviewed_before == commit


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param({"pull_request__head__repo__full_name": "mona/Hello-World"}, {"fork": True}, id="from a fork"),
        pytest.param({"pull_request__head__repo": None}, {"fork": True}, id="from a fork that was deleted"),
        pytest.param({"pull_request__head__repo__full_name": HERE.upper()}, {"fork": False}, id="names have no case"),
        pytest.param({"pull_request__user__type": "Bot"}, {"author_is_bot": True}, id="by a bot"),
        pytest.param({"pull_request__user": None}, {"author": "ghost"}, id="by somebody who left"),
        pytest.param({"pull_request__draft": True}, {"draft": True}, id="a draft"),
        pytest.param({"pull_request__draft": ...}, {"draft": False}, id="of a server without drafts"),
        pytest.param({"pull_request__labels": []}, {"labels": ()}, id="without labels"),
        pytest.param({"action": "assigned"}, {"action": "assigned"}, id="any action may be the one a check waits for"),
    ],
)  # fmt: skip
def test_of_a_pull_request_is_told(changed, expected):
    seen = read("pull_request", **changed)
    assert {name: getattr(seen, name) for name in expected} == expected


def test_the_target_event_is_the_same():
    assert event.read("pull_request_target", payload("pull_request"), repository=HERE) == read("pull_request")


def test_a_merge_group():
    assert read("merge_group") == MergeGroup(
        head="2ffea6db159f6b6c47a24e778fb9ef40cf6b1c7d",
        base="380387fbc80638b734a49e1be1c4dfec1c01b33c",
        number=104,
    )


def test_a_merge_group_of_a_branch_with_slashes():
    ref = f"refs/heads/gh-readonly-queue/release/pr-1-x/pr-7-{SHA}"
    assert read("merge_group", merge_group__head_ref=ref).number == 7


@pytest.mark.parametrize(
    ("body", "kind", "sha", "reason"),
    [
        pytest.param("/reviewbot review", "review", "", "", id="review"),
        pytest.param(f"/reviewbot review {SHA}", "review", SHA, "", id="review of a commit"),
        pytest.param(f"  /reviewbot\treview  {SHA.upper()} \nthanks!", "review", SHA, "", id="spaces, case, other lines"),
        pytest.param(f"/reviewbot override {SHA} known, see  docs", "override", SHA, "known, see docs", id="override"),
        pytest.param(f"/reviewbot override {SHA} {'x' * 300}\r\n", "override", SHA, "x" * 200, id="a long reason"),
    ],
)  # fmt: skip
def test_a_command(body, kind, sha, reason):
    assert comment(body) == Command(
        number=1, kind=kind, sha=sha, reason=reason, actor="Codertocat", comment_id=492700400
    )


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("You are right!", id="talk"),
        pytest.param("Please do `/reviewbot review`", id="talk of a command"),
        pytest.param("> /reviewbot review", id="a quoted command"),
        pytest.param("hello\n/reviewbot review", id="a command in another line"),
        pytest.param("/reviewbotreview", id="another word"),
        pytest.param("/reviewbot", id="no command"),
        pytest.param("/reviewbot approve", id="an unknown command"),
        pytest.param("/reviewbot review --model=x", id="settings are not taken from comments"),
        pytest.param(f"/reviewbot review {SHA} now", id="more than a commit"),
        pytest.param(f"/reviewbot override {SHA}", id="an override without a reason"),
        pytest.param("/reviewbot override because", id="an override without a commit"),
        pytest.param(f"/reviewbot override {SHA[:12]} because", id="a commit cut short"),
        pytest.param(f"/reviewbot override {SHA}\nbecause", id="the reason in another line"),
        pytest.param(None, id="no text"),
    ],
)
def test_no_command(body):
    assert isinstance(comment(body), Nothing)
    assert event.override_in(body or "") is None


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"action": "edited"}, id="edited: its first text may have been read by people"),
        pytest.param({"action": "deleted"}, id="deleted"),
        pytest.param({"issue__pull_request": None}, id="on an issue"),
        pytest.param({"issue__state": "closed"}, id="on a closed pull request"),
        pytest.param({"sender__type": "Bot"}, id="sent by a bot"),
        pytest.param({"comment__user__type": "Bot"}, id="by a bot"),
        pytest.param({"comment__user": None}, id="by nobody"),
    ],
)
def test_a_command_that_is_not_heard(changed):
    assert isinstance(comment("/reviewbot review", **changed), Nothing)
    assert isinstance(comment("/reviewbot review"), Command)


def test_an_override_in_a_comment():
    assert event.override_in(f"/reviewbot override {SHA} a known issue") == (SHA, "a known issue")


@pytest.mark.parametrize("number", ["12", " 12 "])
def test_a_dispatch(number):
    assert read("workflow_dispatch", inputs={"number": number}) == Dispatch(12)


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        pytest.param("pull_request", {"pull_request__state": "closed"}, id="a closed pull request"),
        pytest.param("merge_group", {"action": "destroyed"}, id="a merge group that is gone"),
    ],
)
def test_nothing_to_do(name, changed):
    assert isinstance(read(name, **changed), Nothing)


@pytest.mark.parametrize("name", ["push", "schedule", "check_run", ""])
def test_other_events_ask_for_nothing(name):
    assert isinstance(event.read(name, {}, repository=HERE), Nothing)


@pytest.mark.parametrize(
    ("name", "changed", "why"),
    [
        pytest.param("pull_request", {"pull_request": ...}, "pull_request", id="no pull request"),
        pytest.param("pull_request", {"pull_request__head": None}, "head.sha", id="no head"),
        pytest.param("pull_request", {"pull_request__head__sha": "main"}, "head.sha", id="a head that is no commit"),
        pytest.param("pull_request", {"pull_request__base__sha": "--x"}, "base.sha", id="a base that is no commit"),
        pytest.param("pull_request", {"pull_request__number": "2"}, "number", id="a number that is text"),
        pytest.param("pull_request", {"pull_request__number": True}, "number", id="a number that is true"),
        pytest.param("pull_request", {"pull_request__labels": [None]}, "name", id="a label that is none"),
        pytest.param("pull_request", {"action": ...}, "action", id="no action"),
        pytest.param("merge_group", {"merge_group__head_ref": "refs/heads/main"}, "head_ref", id="not of a queue"),
        pytest.param("merge_group", {"merge_group__head_sha": None}, "head_sha", id="no head of the queue"),
        pytest.param("workflow_dispatch", {"inputs": None}, "`number`", id="no inputs"),
        pytest.param("workflow_dispatch", {"inputs": {"number": "1; id"}}, "`number`", id="a number that is none"),
        pytest.param("workflow_dispatch", {"inputs": {"number": 5}}, "number", id="a number as no runner sends it"),
        pytest.param("issue_comment", {"issue": {"pull_request": {}}}, "issue.state", id="no whole issue"),
    ],
)  # fmt: skip
def test_a_payload_that_is_not_of_its_event(name, changed, why):
    with pytest.raises(UsageError, match=why) as caught:
        read(name, **changed)
    assert "\n" not in str(caught.value)
    assert name in str(caught.value)


@pytest.mark.parametrize("given", [[], "text", None, 1])
def test_a_payload_that_is_no_object(given):
    with pytest.raises(UsageError, match="GITHUB_EVENT_PATH"):
        event.read("pull_request", given, repository=HERE)
