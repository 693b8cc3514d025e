"""The names that the header lines of a patch give a file, and which of them must not be trusted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NO_FILE = b"/dev/null"

_TIMESTAMP = re.compile(rb"\s\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?(?: [-+]\d\d:?\d\d)?$")
_QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*)"')
_ESCAPE = re.compile(rb'\\([abtnvfr"\\]|[0-3][0-7]{2})')
_ESCAPED = {b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r"}


class UnreadableError(ValueError):
    """Part of a diff that cannot be trusted; the message is a clause fit for `FileDiff.problem`."""


def in_git_headers(pair: bytes, fields: Mapping[bytes, bytes]) -> tuple[bytes, bytes]:
    """Old and new name, without prefixes, of one file of a git diff.

    `pair` is what follows `diff --git `; `fields` are the lines below it, by their words up to the value. The rename
    lines decide, else `pair`, else `---` and `+++`, which must not contradict the others.
    """
    shown = [_shown(fields[key]) for key in (b"--- ", b"+++ ") if key in fields]
    names = _renamed(fields)
    if names is None:
        name = _common(pair)
        if name is None and len(shown) == 2 and NO_FILE not in shown:
            return _stripped(shown[0]), _stripped(shown[1])  # `git diff --no-index` of two names
        if name is None:
            raise UnreadableError("its diff --git line does not name one file")
        names = name, name
    for line, name in zip(shown, names, strict=False):
        if line not in (NO_FILE, name) and _stripped(line) != name:
            raise UnreadableError("its header lines name different files")
    return names


def in_plain_headers(old: bytes, new: bytes) -> tuple[bytes, bytes]:
    """The names after `--- ` and `+++ `, their first folder dropped unless they are equal: then there is no prefix."""
    old, new = (_TIMESTAMP.sub(b"", _shown(line)).rstrip() for line in (old, new))
    if old == new:
        return old, new
    old, new = (name if name == NO_FILE else _stripped(name) for name in (old, new))
    if NO_FILE in (old, new):
        return old, new
    name = old if new.startswith(old) else new  # x.orig and x are one file: x
    return name, name


def unquoted(name: bytes) -> bytes:
    """A name as it is on disk; git writes unusual ones as C strings."""
    match = _QUOTED.match(name)
    if not match:
        return name
    return _ESCAPE.sub(
        lambda e: bytes([int(e[1], 8)]) if len(e[1]) == 3 else _ESCAPED.get(e[1], e[1]), match[1]
    )


def readable(name: bytes) -> str:
    """The name as valid Unicode, whatever its bytes."""
    return name.decode("utf-8", "backslashreplace")


def flaw(name: bytes) -> str | None:
    """Why a file of this name must not be opened or commented on."""
    try:
        text = name.decode("utf-8")
    except UnicodeDecodeError:
        return "its name is not UTF-8"
    if re.search(r"[\x00-\x1f\x7f-\x9f]", text):
        return "its name holds control characters"
    parts = [part.casefold() for part in re.split(r"[/\\]", text)]
    if not parts[0] or re.fullmatch("[a-z]:", parts[0]):
        return "its name is absolute or empty"
    if not {"", ".", "..", ".git"}.isdisjoint(parts):
        return "its name leads out of the repository's files"
    return None


def _renamed(fields: Mapping[bytes, bytes]) -> tuple[bytes, bytes] | None:
    for verb in (b"rename", b"copy"):
        old, new = fields.get(verb + b" from "), fields.get(verb + b" to ")
        if old is not None and new is not None:
            return unquoted(old), unquoted(new)
    return None


def _common(pair: bytes) -> bytes | None:
    """The one name in `a/NAME b/NAME` or, without prefixes, `NAME NAME`; names may hold spaces."""
    for old, new in _splits(pair):
        if old == new:
            return new
        if _stripped(old) == _stripped(new):
            return _stripped(new)
    return None


def _splits(pair: bytes) -> Iterator[tuple[bytes, bytes]]:
    if match := _QUOTED.match(pair):
        yield unquoted(pair), unquoted(pair[match.end() + 1 :])
    elif pair.endswith(b'"'):
        old, _, new = pair.partition(b' "')
        yield old, unquoted(b'"' + new)
    else:
        spaces = [match.start() for match in re.finditer(b" ", pair)]
        for space in sorted(
            spaces, key=lambda at: abs(2 * at + 1 - len(pair))
        ):  # prefixes are mostly of one length
            yield pair[:space], pair[space + 1 :]


def _stripped(name: bytes) -> bytes:
    head, slash, tail = name.partition(b"/")
    return tail if slash else head


def _shown(value: bytes) -> bytes:
    # Git ends a name that has spaces with a tab; other tools put the time there.
    return unquoted(value if value.startswith(b'"') else value.partition(b"\t")[0])
