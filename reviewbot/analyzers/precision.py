"""Which reports of the two Python linters are worth a reader's time.

They share most of their rules, so one rule that fires on harmless code would count as two voices.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewbot.analyzers.analysis import Mark

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Classes whose absence neither can vouch for: their rules see a corner of them (names with "password", tar archives).
PARTIAL = frozenset({"CWE-22", "CWE-79", "CWE-798", "CWE-918", "CWE-1007"})

#: A finding that spans more lines than this is about its first line.
_LONGEST = 12

#: Lines from a finding up to the `def` around it; further up it is not looked for.
_FURTHEST = 200


@dataclass(frozen=True, slots=True)
class _Guard:
    """`needs` must be in the code (or the line of the enclosing def), `harmless` must not."""

    needs: str = ""
    harmless: str = ""


_FOR_KEYS = r"(?i)(secret|token|passw|pwd|otp\b|nonce|salt|session|api_?key|csrf|verification|reset_code)"

_GUARDS: Mapping[str, _Guard] = {
    # An archive that is filtered while it is unpacked stays in its place.
    "CWE-22": _Guard(harmless=r"filter\s*="),
    # An f-string that only inserts CONSTANTS is a fixed text.
    "CWE-89": _Guard(harmless=r"\A[^{%+]*f[\"'][^{}]*(\{[A-Z][A-Z0-9_]*\}[^{}%+]*)+\Z"),
    "CWE-95": _Guard(harmless=r"\b(eval|exec)\(\s*(\"[^\"]*\"|'[^']*')\s*\)"),
    # Games and jitter may be predictable; secrets may not.
    "CWE-330": _Guard(needs=_FOR_KEYS),
    # A label is not a credential: `TOKEN = "access"`, and neither is a placeholder.
    "CWE-798": _Guard(
        harmless=r"(?i)[=:,(]\s*[\"'](|.{0,3}|[a-z]+([_. -][a-z]+)*|\S*(change_?me|example|placeholder|dummy|xxx|\.\.\."
        r"|<|\$\{|\{\{|your[_-]).*|[a-z]+://.*|/\S*)[\"']|token\w*\s*[!=]="
    ),
    # An address is only bound where it says so; elsewhere it is compared with or ignored.
    "CWE-605": _Guard(needs=r"(?i)\bbind|host\w*\s*=[^=]|\.run\(|listen"),
    # urlopen of a fixed address is fine; the linters cannot tell where a variable comes from, so neither can we.
    "CWE-918": _Guard(needs=r"request\.|req\.|params|argv|input\("),
}


#: Question marks for as many values as there are: what `IN (...)` needs and no parameter can give.
_MARKS = r"""["'][, ]*["']\.join\(\s*(?:\[?\s*["'](?:\?|%s)["']\s*\]?\s*\*|["'](?:\?|%s)["']\s+for\b)"""


def kept(lines: Sequence[str], first: int, last: int, cwe: str, rule: str) -> Mark | None:
    """The report as a mark on the whole call it is about, or None if it says nothing about this code."""
    last = _call_end(lines, first, max(first, last))
    if last - first >= _LONGEST:
        last = first
    guard = _GUARDS.get(cwe, _Guard())
    code = "\n".join(lines[first - 1 : last])
    if guard.harmless and re.search(guard.harmless, code):
        return None
    if cwe == "CWE-89" and _inserts_marks(lines, first, code):
        return None
    if guard.needs and not any(re.search(guard.needs, part) for part in (code, _enclosing(lines, first))):
        return None
    return Mark(first, last, cwe, rule)


def _call_end(lines: Sequence[str], first: int, last: int) -> int:
    """The line on which the brackets opened from `first` on are closed again; the tools name only the callee."""
    depth = 0
    for number in range(first, min(len(lines), first + _LONGEST) + 1):
        code = re.sub(r"\"[^\"]*\"|'[^']*'|#.*", "", lines[number - 1])
        depth += sum(code.count(c) for c in "([{") - sum(code.count(c) for c in ")]}")
        if depth <= 0 and number >= last:
            return number
    return last


def _inserts_marks(lines: Sequence[str], first: int, code: str) -> bool:
    """Whether all that an f-string inserts is CONSTANTS and placeholders, directly or under a name that holds nothing else."""
    inserted = re.findall(r"\{([^{}]*)\}", code)
    around = re.sub(r"\"[^\"]*\"|'[^']*'", "", code)
    if not inserted or re.search(r"[+%]|\.format\(", around):
        return False
    function = _function(lines, first)
    above = "\n".join(function)
    taken = (
        set(re.findall(r"\w+", function[0])) if function else set()
    )  # a parameter holds what the caller likes
    return not taken & set(inserted) and all(
        re.fullmatch("[A-Z][A-Z0-9_]*", part) or _is_marks(part, above) for part in inserted
    )


def _is_marks(part: str, above: str) -> bool:
    if not part.isidentifier():
        return re.match(rf"\s*{_MARKS}", part) is not None
    values = re.findall(rf"(?m)^\s*{part}\s*(?::[^=\n]*)?[-+*|]?=(?!=)\s*(.*)", above)
    return bool(values) and all(re.match(_MARKS, value) for value in values)


def _enclosing(lines: Sequence[str], first: int) -> str:
    """The nearest `def` above that is indented less."""
    above = _function(lines, first)
    return above[0].lstrip() if above and re.match(r"\s*(?:async )?def ", above[0]) else ""


def _function(lines: Sequence[str], first: int) -> Sequence[str]:
    """The lines above, from the nearest `def` that is indented less; all that are looked at where there is none."""
    indent = len(lines[first - 1]) - len(lines[first - 1].lstrip())
    start = max(first - _FURTHEST, 0)
    for number in range(first - 1, start, -1):
        text = lines[number - 1]
        code = text.lstrip()
        if code.startswith(("def ", "async def ")) and len(text) - len(code) < indent:
            return lines[number - 1 : first - 1]
    return lines[start : first - 1]
