"""One question, one model: what is tried again, what is not, and what it may cost."""

import asyncio
import json
from decimal import Decimal

import pytest
from scripted import EMPTY, Scripted, asker

from reviewbot.asking import Limits
from reviewbot.errors import FailureKind, ModelError
from reviewbot.events import Sent
from reviewbot.evidence import Failure
from reviewbot.llm import Completion, Need, Question, Stage, Stop, Usage

GOOD = {}
CUT = Completion("{", Stop.TRUNCATED, Usage(5, 0, 0, 5))
REFUSED = Completion("", Stop.REFUSED, Usage(), detail="cyber")


def error(kind, retry_after=None):
    return ModelError(kind, "why", retry_after=retry_after)


def ask(*answers, limits=None, budget=None, window=1_000_000, text=""):
    """What comes of asking a model that gives these answers in turn, and how often it was asked."""
    model = Scripted("a/one", review=list(answers), window=window)

    async def asked():
        asking = asker(limits or Limits(pause=0), budget, text=text)
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


@pytest.mark.parametrize(
    ("window", "outcome", "calls"),
    [
        pytest.param(202, "ok", 1, id="half of it left for the answer"),
        pytest.param(180, str(K.TOO_LONG), 0, id="room for the question, not for the answer"),
        pytest.param(90, str(K.TOO_LONG), 0, id="no room"),
    ],
)
def test_nothing_is_sent_that_cannot_fit_the_window(window, outcome, calls):
    said, model = ask(GOOD, window=window, text="x" * 300)  # 100 tokens
    assert (said, len(model.asked)) == (outcome, calls)


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


DOWN = [error(K.OVERLOAD)] * 9


@pytest.mark.parametrize(
    ("answers", "calls"),
    [
        pytest.param([error(K.AUTH)] * 9, [1, 1, 1], id="a wrong key is asked about once"),
        pytest.param([error(K.MONEY)] * 9, [1, 1, 1], id="so is an empty account"),
        pytest.param([error(K.NOT_FOUND)] * 9, [1, 1, 1], id="and a model that is not there"),
        pytest.param(DOWN, [2, 4, 4], id="down twice, each with its retry: given up"),
        pytest.param([error(K.TIMEOUT)] * 9, [1, 2, 2], id="two timeouts in a row"),
        pytest.param(
            [error(K.TIMEOUT), GOOD, error(K.TIMEOUT), GOOD],
            [1, 2, 3, 4],
            id="an answer between: not in a row",
        ),
        pytest.param(
            [error(K.TIMEOUT), "prose", "prose", error(K.TIMEOUT), GOOD], [1, 3, 4, 5], id="any answer"
        ),
        pytest.param([REFUSED] * 9, [1, 2, 3], id="a refusal is an answer"),
        pytest.param([error(K.TOO_LONG)] * 9, [1, 2, 3], id="the next question may fit"),
        pytest.param([error(K.BAD_REQUEST)] * 9, [1, 2, 3], id="the next question may be taken"),
    ],
)
def test_what_is_not_asked_again_in_a_run(answers, calls):
    model = Scripted("a/one", review=list(answers))
    counted = []

    async def run():
        asking = asker(Limits(pause=0))
        for _ in calls:
            await asking.ask(model, Question(Stage.REVIEW, ()))
            counted.append(len(model.asked))

    asyncio.run(run())
    assert counted == calls


def test_a_model_is_given_up_in_the_words_of_its_failure():
    model = Scripted("a/one", review=error(K.AUTH))

    async def run():
        asking = asker()
        return [await asking.ask(model, Question(Stage.REVIEW, ())) for _ in range(2)]

    first, second = asyncio.run(run())
    assert first == second == Failure("a/one", K.AUTH, "why")


def test_one_model_given_up_leaves_others_of_its_provider():
    wrong, right = Scripted("a/one", review=error(K.AUTH)), Scripted("a/two")

    async def run():
        asking = asker()
        return [await asking.ask(model, Question(Stage.REVIEW, ())) for model in (wrong, wrong, right)]

    assert not isinstance(asyncio.run(run())[-1], Failure)
    assert (len(wrong.asked), len(right.asked)) == (1, 1)


def test_what_waits_for_a_retry_learns_that_it_is_in_vain():
    """Many questions at once to a model whose key is revoked while they wait: none goes out a second time."""
    model = Scripted("a/one", review=[error(K.OVERLOAD, 0.01), error(K.AUTH), GOOD, GOOD])

    async def run():
        asking = asker()
        return await asyncio.gather(*(asking.ask(model, Question(Stage.REVIEW, ())) for _ in range(2)))

    assert [reply.kind for reply in asyncio.run(run())] == [K.AUTH, K.AUTH]
    assert len(model.asked) == 2


class Kept(dict):
    """Answers of earlier runs, by prompt and model."""

    def find(self, spec, prompt):
        return self.get((spec.name, prompt))

    def keep(self, spec, prompt, text):
        self[spec.name, prompt] = text


def remembering(kept, *answers):
    model = Scripted("a/one", review=list(answers))
    heard = []

    async def run():
        asking = asker(cache=kept)
        reply = await asking.ask(model, Question(Stage.REVIEW, ()))
        heard.append(asking._ledger.total())
        return reply

    return asyncio.run(run()), len(model.asked), heard[0]


def test_an_answer_is_asked_for_once():
    kept = Kept()
    first, calls, _ = remembering(kept, GOOD)
    again, more, spent = remembering(kept)
    assert (first, calls, more) == (again, 1, 0)
    assert (spent.calls, spent.input_tokens, spent.cost) == (0, 0, 0)


def test_a_repaired_answer_is_the_answer_to_the_question():
    kept = Kept()
    remembering(kept, "prose", GOOD)
    assert len(kept) == 1
    assert remembering(kept)[1] == 0


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param(["prose", "prose"], id="not JSON"),
        pytest.param([CUT, CUT], id="cut off"),
        pytest.param([REFUSED], id="declined"),
        pytest.param([error(K.AUTH)], id="failed"),
    ],
)
def test_only_good_answers_are_kept(answers):
    kept = Kept()
    remembering(kept, *answers)
    assert kept == {}


def test_what_is_remembered_and_not_as_agreed_is_asked_again():
    kept = Kept()
    remembering(kept, GOOD)
    kept.update(dict.fromkeys(kept, '{"read": []}'))
    assert remembering(kept, GOOD)[1] == 1


def test_the_most_needed_goes_first_where_a_provider_takes_few_at_a_time():
    model = Scripted("a/one")

    async def run():
        asking = asker(Limits(at_once=1))
        needs = (Need.SCAN, Need.THIRD_VOTE, Need.MINOR, Need.CRITICAL)
        await asyncio.gather(*(asking.ask(model, Question(Stage.REVIEW, (), need=need)) for need in needs))

    asyncio.run(run())
    assert [q.need for q in model.asked] == [Need.CRITICAL, Need.SCAN, Need.MINOR, Need.THIRD_VOTE]


def test_who_was_told_to_wait_lets_others_go_meanwhile_and_is_next_then():
    first = Scripted("a/one", review=[error(K.RATE, 0), GOOD])
    others = [Scripted(f"a/other{n}") for n in range(3)]
    order = []

    async def run():
        asking = asker(
            Limits(at_once=1),
            tell=lambda event: order.append(event.spec.name) if isinstance(event, Sent) else None,
        )
        await asyncio.gather(*(asking.ask(m, Question(Stage.REVIEW, ())) for m in (first, *others)))

    asyncio.run(run())
    assert order == ["a/one", "a/other0", "a/one", "a/other1", "a/other2"]
