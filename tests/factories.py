"""Values for tests: each takes what matters to the case and fills in the rest."""

from dataclasses import replace
from decimal import Decimal

from reviewbot.diff import Change, HeadText
from reviewbot.findings import (
    Ballot,
    Category,
    Claim,
    Finding,
    Proposal,
    Severity,
    State,
    Verdict,
    Vote,
    Voter,
)
from reviewbot.llm import Stage
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
from reviewbot.triage import Tier

CLAUDE = Voter(1, "anthropic/claude-sonnet-5-5", "claude")
GPT = Voter(2, "openai/gpt-6", "gpt")
GEMINI = Voter(3, "google/gemini-4-pro", "gemini")
PANEL = (CLAUDE, GPT, GEMINI)

#: What stands at head in the path of `finding()`; its quote is line 12.
AUTH = """\
import hmac

SECRET = load("token")


class Denied(Exception):
    pass


def check(token):
    expected = sign(SECRET)
    if token == expected:
        return True
    raise Denied
"""


def finding(**overrides) -> Finding:
    """On one line, unless `last_line` says otherwise."""
    plain = Finding(
        path="app/auth.py",
        first_line=12,
        last_line=12,
        quote="    if token == expected:",
        category=Category.SECURITY,
        severity=Severity.HIGH,
        title="Token compared in variable time",
        body="`==` stops at the first byte that differs, so the time it takes tells how much of the token was right.",
        failure="An attacker who can measure the answer guesses the token byte by byte.",
    )
    made = replace(plain, **overrides)
    return replace(made, last_line=overrides.get("last_line", made.first_line))


def vote(voter=GPT, ballot=Ballot.CONFIRM, reason="", *, proposed=False) -> Vote:
    return Vote(voter, Ballot(ballot), proposed, reason)


def verdict(
    state=State.CONFIRMED, *, votes=None, claim="c1", critical=True, inline=None, **of_finding
) -> Verdict:
    """A verdict on `finding(**of_finding)`, proposed by the first voter that did; by default the first two confirm."""
    made = finding(**of_finding)
    votes = votes or (
        vote(CLAUDE, proposed=True),
        vote(GPT, reason="nothing makes the comparison constant-time"),
    )
    proposals = tuple(Proposal(made, v.voter) for v in votes if v.proposed)
    inline = state is State.CONFIRMED if inline is None else inline
    return Verdict(Claim(claim, proposals), tuple(votes), State(state), made.severity, critical, inline)


def coverage(path="app/auth.py", **overrides) -> Coverage:
    """A critical file that all three models read."""
    plain = Coverage(
        path, Tier.CRITICAL, "path matches **/*auth.*", Scan.NONE, tuple(v.model for v in PANEL), ""
    )
    return replace(plain, **overrides)


def seat(voter=CLAUDE, status=SeatStatus.OK, replaced=None) -> SeatReport:
    return SeatReport(voter.seat, voter.model, voter.family, SeatStatus(status), replaced)


def spent(calls=3, cost: str | None = "0.0412", **overrides) -> Spent:
    """`cost` in dollars; None is unknown."""
    plain = Spent(calls, 12_400 * calls, 8_000 * calls, 610 * calls, None if cost is None else Decimal(cost))
    return replace(plain, **overrides)


def decision(status=Status.PASSED, *reasons, enforced=True) -> Decision:
    return Decision(Status(status), reasons or ("no critical file in the change",), enforced)


def change(**overrides) -> Change:
    """A pull request in which app/auth.py is `AUTH` at head."""
    plain = Change(
        files=(),
        base="1f2e3d4c5b6a79881f2e3d4c5b6a79881f2e3d4c",
        head="a0b1c2d3e4f5a6b7a0b1c2d3e4f5a6b7a0b1c2d3",
        repository="acme/shop",
        number=42,
        title="Check tokens",
        heads={"app/auth.py": HeadText.whole(AUTH.splitlines())},
    )
    return replace(plain, **overrides)


def review(*verdicts, **overrides) -> Review:
    """A review of `change()` that three models made of one critical file."""
    plain = Review(
        change=change(),
        verdicts=verdicts,
        files=(coverage(),),
        panel=tuple(map(seat, PANEL)),
        kind=PanelKind.MODELS,
        total=spent(),
        by_model=tuple((v.model, spent(1, "0.0137")) for v in PANEL),
        by_stage=tuple((v.model, Stage.REVIEW, spent(1, "0.0137")) for v in PANEL),
        compared=(CLAUDE.model, Decimal("0.0961")),
        dropped=(),
        warnings=(),
        seconds=38.24,
        decision=decision(),
    )
    return replace(plain, **overrides)
