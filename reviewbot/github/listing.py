"""The files of a pull request as GitHub lists them, and which of its patches can be believed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from reviewbot import names, patch
from reviewbot.diff import FileDiff, Hunk, Status
from reviewbot.github.client import GitHubError
from reviewbot.github.fields import UnusableError, at, commit, maybe
from reviewbot.names import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reviewbot.github.client import Client

#: GitHub lists no more, however many there are.
MAX_FILES = 3_000

_STATUS: Mapping[str, Status] = MappingProxyType(
    {
        "added": Status.ADDED,
        "removed": Status.DELETED,
        "modified": Status.MODIFIED,
        "changed": Status.MODIFIED,  # its mode or type
        "unchanged": Status.MODIFIED,
        "renamed": Status.RENAMED,
        "copied": Status.COPIED,
    }
)


@dataclass(frozen=True, slots=True)
class Listed:
    """A file as listed: `file` has no modes yet, and hunks only where the patch is whole.

    `id` is the blob at head, of a deleted file the one at base, None where GitHub does not say. A file is `silent` when not
    one changed line was counted: it is binary, empty, moved as it is, or something keeps GitHub from showing lines.
    """

    file: FileDiff
    id: str | None
    silent: bool

    @property
    def old_path(self) -> str:
        """Its path before the change."""
        return self.file.old_path or self.file.path


def read(client: Client, number: int) -> list[Listed]:
    """Every file that GitHub lists, once a path. Raises GitHubError."""
    answer = client.pages(f"/pulls/{number}/files", limit=MAX_FILES)
    try:
        files = [listed(entry) for entry in answer]
    except UnusableError as error:
        raise GitHubError(
            f"GitHub lists a file of pull request {number} that cannot be used: {error}"
        ) from error
    times = Counter(entry.file.path for entry in files)
    twice = "GitHub lists it more than once; run again"
    return [
        replace(entry, file=_troubled(entry.file, twice)) if times[entry.file.path] > 1 else entry
        for entry in {entry.file.path: entry for entry in files}.values()
    ]


def listed(entry: object) -> Listed:
    """One entry of the list. Raises UnusableError."""
    name = at(entry, "filename", str)
    status = _STATUS.get(at(entry, "status", str), Status.MODIFIED)
    # GitHub gives the old name of a renamed or copied file alone.
    old = at(entry, "previous_filename", str) if status in (Status.RENAMED, Status.COPIED) else name
    added, removed = at(entry, "additions", int), at(entry, "deletions", int)
    file = FileDiff(
        path=_readable(name),
        status=status,
        old_path=_readable(old) if old != name else None,
        problem=names.flaw(_bytes(name)) or names.flaw(_bytes(old)),
    )
    if file.problem is None:
        file = replace(file, hunks=_hunks(maybe(entry, "patch"), status, added, removed))
    blob = None if maybe(entry, "sha") is None else commit(entry, "sha")
    return Listed(file, blob, silent=not (added or removed))


def _troubled(file: FileDiff, problem: str) -> FileDiff:
    return replace(file, hunks=(), problem=file.problem or problem)


def _bytes(name: str) -> bytes:
    return name.encode("utf-8", "surrogatepass")


def _readable(name: str) -> str:
    return names.readable(_bytes(name))


def _hunks(text: object, status: Status, added: int, removed: int) -> tuple[Hunk, ...]:
    """The hunks of a patch, none where it is missing, cut, or not of this status."""
    try:
        found = patch.parse_hunks(text) if isinstance(text, str) else ()
    except UnreadableError:
        return ()
    lines = [line for hunk in found for line in hunk.lines]
    whole = sum(line.added for line in lines) == added and sum(line.removed for line in lines) == removed
    fits = not (
        (status is Status.ADDED and any(hunk.old_length for hunk in found))
        or (status is Status.DELETED and any(hunk.new_length for hunk in found))
    )
    return found if whole and fits else ()
