"""Puts findings on the lines of a pull request as one review, and the summary beside it as one comment.

What was posted is known from GitHub's answers. Where an answer was lost, the pull request is read again before anything is
sent a second time; a finding that is there already, whatever became of its thread, is not posted again.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reviewbot.github import threads
from reviewbot.github.client import GitHubError
from reviewbot.github.fields import maybe
from reviewbot.github.writing import marked, unclear
from reviewbot.names import UnreadableError
from reviewbot.patch import parse_hunks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from reviewbot.diff import Hunk
    from reviewbot.github.client import Client
    from reviewbot.github.pull import Pull
    from reviewbot.github.threads import Conversation

#: Rejected comments up to which each is left out in turn; among more, that would take too many requests.
_FEW = 10
#: Reviews that are sent at most where lines are rejected for no reason we can see.
_TRIES = 40
#: Comments on whole files in one run: more of them would run into GitHub's limits on new content.
_ON_FILES = 10
_LISTED_FILES = 3_000


@dataclass(frozen=True, slots=True)
class Comment:
    """A finding to post: its lines at head, its text, and its text for where GitHub rejects the lines."""

    path: str
    first_line: int
    last_line: int
    body: str
    file_body: str
    fingerprint: str
    code: str = ""  # its trace, as in `fixed`


@dataclass(frozen=True, slots=True)
class Failure:
    """A finding that is not on the pull request, and why. It is left to the summary."""

    fingerprint: str
    path: str
    line: int
    why: str

    def __str__(self) -> str:
        return f"the finding on {self.path}:{self.line} could not be posted there: {self.why}"


@dataclass(frozen=True, slots=True)
class Posted:
    """Fingerprints by what became of them: each that was asked for is in one of the four, unless the head `moved`."""

    posted: tuple[str, ...] = ()
    file_level: tuple[str, ...] = ()
    failed: tuple[Failure, ...] = ()
    skipped_existing: tuple[str, ...] = ()
    moved: bool = False  # the pull request has another head by now; nothing was posted


@dataclass(frozen=True, slots=True)
class Summary:
    """Where the summary is, and what went wrong with it: `url` is "" where there is none, `problem` where all is well."""

    url: str
    problem: str = ""


def post_review(client: Client, pull: Pull, comments: Sequence[Comment], seen: Conversation) -> Posted:
    """Post what is not there yet, as one review of `pull.head_sha`; no review where there is nothing new.

    `seen` is the pull request as read just before. What GitHub refuses is told, not raised.
    """
    asked: dict[str, Comment] = {}
    for comment in comments:
        asked.setdefault(comment.fingerprint, comment)
    skipped = tuple(fingerprint for fingerprint in asked if fingerprint in seen.fingerprints)
    new = [comment for fingerprint, comment in asked.items() if fingerprint not in seen.fingerprints]
    if seen.head_sha != pull.head_sha:
        return Posted(moved=True)
    posting = _Posting(client, pull)
    try:
        posting.post(new)
    except _MovedError:
        return Posted(moved=True)
    return Posted(
        tuple(posting.landed),
        tuple(posting.on_files),
        tuple(
            Failure(c.fingerprint, c.path, c.first_line, posting.why(c))
            for c in new
            if c.fingerprint not in (*posting.landed, *posting.on_files)
        ),
        skipped,
    )


def upsert_summary(client: Client, pull: Pull, body: str, seen: Conversation) -> Summary:
    """Write the one summary comment: edit the one there is, and delete any other of ours. Told, not raised, as above."""
    text = marked(body, "summary")
    kept, *others = seen.summaries or (None,)
    try:
        if kept is None:
            return Summary(_created(client, pull.number, text))
        if kept.body != text:
            _edit(client, kept.id, text)
        for other in others:  # two runs at a time left it, and what it says is out of date
            client.send("DELETE", f"/issues/comments/{other.id}")
    except GitHubError as error:
        return Summary(kept.url if kept else "", f"the summary could not be written: {error}")
    return Summary(kept.url)


def _edit(client: Client, number: int, text: str) -> None:
    for last in (False, True):  # the same text twice is the same comment
        try:
            client.send("PATCH", f"/issues/comments/{number}", {"body": text})
        except GitHubError as error:
            if last or not unclear(error):
                raise
        else:
            return


def _created(client: Client, number: int, text: str) -> str:
    for last in (False, True):
        try:
            answer = client.send("POST", f"/issues/{number}/comments", {"body": text})
        except GitHubError as error:
            if not unclear(error):
                raise
            time.sleep(client.settle)
            there = threads.read(client, number).summaries
            if there:
                return there[0].url
            if last:
                raise
        else:
            break
    return str(maybe(answer, "html_url") or "")


class _MovedError(Exception):
    """The pull request has another head than the one that was reviewed."""


class _Posting:
    """One attempt to get findings posted; what landed is kept, whatever happens after."""

    def __init__(self, client: Client, pull: Pull) -> None:
        self.landed: list[str] = []
        self.on_files: list[str] = []
        self._client = client
        self._pull = pull
        self._tries = _TRIES
        self._trouble = "GitHub did not take it"
        self._reasons: dict[str, str] = {}

    def why(self, comment: Comment) -> str:
        """Why it is not there."""
        return self._reasons.get(comment.fingerprint, self._trouble)

    def post(self, comments: Sequence[Comment]) -> None:
        """All of them on their lines, those that are rejected on their files."""
        try:
            rejected = self._on_lines(comments)
            for comment in rejected[:_ON_FILES]:
                self._on_file(comment)
        except GitHubError as error:
            self._trouble = str(error)

    def _on_lines(self, comments: Sequence[Comment]) -> list[Comment]:
        """Those that were rejected."""
        if not comments or self._took(comments):
            return []
        if maybe(self._client.get(f"/pulls/{self._pull.number}"), "head.sha") != self._pull.head_sha:
            raise _MovedError
        shown = self._shown()
        left = [c for c in comments if _fits(c, shown.get(c.path, ()))]
        rejected = [c for c in comments if c not in left]
        return rejected + (self._without_bad(left) if rejected else self._narrowed(left))

    def _without_bad(self, comments: Sequence[Comment]) -> list[Comment]:
        return [] if not comments or self._took(comments) else self._narrowed(comments)

    def _narrowed(self, comments: Sequence[Comment]) -> list[Comment]:
        """Of comments that were rejected together, those that are to blame; the others are posted, if we can in one review."""
        if len(comments) == 1:
            return list(comments)
        if len(comments) <= _FEW:
            for bad in comments:
                if self._took([c for c in comments if c is not bad]):
                    return [bad]
        middle = len(comments) // 2
        return self._without_bad(comments[:middle]) + self._without_bad(comments[middle:])

    def _took(self, comments: Sequence[Comment]) -> bool:
        """Whether they were posted as one review. False: GitHub rejects at least one of them, so none was."""
        if not self._tries:
            return False
        self._tries -= 1
        number = len(comments)
        said = f"**reviewbot**: {number} finding{'' if number == 1 else 's'} on lines of this change"
        review = {
            "commit_id": self._pull.head_sha,
            "event": "COMMENT",
            "body": marked(said, "review"),
            "comments": [_anchored(comment) for comment in comments],
        }
        return self._sent("/reviews", review, [c.fingerprint for c in comments], self.landed)

    def _on_file(self, comment: Comment) -> None:
        body = {
            "commit_id": self._pull.head_sha,
            "path": comment.path,
            "subject_type": "file",
            "body": _marked(comment.file_body, comment),
        }
        try:
            self._sent("/comments", body, [comment.fingerprint], self.on_files)
        except GitHubError as error:
            self._reasons[comment.fingerprint] = str(error)

    def _sent(
        self,
        path: str,
        body: Mapping[str, Any],
        fingerprints: Iterable[str],
        done: list[str],
        *,
        again: bool = True,
    ) -> bool:
        """Whether GitHub took it; a rejected value is False, everything else that goes wrong is raised."""
        try:
            self._client.send("POST", f"/pulls/{self._pull.number}{path}", body)
        except GitHubError as error:
            if error.status == 422:
                self._reasons |= dict.fromkeys(fingerprints, str(error))
                return False
            if not unclear(error):
                raise
            time.sleep(self._client.settle)
            there = threads.read(self._client, self._pull.number).fingerprints
            landed = [fingerprint for fingerprint in fingerprints if fingerprint in there]
            if not landed and again:
                return self._sent(path, body, fingerprints, done, again=False)
            if not landed:
                raise
            done += landed
            return True
        done += fingerprints
        return True

    def _shown(self) -> dict[str, tuple[Hunk, ...]]:
        """The hunks that GitHub shows of each file now; it takes comments on no other lines."""
        files = self._client.pages(f"/pulls/{self._pull.number}/files", limit=_LISTED_FILES)
        return {file["filename"]: _hunks(file.get("patch") or "") for file in files}


def _hunks(patch: str) -> tuple[Hunk, ...]:
    try:
        return parse_hunks(patch) if patch else ()
    except UnreadableError:
        return ()


def _fits(comment: Comment, hunks: Sequence[Hunk]) -> bool:
    return any(h.shows("RIGHT", comment.first_line) and h.shows("RIGHT", comment.last_line) for h in hunks)


def _anchored(comment: Comment) -> dict[str, Any]:
    made = {
        "path": comment.path,
        "side": "RIGHT",
        "line": comment.last_line,
        "body": _marked(comment.body, comment),
    }
    if comment.first_line < comment.last_line:
        made |= {"start_line": comment.first_line, "start_side": "RIGHT"}
    return made


def _marked(body: str, comment: Comment) -> str:
    code = f" code={comment.code}" if comment.code else ""
    return marked(body, f"fp={comment.fingerprint}{code}")
