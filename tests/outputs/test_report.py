"""The JSON report against its schema, and what its values mean."""

import json
from pathlib import Path

import pytest
import reviews
from factories import coverage, decision, review, spent, verdict
from hostile import NASTY
from jsonschema import Draft202012Validator

from reviewbot import __version__, outputs
from reviewbot.findings import Ballot, Category, Severity, State
from reviewbot.outputs import report
from reviewbot.review import Scan, SeatStatus, Status
from reviewbot.sanitize import Sanitizer
from reviewbot.triage import Tier

SCHEMA = json.loads(Path(report.__file__).with_name("report.schema.json").read_text(encoding="utf-8"))
VALID = Draft202012Validator(SCHEMA)


def rendered(made):
    return json.loads(outputs.render(made, "json", Sanitizer([]), width=80, color=False))


@pytest.mark.parametrize("made", [*reviews.ALL.values(), *map(reviews.hostile, NASTY.values())])
def test_it_keeps_its_schema(made):
    VALID.validate(rendered(made))


def test_the_schema_is_one_and_lets_nothing_else_in():
    Draft202012Validator.check_schema(SCHEMA)
    assert not VALID.is_valid(rendered(review()) | {"more": 1})
    report = rendered(review(verdict()))
    del report["findings"][0]["votes"]
    assert not VALID.is_valid(report)


@pytest.mark.parametrize(
    ("where", "words"),
    [
        (("gate", "properties", "status"), Status),
        (("panel", "items", "properties", "status"), SeatStatus),
        (("findings", "items", "properties", "severity"), [s.word for s in Severity]),
        (("findings", "items", "properties", "category"), Category),
        (("findings", "items", "properties", "state"), State),
        (("findings", "items", "properties", "votes", "items", "properties", "vote"), Ballot),
        (("files", "items", "properties", "tier"), Tier),
        (("files", "items", "properties", "scan"), Scan),
    ],
)
def test_its_words_are_ours(where, words):
    schema = SCHEMA["properties"]
    for key in where:
        schema = schema[key]
    assert sorted(schema["enum"]) == sorted(words)


def test_its_keys_and_their_order():
    made = rendered(reviews.BLOCKED)
    assert list(made) == [
        *(
            "schema",
            "version",
            "change",
            "gate",
            "panel",
            "findings",
            "files",
            "usage",
            "dropped",
            "warnings",
            "seconds",
        )
    ]
    assert list(made["findings"][0]) == [
        *("id", "fingerprint", "path", "first_line", "last_line", "severity", "category", "title", "body"),
        *("suggestion", "state", "critical", "inline", "votes"),
    ]
    assert list(made["usage"]) == [
        "calls",
        "input_tokens",
        "cached_tokens",
        "output_tokens",
        "cost_usd",
        "by_model",
    ]


def test_what_a_blocked_review_says():
    made = rendered(reviews.BLOCKED)
    assert (made["schema"], made["version"]) == ("reviewbot.report/1", __version__)
    assert made["change"] == {
        "base": "1f2e3d4c5b6a79881f2e3d4c5b6a79881f2e3d4c",
        "head": "a0b1c2d3e4f5a6b7a0b1c2d3e4f5a6b7a0b1c2d3",
        "repository": "acme/shop",
        "number": 42,
    }
    assert made["gate"]["status"] == "blocked"
    assert [(f["id"], f["state"], f["severity"]) for f in made["findings"]] == [
        ("c1", "confirmed", "high"),
        ("c2", "confirmed", "medium"),
        ("c3", "unconfirmed", "medium"),
        ("c4", "refuted", "low"),
    ]
    assert made["findings"][0]["suggestion"] == "    if hmac.compare_digest(token, expected):"
    assert made["findings"][0]["votes"][2] == {
        "model": "google/gemini-4-pro",
        "family": "gemini",
        "vote": "refute",
        "proposed": False,
        "reason": "the token is random for each request, so timing tells nothing that lasts",
    }
    assert made["usage"]["by_model"][0] == {
        "model": "anthropic/claude-sonnet-5-5",
        "calls": 1,
        "input_tokens": 12_400,
        "cached_tokens": 8_000,
        "output_tokens": 610,
        "cost_usd": "0.0137",
    }
    assert made["dropped"] == [
        {"path": "shop/cart.py", "title": "Missing await", "why": "its quote is not in the file"}
    ]


def test_seconds_are_told_to_the_millisecond():
    assert rendered(review(seconds=38.2398))["seconds"] == {"total": 38.24}
    assert rendered(review(seconds=0.8416))["seconds"] == {"total": 0.842}


def test_a_local_change_has_no_number():
    made = rendered(reviews.INCONCLUSIVE)
    assert made["change"]["number"] is None
    assert made["change"]["repository"] == ""


@pytest.mark.parametrize(
    ("cost", "written"),
    [
        pytest.param("0", "0.0000", id="free"),
        pytest.param("1.5", "1.5000", id="dollars"),
        pytest.param("0.00006", "0.0001", id="rounded"),
        pytest.param("1E+2", "100.0000", id="never an exponent"),
        pytest.param(None, None, id="unknown"),
    ],
)
def test_a_cost(cost, written):
    assert rendered(review(total=spent(1, cost)))["usage"]["cost_usd"] == written


@pytest.mark.parametrize(
    ("file", "why", "covered"),
    [
        pytest.param(coverage(), "path matches **/*auth.*", True, id="covered"),
        pytest.param(
            coverage(gap="its content is binary"),
            "path matches **/*auth.*; not covered: its content is binary",
            False,
            id="with its gap",
        ),
    ],
)
def test_why_of_a_file(file, why, covered):
    made = rendered(review(files=(file,), decision=decision()))["files"][0]
    assert (made["why"], made["covered"]) == (why, covered)


def test_other_peoples_letters_are_written_as_they_are():
    text = outputs.render(review(verdict(title="Größe 変数")), "json", Sanitizer([]), width=80, color=False)
    assert "Größe 変数" in text
