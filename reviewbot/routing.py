"""Which model takes which seat, and who steps in when it cannot."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewbot import catalog
from reviewbot.errors import FailureKind
from reviewbot.evidence import Failure
from reviewbot.findings import Voter

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from reviewbot.asking import Asker
    from reviewbot.llm import Model, Question
    from reviewbot.replies import Reply
    from reviewbot.review import PanelKind


@dataclass(frozen=True, slots=True)
class Seat:
    """One of the places with a vote: its model, and those that follow when it is down."""

    number: int
    chain: tuple[Model, ...]

    @property
    def family(self) -> str:
        """The family the seat was given to."""
        return self.chain[0].spec.family


@dataclass(frozen=True, slots=True)
class Panel:
    """All models of a run. `detours` are the panels of the routing rules, in their order; () where they have none."""

    seats: tuple[Seat, ...]
    scan: tuple[Model, ...]
    standby: tuple[Model, ...]
    kind: PanelKind
    detours: tuple[Panel, ...] = ()

    @property
    def families(self) -> frozenset[str]:
        """The families that sit when nothing is down."""
        return frozenset(seat.family for seat in self.seats)

    def detour(self, rule: int) -> Panel:
        """The panel for the files of a routing rule."""
        return self.detours[rule] if self.detours else self

    @property
    def models(self) -> tuple[Model, ...]:
        """Everybody who can be asked, once."""
        own = (*(m for seat in self.seats for m in seat.chain), *self.scan, *self.standby)
        return tuple(dict.fromkeys((*own, *(m for detour in self.detours for m in detour.models))))

    def scanners(self, path: str) -> frozenset[str]:
        """The models of the scan that can read this file; files that agree in it can share a request."""
        return frozenset(m.spec.name for m in self.scan if m.reads(path))

    def readers(self, path: str) -> frozenset[str]:
        """The models of seats and standby that can read this file; files that agree in it can share a request."""
        everyone = (*(m for seat in self.seats for m in seat.chain), *self.standby)
        return frozenset(m.spec.name for m in everyone if m.reads(path))

    def scan_window(self) -> int:
        """Input tokens that fit the first choice for the scan, with room for the longest answer."""
        return catalog.input_limit(self.scan[0].spec)

    def window(self, least: int) -> int:
        """Input tokens that fit the first choice of every seat, with room for the longest answer.

        A seat that takes fewer than `least` is left out where another takes more: it would leave nothing for anybody.
        """
        limits = [catalog.input_limit(seat.chain[0].spec) for seat in self.seats]
        return min([limit for limit in limits if limit >= least] or [max(limits)])

    async def close(self) -> None:
        """Let go of every model's connections."""
        for model in self.models:
            await model.close()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a seat said, whoever sat in it, and who failed before."""

    voter: Voter
    reply: Reply
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class Absent:
    """A seat that gave no answer; `voter` is the model it was given to."""

    voter: Voter
    failures: tuple[Failure, ...]


class Sitting:
    """Who sits where for one unit before anybody is asked.

    A seat is its own chain's first, then the standbys' that nobody sits in for. No model ever sits in a family that
    another seat was given to, or that has spoken in one, so a failover cannot make two votes of one family.
    """

    def __init__(self, panel: Panel, paths: Iterable[str]) -> None:
        """`paths` are the files of the unit; a model that cannot read them all is passed over."""
        self._panel = panel
        self._paths = tuple(paths)
        self._sitting: dict[int, Model] = {}
        self._families = {seat.number: {seat.family} for seat in panel.seats}
        self._free = list(panel.standby)
        for seat in panel.seats:
            own = self._own(seat)
            model = own[0] if own else self._substitute(seat)
            if model:
                self._sitting[seat.number] = model
                self._families[seat.number].add(model.spec.family)

    def models(self) -> tuple[Model, ...]:
        """Who sits there, by seat."""
        return tuple(self._sitting[seat] for seat in sorted(self._sitting))

    def able(self) -> tuple[Voter, ...]:
        """Who sits there and can read the unit, by seat."""
        return tuple(_voter(seat, self._sitting[seat]) for seat in sorted(self._sitting))

    def empty(self) -> tuple[Absent, ...]:
        """The seats nobody can sit in for this unit."""
        cannot = FailureKind.UNREADABLE
        return tuple(
            Absent(_voter(seat.number, seat.chain[0]), (Failure(seat.chain[0].spec.name, cannot, ""),))
            for seat in self._panel.seats
            if seat.number not in self._sitting
        )

    def _candidates(self, seat: int) -> list[Model]:
        """Whoever sits there, then the rest of the seat's chain."""
        sitting = self._sitting.get(seat)
        own = self._own(self._seat(seat))
        return [*([sitting] if sitting else []), *(m for m in own if m is not sitting)]

    def _own(self, seat: Seat) -> list[Model]:
        return [m for m in seat.chain if self._reads(m) and not self._taken(m, seat)]

    def _substitute(self, seat: Seat) -> Model | None:
        for model in self._free:
            if self._reads(model) and not self._taken(model, seat):
                self._free.remove(model)
                return model
        return None

    def _taken(self, model: Model, seat: Seat) -> bool:
        """Whether this family has another seat, by right or by having sat there (the seat's own is no obstacle)."""
        others = (families for number, families in self._families.items() if number != seat.number)
        return model.spec.family != seat.family and any(model.spec.family in families for families in others)

    def _reads(self, model: Model) -> bool:
        return all(model.reads(path) for path in self._paths)

    def _seat(self, number: int) -> Seat:
        return next(seat for seat in self._panel.seats if seat.number == number)


