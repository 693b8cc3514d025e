"""What the configuration says of how findings are looked for, voted on and shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewbot.consensus import Mode, Quorum
from reviewbot.findings import Severity
from reviewbot.gate import Scope
from reviewbot.lenses import COMBINED, Lens

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reviewbot.config import Config
    from reviewbot.findings import Claim
    from reviewbot.llm import Subject


@dataclass(frozen=True, slots=True)
class Comments:
    """Which confirmed findings become inline comments."""

    most: int = 20
    least: Severity = Severity.MEDIUM


@dataclass(frozen=True, slots=True)
class Rules:
    """The policy of one run. `gates_all` is whether every file gates, or only critical ones."""

    quorum: Quorum
    mode: Mode
    proposers_flagged: int
    proposers_critical: int
    block_at: Severity
    gates_all: bool = False
    comments: Comments = Comments()
    lenses: tuple[Lens, ...] = ()

    @classmethod
    def of(cls, config: Config, families: Iterable[str]) -> Rules:
        """The rules of a configuration for a panel whose seats are given to these families."""
        consent = config.consensus
        return cls(
            quorum=Quorum.of(consent.threshold, families),
            mode=Mode(consent.mode),
            proposers_flagged=consent.proposers.flagged,
            proposers_critical=consent.proposers.critical,
            block_at=config.gate.block_at,
            gates_all=Scope(config.gate.scope) is Scope.ALL,
            comments=Comments(config.comments.max, config.comments.min_severity),
            lenses=tuple(map(Lens.of, config.lenses)),
        )

    def proposers(self, subjects: Iterable[Subject]) -> int:
        """How many seats review a unit."""
        return self.proposers_critical if any(s.critical for s in subjects) else self.proposers_flagged

    def reviews(self, subjects: Sequence[Subject]) -> tuple[tuple[Lens, int], ...]:
        """The reviews of a unit: through which lens, and by how many seats."""
        usual = self.proposers(subjects)
        return tuple((lens, lens.wanted(usual)) for lens in self.lenses or (COMBINED,))

    def grave(self, claim: Claim, *, critical: bool) -> bool:
        """Whether a claim is worth a further call: high or critical, or able to gate. `critical` is its file's tier."""
        gates = critical or self.gates_all
        return claim.severity >= Severity.HIGH or (gates and claim.severity >= self.block_at)
