"""Measure what agreement buys: precision and recall of three recorded reviewers under the rules that reviewbot runs.

`python benchmarks/consensus.py DATA_DIR [--json FILE] [--svg FILE]` reads, as JSON lines,

- `voting/prs.jsonl`: `pr` and `goldens`, the issues a person found in it, each with an `id`
- `voting/findings.jsonl`: `pr`, `tool`, `text`, `label` and `golden`, the ids of the issues it is about

Every three of the tools that spoke on most pull requests take the seats in turn. What they found is real, and matched,
put to votes and counted by the code of a review. How they would have voted is not on record, so it is assumed: a voter
confirms a true claim with one probability and a false one with another, whatever it is about. Nothing is drawn for
that: every way the votes can fall is weighed by its probability. Only the intervals are drawn, by a seeded bootstrap.
"""

import argparse
import itertools
import json
import math
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from statistics import fmean

from reviewbot.consensus import Candidate, Mode, Quorum, match, next_voters, tally
from reviewbot.evaluation.picture import svg
from reviewbot.evaluation.scoring import Figure, Score
from reviewbot.evaluation.summary import Row
from reviewbot.findings import Ballot, Category, Finding, Proposal, Severity, State, Vote, Voter
from reviewbot.grounding import Lines

RESAMPLES, SEED = 400, 7
SEATS = 3
#: A tool that spoke on fewer of the pull requests than this share takes no seat.
SPOKE_ON = 0.75
FALSE, TRUE, UNSURE = "false", "true", "unsure"


@dataclass(frozen=True)
class Said:
    """One recorded finding; `about` are the issues it is about, none if it is false."""

    tool: str
    text: str
    truth: str
    about: frozenset[int]


@dataclass(frozen=True)
class Request:
    """One pull request: what was said of it, and how many issues there are to find."""

    said: tuple[Said, ...]
    issues: int


@dataclass(frozen=True)
class Skill:
    """How voters vote: the chance of a confirmation by what is true. `copies`: how often the second repeats the first."""

    name: str
    of_true: float = 0.0
    of_false: float = 0.0
    copies: float = 0.0

    def ways(self, truth: str, voters: int) -> Iterator[tuple[tuple[bool, ...], float]]:
        """Every way in which so many can vote on a claim, with its probability."""
        chance = self.of_true if truth == TRUE else self.of_false
        for way in itertools.product((True, False), repeat=voters):
            weight = 1.0
            for n, yes in enumerate(way):
                own = chance if yes else 1 - chance
                weight *= own if not n else self.copies * (yes == way[0]) + (1 - self.copies) * own
            yield way, weight


@dataclass(frozen=True)
class Policy:
    """How a panel is set up. `grave`: claims are high or critical, so that a refusal is not the last word."""

    name: str
    mode: Mode
    threshold: int = 2
    grave: bool = False
    proposers: int = 3
    skill: Skill = Skill("nobody votes")


@dataclass(frozen=True)
class Count:
    """Expected numbers. `true` counts an issue once, however often it is posted."""

    true: float = 0.0
    false: float = 0.0
    issues: float = 0.0

    def __add__(self, other: "Count") -> "Count":
        """Both together."""
        return Count(self.true + other.true, self.false + other.false, self.issues + other.issues)

    @property
    def precision(self) -> float:
        """Of what is posted, how much is true."""
        return self.true / (self.true + self.false) if self.true + self.false else math.nan

    @property
    def recall(self) -> float:
        """Of the issues, how many are posted."""
        return self.true / self.issues if self.issues else math.nan


#: One number for each of the pull requests, in order.
Counts = tuple[Count, ...]


def read(folder: Path) -> list[Request]:
    """The pull requests with what the tools said of them. Raises OSError or KeyError where the data is another."""
    rows = {
        name: [
            json.loads(line) for line in (folder / "voting" / f"{name}.jsonl").read_text("utf-8").splitlines()
        ]
        for name in ("prs", "findings")
    }
    by_pr: dict[str, list[Said]] = defaultdict(list)
    for row in rows["findings"]:
        truth = TRUE if row["golden"] else UNSURE if row["label"] == "unsure" else FALSE
        by_pr[row["pr"]].append(Said(row["tool"], row["text"], truth, frozenset(row["golden"])))
    return [Request(tuple(by_pr[row["pr"]]), len(row["goldens"])) for row in rows["prs"]]


def tools(requests: Sequence[Request]) -> list[str]:
    """Those that spoke on enough of the pull requests."""
    spoke: dict[str, int] = defaultdict(int)
    for request in requests:
        for tool in {said.tool for said in request.said}:
            spoke[tool] += 1
    return sorted(tool for tool, on in spoke.items() if on >= SPOKE_ON * len(requests))


