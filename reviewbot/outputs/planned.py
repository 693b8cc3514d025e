"""The plan of a review, for a terminal and for programs."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from reviewbot.outputs import count, dollars, subject
from reviewbot.planning import DISPUTED, FLAGGED, VOTED
from reviewbot.triage import Tier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from rich.console import RenderableType

    from reviewbot.diff import Change
    from reviewbot.planning import Forecast, Row
    from reviewbot.review import PanelKind
    from reviewbot.sanitize import Sanitizer
    from reviewbot.settings import Budget

#: Files named for people; programs get all.
_LISTED = 50
_ASSUMED = (
    f"Assumed: {FLAGGED:.0%} of scanned files are flagged, {VOTED:.0%} of reviews lead to a vote and {DISPUTED:.0%} to a "
    "second one. Left out: repairs, failovers, what the prompt cache saves."
)
_SHED = "third votes, second reviews of flagged files, flagged files by risk, the scan, critical files"


@dataclass(frozen=True, slots=True)
class Told:
    """A forecast with all that is told beside it; `seats`, `scan` and `standby` are chains of models by name."""

    forecast: Forecast
    kind: PanelKind
    seats: tuple[tuple[str, ...], ...]
    scan: tuple[str, ...]
    standby: tuple[str, ...]
    budget: Budget
    change: Change
    warnings: tuple[str, ...]


def text(told: Told, safe: Sanitizer, width: int) -> str:
    """The plan in `width` columns, without colors."""
    out = io.StringIO()
    console = Console(file=out, width=width, color_system=None, legacy_windows=False)
    for part in _parts(told, safe):
        console.print(part)
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().rstrip("\n").split("\n"))


def as_json(told: Told, safe: Sanitizer, _: int) -> str:
    """The plan for programs. Dollars are decimal strings, null where a price is not known."""
    plan = told.forecast
    made = {
        "schema": "reviewbot.plan/1",
        "kind": told.kind,
        "seats": told.seats,
        "scan": told.scan,
        "standby": told.standby,
        "files": [
            {"path": safe.line(t.file.path), "tier": t.tier, "why": safe.line(t.why)} for t in plan.files
        ],
        "oversized": [safe.line(path) for path in plan.oversized],
        "stages": [{"stage": stage, "model": model} | _row(row) for stage, model, row in plan.rows()],
        "total": {name: _row(getattr(plan, name)) for name in ("least", "expected", "most")},
        "budget": {
            "usd": _usd(told.budget.usd),
            "seconds": told.budget.seconds,
            "enough": _enough(told),
            "too_dear": _too_dear(told),
        },
        "assumed": {"flagged": float(FLAGGED), "voted": float(VOTED), "disputed": float(DISPUTED)},
        "warnings": [safe.line(warning) for warning in told.warnings],
    }
    return json.dumps(made, ensure_ascii=False, indent=2) + "\n"


#: By the values of `--format`.
FORMATS: Mapping[str, Callable[[Told, Sanitizer, int], str]] = MappingProxyType(
    {"text": text, "json": as_json}
)


def _parts(told: Told, safe: Sanitizer) -> Iterator[RenderableType]:
    plan = told.forecast
    critical = sum(t.tier is Tier.CRITICAL for t in plan.files)
    yield Text(
        f"Plan for {safe.line(subject(told.change))}: {count(len(plan.files), 'file')}, {critical} critical"
    )
    yield Text(f"Panel ({told.kind}): {', '.join(' → '.join(chain) for chain in told.seats)}")
    yield Text(
        f"Scan: {' → '.join(told.scan)}" + (f"; standby: {', '.join(told.standby)}" if told.standby else "")
    )
    yield ""
    yield _files(told, safe)
    yield ""
    yield _costs(plan)
    yield ""
    yield from map(Text, _sentences(told, safe))


def _files(told: Told, safe: Sanitizer) -> Table:
    order = list(Tier)[::-1]
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for name in ("tier", "file", "why"):
        table.add_column(name, overflow="fold")
    files = sorted(told.forecast.files, key=lambda t: order.index(t.tier))
    for triaged in files[:_LISTED]:
        gap = "; part of it fits no request" if triaged.file.path in told.forecast.oversized else ""
        table.add_row(*map(Text, (triaged.tier, safe.line(triaged.file.path), safe.line(triaged.why) + gap)))
    if len(files) > _LISTED:
        table.add_row("…", f"and {len(files) - _LISTED} more", "--format json has all")
    return table


def _costs(plan: Forecast) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column("stage")
    table.add_column("model", overflow="fold")
    for name in ("calls", "tokens in", "tokens out", "cost"):
        table.add_column(name, justify="right")
    for stage, model, row in (*plan.rows(), ("", "all", plan.expected)):
        figures = (
            "<0.1" if 0 < row.calls < Decimal("0.05") else f"{row.calls:.1f}",
            f"{row.input_tokens:,.0f}",
            f"{row.output_tokens:,.0f}",
            dollars(row.cost),
        )
        table.add_row(stage, Text(model), *figures)
    return table


def _sentences(told: Told, safe: Sanitizer) -> Iterator[str]:
    plan, usd = told.forecast, told.budget.usd
    if plan.expected.cost or plan.expected.cost is None:
        least, most = (
            f"{dollars(row.cost)} ({count(round(row.calls), 'call')})" for row in (plan.least, plan.most)
        )
        yield f"From {least}, if nothing is flagged or found, to {most}, if everything is flagged and disputed."
    if plan.expected != plan.least:
        yield _ASSUMED
    if usd is None:
        yield "Budget: none is set (budget.usd)."
    else:
        what = {
            "all": "is enough for all of it",
            "expected": "is enough for what is expected, not for everything",
            "sure": "is short of what is expected",
            "none": "is short of what is sure to be asked",
        }[_enough(told) or "none"]
        shed = "" if _enough(told) == "all" else f". What is short is given up in this order: {_SHED}"
        yield f"Budget: {dollars(usd)} {what}{shed}."
        if dear := _too_dear(told):
            yield f"Requests to {', '.join(dear)} are not made: with the longest answer one alone could cost more than that."
    yield from (f"Warning: {safe.line(warning)}" for warning in told.warnings)


def _enough(told: Told) -> str | None:
    """For what the budget is enough: all, expected, sure or none of it; None without a budget."""
    plan, usd = told.forecast, told.budget.usd
    if usd is None:
        return None
    for name, row in (("all", plan.most), ("expected", plan.expected), ("sure", plan.least)):
        if row.cost is not None and row.cost <= usd:
            return name
    return "none"


def _too_dear(told: Told) -> list[str]:
    usd = told.budget.usd
    calls = told.forecast.calls if usd is not None else ()
    return sorted({c.spec.name for c in calls if usd is not None and (c.worst is None or c.worst > usd)})


def _row(row: Row) -> dict[str, Any]:
    return {
        "calls": round(float(row.calls), 2),
        "input_tokens": round(row.input_tokens),
        "output_tokens": round(row.output_tokens),
        "cost_usd": _usd(row.cost),
    }


def _usd(cost: Decimal | None) -> str | None:
    return None if cost is None else f"{cost:.4f}"
