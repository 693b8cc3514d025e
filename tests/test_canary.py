"""A mark that no answer may hold: the same from run to run, known to nobody else, found in any spelling."""

import asyncio
import base64
import json
import re

import pytest
from scripted import EMPTY, Free, Scripted, file, head

from reviewbot import canary
from reviewbot.asking import Asker, Limits
from reviewbot.budget import Ledger
from reviewbot.errors import FailureKind
from reviewbot.evidence import Failure
from reviewbot.llm import Question, Stage, Subject
from reviewbot.prompts import Templates

KEY = "-".join(("vk", "Zr8kQm2Wx", "Tn5yBd7h"))
MARK = canary.derive([KEY])


def test_it_is_the_same_for_the_same_keys_and_another_for_others():
    assert canary.derive([KEY, "b"]) == canary.derive(["b", KEY, KEY])
    assert len({canary.derive(keys) for keys in ([], [KEY], ["b"], [KEY, "b"])}) == 4
    assert re.fullmatch("[0-9a-f]{24}", MARK)


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(MARK, id="as it is"),
        pytest.param(MARK.upper(), id="in capitals"),
        pytest.param(MARK[::-1], id="reversed"),
        pytest.param(" ".join(MARK), id="spaced out"),
        pytest.param("\u200b".join(MARK), id="held apart"),
        pytest.param(base64.b64encode(MARK.encode()).decode(), id="base64"),
        pytest.param(MARK.encode().hex(), id="hexadecimal"),
        pytest.param(MARK[3:15], id="a piece"),
    ],
)
def test_it_is_found_in_any_spelling(said):
    assert canary.leaked(MARK, f"The text begins with {said}.")


@pytest.mark.parametrize("said", ["", "an honest answer", MARK[:11], "0" * 40])
def test_nothing_else_is_a_leak(said):
    assert not canary.leaked(MARK, said)
    assert not canary.leaked("", said)


def asked(answer, *, text="x = 1\n"):
    """What comes of one question to a model that gives this answer."""
    made = file(text=text)
    question = Question(Stage.REVIEW, (Subject(made, head(text), made.hunks),))
    model = Scripted("anthropic/claude-x", family="claude", review=answer)

    async def ask():
        asker = Asker(Templates(mark=MARK).prompt, lambda reply: reply, Ledger(Free(), None), Limits(pause=0))
        return await asker.ask(model, question)

    return asyncio.run(ask()), model


def test_every_system_text_carries_it_at_its_end():
    _, model = asked({})
    assert len(model.asked) == 1
    spec = model.spec
    prompt = Templates(mark=MARK).prompt(model.asked[0], spec)
    assert prompt.system.endswith(canary.warning(MARK))
    assert MARK not in prompt.prefix + prompt.task
    assert {
        Templates(mark=MARK).prompt(Question(stage, ()), spec).system for stage in (Stage.SCAN, Stage.REVIEW)
    } == {prompt.system}


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"read": [f"mark {MARK}"]}, id="in a path"),
        pytest.param(
            json.dumps({**EMPTY, "read": [MARK]}).replace(MARK[5], f"\\u{ord(MARK[5]):04x}"),
            id="in JSON escapes",
        ),
    ],
)
def test_an_answer_that_holds_it_is_thrown_away_and_not_asked_for_again(answer):
    failure, model = asked(answer)
    assert isinstance(failure, Failure)
    assert failure.kind is FailureKind.LEAKED
    assert MARK not in str(failure)
    assert len(model.asked) == 1


def test_who_quotes_a_change_that_holds_it_leaks_nothing():
    reply, _ = asked({"read": [f"a/{MARK}.py"]}, text=f"x = '{MARK}'\n")
    assert not isinstance(reply, Failure)
