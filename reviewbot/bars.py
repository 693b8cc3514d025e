"""How much of a change was read, and where a run's money went, as parts of bars that add up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from reviewbot.llm import Stage
from reviewbot.triage import Tier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from reviewbot.review import Coverage, Review, Spent

    #: What is measured, and how an amount of it is told.
    _Measure = tuple[Callable[[Spent], Decimal], Callable[[Decimal], str]]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bar: what it stands for, and where it lies, in percent."""

    kind: str
    words: str
    start: Decimal
    width: Decimal


@dataclass(frozen=True, slots=True)
class Bar:
    """Parts side by side, from the left, without those that are nothing."""

    label: str
    total: str
    parts: tuple[Part, ...]


def fate(file: Coverage) -> str:
    """What became of a file, in a word or two."""
    if not file.covered:
        return "not covered"
    if file.reviewed_by:
        return "reviewed"
    return "skipped" if file.tier is Tier.SKIP else "cleared by the scan"


def coverage(review: Review) -> Bar:
    """The files of a change by their fate."""
    fates = Counter(map(fate, review.files))
    order = ("reviewed", "cleared by the scan", "skipped", "not covered")
    parts = [(name, f"{fates[name]} {name}", Decimal(fates[name])) for name in order]
    return Bar("files", str(len(review.files)), _parts(parts))


def costs(review: Review, told: Callable[[Decimal], str]) -> tuple[Bar, ...]:
    """One of all models, then one of each, to one scale; every one in parts by stage.

    In dollars, told by `told`; in tokens where a price is not known, in calls where there are no tokens.
    """
    measure, words = _measure([used for _, _, used in review.by_stage], told)
    models: dict[str, dict[Stage, Decimal]] = {}
    for model, stage, used in review.by_stage:
        models.setdefault(model, {})[stage] = measure(used)
    if not models:
        return ()
    whole = {stage: sum((of.get(stage, Decimal(0)) for of in models.values()), Decimal(0)) for stage in Stage}
    full = sum(whole.values(), Decimal(0))
    everyone = {"all models": whole} if len(models) > 1 else {}
    return tuple(_stages(name, of, full, words) for name, of in (everyone | models).items())


def _measure(all_used: Sequence[Spent], told: Callable[[Decimal], str]) -> _Measure:
    if any(used.cost for used in all_used) and all(used.cost is not None for used in all_used):
        return (lambda used: used.cost or Decimal(0)), told
    if any(used.input_tokens + used.output_tokens for used in all_used):
        return (lambda used: Decimal(used.input_tokens + used.output_tokens)), lambda n: f"{n:,} tokens"
    return (lambda used: Decimal(used.calls)), lambda n: f"{n:,} call{'' if n == 1 else 's'}"


def _stages(
    label: str, amounts: Mapping[Stage, Decimal], full: Decimal, told: Callable[[Decimal], str]
) -> Bar:
    known = [
        (stage, f"{stage}: {told(amounts[stage])}", amounts[stage]) for stage in Stage if stage in amounts
    ]
    return Bar(label, told(sum(amounts.values(), Decimal(0))), _parts(known, full))


def _parts(amounts: Iterable[tuple[str, str, Decimal]], full: Decimal = Decimal(0)) -> tuple[Part, ...]:
    """As shares of `full`, or else of what they add up to."""
    known = [amount for amount in amounts if amount[2]]
    whole = full or sum((amount for _, _, amount in known), Decimal(0))
    parts: list[Part] = []
    start = Decimal(0)
    for kind, words, amount in known:
        width = 100 * amount / whole
        parts.append(Part(kind, words, start, width))
        start += width
    return tuple(parts)
