"""What holds for every output, and the words that those for people share."""

import dataclasses
import json
import unicodedata
from decimal import Decimal
from pathlib import Path

import pytest
import reviews
from factories import CLAUDE, GEMINI, GPT, change, coverage, review, seat, verdict, vote
from hostile import NASTY

from reviewbot import outputs
from reviewbot.diff import HeadText
from reviewbot.findings import Ballot
from reviewbot.review import PanelKind, Scan, SeatStatus
from reviewbot.sanitize import REDACTED, Sanitizer
from reviewbot.triage import Tier

GOLDEN = Path(__file__).parent.parent / "golden" / "outputs"
SECRET = "".join(("vk-", "Zr8~~~", "/Wm2???x+", "Tn5y", "_Bd7h", "Lp4c"))
SAFE = Sanitizer([SECRET])

INVISIBLE = "a\x1b[2Jb\u202ec\u2066d\u200be\U000e0041f\x9bg\x07h"


@pytest.mark.parametrize("name", reviews.ALL)
@pytest.mark.parametrize(("form", "suffix"), [("text", "txt"), ("markdown", "md")])
def test_what_people_read(name, form, suffix):
    made = outputs.render(reviews.ALL[name], form, SAFE, width=80, color=False)
    assert made == (GOLDEN / f"{name}.{suffix}").read_text(encoding="utf-8")


@pytest.mark.parametrize("form", outputs.FORMATS)
@pytest.mark.parametrize("text", [INVISIBLE, *NASTY.values()], ids=["invisible characters", *NASTY])
def test_no_output_carries_what_nobody_sees(form, text):
    made = outputs.render(reviews.hostile(text), form, SAFE, width=80, color=False)
    assert not [
        c for c in made if c not in "\n\t" and unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Cn"}
    ]
    assert made.endswith("\n")


@pytest.mark.parametrize("form", outputs.FORMATS)
@pytest.mark.parametrize(
    "spelling",
    [
        pytest.param(SECRET, id="as it is"),
        pytest.param(SECRET[::-1], id="reversed"),
        pytest.param(SECRET[5:20], id="a piece"),
        pytest.param(SECRET.encode().hex(), id="hex"),
        pytest.param("\u200b".join(SECRET), id="held apart by what is removed"),
    ],
)
def test_no_output_carries_a_secret(form, spelling):
    made = outputs.render(reviews.hostile(f"so {spelling} is"), form, SAFE, width=2_000, color=False)
    visible = spelling.replace("\u200b", "")
    assert not [i for i in range(len(visible) - 11) if visible[i : i + 12] in made]
    assert REDACTED in made.replace("&#91;", "[").replace("&#93;", "]")


def test_fingerprints_are_those_of_the_comments():
    hostile = reviews.hostile("a\u200b  b")
    made = json.loads(outputs.render(hostile, "json", SAFE, width=80, color=False))
    assert [f["fingerprint"] for f in made["findings"]] == [v.finding.fingerprint for v in hostile.verdicts]


@pytest.mark.parametrize(
    ("first", "last", "known", "shown"),
    [
        pytest.param(12, 12, range(1, 15), [10, 11, 12, 13, 14], id="two lines around it"),
        pytest.param(1, 2, range(1, 15), [1, 2, 3, 4], id="at the top of the file"),
        pytest.param(12, 12, (11, 12), [11, 12], id="no more than the diff shows"),
        pytest.param(1, 900, range(1, 999), list(range(1, 15)), id="the start of a long one"),
        pytest.param(12, 12, (), [], id="nothing of a file that was deleted"),
    ],
)
def test_an_excerpt(first, last, known, shown):
    heads = {"app/auth.py": HeadText({n: f"line {n}\r" for n in known}, complete=False)} if known else {}
    page = outputs.page(review(verdict(first_line=first, last_line=last), change=change(heads=heads)), SAFE)
    assert page.excerpts["c1"] == {n: f"line {n}" for n in shown}


def test_an_excerpt_is_of_the_very_file():
    """Two paths that look alike once cleaned are still two files."""
    heads = {
        "a.py": HeadText({1: "mine"}, complete=True),
        "a\u200b.py": HeadText({1: "theirs"}, complete=True),
    }
    page = outputs.page(review(verdict(path="a.py", first_line=1), change=change(heads=heads)), SAFE)
    assert page.excerpts["c1"] == {1: "mine"}


