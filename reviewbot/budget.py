"""What it has cost so far, and whether the next call may be made."""

from __future__ import annotations

import functools
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from reviewbot.errors import FailureKind, ModelError
from reviewbot.llm import Need, Stage, Usage
from reviewbot.review import Spent
from reviewbot.waiting import Line

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping

    from reviewbot.llm import ModelSpec

#: Tokens an answer is expected to have, thinking included. An assumption, to be replaced by what runs with keys show: a
#: list of files and flags, a few findings with the thought behind them, a few votes.
EXPECTED_OUTPUT: Mapping[Stage, int] = MappingProxyType(
    {Stage.SCAN: 1_000, Stage.REVIEW: 4_000, Stage.VOTE: 2_000}
)


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

    def add(self, other: _Account) -> None:
        self.calls += other.calls
        self.usage = _sum(self.usage, other.usage)
        self.cost = None if self.cost is None or other.cost is None else self.cost + other.cost


class Ledger:
    """Counts every request sent, and makes those wait or go without that could break the limit.

    While calls are under way the most they can cost is set aside. What does not fit beside it waits for the rest of it to
    come back, the most needed first; what does not fit when nothing is under way is not made.
    """

    def __init__(
        self, prices: Prices, limit: Decimal | None, yardstick: Callable[[], ModelSpec | None] = lambda: None
    ) -> None:
        """`limit` is in dollars, None is no limit; `yardstick` says which model to compare the cost with, once asked."""
        self._prices = prices
        self._limit = limit
        self._yardstick = functools.cache(yardstick)
        self._compared: Decimal | None = Decimal(0)
        self._held = Decimal(0)
        self._reserved = Decimal(0)
        self._line: Line[Decimal] = Line(self._admit)
        self._accounts: dict[tuple[str, Stage], _Account] = {}

    @property
    def limited(self) -> bool:
        """Whether there is a limit to keep."""
        return self._limit is not None

    @asynccontextmanager
    async def hold(
        self, spec: ModelSpec, input_tokens: int, output_tokens: int, need: Need = Need.CRITICAL
    ) -> AsyncIterator[None]:
        """Set the most a call can cost aside while it is under way. Raises ModelError BUDGET where that is too much."""
        if self._limit is None:
            yield
            return
        most = self._prices.worst_case(spec, input_tokens, output_tokens)
        if most is None or not await self._line.enter(most, need):
            raise ModelError(FailureKind.BUDGET, f"the call could exceed the budget of ${self._limit}")
        try:
            yield
        finally:
            self._held -= most
            self._line.move()

    @contextmanager
    def reserve(self, calls: Iterable[tuple[ModelSpec, Stage, int]]) -> Iterator[None]:
        """Keep what these calls (with their input tokens) should cost out of reach of work that is needed less."""
        if self._limit is not None:
            costs = (self._prices.worst_case(s, tokens, EXPECTED_OUTPUT[stage]) for s, stage, tokens in calls)
            self._reserved = sum(filter(None, costs), Decimal(0))
        try:
            yield
        finally:
            self._reserved = Decimal(0)
            self._line.move()

    def sent(self, spec: ModelSpec, stage: Stage) -> None:
        """One more request has gone out."""
        self._accounts.setdefault((spec.name, stage), _Account()).calls += 1

    def used(self, spec: ModelSpec, stage: Stage, usage: Usage) -> Decimal | None:
        """A request came back with this usage; what it cost."""
        cost = self._prices.price(spec, usage)
        self._accounts[spec.name, stage].add(_Account(0, usage, cost))
        if yardstick := self._yardstick():
            there = self._prices.price(yardstick, usage)
            self._compared = None if there is None or self._compared is None else self._compared + there
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

    def compared(self) -> tuple[str, Decimal] | None:
        """The yardstick, and what the same tokens would have cost there; None where that is not known."""
        yardstick = self._yardstick()
        return None if yardstick is None or self._compared is None else (yardstick.name, self._compared)

    def _admit(self, most: Decimal, need: int) -> bool | None:
        spent = sum((a.cost or Decimal(0) for a in self._accounts.values()), Decimal(0))
        reserved = self._reserved if need > Need.CRITICAL else Decimal(0)
        if self._limit is None or spent + self._held + reserved + most <= self._limit:
            self._held += most
            return True
        return None if self._held or reserved else False


def _sum(one: Usage, other: Usage) -> Usage:
    return Usage(
        one.input_tokens + other.input_tokens,
        one.cached_tokens + other.cached_tokens,
        one.cache_write_tokens + other.cache_write_tokens,
        one.output_tokens + other.output_tokens,
    )


def _spent(accounts: Iterable[_Account]) -> Spent:
    total = _Account()
    for account in accounts:
        total.add(account)
    used = total.usage
    return Spent(total.calls, used.input_tokens, used.cached_tokens, used.output_tokens, total.cost)
