"""One question to one model: bounded in time and money, retried where that can help, a failure as a value."""

from __future__ import annotations

import asyncio
import itertools
import logging
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from reviewbot import canary, catalog, replies
from reviewbot.breaker import Breaker
from reviewbot.context import estimate_tokens
from reviewbot.errors import FailureKind, ModelError
from reviewbot.events import Answered, Discarded, Remembered, Sent, Unanswered, nobody
from reviewbot.evidence import Failure
from reviewbot.llm import Stop
from reviewbot.turns import Slot, Turns

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
    from contextlib import AbstractContextManager

    from reviewbot.budget import Ledger
    from reviewbot.events import Listener
    from reviewbot.llm import Completion, Model, ModelSpec, Need, Prompt, Question, Stage
    from reviewbot.replies import Reply

logger = logging.getLogger(__name__)

#: Failures that may be gone a moment later, so the same model is asked once more.
_PASSING = frozenset({FailureKind.RATE, FailureKind.OVERLOAD, FailureKind.NETWORK})
#: Answers that the same model may get right when told what was wrong. A refusal is not one of them.
_REPAIRABLE = frozenset({FailureKind.TRUNCATED, FailureKind.UNPARSABLE, FailureKind.OFF_SCHEMA})


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds for one call and for the whole run, and how many calls one provider gets at a time to begin with.

    `pause` is how many seconds to wait before the one retry, where the server names none. `grace` is how long who steps in
    for one that is down waits for the seats before it, which have the first choice: a server that is down says so within
    that, its retry included, and one that answers may take minutes.
    """

    call_seconds: float = 240.0
    total_seconds: float = 900.0
    at_once: int = 24
    pause: float = 1.0
    grace: float = 2.0


class Cache(Protocol):
    """Answers of earlier runs."""

    def find(self, spec: ModelSpec, prompt: Prompt) -> str | None:
        """What this model answered to this very prompt."""

    def keep(self, spec: ModelSpec, prompt: Prompt, text: str) -> None:
        """Remember an answer that was complete and as agreed."""


class Asker:
    """Asks models, one request at a time or many; made inside the running event loop, for one run."""

    def __init__(
        self,
        render: Callable[[Question, ModelSpec], Prompt],
        clean: Callable[[Reply], Reply],
        ledger: Ledger,
        limits: Limits,
        tell: Listener = nobody,
        cache: Cache | None = None,
        ready: Callable[[ModelSpec], Awaitable[None]] | None = None,
    ) -> None:
        """`render` makes prompts, `clean` takes what must not go further out of a reply, `tell` hears of each call.

        `ready` waits until a model can be asked; that is not part of the time of a call.
        """
        self._render = render
        self._clean = clean
        self._ledger = ledger
        self._limits = limits
        self._tell = tell
        self._cache = cache
        self._ready = ready
        self._breaker = Breaker()
        self._calls = itertools.count(1)
        self._deadline = asyncio.get_running_loop().time() + limits.total_seconds
        self._turns: dict[str, Turns] = {}

    @property
    def grace(self) -> float:
        """Seconds that who steps in waits for the seats before it."""
        return self._limits.grace

    async def ask(self, model: Model, question: Question) -> Reply | Failure:
        """The model's answer. One that is cut off or not as agreed is asked for once more, with the error."""
        try:
            prompt = self._render(question, model.spec)
            reply = self._remembered(model.spec, prompt) or await self._asked(model, prompt)
            return self._clean(reply)
        except ModelError as error:
            failure = Failure(model.spec.name, error.kind, str(error))
            logger.info("%s", failure)
            self._tell(Discarded(failure))
            return failure

    def reserving(self, calls: Iterable[tuple[ModelSpec, Stage, int]]) -> AbstractContextManager[None]:
        """Keep the money for these calls, each with its input tokens, out of reach of what is needed less."""
        return self._ledger.reserve(calls)

    @property
    def limited(self) -> bool:
        """Whether money can run out."""
        return self._ledger.limited

    def _remembered(self, spec: ModelSpec, prompt: Prompt) -> Reply | None:
        text = None if self._cache is None else self._cache.find(spec, prompt)
        if text is None:
            return None
        try:
            reply = replies.parse(text)
        except ModelError:  # kept before what is agreed has changed
            return None
        self._tell(Remembered(spec, prompt, text))
        return reply

    async def _asked(self, model: Model, prompt: Prompt) -> Reply:
        try:
            completion = await self._in_turn(model, prompt)
            reply = _read(completion, prompt)
        except ModelError as error:
            if error.kind not in _REPAIRABLE:
                raise
            logger.info("%s: %s (%s); asking once more", model.spec.name, error.kind, error)
            again = replace(prompt.question, error=str(error))
            completion = await self._in_turn(model, self._render(again, model.spec))
            reply = _read(completion, prompt)
        if self._cache is not None:
            self._cache.keep(model.spec, prompt, completion.text)
        return reply

    async def _in_turn(self, model: Model, prompt: Prompt) -> Completion:
        """The completion, when its turn has come and the money for it is there; the most needed go first."""
        spec, need = model.spec, prompt.question.need
        tokens = estimate_tokens(prompt.system + prompt.prefix + prompt.task)
        if tokens > (room := catalog.input_limit(spec)):
            raise ModelError(
                FailureKind.TOO_LONG,
                f"about {tokens} tokens; its window of {spec.window} leaves {room} beside the answer",
            )
        if self._ready:
            await self._ready(spec)
        money = self._ledger.hold(spec, tokens, catalog.output_limit(spec), need)
        async with self._slot(spec.provider, need) as slot, money:
            self._breaker.check(spec.name)
            try:
                completion = await self._sent(model, prompt, slot)
            except ModelError as error:
                self._breaker.failed(spec.name, error)
                raise
        self._breaker.answered(spec.name)
        return completion

    @asynccontextmanager
    async def _slot(self, provider: str, need: Need) -> AsyncIterator[Slot]:
        slot = Slot(self._turns.setdefault(provider, Turns(self._limits.at_once)), need)
        await slot.take()
        try:
            yield slot
        finally:
            slot.leave()

    async def _sent(self, model: Model, prompt: Prompt, slot: Slot) -> Completion:
        """The completion, after at most one retry, all within the time limits."""
        loop = asyncio.get_running_loop()
        seconds = min(self._limits.call_seconds, self._deadline - loop.time())
        if seconds <= 0:
            raise ModelError(FailureKind.TIMEOUT, "the run's time limit was used up")
        end = loop.time() + seconds
        try:
            async with asyncio.timeout_at(end):
                try:
                    return await slot.used(self._call(model, prompt, seconds))
                except ModelError as error:
                    pause = self._limits.pause if error.retry_after is None else error.retry_after
                    if error.kind not in _PASSING or loop.time() + pause >= end:
                        raise
                    logger.info(
                        "%s: %s (%s); trying again in %.0f s", model.spec.name, error.kind, error, pause
                    )
                    slot.leave()
                    await asyncio.sleep(pause)
                    await slot.take()
                    # Others may have learnt meanwhile that it is in vain.
                    self._breaker.check(model.spec.name)
                    return await slot.used(self._call(model, prompt, end - loop.time()))
        except TimeoutError:
            raise ModelError(FailureKind.TIMEOUT, f"no answer within {seconds:.0f} s") from None

    async def _call(self, model: Model, prompt: Prompt, seconds: float) -> Completion:
        spec, stage = model.spec, prompt.question.stage
        self._ledger.sent(spec, stage)
        call = next(self._calls)
        self._tell(Sent(call, spec, prompt))
        try:
            completion = await model.complete(prompt, seconds=seconds)
        except asyncio.CancelledError:
            self._tell(Unanswered(call, spec, Failure(spec.name, FailureKind.TIMEOUT, "given up")))
            raise
        except ModelError as error:
            self._tell(Unanswered(call, spec, Failure(spec.name, error.kind, str(error))))
            raise
        cost = self._ledger.used(spec, stage, completion.usage)
        self._tell(Answered(call, spec, completion, cost))
        return completion


def _read(completion: Completion, prompt: Prompt) -> Reply:
    match completion.stop:
        case Stop.REFUSED:
            raise ModelError(FailureKind.REFUSED, completion.detail or "the model declined to answer")
        case Stop.TRUNCATED:
            raise ModelError(
                FailureKind.TRUNCATED, "the answer was cut off at the output limit; answer more briefly"
            )
        case Stop.COMPLETE:
            reply = replies.parse(completion.text)
            if _leaks(prompt, completion.text) or _leaks(
                prompt, repr(reply)
            ):  # JSON spells letters as it likes
                raise ModelError(FailureKind.LEAKED, "something talked it into showing its system text")
            return reply


def _leaks(prompt: Prompt, said: str) -> bool:
    """Whether it tells more than it was shown as code: who quotes a change that holds the mark leaks nothing."""
    return canary.leaked(prompt.canary, said) and not canary.leaked(
        prompt.canary, f"{prompt.prefix}\n{prompt.task}"
    )