@pytest.mark.parametrize(
    ("ballots", "words"),
    [
        pytest.param([Ballot.CONFIRM, Ballot.CONFIRM], "2 confirm", id="only what was said"),
        pytest.param(
            [Ballot.REFUTE, Ballot.CONFIRM, Ballot.CONFIRM], "2 confirm, 1 refute", id="confirmations first"
        ),
        pytest.param(
            [Ballot.CONFIRM, Ballot.ABSTAIN, Ballot.UNAVAILABLE],
            "1 confirm, 1 abstain, 1 unavailable",
            id="silence is told",
        ),
    ],
)
def test_votes_in_numbers(ballots, words):
    votes = [vote(who, ballot) for who, ballot in zip((CLAUDE, GPT, GEMINI), ballots, strict=False)]
    assert outputs.tally(verdict(votes=votes)) == words


CLEAR = {"tier": Tier.NORMAL, "scan": Scan.CLEAR, "reviewed_by": ()}
SKIPPED = {"tier": Tier.SKIP, "reviewed_by": ()}
READ = {"reviewed_by": (CLAUDE.model, GPT.model)}


@pytest.mark.parametrize(
    ("files", "kind", "words"),
    [
        pytest.param([READ], PanelKind.MODELS, "1 of 1 file covered: 1 reviewed by 2 models", id="one file"),
        pytest.param(
            [READ, CLEAR, SKIPPED, SKIPPED],
            PanelKind.MODELS,
            "4 of 4 files covered: 1 reviewed by 2 models, 1 cleared by the quick scan, 2 skipped",
            id="how each was covered",
        ),
        pytest.param(
            [READ, READ | {"gap": "read by 1"}],
            PanelKind.MODELS,
            "1 of 2 files covered: 1 reviewed by 2 models",
            id="a file with a gap is not covered, whoever read it",
        ),
        pytest.param([{"gap": "binary"}], PanelKind.MODELS, "0 of 1 file covered", id="nothing covered"),
        pytest.param(
            [READ],
            PanelKind.OFFLINE,
            "1 of 1 file covered: 1 reviewed by 2 analysers",
            id="analysers are no models",
        ),
        pytest.param([], PanelKind.MODELS, "0 of 0 files covered", id="an empty change"),
    ],
)
def test_coverage_in_one_sentence(files, kind, words):
    assert outputs.coverage(review(files=tuple(coverage(**file) for file in files), kind=kind)) == words


@pytest.mark.parametrize(
    ("cost", "words"),
    [
        pytest.param(None, "cost unknown", id="unknown is not free"),
        pytest.param("0", "free", id="nothing"),
        pytest.param("0.00004", "under $0.0001", id="next to nothing is not free either"),
        pytest.param("12.34567", "$12.3457", id="rounded to four places"),
    ],
)
def test_a_cost(cost, words):
    assert outputs.dollars(None if cost is None else Decimal(cost)) == words


@pytest.mark.parametrize(
    ("of_change", "words"),
    [
        pytest.param({}, "acme/shop#42 (1f2e3d4..a0b1c2d)", id="a pull request"),
        pytest.param(
            {"number": None, "repository": ""}, "local change (1f2e3d4..a0b1c2d)", id="commits of a clone"
        ),
        pytest.param({"number": None, "head": ""}, "local change (1f2e3d4)", id="what is staged"),
        pytest.param({"number": None, "base": "", "head": ""}, "local change", id="a diff from nowhere"),
    ],
)
def test_what_was_reviewed(of_change, words):
    assert outputs.subject(change(**of_change)) == words


@pytest.mark.parametrize(
    ("status", "replaced", "words"),
    [
        pytest.param(SeatStatus.OK, None, "openai/gpt-6", id="well"),
        pytest.param(SeatStatus.UNAVAILABLE, None, "openai/gpt-6 (unavailable)", id="down"),
        pytest.param(
            SeatStatus.DEGRADED,
            "openai/gpt-5",
            "openai/gpt-6 (in place of openai/gpt-5)",
            id="replaced",
        ),
    ],
)
def test_who_sat_where(status, replaced, words):
    assert outputs.seated(seat(GPT, status, replaced)) == words


@pytest.mark.parametrize(
    ("replaced", "words"),
    [
        pytest.param(None, "openai/gpt-6 (cannot read these files)", id="nobody stepped in"),
        pytest.param(
            "openai/gpt-5",
            "openai/gpt-6 (in place of openai/gpt-5, which cannot read these files)",
            id="somebody did",
        ),
    ],
)
def test_a_language_that_a_model_cannot_read_is_no_outage(replaced, words):
    down = "unavailable" if replaced is None else "degraded"
    assert outputs.seated(dataclasses.replace(seat(GPT, down, replaced), unable=True)) == words
