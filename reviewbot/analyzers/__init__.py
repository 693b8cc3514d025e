"""The offline panel: static analysers behind the same protocol as language models."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from reviewbot.analyzers import lexical, rulepack
from reviewbot.analyzers.analysis import Desk
from reviewbot.analyzers.bandit import Bandit
from reviewbot.analyzers.own import Own
from reviewbot.analyzers.remarks import remarks
from reviewbot.analyzers.ruff import Ruff
from reviewbot.analyzers.seats import AnySeat, Seat
from reviewbot.analyzers.source import Language, language_of, sources
from reviewbot.diff import HeadText
from reviewbot.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from reviewbot.analyzers.analysis import Analyser
    from reviewbot.llm import Fact, Model, Subject

#: Every analyser by the name it has in `static/<name>`. Adding one is a module and a line here.
ANALYSERS: Mapping[str, Callable[[], Analyser]] = {
    "ruff": Ruff,
    "bandit": Bandit,
    "ast-grep": lambda: Own("ast-grep", rulepack.rules),
    "lexical": lambda: Own("lexical", lexical.rules),
}

#: All that `build` knows: the analysers, and the scan that asks all of them.
NAMES = (*ANALYSERS, "any")


def build_all() -> Mapping[str, Model]:
    """Every offline model by name; they share what they have read, so that a file is analysed once a run."""
    desks = {name: Desk(analyser()) for name, analyser in ANALYSERS.items()}
    return {**{name: Seat(desk) for name, desk in desks.items()}, "any": AnySeat(tuple(desks.values()))}


async def facts(subjects: Sequence[Subject], *, seconds: float) -> tuple[tuple[Fact, ...], tuple[str, ...]]:
    """As in `remarks.remarks`, from every analyser."""
    return await remarks([Desk(analyser()) for analyser in ANALYSERS.values()], subjects, seconds=seconds)


def build(name: str) -> Model:
    """The offline model `static/<name>`, by itself. KeyError for a name that is not in `NAMES`."""
    return build_all()[name]


def parses(path: str, text: str, *, seconds: float = 10.0) -> bool:
    """Whether `text` is a sound file of the language of `path`. What cannot be told is a no. Not for a running loop."""
    language = language_of(path)
    whole = sources(path, HeadText.whole(text.split("\n"))) if language else None
    if not whole:
        return False
    # Python's own grammar is the stricter one; ruff follows it, ast-grep forgives.
    analyser = ANALYSERS["ruff" if language is Language.PYTHON else "ast-grep"]()
    try:
        outcomes = asyncio.run(analyser.run(whole, seconds=seconds))
    except ModelError:
        return False
    return all(outcome is not None and not outcome.gaps for outcome in outcomes)
