"""What it has cost so far, and whether the next call may be made."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from reviewbot.errors import FailureKind, ModelError
from reviewbot.llm import Stage, Usage
from reviewbot.review import Spent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reviewbot.llm import ModelSpec


class Prices(Protocol):
    """What a model's tokens cost, in dollars; None where that is not known."""

    def price(self, spec: ModelSpec, usage: Usage) -> Decimal | None:
        """The cost of one call."""

    def worst_case(self, spec: ModelSpec, input_tokens: int, output_tokens: int) -> Decimal | None:
        """The most a call of this size can cost."""


@dataclass(slots=True)
class _Account:
    calls: int = 0
    usage: Usage = field(default_factory=Usage)
    cost: Decimal | None = Decimal(0)


class Ledger:
    """Counts every request sent, and refuses one that could break the limit (dollars; None is no limit)."""

    def __init__(self, prices: Prices, limit: Decimal | None) -> None:
        self._prices = prices
        self._limit = limit
        self._held = Decimal(0)
        self._accounts: dict[tuple[str, Stage], _Account] = {}

    @contextmanager
    def hold(self, spec: ModelSpec, input_tokens: int, output_tokens: int) -> Iterator[None]:
        """Set the most a call can cost aside while it is under way. Raises ModelError BUDGET where that is too much."""
        most = (
            self._prices.worst_case(spec, input_tokens, output_tokens)
            if self._limit is not None
            else Decimal(0)
        )
        if self._limit is not None and (most is None or self._spent() + self._held + most > self._limit):
            raise ModelError(FailureKind.BUDGET, f"the call could exceed the budget of ${self._limit}")
        most = most or Decimal(0)
        self._held += most
        try:
            yield
        finally:
            self._held -= most

    def sent(self, spec: ModelSpec, stage: Stage) -> None:
        """One more request has gone out."""
        self._accounts.setdefault((spec.name, stage), _Account()).calls += 1

    def used(self, spec: ModelSpec, stage: Stage, usage: Usage) -> Decimal | None:
        """A request came back with this usage; what it cost."""
        account = self._accounts[spec.name, stage]
        account.usage = _sum(account.usage, usage)
        cost = self._prices.price(spec, usage)
        account.cost = None if cost is None or account.cost is None else account.cost + cost
        return cost

    def by_model(self) -> tuple[tuple[str, Spent], ...]:
        """What each model has used, by name."""
        names = sorted({name for name, _ in self._accounts})
        return tuple((name, _spent(a for (n, _), a in self._accounts.items() if n == name)) for name in names)

    def by_stage(self) -> tuple[tuple[str, Stage, Spent], ...]:
        """What each model has used at each stage, by name and in the order of stages."""
        order = list(Stage)
        parts = sorted(self._accounts, key=lambda part: (part[0], order.index(part[1])))
        return tuple((name, stage, _spent([self._accounts[name, stage]])) for name, stage in parts)

    def total(self) -> Spent:
        """What all have used; the cost is None as soon as one is unknown."""
        return _spent(self._accounts.values())

    def _spent(self) -> Decimal:
        return sum((a.cost or Decimal(0) for a in self._accounts.values()), Decimal(0))


def _sum(one: Usage, other: Usage) -> Usage:
    return Usage(
        one.input_tokens + other.input_tokens,
        one.cached_tokens + other.cached_tokens,
        one.cache_write_tokens + other.cache_write_tokens,
        one.output_tokens + other.output_tokens,
    )


def _spent(accounts: Iterable[_Account]) -> Spent:
    calls, usage, cost = 0, Usage(), Decimal(0)
    unknown = False
    for account in accounts:
        calls += account.calls
        usage = _sum(usage, account.usage)
        cost += account.cost or Decimal(0)
        unknown = unknown or account.cost is None
    return Spent(
        calls, usage.input_tokens, usage.cached_tokens, usage.output_tokens, None if unknown else cost
    )
