"""Text from a change or a model, made safe to show: nothing invisible, none of our secrets, nothing active."""

from __future__ import annotations

import functools
import re
import string
import unicodedata
from base64 import b64encode
from collections import defaultdict
from itertools import groupby, takewhile
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

REDACTED = "[redacted]"
CUT = "… [cut]"

#: Characters a block of text, and a line, may have before they are cut.
BLOCK_LIMIT = 10_000
LINE_LIMIT = 200

#: A leak of this many characters is worth redacting; shorter runs turn up by chance.
_PIECE = 12
#: Shorter "secrets" are placeholders ("test", "ollama"): redacting them would spoil every text and protect nobody.
_SHORTEST_SECRET = 8

_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_DENSE = frozenset(string.ascii_lowercase + string.digits)

#: Tag characters are Cf; Cn are code points without a meaning, which a terminal or browser may give one.
_DROPPED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
#: What Unicode calls default ignorable outside these categories: fillers, joiners, variation selectors.
_SHOWS_NOTHING = frozenset(
    map(chr, (0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180F, 0x3164, 0xFFA0))
) | frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
_LINE_ENDS = re.compile("\r\n|[\r\u2028\u2029]")

#: Fence languages that GitHub executes instead of showing: a button, formulas, drawings, maps.
_RENDERED = ("suggestion", "math", "mermaid", "geojson", "topojson", "stl")
_LANGUAGE = re.compile(r"[a-z0-9+#-]{1,30}")
_FENCE = re.compile(r"([ \t]*)(`{3,}(?=[^`]*$)|~{3,})[ \t]*(\S*)")
_RULER = re.compile(r"(?:(?:[-+*]|\d{1,9}[.)])[ \t]++)*+[-=_*:| \t]*+")  # also as an item of a list
_TICKS = re.compile("`+")
_OUR_MARKER = re.compile(r"<!--(?=\s*reviewbot)", re.IGNORECASE)

#: What must not stand in prose as it is. Every branch is linear; entities that `_escaped` makes are left alone, which makes
#: a second pass change nothing. Only those: a text's own `&#64;` would become a mention again.
_ACTIVE = re.compile(
    r"""(?P<entity> &(?:lt|gt|amp|\#(?:91|92|93|95|96|124|126)); )
      | (?P<code>   (?:https?|ftp)://[^\s<>]+
                  | (?<![0-9a-z])www\.[^\s<>]+
                  | (?<![0-9a-z])[0-9a-f]{7,}(?:\#+|(?![0-9a-z])|(?=https?:|ftp:)) )
      | (?P<split>  :// | @+ | (?<![0-9a-z\#])\#+ | \#(?=\d) | (?<=gh)-(?=\d) )
      | (?P<escape> [<>&\\\[\]`~|] | __+ )""",
    re.VERBOSE | re.IGNORECASE,
)
#: What GitHub's runner obeys in a log: `::name::` at the start of a line and, in the old form, `##[name]` anywhere.
_COMMAND = re.compile(r"^(?P<blank>[^\S\n]*):(?=:.*::)|##\[", re.MULTILINE)

_NAMED = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}


