"""`reviewbot eval`: every case through the same pipeline as a review, then the figures, then the bar they must pass."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reviewbot import analyzers, app, means, printing, providers, seating
from reviewbot.errors import Exit, UsageError
from reviewbot.evaluation import answers, batching, cases, written
from reviewbot.evaluation.batching import Batches
from reviewbot.evaluation.jobs import Journal
from reviewbot.evaluation.summary import Examined, summarise
from reviewbot.events import everyone
from reviewbot.evidence import Evidence
from reviewbot.rules import Rules
from reviewbot.sanitize import Sanitizer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    from reviewbot.config import Config
    from reviewbot.environment import Environment
    from reviewbot.evaluation.cases import Case
    from reviewbot.evaluation.scoring import Figure
    from reviewbot.evaluation.summary import Summary
    from reviewbot.llm import Model, ModelSpec
    from reviewbot.prompts import Templates
    from reviewbot.routing import Panel
    from reviewbot.selection import Selection

logger = logging.getLogger(__name__)

#: Cases under way at a time; each asks its own models side by side.
_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asked for. `record` and `replay` are folders of recorded answers; at most one is set."""

    cases: str
    place: Selection
    offline: bool = False
    format: str = "text"
    output: str | None = None
    record: str | None = None
    replay: str | None = None
    at_least: str = ""
    seed: int = 0
    batch: bool = False
    poll_seconds: float = 30.0  # between looks at batch jobs


def run(request: Request) -> Exit:
    """Examine the panel, write the figures, and say whether they reach what was asked of them."""
    bar = _bar(request.at_least)
    printing.check(request.output)
    todo = cases.load(Path(request.cases))
    environment, config = app.surroundings(), request.place.configuration()
    made = _plan(request, config, environment)
    means.check_budget(config, made)
    if request.record:
        _prepare(Path(request.record), made)
    sanitizer = Sanitizer(environment.redacted)
    templates = means.templates(config, request.place.guidance(config), made, environment)
    journal = _journal(environment) if request.batch else None
    examiner = _Examiner(request, config, environment, made, templates, sanitizer)
    examined = asyncio.run(examiner.all(todo, journal))
    rules = Rules.of(config, made.families)
    summary = summarise(examined, rules, len(made.seats), request.seed)
    sheet = written.Sheet(
        summary, _who(made), f"{rules.mode}, {rules.quorum.models} of {len(made.seats)}", sanitizer
    )
    printing.write(written.render(sheet, request.format), request.output)
    return _verdict(summary, bar)


def _plan(request: Request, config: Config, environment: Environment) -> seating.Plan:
    if request.replay:
        return answers.load_plan(Path(request.replay))
    return seating.plan(config, environment, offline=request.offline)


def _prepare(folder: Path, made: seating.Plan) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        answers.save_plan(made, folder)
    except OSError as error:
        raise UsageError(f"cannot record answers in {folder}: {error.strerror}") from error


def _journal(environment: Environment) -> Journal:
    if environment.user_cache is None:
        raise UsageError("--batch has no folder to remember its jobs in; set HOME or XDG_CACHE_HOME")
    return Journal(environment.user_cache / "reviewbot" / "batches")


def _who(made: seating.Plan) -> str:
    return f"{made.kind} ({', '.join(chain[0].name for chain in made.seats)})"


@dataclass(frozen=True, slots=True)
class _Shared:
    """What all cases ask in batches, and on what terms; without batches each case has its own."""

    models: Mapping[str, Model] | None = None
    terms: means.Terms | None = None


