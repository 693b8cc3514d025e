"""The simulator of the runner: what GitHub documents of expressions and of a step's files, and no more."""

import pytest
from action_simulator import RefusedError, Run, Step, evaluate, pairs, substitute

CONTEXTS = {
    "inputs": {"mode": "all", "blank": ""},
    "env": {"KEY": "k"},
    "steps": {"run": {"outputs": {"verdict": "passed"}}},
}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("inputs.mode", "all"),
        ("inputs.blank || env.KEY", "k"),
        ("inputs.mode || env.KEY", "all"),
        ("env.NONE", ""),
        ("steps.run.outputs.verdict && 'yes'", "yes"),
        ("steps.run.outputs.none", ""),
        ("!steps.run.outputs.verdict", False),
        ("inputs.mode != 'review' && (inputs.blank || 'last')", "last"),
        ("inputs.mode == 'all'", True),
    ],
)
def test_expressions(expression, value):
    assert evaluate(expression, CONTEXTS) == value


@pytest.mark.parametrize(
    ("status", "true"),
    [
        ("success", {"success", "always"}),
        ("failure", {"failure", "always"}),
        ("cancelled", {"cancelled", "always"}),
    ],
)
def test_conditions(status, true):
    functions = ("success", "failure", "cancelled", "always")
    assert {name for name in functions if evaluate(f"{name}()", {}, status)} == true


@pytest.mark.parametrize(
    "expression",
    ["inputs.none", "secrets.KEY", "toJSON(env)", "always()", "steps.none.outputs.a", "!(env.KEY)", "1 + 1"],
)
def test_what_it_does_not_know_it_refuses(expression):
    with pytest.raises((RefusedError, SyntaxError)):
        evaluate(expression, CONTEXTS)


def test_expressions_are_replaced_inside_text():
    assert substitute("a ${{ inputs.mode }} b ${{ env.KEY }}", CONTEXTS) == "a all b k"


def test_files_of_a_step():
    assert pairs("a=1=2\nb<<END\nfirst\nc=3\nEND\n") == {"a": "1=2", "b": "first\nc=3"}


def test_commands_are_seen_unless_they_are_stopped():
    log = "::warning::a\nnot ::error::b\n::stop-commands::t\n::error::c\n::t::\n  ::set-output name=x::y\n"
    assert Run({"run": Step("success", 0, log)}, {}, "success").commands == [
        "::warning::a",
        "::set-output name=x::y",
    ]
