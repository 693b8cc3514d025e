"""One finished review as a value: everything any output needs, nothing any output has to compute."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal  # noqa: TC003 - the record reads annotations at run time
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reviewbot.diff import Change
    from reviewbot.findings import Dropped, Verdict
    from reviewbot.llm import Stage
    from reviewbot.triage import Tier


class Scan(StrEnum):
    """What the quick scan made of a file. NONE: it was not asked (skipped or critical)."""

    CLEAR = "clear"
    FLAGGED = "flagged"
    FAILED = "failed"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Coverage:
    """What became of one file. `why` is the reason of its tier; `gap` why it is not covered, "" where it is.

    A skipped file is covered by the decision to skip it; `reviewed_by` lists models that said they read it in review.
    `since` is the commit at which they did, where that was in an earlier run and the file is the same since.
    """

    path: str
    tier: Tier
    why: str
    scan: Scan
    reviewed_by: tuple[str, ...]
    gap: str
    since: str = ""

    @property
    def covered(self) -> bool:
        """Whether everything that should have been read was read."""
        return not self.gap


class SeatStatus(StrEnum):
    """How a seat fared. DEGRADED: some of its work failed or was done by another model."""

    OK = "ok"
    DEGRADED = "degraded"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class SeatReport:
    """Who sat where. `replaced` is the configured model when another one did all of the seat's work.

    `unable` is whether the only trouble was that the configured model cannot read these files.
    """

    seat: int
    model: str
    family: str
    status: SeatStatus
    replaced: str | None
    unable: bool = False


@dataclass(frozen=True, slots=True)
class Spent:
    """Calls, tokens and dollars of one model, or of all. `cost` is None when any price is unknown."""

    calls: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    cost: Decimal | None


class Status(StrEnum):
    """What the gate says."""

    PASSED = "passed"
    BLOCKED = "blocked"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Decision:
    """The gate's status with its reasons, and whether it is `enforced` (exit status, failing check)."""

    status: Status
    reasons: tuple[str, ...]
    enforced: bool


class PanelKind(StrEnum):
    """What stands behind the votes; outputs say so wherever it is not MODELS."""

    MODELS = "models"  # of at least two vendors
    ONE_VENDOR = "one vendor"
    OFFLINE = "offline"  # static analysers; never called AI
    NOBODY = "nobody"  # the pull request was skipped


@dataclass(frozen=True, slots=True)
class Review:
    """A finished review. Verdicts are ordered by severity (gravest first), path, line; files as in the change."""

    change: Change
    verdicts: tuple[Verdict, ...]
    files: tuple[Coverage, ...]
    panel: tuple[SeatReport, ...]
    kind: PanelKind
    total: Spent
    by_model: tuple[tuple[str, Spent], ...]
    dropped: tuple[Dropped, ...]
    warnings: tuple[str, ...]
    seconds: float
    decision: Decision
    # What each model has used at each stage; and the dearest model of the panel, with the dollars that the tokens of all
    # calls would have cost there. Reports hold neither.
    by_stage: tuple[tuple[str, Stage, Spent], ...] = ()
    compared: tuple[str, Decimal] | None = None