@dataclass(frozen=True, slots=True)
class _Examiner:
    request: Request
    config: Config
    environment: Environment
    made: seating.Plan
    templates: Templates
    sanitizer: Sanitizer

    async def all(self, todo: Sequence[Case], journal: Journal | None) -> list[Examined]:
        """Every case, in order; progress goes to the log. With a `journal` all at once, in batches."""
        turn = asyncio.Semaphore(_AT_ONCE)
        if not self.request.replay:
            await asyncio.to_thread(providers.preload, {spec.provider for spec in self.made.specs})

        connected = seating.connect(self.made, self.config, self.environment) if journal else {}
        async with self._batches(journal) as batches, asyncio.TaskGroup() as group:
            shared = self._taken(connected, batches) if batches else _Shared()

            async def one(number: int, case: Case) -> Examined:
                await turn.acquire()
                with ExitStack() as beginning:
                    beginning.callback(turn.release)
                    if batches:
                        beginning.callback(batches.direct, -1)
                    logger.info("case %d of %d: %s", number, len(todo), case.name)
                    return await self._one(case, shared, beginning)

            if batches:  # each case will have questions once its turn has come
                batches.direct(len(todo))
            tasks = [group.create_task(one(n, case)) for n, case in enumerate(todo, start=1)]
        return [task.result() for task in tasks]

    def _batches(self, journal: Journal | None) -> AbstractAsyncContextManager[Batches | None]:
        if journal is None:
            return nullcontext()
        seconds = means.terms(self.config, self.environment).limits.call_seconds
        return Batches(journal, poll_seconds=self.request.poll_seconds, call_seconds=seconds)

    def _taken(self, connected: Mapping[str, Model], batches: Batches) -> _Shared:
        models = {name: batches.take(model) for name, model in connected.items()}
        prices = means.prices(self.config, frozenset(batches.names))
        return _Shared(models, means.Terms(prices, batching.LIMITS))

    async def _one(self, case: Case, shared: _Shared, beginning: ExitStack) -> Examined:
        gathered: list[Evidence] = []
        recorder = answers.Recorder()

        def keep(happened: object) -> None:
            if shared.models is not None:  # it asks now, and who waits for a batch is in nobody's way
                beginning.close()
            if isinstance(happened, Evidence):
                gathered.append(happened)

        review = await app.reviewed(
            case.change,
            self.config,
            self.environment,
            self.made,
            self.sanitizer,
            self.templates,
            started=time.monotonic(),
            tell=everyone((keep, recorder)),
            panel=self._panel(case, shared),
            terms=shared.terms,
        )
        if self.request.record:
            file = Path(self.request.record) / f"{case.name}.jsonl"
            await asyncio.to_thread(file.write_text, recorder.text(), encoding="utf-8")
        return Examined(case, gathered[0], review)

    def _panel(self, case: Case, shared: _Shared) -> Panel:
        if not self.request.replay:
            files = case.change.files
            return seating.build(self.made, self.config, self.environment, files, connected=shared.models)
        lines = answers.load(Path(self.request.replay) / f"{case.name}.jsonl")
        return seating.assemble(self.made, lambda spec: _player(spec, lines))


def _player(spec: ModelSpec, lines: tuple[answers.Line, ...]) -> answers.Player:
    """What an analyser can read does not change; everybody else reads everything."""
    if spec.provider == "static":
        return answers.Player(spec, lines, analyzers.build(spec.id).reads)
    return answers.Player(spec, lines)


#: What a bar can be set for.
_FIGURES: Mapping[str, Callable[[Summary], Figure]] = {
    "precision": lambda summary: summary.panel.precision,
    "recall": lambda summary: summary.panel.recall,
    "f1": lambda summary: summary.panel.f1,
    "quiet": lambda summary: summary.quiet,
    "unblocked": lambda summary: summary.unblocked,
}


def _bar(text: str) -> dict[str, float]:
    """`precision=0.9,recall=0.5` as numbers. Raises UsageError."""
    bar: dict[str, float] = {}
    for part in filter(None, text.split(",")):
        name, _, number = part.partition("=")
        try:
            value = float(number)
        except ValueError:
            value = -1.0
        if name not in _FIGURES or not 0 <= value <= 1:
            raise UsageError(
                f"--at-least {part}: write NAME=NUMBER, NAME of {', '.join(_FIGURES)}, NUMBER from 0 to 1"
            )
        bar[name] = value
    return bar


def _verdict(summary: Summary, bar: Mapping[str, float]) -> Exit:
    """Figures of reviews that could not be done pass no bar."""
    if not bar:
        return Exit.PASSED
    short = [
        f"{name} is {'unknown' if value is None else f'{value:.3f}'}, less than {least}"
        for name, least in bar.items()
        if (value := _FIGURES[name](summary).value) is None or value < least
    ]
    for sentence in short:
        logger.warning("%s", sentence)
    if short:
        return Exit.BLOCKED
    if summary.incomplete:
        logger.warning("%d cases were not fully reviewed", len(summary.incomplete))
        return Exit.INCONCLUSIVE
    return Exit.PASSED
