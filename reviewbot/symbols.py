"""Names that a change defines anew or otherwise, so that a reviewer of a big file sees where it uses them."""

from __future__ import annotations

import functools
import itertools
import re
from collections import Counter
from typing import TYPE_CHECKING

from reviewbot import blocks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from reviewbot.diff import FileDiff, HeadText

#: Names that are looked for, those defined first; a change that touches more of them has been made by a tool.
NAMES = 60
#: Shorter names, and those that every other file has, lead nowhere.
_SHORTEST = 4
_COMMON = frozenset(
    "main init setup teardown test tests constructor toString equals hashCode render handle handler execute callback "
    "value values name data self this super new get set add run call apply close open start stop update create".split()
)
_KEYWORDS = tuple(
    "def class func function function* fn interface struct enum trait protocol record type module sub proc macro".split()
)
#: `def f`, `class C`, `func (r *T) m`, `export async function f`, `pub fn f`, `type T`, and so on.
_KEYWORD = re.compile(rf"(?:^|\s)(?:{'|'.join(map(re.escape, _KEYWORDS))})\s+(?:\([^)]*\)\s*)?(\w+)")
_DEFINING = frozenset(_KEYWORDS)
#: `name = (…) =>`, `name: function`, `name = lambda`.
_BOUND = re.compile(r"(\w+)\s*[:=]\s*(?:async\s*)?(?:function\b|lambda\b|\([^()]*\)\s*=>|\w+\s*=>)")
#: `public static int name(…) {` and `name(…) {`: a call does not open a block.
_BRACED = re.compile(r"^\s*(?:[\w<>\[\],.&*@:]+\s+)*[*&]?(\w+)\s*\([^;{}]*\)?[^;{}]*\{\s*$")
_UNUSABLE = _COMMON | frozenset(
    "if for while switch catch return else do try with synchronized using lock match when".split()
)


@functools.lru_cache(maxsize=4_096)  # the lines of a block ask for the line that opens it, each anew
def definition(line: str) -> str | None:
    """The name that a line defines, None where it defines none that is worth looking for."""
    text = line[:400]
    for pattern in _likely(text):
        if found := pattern.search(text):
            name = found[1]
            usable = len(name) >= _SHORTEST and name not in _UNUSABLE and not name.startswith("__")
            return name if usable else None
    return None


def _likely(text: str) -> Iterator[re.Pattern[str]]:
    """Those that a line may match: most may match none, and looking for that is cheaper."""
    words = text.split()
    if not _DEFINING.isdisjoint(words):
        yield _KEYWORD
    if "=>" in text or "function" in text or "lambda" in text:
        yield _BOUND
    if words and words[-1].endswith("{"):
        yield _BRACED


class Names:
    """Names of the definitions in which something was changed, the ones with most changed lines first.

    Worked out when they are first asked for, or before that a file at a time.
    """

    def __init__(self, files: Iterable[FileDiff], heads: Mapping[str, HeadText]) -> None:
        self._left = ((file, heads[file.path]) for file in files if file.path in heads)
        self._counted: Counter[str] = Counter()

    def look(self) -> Iterator[None]:
        """Looks through one more file each time; ends when none is left."""
        for file, head in self._left:
            if head.complete:
                self._counted.update(_around(file, head))
                yield

    def __iter__(self) -> Iterator[str]:
        for _ in self.look():
            pass
        return iter(self._most)

    @functools.cached_property
    def _most(self) -> list[str]:
        return sorted(self._counted, key=lambda name: (-self._counted[name], name))[:NAMES]


def _around(file: FileDiff, head: HeadText) -> Iterator[str]:
    """For each changed line the name of the innermost definition it is in."""
    parent, _ = blocks.by_indentation(head.lines)
    for number in blocks.changed(file.hunks):
        openers = (number, *blocks.enclosing(number, parent))
        names = (definition(head.lines.get(line, "")) for line in openers)
        yield from itertools.islice(filter(None, names), 1)


def uses(lines: Mapping[int, str], names: Iterable[str]) -> list[int]:
    """The numbers of the lines in which one of the names stands, ascending."""
    wanted = sorted(names, key=len, reverse=True)
    if not wanted:
        return []
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, wanted))})\b")
    return [number for number in sorted(lines) if pattern.search(lines[number])]
