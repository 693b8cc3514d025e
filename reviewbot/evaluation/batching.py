"""The questions of all cases, put to each model as one batch job a round: half the price, within a day."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

from reviewbot.asking import Limits
from reviewbot.errors import FailureKind, ModelError
from reviewbot.evaluation.jobs import Job
from reviewbot.llm import BatchModel

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable, Iterator, Mapping, Sequence
    from types import TracebackType

    from reviewbot.evaluation.jobs import Journal
    from reviewbot.llm import Completion, Model, ModelSpec, Prompt

logger = logging.getLogger(__name__)

#: Rounds of the event loop without a new question after which nobody is about to have one. From an answer to the questions
#: that follow from it are some dozens; were they more, there would be more jobs than needed, and nothing worse.
_ROUNDS = 500
#: Seconds after which an answer is given up: vendors give up after 24 hours, Google after 48.
_PATIENCE = 50 * 3600.0
#: Times in a row that a job could not be looked at before it is left to a later run: ten minutes at the usual pace.
_LOOKS = 20
#: Questions that those models get at a time that are asked as ever.
_DIRECT = 8
#: Requests in a job: the least of what vendors take, by far.
_MOST = 10_000
#: Bytes around each request, its id among them.
_AROUND = 200
_PASSING = frozenset({FailureKind.RATE, FailureKind.OVERLOAD, FailureKind.NETWORK, FailureKind.TIMEOUT})

#: Nobody is in a hurry: a seat waits for those before it, and a run for as many days as it has rounds.
LIMITS = Limits(
    call_seconds=_PATIENCE, total_seconds=14 * 86_400.0, at_once=100_000, pause=0.0, grace=_PATIENCE
)

_NOTHING: Mapping[str, Completion | ModelError] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _Waiting:
    id: str
    request: Mapping[str, Any]
    answer: asyncio.Future[Completion]

    def settle(self, outcome: Completion | ModelError) -> None:
        if self.answer.done():  # given up
            return
        if isinstance(
            outcome, ModelError
        ):  # a new one for each: raised by several, one would collect their traces
            self.answer.set_exception(ModelError(outcome.kind, str(outcome), retry_after=outcome.retry_after))
        else:
            self.answer.set_result(outcome)


class Batches:
    """A context manager around the run of all cases, which ask the models it has taken in.

    Answers of jobs in the journal are used for the same requests. Jobs leave it at the end of a run in which every question
    was answered; as long as one failed, or the run was interrupted, the next run asks only what is missing.
    """

    def __init__(self, journal: Journal, *, poll_seconds: float, call_seconds: float) -> None:
        """`call_seconds` are for each call to a model that takes no batches."""
        self._journal = journal
        self._poll_seconds = poll_seconds
        self._call_seconds = call_seconds
        self._known = [(job, set(job.questions)) for job in journal.known(datetime.now(UTC))]
        self._models: list[Model] = []
        self._group = asyncio.TaskGroup()
        self._tasks: list[asyncio.Task[None]] = []
        self._watch: asyncio.Task[None] | None = None
        self._queues: dict[BatchModel, list[_Waiting]] = defaultdict(list)
        self._asked: Counter[str] = Counter()
        self._stirred = 0
        self._direct = 0
        self._open: set[Job] = set()
        self._collected: list[Job] = []
        self._failed = False
        self._closing = False

    async def __aenter__(self) -> Self:
        """Questions may come."""
        await self._group.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nobody waits any more; what is still at work goes on without us."""
        self._closing = True  # what is cancelled now must not start anything
        for task in self._tasks:
            task.cancel()
        try:
            await self._group.__aexit__(kind, error, trace)
        finally:
            for model in self._models:
                await model.close()
            if self._open:
                left = ", ".join(f"{job.model} {job.id}" for job in self._open)
                logger.warning(
                    "these batch jobs are still at work: %s; the same command picks up their answers", left
                )
            if kind is None and not self._failed:
                for job in self._collected:
                    self._journal.forget(job)

    @property
    def names(self) -> list[str]:
        """Who is asked in batches."""
        return [model.spec.name for model in self._models if isinstance(model, BatchModel)]

    def take(self, model: Model) -> Model:
        """The model for all cases to ask, in batches if its vendor takes them."""
        self._models.append(model)
        if isinstance(model, BatchModel):
            return _Batched(model, self)
        logger.warning("%s takes no batches here; it is asked as ever, at the usual price", model.spec.name)
        return _Direct(model, self, asyncio.Semaphore(_DIRECT), self._call_seconds)

    async def ask(self, model: BatchModel, prompt: Prompt) -> Completion:
        """The answer, from the job in which the question will be. Raises ModelError."""
        request = model.request(prompt)
        digest = hashlib.sha256(json.dumps([model.spec.name, request]).encode()).hexdigest()[:40]
        # Seats may put the same question to one model, each for an answer of its own.
        self._asked[digest] += 1
        waiting = _Waiting(
            f"{digest}-{self._asked[digest]}", request, asyncio.get_running_loop().create_future()
        )
        self._queues[model].append(waiting)
        self._stir()
        return await waiting.answer

    def direct(self, change: int) -> None:
        """This many more, or less, are under way from which questions may follow without an answer to one that waits."""
        self._direct += change
        self._stir()

    def _stir(self) -> None:
        self._stirred += 1
        if self._closing:
            return
        if self._watch is None or self._watch.done():
            self._watch = self._start(self._watching())

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        self._tasks = [task for task in self._tasks if not task.done()]
        task = self._group.create_task(work)
        self._tasks.append(task)
        return task

    async def _watching(self) -> None:
        """Send what has come together, once it is quiet."""
        seen = -1
        while seen != self._stirred:
            seen = self._stirred
            for _ in range(_ROUNDS):
                await asyncio.sleep(0)
        if self._direct:  # whose end will stir
            return
        queues, self._queues = self._queues, defaultdict(list)
        for model, waiting in queues.items():
            self._send(model, waiting)

    def _send(self, model: BatchModel, waiting: Sequence[_Waiting]) -> None:
        """Wait for earlier jobs that have some of these, and start new ones for the rest."""
        rest = {w.id: w for w in waiting if not w.answer.done()}
        for job, unread in self._known:
            if job.model == model.spec.name and (own := unread & rest.keys()):
                unread.difference_update(own)
                self._start(self._again(model, job, [rest.pop(id_) for id_ in sorted(own)]))
        for portion in _portions(rest.values(), model.batch_bytes):
            self._start(self._ask(model, portion))

    async def _ask(self, model: BatchModel, waiting: Sequence[_Waiting]) -> None:
        name, found = model.spec.name, _NOTHING
        missing = ModelError(FailureKind.TIMEOUT, "its batch job ended without an answer to it")
        try:
            id_ = await model.submit({w.id: w.request for w in waiting})
            job = Job(model=name, id=id_, started=datetime.now(UTC), questions=tuple(w.id for w in waiting))
            self._journal.add(job)
            # Not only for those who want to see everything: it may be the last word for hours.
            logger.warning("%s: %d questions are batch job %s", name, len(waiting), id_)
            found = await self._answers(model, job)
        except ModelError as error:
            missing = error
        for w in waiting:
            outcome = found.get(w.id, missing)
            self._failed |= isinstance(outcome, ModelError)
            w.settle(outcome)

    async def _again(self, model: BatchModel, job: Job, waiting: Sequence[_Waiting]) -> None:
        """Take over a job of an earlier run; what it did not answer is asked anew."""
        name, found = model.spec.name, _NOTHING
        logger.warning("%s: %d questions are in batch job %s of an earlier run", name, len(waiting), job.id)
        try:
            found = await self._answers(model, job)
        except ModelError as error:
            if job in self._open:  # it may answer yet: to ask again now would be to pay twice
                self._failed = True
                for w in waiting:
                    w.settle(error)
                return
        for w in waiting:
            outcome = found.get(w.id)
            if outcome is None or isinstance(outcome, ModelError):
                self._queues[model].append(w)
                self._stir()
            else:
                w.settle(outcome)

    async def _answers(self, model: BatchModel, job: Job) -> Mapping[str, Completion | ModelError]:
        """What came of a job, when it has ended. Raises ModelError, and never one after which it would be asked again."""
        self._open.add(job)
        in_vain = 0
        while True:
            try:
                found = await model.collect(job.id, job.questions)
            except ModelError as error:
                in_vain += 1
                self._lost(job, error, in_vain)
            else:
                if found is not None:
                    self._open.discard(job)
                    self._collected.append(job)
                    return found
                in_vain = 0
            await asyncio.sleep(self._poll_seconds)

    def _lost(self, job: Job, error: ModelError, in_vain: int) -> None:
        """Raises the error unless another look may help."""
        logger.warning("%s: batch job %s: %s", job.model, job.id, error)
        if error.kind is FailureKind.NOT_FOUND:
            self._open.discard(job)
            self._journal.forget(job)
        if error.kind not in _PASSING:
            raise error
        if in_vain >= _LOOKS:
            raise ModelError(FailureKind.TIMEOUT, f"cannot look at batch job {job.id}: {error}") from error


