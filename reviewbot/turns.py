"""How many requests one provider gets at a time: half as many once it says they are too many, more as it answers."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from reviewbot.errors import FailureKind, ModelError
from reviewbot.waiting import Line

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from reviewbot.llm import Completion


class Turns:
    """The requests to one provider that are under way, and those that wait for their turn, the most needed first."""

    def __init__(self, at_once: int) -> None:
        """`at_once` is how many go together at first; twice as many at most."""
        self.limit = float(at_once)
        self._most = 2 * at_once
        self._under_way = 0
        self._tickets = itertools.count(1)
        self._last = 0  # of the tickets given out
        self._halved = 0  # the last ticket when the limit was last halved
        self._line: Line[None] = Line(self._admit, lambda _: self.end())

    async def begin(self, need: int) -> int:
        """Wait for a turn; what comes back is a ticket for `too_many`."""
        await self._line.enter(None, need)
        self._last = next(self._tickets)
        return self._last

    def end(self) -> None:
        """The request is over; the next may go."""
        self._under_way -= 1
        self._line.move()

    def too_many(self, ticket: int) -> None:
        """The provider refused this request for the number of them. What went out together halves the limit once."""
        if ticket > self._halved:
            self.limit = max(1.0, self.limit / 2)
            self._halved = self._last

    def answered(self) -> None:
        """The provider answered: after as many answers as go together, one more goes."""
        self.limit = min(self.limit + 1 / self.limit, self._most)

    def _admit(self, _: None, __: int) -> bool | None:
        if self._under_way >= int(self.limit):
            return None
        self._under_way += 1
        return True


class Slot:
    """One request's turns at a provider: the first, and where it is sent again another, before those that are new."""

    def __init__(self, turns: Turns, need: int) -> None:
        self._turns = turns
        self._need = need
        self._ticket = 0  # while it has a turn

    async def take(self) -> None:
        """Wait for a turn."""
        self._ticket = await self._turns.begin(self._need)
        self._need -= 1

    def leave(self) -> None:
        """Let the next one go; nothing happens where it has no turn."""
        if self._ticket:
            self._ticket = 0
            self._turns.end()

    async def used(self, call: Awaitable[Completion]) -> Completion:
        """What comes of the call; the provider's view of how many there are is taken note of."""
        try:
            completion = await call
        except ModelError as error:
            if error.kind is FailureKind.RATE:
                self._turns.too_many(self._ticket)
            raise
        self._turns.answered()
        return completion
