"""Pull requests that the configuration at base leaves without a review, unless somebody asks for one."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from reviewbot import gate
from reviewbot.conclusion import Circumstances, conclude
from reviewbot.evidence import Evidence, Sorted
from reviewbot.review import PanelKind, Spent
from reviewbot.rules import Rules
from reviewbot.triage import Tier, triage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reviewbot import settings
    from reviewbot.config import Config
    from reviewbot.diff import Change
    from reviewbot.github.pull import Pull
    from reviewbot.review import Review

_BOT = "[bot]"


@dataclass(frozen=True, slots=True)
class Skip:
    """What about the pull request keeps it from being reviewed, and what to do to have it reviewed."""

    why: str
    remedy: str


def find(pull: Pull, rules: settings.Skip) -> Skip | None:
    """The first rule that a pull request falls under."""
    if rules.drafts and pull.draft:
        return Skip("draft", "mark it ready for review")
    if pull.author_is_bot and (name := _like(rules.bots, [pull.author.removesuffix(_BOT)])):
        return Skip(f"author is the bot {name}", "")
    if label := _like(rules.labels, pull.labels):
        return Skip(f"label {label}", "take the label off and push")
    if title := _like(rules.titles, [pull.title]):
        return Skip(f"title is like {title}", "change the title and push")
    return None


def unreviewed(change: Change, config: Config, skip: Skip) -> Review:
    """What there is to say of a change that nobody was asked about: its files by tier, and whether the gate can do without."""
    said = f"skipped: {skip.why}"
    files = (
        Sorted(t.file.path, t.tier, t.why, "" if t.tier is Tier.SKIP else said)
        for t in triage(change, config)
    )
    circumstances = Circumstances(
        kind=PanelKind.NOBODY,
        total=Spent(0, 0, 0, 0, Decimal(0)),
        by_model=(),
        notes=(*config.warnings(), *change.warnings),
        seconds=0.0,
        unlisted=change.unlisted,
    )
    result = conclude(
        change,
        Evidence(tuple(files), (), (), (), (), ()),
        circumstances,
        Rules.of(config, ()),
        gate.Policy.of(config),
    )
    wanted = f"{skip.remedy}, or comment" if skip.remedy else "comment"
    decision = gate.explained(result.decision, f"to have it reviewed, {wanted}: /reviewbot review")
    return replace(result, decision=gate.explained(decision, said))


def _like(patterns: Iterable[str], texts: Iterable[str]) -> str | None:
    """The first pattern that is like one of the texts: `*` is any text, upper and lower case are the same."""
    listed = tuple(texts)
    for pattern in patterns:
        wanted = re.compile(".*".join(map(re.escape, pattern.split("*"))), re.IGNORECASE | re.DOTALL)
        if any(map(wanted.fullmatch, listed)):
            return pattern
    return None
