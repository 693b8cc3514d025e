"""The text an analyser gets for a changed file, and the way back from its lines to those of the file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from reviewbot.diff import HeadText


class Language(StrEnum):
    """What can be read at all. The words name grammars and rule files."""

    PYTHON = "python"
    JAVASCRIPT = "javascript"
    TYPESCRIPT = "typescript"
    TSX = "tsx"
    GO = "go"
    JAVA = "java"


#: An allow-list: the native parser aborts the process on a language it does not know.
_SUFFIXES: Mapping[str, Language] = {
    ".py": Language.PYTHON, ".pyi": Language.PYTHON, ".pyw": Language.PYTHON,
    ".js": Language.JAVASCRIPT, ".jsx": Language.JAVASCRIPT, ".mjs": Language.JAVASCRIPT, ".cjs": Language.JAVASCRIPT,
    ".ts": Language.TYPESCRIPT, ".mts": Language.TYPESCRIPT, ".cts": Language.TYPESCRIPT, ".tsx": Language.TSX,
    ".go": Language.GO, ".java": Language.JAVA,
}  # fmt: skip  # a table

#: Line ends besides \n. Code after one of them runs, though a diff shows it on the line of a comment.
_BREAKS: Mapping[Language, str] = {
    Language.PYTHON: "\r",
    Language.JAVASCRIPT: "\r\u2028\u2029",
    Language.TYPESCRIPT: "\r\u2028\u2029",
    Language.TSX: "\r\u2028\u2029",
    Language.GO: "",
    Language.JAVA: "\r",
}

#: PEP 263. Under any other encoding the interpreter runs another text than the one a diff shows.
_COOKIE = re.compile(r"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_PLAIN = frozenset({"utf-8", "utf8", "utf-8-sig", "ascii", "us-ascii", "latin-1", "latin1", "iso-8859-1"})

#: Where only hunks are known the imports are out of sight, and some rules look names up. Adds no finding of its own.
_IMPORTS = (
    "import asyncio, ftplib, hashlib, io, jinja2, json, logging, marshal, os, pickle, random, requests, ssl, "
    "subprocess, tarfile, telnetlib, tempfile, time, urllib.request, yaml"
)


@dataclass(frozen=True, slots=True)
class Source:
    """One text to analyse. `origin` has the head line of each of its lines, 0 for lines that were added to it."""

    language: Language
    text: str
    origin: tuple[int, ...]
    whole: bool  # the whole file, not a piece of it

    def head_lines(self, first: int, last: int) -> tuple[int, int] | None:
        """The lines at head of a range of this text; None when it has none of them."""
        lines = [number for number in self.origin[max(first, 1) - 1 : last] if number]
        return (min(lines), max(lines)) if lines else None


def language_of(path: str) -> Language | None:
    """The language a path's suffix says; None for any we have no rules for."""
    return _SUFFIXES.get(path[path.rfind(".") :].lower()) if "." in path else None


def sources(path: str, head: HeadText) -> tuple[Source, ...] | None:
    """The texts a file is analysed as: one, or with only hunks at hand one a hunk; None if it cannot be read."""
    language = language_of(path)
    if language is None or (language is Language.PYTHON and _oddly_encoded(head)):
        return None
    if head.complete:
        return (_source(language, sorted(head.lines.items()), whole=True),)
    return tuple(_source(language, run, whole=False) for run in _runs(head.lines))


def _oddly_encoded(head: HeadText) -> bool:
    for number in (1, 2):
        declared = _COOKIE.match(head.lines.get(number, ""))
        if declared and declared.group(1).lower().replace("_", "-") not in _PLAIN:
            return True
    return False


def _runs(lines: Mapping[int, str]) -> Iterator[list[tuple[int, str]]]:
    run: list[tuple[int, str]] = []
    for number in sorted(lines):
        if run and number != run[-1][0] + 1:
            yield run
            run = []
        run.append((number, lines[number]))
    if run:
        yield run


def _source(language: Language, numbered: Sequence[tuple[int, str]], *, whole: bool) -> Source:
    breaks = _BREAKS[language]
    lines = [
        (number, part)
        for number, text in numbered
        for part in (re.split(f"[{breaks}]", text.rstrip("\r")) if breaks else [text])
    ]
    if language is Language.PYTHON and not whole:
        lines = _parsable(lines)
    # A lone surrogate stands for a byte that is no text; native parsers take none.
    text = "".join(f"{text}\n" for _, text in lines).encode("utf-8", "replace").decode()
    return Source(language, text, tuple(number for number, _ in lines), whole)


def _parsable(lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """A piece out of the middle of Python code, with openers for the blocks it is in and a body for one it opens."""
    code = [
        (text, text.lstrip(" \t")) for _, text in lines if text.strip() and not text.lstrip().startswith("#")
    ]
    if not code:
        return lines
    levels: list[tuple[str, str]] = []  # each indentation lower than all before it, and the line that has it
    for text, rest in code:
        indent = text[: len(text) - len(rest)]
        if not levels or len(indent) < len(levels[-1][0]):
            levels.append((indent, rest))
    openers = ["if 1:"] if levels[-1][0] else []
    openers += [indent + _opener(rest) for indent, rest in reversed(levels[1:])]
    indent, rest = levels[0]
    if _CONTINUES.match(rest):
        openers.append(f"{indent}{_opener(rest)} pass")
    text, rest = code[-1]
    body = [text[: len(text) - len(rest)] + " pass"] if rest.rstrip().endswith(":") else []
    return [*((0, line) for line in (_IMPORTS, *openers)), *lines, *((0, line) for line in body)]


_CONTINUES = re.compile(r"(else|elif|except|finally)\b")


def _opener(line: str) -> str:
    """The head of a block that `line`, at the same indentation, may follow."""
    return "try:" if line.startswith(("except", "finally")) else "if 1:"
