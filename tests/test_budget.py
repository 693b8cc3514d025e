"""Every request counts; an unknown price is unknown, not zero; when money is short the most needed goes first."""

import asyncio
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted import spec

from reviewbot.budget import Ledger
from reviewbot.errors import FailureKind, ModelError
from reviewbot.llm import Need, Stage, Usage

KNOWN, UNKNOWN = spec("a/known"), spec("b/unknown")
REVIEW = Stage.REVIEW


class Prices:
    """A dollar a token of output."""

    def price(self, model, usage):
        return None if model is UNKNOWN else Decimal(usage.output_tokens)

    def worst_case(self, model, input_tokens, output_tokens):
        return None if model is UNKNOWN else Decimal(output_tokens)


def call(ledger, model, usage, stage=REVIEW):
    ledger.sent(model, stage)
    return ledger.used(model, stage, usage)


def test_calls_are_counted_whether_they_came_back_or_not():
    ledger = Ledger(Prices(), None)
    ledger.sent(KNOWN, REVIEW)
    call(ledger, KNOWN, Usage(10, 4, 0, 2))
    assert ledger.by_model() == (("a/known", ledger.total()),)
    assert (ledger.total().calls, ledger.total().input_tokens, ledger.total().cached_tokens) == (2, 10, 4)
    assert ledger.total().cost == 2


def test_one_unknown_price_makes_the_total_unknown():
    ledger = Ledger(Prices(), None)
    for model in (KNOWN, UNKNOWN):
        call(ledger, model, Usage(1, 0, 0, 1))
    assert ledger.total().cost is None
    assert dict(ledger.by_model())["a/known"].cost == 1
    assert [spent.cost for _, _, spent in ledger.by_stage()] == [1, None]


def test_what_each_model_used_at_each_stage_adds_up():
    ledger = Ledger(Prices(), None)
    for stage in (Stage.VOTE, Stage.SCAN, Stage.VOTE):
        ledger.sent(KNOWN, stage)
        ledger.used(KNOWN, stage, Usage(10, 4, 0, 2))
    parts = ledger.by_stage()
    assert [(name, stage, spent.calls, spent.cost) for name, stage, spent in parts] == [
        ("a/known", Stage.SCAN, 1, 2),
        ("a/known", Stage.VOTE, 2, 4),
    ]
    assert ledger.by_model() == (("a/known", ledger.total()),)
    assert ledger.total().cost == 6


def test_nothing_asked_costs_nothing():
    assert Ledger(Prices(), None).total().cost == 0


PER_TOKEN = {
    "a/x": (Decimal("0.0000001"), Decimal("0.00000333")),
    "b/y": (Decimal("0.00000275"), Decimal("0.1")),
}


class Exact:
    """Prices with many decimals, by model."""

    def price(self, model, usage):
        per_input, per_output = PER_TOKEN[model.name]
        return usage.input_tokens * per_input + usage.output_tokens * per_output

    worst_case = None


CALLS = st.lists(
    st.tuples(
        st.sampled_from(sorted(PER_TOKEN)),
        st.sampled_from(Stage),
        st.integers(0, 2_000_000),
        st.integers(0, 64_000),
        st.integers(0, 1_000),
    ),
    max_size=30,
)


@given(CALLS)
def test_the_total_is_the_sum_of_the_calls_to_the_last_digit(calls):
    ledger = Ledger(Exact(), None)
    costs = [call(ledger, spec(name), Usage(i, c, 0, o), stage) for name, stage, i, o, c in calls]
    total = ledger.total()
    assert total.cost == sum(costs, Decimal(0))
    assert (total.calls, total.input_tokens, total.output_tokens, total.cached_tokens) == (
        len(calls), *(sum(c[n] for c in calls) for n in (2, 3, 4))
    )  # fmt: skip
    for parts in (ledger.by_model(), ledger.by_stage()):
        assert sum((part[-1].cost for part in parts), Decimal(0)) == total.cost
        assert sum(part[-1].calls for part in parts) == total.calls


