"""What is said of a change to the policy it is judged by: what it would mean, never what it says of itself."""

import pytest

from reviewbot import config as configuration
from reviewbot import tripwire
from reviewbot.diff import Change, FileDiff, HeadText, Status

CONFIG = ".reviewbot.yml"


def change(files, *, complete=True):
    """Files by path, with their text at head; None for a deleted one."""
    heads = {
        path: HeadText(dict(enumerate(text.split("\n"), 1)), complete=complete)
        for path, text in files.items()
        if text is not None
    }
    made = (
        FileDiff(path, Status.MODIFIED if text is not None else Status.DELETED)
        for path, text in files.items()
    )
    return Change(tuple(made), heads=heads, warnings=("another",))


def said(before, files, name="", **how):
    base = configuration.load(before, source="base").guarding(name)
    *told, last = tripwire.warned(change(files, **how), base, name).warnings
    assert last == "another"
    return told


@pytest.mark.parametrize(
    ("before", "after", "differences"),
    [
        pytest.param("", "gate: {mode: off}", ["gate.mode: enforce → off"], id="the gate is switched off"),
        pytest.param("gate: {block_at: low}", "", ["gate.block_at: low → high"], id="a default comes back"),
        pytest.param(
            "critical: {paths: [a, b]}", "critical: {paths: [b, c]}",
            ["critical.paths: without a; with c"], id="paths leave and come",
        ),
        pytest.param(
            "ignore: [a, b]", "ignore: [b, a]", ["ignore: [\"a\", \"b\"] → [\"b\", \"a\"]"], id="the order counts",
        ),
        pytest.param("", "budget: {usd: 2}", ["budget.usd: unset → 2"], id="a limit is set"),
        pytest.param(
            "", "panel: offline\nconsensus: {threshold: 3}",
            ["panel: unset → offline", "consensus.threshold: 2 → 3"], id="several at once",
        ),
    ],
)  # fmt: skip
def test_the_settings_that_would_differ(before, after, differences):
    touched, *told = said(before, {CONFIG: after, "a.py": "a"})
    assert touched == f"this change touches what decides about changes: {CONFIG}"
    assert told == [f"the policy would change: {each}" for each in differences]


def test_what_the_models_are_told_decides_too():
    before = "prompts: own\nguidelines: [{file: docs/rules.md}]"
    paths = ("own/gpt/vote.md.j2", "docs/rules.md")
    assert said(before, dict.fromkeys((*paths, "docs/other.md"), "x")) == [
        f"this change touches what decides about changes: {', '.join(paths)}"
    ]


@pytest.mark.parametrize(
    ("files", "told"),
    [
        pytest.param({CONFIG: "# a comment\ngate: {}"}, "means the same", id="only other words"),
        pytest.param({CONFIG: "gaet: {}"}, "is not valid: .reviewbot.yml: gaet (line 1)", id="a broken one"),
        pytest.param({CONFIG: "a: &a [*a]"}, "is not valid", id="a hostile one"),
        pytest.param({CONFIG: "x" * 300_000}, "is not valid", id="an endless one"),
    ],
)
def test_a_proposal_in_a_sentence(files, told):
    assert told in said("", files)[1]


def test_a_configuration_that_cannot_be_read_is_not_taken_for_an_empty_one():
    assert said("", {CONFIG: "gate: {}"}, complete=False)[1] == "the proposed configuration could not be read"


def test_taking_the_configuration_away_is_going_back_to_the_defaults():
    assert said("gate: {scope: all}", {CONFIG: None})[1:] == [
        "the configuration would be taken away",
        "the policy would change: gate.scope: all → critical",
    ]


def test_the_configuration_can_have_another_name():
    name = "ci/review [1].yml"
    assert said("", {name: "gate: {mode: report}"}, name)[1:] == [
        "the policy would change: gate.mode: enforce → report"
    ]
    assert said("", {CONFIG: "gate: {mode: report}"}, name)[1:] == [], "nobody reads this one"


@pytest.mark.parametrize(
    "path",
    ["AGENTS.md", "web/CLAUDE.md", ".github/workflows/ci.yml", "docs/CODEOWNERS", ".github/reviewbot/a.j2"],
)
def test_what_else_decides_is_named(path):
    assert said("", {path: "x"}) == [f"this change touches what decides about changes: {path}"]


def test_nothing_is_said_of_any_other_change():
    assert said("", {"src/a.py": "x", "README.md": "x"}) == []


def test_however_much_would_change_it_stays_readable():
    many = "ignore: [" + ", ".join(f"a{n}" * 99 for n in range(99)) + "]"
    (told,) = said("", {CONFIG: many})[1:]
    assert told.endswith("…")
    assert len(told) < 3_000
