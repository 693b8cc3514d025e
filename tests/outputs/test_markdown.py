"""The summary as GitHub would render it: our tables and details, and nothing that somebody else brought in."""

import re
from dataclasses import replace

import pytest
import reviews
from factories import review, spent, verdict, vote
from hostile import NASTY, PARSER, dangers

from reviewbot import gate, outputs
from reviewbot.findings import State
from reviewbot.outputs import markdown
from reviewbot.sanitize import Sanitizer

OURS = frozenset({"heading", "table", "thead", "tbody", "tr", "th", "td", "html_block"})
#: The only HTML we write.
HTML = re.compile(r"</details>|<details><summary>[\w ,.:]*</summary>")


def page(made):
    return outputs.page(made, Sanitizer([]))


@pytest.mark.parametrize("full", [True, False], ids=["full", "comment"])
@pytest.mark.parametrize("text", [*NASTY.values(), "a | b `c | d`", "`a\\`|`b\\|c`", "```x", "- x"])
def test_nothing_of_theirs_acts(text, full):
    made = markdown.summary(page(reviews.hostile(text)), full=full)
    blocks = PARSER.parse(made)
    assert not dangers(made, ours=OURS)
    assert [b.map for b in blocks if b.type == "heading_open"] == [[0, 1]]
    html = [b.content.strip() for b in blocks if b.type == "html_block"]
    assert all(map(HTML.fullmatch, html))
    assert html.count("</details>") == len(html) / 2


@pytest.mark.parametrize("text", [*NASTY.values(), "a | b `c | d`", "`a\\`|`b\\|c`"])
def test_every_row_has_its_cells(text):
    made = markdown.summary(page(reviews.hostile(text)), full=True)
    for table in re.findall(r"(?:^\|.*\n)+", made, re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}) == 1


@pytest.mark.parametrize("made", reviews.ALL.values(), ids=reviews.ALL)
def test_a_comment_names_confirmed_findings_only(made):
    comment = markdown.summary(page(made), full=False)
    for other in (v for v in made.verdicts if v.state is not State.CONFIRMED):
        assert other.finding.title not in comment
    for dropped in made.dropped:
        assert dropped.title not in comment
    assert all(v.finding.title in comment for v in made.verdicts if v.state is State.CONFIRMED)


def test_a_comment_counts_what_the_gate_says_is_undecided():
    """The gate's own words, so that they cannot change unnoticed."""
    undecided = verdict(State.UNDECIDED, title="Perhaps a leak")
    made = review(undecided, decision=gate.decide((), (undecided,), gate.Policy()))
    comment = markdown.summary(page(made), full=False)
    assert "- 1 undecided finding, in the report" in comment
    assert "Perhaps a leak" not in comment
    assert "Perhaps a leak" in markdown.summary(page(made), full=True)


def test_what_does_not_fit_is_left_out_aloud():
    long = [
        verdict(claim=f"c{n}", title=f"Finding {n}", body="word " * 1_500, first_line=n + 1)
        for n in range(40)
    ]
    made = markdown.summary(page(review(*long, total=spent(9, "1.25"))), full=False)
    assert len(made.encode()) <= markdown.COMMENT_LIMIT
    assert re.search(r"\d+ sections did not fit here; the JSON report has everything\.", made)
    assert "| 30 | high |" in made
    assert "| 31 | high |" not in made
    assert "… and 10 more, in the JSON report" in made
    assert made.endswith("$1.2500, 38.2 s\n")
    assert made.count("<details>") == made.count("</details>")


@pytest.mark.parametrize("limit", range(2_000, 9_000, 97))
def test_no_limit_is_exceeded(limit):
    several = [verdict(claim=f"c{n}", body="word " * 20 * n) for n in range(12)]
    assert len(markdown.summary(page(review(*several)), full=True, limit=limit).encode()) <= limit


def test_the_worst_a_model_can_write_still_fits():
    made = [replace(v, claim=replace(v.claim, id=f"c{n}")) for n, v in enumerate([verdict()] * 35)]
    worst = reviews.hostile("<" * 9_000)
    worst = replace(worst, verdicts=tuple(replace(worst.verdicts[0], claim=v.claim) for v in made))
    worst = replace(
        worst, decision=replace(worst.decision, reasons=("<" * 9_000,) * 60), warnings=("&" * 9_000,) * 60
    )
    assert len(markdown.summary(page(worst), full=False).encode()) <= markdown.COMMENT_LIMIT


def test_a_bar_ends_no_cell_and_stays_visible():
    made = markdown.summary(page(review(verdict(title="`a | b`", votes=(vote(proposed=True),)))), full=False)
    assert "| `a ¦ b` | 1 confirm |" in made
