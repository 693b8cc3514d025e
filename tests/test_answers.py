"""An answer is found again for the same question to the same model, whole, and only as long as it may be kept."""

import os
import stat
import time
from dataclasses import replace

import pytest
from scripted import spec

from reviewbot.answers import Answers
from reviewbot.errors import UsageError
from reviewbot.llm import Prompt, Question, Stage

MODEL = spec("a/one")
PROMPT = Prompt(Question(Stage.REVIEW, ()), "system", "files", "Task: review")
DAY = 86_400


@pytest.fixture
def clock():
    """Seconds that a test may move; files carry the real time, so it starts there."""
    return [time.time()]


@pytest.fixture
def kept(tmp_path, clock):
    def opened(**overrides):
        settings = {"days": 7, "megabytes": 1, "base_url": {}.get, "now": lambda: clock[0], **overrides}
        return Answers(tmp_path / "answers", **settings)

    return opened


def entries(tmp_path):
    return sorted((tmp_path / "answers").iterdir())


@pytest.mark.parametrize(
    ("model", "prompt", "urls", "found"),
    [
        pytest.param(MODEL, PROMPT, {}, True, id="the same question"),
        pytest.param(
            MODEL, replace(PROMPT, question=Question(Stage.VOTE, ())), {}, True, id="the text is what counts"
        ),
        pytest.param(spec("a/two"), PROMPT, {}, False, id="another model"),
        pytest.param(replace(MODEL, max_output=9), PROMPT, {}, False, id="another limit of the answer"),
        pytest.param(MODEL, replace(PROMPT, system="other"), {}, False, id="another system text"),
        pytest.param(MODEL, replace(PROMPT, prefix="other"), {}, False, id="other files"),
        pytest.param(MODEL, replace(PROMPT, task="other"), {}, False, id="another task"),
        pytest.param(
            MODEL,
            replace(PROMPT, system="system" + "files", prefix=""),
            {},
            False,
            id="the same letters, cut elsewhere",
        ),
        pytest.param(MODEL, PROMPT, {"a": "http://gateway"}, False, id="another gateway"),
    ],
)
def test_what_is_the_same_question(kept, model, prompt, urls, found):
    kept().keep(MODEL, PROMPT, "{}")
    assert kept(base_url=urls.get).find(model, prompt) == ("{}" if found else None)


def test_text_comes_back_as_it_was(kept):
    text = 'é\r\n\u2028 {"a": "\ud800"}\n'
    kept().keep(MODEL, PROMPT, text)
    assert kept().find(MODEL, PROMPT) == text


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda old: old[:-1], id="cut off"),
        pytest.param(lambda old: b"", id="empty, as after a crash"),
        pytest.param(lambda old: old.replace(b'"a"', b'"b"'), id="changed"),
    ],
)
def test_a_damaged_entry_is_not_there(kept, tmp_path, damage):
    kept().keep(MODEL, PROMPT, '{"a": 1}')
    (entry,) = entries(tmp_path)
    entry.write_bytes(damage(entry.read_bytes()))
    assert kept().find(MODEL, PROMPT) is None


def test_an_old_answer_does_not_count_and_goes(kept, tmp_path, clock):
    answers = kept(days=2)
    answers.keep(MODEL, PROMPT, "{}")
    clock[0] += 2 * DAY - 60
    answers.prune()
    assert answers.find(MODEL, PROMPT) == "{}"
    clock[0] += 120
    assert answers.find(MODEL, PROMPT) is None
    answers.prune()
    assert entries(tmp_path) == []


def test_the_oldest_go_first_when_it_is_too_much(kept, tmp_path, clock):
    answers = kept(megabytes=1)
    prompts = [replace(PROMPT, task=str(n)) for n in range(3)]
    for age, prompt in enumerate(prompts):
        answers.keep(MODEL, prompt, "x" * 400_000)
        for entry in entries(tmp_path):
            os.utime(entry, (entry.stat().st_atime, entry.stat().st_mtime - 10 * (age + 1)))
    answers.prune()
    assert [bool(answers.find(MODEL, prompt)) for prompt in prompts] == [False, True, True]


def test_what_a_dead_run_left_goes_and_what_a_living_one_writes_stays(kept, tmp_path, clock):
    answers = kept()
    (tmp_path / "answers" / ".unfinished-x").write_text("half")
    answers.prune()
    assert len(entries(tmp_path)) == 1
    clock[0] += 2 * 3600
    answers.prune()
    assert entries(tmp_path) == []


def test_nobody_else_can_read_them(kept, tmp_path):
    kept().keep(MODEL, PROMPT, "{}")
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "answers", *entries(tmp_path))]
    assert modes == [0o700, 0o600]


def test_a_folder_others_may_write_to_is_refused(kept, tmp_path):
    kept()
    (tmp_path / "answers").chmod(0o777)
    with pytest.raises(UsageError, match="others may write to"):
        kept()


def test_a_folder_that_cannot_be_made_is_named(kept, tmp_path):
    (tmp_path / "answers").write_text("a file")
    with pytest.raises(UsageError, match="REVIEWBOT_CACHE_DIR"):
        kept()


def test_a_disk_that_takes_nothing_costs_the_entry_alone(kept, tmp_path):
    answers = kept()
    (tmp_path / "answers").rmdir()
    answers.keep(MODEL, PROMPT, "{}")
    assert answers.find(MODEL, PROMPT) is None


def test_analysers_are_asked_again(kept, tmp_path):
    kept().keep(spec("static/ruff"), PROMPT, "{}")
    assert entries(tmp_path) == []
