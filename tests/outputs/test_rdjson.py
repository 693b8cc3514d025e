"""Diagnostics for reviewdog, held against the messages of its protocol (`DiagnosticResult` and what it is made of)."""

import ast
import json

import pytest
import reviews
from factories import review, verdict
from hostile import NASTY, dangers
from jsonschema import Draft202012Validator

from reviewbot import outputs
from reviewbot.findings import Severity, State
from reviewbot.sanitize import Sanitizer


def message(required, **properties):
    return {
        "type": "object",
        "required": required,
        "properties": properties,
        "additionalProperties": False,
    }


TEXT = {"type": "string"}
NUMBER = {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}
RANGE = message(
    ["start"],
    start=message(["line"], line=NUMBER, column=NUMBER),
    end=message(["line"], line=NUMBER, column=NUMBER),
)
SOURCE = message(["name"], name=TEXT, url=TEXT)
#: Stricter than the schema that reviewdog publishes, which lets everything in: no field it would not read.
VALID = Draft202012Validator(
    message(
        ["diagnostics"],
        source=SOURCE,
        severity={"enum": ["ERROR", "WARNING", "INFO"]},
        diagnostics={
            "type": "array",
            "items": message(
                ["message", "location"],
                message=TEXT,
                location=message(["path"], path=TEXT, range=RANGE),
                severity={"enum": ["ERROR", "WARNING", "INFO"]},
                source=SOURCE,
                code=message(["value"], value=TEXT, url=TEXT),
                suggestions={"type": "array", "items": message(["range", "text"], range=RANGE, text=TEXT)},
                original_output=TEXT,
            ),
        },
    )
)
FIXED = "    if hmac.compare_digest(token, expected):"


def parses(path, text):
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


def rendered(made):
    return json.loads(outputs.render(made, "rdjson", Sanitizer([]), parses=parses))


@pytest.mark.parametrize("made", [*reviews.ALL.values(), *map(reviews.hostile, NASTY.values())])
def test_it_keeps_to_the_protocol(made):
    VALID.validate(rendered(made))


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_a_message_becomes_a_comment_in_which_nothing_acts(text):
    for made in rendered(reviews.hostile(text))["diagnostics"]:
        assert not dangers(made["message"])


def test_a_diagnostic():
    (made,) = rendered(review(verdict(suggestion=f"{FIXED}\n")))["diagnostics"]
    lines = {"start": {"line": 12}, "end": {"line": 12}}
    assert made["message"].startswith("Token compared in variable time\n\n`==` stops at the first byte")
    assert made["message"].endswith("Votes: 2 confirm.")
    del made["message"]
    assert made == {
        "location": {"path": "app/auth.py", "range": lines},
        "severity": "ERROR",
        "code": {"value": "security"},
        "suggestions": [{"range": lines, "text": FIXED}],
    }


@pytest.mark.parametrize(
    "of_finding",
    [
        pytest.param({}, id="nothing suggested"),
        pytest.param({"suggestion": FIXED + " ("}, id="the file no longer parses"),
        pytest.param({"suggestion": FIXED, "first_line": 11}, id="the lines are others than the quote's"),
        pytest.param({"suggestion": FIXED, "path": ".github/workflows/ci.yml"}, id="a workflow"),
    ],
)
def test_no_suggestion(of_finding):
    (made,) = rendered(review(verdict(**of_finding)))["diagnostics"]
    assert "suggestions" not in made


@pytest.mark.parametrize(
    ("severity", "word"), [*zip(Severity, ["INFO", "WARNING", "ERROR", "ERROR"], strict=True)]
)
def test_a_severity(severity, word):
    assert [d["severity"] for d in rendered(review(verdict(severity=severity)))["diagnostics"]] == [word]


@pytest.mark.parametrize("state", [s for s in State if s is not State.CONFIRMED])
def test_only_what_is_confirmed_is_a_diagnostic(state):
    assert rendered(review(verdict(state)))["diagnostics"] == []
