"""What is written at the lines of a confirmed finding: what is wrong, why, what happens then, and who stands behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewbot.critical import ALWAYS_CRITICAL_PATHS
from reviewbot.globs import Globs
from reviewbot.grounding import Lines, Quotable
from reviewbot.outputs import caveat, collapsed, place, tally, voted
from reviewbot.sanitize import CUT, REDACTED

if TYPE_CHECKING:
    from reviewbot.diff import HeadText
    from reviewbot.findings import Verdict
    from reviewbot.outputs import Page

#: Characters before escaping; the report has the whole. With these no comment exceeds what GitHub takes.
_BODY = 3_000
_FAILURE = 1_500
_REASON = 300
_SUGGESTION = 4_000

#: Files in which one click on a button must not change anything: workflows, CODEOWNERS, our own configuration.
PROTECTED = Globs(ALWAYS_CRITICAL_PATHS)

#: Whether a text may stand in a file of this path: `parses(path, text)`. What cannot be told is a no.
Parses = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Text:
    """A finding as GitHub Markdown, for its lines and for where they cannot be commented on."""

    on_lines: str
    on_file: str


def text(
    page: Page, verdict: Verdict, head: HeadText | None, parses: Parses, protected: Globs = PROTECTED
) -> Text:
    """The comment on `verdict`, which is one of the review that `page` was made of, as it was before cleaning.

    `head` is its file's text at the commit that is commented on, untouched; None if it is not known.
    """
    (clean,) = (v for v in page.review.verdicts if v.claim.id == verdict.claim.id)
    code = _suggestion(page, verdict, head, parses, protected)
    button = [page.sanitizer.fence(code, "suggestion")] if code is not None else []
    where = f" {page.sanitizer.code(place(clean))}"
    return Text(on_lines=_written(page, clean, "", button), on_file=_written(page, clean, where, []))


def _written(page: Page, verdict: Verdict, where: str, button: list[str]) -> str:
    found, safe = verdict.finding, page.sanitizer
    parts = [
        f"**{verdict.severity.word.capitalize()}** ({found.category}){where}: {safe.inline(found.title)}",
        safe.markdown(found.body, limit=_BODY),
    ]
    if found.failure:
        parts += ["**If it happens:**", safe.markdown(found.failure, limit=_FAILURE)]
    votes = "\n".join(f"- {voted(vote, safe, _REASON)}" for vote in verdict.votes)
    note = caveat(page.review)
    parts += [*button, collapsed(f"Votes: {tally(verdict)}{note and ' · ' + note}", votes)]
    return "\n\n".join(filter(None, parts))


def _suggestion(
    page: Page, verdict: Verdict, head: HeadText | None, parses: Parses, protected: Globs
) -> str | None:
    """The code that replaces the finding's lines at a click; None unless it is sure to do that and nothing else."""
    found = verdict.finding
    if found.suggestion is None or head is None or not head.complete or protected.match(found.path):
        return None
    code = found.suggestion.removesuffix("\n")
    if not code.strip() or len(code) > _SUGGESTION or not _is_shown_as_is(page, code):
        return None
    if Lines(found.first_line, found.last_line) not in Quotable(head).find(found.quote):
        return None
    file = [head.lines[number] for number in sorted(head.lines)]
    anchored = file[found.first_line - 1 : found.last_line]
    # GitHub writes line feeds; among lines that end otherwise they would be a change of their own.
    if anchored == code.split("\n") or any(line.endswith("\r") for line in anchored):
        return None
    after = [*file[: found.first_line - 1], code, *file[found.last_line :]]
    return code if parses(found.path, "\n".join([*after, ""])) else None


def _is_shown_as_is(page: Page, code: str) -> bool:
    """Whether cleaning takes nothing from it, now or before it got here."""
    touched = page.sanitizer.clean(code) != code or REDACTED in code or CUT in code
    return not touched and f"\n{code}\n" in page.sanitizer.fence(code)
