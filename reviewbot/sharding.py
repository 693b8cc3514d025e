"""A change split into parts that are reviewed apart: the same parts wherever the split is worked out."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reviewbot import __version__, packing
from reviewbot.context import view_tokens
from reviewbot.errors import UsageError
from reviewbot.gate import Policy
from reviewbot.llm import Stage
from reviewbot.triage import Tier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reviewbot.config import Config
    from reviewbot.diff import Change
    from reviewbot.triage import Triaged

#: Parts of one change: GitHub starts no more jobs from one matrix.
MOST = 256


@dataclass(frozen=True, slots=True)
class Shard:
    """Part `number`, from 1, of `of`."""

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """`2/3`. Raises UsageError."""
        found = re.fullmatch(r"([1-9]\d{0,2})/([1-9]\d{0,2})", text, re.ASCII)
        shard = cls(int(found[1]), int(found[2])) if found else None
        if shard is None or not shard.number <= shard.of <= MOST:
            raise UsageError(
                f"{text!r} is not a part of a change; write I/N, from 1/N to N/N, N up to {MOST}"
            )
        return shard


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A file that another part reviews; `place` is where it is in the change, from 0."""

    place: int
    path: str
    tier: Tier
    part: int


@dataclass(frozen=True, slots=True)
class Part:
    """What the report of a part says of the whole: enough to join it with the others, and to miss one that is not there.

    `basis` is the same for all parts of one change under one configuration; `places` are those of the part's own files.
    `policy` and `comments`, how many are shown on their lines at most, are for the whole.
    """

    number: int
    of: int
    basis: str
    places: tuple[int, ...]
    elsewhere: tuple[Elsewhere, ...]
    policy: Policy
    comments: int


def split(change: Change, triaged: Sequence[Triaged], of: int) -> tuple[int, ...]:
    """The part, from 1, of each file: as much to read in each, and as much of it critical."""
    sizes = {
        s.file.path: view_tokens(s, Stage.REVIEW if s.critical else Stage.SCAN)
        for s in packing.subjects(triaged, change)
    }
    critical = {t.file.path for t in triaged if t.tier is Tier.CRITICAL}
    loads = [0] * of
    parts = {}
    # The biggest first, each to whoever has least: nobody then has more than a third above what is possible.
    for path in sorted(sizes, key=lambda path: (path not in critical, -sizes[path], path)):
        least = loads.index(min(loads))
        loads[least] += sizes[path]
        parts[path] = least + 1
    return tuple(parts.get(t.file.path, 1) for t in triaged)


def part(
    change: Change, triaged: Sequence[Triaged], shard: Shard, config: Config, panel: str
) -> tuple[Change, Part]:
    """The change with the files of one part, and what its report says of the rest. `panel` names who would be asked."""
    numbers = split(change, triaged, shard.of)
    own = tuple(place for place, number in enumerate(numbers) if number == shard.number)
    files = tuple(change.files[place] for place in own)
    said = f"part {shard.number} of {shard.of}: {len(own)} of {len(numbers)} files; `reviewbot merge` joins the reports"
    told = Part(
        shard.number,
        shard.of,
        _basis(change, triaged, shard.of, config, panel),
        own,
        tuple(
            Elsewhere(place, t.file.path, t.tier, number)
            for place, (t, number) in enumerate(zip(triaged, numbers, strict=True))
            if number != shard.number
        ),
        Policy.of(config),
        config.comments.max,
    )
    paths = {file.path for file in files}
    heads = {path: head for path, head in change.heads.items() if path in paths}
    return replace(change, files=files, heads=heads, warnings=(*change.warnings, said)), told


def share(config: Config, of: int) -> Config:
    """The configuration for one part: of the money as much as every other part gets."""
    if config.budget.usd is None:
        return config
    budget = config.budget.model_copy(update={"usd": config.budget.usd / of})
    return config.model_copy(update={"budget": budget})


def _basis(change: Change, triaged: Sequence[Triaged], of: int, config: Config, panel: str) -> str:
    files = [(t.file.path, t.tier) for t in triaged]
    commits = (change.base, change.head, change.repository, change.number)
    decides = (__version__, commits, files, of, config.model_dump_json(), panel)
    return hashlib.sha256(json.dumps(decides).encode("utf-8", "surrogatepass")).hexdigest()


def matrix(change: Change, triaged: Sequence[Triaged], most: int) -> str:
    """A job for each of at most `most` parts, as GitHub Actions takes them, on one line; none without a file to read.

    Raises UsageError for a number that is none of parts.
    """
    if not 1 <= most <= MOST:
        raise UsageError(f"a change cannot be split into {most} parts; use a number from 1 to {MOST}")
    of = max(1, min(most, len(packing.subjects(triaged, change))))
    numbers = split(change, triaged, of)
    tiers = [(number, t.tier) for number, t in zip(numbers, triaged, strict=True)]
    jobs = [
        {"shard": f"{n}/{of}", "files": numbers.count(n), "critical": tiers.count((n, Tier.CRITICAL))}
        for n in range(1, of + 1)
    ]
    return json.dumps({"include": jobs})
