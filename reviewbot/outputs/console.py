"""The review for a terminal: what to act on first, then how far it can be trusted."""

from __future__ import annotations

import io
from itertools import chain
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.padding import Padding
from rich.style import Style
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from reviewbot.findings import Ballot, Severity, State
from reviewbot.outputs import (
    OTHERS,
    caveat,
    comparison,
    coverage,
    dollars,
    headline,
    place,
    seated,
    spent,
    subject,
    tally,
)
from reviewbot.review import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from rich.console import RenderableType

    from reviewbot.findings import Verdict, Vote
    from reviewbot.outputs import Page
    from reviewbot.review import Review

_STATUS_STYLE = {Status.PASSED: "bold green", Status.BLOCKED: "bold red", Status.INCONCLUSIVE: "bold yellow"}
_SEVERITY_STYLE = {
    Severity.CRITICAL: "bold red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "cyan",
}
_BALLOT_STYLE = {
    Ballot.CONFIRM: "green",
    Ballot.REFUTE: "red",
    Ballot.ABSTAIN: "yellow",
    Ballot.UNAVAILABLE: "yellow",
}
_LISTED = 20
#: Of the gate; what they are about is told further down.
_REASONS = 5


def render(page: Page) -> str:
    """The page as text, with escape codes only where it has `color`."""
    out = io.StringIO()
    console = Console(
        file=out,
        width=page.width,
        color_system="standard" if page.color else None,
        force_terminal=page.color,
        no_color=not page.color,
        legacy_windows=False,
    )
    for part in _parts(page):
        console.print(part)
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().rstrip("\n").split("\n"))


def _parts(page: Page) -> Iterator[RenderableType]:
    """Everything there is to say, in order. Only Text objects: markup in them is printed, not obeyed."""
    review = page.review
    yield from _head(review)
    yield ""
    confirmed = [v for v in review.verdicts if v.state is State.CONFIRMED]
    yield Text(_result(review), style="bold")
    for number, verdict in enumerate(confirmed, 1):
        yield ""
        yield from _finding(page, number, verdict)
    yield from _others(review.verdicts)
    yield from _listed(
        "Not covered:", [f"{f.path} ({f.tier}): {f.gap}" for f in review.files if not f.covered], "yellow"
    )
    yield from _listed("Warnings:", review.warnings, "yellow")
    yield from _listed(
        "Dropped before a vote:", [f"{d.path}: {d.title} ({d.why})" for d in review.dropped], ""
    )
    yield ""
    yield Text(spent(review), style="dim")
    yield from (Text(line, style="dim") for line in _costs(review))
    yield _gate(review)


def _costs(review: Review) -> Iterator[str]:
    """Where the money went, if any did."""
    if not review.total.cost and review.total.cost is not None:
        return
    for model, used in review.by_model:
        stages = (f"{stage} {dollars(part.cost)}" for name, stage, part in review.by_stage if name == model)
        yield f"  {model}: {', '.join(stages) or dollars(used.cost)}"
    if told := comparison(review):
        yield f"Estimate: the same tokens with {told[0]} alone would have cost {told[1]}"


def _head(review: Review) -> Iterator[RenderableType]:
    yield Text.assemble("Review of ", (subject(review.change), "bold"))
    yield Text("Panel: ").append(", ".join(map(seated, review.panel)))
    if caveat(review):
        yield Text(f"Note: {caveat(review)}", style="yellow")
    yield _gate(review)
    reasons = review.decision.reasons
    yield from map(_item, reasons[:_REASONS])
    if len(reasons) > _REASONS:
        yield _item(f"… and {len(reasons) - _REASONS} more")


def _gate(review: Review) -> Text:
    decision = review.decision
    line = Text.assemble("Gate: ", (decision.status.upper(), _STATUS_STYLE[decision.status]))
    return line if decision.enforced else line.append(" (report only)")


def _result(review: Review) -> str:
    return f"{headline(review)}. {coverage(review)}."


