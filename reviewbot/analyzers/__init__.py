"""The offline panel: static analysers behind the same protocol as language models, imported when they are asked for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from reviewbot.analyzers.source import Language, language_of, sources
from reviewbot.diff import HeadText
from reviewbot.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from reviewbot.analyzers.analysis import Analyser
    from reviewbot.llm import Fact, Model, Subject


def analysers() -> Mapping[str, Callable[[], Analyser]]:
    """Every analyser by the name it has in `static/<name>`. Adding one is a module and a line here."""
    # Here and not above, because with keys nobody asks for them.
    from reviewbot.analyzers import bandit, lexical, own, ruff, rulepack  # noqa: PLC0415

    return {
        "ruff": ruff.Ruff,
        "bandit": bandit.Bandit,
        "ast-grep": lambda: own.Own("ast-grep", rulepack.rules),
        "lexical": lambda: own.Own("lexical", lexical.rules),
    }


def build_all() -> Mapping[str, Model]:
    """Every offline model by name, and the scan that asks all; they share what they have read, so that a file is analysed once a run."""
    from reviewbot.analyzers.analysis import Desk  # noqa: PLC0415 - see above
    from reviewbot.analyzers.seats import AnySeat, Seat  # noqa: PLC0415 - see above

    desks = {name: Desk(analyser()) for name, analyser in analysers().items()}
    return {**{name: Seat(desk) for name, desk in desks.items()}, "any": AnySeat(tuple(desks.values()))}


async def facts(subjects: Sequence[Subject], *, seconds: float) -> tuple[tuple[Fact, ...], tuple[str, ...]]:
    """As in `remarks.remarks`, from every analyser."""
    from reviewbot.analyzers.analysis import Desk  # noqa: PLC0415 - see above
    from reviewbot.analyzers.remarks import remarks  # noqa: PLC0415 - see above

    return await remarks([Desk(analyser()) for analyser in analysers().values()], subjects, seconds=seconds)


def build(name: str) -> Model:
    """The offline model `static/<name>`, by itself. KeyError for a name that is not there."""
    return build_all()[name]


def parses(path: str, text: str, *, seconds: float = 10.0) -> bool:
    """Whether `text` is a sound file of the language of `path`. What cannot be told is a no. Not for a running loop."""
    language = language_of(path)
    whole = sources(path, HeadText.whole(text.split("\n"))) if language else None
    if not whole:
        return False
    # Python's own grammar is the stricter one; ruff follows it, ast-grep forgives.
    analyser = analysers()["ruff" if language is Language.PYTHON else "ast-grep"]()
    try:
        outcomes = asyncio.run(analyser.run(whole, seconds=seconds))
    except ModelError:
        return False
    return all(outcome is not None and not outcome.gaps for outcome in outcomes)