@cache
def claims(request: Request, speaking: tuple[str, ...]) -> tuple[tuple[Said, frozenset[int]], ...]:
    """What these tools' findings come to: each claim in the words it would be posted in, with the seats that made it.

    The data has no lines, so all findings of a pull request are taken to be on the same one: words alone keep them apart.
    """
    made = {
        Proposal(
            Finding("f", 1, 1, "", Category.OTHER, Severity.HIGH, "", one.text, ""),
            voter(speaking.index(one.tool)),
        ): one
        for one in request.said
        if one.tool in speaking
    }
    found = match(Candidate(proposal, Lines(1, 1)) for proposal in made)
    return tuple((made[claim.proposals[0]], claim.seats) for claim in found)


def voter(seat: int) -> Voter:
    """Who sits there; each tool is a family of its own."""
    return Voter(seat, f"model {seat}", f"family {seat}")


@cache
def posted(truth: str, seats: frozenset[int], policy: Policy) -> float:
    """The chance that a claim of these seats is confirmed: the votes asked for, and counted, as in a review."""
    judges = [seat for seat in range(SEATS) if seat not in seats]
    judges.sort(key=lambda seat: (seat < policy.proposers, seat))  # who only judges is asked first
    voters = [voter(seat) for seat in judges]
    quorum = Quorum(policy.threshold, policy.threshold)
    chance = 0.0
    for way, weight in policy.skill.ways(truth, len(judges)):
        answers = dict(zip(judges, (Ballot.CONFIRM if yes else Ballot.REFUTE for yes in way), strict=True))
        votes = [Vote(voter(seat), Ballot.CONFIRM, proposed=True, reason="") for seat in seats]
        while asked := next_voters(votes, voters, quorum, policy.mode, grave=policy.grave):
            votes += [Vote(voter(seat), answers[seat], proposed=False, reason="") for seat in asked]
        chance += weight * (tally(votes, quorum) is State.CONFIRMED)
    return chance


def counted(request: Request, panel: tuple[str, ...], policy: Policy) -> Count:
    """What is to be expected of one panel on one pull request. Claims nobody could judge count for nothing."""
    missed: dict[int, float] = {}
    false = 0.0
    for said, seats in claims(request, panel[: policy.proposers]):
        chance = posted(said.truth, seats, policy)
        false += chance * (said.truth == FALSE)
        for issue in said.about:
            missed[issue] = missed.get(issue, 1.0) * (1 - chance)
    return Count(sum(1 - miss for miss in missed.values()), false, request.issues)


def panels(names: Sequence[str], policy: Policy) -> Iterator[tuple[str, ...]]:
    """Every three of them, and where not all propose, each of the three as the one that only judges."""
    for three in itertools.combinations(names, SEATS):
        turns = SEATS if policy.proposers < SEATS else 1
        yield from (three[turn:] + three[:turn] for turn in range(turns))


def measured(requests: Sequence[Request], names: Sequence[str], policy: Policy) -> list[Counts]:
    """What each panel would have posted, by pull request."""
    return [tuple(counted(request, panel, policy) for request in requests) for panel in panels(names, policy)]


def counted_alone(request: Request, name: str) -> Count:
    """What one tool found of one pull request."""
    own = [said for said in request.said if said.tool == name]
    found = frozenset[int]().union(*(said.about for said in own))
    return Count(len(found), sum(said.truth == FALSE for said in own), request.issues)


@dataclass(frozen=True)
class Result:
    """The means over all panels. `removed` and `kept` compare with posting all that the three found."""

    name: str
    precision: Figure
    recall: Figure
    f1: Figure
    removed: Figure
    kept: Figure
    false_per_request: float


def result(name: str, counts: Sequence[Counts], union: Sequence[Counts]) -> Result:
    """Means over panels, with intervals that drawing the pull requests anew gives."""
    size, dice = len(counts[0]), random.Random(SEED)
    draws = [range(size), *(dice.choices(range(size), k=size) for _ in range(RESAMPLES))]
    drawn = [summed(counts, union, draw) for draw in draws]
    figures = []
    for n in range(5):
        values = sorted(d[n] for d in drawn[1:])
        low, high = values[int(0.025 * RESAMPLES)], values[int(0.975 * RESAMPLES) - 1]
        figures.append(Figure(drawn[0][n], low, high))
    false = sum(sum(count.false for count in one) for one in counts) / len(counts) / size
    return Result(name, *figures, false)


def summed(counts: Sequence[Counts], union: Sequence[Counts], draw: Sequence[int]) -> tuple[float, ...]:
    """Precision, recall, F1, share of false findings removed and of true ones kept, on these pull requests."""
    times = [0] * len(counts[0])
    for number in draw:
        times[number] += 1

    def total(one: Counts) -> tuple[float, float, float]:
        return tuple(
            math.fsum(t * value for t, value in zip(times, values, strict=True))
            for values in ((c.true for c in one), (c.false for c in one), (c.issues for c in one))
        )

    sums = [total(one) for one in counts]
    of_all = [total(one) for one in union]
    precision = fmean(true / (true + false) for true, false, _ in sums if true + false)
    recall = fmean(true / issues for true, _, issues in sums)
    all_true, all_false = (fmean(s[n] for s in of_all) for n in (0, 1))
    true, false = (fmean(s[n] for s in sums) for n in (0, 1))
    f1 = 2 * precision * recall / (precision + recall)
    return precision, recall, f1, 1 - false / all_false, true / all_true


