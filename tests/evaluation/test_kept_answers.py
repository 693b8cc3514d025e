"""Recorded answers say again what was said, and nothing else."""

import asyncio
import json
from dataclasses import replace

import pytest
from scripted import EMPTY, as_json, file, finding, head, proposal, spec

from reviewbot.errors import FailureKind, ModelError, UsageError
from reviewbot.evaluation import answers
from reviewbot.events import Answered, Sent, Unanswered
from reviewbot.evidence import Failure
from reviewbot.findings import Claim
from reviewbot.llm import Completion, Prompt, Question, Stage, Stop, Subject, Usage
from reviewbot.seating import Plan

MODEL = spec("a/m1")


def question(stage=Stage.REVIEW, *paths, claims=(), error=""):
    subjects = tuple(Subject(file(path), head(), file(path).hunks) for path in paths or ("a.py",))
    made = tuple(Claim(name, (proposal(),)) for name in claims)
    return Question(stage, subjects, claims=made, error=error)


def reply(**parts):
    return json.dumps({**EMPTY, **parts})


def recorded(*exchanges):
    """What a recorder keeps of questions and what came of them."""
    recorder = answers.Recorder()
    for call, (asked, came) in enumerate(exchanges, start=1):
        recorder(Sent(call, MODEL, Prompt(asked, "", "", "")))
        if isinstance(came, FailureKind):
            recorder(Unanswered(call, MODEL, Failure(MODEL.name, came, "down")))
        else:
            recorder(Answered(call, MODEL, Completion(came, Stop.COMPLETE, Usage(100, 0, 0, 10)), None))
    return recorder.text()


def played(tmp_path, text, asked):
    (tmp_path / "case.jsonl").write_text(text)
    player = answers.Player(MODEL, answers.load(tmp_path / "case.jsonl"))
    return [asyncio.run(_outcome(player, one)) for one in asked]


async def _outcome(player, asked):
    try:
        return await player.complete(Prompt(asked, "", "", ""), seconds=1)
    except ModelError as error:
        return error.kind


def test_the_same_questions_get_the_same_answers_with_what_they_used(tmp_path):
    text = recorded(
        (question(), FailureKind.OVERLOAD),
        (question(), "not JSON"),
        (question(error="not JSON"), reply(read=["a.py"])),
    )
    first, second, third = played(tmp_path, text, [question(), question(), question(error="not JSON")])
    assert first is FailureKind.OVERLOAD
    assert (second.text, second.usage) == ("not JSON", Usage(100, 0, 0, 10))
    assert json.loads(third.text)["read"] == ["a.py"]


def test_files_asked_about_otherwise_get_their_part(tmp_path):
    of_a, of_b = finding(path="a.py"), finding(path="b.py")
    text = recorded(
        (
            question(Stage.REVIEW, "a.py", "b.py"),
            reply(read=["a.py"], findings=[as_json(of_a), as_json(of_b)]),
        )
    )
    (answer,) = played(tmp_path, text, [question(Stage.REVIEW, "b.py")])
    assert json.loads(answer.text) == {**EMPTY, "findings": [as_json(of_b)]}


def test_votes_are_found_whatever_the_batch_was(tmp_path):
    yes = {"id": "c1", "verdict": "confirm", "evidence": "x", "reason": ""}
    text = recorded((question(Stage.VOTE, claims=("c1", "c2")), reply(votes=[yes])))
    one, both = played(
        tmp_path, text, [question(Stage.VOTE, claims=("c1",)), question(Stage.VOTE, claims=("c1", "c3"))]
    )
    assert json.loads(one.text)["votes"] == [yes]
    assert both is FailureKind.BAD_REQUEST  # c3 was never put to it: that is no abstention


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(question(Stage.REVIEW, "b.py"), id="another file"),
        pytest.param(question(Stage.SCAN, "a.py"), id="another stage"),
    ],
)
def test_what_was_not_recorded_fails(tmp_path, asked):
    assert played(tmp_path, recorded((question(), reply(read=["a.py"]))), [asked]) == [
        FailureKind.BAD_REQUEST
    ]


def test_who_sat_where_is_kept(tmp_path):
    made = Plan(((MODEL, spec("b/m2")), (spec("c/m3"),)), (replace(MODEL, effort=False),), (spec("d/m4"),))
    answers.save_plan(made, tmp_path)
    assert answers.load_plan(tmp_path) == made


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        pytest.param("case.jsonl", '{"model": "a"}\n', "line 1", id="a line without its fields"),
        pytest.param("case.jsonl", "{\n", "line 1", id="not JSON"),
        pytest.param("other.jsonl", "", "--record-answers", id="no such case"),
    ],
)
def test_what_cannot_be_played_is_named(tmp_path, name, text, says):
    (tmp_path / name).write_text(text)
    with pytest.raises(UsageError, match=says):
        answers.load(tmp_path / "case.jsonl")


@pytest.mark.parametrize("text", [None, "{}", "["])
def test_a_panel_that_cannot_be_read_is_named(tmp_path, text):
    if text is not None:
        (tmp_path / answers.PANEL).write_text(text)
    with pytest.raises(UsageError, match=r"panel\.json"):
        answers.load_plan(tmp_path)
