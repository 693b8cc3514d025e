"""From GitHub's list of files to the files of a change: believed where the text at head bears it out, else compared anew."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reviewbot import patch
from reviewbot.diff import MAX_FILE, FileDiff, HeadText, Status, split_lines
from reviewbot.errors import SourceError
from reviewbot.gitcalls import scratch
from reviewbot.github import blobs
from reviewbot.github.blobs import NOTHING, Entry, Place
from reviewbot.github.client import GitHubError
from reviewbot.github.fields import UnusableError, commit
from reviewbot.names import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from reviewbot.github.client import Client
    from reviewbot.github.listing import Listed

    Seen = Mapping[tuple[str, str], Entry]

#: Requests for the content of one file: for what GraphQL does not give, because it is long, not UTF-8 or binary.
_MAX_SINGLE = 200
#: Bytes of a file of which GitHub counted no changed line: it is most likely binary, and looked at to be sure.
_MAX_SILENT = 20_000_000


@dataclass(frozen=True, slots=True)
class Compared:
    """Files in the order of the list, and the text at head of those that have one."""

    files: tuple[FileDiff, ...]
    heads: Mapping[str, HeadText]


def compared(client: Client, base: str, head: str, listing: Sequence[Listed], seen: Seen) -> Compared:
    """`seen` is what was found at the commits `base`, the tip of the base branch, and `head`. Raises GitHubError."""
    reader = _Reader(client, base, head)
    sides = [reader.first_look(each, seen) for each in listing]
    files = {side.path: file for side in sides if (file := _decided(side))}
    files |= reader.anew([side for side in sides if side.path not in files])
    heads = {
        side.path: HeadText.whole(split_lines(side.head.data))
        for side in sides
        if files[side.path].has_head and side.head and side.head.data is not None
    }
    return Compared(tuple(files[side.path] for side in sides), heads)


@dataclass(frozen=True, slots=True)
class _Sides:
    """A listed file with what stands in its two places: NOTHING where it is new or deleted, None where GitHub has nothing.

    `old` is that of the tip of base until the merge base is asked for.
    """

    listed: Listed
    old: Entry | None
    head: Entry | None

    @property
    def path(self) -> str:
        return self.listed.file.path

    @property
    def file(self) -> FileDiff:
        """As listed, with modes."""
        modes = (entry.mode or None if entry else None for entry in (self.old, self.head))
        return replace(self.listed.file, old_mode=next(modes), new_mode=next(modes))


class _Reader:
    """Asks for what is needed to be sure of each file."""

    def __init__(self, client: Client, base: str, head: str) -> None:
        self._client, self._base, self._head = client, base, head
        self._singles = _MAX_SINGLE

    def first_look(self, listed: Listed, seen: Seen) -> _Sides:
        """A file with what is known of it, and its content at head if that is needed and can be had."""
        status = listed.file.status
        old = NOTHING if status is Status.ADDED else seen.get((self._base, listed.old_path))
        head = NOTHING if status is Status.DELETED else seen.get((self._head, listed.file.path))
        if head and not listed.file.problem:
            head = self._filled(head, silent=listed.silent and not listed.file.hunks)
        return _Sides(listed, old, head)

    def anew(self, sides: Sequence[_Sides]) -> dict[str, FileDiff]:
        """The files as git compares them, by path; one that cannot be compared has a problem."""
        if not sides:
            return {}
        try:
            with_old = self._with_old(sides)
            files = {side.path: file for side in with_old if (file := _settled(side))}
            return files | _differing([side for side in with_old if side.path not in files])
        except (SourceError, UnreadableError) as error:
            why = f"GitHub gives no patch of it that can be used, and {error}"
            return {side.path: _troubled(side.file, why) for side in sides}

    def _with_old(self, sides: Sequence[_Sides]) -> list[_Sides]:
        """The same files with what they were at the merge base, content included."""
        unknown = [side for side in sides if not _old_is_known(side)]
        start = self._merge_base() if unknown else ""
        found = blobs.entries(self._client, [Place(start, s.listed.old_path, content=True) for s in unknown])
        olds = {s.path: s.old for s in sides} | {
            s.path: found.get((start, s.listed.old_path)) for s in unknown
        }
        return [
            replace(s, old=old and self._filled(old, silent=s.listed.silent))
            for s, old in zip(sides, olds.values(), strict=True)
        ]

    def _merge_base(self) -> str:
        # The second page of its commits has no files, and those can be long.
        answer = self._client.get(f"/compare/{self._base}...{self._head}", per_page=1, page=2)
        try:
            return commit(answer, "merge_base_commit.sha")
        except UnusableError as error:
            raise GitHubError(f"GitHub does not say where the pull request began: {error}") from error

    def _filled(self, entry: Entry, *, silent: bool) -> Entry:
        """With its content, unless GitHub calls it binary and counted no lines either."""
        if entry.content is not None or (silent and entry.binary):
            return entry
        if entry.size > (_MAX_SILENT if silent else MAX_FILE) or not self._singles:
            return entry
        self._singles -= 1
        return blobs.filled(self._client, entry)


def _decided(side: _Sides) -> FileDiff | None:
    """The file, if list and first look are enough to be sure of it."""
    file, listed, old, head = side.file, side.listed, side.old, side.head
    if problem := file.problem or _flaw(listed, head):
        return _troubled(file, problem)
    if file.hunks:
        return file if _borne_out(file, head) else None
    if listed.silent and head and old and old.id == head.id:
        return _unchanged(file)  # since the tip of base it is
    return replace(file, binary=True) if listed.silent and head and head.looks_binary else None


def _flaw(listed: Listed, head: Entry | None) -> str | None:
    """Why the file at head cannot be read."""
    if head is None:
        return "GitHub does not give it at head"
    if head is NOTHING or head.submodule:
        return None
    if listed.id not in (None, head.id):
        return "it changed while it was read"
    if listed.silent and head.looks_binary:
        return None
    if head.size > MAX_FILE:
        return "it is larger than 2 MB"
    return "GitHub does not give its text" if head.data is None else None


def _borne_out(file: FileDiff, head: Entry | None) -> bool:
    """Whether the text at head is what the hunks show of it."""
    if file.status is Status.DELETED or head is None or head.data is None:  # the last is a submodule's
        return True
    return not file.shown("RIGHT") or file.agrees("RIGHT", split_lines(head.data))


def _old_is_known(side: _Sides) -> bool:
    gone = side.listed.file.status is Status.DELETED and side.old and side.old.id == side.listed.id
    return side.old is NOTHING or bool(gone)


def _settled(side: _Sides) -> FileDiff | None:
    """The file, where its texts need not be compared or cannot be."""
    file = replace(side.file, hunks=())
    if side.old is None or side.head is None:
        return _troubled(file, "GitHub does not give it at the merge base")
    before, after = side.old.content, side.head.content
    binary = side.old.looks_binary or side.head.looks_binary
    if before is not None and before == after:
        return _unchanged(file) or _troubled(file, "GitHub lists it as changed, but it is the same")
    if binary and (side.listed.silent or None not in (before, after)):
        return replace(file, binary=True)
    if before is None or after is None:
        large = max(side.old.size, side.head.size) > MAX_FILE
        return _troubled(file, "it is larger than 2 MB" if large else "GitHub does not give its text")
    return None


def _differing(sides: Sequence[_Sides]) -> dict[str, FileDiff]:
    """The files by path, their texts compared by git."""
    found: dict[str, FileDiff] = {}
    with scratch() as own:
        for batch in _batches(sides):
            texts = [(_content(side.old), _content(side.head)) for side in batch]
            compared = {file.path: file for file in patch.parse(own.differences(texts))}
            for number, side in enumerate(batch):
                made = compared[str(number)]
                file = replace(side.file, hunks=made.hunks, binary=made.binary)
                found[side.path] = _troubled(file, made.problem) if made.problem else file
    return found


def _content(entry: Entry | None) -> bytes:
    return (entry and entry.content) or b""


def _batches(sides: Iterable[_Sides]) -> Iterator[list[_Sides]]:
    """Files whose texts make a patch that can be read: it is at most twice as long as they are."""
    batch: list[_Sides] = []
    room = patch.MAX_BYTES // 3
    for side in sides:
        size = len(_content(side.old)) + len(_content(side.head))
        if batch and size > room:
            yield batch
            batch, room = [], patch.MAX_BYTES // 3
        batch.append(side)
        room -= size
    if batch:
        yield batch


def _unchanged(file: FileDiff) -> FileDiff | None:
    """A file whose content is the same on both sides, if that can be all that there is to it."""
    if file.status is not Status.MODIFIED:
        return file
    return replace(file, status=Status.MODE) if file.old_mode != file.new_mode else None


def _troubled(file: FileDiff, problem: str) -> FileDiff:
    return replace(file, hunks=(), problem=problem)