class Sanitizer:
    """Cleans text for one run; it knows the run's secrets and never shows them, not even in its repr."""

    def __init__(self, secrets: Iterable[str]) -> None:
        """`secrets` are the values themselves: API keys and tokens. Those under 8 characters are ignored."""
        known = [s for s in (_visible(secret).strip() for secret in secrets) if len(s) >= _SHORTEST_SECRET]
        forms = {form.translate(_LOWER) for secret in known for form in _forms(secret)}
        self._exact = _pieces(forms)
        self._dense = _pieces({"".join(filter(_DENSE.__contains__, form)) for form in forms})

    def clean(self, text: str, *, limit: int = BLOCK_LIMIT) -> str:
        """For every output: invisible characters dropped, secrets redacted, at most `limit` characters; keeps newlines and tabs."""
        text = self.redact(_visible(text))
        return text if len(text) <= limit else text[: limit - len(CUT)] + CUT

    def line(self, text: str, limit: int = LINE_LIMIT) -> str:
        """`clean` on one line, for titles, reasons and paths."""
        parts = (part.strip() for part in _visible(text).replace("\t", " ").split("\n"))
        return self.clean(" ".join(filter(None, parts)), limit=limit)

    def markdown(self, text: str, *, limit: int = BLOCK_LIMIT) -> str:
        """A block for a GitHub comment or summary: prose, lists, emphasis and code stay, nothing links, loads, calls or renders.

        It holds wherever a block may stand: no heading, table, HTML or open fence gets out of it. `limit` counts before escaping.
        """
        lines = iter(self.clean(text, limit=limit).split("\n"))
        return "\n".join(
            _fence_from(opening, lines) if (opening := _FENCE.match(line)) else _prose(line) for line in lines
        )

    def inline(self, text: str, limit: int = LINE_LIMIT) -> str:
        """`markdown` on one line, for titles and reasons; backticks still make code."""
        return _prose(self.line(text, limit))

    def code(self, text: str, limit: int = LINE_LIMIT) -> str:
        """One line as a code span, for paths and model names."""
        return _code(self.line(text, limit))

    def fence(self, code: str, language: str = "") -> str:
        """A code block that its content cannot close.

        `language` is ours, never a model's: "suggestion" makes GitHub's button. Unusable ones are left out.
        """
        return _fenced(self.clean(code), language if _LANGUAGE.fullmatch(language) else "")

    def reveals(self, text: str) -> bool:
        """Whether the text shows a secret, or a piece of one, in any spelling."""
        visible = _visible(text)
        return self.redact(visible) != visible

    def redact(self, text: str) -> str:
        """The text as it is, but for secrets: for files that machines read."""
        folded = text.translate(_LOWER)
        hidden = bytearray(len(text))
        _hide(hidden, folded, range(len(folded)), self._exact)
        # Wrapped, spaced or quoted apart ("s-k-…"): the same search in letters and digits alone.
        dense = [i for i, char in enumerate(folded) if char in _DENSE]
        _hide(hidden, "".join(folded[i] for i in dense), dense, self._dense)
        runs = ((secret, list(run)) for secret, run in groupby(range(len(text)), hidden.__getitem__))
        return "".join(REDACTED if secret else text[run[0] : run[-1] + 1] for secret, run in runs)


def inert(text: str) -> str:
    """The text with nothing in it that GitHub's runner obeys when it reads a log: such signs become JSON escapes.

    In JSON that changes nothing, since no line of it starts with a colon. A second pass changes nothing.
    """
    return _COMMAND.sub(lambda hit: "##\\u005b" if hit["blank"] is None else f"{hit['blank']}\\u003a", text)


@functools.lru_cache(maxsize=65_536)
def shows(char: str) -> bool:
    """Whether a reader sees anything of the character; line feeds and tabs count."""
    if char in "\n\t":
        return True
    return unicodedata.category(char) not in _DROPPED_CATEGORIES and char not in _SHOWS_NOTHING


def _visible(text: str) -> str:
    # Line ends that a dropped character held apart ("\r\u200b\n") are one or two empty lines; nobody minds.
    return "".join(filter(shows, _LINE_ENDS.sub("\n", text)))


def _forms(secret: str) -> Iterator[str]:
    """Every spelling of the secret we look for; case does not matter to the search."""
    for text in (secret, secret[::-1]):
        raw = text.encode()
        # The last one is hex as well, once the signs are left out of both.
        forms = [text, quote(raw, safe=""), "".join(f"%{byte:02x}" for byte in raw)]
        # Inside a longer text, base64 starts at one of three alignments; `lost` characters then hold bits of what precedes,
        # and the last one bits of what follows.
        for shift, lost in ((0, 0), (1, 2), (2, 3)):
            encoded = b64encode(bytes(shift) + raw).decode()
            whole = (shift + len(raw)) * 8 // 6
            forms += [encoded[lost:], encoded[lost:whole]]
        forms += [form.replace("+", "-").replace("/", "_") for form in forms]
        yield from forms
        yield from (form[::-1] for form in forms)


def _pieces(forms: Iterable[str]) -> Mapping[int, AbstractSet[str]]:
    """By length, the substrings that give a secret away: runs of 12, and the whole of a form that is shorter."""
    pieces: defaultdict[int, set[str]] = defaultdict(set)
    for form in forms:
        size = min(len(form), _PIECE)
        if size >= _SHORTEST_SECRET:
            pieces[size].update(form[i : i + size] for i in range(len(form) - size + 1))
    return pieces


