"""Whether the change may be merged: only confirmed findings block, only evidence passes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from reviewbot.errors import Exit
from reviewbot.findings import Severity, State
from reviewbot.review import Decision, Status
from reviewbot.triage import Tier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reviewbot.config import Config
    from reviewbot.findings import Verdict
    from reviewbot.review import Coverage


class Mode(StrEnum):
    """What the gate's status does."""

    ENFORCE = "enforce"
    REPORT = "report"
    OFF = "off"


class Scope(StrEnum):
    """Which files the gate looks at."""

    CRITICAL = "critical"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Policy:
    """The gate's settings."""

    mode: Mode = Mode.ENFORCE
    block_at: Severity = Severity.HIGH
    warn_on_inconclusive: bool = False
    scope: Scope = Scope.CRITICAL

    @classmethod
    def of(cls, config: Config) -> Policy:
        """The policy of a configuration."""
        return cls(
            mode=Mode(config.gate.mode),
            block_at=config.gate.block_at,
            warn_on_inconclusive=config.gate.on_inconclusive == "warn",
            scope=Scope(config.gate.scope),
        )


def decide(
    files: Sequence[Coverage],
    verdicts: Sequence[Verdict],
    policy: Policy,
    *,
    unlisted: bool = False,
    unchosen: bool = False,
) -> Decision:
    """The table of DESIGN section 3. `unlisted`: the change has files nobody could list, so nothing can pass.

    `unchosen`: the offline panel stood in because there were no keys; on guarded files that is not enough to pass.

    Blocked beats inconclusive: a confirmed grave finding blocks even where other files were not read.
    """
    guarded, grave = _guarded(files, policy), _grave(verdicts, policy)
    blocking = [v for v in grave if v.state is State.CONFIRMED]
    gaps = [f for f in guarded if not f.covered]
    undecided = [v for v in grave if v.state is State.UNDECIDED]
    reasons = [
        *(f"confirmed {v.severity.word} finding on {_place(v)}: {v.finding.title}" for v in blocking),
        *(f"{f.path} was not covered: {f.gap}" for f in gaps),
        *(f"undecided {v.severity.word} finding on {_place(v)}: {v.finding.title}" for v in undecided),
        *(["the change has files that could not be listed"] if unlisted else []),
        *(
            ["there was no key, so only static analysers looked at critical files"]
            if unchosen and guarded
            else []
        ),
    ]
    if blocking:
        status = Status.BLOCKED
    elif reasons:
        status = Status.INCONCLUSIVE
    else:
        status = Status.PASSED
        reasons = [_why_passed(len(guarded), policy)]
    return Decision(status, tuple(reasons), enforced(status, policy))


def held_up(
    files: Sequence[Coverage], verdicts: Sequence[Verdict], policy: Policy, *, unchosen: bool
) -> frozenset[str]:
    """The files that keep the gate from passing, as far as it is files that do; `unchosen` as in `decide`."""
    gaps = {f.path for f in _guarded(files, policy) if unchosen or not f.covered}
    open_ = (State.CONFIRMED, State.UNDECIDED)
    return frozenset(gaps | {v.finding.path for v in _grave(verdicts, policy) if v.state in open_})


def _guarded(files: Sequence[Coverage], policy: Policy) -> list[Coverage]:
    """The files that the gate looks at."""
    return [f for f in files if f.tier is Tier.CRITICAL or policy.scope is Scope.ALL]


def _grave(verdicts: Sequence[Verdict], policy: Policy) -> list[Verdict]:
    """The verdicts on them that are grave enough to block, if they hold."""
    everything = policy.scope is Scope.ALL
    return [v for v in verdicts if (v.critical or everything) and v.severity >= policy.block_at]


def overridden(decision: Decision, said: str) -> Decision:
    """The decision after somebody who may let the change pass; `said` names who, and why."""
    return replace(decision, status=Status.PASSED, reasons=(said, *decision.reasons))


def explained(decision: Decision, said: str) -> Decision:
    """The decision as it was, with one more thing to know about it, before the others."""
    return replace(decision, reasons=(said, *decision.reasons))


def enforced(status: Status, policy: Policy) -> bool:
    """Whether this status has the effect it names, or is only said."""
    return policy.mode is Mode.ENFORCE and not (status is Status.INCONCLUSIVE and policy.warn_on_inconclusive)


def exit_status(decision: Decision) -> Exit:
    """How a run with this decision exits."""
    if not decision.enforced:
        return Exit.PASSED
    return {Status.PASSED: Exit.PASSED, Status.BLOCKED: Exit.BLOCKED, Status.INCONCLUSIVE: Exit.INCONCLUSIVE}[
        decision.status
    ]


def _place(verdict: Verdict) -> str:
    return f"{verdict.finding.path}:{verdict.finding.first_line}"


def _why_passed(guarded: int, policy: Policy) -> str:
    if not guarded:
        return "no critical file in the change" if policy.scope is Scope.CRITICAL else "no file in the change"
    kind = "critical file" if policy.scope is Scope.CRITICAL else "file"
    return (
        f"{guarded} {kind}{'s' if guarded > 1 else ''} covered, "
        f"no confirmed or undecided finding of severity {policy.block_at.word} or above on {'them' if guarded > 1 else 'it'}"
    )
