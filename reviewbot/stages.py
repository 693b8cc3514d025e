"""The three questions put to models: which files need a closer look, what is wrong in them, and is that so."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reviewbot import aimed, consensus
from reviewbot.consensus import Candidate
from reviewbot.context import extent, shown
from reviewbot.evidence import Failure, Scanned, Turn, UnitReview
from reviewbot.findings import Ballot, Dropped, Proposal, Vote
from reviewbot.grounding import Quotable, ground
from reviewbot.llm import Hint, Need, Question, Stage
from reviewbot.review import Scan
from reviewbot.routing import Absent, Bench

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from reviewbot.asking import Asker
    from reviewbot.findings import Claim, Finding, Voter
    from reviewbot.lenses import Lens
    from reviewbot.llm import Fact, Model, Subject
    from reviewbot.replies import Opinion, Reply
    from reviewbot.routing import Answer, Panel
    from reviewbot.rules import Rules


async def scan(subjects: Sequence[Subject], models: Sequence[Model], asker: Asker) -> Scanned:
    """Ask the first model of the chain that answers. A file it flags, or does not say it read, gets a closer look.

    Only models that can read all of the files, and may, are asked; without one they all get a closer look.
    """
    failures: list[Failure] = []
    paths = {shown(s.file.path): s.file.path for s in subjects}
    for model in (m for m in models if all(m.reads(path) for path in paths.values())):
        reply = await asker.ask(model, Question(Stage.SCAN, tuple(subjects), need=Need.SCAN))
        if isinstance(reply, Failure):
            failures.append(reply)
            continue
        hints = tuple(
            Hint(paths[f.path], f.line, f.risk, "" if aimed.speaks(f.reason) else f.reason)
            for f in reply.flags
            if f.path in paths
        )
        flagged = {hint.path for hint in hints}
        states = {
            path: Scan.FLAGGED if path in flagged else Scan.CLEAR if name in reply.read else Scan.FAILED
            for name, path in paths.items()
        }
        return Scanned(states, hints, tuple(failures))
    return Scanned(dict.fromkeys(paths.values(), Scan.FAILED), (), tuple(failures))


async def review(
    subjects: Sequence[Subject],
    hints: Sequence[Hint],
    facts: Sequence[Fact],
    about: tuple[str, str],
    panel: Panel,
    rules: Rules,
    asker: Asker,
) -> UnitReview:
    """Review one unit and vote on what was found. `about` is the title and body of the pull request."""
    bench = Bench(panel, (s.file.path for s in subjects), asker)
    question = Question(
        Stage.REVIEW,
        tuple(subjects),
        hints=tuple(hints),
        facts=tuple(facts),
        title=about[0],
        body=about[1],
        need=need(subjects, hints),
    )
    looks = await _look(bench, question, rules)
    reviews = [outcome for look in looks for outcome in look.outcomes]
    texts = _texts(subjects)
    candidates, dropped = _grounded(looks, subjects, texts)
    claims = consensus.match(candidates)
    votes, answers = await _vote(bench, claims, reviews, question, texts, rules)
    turns = tuple(_turn(outcome) for outcome in (*reviews, *answers, *bench.empty()))
    in_parts = {s.file.path: lines for s in subjects if (lines := extent(s))}
    return UnitReview(_readers(looks, subjects), tuple(votes.items()), dropped, turns, in_parts)


def _turn(outcome: Answer | Absent) -> Turn:
    return Turn(outcome.voter, answered=not isinstance(outcome, Absent), failures=outcome.failures)


@dataclass(frozen=True, slots=True)
class _Look:
    """The reviews through one lens, and how many there should be."""

    wanted: int
    outcomes: tuple[Answer | Absent, ...]

    def replies(self) -> Iterator[tuple[Voter, Reply]]:
        """By whom there are some."""
        return ((r.voter, r.reply) for r in self.outcomes if not isinstance(r, Absent))


async def _look(bench: Bench, question: Question, rules: Rules) -> list[_Look]:
    """The reviews through each lens, one lens after the other: the next finds the files in the providers' caches."""
    looks = []
    for lens, wanted in rules.reviews(question.subjects):
        through = replace(question, lens=lens.name, focus=lens.focus)
        looks.append(_Look(wanted, tuple(await _propose(bench, through, wanted, lens))))
    return looks


