"""Every request counts; an unknown price is unknown, not zero."""

from decimal import Decimal

import pytest
from scripted import spec

from reviewbot.budget import Ledger
from reviewbot.errors import FailureKind, ModelError
from reviewbot.llm import Stage, Usage

KNOWN, UNKNOWN = spec("a/known"), spec("b/unknown")


class Prices:
    def price(self, model, usage):
        return None if model is UNKNOWN else Decimal(usage.output_tokens)

    def worst_case(self, model, input_tokens, output_tokens):
        return None if model is UNKNOWN else Decimal(output_tokens)


def test_calls_are_counted_whether_they_came_back_or_not():
    ledger = Ledger(Prices(), None)
    ledger.sent(KNOWN, Stage.REVIEW)
    ledger.sent(KNOWN, Stage.REVIEW)
    ledger.used(KNOWN, Stage.REVIEW, Usage(10, 4, 0, 2))
    assert ledger.by_model() == (("a/known", ledger.total()),)
    assert (ledger.total().calls, ledger.total().input_tokens, ledger.total().cached_tokens) == (2, 10, 4)
    assert ledger.total().cost == 2


def test_one_unknown_price_makes_the_total_unknown():
    ledger = Ledger(Prices(), None)
    for model in (KNOWN, UNKNOWN):
        ledger.sent(model, Stage.SCAN)
        ledger.used(model, Stage.SCAN, Usage(1, 0, 0, 1))
    assert ledger.total().cost is None
    assert dict(ledger.by_model())["a/known"].cost == 1


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


def test_money_is_set_aside_while_a_call_is_under_way():
    ledger = Ledger(Prices(), Decimal(10))
    with ledger.hold(KNOWN, 0, 6):
        with pytest.raises(ModelError) as refused, ledger.hold(KNOWN, 0, 5):
            pass
        with ledger.hold(KNOWN, 0, 4):
            pass
    assert refused.value.kind is FailureKind.BUDGET
    with ledger.hold(KNOWN, 0, 10):
        pass


def test_what_was_spent_is_gone():
    ledger = Ledger(Prices(), Decimal(10))
    ledger.sent(KNOWN, Stage.REVIEW)
    ledger.used(KNOWN, Stage.REVIEW, Usage(0, 0, 0, 8))
    with pytest.raises(ModelError), ledger.hold(KNOWN, 0, 3):
        pass


def test_a_call_of_unknown_price_is_not_made_under_a_limit():
    with pytest.raises(ModelError), Ledger(Prices(), Decimal(10)).hold(UNKNOWN, 0, 0):
        pass
    with Ledger(Prices(), None).hold(UNKNOWN, 0, 0):
        pass
