"""The text of a diff as files and hunks, read so that one bad file never hides another."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from reviewbot import hunks, names
from reviewbot.diff import SUBMODULE_MODE, FileDiff, Hunk, Status
from reviewbot.errors import UsageError
from reviewbot.names import NO_FILE, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

MAX_BYTES = 50_000_000
MAX_FILES = 20_000
#: Longest header line that is read, in bytes; a name can have 4,095 on Linux.
_MAX_HEADER = 4096

#: No line of a hunk begins like this, so a diff can be cut here without counting lines.
_SECTION = re.compile(rb"^diff --(?:git|cc|combined) ", re.MULTILINE)
_FIELD = re.compile(
    rb"(--- |\+\+\+ |index |old mode |new mode |new file mode |deleted file mode "
    rb"|(?:rename|copy) (?:from|to) |(?:dis)?similarity index )([^\n]*)\n?"
)
_SUBMODULE_LOG = re.compile(rb"Submodule (.+) [0-9a-f]{7,64}\.\.\.?[0-9a-f]{7,64}(?::| \((.*)\))?\s*")
_BINARY = re.compile(rb"Binary files (.+) and (.+) differ\s*")
#: How the id of the empty file begins, in both of git's hash functions.
_EMPTY_FILE = (b"e69de29", b"473a0f4")

_Lines = list[bytes]


def parse(raw: bytes) -> tuple[FileDiff, ...]:
    """Every file of a diff, one entry a path, in order.

    Git's own headers decide where there are any; other patches are read as `git apply -p1` does, except that two
    equal names have no prefix to strip. A file that cannot be read has a `problem` and no hunks. Raises UsageError
    where there is no file at all or too much of everything.
    """
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    if not raw or raw.isspace():
        raise UsageError("the diff is empty; there is nothing to review")
    if len(raw) > MAX_BYTES:
        raise UsageError(f"the diff is larger than {MAX_BYTES // 1_000_000} MB; split the change")
    files: list[FileDiff] = []
    cuts = [0, *(match.start() for match in _SECTION.finditer(raw)), len(raw)]
    for start, end in pairwise(cuts):
        for file in _section(io.BytesIO(raw[start:end]).readlines()):
            files.append(file)
            if len(files) > MAX_FILES:
                raise UsageError(f"the diff has more than {MAX_FILES:,} files; split the change")
    if not files:
        raise UsageError(_why_no_files(raw))
    return _one_per_path(files)


def parse_hunks(text: str) -> tuple[Hunk, ...]:
    """The hunks of one file without any header, as GitHub's API gives them. Raises UnreadableError."""
    lines = io.BytesIO(text.encode("utf-8", "replace")).readlines()
    found, end = hunks.read(lines, 0)
    if end < len(lines) or not found:
        raise UnreadableError("it is not made of hunks alone")
    return found


def _section(lines: _Lines) -> Iterator[FileDiff]:
    file = None
    at = 0
    while at < len(lines):
        if reader := _reader(lines, at):
            if file:
                yield file
            file, at = reader(lines, at)
            continue
        if hunks.HEADER.match(lines[at]):
            if file is None:
                raise UsageError("the diff holds a hunk that belongs to no file; is its beginning missing?")
            file = _troubled(file, "a hunk of it follows text that is not a diff")
        at += 1
    if file:
        yield file


def _reader(lines: _Lines, at: int) -> Callable[[_Lines, int], tuple[FileDiff, int]] | None:
    """What reads the file that opens at this line, if one does."""
    line, following = lines[at], lines[at + 1 : at + 3]
    reader = None
    if line.startswith(b"diff --git "):
        reader = _git_file
    elif line.startswith((b"diff --cc ", b"diff --combined ")):
        reader = _combined_file
    elif line.startswith(b"--- ") and _begin(following, b"+++ ", b"@@"):
        reader = _plain_file
    elif line.startswith(b"*** ") and _begin(following, b"--- ", b"*****"):
        reader = _context_file
    elif line.startswith(b"Submodule ") and _SUBMODULE_LOG.fullmatch(line[:_MAX_HEADER]):
        reader = _submodule_log
    elif line.startswith(b"Binary files ") and _BINARY.fullmatch(line[:_MAX_HEADER]):
        reader = _plain_binary
    if reader and any(len(header) > _MAX_HEADER for header in lines[at : at + 2]):
        return _long_header
    return reader


