"""A JSON report, read back as the review it tells of, for a job that posts what another job has reviewed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal  # noqa: TC003 - pydantic reads annotations at run time
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reviewbot.diff import Change
from reviewbot.errors import UsageError
from reviewbot.findings import (
    Ballot,
    Category,
    Claim,
    Dropped,
    Finding,
    Proposal,
    Severity,
    State,
    Verdict,
    Vote,
    Voter,
)
from reviewbot.gate import Mode, Policy, Scope
from reviewbot.review import (
    Coverage,
    Decision,
    PanelKind,
    Review,
    Scan,
    SeatReport,
    SeatStatus,
    Spent,
    Status,
)
from reviewbot.sharding import MOST, Elsewhere, Part
from reviewbot.triage import Tier  # noqa: TC001 - see above

if TYPE_CHECKING:
    from collections.abc import Mapping

_GAP = "; not covered: "


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Change(_Part):
    base: str
    head: str
    repository: str
    number: int | None


class _Gate(_Part):
    status: Status
    reasons: tuple[str, ...]


class _Seat(_Part):
    seat: int
    model: str
    family: str
    status: SeatStatus
    replaced: str | None


class _Vote(_Part):
    model: str
    family: str
    vote: Ballot
    proposed: bool
    reason: str


class _Finding(_Part):
    id: str
    fingerprint: str
    path: str
    first_line: int = Field(ge=1)
    last_line: int = Field(ge=1)
    severity: str
    category: Category
    title: str
    body: str
    suggestion: str | None
    state: State
    critical: bool
    inline: bool
    votes: tuple[_Vote, ...]


class _File(_Part):
    path: str
    tier: Tier
    why: str
    scan: Scan
    reviewed_by: tuple[str, ...]
    covered: bool


class _Spent(_Part):
    calls: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    cost_usd: Decimal | None

    def spent(self) -> Spent:
        return Spent(self.calls, self.input_tokens, self.cached_tokens, self.output_tokens, self.cost_usd)


class _Model(_Spent):
    model: str


class _Usage(_Spent):
    by_model: tuple[_Model, ...]


class _Dropped(_Part):
    path: str
    title: str
    why: str


class _Seconds(_Part):
    total: float


class _Elsewhere(_Part):
    place: int = Field(ge=0)
    path: str
    tier: Tier
    part: int = Field(ge=1)


class _Settings(_Part):
    mode: Mode
    block_at: str
    on_inconclusive: Literal["block", "warn"]
    scope: Scope


class _Shard(_Part):
    number: int = Field(ge=1)
    of: int = Field(ge=1, le=MOST)
    basis: str
    places: tuple[int, ...]
    elsewhere: tuple[_Elsewhere, ...]
    gate: _Settings
    comments: int = Field(ge=0)

    def part(self) -> Part:
        told = self.gate
        warn = told.on_inconclusive == "warn"
        return Part(
            self.number,
            self.of,
            self.basis,
            self.places,
            tuple(Elsewhere(**file.model_dump()) for file in self.elsewhere),
            Policy(told.mode, Severity.parse(told.block_at), warn, told.scope),
            self.comments,
        )


class _Report(_Part):
    schema_: Literal["reviewbot.report/1"] = Field(alias="schema")
    version: str
    change: _Change
    gate: _Gate
    panel: tuple[_Seat, ...]
    findings: tuple[_Finding, ...]
    files: tuple[_File, ...]
    usage: _Usage
    dropped: tuple[_Dropped, ...]
    warnings: tuple[str, ...]
    seconds: _Seconds
    shard: _Shard | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A review as its report tells it: without quotes, failure scenarios and text at head, which reports do not hold.

    `fingerprints` are by claim id, as they were when there were quotes; `part` says of what change it is a part.
    """

    review: Review
    fingerprints: Mapping[str, str]
    part: Part | None = None


def read(text: str, *, source: str) -> Told:
    """The review in a report. Raises UsageError for a text that is none."""
    try:
        report = _Report.model_validate_json(text)
        verdicts = tuple(_verdict(found) for found in report.findings)
        part = report.shard.part() if report.shard else None
        if part and len(part.places) != len(report.files):
            raise ValueError("files without a place in the change")  # noqa: TRY301 - as pydantic says it of what it checks
    except (ValidationError, ValueError) as error:
        raise UsageError(
            f"{source} is not a report of reviewbot; is it the one that `mode: review` wrote?"
        ) from error
    review = Review(
        change=Change(
            (), report.change.base, report.change.head, report.change.repository, report.change.number
        ),
        verdicts=verdicts,
        files=tuple(_coverage(file) for file in report.files),
        panel=tuple(SeatReport(**seat.model_dump()) for seat in report.panel),
        kind=_kind(report.panel),
        total=report.usage.spent(),
        by_model=tuple((model.model, model.spent()) for model in report.usage.by_model),
        dropped=tuple(Dropped(**dropped.model_dump()) for dropped in report.dropped),
        warnings=report.warnings,
        seconds=report.seconds.total,
        # Reports do not say whether the gate is enforced: that is for the configuration at base to say, again.
        decision=Decision(report.gate.status, report.gate.reasons, enforced=True),
    )
    return Told(review, {found.id: found.fingerprint for found in report.findings}, part)


def _verdict(found: _Finding) -> Verdict:
    severity = Severity.parse(found.severity)
    finding = Finding(
        found.path,
        found.first_line,
        found.last_line,
        "",
        found.category,
        severity,
        found.title,
        found.body,
        "",
        found.suggestion,
    )
    votes = tuple(
        Vote(Voter(number, vote.model, vote.family), vote.vote, vote.proposed, vote.reason)
        for number, vote in enumerate(found.votes, start=1)
    )
    proposals = tuple(Proposal(finding, vote.voter) for vote in votes if vote.proposed)
    if not proposals:
        raise ValueError("a finding without a proposer")
    return Verdict(Claim(found.id, proposals), votes, found.state, severity, found.critical, found.inline)


def _coverage(file: _File) -> Coverage:
    why, _, gap = file.why.partition(_GAP)
    return Coverage(
        file.path, file.tier, why, file.scan, file.reviewed_by, gap or ("" if file.covered else "not read")
    )


def _kind(panel: tuple[_Seat, ...]) -> PanelKind:
    if not panel:
        return PanelKind.NOBODY
    if all(seat.model.startswith("static/") for seat in panel):
        return PanelKind.OFFLINE
    return PanelKind.ONE_VENDOR if len({seat.family for seat in panel}) == 1 else PanelKind.MODELS
