"""What `reviewbot doctor` found, as a value and for a terminal."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from reviewbot.outputs import dollars

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from decimal import Decimal

    from reviewbot.sanitize import Sanitizer


@dataclass(frozen=True, slots=True)
class ModelState:
    """One model of the panel. Prices are dollars per million tokens, None where unknown; `seconds` None if not asked.

    `problem` says why it cannot be used, "" where it can; then `remedy` says what to do.
    """

    place: str
    model: str
    family: str
    window: int | None
    input_price: Decimal | None
    output_price: Decimal | None
    retires: date | None
    seconds: float | None
    problem: str
    remedy: str

    @property
    def analyser(self) -> bool:
        """Whether it is a program on this machine, which takes no question."""
        return self.model.startswith("static/")


@dataclass(frozen=True, slots=True)
class Checkup:
    """Everything that was looked at. `keys` are names of variables; `cost` is that of the questions asked, in dollars."""

    version: str
    configuration: str
    repository: str
    keys: tuple[str, ...]
    github_token: bool
    kind: str
    why: str
    models: tuple[ModelState, ...]
    warnings: tuple[str, ...]
    cost: Decimal | None


def render(found: Checkup, safe: Sanitizer, *, width: int, color: bool) -> str:
    """The checkup as text: what is there, a table of models, and one remedy for each problem."""
    out = io.StringIO()
    console = Console(
        file=out,
        width=width,
        color_system="standard" if color else None,
        force_terminal=color,
        no_color=not color,
        legacy_windows=False,
    )
    facts = Table.grid(padding=(0, 2))
    for name, value in _facts(found):
        facts.add_row(Text(name, style="dim"), Text(safe.line(value)))
    console.print(facts)
    console.print()
    console.print(_models(found))
    console.print()
    for line in _advice(found):
        console.print(Text(safe.line(line)))
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


def _facts(found: Checkup) -> Iterator[tuple[str, str]]:
    yield "reviewbot", found.version
    yield "configuration", found.configuration
    yield "repository", found.repository or "none here"
    yield "keys", ", ".join(found.keys) or "none set"
    yield "GitHub token", "set" if found.github_token else "not set; only `--pr` and the action need one"
    yield "panel", f"{found.kind}: {found.why}"


def _models(found: Checkup) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("", "model", "family"):
        table.add_column(name)
    for name in ("window", "$/M in", "$/M out"):
        table.add_column(name, justify="right")
    table.add_column("answers")
    for model in found.models:
        table.add_row(
            model.place,
            Text(model.model),
            Text(model.family),
            "" if model.window is None else f"{model.window // 1000}k",
            _price(model.input_price),
            _price(model.output_price),
            _state(model),
        )
    return table


def _price(price: Decimal | None) -> str:
    return "?" if price is None else f"{price:.2f}"


def _state(model: ModelState) -> Text:
    if model.problem:
        return Text("no", style="bold red")
    if model.seconds is not None:
        return Text(f"in {model.seconds:.1f} s", style="green")
    return Text("is here" if model.analyser else "not asked", style="dim")


def _advice(found: Checkup) -> Iterator[str]:
    broken = [model for model in found.models if model.problem]
    yield from (f"{model.model}: {model.problem}. Remedy: {model.remedy}." for model in broken)
    yield from (f"note: {warning}" for warning in found.warnings)
    asked = any(model.seconds is not None for model in found.models)
    if not broken:
        whole = asked or all(model.analyser for model in found.models)
        yield "everything works" if asked else "nothing is wrong" + ("" if whole else " so far")
    if asked:
        yield f"the questions cost {dollars(found.cost)}"