def _begin(lines: Sequence[bytes], *starts: bytes) -> bool:
    return len(lines) == len(starts) and all(map(bytes.startswith, lines, starts))


def _long_header(lines: _Lines, at: int) -> tuple[FileDiff, int]:
    return FileDiff(
        names.readable(lines[at][:200].strip()), Status.MODIFIED, problem="a header line is over 4 kB"
    ), at + 1


def _git_file(lines: _Lines, at: int) -> tuple[FileDiff, int]:
    fields, body = _fields(lines, at + 1)
    if any(len(line) > _MAX_HEADER for line in lines[at:body]):
        return _long_header(lines, at)[0], body
    pair = lines[at][11:].strip(b"\r\n")
    try:
        old, new = names.in_git_headers(pair, fields)
    except UnreadableError as error:
        return FileDiff(names.readable(pair), Status.MODIFIED, problem=str(error)), body
    first = lines[body] if body < len(lines) else b""
    binary = first.startswith((b"GIT binary patch", b"Binary files "))
    both = fields.get(b"index ", b"").partition(b" ")[2]
    file = _file(
        old,
        new,
        status=_status(fields, content=binary or first.startswith(b"@@")),
        old_mode=_mode(fields.get(b"old mode ") or fields.get(b"deleted file mode ") or both),
        new_mode=_mode(fields.get(b"new mode ") or fields.get(b"new file mode ") or both),
        binary=binary,
    )
    file, end = (file, body + 1) if binary else _with_hunks(file, lines, body)
    return _troubled(file, _contradiction(file, fields)), end


def _fields(lines: _Lines, at: int) -> tuple[Mapping[bytes, bytes], int]:
    fields: dict[bytes, bytes] = {}
    while at < len(lines) and (match := _FIELD.fullmatch(lines[at])) and match[1] not in fields:
        fields[match[1]] = match[2].removesuffix(b"\r")
        at += 1
    return fields, at


def _status(fields: Mapping[bytes, bytes], *, content: bool) -> Status:
    if b"new file mode " in fields:
        return Status.ADDED
    if b"deleted file mode " in fields:
        return Status.DELETED
    if b"copy to " in fields:
        return Status.COPIED
    if b"rename to " in fields:
        return Status.RENAMED
    return Status.MODE if b"old mode " in fields and not content else Status.MODIFIED


def _mode(value: bytes) -> str | None:
    return value.decode("ascii") if re.fullmatch(rb"[0-7]{6}", value) else None


def _contradiction(file: FileDiff, fields: Mapping[bytes, bytes]) -> str | None:
    """What the header says and the body does not bear out: a diff that was cut, filtered or forged."""
    if file.status is Status.ADDED and any(hunk.old_length for hunk in file.hunks):
        return "it is called new, but its hunks have old lines"
    if file.status is Status.DELETED and any(hunk.new_length for hunk in file.hunks):
        return "it is called deleted, but its hunks leave lines"
    if file.hunks or file.binary or file.status is Status.DELETED:
        return None
    before, _, after = fields.get(b"index ", b"").partition(b" ")[0].partition(b"..")
    changed = before != after and not after.startswith(_EMPTY_FILE)
    if changed or file.status is Status.MODIFIED or b"--- " in fields:
        return "its header announces a change, but no hunk follows"
    return None


def _plain_file(lines: _Lines, at: int) -> tuple[FileDiff, int]:
    file, end = _with_hunks(_file(*_plain_names(lines, at)), lines, at + 2)
    if file.status is Status.MODIFIED and len(file.hunks) == 1:
        only = file.hunks[0]
        if (only.old_start, only.old_length) == (0, 0):
            file = replace(file, status=Status.ADDED)
        elif (only.new_start, only.new_length) == (0, 0):
            file = replace(file, status=Status.DELETED)
    return file, end


def _plain_names(lines: _Lines, at: int) -> tuple[bytes, bytes]:
    return names.in_plain_headers(lines[at][4:].strip(b"\r\n"), lines[at + 1][4:].strip(b"\r\n"))


def _context_file(lines: _Lines, at: int) -> tuple[FileDiff, int]:
    file = _file(*_plain_names(lines, at))
    return _troubled(file, "it is a context diff; make a unified one (diff -u)"), at + 3


