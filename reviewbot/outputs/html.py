"""The review as one page that needs nothing else: verdict first, then findings, coverage, cost and the change itself."""

from __future__ import annotations

import base64
import functools
import hashlib
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2
from markdown_it import MarkdownIt
from markupsafe import Markup

from reviewbot import __version__, bars
from reviewbot.findings import Ballot, State
from reviewbot.outputs import (
    OTHERS,
    caveat,
    comparison,
    count,
    coverage,
    dollars,
    headline,
    place,
    spent,
    subject,
    tally,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from reviewbot.diff import Line
    from reviewbot.findings import Verdict
    from reviewbot.outputs import Page
    from reviewbot.review import Coverage, Review

_HERE = Path(__file__).parent

#: Lines of the diff that are shown: of one file, and of all. A page of all is about 3 MB; what is left out is said.
FILE_LINES = 2_000
ALL_LINES = 12_000

#: With these rules nothing can link, load or be HTML; the rest of the text is escaped.
_MARKDOWN = MarkdownIt("zero", {"html": False}).enable(["list", "fence", "backticks"])
_MINUS = "\N{MINUS SIGN}"
_MARKS = {Ballot.CONFIRM: "✓", Ballot.REFUTE: "✕", Ballot.ABSTAIN: "?", Ballot.UNAVAILABLE: "\N{EN DASH}"}


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of code as it is shown. `notes` are the findings that end there."""

    text: str
    number: int | str = ""
    old: int | str = ""
    sign: str = ""
    kind: str = ""
    id: str = ""
    notes: tuple[_Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class _Finding:
    number: int
    verdict: Verdict
    place: str
    tally: str
    excerpt: tuple[_Row, ...]
    suggestion: tuple[_Row, ...]
    body: Markup
    failure: Markup
    target: str  # the line it is about, "" where the page does not show it


@dataclass(frozen=True, slots=True)
class _File:
    coverage: Coverage
    fate: str
    why: str
    found: str
    added: int
    removed: int
    rows: tuple[_Row, ...]
    open: bool


def render(page: Page) -> str:
    """One HTML file: no script, no address to load from, nothing a browser would do with what others wrote."""
    review = page.review
    made, style = _template()
    files, targets = _files(page)
    costs = bars.costs(review, dollars)
    return made.render(
        review=review,
        style=Markup(style),  # noqa: S704 - a file of ours
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        version=__version__,
        subject=subject(review.change),
        caveat=caveat(review),
        headline=headline(review),
        coverage=coverage(review),
        tiles=_tiles(review),
        findings=[_finding(page, n, v, targets.get(n, "")) for n, v in _numbered(review)],
        others=_others(review),
        marks=_MARKS,
        place=place,
        dollars=dollars,
        gaps=[file for file in review.files if not file.covered],
        reach=bars.coverage(review),
        spent=spent(review),
        costs=costs,
        compared=comparison(review),
        files=files,
        files_count=count(len(review.files), "file"),
    )


@functools.cache
def _template() -> tuple[jinja2.Template, str]:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["inline"] = _inline
    return environment.get_template("page.html.j2"), (_HERE / "page.css").read_text(encoding="utf-8")


def _numbered(review: Review) -> Iterator[tuple[int, Verdict]]:
    return enumerate((v for v in review.verdicts if v.state is State.CONFIRMED), 1)


def _tiles(review: Review) -> list[tuple[str, str]]:
    confirmed = sum(v.state is State.CONFIRMED for v in review.verdicts)
    covered = sum(file.covered for file in review.files)
    return [
        ("Confirmed findings", f"{confirmed:,}"),
        ("Files covered", f"{covered:,} of {len(review.files):,}"),
        ("Cost", dollars(review.total.cost).removeprefix("cost ")),
        ("Time", f"{review.seconds:.0f} s" if review.seconds >= 10 else f"{review.seconds:.1f} s"),
    ]


def _finding(page: Page, number: int, verdict: Verdict, target: str = "") -> _Finding:
    found = verdict.finding
    lines = page.excerpts[verdict.claim.id]
    marked = range(found.first_line, found.last_line + 1)
    code = page.suggestion(verdict)
    return _Finding(
        number=number,
        verdict=verdict,
        place=place(verdict),
        tally=tally(verdict),
        excerpt=tuple(_Row(text, n, kind="marked" if n in marked else "") for n, text in lines.items()),
        suggestion=_suggested(found.first_line, [lines[n] for n in marked if n in lines], code),
        body=_prose(found.body),
        failure=_prose(found.failure),
        target=target,
    )


def _suggested(first: int, before: Sequence[str], code: str | None) -> tuple[_Row, ...]:
    if code is None:
        return ()
    old = [_Row(text, n, sign=_MINUS, kind="removed") for n, text in enumerate(before, first)]
    return (*old, *(_Row(text, sign="+", kind="added") for text in code.split("\n")))


def _prose(text: str) -> Markup:
    """Paragraphs, lists and code; all else as it is written."""
    return Markup(_MARKDOWN.render(text))  # noqa: S704 - it escapes what it does not make itself


def _inline(text: str) -> Markup:
    """One line, in which backticks make code."""
    return Markup(_MARKDOWN.renderInline(text))  # noqa: S704 - see above


def _others(review: Review) -> list[dict[str, object]]:
    groups = (
        (meaning, [v for v in review.verdicts if v.state is state]) for state, meaning in OTHERS.items()
    )
    return [
        # What could still have been confirmed is not folded away.
        {"heading": f"{len(these)} {meaning}", "verdicts": these, "open": these[0].state is State.UNDECIDED}
        for meaning, these in groups
        if these
    ]


def _files(page: Page) -> tuple[list[_File], dict[int, str]]:
    """The files with their diff, and the id of the line that each finding's number is at."""
    numbers = {verdict.claim.id: number for number, verdict in _numbered(page.review)}
    files: list[_File] = []
    targets: dict[int, str] = {}
    room = ALL_LINES
    for index, (file, hunks, verdicts) in enumerate(page.files(), 1):
        notes = [_finding(page, numbers[v.claim.id], v) for v in verdicts if v.claim.id in numbers]
        most = min(room, FILE_LINES)
        rows = tuple(islice(_rows(hunks, index, notes), most + 1))
        cut = len(rows) > most
        rows = rows[:most]
        room -= len(rows)
        targets |= {note.number: row.id for row in rows for note in row.notes}
        why = [
            f"Tier {file.tier}: {file.why}.",
            *([f"Read by {', '.join(file.reviewed_by)}."] if file.reviewed_by else []),
        ]
        why += [f"Not covered: {file.gap}."] if file.gap else []
        why += ["The rest of its diff is left out here."] if cut else []
        files.append(
            _File(
                coverage=file,
                fate=bars.fate(file),
                why=" ".join(why),
                found=count(len(notes), "finding") if notes else "",
                added=sum(row.sign == "+" for row in rows),
                removed=sum(row.sign == _MINUS for row in rows),
                rows=rows,
                open=bool(notes),
            )
        )
    return files, targets


def _rows(hunks: Iterable[Sequence[Line]], file: int, notes: Sequence[_Finding]) -> Iterator[_Row]:
    for number, hunk in enumerate(hunks):
        if number:
            yield _Row("", kind="gap")
        for line in hunk:
            kind = "added" if line.added else "removed" if line.removed else ""
            sign = "+" if line.added else _MINUS if line.removed else ""
            if line.new is None:
                yield _Row(line.text, old=line.old or "", sign=sign, kind=kind)
                continue
            marked = any(
                n.verdict.finding.first_line <= line.new <= n.verdict.finding.last_line for n in notes
            )
            yield _Row(
                line.text,
                line.new,
                line.old or "",
                sign,
                "marked" if marked else kind,
                f"line-{file}-{line.new}",
                tuple(note for note in notes if note.verdict.finding.last_line == line.new),
            )
