"""`static/ast-grep` and `static/lexical`: our own rules, run in a worker process."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from reviewbot.analyzers import isolation
from reviewbot.analyzers.analysis import Mark, Outcome, Rule
from reviewbot.analyzers.source import language_of
from reviewbot.errors import FailureKind, ModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from reviewbot.analyzers.source import Language, Source


class Own:
    """An analyser whose rules are ours: `rules` gives those of a language by id."""

    def __init__(self, name: str, rules: Callable[[Language], Mapping[str, Rule]]) -> None:
        """`name` is what the worker knows it by."""
        self.name = name
        self._rules = rules

    def reads(self, path: str) -> bool:
        """Every language we have rules for."""
        return language_of(path) is not None

    def covers(self, language: Language) -> frozenset[str]:
        """The classes its rules for this language name."""
        return frozenset(rule.cwe for rule in self._rules(language).values())

    def refutes(self, language: Language) -> frozenset[str]:
        """All it covers."""
        return self.covers(language)

    async def run(self, texts: Sequence[Source], *, seconds: float) -> list[Outcome | None]:
        """One worker for all texts; none is refused, but a text may have gaps."""
        request = json.dumps([[source.language, source.text] for source in texts]).encode()
        output = await isolation.run(
            "reviewbot.analyzers.worker", [self.name], files={}, stdin=request, seconds=seconds
        )
        try:
            return [
                Outcome(
                    tuple(self._mark(source.language, *mark) for mark in answer["marks"]),
                    tuple((first, last) for first, last in answer["gaps"]),
                )
                for source, answer in zip(texts, json.loads(output), strict=True)
            ]
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(FailureKind.OVERLOAD, f"{self.name} printed no report: {error!r}") from error

    def _mark(self, language: Language, first: int, last: int, rule_id: str) -> Mark:
        rule = self._rules(language)[rule_id]
        return Mark(first, last, rule.cwe, rule_id, rule.says)
