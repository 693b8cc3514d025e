"""The review as GitHub Markdown, for a summary comment, a job summary or a file; the HTML in it is ours alone."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from reviewbot.findings import State
from reviewbot.outputs import (
    caveat,
    collapsed,
    comparison,
    count,
    coverage,
    dollars,
    headline,
    place,
    seated,
    spent,
    subject,
    tally,
    voted,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from reviewbot.findings import Verdict
    from reviewbot.outputs import Page
    from reviewbot.review import Review
    from reviewbot.sanitize import Sanitizer

#: Bytes. GitHub takes 65,536 characters in a comment and 1 MiB in a job summary; callers add a marker to the one.
COMMENT_LIMIT = 60_000
FILE_LIMIT = 1_000_000

_ROWS = 30
_LISTED = 20


def render(page: Page) -> str:
    """Everything, for a file or a job summary."""
    return summary(page, full=True, limit=FILE_LIMIT)


def summary(page: Page, *, full: bool, limit: int = COMMENT_LIMIT) -> str:
    """The review in at most `limit` bytes. Without `full` it names confirmed findings only, as a comment must.

    The status with its reasons always fits; of the rest, what does not is left out block by block, and the loss is said.
    """
    confirmed = [v for v in page.review.verdicts if v.state is State.CONFIRMED]
    needed = list(_status(page, full=full))
    extra = [*_gaps(page), *_table(confirmed, page.sanitizer)]
    extra += [_details(page, number, verdict) for number, verdict in enumerate(confirmed, 1)]
    if full:
        extra += [*_others(page), *_dropped(page)]
    extra += [*_warnings(page), _usage(page)]
    footer = spent(page.review)
    room = limit - _size([*needed, _loss(len(extra)), footer])
    kept = []
    for block in extra:
        if _size([block]) <= room:
            kept.append(block)
            room -= _size([block])
    left = len(extra) - len(kept)
    return "\n\n".join([*needed, *kept, *([_loss(left)] if left else []), footer]) + "\n"


def _loss(left: int) -> str:
    return f"{count(left, 'section')} did not fit here; the JSON report has everything."


def _size(blocks: Iterable[str]) -> int:
    return sum(len(block.encode()) + 2 for block in blocks)


def _status(page: Page, *, full: bool) -> Iterator[str]:
    review, safe = page.review, page.sanitizer
    yield f"### reviewbot: {review.decision.status}{'' if review.decision.enforced else ' (report only)'}"
    if caveat(review):
        yield f"**Note:** {caveat(review)}."
    reasons = _reasons(review, full=full)
    yield _list(map(safe.inline, reasons), len(reasons))
    yield f"**{headline(review)}** in {safe.code(subject(review.change))}. {coverage(review)}."
    if review.panel:
        yield f"Panel: {', '.join(safe.inline(seated(seat)) for seat in review.panel)}"


def _reasons(review: Review, *, full: bool) -> Sequence[str]:
    """The gate's reasons; a comment counts undecided findings and does not repeat what they say."""
    if full:
        return review.decision.reasons
    told = [reason for reason in review.decision.reasons if not reason.startswith("undecided ")]
    undecided = len(review.decision.reasons) - len(told)
    return [*told, f"{count(undecided, 'undecided finding')}, in the report"] if undecided else told


def _gaps(page: Page) -> Iterator[str]:
    gaps = [file for file in page.review.files if not file.covered]
    lines = (f"{page.sanitizer.code(f.path)} ({f.tier}): {page.sanitizer.inline(f.gap)}" for f in gaps)
    if gaps:
        yield f"**Not covered:**\n\n{_list(lines, len(gaps))}"


def _table(confirmed: Sequence[Verdict], safe: Sanitizer) -> Iterator[str]:
    if not confirmed:
        return
    rows = ["| | severity | where | finding | votes |", "|--:|---|---|---|---|"]
    for number, verdict in enumerate(confirmed[:_ROWS], 1):
        where, title = _cell(safe.code(place(verdict))), _cell(safe.inline(verdict.finding.title))
        rows.append(f"| {number} | {verdict.severity.word} | {where} | {title} | {tally(verdict)} |")
    more = f"\n\n… and {len(confirmed) - _ROWS} more, in the JSON report" if len(confirmed) > _ROWS else ""
    yield "\n".join(rows) + more


