"""What models are told: every template there is, and the requests of a change as one model would get them."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reviewbot import aimed, app, catalog, means, packing, printing, seating
from reviewbot.context import estimate_tokens, shown
from reviewbot.errors import Exit, UsageError
from reviewbot.llm import Question, Stage
from reviewbot.prompts import SUFFIX
from reviewbot.roster import Roster
from reviewbot.rules import Rules
from reviewbot.sanitize import Sanitizer
from reviewbot.triage import triage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from reviewbot.config import Config
    from reviewbot.diff import Change
    from reviewbot.environment import Environment
    from reviewbot.guidance import Guidance
    from reviewbot.llm import Fact, Model, ModelSpec, Prompt, Subject
    from reviewbot.packing import Batch, Packing
    from reviewbot.routing import Panel
    from reviewbot.selection import Selection

#: What nobody knows without asking: said with the requests, since the run may send others.
_OPEN = {
    Stage.SCAN: "",
    Stage.REVIEW: "as if the scan had flagged every file, and without its hints",
    Stage.VOTE: "as if the scan had flagged every file, and with no claims in the list",
}


@dataclass(frozen=True, slots=True)
class Shipment:
    """One request, with the files that are in it as they are named there."""

    files: tuple[str, ...]
    prompt: Prompt

    @property
    def tokens(self) -> int:
        """Estimated, of the whole request."""
        return estimate_tokens(self.prompt.system + self.prompt.prefix + self.prompt.task)


def list_templates(selection: Selection) -> Exit:
    """Print every template: whose it is, which models it is for, and which of the panel are told what is in it."""
    config, environment = selection.configuration(), app.surroundings()
    made = seating.plan(config, environment, asked=False)
    templates = means.templates(config, selection.guidance(config), made, environment)
    told = {spec: {*templates.used(spec)} for spec in made.specs if spec.provider != "static"}
    looked = {f"lenses/{lens.name}{SUFFIX}" for lens in config.lenses if not lens.focus}
    for spec in (spec for chain in made.seats for spec in chain if spec in told):
        told[spec] |= looked
    families = {spec.family for spec in (*catalog.MODELS.values(), *made.specs)}
    rows = [("template", "from", "for", "used by")]
    for name in templates.names:
        users = ", ".join(spec.name for spec, names in told.items() if name in names)
        rows.append(
            (
                name,
                "yours" if name in templates.own else "shipped",
                _addressee(name, families),
                users or "nobody on the panel",
            )
        )
    printing.write("".join(f"{line}\n" for line in _columns(rows)), None)
    return Exit.PASSED


def show(selection: Selection, stage: Stage, model: str, form: str) -> Exit:
    """Print every request of the stage that the model would get for this change. Nobody is asked."""
    environment = app.surroundings()
    selected = selection.opened(environment)
    config = selected.config
    (spec,) = Roster(config, environment).specs([model])
    if spec.provider == "static":
        raise UsageError(f"{model} is an analyser, which is sent no text; name a language model")
    change = selected.read()
    sent = list(shipments(change, config, environment, selected.guidance, spec, stage))
    printing.write(_as_json(sent, spec, stage) if form == "json" else _as_text(sent, spec, stage), None)
    return Exit.PASSED


def shipments(
    change: Change,
    config: Config,
    environment: Environment,
    guidance: Guidance,
    spec: ModelSpec,
    stage: Stage,
) -> Iterator[Shipment]:
    """The requests in the order of the run. A model that is not on the panel is shown as if it had every seat."""
    made = seating.plan(config, environment, asked=False)
    if spec not in made.specs:
        made = seating.Plan(seats=((spec,),) * 3, scan=(spec,), standby=())
    panel = seating.build(made, config, environment, change.files, asked=False)
    model = next(m for m in panel.models if m.spec == spec)
    templates, change = means.templates(config, guidance, made, environment), aimed.withheld(change)
    facts, _ = asyncio.run(means.remarks(change, config, made, Sanitizer(environment.redacted)))
    for batch in _batches(change, config, panel, Rules.of(config, made.families), stage):
        if _reads(model, batch.subjects):
            for question in _questions(batch, change, facts, stage):
                prompt = templates.prompt(question, spec)
                yield Shipment(tuple(shown(s.file.path) for s in batch.subjects), prompt)


def _batches(change: Change, config: Config, panel: Panel, rules: Rules, stage: Stage) -> Iterator[Batch]:
    triaged = triage(change, config)
    packed = packing.Packing(triaged, panel, rules)
    subjects = packing.subjects(triaged, change)
    scans = packed.scans(s for s in subjects if packed.scanned(s))
    if stage is Stage.SCAN:
        yield from scans
        return
    yield from _reviews(packed, (s for s in subjects if s.critical))
    yield from _reviews(packed, (s for s in subjects if not s.critical and not packed.scanned(s)))
    for scan in scans:
        yield from _reviews(packed, scan.subjects)


def _reviews(packed: Packing, subjects: Iterable[Subject]) -> list[Batch]:
    return packed.reviews(subjects)[0]


def _reads(model: Model, subjects: Iterable[Subject]) -> bool:
    return all(model.reads(s.file.path) for s in subjects)


def _questions(batch: Batch, change: Change, facts: Sequence[Fact], stage: Stage) -> Iterator[Question]:
    if stage is not Stage.REVIEW:
        yield Question(stage, batch.subjects)
        return
    near = packing.nearest(facts, batch.subjects)
    question = Question(stage, batch.subjects, facts=near, title=change.title, body=change.body)
    for lens, _ in batch.way.rules.reviews(batch.subjects):
        yield replace(question, lens=lens.name, focus=lens.focus)


def _as_text(sent: Sequence[Shipment], spec: ModelSpec, stage: Stage) -> str:
    if not sent:
        return f"{spec.name} would be sent nothing at the {stage}: no file of this change gets there\n"
    return "\n".join(_told(number, each, sent, spec, stage) for number, each in enumerate(sent, start=1))


def _told(number: int, each: Shipment, sent: Sequence[Shipment], spec: ModelSpec, stage: Stage) -> str:
    about = f"{stage} by {spec.name}, about {each.tokens:,} tokens"
    unsure = f" ({_OPEN[stage]})" if _OPEN[stage] else ""
    head = f"== request {number} of {len(sent)}: {about}{unsure}\n== files: {', '.join(each.files)}\n"
    texts = (("system", each.prompt.system), ("files", each.prompt.prefix), ("task", each.prompt.task))
    return head + "".join(f"-- {what}\n{text.rstrip()}\n" for what, text in texts)


def _as_json(sent: Sequence[Shipment], spec: ModelSpec, stage: Stage) -> str:
    requests = [
        {
            "model": spec.name,
            "stage": stage,
            "files": each.files,
            "tokens": each.tokens,
            "system": each.prompt.system,
            "prefix": each.prompt.prefix,
            "task": each.prompt.task,
        }
        for each in sent
    ]
    return json.dumps(requests, indent=2, ensure_ascii=False) + "\n"


def _addressee(name: str, families: Iterable[str]) -> str:
    folder = name.rpartition("/")[0]
    if folder == "base":
        return "every model"
    if folder.startswith("base/"):
        return "those that extend it"
    if folder == "lenses":
        return f"lens {name.removeprefix('lenses/').removesuffix(SUFFIX)}"
    return f"family {folder}" if folder in families else f"model {folder}"


def _columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The rows as lines, each column as wide as it needs."""
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