def _finding(page: Page, number: int, verdict: Verdict) -> Iterator[RenderableType]:
    found = verdict.finding
    word = (verdict.severity.word.upper(), _SEVERITY_STYLE[verdict.severity])
    yield Text.assemble(f"{number}. ", word, " ", (found.title, "bold"))
    critical = ", critical path" if verdict.critical else ""
    where = (place(verdict), Style(color="cyan", link=_link(found.path, page)))
    yield _indented(Text.assemble(where, f" ({found.category}{critical}, id {verdict.claim.id})"), 3)
    excerpt = page.excerpts[verdict.claim.id]
    if excerpt:
        marked = range(found.first_line, found.last_line + 1)
        yield Group("", *_excerpt(excerpt, marked, found.path, page))
    blocks = [found.body, f"If it happens: {found.failure}" if found.failure else ""]
    yield from chain.from_iterable(("", _indented(Text(block), 3)) for block in blocks if block.strip())
    yield Group("", _indented(Text(f"Votes: {tally(verdict)}"), 3))
    yield from (_indented(_vote(vote), 5) for vote in verdict.votes)
    if found.suggestion is not None:
        yield Group("", _indented(Text("Suggestion:"), 3))
        yield from (_code(Text(f"     + {line}"), page) for line in found.suggestion.split("\n"))


def _link(path: str, page: Page) -> str | None:
    """The address of a file in the working tree, for terminals that let one open it."""
    if not (page.color and page.tree):
        return None
    file = page.tree / path
    return file.as_uri() if file.is_relative_to(page.tree) and ".." not in file.parts else None


def _vote(vote: Vote) -> Text:
    said = Text.assemble((f"{vote.ballot:<7}", _BALLOT_STYLE[vote.ballot]), f" {vote.voter.model}")
    if vote.proposed:
        said.append(" (found it)")
    return said.append(f": {vote.reason}") if vote.reason else said


def _excerpt(lines: Mapping[int, str], marked: range, path: str, page: Page) -> Iterator[RenderableType]:
    for number, code in zip(lines, _coloured(lines.values(), path, page), strict=True):
        gutter = f"   {'>' if number in marked else ' '} {number:>{len(str(max(lines)))}} | "
        yield _code(Text.assemble((gutter, "bold" if number in marked else "dim"), code), page)


def _coloured(lines: Iterable[str], path: str, page: Page) -> Iterable[Text]:
    code = "\n".join(line.expandtabs(4)[: page.width] for line in lines)
    plain = Text(code).split("\n", allow_blank=True)
    if not page.color:
        return plain
    syntax = Syntax(code, Syntax.guess_lexer(path, code), theme="ansi_dark")
    made = syntax.highlight(code).split("\n")
    # Lexers drop blank lines at the ends; each line here must keep its number.
    return made if [line.plain for line in made] == [line.plain for line in plain] else plain


def _code(line: Text, page: Page) -> Text:
    line.truncate(page.width, overflow="ellipsis")
    return line


def _others(verdicts: Sequence[Verdict]) -> Iterator[RenderableType]:
    for state, meaning in OTHERS.items():
        these = [v for v in verdicts if v.state is state]
        lines = [f"{v.severity.word} {place(v)}: {v.finding.title} ({tally(v)})" for v in these]
        yield from _listed(f"{len(these)} {meaning}", lines, "")


def _listed(heading: str, lines: Sequence[str], style: str) -> Iterator[RenderableType]:
    if not lines:
        return
    yield Group("", Text(heading, style=style))
    yield from map(_item, lines[:_LISTED])
    if len(lines) > _LISTED:
        yield _item(f"… and {len(lines) - _LISTED} more, in the JSON report")


def _item(line: str) -> Table:
    row = Table.grid(padding=0)
    row.add_row("  - ", Text(line))
    return row


def _indented(text: Text, columns: int) -> Padding:
    return Padding(text, (0, 0, 0, columns))
