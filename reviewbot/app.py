"""One run from start to end: configuration, panel, change, review, decision, output."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from reviewbot import (
    __version__,
    aimed,
    analyzers,
    applying,
    gate,
    git,
    means,
    outputs,
    pipeline,
    printing,
    seating,
    sharding,
)
from reviewbot import config as configuration
from reviewbot.answers import Answers
from reviewbot.budget import Ledger
from reviewbot.conclusion import Circumstances, conclude
from reviewbot.environment import Environment, without_keys
from reviewbot.errors import Exit, UsageError
from reviewbot.events import nobody
from reviewbot.listening import listening
from reviewbot.providers.sdks import Sdks
from reviewbot.roster import Roster
from reviewbot.rules import Rules
from reviewbot.sanitize import Sanitizer
from reviewbot.triage import triage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reviewbot.asking import Cache
    from reviewbot.config import Config
    from reviewbot.diff import Change
    from reviewbot.events import Listener
    from reviewbot.llm import Fact
    from reviewbot.memory import Memory
    from reviewbot.prompts import Templates
    from reviewbot.review import Review
    from reviewbot.routing import Panel
    from reviewbot.selection import Selection
    from reviewbot.sharding import Shard

#: Seconds until the scan should be on its way, and SDKs that are asked for later can be imported.
_SOON = 0.25


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asked for."""

    selection: Selection
    offline: bool = False
    gate: str = ""  # instead of gate.mode
    format: str = "text"
    output: str | None = None
    evidence: tuple[str, ...] = ()  # SARIF files of other tools
    record: str | None = None
    watched: bool = False  # a person looks at stderr
    cached: bool = True  # use answers of earlier runs, where they are kept
    apply: Literal["", "ask", "all"] = ""  # which suggestions go into the working tree
    shard: Shard | None = None  # only this part of the change


def review(request: Request) -> Exit:
    """Review what was asked for, write the result, and say how the run ends."""
    started = time.monotonic()
    environment = surroundings()
    selected = request.selection.opened(environment)
    config = selected.config.with_gate(request.gate)
    made = seating.plan(config, environment, offline=request.offline)
    reported = _reported(request)
    means.check_budget(config, made)
    templates = means.templates(config, selected.guidance, made, environment)
    printing.check(request.output)
    cache = _cache(request, config, environment)
    with Sdks() as sdks:
        sdks.begin([made.scan[0].provider])
        change, part = selected.read(), None
        if request.shard:
            tiers = triage(change, config)
            change, part = sharding.part(change, tiers, request.shard, selected.config, repr(made))
            config = sharding.share(config, request.shard.of)
        sanitizer = Sanitizer(environment.redacted)
        facts = means.about(reported, {file.path for file in change.files}, sanitizer)
        record = Path(request.record) if request.record else None
        with listening(
            change, config, sanitizer, environment, record=record, watched=request.watched
        ) as tell:
            result = asyncio.run(
                reviewed(
                    change,
                    config,
                    environment,
                    made,
                    sanitizer,
                    templates,
                    started=started,
                    facts=facts,
                    tell=tell,
                    cache=cache,
                    sdks=sdks,
                )
            )
    if cache:
        cache.prune()
    color = printing.color(request.output, plain=environment.no_color)
    text = outputs.render(
        result,
        request.format,
        sanitizer,
        width=printing.width(),
        color=color,
        tree=request.selection.tree() if color else None,
        parses=analyzers.parses,
        part=part,
    )
    printing.write(text, request.output)
    if request.apply:
        _apply(request, result, sanitizer)
    return gate.exit_status(result.decision)


def _apply(request: Request, result: Review, safe: Sanitizer) -> None:
    root = request.selection.tree() or Path(request.selection.repo)
    wanted = applying.fixes(result, safe, analyzers.parses)
    asks = request.apply == "ask"
    for line in applying.apply(root, wanted, lambda fix: not asks or applying.ask(fix, safe)):
        printing.say(f"{safe.line(line)}\n")
    if not wanted:
        printing.say("there is no confirmed finding with a suggestion that can be applied\n")


def check_config(selection: Selection) -> Exit:
    """Say whether the configuration is sound and who would sit on the panel."""
    config = selection.configuration()
    environment = surroundings()
    made = seating.plan(config, environment)
    means.check_budget(config, made)
    templates = means.templates(config, selection.guidance(config), made, environment)
    lines = [f"panel: {made.kind}"]
    lines += [
        f"  seat {n}: {' → '.join(s.name for s in chain)}" for n, chain in enumerate(made.seats, start=1)
    ]
    lines += [f"  scan: {' → '.join(s.name for s in made.scan)}"]
    lines += [f"  standby: {', '.join(s.name for s in made.standby)}"] if made.standby else []
    for rule, detour in zip(config.routing, made.detours, strict=False):
        who = [f"scan: {' → '.join(s.name for s in detour.scan)}"] if rule.scan else []
        who += (
            [f"seats: {', '.join(' → '.join(s.name for s in c) for c in detour.seats)}"] if rule.panel else []
        )
        lines += [f"  {rule.name}: {'; '.join(who)}"] if who else []
    lines += [f"warning: {sentence}" for sentence in means.warnings(config, made, templates)]
    printing.write("\n".join([*lines, "the configuration is sound", ""]), None)
    return Exit.PASSED


