"""A summary as text, JSON, a page or a picture."""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from reviewbot import __version__
from reviewbot.evaluation.picture import svg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from decimal import Decimal

    from reviewbot.evaluation.cases import Label
    from reviewbot.evaluation.scoring import Figure
    from reviewbot.evaluation.summary import Row, Summary
    from reviewbot.findings import Finding
    from reviewbot.sanitize import Sanitizer

SCHEMA = "reviewbot.eval/1"

_TITLES = {
    "quorum": "under other rules, from the same votes",
    "model": "each model alone, on the files it read",
    "category": "by category",
    "language": "by language",
}
_HEADS = ("", "found", "false", "precision", "recall", "F1")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A summary with what else is said of it. `panel` says who sat, `rules` how they decided."""

    summary: Summary
    panel: str
    rules: str
    sanitizer: Sanitizer


def render(sheet: Sheet, form: str) -> str:
    """The sheet in one of the forms of `eval --format`."""
    return _FORMS[form](sheet)


def _text(sheet: Sheet) -> str:
    s = sheet.summary
    lines = [*_opening(sheet), "", *_columns([_HEADS, _cells(s.panel)]), ""]
    for key, rows in s.tables.items():
        lines += [f"{_TITLES[key]}:", *_columns([_HEADS, *map(_cells, rows)]), ""]
    lines += _facts(s)
    for title, entries in _lists(sheet):
        lines += ["", f"{title}:", *(f"  {entry}" for entry in entries)]
    return "\n".join([*lines, ""])


def _opening(sheet: Sheet) -> list[str]:
    s = sheet.summary
    return [
        f"{s.cases} cases, {s.clean} of them clean; {s.panel.score.labels} defects to find",
        f"panel: {sheet.panel}",
        f"rules: {sheet.rules}",
    ]


def _facts(s: Summary) -> list[str]:
    cost = "unknown" if s.spent.cost is None else f"${s.spent.cost:.4f}"
    each = "" if s.spent.per_true is None else f", ${s.spent.per_true:.4f} for each defect found"
    clean = f"{s.panel.false_on_clean / s.clean:.2f}" if s.clean else "-"
    facts = [
        f"clean cases without a confirmed finding: {_shown(s.quiet)}; false findings for each clean case: {clean}",
        f"clean cases without one of severity high or above: {_shown(s.unblocked)}",
        f"defects in scanned files that the scan sent on: {_shown(s.scan)}; of all scanned files: {_shown(s.scanned_on)}",
        f"cost: {cost}{each}; {s.spent.calls} calls, {s.spent.seconds:.1f} s of reviews",
        "intervals: 95 %, Wilson's for shares, cases drawn anew for F1",
    ]
    if s.incomplete:
        facts.append(
            f"not fully reviewed, so these figures are too low: {', '.join(s.incomplete[:20])}"
            + (f" and {len(s.incomplete) - 20} more" if len(s.incomplete) > 20 else "")
        )
    return facts


def _lists(sheet: Sheet) -> Iterable[tuple[str, list[str]]]:
    line = sheet.sanitizer.line
    if sheet.summary.missed:
        yield "missed", [line(_missed(*entry)) for entry in sheet.summary.missed]
    if sheet.summary.wrong:
        yield "confirmed, and not among what was expected", [line(_wrong(*e)) for e in sheet.summary.wrong]


def _missed(case: str, label: Label) -> str:
    kind = label.defect or label.categories[0]
    return f"{case}: {label.path}:{label.lines.first} {label.severity.word} {kind}: {label.what}"


def _wrong(case: str, found: Finding) -> str:
    return f"{case}: {found.path}:{found.first_line} {found.severity.word} {found.category}: {found.title}"


def _cells(row: Row) -> tuple[str, ...]:
    score = row.score
    return (
        row.name,
        f"{score.true} of {score.labels}" + (f" (+{row.unknown}?)" if row.unknown else ""),
        str(score.false),
        _shown(row.precision),
        _shown(row.recall),
        _shown(row.f1),
    )


def _shown(figure: Figure) -> str:
    if figure.value is None:
        return "-"
    return f"{figure.value:.2f} ({figure.low:.2f}-{figure.high:.2f})"


def _columns(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  " + "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _json(sheet: Sheet) -> str:
    s = sheet.summary
    report = {
        "schema": SCHEMA,
        "version": __version__,
        "panel": sheet.panel,
        "rules": sheet.rules,
        "cases": {"total": s.cases, "clean": s.clean, "incomplete": s.incomplete},
        "result": _row(s.panel),
        "tables": {key: [_row(row) for row in rows] for key, rows in s.tables.items()},
        "scan": {"defects_sent_on": _figure(s.scan), "files_sent_on": _figure(s.scanned_on)},
        "clean": {
            "quiet": _figure(s.quiet),
            "unblocked": _figure(s.unblocked),
            "false_findings": s.panel.false_on_clean,
        },
        "usage": {
            "calls": s.spent.calls,
            "cost_usd": _dollars(s.spent.cost),
            "cost_usd_per_true": _dollars(s.spent.per_true),
            "seconds": round(s.spent.seconds, 3),
        },
        "missed": [{"case": case, **_label(label)} for case, label in s.missed],
        "wrong": [{"case": case, **_finding(found, sheet.sanitizer)} for case, found in s.wrong],
    }
    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"


def _row(row: Row) -> dict[str, Any]:
    return {
        "name": row.name,
        "found": row.score.true,
        "expected": row.score.labels,
        "false": row.score.false,
        "repeats": row.score.repeats,
        "unknown": row.unknown,
        "false_on_clean": row.false_on_clean,
        "precision": _figure(row.precision),
        "recall": _figure(row.recall),
        "f1": _figure(row.f1),
    }


def _figure(figure: Figure) -> dict[str, float | None]:
    numbers = {"value": figure.value, "low": figure.low, "high": figure.high}
    return {name: None if n is None else round(n, 4) for name, n in numbers.items()}


def _dollars(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.4f}"


def _label(label: Label) -> dict[str, Any]:
    return {
        "path": label.path,
        "first_line": label.lines.first,
        "last_line": label.lines.last,
        "category": label.categories[0],
        "defect": label.defect,
        "severity": label.severity.word,
        "what": label.what,
    }


def _finding(found: Finding, sanitizer: Sanitizer) -> dict[str, Any]:
    return {
        "path": sanitizer.line(found.path),
        "first_line": found.first_line,
        "last_line": found.last_line,
        "category": found.category,
        "severity": found.severity.word,
        "title": sanitizer.line(found.title),
    }


def _drawn(s: Summary) -> list[Row]:
    return [s.panel, *s.tables["model"], *(row for row in s.tables["quorum"] if not row.unknown)]


def _svg(sheet: Sheet) -> str:
    return svg(_drawn(sheet.summary))


_STYLE = """body{font:14px/1.5 sans-serif;margin:2em auto;max-width:70em;padding:0 1em}
table{border-collapse:collapse;margin:.5em 0 1.5em}td,th{padding:.2em .8em;text-align:right;border-bottom:1px solid #ddd}
td:first-child,th:first-child{text-align:left}h2{margin-top:1.5em}svg{max-width:100%;height:auto}"""


def _html(sheet: Sheet) -> str:
    s = sheet.summary
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8"><title>reviewbot eval</title>',
        f"<style>{_STYLE}</style></head><body><h1>reviewbot eval</h1>",
        *(f"<p>{escape(line)}</p>" for line in _opening(sheet)),
        _table([s.panel]),
        _svg(sheet),
    ]
    for key, rows in s.tables.items():
        parts += [f"<h2>{escape(_TITLES[key].capitalize())}</h2>", _table(rows)]
    parts += [_list(_facts(s))]
    for title, entries in _lists(sheet):
        parts += [f"<h2>{escape(title.capitalize())}</h2>", _list(entries)]
    return "\n".join([*parts, "</body></html>", ""])


def _table(rows: Iterable[Row]) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in _HEADS)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in _cells(row))}</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def _list(entries: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(entry)}</li>' for entry in entries)}</ul>"


_FORMS: Mapping[str, Callable[[Sheet], str]] = {"text": _text, "json": _json, "html": _html, "svg": _svg}