async def _propose(bench: Bench, question: Question, wanted: int, lens: Lens) -> list[Answer | Absent]:
    """The reviews of the first `wanted` seats; a seat that gives none passes the task on to the next."""
    waiting = [voter.seat for voter in lens.order(bench.able(), lambda voter: voter.model)]
    outcomes: list[Answer | Absent] = []
    while waiting and (missing := wanted - sum(not isinstance(o, Absent) for o in outcomes)) > 0:
        asked, waiting = waiting[:missing], waiting[missing:]
        later = replace(question, need=_unless_critical(Need.SECOND_REVIEW, question))
        read = any(not isinstance(o, Absent) for o in outcomes)
        first = [] if read else asked[:1]
        outcomes += (await bench.ask({seat: question if seat in first else later for seat in asked})).values()
    return sorted(outcomes, key=lambda outcome: outcome.voter)


def need(subjects: Iterable[Subject], hints: Iterable[Hint]) -> Need:
    """How much a unit is needed. One that is here because its scan failed counts as risky: nobody knows better."""
    if any(s.critical for s in subjects):
        return Need.CRITICAL
    by_risk = {"low": Need.MINOR, "medium": Need.DOUBTFUL}
    return min((by_risk.get(hint.risk, Need.RISKY) for hint in hints), default=Need.RISKY)


def _unless_critical(otherwise: Need, about: Question) -> Need:
    return Need.CRITICAL if about.need is Need.CRITICAL else otherwise


def _texts(subjects: Iterable[Subject]) -> dict[str, Quotable]:
    return {s.file.path: Quotable(s.head) for s in subjects}


def _readers(looks: Sequence[_Look], subjects: Sequence[Subject]) -> dict[str, tuple[Voter, ...]]:
    return {s.file.path: tuple(sorted(_read_by(looks, shown(s.file.path)))) for s in subjects}


def _read_by(looks: Sequence[_Look], name: str) -> set[Voter]:
    """Everybody who read a file, or, where a lens had too few readers, the readers of the one that had fewest."""
    readers = [{voter for voter, reply in look.replies() if name in reply.read} for look in looks]
    short = [found for look, found in zip(looks, readers, strict=True) if len(found) < look.wanted]
    return min(short, key=len) if short else set().union(*readers)


def _grounded(
    looks: Iterable[_Look], subjects: Sequence[Subject], texts: Mapping[str, Quotable]
) -> tuple[list[Candidate], tuple[Dropped, ...]]:
    """The findings that stand on code that is there, and those that do not, with the reason."""
    paths = {shown(s.file.path): s.file.path for s in subjects}
    kept: list[Candidate] = []
    dropped: list[Dropped] = []
    for look in looks:
        before = tuple(kept)
        for author, reply in look.replies():
            for found in _stated(author, reply, paths, texts):
                if isinstance(found, Dropped):
                    dropped.append(found)
                elif any(
                    e.proposal.author == author and consensus.alike(e, found) is not None for e in before
                ):
                    dropped.append(_dropped(author, found.proposal.finding, "said through another lens too"))
                else:
                    kept.append(found)
    return kept, tuple(dropped)


def _stated(
    author: Voter, reply: Reply, paths: Mapping[str, str], texts: Mapping[str, Quotable]
) -> Iterator[Candidate | Dropped]:
    """Each finding of one answer, on the lines of its quote, or why it is dropped."""
    said: set[tuple[object, ...]] = set()
    for finding in reply.findings:
        path = paths.get(finding.path)
        if path is None:
            yield _dropped(author, finding, "the file is not part of what it was shown")
            continue
        grounded = ground(replace(finding, path=path), texts[path])
        if isinstance(grounded, str):
            yield _dropped(author, finding, grounded)
            continue
        key = (grounded.finding.fingerprint, grounded.quoted, finding.title)
        yield (
            _dropped(author, finding, "said twice")
            if key in said
            else Candidate(Proposal(grounded.finding, author), grounded.quoted)
        )
        said.add(key)


def _dropped(author: Voter, finding: Finding, why: str) -> Dropped:
    return Dropped(finding.path, finding.title, f"{author.model}: {why}")


