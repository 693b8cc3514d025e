"""Measure how well findings of one defect are told from findings of different ones.

`python benchmarks/matching.py DATA_DIR` reads labelled pairs of review comments, JSON lines in

- `matching/pairs.jsonl`, `matching/golden_pairs.jsonl`: `pr`, `text_a`, `text_b`, `label` (1: the same issue)
- `matching/same_place_pairs.jsonl`: `pr`, `path`, `lines_a`, `lines_b`, `text_a`, `text_b`; all different issues

and prints how well the code that reviewbot runs, and simpler ones, rank and join them. Nothing is drawn at random
without a seed. With rapidfuzz installed, that is a baseline too.
"""

import argparse
import bisect
import json
import math
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reviewbot.consensus import Candidate, match
from reviewbot.findings import Category, Finding, Proposal, Severity, Voter
from reviewbot.grounding import Lines
from reviewbot.wording import compare

Row = Mapping[str, Any]
Score = Callable[[str, str], float]
RESAMPLES, SEED, FOLDS = 500, 7, 5


@dataclass(frozen=True)
class Data:
    """The three sets; pairs on the same place are all taken for different issues, though a few are the same."""

    pairs: list[Row]
    golden: list[Row]
    same_place: list[Row]

    @classmethod
    def read(cls, folder: Path) -> "Data":
        """Read what lies under `folder`."""
        sets = (
            folder / "matching" / f"{name}.jsonl" for name in ("pairs", "golden_pairs", "same_place_pairs")
        )
        return cls(*([json.loads(line) for line in p.read_text("utf-8").splitlines()] for p in sets))


def auc(same: Sequence[float], different: Sequence[float]) -> float:
    """How often a pair of one issue scores above a pair of two; a tie counts half."""
    ranked = sorted(different)
    above = sum(bisect.bisect_left(ranked, s) + bisect.bisect_right(ranked, s) for s in same)
    return above / (2 * len(same) * len(different))


def recall_at(false_merges: float, same: Sequence[float], different: Sequence[float]) -> float:
    """Share of the pairs of one issue above the score that this share of the others exceeds."""
    threshold = sorted(different)[math.ceil(len(different) * (1 - false_merges)) - 1]
    return sum(s > threshold for s in same) / len(same)


def scored(rows: Sequence[Row], score: Score) -> list[float]:
    """The score of each pair."""
    return [score(row["text_a"], row["text_b"]) for row in rows]


def parted(rows: Sequence[Row], scores: Sequence[float]) -> tuple[list[float], list[float]]:
    """Scores of pairs of one issue, and of the others."""
    return tuple(
        [s for row, s in zip(rows, scores, strict=True) if row["label"] == label] for label in (1, 0)
    )


def interval(rows: Sequence[Row], scores: Sequence[float]) -> tuple[float, float]:
    """95 % interval of the AUC when pull requests are drawn anew: pairs of one hang together."""
    by_pr: dict[str, tuple[list[float], list[float]]] = {}
    for row, score in zip(rows, scores, strict=True):
        by_pr.setdefault(row["pr"], ([], []))[0 if row["label"] else 1].append(score)
    dice, names, found = random.Random(SEED), sorted(by_pr), []
    for _ in range(RESAMPLES):
        drawn = [by_pr[name] for name in dice.choices(names, k=len(names))]
        found.append(auc([s for same, _ in drawn for s in same], [s for _, other in drawn for s in other]))
    found.sort()
    return found[int(0.025 * RESAMPLES)], found[int(0.975 * RESAMPLES) - 1]


def features(one: str, other: str) -> tuple[float, ...]:
    """What a regression sees of a pair; the first is the constant."""
    common = compare(one, other)
    return 1.0, common.said, common.opening, float(common.defect)


def fit(rows: Sequence[tuple[float, ...]], labels: Sequence[int], rounds: int = 12) -> list[float]:
    """Weights of a logistic regression, by Newton's method with a slight pull to zero."""
    size = len(rows[0])
    weights = [0.0] * size
    for _ in range(rounds):
        slope = [-0.01 * w for w in weights]
        bend = [[0.01 * (i == j) for j in range(size)] for i in range(size)]
        for row, label in zip(rows, labels, strict=True):
            p = 1 / (1 + math.exp(-sum(w * x for w, x in zip(weights, row, strict=True))))
            for i in range(size):
                slope[i] += (label - p) * row[i]
                for j in range(size):
                    bend[i][j] += p * (1 - p) * row[i] * row[j]
        weights = [w + step for w, step in zip(weights, solved(bend, slope), strict=True)]
    return weights


