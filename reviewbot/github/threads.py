"""What is written on a pull request already, which of it is ours, and the closing of what is fixed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reviewbot.github.client import PAGE, GitHubError
from reviewbot.github.fields import maybe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from reviewbot.github.client import Client

#: Pages of threads and of comments that are read. A pull request with more of them is past a bot's help.
_PAGES = 50

#: Statuses that mean the same however one asks: a token that is not known, a pull request that is not there.
_FINAL = (401, 404)
_ACTIONS = "github-actions[bot]"

_MARKER = re.compile(
    r"<!-- reviewbot:v1 (?:fp=(?P<fingerprint>\S+)(?: code=(?P<code>\S+))?|(?P<summary>summary)) -->"
)

_QUERY = """
query ($owner: String!, $name: String!, $number: Int!, $size: Int!, $thread: String, $comment: String,
       $threads: Boolean!, $comments: Boolean!) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      headRefOid
      reviewThreads(first: $size, after: $thread) @include(if: $threads) {
        pageInfo { hasNextPage endCursor }
        nodes { id path isResolved viewerCanResolve comments(first: 1) { totalCount nodes { body viewerDidAuthor } } }
      }
      comments(first: $size, after: $comment) @include(if: $comments) {
        pageInfo { hasNextPage endCursor }
        nodes { fullDatabaseId url body viewerDidAuthor }
      }
    }
  }
}
"""


@dataclass(frozen=True, slots=True)
class Thread:
    """A finding we posted, whatever became of it since. `code` is its trace, as in `fixed`.

    `closable`: it is open, this token may resolve it, and nobody has answered: what people talk about is theirs to close.
    """

    id: str
    path: str
    fingerprint: str
    code: str = ""
    closable: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A summary we posted, an issue comment."""

    id: int
    url: str
    body: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """What is ours on a pull request, summaries oldest first, and the commit it is at."""

    head_sha: str
    threads: tuple[Thread, ...] = ()
    summaries: tuple[Note, ...] = ()

    @property
    def fingerprints(self) -> frozenset[str]:
        """Of the findings that were posted, resolved or not."""
        return frozenset(thread.fingerprint for thread in self.threads)


def read(client: Client, number: int) -> Conversation:
    """Everything ours on the pull request: one request for every hundred threads or comments. Raises GitHubError.

    GraphQL alone says whose a comment is. It fails more often than the rest of GitHub, and lacks fields on older servers;
    then lists have to do, with the name of our author.
    """
    try:
        return _from_graphql(client, number)
    except GitHubError as error:
        if error.status in _FINAL:
            raise
    return _from_lists(client, number)


def _from_graphql(client: Client, number: int) -> Conversation:
    threads: list[Thread] = []
    summaries: list[Note] = []
    head = ""
    for found in _pages(client, number):
        head = found["headRefOid"]
        threads += _threads(found.get("reviewThreads") or {})
        summaries += _summaries(found.get("comments") or {})
    return Conversation(head, tuple(threads), tuple(summaries))


def resolve(client: Client, threads: Iterable[Thread]) -> None:
    """Resolve them, in one request; none without any. Raises GitHubError, after which some may be resolved."""
    variables = {f"t{number}": thread.id for number, thread in enumerate(threads)}
    if not variables:
        return
    types = ", ".join(f"${name}: ID!" for name in variables)
    calls = " ".join(
        f"{name}: resolveReviewThread(input: {{threadId: ${name}}}) {{ thread {{ id }} }}"
        for name in variables
    )
    client.graphql(f"mutation ({types}) {{ {calls} }}", variables, write=True)


def _pages(client: Client, number: int) -> Iterator[Mapping[str, Any]]:
    owner, _, name = client.repository.partition("/")
    after: dict[str, str | None] = {"thread": None, "comment": None}
    more = {"threads": True, "comments": True}
    for _ in range(_PAGES):
        variables = {"owner": owner, "name": name, "number": number, "size": PAGE, **after, **more}
        found = (client.graphql(_QUERY, variables).get("repository") or {}).get("pullRequest")
        if not found:
            raise GitHubError(f"{client.repository} has no pull request {number}", status=404)
        yield found
        for key, part in (("thread", "reviewThreads"), ("comment", "comments")):
            info = (found.get(part) or {}).get("pageInfo") or {}
            more[f"{key}s"] = bool(info.get("hasNextPage"))
            after[key] = info.get("endCursor")
        if not any(more.values()):
            return
    raise GitHubError(f"pull request {number} has more than {_PAGES * PAGE} threads or comments")


def _from_lists(client: Client, number: int) -> Conversation:
    me = _viewer(client)

    def ours(path: str) -> Iterator[tuple[dict[str, Any], re.Match[str]]]:
        for entry in client.pages(path, limit=_PAGES * PAGE):
            mark = _last_mark(entry.get("body") or "")
            if mark and maybe(entry, "user.login") == me and not entry.get("in_reply_to_id"):
                yield entry, mark

    found, said = ours(f"/pulls/{number}/comments"), ours(f"/issues/{number}/comments")
    return Conversation(
        str(maybe(client.get(f"/pulls/{number}"), "head.sha")),
        tuple(
            Thread("", str(it.get("path")), mark["fingerprint"]) for it, mark in found if mark["fingerprint"]
        ),
        tuple(Note(int(it["id"]), str(it["html_url"]), it["body"]) for it, mark in said if mark["summary"]),
    )


def _viewer(client: Client) -> str:
    """Who we are. The token of a job may not ask for its user; where GraphQL does not tell either, it is that token."""
    try:
        return str(maybe(client.graphql("{ viewer { login } }", {}), "viewer.login"))
    except GitHubError:
        return _ACTIONS


def _threads(found: Mapping[str, Any]) -> Iterator[Thread]:
    for node in filter(None, found.get("nodes") or ()):
        comments = node["comments"] or {}
        opening = (comments.get("nodes") or [None])[0]
        mark = _mark(opening)
        if mark and mark["fingerprint"]:
            alone = comments["totalCount"] == 1
            closable = alone and not node["isResolved"] and node["viewerCanResolve"]
            yield Thread(node["id"], node["path"], mark["fingerprint"], mark["code"] or "", closable)


def _summaries(found: Mapping[str, Any]) -> Iterator[Note]:
    for node in filter(None, found.get("nodes") or ()):
        mark = _mark(node)
        if mark and mark["summary"]:
            yield Note(int(node["fullDatabaseId"]), node["url"], node["body"])


def _mark(comment: Mapping[str, Any] | None) -> re.Match[str] | None:
    """Our marker in a comment, if it is ours: anybody can write a marker, nobody else can be its author."""
    return _last_mark(comment["body"]) if comment and comment["viewerDidAuthor"] else None


def _last_mark(body: str) -> re.Match[str] | None:
    marks = list(_MARKER.finditer(body))
    return marks[-1] if marks else None
