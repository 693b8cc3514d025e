"""Who owns a path, as GitHub reads CODEOWNERS: the last pattern that matches decides, and a line it cannot read is no line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Where the file can be; the first one there counts.
PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")

#: A person, a team, or an address of mail.
_OWNER = re.compile(r"@[\w.-]+(/[\w.-]+)?|[^\s@]+@[^\s@]+")
#: What is legal in .gitignore and not here; GitHub leaves such a line out.
_NOT_HERE = re.compile(r"!|\\#|.*\[")


@dataclass(frozen=True, slots=True)
class _Line:
    pattern: re.Pattern[str]
    owners: tuple[str, ...]


class Owners:
    """The owners that a CODEOWNERS file gives to paths."""

    def __init__(self, text: str) -> None:
        self._lines = tuple(_lines(text))

    def of(self, path: str) -> tuple[str, ...]:
        """As they are written: `@login`, `@org/team` or a mail address. Nobody, where no line matches or the last names none."""
        for line in reversed(self._lines):
            if line.pattern.fullmatch(path):
                return line.owners
        return ()


def _lines(text: str) -> Iterator[_Line]:
    for line in text.split("\n"):
        # Blanks in a path are written with a backslash before them.
        pattern, *rest = re.findall(r"(?:\\.|\S)+", line) or [""]
        if not pattern or pattern.startswith("#") or _NOT_HERE.match(pattern):
            continue
        comment = next((at for at, word in enumerate(rest) if word.startswith("#")), len(rest))
        owners = tuple(rest[:comment])
        if all(map(_OWNER.fullmatch, owners)):
            yield _Line(_compiled(pattern), owners)


def _compiled(pattern: str) -> re.Pattern[str]:
    """Of a whole path. With a slash anywhere but at its end a pattern begins at the top; a folder stands for all in it."""
    body = pattern.strip("/")
    top = "/" in pattern.removesuffix("/")
    *folders, last = body.split("/")
    parts = ["" if top else "(?:.*/)?"]
    parts += ["(?:.*/)?" if folder == "**" else f"{_segment(folder)}/" for folder in folders]
    if last == "**":
        parts.append(".+")
    elif pattern.endswith("/"):
        parts.append(f"{_segment(last)}/.+")
    elif top and last == "*":
        parts.append("[^/]+")  # unlike in .gitignore: what is in the folder itself, and no deeper
    else:
        parts.append(f"{_segment(last)}(?:/.*)?")
    return re.compile("".join(parts), re.DOTALL)


def _segment(text: str) -> str:
    wild = {"*": "[^/]*", "?": "[^/]"}
    pieces = re.findall(r"\\.|\*+|.", text, re.DOTALL)
    return "".join(wild.get(p[0], re.escape(p[-1])) if p[0] != "\\" else re.escape(p[-1]) for p in pieces)
