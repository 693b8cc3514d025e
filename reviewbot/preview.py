"""`reviewbot plan`: what a review would do and cost, told before anybody is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewbot import analyzers, app, means, planning, printing, seating
from reviewbot.errors import Exit
from reviewbot.outputs import planned
from reviewbot.prompts import Templates
from reviewbot.rules import Rules
from reviewbot.sanitize import Sanitizer
from reviewbot.triage import triage

if TYPE_CHECKING:
    from reviewbot.config import Config
    from reviewbot.diff import Change
    from reviewbot.llm import Completion, Model, ModelSpec, Prompt
    from reviewbot.routing import Panel
    from reviewbot.selection import Selection


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asked for."""

    selection: Selection
    offline: bool = False
    format: str = "text"
    output: str | None = None


def plan(request: Request) -> Exit:
    """Tell what a review of the selected change would ask of whom. No model is asked and none is connected to."""
    environment = app.surroundings()
    config = request.selection.configuration()
    made = seating.plan(config, environment, offline=request.offline)
    means.check_budget(config, made)
    printing.check(request.output)
    change = request.selection.change(environment)
    forecast = planning.forecast(
        change,
        triage(change, config),
        _panel(made, config, change),
        Rules.of(config, made.families),
        Templates().prompt,
        means.prices(config),
    )
    told = planned.Told(
        forecast=forecast,
        kind=made.kind,
        seats=tuple(tuple(spec.name for spec in chain) for chain in made.seats),
        scan=tuple(spec.name for spec in made.scan),
        standby=tuple(spec.name for spec in made.standby),
        budget=config.budget,
        change=change,
        warnings=(
            *means.warnings(config, made),
            *seating.withheld(change.files, config, made),
            *change.warnings,
        ),
    )
    sanitizer = Sanitizer(environment.redacted)
    text = planned.FORMATS[request.format](told, sanitizer, printing.width())
    printing.write(text, request.output)
    return Exit.PASSED


def _panel(made: seating.Plan, config: Config, change: Change) -> Panel:
    analysers = analyzers.build_all() if any(s.provider == "static" for s in made.specs) else {}
    hidden = seating.private(change.files, config)

    def model(spec: ModelSpec) -> Model:
        if spec.provider == "static":
            return analysers[spec.id]
        return _Unasked(spec) if spec.local else seating.Abroad(_Unasked(spec), hidden)

    return seating.assemble(made, model)


class _Unasked:
    """A model that is only talked about."""

    def __init__(self, spec: ModelSpec) -> None:
        self.spec = spec

    def reads(self, path: str) -> bool:  # noqa: ARG002 - the protocol's
        """A language model reads every language."""
        return True

    async def complete(self, prompt: Prompt, *, seconds: float) -> Completion:
        """Nobody asks it."""
        raise NotImplementedError("a plan asks no model")

    async def close(self) -> None:
        """It has no connections."""
