"""The whole story of one finding, from the record of its run: who said it, who was asked, and what followed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewbot.errors import UsageError
from reviewbot.findings import Ballot, State
from reviewbot.llm import Stage
from reviewbot.recorded import Posted, Request, Response

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewbot.evidence import UnitReview
    from reviewbot.findings import Finding, Proposal, Verdict, Vote
    from reviewbot.recorded import Recorded
    from reviewbot.review import Coverage, Review
    from reviewbot.sanitize import Sanitizer

_SAID = {
    Ballot.CONFIRM: "confirmed it",
    Ballot.REFUTE: "refuted it",
    Ballot.ABSTAIN: "gave no usable answer on it",
    Ballot.UNAVAILABLE: "could not be asked",
}
_MEANS = {
    State.CONFIRMED: "enough models stand behind it",
    State.REFUTED: "somebody denies it, and not enough stand behind it",
    State.UNCONFIRMED: "not enough models stand behind it, and nobody denies it",
    State.UNDECIDED: "votes that failed could still have confirmed it",
}


def explained(told: Recorded, review: Review, wanted: str, safe: Sanitizer) -> str:
    """The story as text for a terminal. `wanted` is an id, or the beginning of an id or a fingerprint. Raises UsageError."""
    verdict = _find(review, wanted)
    unit = next(u for u in _units(told) if any(c.id == verdict.claim.id for c, _ in u.ballots))
    coverage = next(f for f in review.files if f.path == verdict.finding.path)
    sections = (
        ("what", _what(verdict, safe)),
        ("the file", _file(coverage, safe)),
        (
            "who said it",
            (line for p in verdict.claim.proposals for line in _proposal(p, verdict, told, safe)),
        ),
        ("who was asked", _votes(verdict, told, safe)),
        ("what was dropped in its file", _dropped(unit, verdict.finding, safe)),
        ("what followed", _followed(verdict, review, told, safe)),
    )
    return "\n".join(f"{name}\n" + "".join(f"  {line}\n" for line in lines) for name, lines in sections)


def _find(review: Review, wanted: str) -> Verdict:
    exact = [v for v in review.verdicts if v.claim.id == wanted]
    near = [
        v
        for v in review.verdicts
        if v.claim.id.startswith(wanted) or (len(wanted) >= 4 and v.finding.fingerprint.startswith(wanted))
    ]
    found = exact or near
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{wanted!r} is the beginning of {len(found)} findings; give more of it")
    known = ", ".join(v.claim.id for v in review.verdicts[:10]) or "none"
    raise UsageError(f"the record has no finding {wanted!r}; its findings are: {known}")


def _units(told: Recorded) -> tuple[UnitReview, ...]:
    return told.evidence.units if told.evidence else ()


def _what(verdict: Verdict, safe: Sanitizer) -> Iterator[str]:
    found = verdict.finding
    yield f"{verdict.claim.id}  {safe.line(found.path)}:{found.first_line}-{found.last_line}"
    yield f"{verdict.severity.word} {found.category}: {safe.line(found.title)}"
    yield from _block(found.body, safe)
    yield f"fingerprint {found.fingerprint}"


def _file(file: Coverage, safe: Sanitizer) -> Iterator[str]:
    yield f"{file.tier}: {safe.line(file.why)}"
    yield f"scan: {file.scan}"
    yield f"read in review by {', '.join(file.reviewed_by) or 'nobody'}"
    if file.gap:
        yield f"not covered: {safe.line(file.gap)}"


def _proposal(proposal: Proposal, verdict: Verdict, told: Recorded, safe: Sanitizer) -> Iterator[str]:
    found, author = proposal.finding, proposal.author
    request = _request(told, Stage.REVIEW, author.model, verdict)
    yield f"seat {author.seat}, {author.model}{request}: {found.severity.word}, {safe.line(found.title)}"
    yield "  its evidence, found in the file:"
    yield from (f"  | {line}" for line in safe.clean(found.quote).splitlines())
    if found.failure:
        yield f"  how it fails: {safe.line(found.failure)}"


def _votes(verdict: Verdict, told: Recorded, safe: Sanitizer) -> Iterator[str]:
    asked = [vote for vote in verdict.votes if not vote.proposed]
    yield from (_vote(vote, verdict, told, safe) for vote in asked)
    if not asked:
        yield "nobody: " + (
            "enough had found it by themselves"
            if verdict.state is State.CONFIRMED
            else "the outcome could not change, or the configuration asks nobody"
        )


def _vote(vote: Vote, verdict: Verdict, told: Recorded, safe: Sanitizer) -> str:
    request = _request(told, Stage.VOTE, vote.voter.model, verdict)
    reason = f": {safe.line(vote.reason)}" if vote.reason else ""
    return f"seat {vote.voter.seat}, {vote.voter.model}{request} {_SAID[vote.ballot]}{reason}"


def _request(told: Recorded, stage: Stage, model: str, verdict: Verdict) -> str:
    """The call in which that was said, with the vendor's id of the request where there was one."""
    answers = {value.call: value for _, value in told.values if isinstance(value, Response)}
    for value in (v for _, v in told.values if isinstance(v, Request)):
        about = (
            verdict.finding.path in value.files if stage is Stage.REVIEW else verdict.claim.id in value.claims
        )
        if (value.stage, value.model) == (stage, model) and about and value.call in answers:
            vendors = answers[value.call].request_id
            return f" (call {value.call}{f', request {vendors}' if vendors else ''})"
    return ""


def _dropped(unit: UnitReview, found: Finding, safe: Sanitizer) -> Iterator[str]:
    dropped = [d for d in unit.dropped if d.path == found.path]
    yield from (f"{safe.line(d.title)}: {safe.line(d.why)}" for d in dropped)
    if not dropped:
        yield "nothing"


def _followed(verdict: Verdict, review: Review, told: Recorded, safe: Sanitizer) -> Iterator[str]:
    needed = told.config.consensus.threshold
    yield f"{verdict.state}: {_MEANS[verdict.state]} (it takes {needed})"
    yield _comment(verdict, told)
    yield f"gate: {review.decision.status}" + ("" if review.decision.enforced else ", not enforced")
    at = f"{verdict.finding.path}:{verdict.finding.first_line}"
    own = [reason for reason in review.decision.reasons if at in reason]
    yield from (f"  {safe.line(reason)}" for reason in own)
    if len(own) < len(review.decision.reasons):
        yield f"  {len(review.decision.reasons) - len(own)} reasons{' more' if own else ''} of other places"
    yield from (_posted(value, verdict) for _, value in told.values if isinstance(value, Posted))


def _posted(posted: Posted, verdict: Verdict) -> str:
    fingerprint = verdict.finding.fingerprint
    if fingerprint in posted.on_lines:
        return "posted on its lines"
    if fingerprint in posted.on_files:
        return "posted on its file: GitHub took no comment on these lines"
    if fingerprint in posted.there_before:
        return "not posted again: its comment was there"
    return "not posted"


def _comment(verdict: Verdict, told: Recorded) -> str:
    if verdict.inline:
        return "it is an inline comment"
    if verdict.state is not State.CONFIRMED:
        return "it is no comment: only confirmed findings are"
    least = told.config.comments.min_severity
    if verdict.severity < least:
        return f"it is no comment: comments.min_severity is {least.word}"
    if told.evidence and verdict.claim.id not in told.evidence.anchored:
        return "it is no comment: its lines are not in the diff; the summary has it"
    return f"it is no comment: comments.max is {told.config.comments.max}; the summary has it"


def _block(text: str, safe: Sanitizer) -> Iterator[str]:
    yield from safe.clean(text).splitlines()
