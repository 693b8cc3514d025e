"""What a review would ask of whom and what that would cost, worked out as the run does it and without asking anybody."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from reviewbot import catalog, packing
from reviewbot.budget import EXPECTED_OUTPUT
from reviewbot.consensus import Mode
from reviewbot.context import estimate_tokens
from reviewbot.llm import Question, Stage
from reviewbot.packing import Packing
from reviewbot.routing import Sitting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from reviewbot.budget import Prices
    from reviewbot.diff import Change
    from reviewbot.llm import ModelSpec, Prompt
    from reviewbot.packing import Batch
    from reviewbot.routing import Panel
    from reviewbot.rules import Rules
    from reviewbot.triage import Triaged

    Render = Callable[[Question, ModelSpec], Prompt]

#: How likely it is that a scanned file is flagged; that something found by one is put to a first voter; that another
#: voter is asked after that. Assumptions, told with every plan: only a project's own runs know better.
FLAGGED = Decimal("0.3")
VOTED = Decimal("0.5")
DISPUTED = Decimal("0.1")
#: Tokens that the claims of a vote are taken to have.
CLAIMS = 500


@dataclass(frozen=True, slots=True)
class Call:
    """A request that may be made, with how likely it is. Costs are in dollars, None where no price is known.

    `worst` is the cost with the longest answer, which a budget must have left before the request is made.
    """

    spec: ModelSpec
    stage: Stage
    chance: Decimal
    input_tokens: int
    output_tokens: int
    cost: Decimal | None
    worst: Decimal | None


@dataclass(frozen=True, slots=True)
class Row:
    """What one model, or all, should use at one stage. Numbers of calls and tokens are expected ones, in fractions."""

    calls: Decimal
    input_tokens: Decimal
    output_tokens: Decimal
    cost: Decimal | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """The plan of one review: files with their tiers, calls, and files of which a part fits no request."""

    files: tuple[Triaged, ...]
    calls: tuple[Call, ...]
    oversized: tuple[str, ...]

    def rows(self) -> list[tuple[Stage, str, Row]]:
        """By stage in order, and model in the order of seats."""
        parts: dict[tuple[Stage, str], list[Call]] = {}
        for stage in Stage:
            for call in (c for c in self.calls if c.stage is stage):
                parts.setdefault((stage, call.spec.name), []).append(call)
        return [(stage, name, _sum(calls)) for (stage, name), calls in parts.items()]

    @property
    def expected(self) -> Row:
        """What should come of it."""
        return _sum(self.calls)

    @property
    def least(self) -> Row:
        """What is sure to be asked: nothing is flagged, nothing found."""
        return _sum(call for call in self.calls if call.chance == 1)

    @property
    def most(self) -> Row:
        """Everything is flagged, and every seat votes on something in every unit."""
        return _sum(replace(call, chance=Decimal(1)) for call in self.calls)


def forecast(
    change: Change, triaged: Sequence[Triaged], panel: Panel, rules: Rules, render: Render, prices: Prices
) -> Forecast:
    """The plan of a review of this change. No model of the panel is asked; repairs and failovers are not in it."""
    packed = Packing(triaged, panel, rules)
    readable = packing.subjects(triaged, change)
    scans = packed.scans(s for s in readable if packed.scanned(s))
    sure, oversized = packed.reviews(s for s in readable if not packed.scanned(s))
    reviews = [(batch, Decimal(1)) for batch in sure]
    for scan in scans:
        batches, too_big = packed.reviews(scan.subjects)
        reviews += [(batch, FLAGGED) for batch in batches]
        oversized += too_big
    asked = [(scan.way.panel.scan[0].spec, Question(Stage.SCAN, scan.subjects), Decimal(1)) for scan in scans]
    for batch, chance in reviews:
        asked += _asked(batch, (change.title, change.body), chance)
    return Forecast(
        files=tuple(triaged),
        calls=tuple(_call(*question, render, prices) for question in asked),
        oversized=tuple(dict.fromkeys(s.file.path for s in oversized)),
    )


def _asked(
    batch: Batch, about: tuple[str, str], chance: Decimal
) -> Iterator[tuple[ModelSpec, Question, Decimal]]:
    """The reviews of a unit, and the votes that may follow: who did not review is the first to vote."""
    way = batch.way
    seated = [model.spec for model in Sitting(way.panel, (s.file.path for s in batch.subjects)).models()]
    reviewers: dict[ModelSpec, None] = {}
    for lens, wanted in way.rules.reviews(batch.subjects):
        asked = lens.order(seated, lambda spec: spec.name)[:wanted]
        reviewers |= dict.fromkeys(asked)
        review = Question(
            Stage.REVIEW, batch.subjects, lens=lens.name, focus=lens.focus, title=about[0], body=about[1]
        )
        yield from ((spec, review, chance) for spec in asked)
    if way.rules.mode is Mode.INDEPENDENT:
        return
    vote = Question(Stage.VOTE, batch.subjects)
    first = 2 if way.rules.mode is Mode.STRICT else 1
    judges = [spec for spec in seated if spec not in reviewers]
    for number, spec in enumerate([*judges, *[*reviewers][1:], *[*reviewers][:1]]):
        yield spec, vote, chance * (VOTED if number < first else DISPUTED)


def _call(spec: ModelSpec, question: Question, chance: Decimal, render: Render, prices: Prices) -> Call:
    if spec.provider == "static":  # an analyser reads no prompt
        free = prices.worst_case(spec, 0, 0)
        return Call(spec, question.stage, chance, 0, 0, free, free)
    prompt = render(question, spec)
    tokens = estimate_tokens(prompt.system + prompt.prefix + prompt.task)
    tokens += CLAIMS if question.stage is Stage.VOTE else 0
    answer = EXPECTED_OUTPUT[question.stage]
    cost = prices.worst_case(spec, tokens, answer)
    worst = prices.worst_case(spec, tokens, catalog.output_limit(spec))
    return Call(spec, question.stage, chance, tokens, answer, cost, worst)


def _sum(calls: Iterable[Call]) -> Row:
    total = Row(Decimal(0), Decimal(0), Decimal(0), Decimal(0))
    for call in calls:
        cost = None if total.cost is None or call.cost is None else total.cost + call.chance * call.cost
        total = Row(
            total.calls + call.chance,
            total.input_tokens + call.chance * call.input_tokens,
            total.output_tokens + call.chance * call.output_tokens,
            cost,
        )
    return total
