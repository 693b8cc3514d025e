"""`reviewbot plan`: what a review would do and cost, told before anybody is asked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewbot import app, means, packing, planning, printing, seating, sharding
from reviewbot.errors import Exit, UsageError
from reviewbot.outputs import planned
from reviewbot.rules import Rules
from reviewbot.sanitize import Sanitizer
from reviewbot.triage import Tier, triage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reviewbot.diff import Change
    from reviewbot.selection import Selection
    from reviewbot.triage import Triaged


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
    if request.shards is not None and not 1 <= request.shards <= sharding.MOST:
        raise UsageError(f"--shards is {request.shards}; it must be from 1 to {sharding.MOST}")
    environment = app.surroundings()
    selected = request.selection.opened(environment)
    config = selected.config
    made = seating.plan(config, environment, offline=request.offline)
    means.check_budget(config, made)
    templates = means.templates(config, selected.guidance, made, environment)
    printing.check(request.output)
    change = selected.read()
    if request.shards:
        printing.write(_matrix(change, triage(change, config), request.shards), request.output)
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


def _matrix(change: Change, triaged: Sequence[Triaged], most: int) -> str:
    """On one line, as GitHub Actions takes it: a job for each part, and no part without a file to read."""
    wanted = packing.subjects(triaged, change)
    of = max(1, min(most, len(wanted)))
    numbers = sharding.split(change, triaged, of)
    jobs = [
        {
            "shard": f"{number}/{of}",
            "files": numbers.count(number),
            "critical": sum(
                t.tier is Tier.CRITICAL for t, n in zip(triaged, numbers, strict=True) if n == number
            ),
        }
        for number in range(1, of + 1)
    ]
    return json.dumps({"include": jobs}) + "\n"