def _combined_file(lines: _Lines, at: int) -> tuple[FileDiff, int]:
    name = names.unquoted(lines[at].split(b" ", 2)[2].strip(b"\r\n"))
    return _troubled(
        _file(name, name), "it is a combined diff of a merge; make a diff against one parent"
    ), at + 1


def _submodule_log(lines: _Lines, at: int) -> tuple[FileDiff, int]:
    name, event = re.findall(_SUBMODULE_LOG, lines[at])[0]
    status = {b"new submodule": Status.ADDED, b"submodule deleted": Status.DELETED}.get(
        event, Status.MODIFIED
    )
    file = _file(name, name, status=status, old_mode=SUBMODULE_MODE, new_mode=SUBMODULE_MODE)
    return _troubled(file, "it is shown as a submodule's log; make the diff with --submodule=short"), at + 1


def _plain_binary(lines: _Lines, at: int) -> tuple[FileDiff, int]:
    old, new = re.findall(_BINARY, lines[at])[0]
    return _file(*names.in_plain_headers(old, new), binary=True), at + 1


def _file(
    old: bytes,
    new: bytes,
    *,
    status: Status = Status.MODIFIED,
    old_mode: str | None = None,
    new_mode: str | None = None,
    binary: bool = False,
) -> FileDiff:
    if old == NO_FILE:
        old, status = new, Status.ADDED
    elif new == NO_FILE:
        new, status = old, Status.DELETED
    elif old != new and status is Status.MODIFIED:
        status = Status.RENAMED
    return FileDiff(
        path=names.readable(new),
        status=status,
        old_path=names.readable(old) if old != new else None,
        old_mode=None if status is Status.ADDED else old_mode,
        new_mode=None if status is Status.DELETED else new_mode,
        binary=binary,
        problem=names.flaw(new) or names.flaw(old),
    )


def _troubled(file: FileDiff, problem: str | None) -> FileDiff:
    """The file with a problem added: the first one found is reported, and no hunk is kept."""
    return replace(file, hunks=(), problem=file.problem or problem) if problem else file


def _with_hunks(file: FileDiff, lines: _Lines, at: int) -> tuple[FileDiff, int]:
    try:
        found, end = hunks.read(lines, at)
    except UnreadableError as error:
        return _troubled(file, str(error)), at
    beyond = lines[end] if found and end < len(lines) else b""
    closing = beyond.rstrip() in (b"--", b"---")  # of the patch in a mail
    if beyond.startswith((b" ", b"+", b"-")) and not closing and not _reader(lines, end):
        return _troubled(file, "a hunk has more lines than it announces"), end
    return replace(file, hunks=() if file.problem else found), end


def _one_per_path(files: Sequence[FileDiff]) -> tuple[FileDiff, ...]:
    found: dict[str, FileDiff] = {}
    for file in files:
        found[file.path] = _united(found[file.path], file) if file.path in found else file
    return tuple(found.values())


def _united(first: FileDiff, second: FileDiff) -> FileDiff:
    """One entry for two: git shows a change of type as a deletion and an addition."""
    types = {mode[:2] for mode in (first.old_mode, second.new_mode) if mode}
    if (first.status, second.status) != (Status.DELETED, Status.ADDED) or len(types) < 2:
        twice = replace(first, status=Status.MODIFIED, binary=False)
        return _troubled(twice, "the diff holds it more than once; make one diff of the whole change")
    found = (*first.hunks, *second.hunks)
    if len(found) == 2:
        gone, come = found
        found = (Hunk(1, gone.old_length, 1, come.new_length, "", gone.lines + come.lines),)
    binary = first.binary or second.binary
    united = replace(second, status=Status.MODIFIED, old_mode=first.old_mode, binary=binary)
    return _troubled(replace(united, hunks=() if binary else found), second.problem or first.problem)


def _why_no_files(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "the input is UTF-16; write the diff with `git diff --output=FILE`, not with PowerShell's `>`"
    if b"\x1b[" in raw:
        return "the input is a coloured diff; make it with --no-color"
    if re.search(rb"^\*{15}", raw, re.MULTILINE):
        return "the input is a context diff without file names; make a unified one (diff -u)"
    if re.search(rb"^\d+(,\d+)?[acd]\d*(,\d+)?\r?$", raw, re.MULTILINE):
        return "the input is an ed or normal diff; make a unified one (diff -u)"
    return "the input is not a diff; pass the output of `git diff` or `diff -u`"