def solved(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Gauss's elimination; the matrix is positive definite, so no pivot is zero."""
    rows = [[*line, r] for line, r in zip(matrix, right, strict=True)]
    for i, pivot in enumerate(rows):
        for other in rows[i + 1 :]:
            factor = other[i] / pivot[i]
            other[:] = [o - factor * p for o, p in zip(other, pivot, strict=True)]
    answer = [0.0] * len(rows)
    for i in reversed(range(len(rows))):
        rest = sum(rows[i][j] * answer[j] for j in range(i + 1, len(rows)))
        answer[i] = (rows[i][-1] - rest) / rows[i][i]
    return answer


def held_out(rows: Sequence[Row]) -> tuple[list[float], list[float]]:
    """Each pair scored by weights fitted to other repositories, and the weights fitted to all.

    A group's scores are comparable across folds: each is a log-odds.
    """
    seen, labels = [features(r["text_a"], r["text_b"]) for r in rows], [r["label"] for r in rows]
    repositories = sorted({r["repo"] for r in rows})
    scores = [0.0] * len(rows)
    for fold in range(FOLDS):
        inside = set(repositories[fold::FOLDS])
        train = [n for n, r in enumerate(rows) if r["repo"] not in inside]
        weights = fit([seen[n] for n in train], [labels[n] for n in train])
        for n, r in enumerate(rows):
            if r["repo"] in inside:
                scores[n] = sum(w * x for w, x in zip(weights, seen[n], strict=True))
    return scores, fit(seen, labels)


def joined(row: Row, lines: tuple[Lines, Lines]) -> bool:
    """What reviewbot does with two models' findings of these texts on these lines."""
    candidates = [
        Candidate(
            Proposal(
                Finding("f", at.first, at.last, "", Category.OTHER, Severity.HIGH, "", row[text], ""),
                Voter(seat, f"m{seat}", f"f{seat}"),
            ),
            at,
        )
        for seat, text, at in zip((1, 2), ("text_a", "text_b"), lines, strict=True)
    ]
    return len(match(candidates)) == 1


def rates(data: Data) -> list[str]:
    """How many pairs the running code joins."""
    here, near = (Lines(1, 1), Lines(1, 1)), (Lines(1, 1), Lines(3, 3))
    same = [r for r in data.pairs if r["label"]]
    golden = [r for r in data.golden if r["label"]]
    different = [r for r in data.pairs if not r["label"]]
    placed = [(r, (Lines(*r["lines_a"]), Lines(*r["lines_b"]))) for r in data.same_place]

    def share(what: str, hits: Sequence[bool]) -> str:
        return f"  {what:<66} {sum(hits) / len(hits):6.1%} of {len(hits)}"

    return [
        share("same issue, put on the same lines", [joined(r, here) for r in same]),
        share("same issue, put two lines apart", [joined(r, near) for r in same]),
        share("same issue as a human's comment, put on the same lines", [joined(r, here) for r in golden]),
        share(
            "different issues of one pull request, put on the same lines",
            [joined(r, here) for r in different],
        ),
        share("different issues really on or near the same lines", [joined(r, at) for r, at in placed]),
    ]


def baselines() -> dict[str, Score]:
    """Simpler ways to compare two texts."""
    words = re.compile(r"\w+")

    def jaccard(one: str, other: str) -> float:
        a, b = set(words.findall(one.lower())), set(words.findall(other.lower()))
        return len(a & b) / max(1, len(a | b))

    found: dict[str, Score] = {"Jaccard of words": jaccard}
    try:
        from rapidfuzz import fuzz  # noqa: PLC0415 - only a yardstick, not a dependency
    except ImportError:
        return found
    return {**found, "rapidfuzz token_set_ratio": lambda one, other: fuzz.token_set_ratio(one, other) / 100}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="Measure the matching of findings on labelled pairs.")
    parser.add_argument("data", type=Path, help="folder that holds matching/*.jsonl")
    data = Data.read(parser.parse_args().data)
    refitted, weights = held_out(data.pairs)
    ways: dict[str, Score] = {
        **baselines(),
        "reviewbot, words only": lambda one, other: compare(one, other).said,
        "reviewbot": lambda one, other: compare(one, other).likeness,
    }
    print(
        f"{len(data.pairs)} pairs, {len(data.golden)} with a human's comment, {len(data.same_place)} on one place"
    )
    print(f"{'':28}{'AUC [95 % interval]':>24}{'golden':>8}{'recall at 5 % false merges among':>36}")
    print(f"{'':60}{'pairs':>12}{'golden':>12}{'same place':>12}")
    table = {name: scored(data.pairs, way) for name, way in ways.items()}
    for name, scores in {**table, "  its weights, cross-validated": refitted}.items():
        (same, different), (low, high) = parted(data.pairs, scores), interval(data.pairs, scores)
        line = f"{name:<30}{auc(same, different):8.4f} [{low:.3f}, {high:.3f}]"
        if name in ways:
            golden = parted(data.golden, scored(data.golden, ways[name]))
            place = scored(data.same_place, ways[name])
            line += (
                f"{auc(*golden):8.4f}{recall_at(0.05, same, different):12.3f}{recall_at(0.05, *golden):12.3f}"
            )
            line += f"{recall_at(0.05, same, place):12.3f}"
        else:
            line += f"{'':8}{recall_at(0.05, same, different):12.3f}"
        print(line)
    print(
        "weights fitted to all pairs: "
        + ", ".join(f"{w:.2f}" for w in weights)
        + " (constant, said, opening, defect)"
    )
    print("joined when two models say it:", *rates(data), sep="\n")


if __name__ == "__main__":
    main()
