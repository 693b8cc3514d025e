"""A GitLab code quality report, as GitLab describes its fields."""

import json
from dataclasses import replace

import pytest
import reviews
from factories import review, verdict
from hostile import NASTY
from jsonschema import Draft202012Validator

from reviewbot import outputs
from reviewbot.findings import Severity, State
from reviewbot.sanitize import Sanitizer

#: What GitLab needs of a violation (its documentation, "Code Quality report format").
VALID = Draft202012Validator(
    {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["description", "check_name", "fingerprint", "severity", "location"],
            "properties": {
                "description": {"type": "string"},
                "check_name": {"type": "string", "minLength": 1},
                "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
                "location": {
                    "type": "object",
                    "required": ["path", "lines"],
                    "properties": {
                        "path": {"type": "string"},
                        "lines": {
                            "type": "object",
                            "required": ["begin"],
                            "properties": {"begin": {"type": "integer", "minimum": 1}},
                        },
                    },
                },
            },
        },
    }
)


def rendered(made):
    return json.loads(outputs.render(made, "gitlab", Sanitizer([])))


@pytest.mark.parametrize("made", [*reviews.ALL.values(), *map(reviews.hostile, NASTY.values())])
def test_it_has_every_field(made):
    VALID.validate(rendered(made))


def test_a_violation():
    (made,) = rendered(review(verdict(last_line=13)))
    assert made == {
        "description": "Token compared in variable time",
        "check_name": "reviewbot/security",
        "fingerprint": made["fingerprint"],
        "severity": "critical",
        "location": {"path": "app/auth.py", "lines": {"begin": 12, "end": 13}},
    }


@pytest.mark.parametrize(
    ("severity", "word"),
    [*zip(Severity, ["minor", "major", "critical", "blocker"], strict=True)],
)
def test_a_severity(severity, word):
    assert [v["severity"] for v in rendered(review(verdict(severity=severity)))] == [word]


@pytest.mark.parametrize("state", [s for s in State if s is not State.CONFIRMED])
def test_only_what_is_confirmed_is_a_violation(state):
    assert rendered(review(verdict(state))) == []


def test_fingerprints_are_unique_and_stay():
    twice = review(verdict(claim="c1"), verdict(claim="c2", first_line=40))
    one, two = (v["fingerprint"] for v in rendered(twice))
    assert one != two
    moved = replace(twice, verdicts=(verdict(claim="x", first_line=90, title="In other words"),))
    assert [v["fingerprint"] for v in rendered(moved)] == [one]
