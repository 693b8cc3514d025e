"""What happened on GitHub and what it asks of us, out of the payload that the runner hands over."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from reviewbot.errors import UsageError
from reviewbot.github.fields import UnusableError, at, commit, is_commit, maybe, text

Payload = Mapping[str, object]

#: What a comment must begin with to speak to us.
COMMAND = "/reviewbot"
#: Characters of the reason of an override.
_REASON = 200
#: GitHub's name for the author of whatever a deleted account left behind.
GHOST = "ghost"

#: `gh-readonly-queue/<base>/pr-<number>-<sha>`; that commit is the one the group stands on, not the pull request's head.
_QUEUED = re.compile(r"refs/heads/gh-readonly-queue/.+/pr-(\d{1,10})-[0-9a-f]{7,64}")


@dataclass(frozen=True, slots=True)
class PullEvent:
    """Something happened to an open pull request. `fork`: its head is in another repository, or in none any more.

    `reviewed_before` is the commit that may have been reviewed last: the head before a push, else the head, "" for a new one.
    """

    number: int
    head: str
    base: str
    action: str
    draft: bool
    author: str
    author_is_bot: bool
    fork: bool
    title: str
    labels: tuple[str, ...]
    reviewed_before: str


@dataclass(frozen=True, slots=True)
class MergeGroup:
    """The queue wants to merge this pull request. `head` is the commit that a check must be reported on."""

    head: str
    base: str
    number: int


@dataclass(frozen=True, slots=True)
class Command:
    """Somebody asked in a comment. Whether they may is another question; `sha` is "" or a whole commit id."""

    number: int
    kind: Literal["review", "override"]
    sha: str
    reason: str  # of an override, one line of somebody's own words
    actor: str
    comment_id: int


@dataclass(frozen=True, slots=True)
class Dispatch:
    """A run started by hand, or by another workflow, for this pull request."""

    number: int


@dataclass(frozen=True, slots=True)
class Nothing:
    """There is nothing to do, and why."""

    why: str


Situation = PullEvent | MergeGroup | Command | Dispatch | Nothing


def read(name: str, payload: Payload, *, repository: str) -> Situation:
    """What the event called `name` asks for. Raises UsageError where the payload is not one of that event."""
    reader = _READERS.get(name)
    if reader is None:
        return Nothing("this event is not about a pull request")
    try:
        return reader(payload, repository)
    except UnusableError as error:
        raise UsageError(
            f"GITHUB_EVENT_PATH does not hold the payload of the event {name}: {error}"
        ) from error


def _pull(payload: Payload, repository: str) -> Situation:
    pull = at(payload, "pull_request", dict)
    if at(pull, "state", str) != "open":
        return Nothing("the pull request is closed")
    # Whatever the action: a run that does nothing is green, and would take the place of one that is not.
    return PullEvent(
        number=at(pull, "number", int),
        head=commit(pull, "head.sha"),
        base=commit(pull, "base.sha"),
        action=at(payload, "action", str),
        draft=maybe(pull, "draft") is True,
        author=author(pull),
        author_is_bot=maybe(pull, "user.type") == "Bot",
        fork=from_fork(pull, repository),
        title=at(pull, "title", str),
        labels=labels(pull),
        reviewed_before=_reviewed_before(payload, pull),
    )


def _reviewed_before(payload: Payload, pull: object) -> str:
    if maybe(payload, "action") == "opened":
        return ""
    before = maybe(payload, "before")  # of a push, a forced one too
    return before if isinstance(before, str) and is_commit(before) else commit(pull, "head.sha")


def author(thing: object) -> str:
    """The login of whoever made a pull request, issue or comment."""
    return text(thing, "user.login") or GHOST


def from_fork(pull: object, repository: str) -> bool:
    """Whether a pull request's head is outside of `repository`."""
    return text(pull, "head.repo.full_name").casefold() != repository.casefold()


def labels(pull: object) -> tuple[str, ...]:
    """The names of a pull request's labels."""
    return tuple(at(label, "name", str) for label in at(pull, "labels", list))


def _merge_group(payload: Payload, _: str) -> Situation:
    if at(payload, "action", str) != "checks_requested":
        return Nothing("the merge group asks for no checks")
    ref = at(payload, "merge_group.head_ref", str)
    queued = _QUEUED.fullmatch(ref)
    if not queued:
        raise UnusableError("its merge_group.head_ref does not name a pull request")
    return MergeGroup(
        head=commit(payload, "merge_group.head_sha"),
        base=commit(payload, "merge_group.base_sha"),
        number=int(queued[1]),
    )


def _comment(payload: Payload, _: str) -> Situation:
    if at(payload, "action", str) != "created":
        return Nothing("only a new comment is a command")
    if maybe(payload, "issue.pull_request") is None:
        return Nothing("the comment is on an issue, not on a pull request")
    if at(payload, "issue.state", str) != "open":
        return Nothing("the pull request is closed")
    # Our own comments too quote commands; and a bot has no judgement to override ours with.
    if at(payload, "sender.type", str) != "User" or maybe(payload, "comment.user.type") != "User":
        return Nothing("the comment is not a person's")
    body = text(payload, "comment.body")
    if _words(body)[:1] != [COMMAND]:
        return Nothing(f"the comment does not begin with {COMMAND}")
    kind, sha, reason = _parsed(body)
    if kind is None:
        return Nothing(
            f"the comment is none of: {COMMAND} review [COMMIT], {COMMAND} override COMMIT REASON (all of its id)"
        )
    return Command(
        number=at(payload, "issue.number", int),
        kind=kind,
        sha=sha,
        reason=reason,
        actor=at(payload, "comment.user.login", str),
        comment_id=at(payload, "comment.id", int),
    )


def override_in(body: str) -> tuple[str, str] | None:
    """The commit and the reason of the override that a comment asks for, if it does."""
    kind, sha, reason = _parsed(body)
    return (sha, reason) if kind == "override" else None


def _words(body: str) -> list[str]:
    return body.partition("\n")[0].split()


def _parsed(body: str) -> tuple[Literal["review", "override"] | None, str, str]:
    """Kind, commit and reason. A commit is named in full: commits with the same first characters can be made."""
    match _words(body):
        case [command, "review"] if command == COMMAND:
            return "review", "", ""
        case [command, "review", sha] if command == COMMAND and is_commit(sha.lower()):
            return "review", sha.lower(), ""
        case [command, "override", sha, *reason] if command == COMMAND and reason and is_commit(sha.lower()):
            return "override", sha.lower(), " ".join(reason)[:_REASON]
        case _:
            return None, "", ""


def _dispatch(payload: Payload, _: str) -> Situation:
    number = text(payload, "inputs.number").strip()
    if not re.fullmatch(r"[1-9]\d{0,9}", number):
        raise UnusableError("it has no input `number` with the number of a pull request")
    return Dispatch(int(number))


_READERS: Mapping[str, Callable[[Payload, str], Situation]] = MappingProxyType(
    {
        "pull_request": _pull,
        "pull_request_target": _pull,
        "merge_group": _merge_group,
        "issue_comment": _comment,
        "workflow_dispatch": _dispatch,
    }
)
