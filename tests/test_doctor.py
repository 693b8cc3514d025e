"""`reviewbot doctor` says what would sit, whether it answers, and one remedy for each problem."""

import asyncio
import json
from decimal import Decimal

import pytest
from scripted import DOWN, Free, Scripted, panel

from reviewbot import cli, doctor, means
from reviewbot.budget import Ledger
from reviewbot.config import Config
from reviewbot.environment import Environment
from reviewbot.errors import FailureKind, ModelError
from reviewbot.evidence import Failure
from reviewbot.prompts import Templates
from reviewbot.sanitize import Sanitizer

KEY = "k" * 24
CLOSED = "http://127.0.0.1:9"


@pytest.fixture
def run(monkeypatch, tmp_path, capsys):
    """Run it with these variables set; its exit status, output and error."""

    def ran(*flags, config="", **variables):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        (tmp_path / ".reviewbot.yml").write_text(config)
        status = cli.main(["doctor", "--repo", str(tmp_path), *flags])
        return status, *capsys.readouterr()

    return ran


@pytest.mark.parametrize(
    ("variables", "config", "kind"),
    [
        pytest.param({}, "", "offline: there is no key", id="nothing"),
        pytest.param({}, "panel: offline", "offline: the configuration asks for it", id="offline by choice"),
        pytest.param({"OPENAI_API_KEY": KEY}, "", "one vendor: chosen by the keys for openai", id="one key"),
        pytest.param(
            {"OPENAI_API_KEY": KEY},
            "panel: [openai/gpt-6.1-sol, openai/gpt-6-sol, openai/gpt-6.1-terra]",
            "one vendor: the configuration names it",
            id="configured",
        ),
    ],
)
def test_it_says_which_panel_would_sit_and_why(variables, config, kind, run):
    status, out, _ = run("--no-calls", config=config, **variables)
    assert status == 0
    assert kind in out
    assert KEY not in out


def test_analysers_are_here_and_take_no_question(run):
    status, out, _ = run()
    assert status == 0
    assert out.count("  is here\n") == 5
    assert out.endswith("\nnothing is wrong\n")


def test_models_that_were_not_asked_may_still_be_wrong(run):
    _, out, _ = run("--no-calls", OPENAI_API_KEY=KEY)
    assert "not asked" in out
    assert out.endswith("\nnothing is wrong so far\n")


def test_a_model_that_does_not_answer_is_a_problem_with_one_remedy(run):
    status, out, _ = run("--format", "json", OPENAI_API_KEY=KEY, OPENAI_BASE_URL=CLOSED)
    assert status == 3
    models = json.loads(out)["models"]
    assert {m["remedy"] for m in models} == {doctor.REMEDIES[FailureKind.NETWORK]}
    assert all(m["problem"].startswith("not reachable") for m in models)
    assert KEY not in out


@pytest.mark.parametrize(
    ("config", "says"),
    [
        pytest.param("panels: offline", "panels (line 1) is not a known key", id="broken configuration"),
        pytest.param(
            "panel: [openai/gpt-6.1-sol, anthropic/claude-sonnet-5-5, google/gemini-3.8-flash]",
            "has no key; set OPENAI_API_KEY",
            id="no key",
        ),
    ],
)
def test_what_cannot_be_examined_is_one_sentence(config, says, run):
    status, _, err = run(config=config)
    assert status == 2
    assert says in err
    assert err.count("\n") == 1


def test_each_model_is_asked_one_question_whose_cost_is_counted():
    models = (
        Scripted("a/one"),
        Scripted("b/two", scan=ModelError(FailureKind.AUTH, "401")),
        Scripted("c/three", scan=DOWN),
    )
    ledger = Ledger(Free(), None)

    async def asked():
        seated = panel(*models, standby=[models[0]], scan=models[1])
        limits = means.terms(Config(), Environment(call_seconds=5)).limits
        return await doctor._asked(seated, means.asker(limits, Templates(), ledger, Sanitizer(())))

    answers = asyncio.run(asked())
    first, second, third = (answers[model.spec] for model in models)
    assert isinstance(first, float)
    assert isinstance(second, Failure)
    assert (second.kind, third.kind) == (FailureKind.AUTH, FailureKind.OVERLOAD)
    assert ledger.total().cost == Decimal("0.01")


def test_there_is_a_remedy_for_whatever_a_request_can_meet():
    kinds = FailureKind
    answers = {kinds.TRUNCATED, kinds.REFUSED, kinds.UNPARSABLE, kinds.OFF_SCHEMA, kinds.LEAKED}
    never = {FailureKind.UNREADABLE, FailureKind.BUDGET, FailureKind.TOO_LONG}
    assert set(doctor.REMEDIES) | answers | never >= set(FailureKind)
