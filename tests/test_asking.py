"""One question, one model: what is tried again, what is not, and what it may cost."""

import asyncio
import json
from decimal import Decimal

import pytest
from scripted import EMPTY, Scripted, asker

from reviewbot.asking import Limits
from reviewbot.errors import FailureKind, ModelError
from reviewbot.evidence import Failure
from reviewbot.llm import Completion, Question, Stage, Stop, Usage

GOOD = {}
CUT = Completion("{", Stop.TRUNCATED, Usage(5, 0, 0, 5))
REFUSED = Completion("", Stop.REFUSED, Usage(), detail="cyber")


def error(kind, retry_after=None):
    return ModelError(kind, "why", retry_after=retry_after)


def ask(*answers, limits=None, budget=None, window=1_000_000):
    """What comes of asking a model that gives these answers in turn, and how often it was asked."""
    model = Scripted("a/one", review=list(answers), window=window)

    async def asked():
        asking = asker(limits or Limits(pause=0), budget)
        return await asking.ask(model, Question(Stage.REVIEW, ()))

    reply = asyncio.run(asked())
    return (str(reply.kind) if isinstance(reply, Failure) else "ok"), model


K = FailureKind


@pytest.mark.parametrize(
    ("answers", "outcome", "calls"),
    [
        pytest.param([GOOD], "ok", 1, id="a good answer"),
        *(
            pytest.param([error(k), GOOD], "ok", 2, id=f"{k}: once more")
            for k in (K.RATE, K.OVERLOAD, K.NETWORK)
        ),
        *(
            pytest.param([error(k), error(k), GOOD], str(k), 2, id=f"{k}: not twice more")
            for k in (K.RATE, K.OVERLOAD)
        ),
        *(
            pytest.param([error(k), GOOD], str(k), 1, id=f"{k}: final")
            for k in (K.AUTH, K.MONEY, K.TIMEOUT, K.TOO_LONG, K.BAD_REQUEST)
        ),
        pytest.param(["prose", GOOD], "ok", 2, id="not JSON: asked again"),
        pytest.param(["prose", "prose", GOOD], "answer not JSON", 2, id="not JSON twice"),
        pytest.param([json.dumps({**EMPTY, "more": 1}), GOOD], "ok", 2, id="off schema: asked again"),
        pytest.param(
            ['```json\n{"read": []}\n```', "[]"], "answer off schema", 2, id="JSON in prose is not dug out"
        ),
        pytest.param([CUT, GOOD], "ok", 2, id="cut off: asked again"),
        pytest.param([CUT, CUT, GOOD], "answer cut off", 2, id="cut off twice"),
        pytest.param([REFUSED, GOOD], "declined", 1, id="a refusal is not argued with"),
        pytest.param(["prose", error(K.OVERLOAD), GOOD], "ok", 3, id="a repair is a call like any other"),
    ],
)
def test_what_is_tried_again(answers, outcome, calls):
    said, model = ask(*answers)
    assert (said, len(model.asked)) == (outcome, calls)


def test_a_repair_says_what_was_wrong_and_keeps_the_question():
    _, model = ask("prose", GOOD)
    first, second = model.asked
    assert first.error == ""
    assert "not one JSON object" in second.error
    assert (second.stage, second.subjects, second.claims) == (first.stage, first.subjects, first.claims)


@pytest.mark.parametrize(
    ("retry_after", "calls"),
    [pytest.param(0.01, 2, id="fits: waited for"), pytest.param(60, 1, id="does not fit: not waited for")],
)
def test_retry_after_is_obeyed_where_it_fits(retry_after, calls):
    _, model = ask(error(K.RATE, retry_after), GOOD, limits=Limits(call_seconds=5, pause=0))
    assert len(model.asked) == calls


def test_a_slow_model_is_cut_off_at_the_limit_of_a_call():
    model = Scripted("a/one", delay=30)

    async def asked():
        return await asker(Limits(call_seconds=0.02)).ask(model, Question(Stage.REVIEW, ()))

    assert asyncio.run(asked()).kind is K.TIMEOUT


def test_nothing_is_asked_after_the_run_is_over():
    outcome, model = ask(GOOD, limits=Limits(total_seconds=0))
    assert (outcome, model.asked) == (str(K.TIMEOUT), [])


def test_nothing_is_sent_that_cannot_fit_the_window():
    outcome, model = ask(GOOD, window=-1)
    assert (outcome, model.asked) == (str(K.TOO_LONG), [])


@pytest.mark.parametrize(
    ("budget", "outcome", "calls"),
    [
        pytest.param("0.02", "ok", 2, id="enough for the repair"),
        pytest.param("0.01", "over budget", 1, id="only the first call"),
        pytest.param("0.009", "over budget", 0, id="not even that"),
    ],
)
def test_a_budget_is_never_exceeded(budget, outcome, calls):
    said, model = ask("prose", GOOD, budget=Decimal(budget))
    assert (said, len(model.asked)) == (outcome, calls)