async def _vote(
    bench: Bench,
    claims: Iterable[Claim],
    reviews: Iterable[Answer | Absent],
    about: Question,
    texts: Mapping[str, Quotable],
    rules: Rules,
) -> tuple[dict[Claim, tuple[Vote, ...]], list[Answer | Absent]]:
    """Put to others what one model said alone, round by round, each voter's claims in one request."""
    votes = {claim: _proposed(claim) for claim in claims}
    reviewers = {review.voter.seat for review in reviews}
    judges = sorted(bench.able(), key=lambda v: (v.seat in reviewers, v))  # who only judges is asked first
    answers: list[Answer | Absent] = []
    while batches := _batches(votes, judges, about.subjects, rules):
        third = _unless_critical(Need.THIRD_VOTE, about)
        outcomes = await bench.ask(
            {
                seat: Question(
                    Stage.VOTE,
                    about.subjects,
                    claims=_shuffled(batch, seat),
                    need=third if all(len(votes[claim]) > 1 for claim in batch) else about.need,
                )
                for seat, batch in batches.items()
            }
        )
        answers += outcomes.values()
        for seat, batch in batches.items():
            for claim in batch:
                votes[claim] = (*votes[claim], _ballot(outcomes[seat], claim, texts[claim.finding.path]))
    return {claim: tuple(sorted(cast, key=lambda v: v.voter)) for claim, cast in votes.items()}, answers


def _proposed(claim: Claim) -> tuple[Vote, ...]:
    return tuple(Vote(p.author, Ballot.CONFIRM, proposed=True, reason="") for p in claim.proposals)


def _batches(
    votes: Mapping[Claim, tuple[Vote, ...]],
    judges: Sequence[Voter],
    subjects: Sequence[Subject],
    rules: Rules,
) -> dict[int, list[Claim]]:
    """Which seat is asked about which claims in the next round; other families before those that have spoken."""
    critical = {s.file.path for s in subjects if s.critical}
    batches: dict[int, list[Claim]] = {}
    for claim, cast in votes.items():
        grave = rules.grave(claim, critical=claim.finding.path in critical)
        spoken = {vote.voter.family for vote in cast}
        order = sorted(judges, key=lambda v: v.family in spoken)
        for seat in consensus.next_voters(cast, order, rules.quorum, rules.mode, grave=grave):
            batches.setdefault(seat, []).append(claim)
    return dict(sorted(batches.items()))


def _shuffled(claims: Iterable[Claim], seed: int) -> tuple[Claim, ...]:
    """In an order that tells nothing of severity, place or author, and is the same on every run."""
    return tuple(sorted(claims, key=lambda c: hashlib.sha256(f"{seed}:{c.id}".encode()).digest()))


def _ballot(outcome: Answer | Absent, claim: Claim, text: Quotable) -> Vote:
    """What one voter's answer says of one claim; a confirmation counts only with evidence that is in the file."""
    if isinstance(outcome, Absent):
        reason = "; ".join(f"{f.kind}: {f.message}" for f in outcome.failures[-1:])
        return Vote(outcome.voter, Ballot.UNAVAILABLE, proposed=False, reason=reason)
    ballot, reason = _opinion(outcome.reply, claim, text)
    return Vote(outcome.voter, ballot, proposed=False, reason=reason)


def _opinion(reply: Reply, claim: Claim, text: Quotable) -> tuple[Ballot, str]:
    said: list[Opinion] = [o for o in reply.votes if o.id == claim.id]
    if not said:
        return Ballot.ABSTAIN, "no answer on this claim"
    if len({o.verdict for o in said}) > 1:
        return Ballot.ABSTAIN, "it answered both ways"
    if any(aimed.steered(o.verdict, o.evidence, o.reason) for o in said):
        return Ballot.ABSTAIN, "discarded: it rests on text of the change that tells reviewers how to vote"
    match said[0].verdict:
        case "refute":
            return Ballot.REFUTE, said[0].reason
        case "cannot_tell":
            return Ballot.ABSTAIN, said[0].reason
        case "confirm" if any(text.find(o.evidence) for o in said):
            return Ballot.CONFIRM, said[0].reason
        case _:
            return Ballot.ABSTAIN, "it confirmed, but its evidence is not in the file"
