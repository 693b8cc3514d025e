"""A run as it goes, for a person at a terminal: stages, models, calls in flight, claims and cost so far.

It is drawn on stderr and taken away at the end, so that the result stands alone.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from reviewbot.events import Answered, Sent, Unanswered
from reviewbot.evidence import Scanned, Sorted, UnitReview
from reviewbot.llm import Stage
from reviewbot.outputs import count, dollars
from reviewbot.review import Scan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import RenderableType

    from reviewbot.sanitize import Sanitizer
    from reviewbot.triage import Tier

#: Drawings a second; more would cost CPU and show nothing new.
_FRAMES = 8


@dataclass(slots=True)
class _Calls:
    """Of one model or one stage: requests under way, answered, and without an answer."""

    open: int = 0
    answered: int = 0
    failed: int = 0
    cost: Decimal | None = Decimal(0)


@dataclass(slots=True)
class Progress:
    """What is known of a run so far; hears every value that is told of it."""

    safe: Sanitizer
    clock: Callable[[], float] = time.monotonic
    started: float = field(init=False)
    tiers: dict[Tier, int] = field(default_factory=dict)
    flagged: int = 0
    scanned: int = 0
    claims: int = 0
    stages: dict[Stage, _Calls] = field(default_factory=dict)
    models: dict[str, _Calls] = field(default_factory=dict)
    _of_call: dict[int, Stage] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.started = self.clock()

    def __call__(self, happened: object) -> None:
        """Take note of one value of the run; `events` says which there are."""
        match happened:
            case Sorted(tier=tier):
                self.tiers[tier] = self.tiers.get(tier, 0) + 1
            case Sent(call, spec, prompt):
                self._of_call[call] = stage = prompt.question.stage
                for calls in (
                    self.models.setdefault(spec.name, _Calls()),
                    self.stages.setdefault(stage, _Calls()),
                ):
                    calls.open += 1
            case Answered(call, spec, _, cost):
                for calls in (self.models[spec.name], self.stages[self._of_call[call]]):
                    calls.open -= 1
                    calls.answered += 1
                    calls.cost = None if cost is None or calls.cost is None else calls.cost + cost
            case Unanswered(call, spec, _):
                for calls in (self.models[spec.name], self.stages[self._of_call[call]]):
                    calls.open -= 1
                    calls.failed += 1
            case Scanned(states):
                self.scanned += len(states)
                self.flagged += sum(state is not Scan.CLEAR for state in states.values())
            case UnitReview(ballots=ballots):
                self.claims += len(ballots)

    def __rich__(self) -> RenderableType:
        return Group(self._headline(), self._table())

    def _headline(self) -> Text:
        files = ", ".join(f"{number} {tier}" for tier, number in sorted(self.tiers.items())) or "reading"
        costs = [calls.cost for calls in self.models.values()]
        cost = None if None in costs else sum((c for c in costs if c is not None), Decimal(0))
        parts = [f"{self.clock() - self.started:.0f} s", f"files: {files}"]
        parts += [f"{self.flagged} of {self.scanned} scanned need a closer look"] if self.scanned else []
        parts += [count(self.claims, "claim")] if self.claims else []
        return Text(" · ".join([*parts, dollars(cost)]), style="bold")

    def _table(self) -> Table:
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
        table.add_column("")
        for name in ("in flight", "answered", "failed", "cost"):
            table.add_column(name, justify="right")
        rows: list[tuple[str, _Calls]] = [
            (str(stage), self.stages[stage]) for stage in Stage if stage in self.stages
        ]
        rows += [(f"  {self.safe.line(name)}", calls) for name, calls in sorted(self.models.items())]
        for name, calls in rows:
            failed = Text(str(calls.failed), style="red" if calls.failed else "")
            open_ = Text("●" * min(calls.open, 9), style="cyan")
            table.add_row(Text(name), open_, str(calls.answered), failed, dollars(calls.cost))
        return table


@contextmanager
def watching(safe: Sanitizer, *, plain: bool) -> Iterator[Progress]:
    """A view of what is told inside, on stderr; `plain` is without colours. Log lines stand above it."""
    progress = Progress(safe)
    console = Console(stderr=True, no_color=plain)
    # Log lines find their way through `sys.stderr`, which the view has taken over meanwhile.
    with Live(progress, console=console, refresh_per_second=_FRAMES, transient=True):
        yield progress