def _portions(waiting: Iterable[_Waiting], most: int) -> Iterator[list[_Waiting]]:
    """As many to a job as go into it, by their bytes."""
    portion: list[_Waiting] = []
    room = most
    for w in waiting:
        size = len(json.dumps(w.request)) + _AROUND
        if portion and (size > room or len(portion) >= _MOST):
            yield portion
            portion, room = [], most
        portion.append(w)
        room -= size
    if portion:
        yield portion


@dataclass(frozen=True, slots=True)
class _Batched:
    """What the panel of each case has in place of a model: they share it, so none of them closes it."""

    model: BatchModel
    batches: Batches

    @property
    def spec(self) -> ModelSpec:
        return self.model.spec

    def reads(self, path: str) -> bool:
        return self.model.reads(path)

    async def complete(self, prompt: Prompt, *, seconds: float) -> Completion:  # noqa: ARG002 - whoever asks keeps the time
        return await self.batches.ask(self.model, prompt)

    async def close(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class _Direct:
    """Likewise, of one that answers at once."""

    model: Model
    batches: Batches
    room: asyncio.Semaphore
    seconds: float

    @property
    def spec(self) -> ModelSpec:
        return self.model.spec

    def reads(self, path: str) -> bool:
        return self.model.reads(path)

    async def complete(self, prompt: Prompt, *, seconds: float) -> Completion:
        self.batches.direct(1)
        seconds = min(seconds, self.seconds)
        try:
            async with self.room, asyncio.timeout(seconds):
                return await self.model.complete(prompt, seconds=seconds)
        except TimeoutError:
            raise ModelError(FailureKind.TIMEOUT, f"no answer within {seconds:.0f} s") from None
        finally:
            self.batches.direct(-1)

    async def close(self) -> None:
        pass
