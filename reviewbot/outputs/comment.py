"""What is written at the lines of a confirmed finding: what is wrong, why, what happens then, and who stands behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewbot.outputs import caveat, collapsed, place, tally, voted
from reviewbot.suggesting import PROTECTED, applicable

if TYPE_CHECKING:
    from reviewbot.diff import HeadText
    from reviewbot.findings import Verdict
    from reviewbot.globs import Globs
    from reviewbot.outputs import Page
    from reviewbot.suggesting import Parses

#: Characters before escaping; the report has the whole. With these no comment exceeds what GitHub takes.
_BODY = 3_000
_FAILURE = 1_500
_REASON = 300


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
    code = applicable(verdict.finding, head, page.sanitizer, parses, protected)
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
