"""What models say is wrong, and how it is voted on: the values everything else passes around."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Severity(IntEnum):
    """How bad it is if the finding is true. Ordered: LOW < CRITICAL."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def word(self) -> str:
        """The word used in config, prompts and reports."""
        return self.name.lower()

    @classmethod
    def parse(cls, word: str) -> Severity:
        """The severity called `word`; ValueError for any other word."""
        try:
            return cls[word.upper()]
        except KeyError:
            raise ValueError(f"{word!r} is not one of {', '.join(s.word for s in cls)}") from None


class Category(StrEnum):
    """The kinds of defect a finding can name."""

    CORRECTNESS = "correctness"
    SECURITY = "security"
    DATA_LOSS = "data-loss"
    CONCURRENCY = "concurrency"
    PERFORMANCE = "performance"
    ERROR_HANDLING = "error-handling"
    API_MISUSE = "api-misuse"
    RESOURCE_LEAK = "resource-leak"
    TEST = "test"
    MAINTAINABILITY = "maintainability"
    OVER_DEFENSIVE = "over-defensive"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one model says is wrong. Lines are 1-based, inclusive, in the head version."""

    path: str
    first_line: int
    last_line: int
    quote: str
    category: Category
    severity: Severity
    title: str
    body: str
    failure: str
    suggestion: str | None = None

    @property
    def fingerprint(self) -> str:
        """The same for the same path, category and quoted code, whatever the wording or the line."""
        return fingerprint(self.path, self.category, " ".join(self.quote.split()))


def fingerprint(path: str, category: str, code: str) -> str:
    """What a finding is known by; `code` has single blanks for all white space."""
    return hashlib.sha256("\0".join((path, category, code)).encode("utf-8", "replace")).hexdigest()


@dataclass(frozen=True, slots=True, order=True)
class Voter:
    """Who speaks: the seat (1-based) and the model that sat in it at the time."""

    seat: int
    model: str
    family: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A grounded finding with its author."""

    finding: Finding
    author: Voter


@dataclass(frozen=True, slots=True)
class Claim:
    """One defect, with every proposal that names it, ordered by seat; `id` is unique within a run."""

    id: str
    proposals: tuple[Proposal, ...]

    @property
    def finding(self) -> Finding:
        """The words and lines it is shown with: those of the first seat that proposed it."""
        return self.proposals[0].finding

    @property
    def seats(self) -> frozenset[int]:
        """The seats that proposed it."""
        return frozenset(p.author.seat for p in self.proposals)

    @property
    def severity(self) -> Severity:
        """The gravest severity any proposer gave; decides how hard we look, not what is reported."""
        return max(p.finding.severity for p in self.proposals)


class Ballot(StrEnum):
    """What one voter says of one claim."""

    CONFIRM = "confirm"
    REFUTE = "refute"
    ABSTAIN = "abstain"  # asked, but no usable answer on this claim
    UNAVAILABLE = "unavailable"  # the call failed


@dataclass(frozen=True, slots=True)
class Vote:
    """One voter's ballot on one claim; a proposal is a confirming vote."""

    voter: Voter
    ballot: Ballot
    proposed: bool
    reason: str


class State(StrEnum):
    """What became of a claim."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    UNCONFIRMED = "unconfirmed"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A claim with its votes and what they amount to.

    `inline` is whether it becomes a comment on its lines: confirmed, grave enough,
    within the comment limit, and on lines the diff shows.
    """

    claim: Claim
    votes: tuple[Vote, ...]
    state: State
    severity: Severity
    critical: bool
    inline: bool

    @property
    def finding(self) -> Finding:
        """The words and lines it is shown with."""
        return self.claim.finding


@dataclass(frozen=True, slots=True)
class Dropped:
    """A finding that did not get as far as a vote, and why."""

    path: str
    title: str
    why: str