#: Assumed voters. One real one on record confirmed 94 % of true and 51 % of other comments; models asked merely whether
#: they agree were measured at 96 % and 75 % (arXiv 2510.11822).
ABLE = Skill("able voters", 0.85, 0.20)
ALIKE = replace(ABLE, name="able voters, half alike", copies=0.5)
RECORDED = Skill("a voter on record", 0.94, 0.51)
AGREEABLE = Skill("agreeable voters", 0.96, 0.75)
SKILLS = (ABLE, ALIKE, RECORDED, AGREEABLE)

UNION = Policy("all that three find, no vote", Mode.INDEPENDENT, threshold=1)
INDEPENDENT = Policy("independent", Mode.INDEPENDENT)


def modes(skill: Skill) -> list[Policy]:
    """The ways to put lone claims to such voters."""
    return [
        Policy(f"lazy, ordinary: {skill.name}", Mode.LAZY, skill=skill),
        Policy(f"lazy, grave; strict: {skill.name}", Mode.LAZY, grave=True, skill=skill),
        Policy(f"threshold 3: {skill.name}", Mode.STRICT, threshold=3, skill=skill),
        Policy(f"two propose, ordinary: {skill.name}", Mode.LAZY, proposers=2, skill=skill),
        Policy(f"two propose, grave: {skill.name}", Mode.LAZY, grave=True, proposers=2, skill=skill),
    ]


POLICIES = [
    UNION,
    INDEPENDENT,
    *(policy for skill in SKILLS for policy in modes(skill)),
]


def printed(results: Sequence[Result], single: Mapping[str, Count]) -> Iterator[str]:
    """The table."""
    width = max(len(r.name) for r in results)
    yield f"{'':{width}}  {'precision':<17}{'recall':<17}{'F1':<6}{'false removed':<18}{'true kept':<18}false per PR"
    for r in results:
        cells = "".join(
            f"{f.value:.2f} ({f.low:.2f}-{f.high:.2f}) "[:17].ljust(17) for f in (r.precision, r.recall)
        )
        shares = "".join(f"{f.value:.0%} ({f.low:.0%}-{f.high:.0%})".ljust(18) for f in (r.removed, r.kept))
        yield f"{r.name:{width}}  {cells}{r.f1.value:.2f}  {shares}{r.false_per_request:.1f}"
    yield ""
    for skill in SKILLS:
        alike = f", the second like the first in {skill.copies:.0%} of cases" if skill.copies else ""
        yield f"{skill.name}: confirm {skill.of_true:.0%} of true claims and {skill.of_false:.0%} of false ones{alike}"
    yield ""
    yield f"{'each tool alone':{width}}  precision  recall"
    yield from (
        f"{name:{width}}  {count.precision:.2f}       {count.recall:.2f}" for name, count in single.items()
    )


def row(r: Result) -> Row:
    """As the picture of `reviewbot eval` takes it."""
    return Row(r.name, Score(), r.precision, r.recall, r.f1, 0)


def main() -> None:
    """Measure, print, and write what was asked for."""
    parser = argparse.ArgumentParser(description="Measure what agreement buys on recorded findings.")
    parser.add_argument("data", type=Path, help="folder that holds voting/*.jsonl")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--svg", type=Path, help="write the picture here")
    given = parser.parse_args()
    requests = read(given.data)
    names = tools(requests)
    each = {name: tuple(counted_alone(request, name) for request in requests) for name in names}
    counts = {policy.name: measured(requests, names, policy) for policy in POLICIES}
    union = counts[UNION.name]
    single = result("one tool alone, mean", list(each.values()), union)
    results = [single, *(result(name, found, union) for name, found in counts.items())]
    total = {name: sum(found, Count()) for name, found in each.items()}
    said = sum(len(request.said) for request in requests)
    issues = sum(request.issues for request in requests)
    print(
        f"{len(requests)} pull requests, {issues} issues, {said} findings; every three of {len(names)} tools"
    )
    print(*printed(results, total), sep="\n")
    if given.json:
        rows = [asdict(r) for r in results]
        given.json.write_text(json.dumps({"tools": names, "rows": rows}, indent=1) + "\n", "utf-8")
    if given.svg:
        drawn = [single, *(r for r in results if r.name in {UNION.name, INDEPENDENT.name})]
        drawn += [r for r in results if r.name in {p.name for p in modes(ABLE)[:3] + modes(AGREEABLE)[:2]}]
        given.svg.write_text(svg([row(r) for r in drawn]), "utf-8")


if __name__ == "__main__":
    main()
