"""A plan on 80 columns, and what it says of a budget."""

from decimal import Decimal

import pytest
from factories import change
from hostile import NASTY
from scripted import file, spec

from reviewbot.llm import Stage
from reviewbot.outputs import planned
from reviewbot.planning import Call, Forecast
from reviewbot.review import PanelKind
from reviewbot.sanitize import Sanitizer
from reviewbot.settings import Budget
from reviewbot.triage import Tier, Triaged

SAFE = Sanitizer([])


def call(chance="1", cost="0.10", worst="0.50", stage=Stage.REVIEW, name="anthropic/claude-sonnet-5-5"):
    dollars = None if cost is None else Decimal(cost)
    return Call(spec(name), stage, Decimal(chance), 12_345, 4_000, dollars, Decimal(worst))


def told(*calls, usd=None, files=(), oversized=(), warnings=()):
    files = files or (Triaged(file("app/auth.py"), Tier.CRITICAL, "path matches **/*auth.*"),)
    return planned.Told(
        Forecast(tuple(files), calls or (call(),), tuple(oversized)),
        PanelKind.MODELS,
        (
            ("anthropic/claude-sonnet-5-5",),
            ("openai/gpt-6.1-sol", "openai/gpt-6.1-terra"),
            ("google/gemini-3.8-flash",),
        ),
        ("anthropic/claude-haiku-5-5",),
        (),
        Budget(usd=usd),
        change(),
        tuple(warnings),
    )


PLAN = """\
Plan for acme/shop#42 (1f2e3d4..a0b1c2d): 2 files, 1 critical
Panel (models): anthropic/claude-sonnet-5-5, openai/gpt-6.1-sol →
openai/gpt-6.1-terra, google/gemini-3.8-flash
Scan: anthropic/claude-haiku-5-5

tier      file         why
critical  app/auth.py  path matches **/*auth.*
normal    src/a.py     ordinary file; part of it fits no request

stage   model                        calls  tokens in  tokens out     cost
scan    anthropic/claude-haiku-5-5     1.0     12,345       4,000  $0.1000
review  anthropic/claude-sonnet-5-5    1.3     16,048       5,200  $0.1300
        all                            2.3     28,394       9,200  $0.2300

From $0.2000 (2 calls), if nothing is flagged or found, to $0.3000 (3 calls), if
everything is flagged and disputed.
Assumed: 30% of scanned files are flagged, 50% of reviews lead to a vote and 10%
to a second one. Left out: repairs, failovers, what the prompt cache saves.
Budget: none is set (budget.usd).
Warning: look out
"""


def test_what_people_read():
    files = (
        Triaged(file("src/a.py"), Tier.NORMAL, "ordinary file"),
        Triaged(file("app/auth.py"), Tier.CRITICAL, "path matches **/*auth.*"),
    )
    scan = call(stage=Stage.SCAN, name="anthropic/claude-haiku-5-5")
    made = told(scan, call(), call("0.3"), files=files, oversized=["src/a.py"], warnings=["look out"])
    assert planned.text(made, SAFE, 80) == PLAN


@pytest.mark.parametrize(
    ("chance", "shown"),
    [
        pytest.param("0.04", "<0.1", id="a call that is hardly ever made is not none"),
        pytest.param("0.06", "0.1", id="one in ten"),
    ],
)
def test_expected_calls(chance, shown):
    made = planned.text(told(call(), call(chance, name="openai/gpt-6.1-sol")), SAFE, 80)
    row = next(line for line in made.splitlines() if line.startswith("review  openai/gpt"))
    assert row.split()[2] == shown
    assert "(1 call)" in made


@pytest.mark.parametrize(("chances", "said"), [(["1", "0.5"], True), (["1", "1"], False)])
def test_what_costs_nothing_has_its_assumptions_too(chances, said):
    made = planned.text(told(*(call(chance, cost="0") for chance in chances)), SAFE, 80)
    assert ("Assumed: " in made) is said
    assert "From " not in made


@pytest.mark.parametrize(
    ("usd", "calls", "says"),
    [
        pytest.param("9", [call()], "$9.0000 is enough for all of it.", id="plenty"),
        pytest.param(
            "0.15", [call(worst="0.15"), call("0.3")], "for what is expected, not for everything", id="likely"
        ),
        pytest.param(
            "0.11",
            [call(worst="0.1"), call("0.3")],
            "is short of what is expected. What is short",
            id="tight",
        ),
        pytest.param("0.05", [call()], "is short of what is sure to be asked", id="too little"),
        pytest.param(
            "0.15", [call()], "Requests to anthropic/claude-sonnet-5-5 are not made", id="for no single call"
        ),
    ],
)
def test_what_it_says_of_a_budget(usd, calls, says):
    assert says in " ".join(planned.text(told(*calls, usd=Decimal(usd)), SAFE, 80).split())


def test_an_unknown_price_is_said():
    made = planned.text(told(call(cost=None)), SAFE, 80)
    assert "cost unknown" in made
    assert "$0.0000" not in made


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_names_of_files_cannot_draw_the_table(text):
    rows = planned.text(told(files=[Triaged(file(text), Tier.NORMAL, text)]), SAFE, 80)
    plain = planned.text(told(files=[Triaged(file("x"), Tier.NORMAL, "x")]), SAFE, 80)
    assert rows.splitlines()[-8:] == plain.splitlines()[-8:]
    assert "\x1b" not in rows
