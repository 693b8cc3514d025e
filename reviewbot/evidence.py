"""What a run has gathered before anything is decided: who read what, who claims what, who voted how.

It holds no text of the change beyond what findings quote, so that it can be kept, and decided upon again.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - the record reads annotations at run time
from dataclasses import dataclass, field

from reviewbot.errors import FailureKind  # noqa: TC001 - likewise
from reviewbot.findings import Claim, Dropped, Vote, Voter  # noqa: TC001 - likewise
from reviewbot.llm import Hint  # noqa: TC001 - likewise
from reviewbot.review import Scan  # noqa: TC001 - likewise
from reviewbot.triage import Tier  # noqa: TC001 - likewise


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a model gave no usable answer."""

    model: str
    kind: FailureKind
    message: str

    def __str__(self) -> str:
        return f"{self.model}: {self.kind}: {self.message}" if self.message else f"{self.model}: {self.kind}"


@dataclass(frozen=True, slots=True)
class Sorted:
    """One file as triage left it. `unreadable` says why nobody can be asked about its content, "" where one can.

    `since` is the commit at which it was read, where that was an earlier run's and the file is the same since; `proposers`
    how many seats a routing rule has review it, None where none does. `aimed` says where it holds text aimed at reviewers.
    """

    path: str
    tier: Tier
    why: str
    unreadable: str
    since: str = ""
    proposers: int | None = None
    aimed: str = ""


@dataclass(frozen=True, slots=True)
class Scanned:
    """What the scan made of a request's files: a state for each path, hints, and whoever failed."""

    states: Mapping[str, Scan]
    hints: tuple[Hint, ...]
    failures: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """One question put to a seat: who answered it, or whose it was where nobody did, and who failed on the way."""

    voter: Voter
    answered: bool
    failures: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class UnitReview:
    """What came of one unit: who read which file, claims with their votes, what was dropped, and every turn.

    `shown` is of files that were shown in parts: how many of their lines, and how many they have.
    """

    readers: Mapping[str, tuple[Voter, ...]]
    ballots: tuple[tuple[Claim, tuple[Vote, ...]], ...]
    dropped: tuple[Dropped, ...]
    turns: tuple[Turn, ...]
    shown: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """A seat as it was given: its number, its first model, and the family that model is of.

    `routed` are the models, each with its family, that routing rules give it for some files.
    """

    number: int
    model: str
    family: str
    routed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything the verdicts follow from. Files are in the order of the change.

    `oversized` are files of which a part fits no request; `anchored` the ids of claims whose lines the diff shows.
    """

    files: tuple[Sorted, ...]
    places: tuple[Place, ...]
    scans: tuple[Scanned, ...]
    units: tuple[UnitReview, ...]
    oversized: tuple[str, ...]
    anchored: tuple[str, ...]