def test_the_same_tokens_are_priced_at_the_yardstick_too():
    ledger = Ledger(Exact(), None, yardstick=lambda: spec("b/y"))
    for name in ("a/x", "b/y"):
        call(ledger, spec(name), Usage(100, 0, 0, 10))
    assert ledger.compared() == ("b/y", 2 * Exact().price(spec("b/y"), Usage(100, 0, 0, 10)))
    assert Ledger(Exact(), None).compared() is None


def held(limit, *calls):
    """What becomes of calls that are made at once: "went" or "over budget", in the order in which they were let go.

    A call is a name, the most it can cost, what it does cost, and how much it is needed.
    """
    order = []

    async def one(ledger, name, most, cost, need):
        try:
            async with ledger.hold(KNOWN, 0, most, need):
                await asyncio.sleep(0)
                call(ledger, KNOWN, Usage(output_tokens=cost))
                order.append(name)
        except ModelError as error:
            order.append(f"no {name}" if error.kind is FailureKind.BUDGET else str(error))

    async def run():
        ledger = Ledger(Prices(), Decimal(limit))
        await asyncio.gather(*(one(ledger, *c) for c in calls))
        return ledger.total().cost

    cost = asyncio.run(run())
    return order, cost


C, S, T = Need.CRITICAL, Need.SCAN, Need.THIRD_VOTE


@pytest.mark.parametrize(
    ("limit", "calls", "order"),
    [
        pytest.param(10, [("a", 6, 6, C), ("b", 4, 4, C)], ["a", "b"], id="both fit"),
        pytest.param(10, [("a", 6, 1, C), ("b", 5, 5, C)], ["a", "b"], id="the rest of the first comes back"),
        pytest.param(10, [("a", 6, 6, C), ("b", 5, 5, C)], ["a", "no b"], id="the first used it up"),
        pytest.param(3, [("a", 4, 4, C)], ["no a"], id="more than there is"),
        pytest.param(
            10,
            [("a", 9, 5, C), ("third", 5, 5, T), ("scan", 5, 5, S)],
            ["a", "scan", "no third"],
            id="the most needed",
        ),
        pytest.param(
            10,
            [("a", 9, 1, C), ("big", 8, 8, S), ("small", 1, 1, T)],
            ["a", "big", "small"],
            id="nobody overtakes",
        ),
    ],
)
def test_who_goes_when_money_is_short(limit, calls, order):
    assert held(limit, *calls)[0] == order


@given(
    st.lists(st.tuples(st.just("x"), st.integers(0, 9), st.integers(0, 9), st.sampled_from(Need)), max_size=8)
)
def test_the_limit_is_never_exceeded_and_nobody_waits_for_ever(calls):
    calls = [(name, most, min(most, cost), need) for name, most, cost, need in calls]
    order, cost = held(12, *calls)
    assert len(order) == len(calls)
    assert cost <= 12


def test_money_for_critical_work_is_out_of_reach_of_the_rest():
    outcome = []

    async def run():
        ledger = Ledger(Prices(), Decimal(4_500))

        async def rest():
            async with ledger.hold(KNOWN, 0, 1_000, S):
                outcome.append("rest")

        with ledger.reserve([(KNOWN, REVIEW, 0)]):  # an answer of a review is expected to cost $4,000
            waiting = asyncio.ensure_future(rest())
            await asyncio.sleep(0)
            async with ledger.hold(KNOWN, 0, 4_500, C):
                outcome.append("critical")
        await waiting

    asyncio.run(run())
    assert outcome == ["critical", "rest"]


def test_a_call_of_unknown_price_is_not_made_under_a_limit():
    async def hold(limit):
        async with Ledger(Prices(), limit).hold(UNKNOWN, 0, 0):
            return True

    assert asyncio.run(hold(None))
    with pytest.raises(ModelError):
        asyncio.run(hold(Decimal(10)))