class Bench(Sitting):
    """Who sits where while one unit is reviewed and voted on, and takes the questions there."""

    def __init__(self, panel: Panel, paths: Iterable[str], asker: Asker) -> None:
        super().__init__(panel, paths)
        self._asker = asker

    async def ask(self, questions: Mapping[int, Question]) -> dict[int, Answer | Absent]:
        """Put each seat its question, all at once; the answers by seat, in seat order."""
        done = {seat: asyncio.Event() for seat in sorted(questions)}

        async def one(seat: int) -> Answer | Absent:
            before = [done[other] for other in done if other < seat]
            try:
                return await self._ask_in_turn(self._seat(seat), questions[seat], before)
            finally:
                done[seat].set()

        async with asyncio.TaskGroup() as group:
            tasks = {seat: group.create_task(one(seat)) for seat in done}
        return {seat: task.result() for seat, task in tasks.items()}

    async def _ask_in_turn(
        self, seat: Seat, question: Question, before: Sequence[asyncio.Event]
    ) -> Answer | Absent:
        """Ask who sits there, then the rest of the chain, then standbys, until one answers."""
        failures: tuple[Failure, ...] = ()
        own = self._candidates(seat.number)
        while True:
            first = own[0] if own else None
            if first is None or not self._at_home(first, seat):
                # The seats before this one have the first choice, so that outages of several have one outcome.
                await _all_set(before, self._asker.grace)
            model = own.pop(0) if own else self._substitute(seat)
            if model is None:
                return Absent(_voter(seat.number, seat.chain[0]), failures)
            if self._taken(model, seat):
                continue
            spoken = set(self._families[seat.number])
            self._families[seat.number].add(model.spec.family)
            reply = await self._asker.ask(model, question)
            if not isinstance(reply, Failure):
                self._sitting[seat.number] = model
                return Answer(_voter(seat.number, model), reply, failures)
            self._families[seat.number] = spoken
            failures = (*failures, reply)

    def _at_home(self, model: Model, seat: Seat) -> bool:
        """Whether no other seat can have a claim to this model's family."""
        return model.spec.family == seat.family or model is self._sitting.get(seat.number)


async def _all_set(events: Iterable[asyncio.Event], seconds: float) -> None:
    """Wait for all of them, but no longer than that."""
    try:
        async with asyncio.timeout(seconds):
            for event in events:
                await event.wait()
    except TimeoutError:
        return


def _voter(seat: int, model: Model) -> Voter:
    return Voter(seat, model.spec.name, model.spec.family)
