"""One question to one model: bounded in time and money, retried where that can help, a failure as a value."""

from __future__ import annotations

import asyncio
import itertools
import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reviewbot import catalog, replies
from reviewbot.context import estimate_tokens
from reviewbot.errors import FailureKind, ModelError
from reviewbot.events import Answered, Discarded, Sent, Unanswered, nobody
from reviewbot.evidence import Failure
from reviewbot.llm import Stop

if TYPE_CHECKING:
    from collections.abc import Callable

    from reviewbot.budget import Ledger
    from reviewbot.events import Listener
    from reviewbot.llm import Completion, Model, ModelSpec, Prompt, Question
    from reviewbot.replies import Reply

logger = logging.getLogger(__name__)

#: Failures that may be gone a moment later, so the same model is asked once more.
_PASSING = frozenset({FailureKind.RATE, FailureKind.OVERLOAD, FailureKind.NETWORK})
#: Answers that the same model may get right when told what was wrong. A refusal is not one of them.
_REPAIRABLE = frozenset({FailureKind.TRUNCATED, FailureKind.UNPARSABLE, FailureKind.OFF_SCHEMA})


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds for one call and for the whole run, and how many calls one provider gets at a time.

    `pause` is how many seconds to wait before the one retry, where the server names none.
    """

    call_seconds: float = 240.0
    total_seconds: float = 900.0
    at_once: int = 8
    pause: float = 1.0


class Asker:
    """Asks models, one request at a time or many; made inside the running event loop, for one run."""

    def __init__(
        self,
        render: Callable[[Question, ModelSpec], Prompt],
        clean: Callable[[Reply], Reply],
        ledger: Ledger,
        limits: Limits,
        tell: Listener = nobody,
    ) -> None:
        """`render` makes prompts, `clean` takes what must not go further out of a reply, `tell` hears of each call."""
        self._render = render
        self._clean = clean
        self._ledger = ledger
        self._limits = limits
        self._tell = tell
        self._calls = itertools.count(1)
        self._deadline = asyncio.get_running_loop().time() + limits.total_seconds
        self._gates: dict[str, asyncio.Semaphore] = {}

    async def ask(self, model: Model, question: Question) -> Reply | Failure:
        """The model's answer. One that is cut off or not as agreed is asked for once more, with the error."""
        answer = await self._once(model, question)
        if isinstance(answer, Failure) and answer.kind in _REPAIRABLE:
            logger.info("%s; asking once more", answer)
            answer = await self._once(model, replace(question, error=answer.message))
        if isinstance(answer, Failure):
            logger.info("%s", answer)
            self._tell(Discarded(answer))
        return answer

    async def _once(self, model: Model, question: Question) -> Reply | Failure:
        gate = self._gates.setdefault(model.spec.provider, asyncio.Semaphore(self._limits.at_once))
        async with gate:
            seconds = min(self._limits.call_seconds, self._deadline - asyncio.get_running_loop().time())
            if seconds <= 0:
                return Failure(model.spec.name, FailureKind.TIMEOUT, "the run's time limit was used up")
            try:
                prompt = self._render(question, model.spec)
                return self._clean(_read(await self._sent(model, prompt, seconds)))
            except ModelError as error:
                return Failure(model.spec.name, error.kind, str(error))

    async def _sent(self, model: Model, prompt: Prompt, seconds: float) -> Completion:
        """The completion, after at most one retry, all within `seconds`."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        try:
            async with asyncio.timeout_at(end):
                try:
                    return await self._call(model, prompt, seconds)
                except ModelError as error:
                    pause = self._limits.pause if error.retry_after is None else error.retry_after
                    if error.kind not in _PASSING or loop.time() + pause >= end:
                        raise
                    logger.info(
                        "%s: %s (%s); trying again in %.0f s", model.spec.name, error.kind, error, pause
                    )
                    await asyncio.sleep(pause)
                    return await self._call(model, prompt, end - loop.time())
        except TimeoutError:
            raise ModelError(FailureKind.TIMEOUT, f"no answer within {seconds:.0f} s") from None

    async def _call(self, model: Model, prompt: Prompt, seconds: float) -> Completion:
        spec = model.spec
        tokens = estimate_tokens(prompt.system + prompt.prefix + prompt.task)
        if tokens > spec.window:
            raise ModelError(FailureKind.TOO_LONG, f"about {tokens} tokens, its window is {spec.window}")
        with self._ledger.hold(spec, tokens, catalog.output_limit(spec)):
            self._ledger.sent(spec, prompt.question.stage)
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
            cost = self._ledger.used(spec, prompt.question.stage, completion.usage)
        self._tell(Answered(call, spec, completion, cost))
        return completion


def _read(completion: Completion) -> Reply:
    match completion.stop:
        case Stop.REFUSED:
            raise ModelError(FailureKind.REFUSED, completion.detail or "the model declined to answer")
        case Stop.TRUNCATED:
            raise ModelError(
                FailureKind.TRUNCATED, "the answer was cut off at the output limit; answer more briefly"
            )
        case Stop.COMPLETE:
            return replies.parse(completion.text)
