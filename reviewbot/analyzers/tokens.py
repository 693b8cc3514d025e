"""Code as one line of tokens, so that a rule is a regular expression over tokens and never sees a comment.

Names, numbers and operators stand as they are, with one space between any two. A text literal is a letter for what
it is and its content, all but harmless characters replaced: `S"..."` plain, `K"..."` could be a secret, `V"..."` a
vendor's key, `Q"..."` plain SQL, `D"..."` with values inside, `R"..."` SQL with values inside, `T"..."` a tagged
template. The expressions inside a literal follow it between `{|` and `|}`. `⏎` ends a line outside brackets.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pygments.lexers.go import GoLexer
from pygments.lexers.javascript import JavascriptLexer, TypeScriptLexer
from pygments.lexers.jvm import JavaLexer
from pygments.lexers.python import PythonLexer
from pygments.token import Comment, Name, String, _TokenType

from reviewbot.analyzers.source import Language

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pygments.lexer import RegexLexer

_LEXERS: Mapping[Language, type[RegexLexer]] = {
    Language.PYTHON: PythonLexer,
    Language.JAVASCRIPT: JavascriptLexer,
    Language.TYPESCRIPT: TypeScriptLexer,
    Language.TSX: TypeScriptLexer,
    Language.GO: GoLexer,
    Language.JAVA: JavaLexer,
}

_SQL = re.compile(
    r"\s*(?:(?:SELECT\s.*?\sFROM|INSERT\s+INTO|REPLACE\s+INTO|UPDATE\s.*?\sSET|DELETE\s+FROM|DROP\s+TABLE)(?:\s|$)"
    r"|(?:select\s.*?\sfrom|insert\s+into|replace\s+into|update\s.*?\sset|delete\s+from|drop\s+table)(?:\s|$))",
    re.DOTALL,
)

#: Key formats as their vendors publish them, and the first line of a private key.
_VENDOR = re.compile(
    r"(?:AKIA|ASIA)[0-9A-Z]{16}"  # AWS
    r"|gh[pousr]_\w{36}|github_pat_\w{40,}|glpat-[\w-]{20}"  # GitHub, GitLab
    r"|xox[abprs]-[\w-]{10,}"  # Slack
    r"|sk-(?:ant|proj|svcacct)-[\w-]{20,}|AIza[\w-]{35}"  # Anthropic, OpenAI, Google
    r"|sk_live_\w{16,}|SG\.[\w-]{22}\.[\w-]{43}|npm_\w{36}"  # Stripe, SendGrid, npm
    r"|-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----"
)

#: A word or two name a thing rather than open it; the rest are what people write where a secret will go.
_NO_SECRET = re.compile(
    r"(?i)[a-z]+(?:[_.:-][a-z]+)*$"
    r"|.*(?:change_?me|example|placeholder|dummy|xxx|\.\.\.|<|\$\{|\{\{|%\(|your[_-]|://|test|fake|redacted|\*\*\*)"
    r"|/"
)

_PAIRS = frozenset(
    {"==", "!=", "===", "!==", "<=", ">=", ":=", "+=", "-=", "->", "=>", "&&", "||", "++", "--"}
)

_DOTTED = re.compile(r"[^\W\d][\w$]*(?:\.[^\W\d][\w$]*)+")

#: In the text of a JSX element an apostrophe is no quote; the lexer would take what follows for a literal.
_APOSTROPHE = re.compile(r"(?<=[A-Za-z])'(?=(?:s|t|re|ll|ve|d|m)\b)")


_QUOTES = "\"'`"


def _is(kind: _TokenType, group: _TokenType) -> bool:
    """Whether a token type is one of a group; its `in` is not what the type checker takes it for."""
    return kind[: len(group)] == group


#: What every token is: its text, its first and its last line.
_Token = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Stream:
    """The tokens as text, and the lines each of them is on."""

    text: str
    starts: tuple[int, ...]  # offsets into text, ascending
    lines: tuple[tuple[int, int], ...]

    def lines_at(self, first: int, last: int) -> tuple[int, int]:
        """The source lines of the tokens from offset `first` to offset `last`."""
        begin, end = (self.lines[max(bisect_right(self.starts, offset) - 1, 0)] for offset in (first, last))
        return begin[0], max(begin[0], end[1])


def stream(language: Language, text: str) -> Stream:
    """The token line of a text."""
    brackets: list[str] = []
    kept: list[_Token] = []
    for token in _Reader(language).read(text):
        if token[0] in ("(", "[", "{"):
            brackets.append(token[0])
        elif token[0] in (")", "]", "}") and brackets:
            brackets.pop()
        if token[0] != "⏎" or not brackets or brackets[-1] == "{":
            kept.append(token)
    starts = itertools.accumulate((len(token) + 1 for token, _, _ in kept[:-1]), initial=0)
    line = "".join(f"{token} " for token, _, _ in kept)
    return Stream(line, tuple(starts) if kept else (), tuple((first, last) for _, first, last in kept))


@dataclass(slots=True)
class _Literal:
    """A text literal being read; `open` while the lexer is in an expression inside it."""

    first: int
    tagged: bool
    parts: list[str] = field(default_factory=list)
    inside: list[_Token] = field(default_factory=list)
    dynamic: bool = False
    open: bool = False


class _Reader:
    """Joins the pieces a lexer cuts literals and operators into, and drops comments and blanks."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._done: list[_Token] = []
        self._literals: list[_Literal] = []  # a literal may hold an expression that holds a literal
        self._line = 1
        self._end = -1  # offset behind the last token, to tell `==` from `= =`
        self._after_name = False

    def read(self, text: str) -> list[_Token]:
        """All tokens of the text."""
        if self._language in (Language.JAVASCRIPT, Language.TYPESCRIPT, Language.TSX):
            text = _APOSTROPHE.sub("_", text)
        lexer = _LEXERS[self._language](stripnl=False, ensurenl=False)
        for offset, kind, value in lexer.get_tokens_unprocessed(text):
            if _is(kind, String):
                self._literal(kind, value)
            else:
                self._code(offset, kind, value)
            self._line += value.count("\n")
        while self._literals:
            self._finish()
        return self._done

    def _literal(self, kind: _TokenType, value: str) -> None:
        current = self._literals[-1] if self._literals else None
        if kind is String.Interpol and current is not None:
            if value in ("{", "${") and not current.open:
                current.open = current.dynamic = True
                return
            if value == "}" and not current.open and len(self._literals) > 1:
                self._finish()  # it was a format specification, read as a literal of its own
                current = self._literals[-1]
            if current.open and value[:1] in "}!:":
                current.open = value != "}" and current.open
                return
        if current is None or current.open:
            current = _Literal(self._line, tagged=self._after_name and value.startswith("`"))
            self._literals.append(current)
        if kind is not String.Affix:
            current.parts.append(value)

    def _code(self, offset: int, kind: _TokenType, value: str) -> None:
        while self._literals and not self._literals[-1].open:
            self._finish()
        if _is(kind, Comment):
            return
        word = value.strip().replace('"', "")
        target = self._target()
        if not word:
            if "\n" in value:
                target.append(("⏎", self._line, self._line))
            return
        if target and offset == self._end and target[-1][0] + word in _PAIRS:
            target[-1] = (target[-1][0] + word, target[-1][1], self._line)
        else:
            # The TypeScript lexer takes `a.b` after a colon for one type name.
            pieces = re.split(r"(\.)", word) if _DOTTED.fullmatch(word) else [word]
            target += [(piece, self._line, self._line) for piece in pieces]
        self._end = offset + len(value)
        self._after_name = _is(kind, Name)

    def _target(self) -> list[_Token]:
        return self._literals[-1].inside if self._literals else self._done

    def _finish(self) -> None:
        literal = self._literals.pop()
        text = "".join(literal.parts)
        content = text.strip(_QUOTES)
        shown = re.sub(r"[^\w./:%@=<-]", "_", content)[:80]
        last = literal.first + text.count("\n")
        target = self._target()
        target.append((f'{_letter(literal, content)}"{shown}"', literal.first, last))
        if literal.inside:
            target += [("{|", literal.first, last), *literal.inside, ("|}", last, last)]
        self._after_name = False


def _letter(literal: _Literal, content: str) -> str:
    if literal.tagged:
        return "T"
    if _SQL.match(content):
        return "R" if literal.dynamic else "Q"
    if _VENDOR.search(content):
        return "V"
    if literal.dynamic:
        return "D"
    is_secret = len(content) >= 6 and not re.search(r"\s", content) and not _NO_SECRET.match(content)
    return "K" if is_secret else "S"
