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


def kept(lines: Sequence[str], first: int, last: int, cwe: str, rule: str) -> Mark | None:
    """The report as a mark on the whole call it is about, or None if it says nothing about this code."""
    last = _call_end(lines, first, max(first, last))
    if last - first >= _LONGEST:
        last = first
    guard = _GUARDS.get(cwe, _Guard())
    code = "\n".join(lines[first - 1 : last])
    if guard.harmless and re.search(guard.harmless, code):
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


def _enclosing(lines: Sequence[str], first: int) -> str:
    """The nearest `def` above that is indented less."""
    indent = len(lines[first - 1]) - len(lines[first - 1].lstrip())
    for text in reversed(lines[max(first - _FURTHEST, 0) : first - 1]):
        code = text.lstrip()
        if code.startswith(("def ", "async def ")) and len(text) - len(code) < indent:
            return code
    return ""
