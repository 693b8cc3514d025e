"""`reviewbot plan`: what a review would do and cost, told before anybody is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewbot import app, means, planning, printing, seating, sharding
from reviewbot.errors import Exit
from reviewbot.outputs import planned
from reviewbot.rules import Rules
from reviewbot.sanitize import Sanitizer
from reviewbot.triage import triage

if TYPE_CHECKING:
    from reviewbot.selection import Selection


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asked for."""

    selection: Selection
    offline: bool = False
    format: str = "text"
    output: str | None = None
    shards: int | None = None  # instead of the plan a matrix of at most so many parts


def plan(request: Request) -> Exit:
    """Tell what a review of the selected change would ask of whom. No model is asked and none is connected to."""
    environment = app.surroundings()
    selected = request.selection.opened(environment)
    config = selected.config
    made = seating.plan(config, environment, offline=request.offline)
    means.check_budget(config, made)
    templates = means.templates(config, selected.guidance, made, environment)
    printing.check(request.output)
    change = selected.read()
    if request.shards is not None:
        text = sharding.matrix(change, triage(change, config), request.shards)
        printing.write(f"{text}\n", request.output)
        return Exit.PASSED
    forecast = planning.forecast(
        change,
        triage(change, config),
        seating.build(made, config, environment, change.files, asked=False),
        Rules.of(config, made.families),
        templates.prompt,
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
            *means.warnings(config, made, templates),
            *seating.withheld(change.files, config, made),
            *change.warnings,
        ),
    )
    sanitizer = Sanitizer(environment.redacted)
    text = planned.FORMATS[request.format](told, sanitizer, printing.width())
    printing.write(text, request.output)
    return Exit.PASSED