def print_schema() -> Exit:
    """Print the JSON Schema of the configuration, with every default."""
    printing.write(json.dumps(configuration.schema(), indent=2, ensure_ascii=False) + "\n", None)
    return Exit.PASSED


async def reviewed(
    change: Change,
    config: Config,
    environment: Environment,
    made: seating.Plan,
    sanitizer: Sanitizer,
    templates: Templates,
    *,
    started: float,
    unchosen: bool = False,
    tell: Listener = nobody,
    facts: Sequence[Fact] = (),
    known: Memory = MappingProxyType({}),
    panel: Panel | None = None,
    terms: means.Terms | None = None,
    cache: Cache | None = None,
    sdks: Sdks | None = None,
) -> Review:
    """The review of a change by the planned panel. `unchosen` is as in `gate.decide`.

    `started` is the time of the monotonic clock when the run began, `facts` what other tools say of the change's files,
    `known` what an earlier run found out about those that are the same since. `panel` sits instead of the one that would
    be built of the plan, on `terms` instead of the configured ones; it is closed all the same.
    """
    change = aimed.withheld(change)
    rules = Rules.of(config, made.families)
    terms = terms or means.terms(config, environment)
    panel = panel or seating.build(made, config, environment, change.files)
    ledger = Ledger(terms.prices, config.budget.usd, lambda: made.dearest(terms.prices))
    asker = means.asker(terms.limits, templates, ledger, sanitizer, tell, cache, sdks)
    try:
        own, failed = await means.remarks(change, config, made, sanitizer)
        triaged = triage(change, config)
        if sdks:  # beside the first requests it would hold them up
            asyncio.get_running_loop().call_later(_SOON, means.begin, sdks, made)
        evidence = await pipeline.gather(change, triaged, panel, rules, asker, tell, (*facts, *own), known)
    finally:
        await panel.close()
    circumstances = Circumstances(
        kind=made.kind,
        total=ledger.total(),
        by_model=ledger.by_model(),
        by_stage=ledger.by_stage(),
        compared=ledger.compared(),
        notes=(
            *means.warnings(config, made, templates),
            *seating.withheld(change.files, config, made),
            *failed,
            *change.warnings,
        ),
        seconds=time.monotonic() - started,
        unlisted=change.unlisted,
        unchosen=unchosen,
    )
    tell(circumstances)
    result = conclude(change, evidence, circumstances, rules, gate.Policy.of(config))
    tell(result)
    return result


def basis(
    repository: str,
    number: int,
    config: Config,
    environment: Environment,
    made: seating.Plan,
    templates: Templates,
) -> str:
    """The same where the same files of one pull request would be judged in the same way: with what, by whom, by what rules.

    Without the description of the pull request: models read it, but it is no reason to pay for every file again.
    """
    told = [(name, templates.source(name)) for name in templates.names]
    told += [(rule.source, rule.text) for rule in templates.guidelines]
    addresses = sorted(environment.base_urls.items())
    decides = (__version__, repository, number, config.model_dump_json(), repr(made), addresses, told)
    return hashlib.sha256(json.dumps(decides).encode()).hexdigest()


def _reported(request: Request) -> tuple[Fact, ...]:
    if not request.evidence:
        return ()
    from reviewbot import toolreports  # noqa: PLC0415 - few runs read any

    root = git.top(Path(request.selection.repo))
    return tuple(fact for name in request.evidence for fact in toolreports.read(name, root))


def surroundings() -> Environment:
    """What the environment says; from here on nothing that is started inherits a key."""
    environment = Environment.read(os.environ)
    without_keys(os.environ)
    return environment


def _cache(request: Request, config: Config, environment: Environment) -> Answers | None:
    """Where answers are kept, if they are. Raises UsageError for a place that a change could bring answers into."""
    folder = environment.cache_dir
    if folder is None and config.cache.enabled:
        if environment.user_cache is None:
            raise UsageError("cache.enabled is set, but there is no folder for it; set REVIEWBOT_CACHE_DIR")
        folder = environment.user_cache / "reviewbot" / "answers"
    if folder is None or not request.cached:
        return None
    repo = Path(request.selection.repo)
    if folder.resolve().is_relative_to((git.top(repo) or repo).resolve()):
        raise UsageError(
            f"the folder for answers {folder} is in the repository; set REVIEWBOT_CACHE_DIR to another"
        )
    settings = config.cache
    return Answers(
        folder,
        days=settings.days,
        megabytes=settings.megabytes,
        base_url=Roster(config, environment).base_url,
    )