def _hide(
    hidden: bytearray, text: str, places: Sequence[int], pieces: Mapping[int, AbstractSet[str]]
) -> None:
    """Mark in `hidden` what shows a piece; `places[i]` is where character i of `text` stands there."""
    for size, known in pieces.items():
        for start in range(len(text) - size + 1):
            if text[start : start + size] in known:
                first, last = places[start], places[start + size - 1]
                hidden[first : last + 1] = b"\1" * (last + 1 - first)


def _fence_from(opening: re.Match[str], lines: Iterator[str]) -> str:
    """The block that `opening` opens, taken off `lines` up to its end or theirs."""
    indent, ticks, language = opening.groups()

    def inside(line: str) -> bool:
        bare = line.strip()
        return len(bare) < len(ticks) or bool(bare.strip(ticks[0]))

    code = "\n".join(_dedented(line, len(indent)) for line in takewhile(inside, lines))
    language = language.lower()
    named = _LANGUAGE.fullmatch(language) and not language.startswith(_RENDERED)
    return _fenced(code, language if named else "")


def _dedented(line: str, indent: int) -> str:
    return line[min(indent, len(line) - len(line.lstrip(" \t"))) :]


def _fenced(code: str, language: str) -> str:
    fence = "`" * max(3, 1 + _longest_run(code))
    return f"{fence}{language}\n{_unmarked(code)}\n{fence}"


def _code(text: str) -> str:
    text = _unmarked(text)
    ticks = "`" * (1 + _longest_run(text))
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{pad}{text}{pad}{ticks}" if text else ""


def _longest_run(text: str) -> int:
    return max(map(len, _TICKS.findall(text)), default=0)


def _unmarked(code: str) -> str:
    # Code is shown as it is, so a forged marker in it would still be found by those who search raw comments.
    return _OUR_MARKER.sub("<! --", code)


def _prose(line: str) -> str:
    """One line outside of fences. It opens no block but a list item, and its backticks pair up within it."""
    body = line.strip()
    if _RULER.fullmatch(body):
        # As it is, it would underline a heading, rule off what precedes or make it a table.
        return _code(body)
    indent = len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip())
    # From 4 columns on it would be code, in which our escapes show.
    return " " * min(indent, 3) + _joined(_line_tokens(body))


def _line_tokens(body: str) -> Iterator[str]:
    if body.startswith("/"):  # other bots obey lines like "/approve"
        yield _code("/")
        body = body[1:]
    for part, is_code in _spans(body):
        if is_code:
            yield _code(part)
            continue
        for word in re.split(r"([ \t]+)", part):
            yield from _word_tokens(word)


def _spans(line: str) -> Iterator[tuple[str, bool]]:
    """The line in parts, with whether each is the inside of a code span that opens and closes on this line."""
    runs = list(_TICKS.finditer(line))
    done = 0
    for at, opening in enumerate(runs):
        if opening.start() < done:
            continue
        closing = next((run for run in runs[at + 1 :] if len(run[0]) == len(opening[0])), None)
        if closing is not None and line[opening.end() : closing.start()].strip():
            yield line[done : opening.start()], False
            yield line[opening.end() : closing.start()], True
            done = closing.end()
    yield line[done:], False


def _word_tokens(word: str) -> Iterator[str]:
    if word and not word.strip(" \t"):
        yield " "
    elif "$" in word:  # a formula, or half of one
        yield _code(word)
    else:
        done = 0
        for found in _ACTIVE.finditer(word):
            yield word[done : found.start()]
            yield from _inert(found)
            done = found.end()
        yield word[done:]


def _inert(found: re.Match[str]) -> Iterator[str]:
    text = found[0]
    if found["code"]:
        target = text.rstrip(".,;:!?)]}\"'*_~`")
        yield _code(target)
        if len(target) < len(text):
            yield from _word_tokens(text[len(target) :])
    elif found["split"]:
        yield _code(text)
    else:
        yield text if found["entity"] else "".join(_NAMED.get(char) or f"&#{ord(char)};" for char in text)


def _joined(tokens: Iterable[str]) -> str:
    """Tokens as one text; code spans do not touch, or their backticks would pair up differently."""
    text: list[str] = []
    for token in filter(None, tokens):
        if text and text[-1].endswith("`") and token.startswith("`"):
            text.append(" ")
        text.append(token)
    return "".join(text)
