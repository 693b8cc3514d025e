"""What models are asked with: prices, limits, and an asker that keeps to both."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from reviewbot import analyzers, canary, guidance, packing, pricing
from reviewbot.asking import Asker, Limits
from reviewbot.errors import ConfigError
from reviewbot.events import nobody
from reviewbot.lenses import Lens
from reviewbot.llm import Fact
from reviewbot.prompts import Templates
from reviewbot.review import PanelKind
from reviewbot.triage import triage

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from reviewbot import seating
    from reviewbot.asking import Cache
    from reviewbot.budget import Ledger
    from reviewbot.config import Config
    from reviewbot.diff import Change
    from reviewbot.environment import Environment
    from reviewbot.events import Listener
    from reviewbot.guidance import Guidance
    from reviewbot.providers.sdks import Sdks
    from reviewbot.replies import Reply
    from reviewbot.sanitize import Sanitizer


#: What is waited for analysers whose remarks are for others; the reviews begin after that.
_ANALYSIS_SECONDS = 60.0

#: Characters of the name of a tool or a rule, and of what it says, that reviewers are shown.
_TOOL, _REMARK = 80, 300


@dataclass(frozen=True, slots=True)
class Terms:
    """What models cost, and how long and how often they may be asked."""

    prices: pricing.PriceList
    limits: Limits


def terms(config: Config, environment: Environment) -> Terms:
    """Those of the configuration; the environment's times win."""
    limits = Limits(
        call_seconds=environment.call_seconds or config.budget.call_seconds,
        total_seconds=environment.total_seconds or config.budget.seconds,
    )
    return Terms(prices(config), limits)


def asker(
    limits: Limits,
    templates: Templates,
    ledger: Ledger,
    sanitizer: Sanitizer,
    tell: Listener = nobody,
    cache: Cache | None = None,
    sdks: Sdks | None = None,
) -> Asker:
    """Asks with the templates and within the limits; call it inside the running event loop.

    `sdks` is who imports what the models take.
    """
    ready = sdks.ready if sdks else None
    return Asker(
        templates.prompt, lambda reply: _cleaned(reply, sanitizer), ledger, limits, tell, cache, ready
    )


def begin(sdks: Sdks, made: seating.Plan) -> None:
    """Start to import what the first calls of a panel take, and then the prices."""
    first = (chain[0].provider for chain in (made.scan, *made.seats))
    sdks.begin(dict.fromkeys(first))
    if made.kind is not PanelKind.OFFLINE:
        sdks.also(pricing.preload)


def templates(config: Config, told: Guidance, made: seating.Plan, environment: Environment) -> Templates:
    """The shipped templates and the project's. Raises ConfigError for one that fails for a model of the panel, or is missing."""
    mark = canary.derive(environment.keys.values())
    found = Templates(told.templates, told.guidelines, mark=mark)
    lenses = [Lens.of(lens) for lens in config.lenses]
    found.check_lenses(lenses)
    if told.templates:
        found.check((spec for spec in made.specs if spec.provider != "static"), lenses)
    return found


async def remarks(
    change: Change, config: Config, made: seating.Plan, sanitizer: Sanitizer
) -> tuple[tuple[Fact, ...], tuple[str, ...]]:
    """What analysers report of the change for those who review it, and what went wrong, a sentence each.

    An analyser that has a seat says it there, and in nobody else's ear.
    """
    if not config.facts or any(spec.provider == "static" for spec in made.specs):
        return (), ()
    subjects = packing.subjects(triage(change, config), change)
    facts, failed = await analyzers.facts(subjects, seconds=_ANALYSIS_SECONDS)
    paths = {subject.file.path for subject in subjects}
    return about(facts, paths, sanitizer), failed


def about(facts: Iterable[Fact], paths: Collection[str], sanitizer: Sanitizer) -> tuple[Fact, ...]:
    """Those on files of the change, each once, made fit to be shown, by path and line."""
    kept = {
        Fact(
            fact.path,
            fact.first_line,
            fact.last_line,
            sanitizer.line(fact.tool, _TOOL),
            sanitizer.line(fact.rule, _TOOL),
            sanitizer.line(fact.message, _REMARK),
        )
        for fact in facts
        if fact.path in paths
    }
    return tuple(sorted(kept))


def prices(config: Config, batched: frozenset[str] = frozenset()) -> pricing.PriceList:
    """Prices of today, the configured ones first; those of batches for the models named so."""
    own = {name: (price.input, price.output) for name, price in config.prices.items()}
    return pricing.PriceList(datetime.now(UTC), own, batched)


def check_budget(config: Config, made: seating.Plan) -> None:
    """A limit in dollars can only be kept where every price is known."""
    if config.budget.usd is None:
        return
    listed = prices(config)
    for spec in made.specs:
        if listed.worst_case(spec, 1, 1) is None:
            raise ConfigError(
                f"budget.usd cannot be kept: the price of {spec.name} is not known; give it under prices"
            )


def warnings(config: Config, made: seating.Plan, templates: Templates) -> tuple[str, ...]:
    """What is allowed but probably not meant, and what the user should know of panel and prompts, a sentence each."""
    cut = guidance.warnings(templates.guidelines)
    return (*config.warnings(), *made.warnings(datetime.now(UTC).date()), *_unseated(config, made), *cut)


def _unseated(config: Config, made: seating.Plan) -> Iterator[str]:
    plans = (made, *made.detours)
    seated = {spec.name for plan in plans for chain in plan.seats for spec in chain}
    for lens in config.lenses:
        for name in lens.models:
            if name not in seated:
                yield f"lens {lens.name}: {name} has no seat on the panel, so it cannot be preferred"


def _cleaned(reply: Reply, sanitizer: Sanitizer) -> Reply:
    """A reply whose prose is fit to be shown; quotes and evidence stay verbatim until they are checked."""
    return reply.model_copy(
        update={
            "flags": tuple(f.model_copy(update={"reason": sanitizer.line(f.reason)}) for f in reply.flags),
            "findings": tuple(
                replace(
                    f,
                    title=sanitizer.line(f.title),
                    body=sanitizer.clean(f.body),
                    failure=sanitizer.clean(f.failure),
                    suggestion=None if f.suggestion is None else sanitizer.clean(f.suggestion),
                )
                for f in reply.findings
            ),
            "votes": tuple(v.model_copy(update={"reason": sanitizer.clean(v.reason)}) for v in reply.votes),
        }
    )
