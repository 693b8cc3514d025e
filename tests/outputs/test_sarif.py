"""SARIF against its schema, and against what GitHub's code scanning takes, shows and compares."""

import gzip
import json
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import reviews
from factories import CLAUDE, change, coverage, decision, review, verdict, vote
from hostile import NASTY, dangers
from jsonschema import Draft4Validator

from reviewbot import outputs
from reviewbot.findings import Ballot, Category, Severity, State
from reviewbot.outputs import sarif
from reviewbot.review import Status
from reviewbot.sanitize import Sanitizer
from reviewbot.triage import Tier

#: The schema as the npm package @microsoft/jest-sarif carries it (MIT licence, Copyright (c) Microsoft Corporation).
SCHEMA = Path(__file__).parents[1] / "data" / "sarif-2.1.0-rtm.5.schema.json"
VALID = Draft4Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
FIXED = "    if hmac.compare_digest(token, expected):"


def rendered(made, *, parses=lambda path, text: True):
    log = json.loads(outputs.render(made, "sarif", Sanitizer([]), parses=parses))
    (run,) = log["runs"]
    return run


def notes(run):
    (invocation,) = run["invocations"]
    return [
        (n["descriptor"]["id"], n["level"], n["message"]["text"])
        for n in invocation["toolExecutionNotifications"]
    ]


@pytest.mark.parametrize(
    "made",
    [
        *reviews.ALL.values(),
        *map(reviews.hostile, NASTY.values()),
        review(verdict(suggestion=FIXED)),
    ],
)
def test_it_keeps_the_schema(made):
    log = json.loads(outputs.render(made, "sarif", Sanitizer([]), parses=lambda path, text: True))
    VALID.validate(log)


def test_the_schema_refuses_what_is_not_sarif():
    run = rendered(review(verdict()))
    run["results"][0]["levle"] = "error"
    assert not VALID.is_valid({"version": "2.1.0", "runs": [run]})


def test_a_result():
    (made,) = rendered(review(verdict(last_line=13)))["results"]
    file = {"uri": "app/auth.py", "uriBaseId": "%SRCROOT%"}
    assert made["locations"] == [
        {"physicalLocation": {"artifactLocation": file, "region": {"startLine": 12, "endLine": 13}}}
    ]
    assert (made["ruleId"], made["level"]) == ("security", "error")
    assert made["message"]["text"].startswith("Token compared in variable time\n\n")
    assert "fixes" not in made


@pytest.mark.parametrize("category", Category)
def test_each_category_is_a_rule(category):
    run = rendered(review(verdict(category=category)))
    (made,) = run["results"]
    rule = run["tool"]["driver"]["rules"][made["ruleIndex"]]
    assert rule["id"] == made["ruleId"] == category
    for text in (
        "shortDescription",
        "fullDescription",
        "help",
    ):  # code scanning asks for all of them
        assert 0 < len(rule[text]["text"]) < 1_024


@pytest.mark.parametrize(
    ("severity", "level"), [*zip(Severity, ["note", "warning", "error", "error"], strict=True)]
)
def test_a_level(severity, level):
    assert [r["level"] for r in rendered(review(verdict(severity=severity)))["results"]] == [level]


@pytest.mark.parametrize(
    ("state", "level"),
    [(State.UNDECIDED, "warning"), (State.UNCONFIRMED, "note"), (State.REFUTED, "note")],
)
def test_what_is_not_confirmed_is_a_note_and_no_result(state, level):
    votes = (vote(CLAUDE, proposed=True), vote(ballot=Ballot.REFUTE))
    run = rendered(review(verdict(state, votes=votes)))
    assert run["results"] == []
    said = f"{state} (1 confirm, 1 refute): Token compared in variable time"
    assert notes(run) == [("not-confirmed", level, said)]


@pytest.mark.parametrize(
    ("status", "successful"),
    [(Status.PASSED, True), (Status.BLOCKED, True), (Status.INCONCLUSIVE, False)],
)
def test_a_review_that_could_not_be_done_is_no_success(status, successful):
    (invocation,) = rendered(review(decision=decision(status)))["invocations"]
    assert invocation["executionSuccessful"] is successful


@pytest.mark.parametrize(("tier", "level"), [(Tier.CRITICAL, "error"), (Tier.NORMAL, "warning")])
def test_a_gap_is_told_with_its_file(tier, level):
    run = rendered(review(files=(coverage("a b.py", tier=tier, gap="it is binary"), coverage("read.py"))))
    assert notes(run) == [("not-covered", level, "Not covered: it is binary")]
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert note["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%20b.py"


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("src/größe/変数.py", id="other scripts"),
        pytest.param("a b/100%.py", id="spaces and percent signs"),
        pytest.param("c:/x.py", id="what looks like a drive or a scheme"),
        pytest.param("javascript:alert(1).js", id="what looks like a script"),
        pytest.param("q?x=1#frag.py", id="what looks like a query"),
        pytest.param("[id]/page.tsx", id="brackets"),
    ],
)
def test_a_path_is_a_relative_reference(path):
    (made,) = rendered(review(verdict(path=path)))["results"]
    uri = made["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    parts = urlsplit(uri)
    assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("", "", "", "")
    assert uri.isascii()
    assert unquote(uri) == path


def test_a_path_cannot_name_a_host():
    (made,) = rendered(review(verdict(path="//evil.example/x.py")))["results"]
    uri = made["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert urlsplit(uri).netloc == ""


def test_github_compares_the_code_and_not_the_line_or_the_words():
    def prints(*verdicts):
        return [
            r["partialFingerprints"]["primaryLocationLineHash"]
            for r in rendered(review(*verdicts))["results"]
        ]

    (first,) = prints(verdict())
    assert prints(verdict(first_line=50, title="In other words")) == [first]
    assert prints(verdict(quote="other code")) != [first]
    twice = prints(verdict(claim="c1"), verdict(claim="c2", first_line=50))
    assert twice[0] == first
    assert len(set(twice)) == 2


def test_a_fix_replaces_whole_lines_where_that_is_safe():
    (made,) = rendered(review(verdict(suggestion=FIXED)))["results"]
    ((edit,),) = [c["replacements"] for c in made["fixes"][0]["artifactChanges"]]
    assert edit == {
        "deletedRegion": {"startLine": 12, "endLine": 12},
        "insertedContent": {"text": FIXED},
    }
    (unsafe,) = rendered(review(verdict(suggestion=FIXED)), parses=lambda path, text: False)["results"]
    assert "fixes" not in unsafe


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_nothing_in_a_message_acts(text):
    run = rendered(reviews.hostile(text))
    for message in (
        *(r["message"]["text"] for r in run["results"]),
        *(r["message"]["markdown"] for r in run["results"]),
        *(said for _, _, said in notes(run)),
    ):
        assert not dangers(message)


def test_it_stays_within_what_github_takes():
    text = outputs.render(review(*[verdict()] * (sarif.MOST + 1)), "sarif", Sanitizer([]))
    (run,) = json.loads(text)["runs"]
    assert len(run["results"]) == sarif.MOST
    assert notes(run) == [("not-shown", "error", "1 confirmed findings are left out.")]
    assert len(gzip.compress(text.encode())) < 10_000_000


def test_it_names_the_commit_and_no_secret():
    run = rendered(review(change=change(head="a" * 40)))
    assert run["automationDetails"] == {"id": f"reviewbot/{'a' * 40}"}
    assert rendered(review(change=change(head="")))["automationDetails"] == {"id": "reviewbot/"}
