"""What an analyser says of each file, computed once per content and shared by all who ask."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from reviewbot.analyzers.source import Language, Source, language_of, sources
from reviewbot.errors import FailureKind, ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reviewbot.llm import Subject


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A defect of class `cwe` on these lines (1-based, inclusive); `says` may be empty."""

    first_line: int
    last_line: int
    cwe: str
    rule: str
    says: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of ours: the class of defect it finds, and in one sentence what it saw."""

    id: str
    cwe: str
    says: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was seen in one text. `gaps` are ranges of lines the analyser could not make sense of."""

    marks: tuple[Mark, ...] = ()
    gaps: tuple[tuple[int, int], ...] = ()


class Analyser(Protocol):
    """One independent way of looking at code."""

    @property
    def name(self) -> str:
        """As in `static/<name>`."""

    def reads(self, path: str) -> bool:
        """Whether it has rules for the language of this file."""

    def refutes(self, language: Language) -> frozenset[str]:
        """The classes whose absence it can vouch for."""

    def covers(self, language: Language) -> frozenset[str]:
        """The classes it has rules for."""

    async def run(self, texts: Sequence[Source], *, seconds: float) -> list[Outcome | None]:
        """One outcome a text, in order; None for a text it refused. Raises ModelError."""


_PROBE = {Language.PYTHON: "x = 1\n", Language.JAVA: "class A {}\n", Language.GO: "package a\n"}


class Desk:
    """One analyser, with a memory of what it has already read; results are those of a run, kept for a process."""

    def __init__(self, analyser: Analyser) -> None:
        """The memory starts empty."""
        self.analyser = analyser
        self._known: dict[Source, Outcome | None] = {}
        self._turn = asyncio.Lock()  # who asks second finds the answer of who asked first

    async def read(self, subjects: Sequence[Subject], *, seconds: float) -> dict[str, Outcome]:
        """The outcome of each file that could be analysed, in lines at head; the others are missing.

        Raises ModelError if the analyser itself does not work, or time ran out for all of the files.
        """
        texts = {
            s.file.path: found
            for s in subjects
            if self.analyser.reads(s.file.path) and (found := sources(s.file.path, s.head)) is not None
        }
        deadline = asyncio.get_running_loop().time() + seconds
        async with self._turn:
            wanted = dict.fromkeys(text for pieces in texts.values() for text in pieces)
            await self._learn([text for text in wanted if text not in self._known], deadline)
        return {
            path: outcome
            for path, pieces in texts.items()
            if (outcome := _joined(pieces, [self._known[piece] for piece in pieces])) is not None
        }

    async def _learn(self, texts: Sequence[Source], deadline: float) -> None:
        if not texts:
            return
        try:
            self._known.update(await self._run(texts, deadline))
        except ModelError as error:
            # Either the analyser does not work here at all, or one of the texts breaks it.
            await self._run([_probe(texts[0].language)], deadline)
            if len(texts) == 1:
                if error.kind is FailureKind.TIMEOUT and self._left(deadline) < 1:
                    raise
                self._known[texts[0]] = None
                return
            middle = len(texts) // 2
            await self._learn(texts[:middle], deadline)
            await self._learn(texts[middle:], deadline)

    async def _run(self, texts: Sequence[Source], deadline: float) -> dict[Source, Outcome | None]:
        # A third of what is left: one text that hangs must leave time to find out which one it is.
        outcomes = await self.analyser.run(texts, seconds=self._left(deadline) / 3)
        if len(outcomes) != len(texts):
            raise ModelError(
                FailureKind.OVERLOAD, f"{self.analyser.name} answered for other files than it was given"
            )
        return dict(zip(texts, outcomes, strict=True))

    @staticmethod
    def _left(deadline: float) -> float:
        left = deadline - asyncio.get_running_loop().time()
        if left <= 0:
            raise ModelError(FailureKind.TIMEOUT, "no time was left to run the analyser")
        return left


def _probe(language: Language) -> Source:
    text = _PROBE.get(language, "let x = 1;\n")
    return Source(language, text, (1,), whole=True)


def _joined(pieces: Sequence[Source], outcomes: Sequence[Outcome | None]) -> Outcome | None:
    marks: set[Mark] = set()
    gaps: set[tuple[int, int]] = set()
    for piece, outcome in zip(pieces, outcomes, strict=True):
        if outcome is None:
            return None
        for mark in outcome.marks:
            if lines := piece.head_lines(mark.first_line, mark.last_line):
                marks.add(replace(mark, first_line=lines[0], last_line=lines[1]))
        if piece.whole:  # the edges of a hunk cut statements in two; that says nothing
            gaps.update(lines for gap in outcome.gaps if (lines := piece.head_lines(*gap)))
    return Outcome(tuple(sorted(marks)), tuple(sorted(gaps)))


def readable(path: str) -> bool:
    """Whether any analyser has rules for it."""
    return language_of(path) is not None
