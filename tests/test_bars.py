"""Bars add up, and show what is known of every part."""

from decimal import Decimal

import pytest
from factories import coverage, review, spent

from reviewbot import bars
from reviewbot.llm import Stage
from reviewbot.outputs import dollars
from reviewbot.triage import Tier


def test_coverage_by_fate_without_what_there_is_none_of():
    files = (
        coverage("a"),
        coverage("b", gap="binary"),
        coverage("c", tier=Tier.SKIP, reviewed_by=()),
        coverage("d", tier=Tier.SKIP, reviewed_by=()),
    )
    made = bars.coverage(review(files=files))
    assert [(p.words, p.start, p.width) for p in made.parts] == [
        ("1 reviewed", 0, 25),
        ("2 skipped", 25, 50),
        ("1 not covered", 75, 25),
    ]


def test_a_file_with_a_gap_is_not_covered_whoever_read_it():
    assert bars.fate(coverage(gap="read by 1 of 2")) == "not covered"


def test_costs_by_model_to_one_scale_in_parts_by_stage():
    by_stage = (
        ("a/x", Stage.SCAN, spent(1, "0.25")),
        ("a/x", Stage.VOTE, spent(1, "0.25")),
        ("b/y", Stage.REVIEW, spent(1, "0.50")),
    )
    made = bars.costs(review(by_stage=by_stage), dollars)
    assert [(b.label, b.total, [(p.kind, p.start, p.width) for p in b.parts]) for b in made] == [
        ("all models", "$1.0000", [("scan", 0, 25), ("review", 25, 50), ("vote", 75, 25)]),
        ("a/x", "$0.5000", [("scan", 0, 25), ("vote", 25, 25)]),
        ("b/y", "$0.5000", [("review", 0, 50)]),
    ]
    assert [p.words for p in made[0].parts] == ["scan: $0.2500", "review: $0.5000", "vote: $0.2500"]


@pytest.mark.parametrize(
    ("parts", "total"),
    [
        pytest.param([spent(1, None), spent(1, "0.1")], "26,020 tokens", id="tokens where a price is not known"),
        pytest.param([spent(1, "0"), spent(1, "0")], "26,020 tokens", id="tokens where all is free"),
        pytest.param(
            [spent(2, "0", input_tokens=0, output_tokens=0)], "2 calls", id="calls where there are no tokens"
        ),
        pytest.param([spent(1, "0", input_tokens=0, output_tokens=0)], "1 call", id="one call"),
    ],
)  # fmt: skip
def test_what_is_measured(parts, total):
    by_stage = tuple((f"a/{n}", Stage.REVIEW, used) for n, used in enumerate(parts))
    assert bars.costs(review(by_stage=by_stage), dollars)[0].total == total


def test_nothing_asked_is_no_bar():
    assert bars.costs(review(by_stage=()), dollars) == ()
    assert bars.coverage(review(files=())).parts == ()


@pytest.mark.parametrize("amounts", [("0.1", "0.2", "0.3"), ("1", "1", "1"), ("7", "0", "2")])
def test_parts_fill_the_bar(amounts):
    by_stage = tuple(("a/x", stage, spent(1, cost)) for stage, cost in zip(Stage, amounts, strict=True))
    (made,) = bars.costs(review(by_stage=by_stage), dollars)
    assert abs(sum(p.width for p in made.parts) - 100) < Decimal("0.001")