def _details(page: Page, number: int, verdict: Verdict) -> str:
    found, safe = verdict.finding, page.sanitizer
    critical = ", critical path" if verdict.critical else ""
    parts = [f"{safe.inline(found.title)}: {safe.code(place(verdict))} ({found.category}{critical})"]
    lines = page.excerpts[verdict.claim.id]
    if lines:
        marks = {True: ">", False: " "}
        inside = range(found.first_line, found.last_line + 1)
        parts.append(safe.fence("\n".join(f"{marks[n in inside]} {n} | {text}" for n, text in lines.items())))
    parts += [safe.markdown(found.body)]
    if found.failure:
        parts += ["**If it happens:**", safe.markdown(found.failure)]
    parts += [f"**Votes:** {tally(verdict)}", "\n".join(f"- {voted(vote, safe)}" for vote in verdict.votes)]
    if found.suggestion is not None:
        parts += ["**Suggestion:**", safe.fence(found.suggestion)]
    return collapsed(f"{number}. {verdict.severity.word}: the finding, its votes", "\n\n".join(parts))


def _others(page: Page) -> Iterator[str]:
    others = [v for v in page.review.verdicts if v.state is not State.CONFIRMED]
    if not others:
        return
    states = (State.UNDECIDED, State.UNCONFIRMED, State.REFUTED)
    counted = Counter(verdict.state for verdict in others)
    heading = ", ".join(f"{counted[state]} {state}" for state in states if counted[state])
    safe = page.sanitizer
    lines = (
        f"{v.state} ({tally(v)}), {v.severity.word}, {safe.code(place(v))}: {safe.inline(v.finding.title)}"
        for v in sorted(others, key=lambda v: states.index(v.state))
    )
    yield collapsed(f"Not confirmed: {heading}", _list(lines, len(others)))


def _dropped(page: Page) -> Iterator[str]:
    dropped, safe = page.review.dropped, page.sanitizer
    lines = (f"{safe.code(d.path)}: {safe.inline(d.title)} ({safe.inline(d.why)})" for d in dropped)
    if dropped:
        yield collapsed(f"Dropped before a vote: {len(dropped)}", _list(lines, len(dropped)))


def _warnings(page: Page) -> Iterator[str]:
    warnings = page.review.warnings
    if warnings:
        yield f"**Warnings:**\n\n{_list(map(page.sanitizer.inline, warnings), len(warnings))}"


def _usage(page: Page) -> str:
    review, code = page.review, page.sanitizer.code
    # What was read back from a report has no stages.
    parts = review.by_stage or [(model, "all", used) for model, used in review.by_model]
    rows = [
        "| model | stage | calls | tokens in | cached | tokens out | cost |",
        "|---|---|--:|--:|--:|--:|--:|",
    ]
    for model, stage, used in parts:
        tokens = f"{used.input_tokens:,} | {used.cached_tokens:,} | {used.output_tokens:,}"
        rows.append(f"| {_cell(code(model))} | {stage} | {used.calls} | {tokens} | {dollars(used.cost)} |")
    told = comparison(review)
    estimate = (
        f"\n\nEstimate: the same tokens with {code(told[0])} alone would have cost {told[1]}." if told else ""
    )
    return collapsed("Cost by model and stage", "\n".join(rows) + estimate)


def _list(lines: Iterable[str], number: int) -> str:
    shown = [f"- {line}" for line, _ in zip(lines, range(_LISTED), strict=False)]
    more = [f"- … and {number - _LISTED} more, in the JSON report"] if number > _LISTED else []
    return "\n".join(shown + more)


def _cell(markdown: str) -> str:
    # In a table a bar ends the cell even inside a code span, and no escape of it is safe after a backslash.
    return markdown.replace("|", "¦")
