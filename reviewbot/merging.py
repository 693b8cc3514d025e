"""`reviewbot merge`: the reports of the parts of a change, joined into the one verdict that a single run would give."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from reviewbot import app, gate, outputs, printing, reports
from reviewbot.errors import UsageError
from reviewbot.gate import Mode
from reviewbot.review import Coverage, Decision, Scan, SeatStatus, Spent, Status
from reviewbot.sanitize import Sanitizer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reviewbot.errors import Exit
    from reviewbot.findings import Verdict
    from reviewbot.reports import Told
    from reviewbot.review import Review, SeatReport
    from reviewbot.sharding import Part

#: From the least to the most alarming.
_ORDER = (Status.PASSED, Status.INCONCLUSIVE, Status.BLOCKED)


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asked for."""

    reports: tuple[str, ...]
    gate: str = ""  # instead of gate.mode, as the parts were reviewed under
    format: str = "text"
    output: str | None = None


def run(request: Request) -> Exit:
    """Join the reports, write the result, and say how the gate ends."""
    environment = app.surroundings()
    printing.check(request.output)
    told = [_read(name) for name in request.reports]
    joined, prints = merged(told, request.gate), fingerprints(told)
    text = outputs.render(
        joined,
        request.format,
        Sanitizer(environment.redacted),
        width=printing.width(),
        color=printing.color(request.output, plain=environment.no_color),
        fingerprints=prints,
    )
    printing.write(text, request.output)
    return gate.exit_status(joined.decision)


def merged(told: Sequence[Told], mode: str = "") -> Review:
    """The review of the whole change; a part that is missing leaves it inconclusive at best.

    Raises UsageError for reports that are not parts of one change. `mode` is instead of the parts' own `gate.mode`.
    """
    parts = _parts(told)
    first = parts[0]
    policy = replace(first.policy, mode=Mode(mode)) if mode else first.policy
    missing = sorted(set(range(1, first.of + 1)) - {part.number for part in parts})
    files = _files(told, parts)
    verdicts = _verdicts(told, first.comments)
    reviews = [each.review for each in told]
    # Where nobody was asked, or nobody could read the files, nothing is said of the seats.
    asked = [r for r in reviews if any(file.reviewed_by for file in r.files)] or reviews
    seats = zip(*(review.panel for review in asked), strict=True)
    return replace(
        reviews[0],
        verdicts=verdicts,
        files=files,
        panel=tuple(map(_seat, seats)),
        total=_sum(review.total for review in reviews),
        by_model=_by_model(reviews),
        dropped=tuple(dropped for review in reviews for dropped in review.dropped),
        warnings=tuple(dict.fromkeys(_warnings(reviews, parts))),
        seconds=max(review.seconds for review in reviews),
        decision=_decision(gate.decide(files, verdicts, policy), reviews, missing, policy),
    )


def fingerprints(told: Iterable[Told]) -> dict[str, str]:
    """Those of all findings, by claim id."""
    return {id_: known for each in told for id_, known in each.fingerprints.items()}


def _read(name: str) -> Told:
    try:
        text = Path(name).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"cannot read the report {name}: {error.strerror}") from error
    told = reports.read(text, source=name)
    if told.part is None:
        raise UsageError(
            f"{name} is the report of a whole change; `review --shard I/N` writes that of a part"
        )
    return told


def _parts(told: Sequence[Told]) -> list[Part]:
    """What the reports say of the whole. Raises UsageError where they do not belong together."""
    parts = [each.part for each in told if each.part]
    if len(parts) != len(told):
        raise UsageError(
            "one of the reports is of a whole change; `review --shard I/N` writes that of a part"
        )
    twice = [number for number, times in Counter(part.number for part in parts).items() if times > 1]
    if twice:
        raise UsageError(f"there are two reports of part {twice[0]}; give each part's once")
    if len({(part.basis, part.of) for part in parts}) != 1:
        raise UsageError(
            "the reports are not of one change, split in one way, under one configuration, by one panel; "
            "review all parts again"
        )
    return parts


def _files(told: Sequence[Told], parts: Sequence[Part]) -> tuple[Coverage, ...]:
    """Every file of the change in its order, those of missing parts as not covered."""
    found = {
        place: file
        for each, part in zip(told, parts, strict=True)
        for place, file in zip(part.places, each.review.files, strict=True)
    }
    for part in parts:
        for file in part.elsewhere:
            gap = f"the report of part {file.part} of {part.of} is missing"
            found.setdefault(file.place, Coverage(file.path, file.tier, "not looked at", Scan.NONE, (), gap))
    return tuple(found[place] for place in sorted(found))


def _verdicts(told: Sequence[Told], most: int) -> tuple[Verdict, ...]:
    """All of them, gravest first. Each part put its own first on their lines, so the first of all are among those."""
    found = sorted(
        (v for each in told for v in each.review.verdicts),
        key=lambda v: (-v.severity, v.finding.path, v.finding.first_line, v.claim.id),
    )
    inline = [v.claim.id for v in found if v.inline][:most]
    return tuple(replace(v, inline=v.inline and v.claim.id in inline) for v in found)


def _decision(
    decided: Decision, reviews: Sequence[Review], missing: Sequence[int], policy: gate.Policy
) -> Decision:
    """Never less alarming than a part's own, and never green without one."""
    absent = [f"the report of part {number} is missing" for number in missing]
    status = max([decided.status, *(r.decision.status for r in reviews)], key=_ORDER.index)
    if absent and status is Status.PASSED:
        status = Status.INCONCLUSIVE
    own = decided.reasons if decided.status is status or decided.status is not Status.PASSED else ()
    theirs = (
        reason for r in reviews if r.decision.status is not Status.PASSED for reason in r.decision.reasons
    )
    reasons = tuple(dict.fromkeys([*absent, *own, *theirs]))
    return Decision(status, reasons, gate.enforced(status, policy))


def _warnings(reviews: Sequence[Review], parts: Sequence[Part]) -> Iterable[str]:
    """Theirs, but for what each says of itself."""
    for review, part in zip(reviews, parts, strict=True):
        said = f"part {part.number} of {part.of}: "
        yield from (warning for warning in review.warnings if not warning.startswith(said))


def _seat(told: Sequence[SeatReport]) -> SeatReport:
    """How one seat fared in all parts; where it fared differently it is degraded, and its own model is named."""
    if len(set(told)) == 1:
        return told[0]
    own = next((seat for seat in told if seat.replaced is None), told[0])
    return replace(own, status=SeatStatus.DEGRADED)


def _by_model(reviews: Sequence[Review]) -> tuple[tuple[str, Spent], ...]:
    names = sorted({name for review in reviews for name, _ in review.by_model})
    return tuple(
        (name, _sum(spent for review in reviews for model, spent in review.by_model if model == name))
        for name in names
    )


def _sum(spent: Iterable[Spent]) -> Spent:
    """Of all; the cost is None as soon as one is unknown."""
    total = Spent(0, 0, 0, 0, Decimal(0))
    for each in spent:
        total = Spent(
            total.calls + each.calls,
            total.input_tokens + each.input_tokens,
            total.cached_tokens + each.cached_tokens,
            total.output_tokens + each.output_tokens,
            None if total.cost is None or each.cost is None else total.cost + each.cost,
        )
    return total
