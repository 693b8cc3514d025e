"""A pull request and the change it proposes, read through the API: nothing of it is checked out or run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from reviewbot.diff import Change, Status
from reviewbot.errors import SourceError
from reviewbot.gitcalls import scratch
from reviewbot.github import blobs, comparing, listing
from reviewbot.github.blobs import Place
from reviewbot.github.client import GitHubError
from reviewbot.github.event import author, from_fork, labels
from reviewbot.github.fields import UnusableError, at, commit, maybe, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from reviewbot.diff import FileDiff
    from reviewbot.github.blobs import Entry
    from reviewbot.github.client import Client
    from reviewbot.github.listing import Listed

_ATTRIBUTES = ".gitattributes"
#: Folders of base in which .gitattributes is looked for. Without one of them more is reviewed, not less.
_MAX_FOLDERS = 200


@dataclass(frozen=True, slots=True)
class Pull:
    """A pull request at the time it was read. `base_sha` is where the base branch was, not the merge base."""

    number: int
    title: str
    body: str
    author: str
    author_is_bot: bool
    head_sha: str
    base_sha: str
    base_ref: str
    fork: bool
    draft: bool
    labels: tuple[str, ...]
    changed_files: int
    state: str


def fetch(client: Client, number: int) -> Pull:
    """The pull request as it is now; one request. Raises GitHubError."""
    answer = client.get(f"/pulls/{number}")
    try:
        return Pull(
            number=at(answer, "number", int),
            title=at(answer, "title", str),
            body=text(answer, "body"),
            author=author(answer),
            author_is_bot=maybe(answer, "user.type") == "Bot",
            head_sha=commit(answer, "head.sha"),
            base_sha=commit(answer, "base.sha"),
            base_ref=at(answer, "base.ref", str),
            fork=from_fork(answer, client.repository),
            draft=maybe(answer, "draft") is True,
            labels=labels(answer),
            changed_files=at(answer, "changed_files", int),
            state=at(answer, "state", str),
        )
    except UnusableError as error:
        raise GitHubError(f"GitHub's answer about pull request {number} cannot be used: {error}") from error


def head_sha(client: Client, number: int) -> str:
    """The commit that is the head now; one request. Raises GitHubError."""
    return fetch(client, number).head_sha


def read_change(client: Client, pull: Pull) -> Change:
    """The change from the merge base to `pull.head_sha`.

    A file whose patch is missing, or is not borne out by the text at head, is compared anew; where that cannot be done it
    has a `problem`. For up to about 30 files two requests. Raises GitHubError.
    """
    files = listing.read(client, pull.number)
    seen = blobs.entries(client, _places(pull, files))
    compared = comparing.compared(client, pull.base_sha, pull.head_sha, files, seen)
    generated, warnings = _generated(client, pull, compared.files, seen)
    return Change(
        files=compared.files,
        base=pull.base_sha,
        head=pull.head_sha,
        repository=client.repository,
        number=pull.number,
        title=pull.title,
        body=pull.body,
        heads=compared.heads,
        generated=generated,
        warnings=warnings,
        unlisted=pull.changed_files > len(files),
    )


def _places(pull: Pull, files: Sequence[Listed]) -> Iterator[Place]:
    """What is looked up at first: texts at head, what was there at base, and the attributes of base."""
    sound = [each for each in files if not each.file.problem]
    for each in sound:
        if each.file.status is not Status.DELETED:
            yield Place(pull.head_sha, each.file.path, content=True)
    for each in sound:
        if each.file.status is not Status.ADDED:
            gone = each.file.status is Status.DELETED and not each.file.hunks
            yield Place(pull.base_sha, each.old_path, content=gone)
    for path in _attribute_files(each.file.path for each in sound):
        yield Place(pull.base_sha, path, content=True)


def _attribute_files(paths: Iterable[str]) -> list[str]:
    """The .gitattributes files that could say something of these paths, those of outer folders first."""
    folders = {folder for path in paths for folder in PurePosixPath(path).parents}
    nearest = sorted(folders, key=lambda folder: (len(folder.parts), folder))[:_MAX_FOLDERS]
    return [str(folder / _ATTRIBUTES) for folder in nearest]


def _generated(
    client: Client, pull: Pull, files: Sequence[FileDiff], seen: Mapping[tuple[str, str], Entry]
) -> tuple[frozenset[str], tuple[str, ...]]:
    """The files that .gitattributes at base call generated or vendored, as git reads them, and a warning if it cannot."""
    paths = [file.path for file in files if not file.problem]
    places = ((pull.base_sha, path) for path in _attribute_files(paths))
    found = {path: seen[sha, path] for sha, path in places if (sha, path) in seen}
    if not found:
        return frozenset(), ()
    try:
        with scratch() as own:
            for path, entry in found.items():
                data = entry.data if entry.data is not None else blobs.filled(client, entry).data
                own.git(
                    "update-index", "--add", "--cacheinfo", f"{entry.mode},{own.keep(data or b'')},{path}"
                )
            return own.generated(paths), ()
    except SourceError as error:
        return frozenset(), (f".gitattributes at base could not be read: {error}",)
