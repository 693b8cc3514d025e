"""Whether a suggested change is sure to do at a click what it shows, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from reviewbot.critical import ALWAYS_CRITICAL_PATHS
from reviewbot.globs import Globs
from reviewbot.grounding import Lines, Quotable
from reviewbot.sanitize import CUT, REDACTED

if TYPE_CHECKING:
    from reviewbot.diff import HeadText
    from reviewbot.findings import Finding
    from reviewbot.sanitize import Sanitizer

#: Characters of a suggestion that somebody still reads before the click.
_LONGEST = 4_000

#: Files in which one click must not change anything: workflows, CODEOWNERS, our own configuration.
PROTECTED = Globs(ALWAYS_CRITICAL_PATHS)

#: Whether a text may stand in a file of this path: `parses(path, text)`. What cannot be told is a no.
Parses = Callable[[str, str], bool]


def applicable(
    found: Finding,
    head: HeadText | None,
    sanitizer: Sanitizer,
    parses: Parses,
    protected: Globs = PROTECTED,
) -> str | None:
    """The code that replaces the finding's lines, without a line end at its end; None where that is not safe.

    `found` is as it was before cleaning. `head` is its file's text at the commit in question, untouched; None if
    it is not known.
    """
    if found.suggestion is None or head is None or not head.complete or protected.match(found.path):
        return None
    code = found.suggestion.removesuffix("\n")
    if not code.strip() or len(code) > _LONGEST or not _is_shown_as_is(code, sanitizer):
        return None
    if Lines(found.first_line, found.last_line) not in Quotable(head).find(found.quote):
        return None
    file = [head.lines[number] for number in sorted(head.lines)]
    anchored = file[found.first_line - 1 : found.last_line]
    # Whoever applies it writes line feeds; among lines that end otherwise they would be a change of their own.
    if anchored == code.split("\n") or any(line.endswith("\r") for line in anchored):
        return None
    after = [*file[: found.first_line - 1], code, *file[found.last_line :]]
    return code if parses(found.path, "\n".join([*after, ""])) else None


def _is_shown_as_is(code: str, sanitizer: Sanitizer) -> bool:
    """Whether cleaning takes nothing from it, now or before it got here."""
    touched = sanitizer.clean(code) != code or REDACTED in code or CUT in code
    return not touched and f"\n{code}\n" in sanitizer.fence(code)
