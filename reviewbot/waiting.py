"""A queue in which the most needed go first."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Line(Generic[T]):
    """Those who wait for something scarce; nobody overtakes one who is needed more, or as much and came earlier."""

    def __init__(
        self, admit: Callable[[T, int], bool | None], back: Callable[[T], None] | None = None
    ) -> None:
        """`admit` is given what the first in line wants, and its need, and answers: go, go without, or (None) wait.

        `back` is told when one that was admitted was cancelled before it could know.
        """
        self._admit = admit
        self._back = back
        self._order = itertools.count()
        self._waiting: list[tuple[int, int, T, asyncio.Future[bool]]] = []

    async def enter(self, wanted: T, need: int) -> bool:
        """Whether it may go, or has to go without; a lower `need` goes first."""
        mine: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (need, next(self._order), wanted, mine))
        # Not at once: what starts together with this one, and is needed more, is to be in the line before it moves.
        asyncio.get_running_loop().call_soon(self.move)
        try:
            return await mine
        except asyncio.CancelledError:
            if self._back and mine.done() and not mine.cancelled():
                self._back(wanted)
            raise

    def move(self) -> None:
        """Decide on those who wait; to be called whenever something came free."""
        while self._waiting:
            need, _, wanted, future = self._waiting[0]
            if not future.done():  # else its task was cancelled, and with it the run
                verdict = self._admit(wanted, need)
                if verdict is None:
                    return
                future.set_result(verdict)
            heapq.heappop(self._waiting)
