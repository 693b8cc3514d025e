"""`reviewbot eval --batch` against stand-ins for the three batch APIs: what it costs, and what becomes of its jobs."""

import asyncio
import json
import os
import shutil
import signal
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from model_servers import Models, confirming
from scripted import EMPTY, Scripted, as_json, finding

from reviewbot import cli
from reviewbot.errors import FailureKind, ModelError
from reviewbot.evaluation import examination
from reviewbot.evaluation.batching import Batches
from reviewbot.evaluation.jobs import Job, Journal
from reviewbot.llm import Completion, Prompt, Question, Stage, Stop, Usage
from reviewbot.selection import Selection

PATCH = """\
diff --git a/{path} b/{path}
new file mode 100644
--- /dev/null
+++ b/{path}
@@ -0,0 +1,3 @@
+def find(name):
+    query = run(name)
+    return query
"""
HEADER = "title: Find\nlanguage: python\nlicense: MIT\nsource: this test\n"
LABEL = """\
expected:
  - {path: auth/login.py, first_line: 2, last_line: 2, category: security, severity: high, what: SQL, defect: CWE-89}
"""
#: Critical is what is reviewed at once, flagged what is scanned before.
CASES = {
    "bad": ("auth/login.py", LABEL),
    "good": ("auth/fine.py", "clean: true\n"),
    "plain": ("a.py", "clean: true\n"),
}


@pytest.fixture
def models(monkeypatch):
    with Models() as started:
        for name, value in started.environ.items():
            monkeypatch.setenv(name, value)
        started.say(
            scan=lambda paths: {
                "flags": [{"path": p, "line": 2, "risk": "high", "reason": "a query"} for p in paths]
            },
            vote=confirming("query = run(name)"),
        )
        started["claude"].says["review"] = {"findings": [as_json(finding())]}
        yield started


@pytest.fixture
def run(tmp_path, capsys, monkeypatch, models):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where a shell runs us aside
    for name, (path, labels) in CASES.items():
        folder = tmp_path / "cases" / name
        folder.mkdir(parents=True)
        (folder / "change.patch").write_text(PATCH.format(path=path))
        (folder / "case.yml").write_text(HEADER + labels)

    def command(*flags):
        for name, value in models.environ.items():  # a run takes keys out of the environment
            monkeypatch.setenv(name, value)
        status = cli.main(["eval", "cases", "--format", "json", *flags])
        captured = capsys.readouterr()
        return int(status), json.loads(captured.out or "null"), captured.err

    yield command
    signal.signal(signal.SIGINT, before)


def jobs(models):
    """How many requests each job had, by vendor, the smallest first."""
    return {model.vendor: sorted(map(len, model.batches.jobs.values())) for model in models}


def in_order(bodies):
    return sorted(json.dumps(body, sort_keys=True) for body in bodies)


def test_the_figures_are_the_same_at_half_the_price(run, models):
    _, live, _ = run()
    sent = {model.vendor: in_order(map(json.loads, model.heard)) for model in models}
    status, batched, err = run("--batch")
    assert status == 0
    assert batched["result"]["found"] == 1
    costs = [Decimal(str(report["usage"].pop("cost_usd"))) for report in (live, batched)]
    assert costs[0] > 0
    assert costs[1] == costs[0] / 2
    assert {**batched, "usage": 0} == {**live, "usage": 0}
    assert sent == {
        model.vendor: in_order(b for job in model.batches.jobs.values() for b in job) for model in models
    }
    assert "batch job msgbatch_1" in err


def test_a_model_gets_one_job_a_round(run, models):
    """Two critical files in two cases, and what one reviewer found in one of them is put to one of the others."""
    shutil.rmtree("cases/plain")
    run("--batch")
    assert jobs(models) == {"claude": [2], "gpt": [1, 2], "gemini": [2]}


@pytest.mark.parametrize("looks", [0, 1])
def test_it_waits_until_jobs_have_ended(run, models, looks):
    for model in models:
        model.batches.looks = looks
    request = examination.Request("cases", Selection(), batch=True, poll_seconds=0, output="out")
    assert examination.run(request) == 0


def interrupted(run, models):
    """What was said of a run that was interrupted after four looks at its jobs."""
    looks = iter([0, 0, 0, signal.SIGINT])
    for model in models:
        model.batches.looks = 1
        model.batches.on_look = lambda: os.kill(os.getpid(), next(looks, 0))
    status, out, err = run("--batch")
    for model in models:
        model.batches.looks, model.batches.on_look = 0, lambda: None
    assert (status, out) == (130, None)
    return err


def test_who_interrupts_is_told_of_the_jobs_which_the_next_run_takes_over(run, models):
    assert "still at work: " in interrupted(run, models)
    status, report, err = run("--batch")
    assert (status, report["result"]["found"]) == (0, 1)
    assert "of an earlier run" in err
    assert list(Path("cache/reviewbot/batches").iterdir()) == []


@pytest.mark.parametrize("trouble", ["gone", "expired"])
def test_what_a_job_of_an_earlier_run_does_not_answer_is_asked_anew(run, models, trouble):
    interrupted(run, models)
    lost = {model.vendor: set(model.batches.jobs) for model in models}
    for model in models:
        model.batches.lose(trouble, lost[model.vendor])
    status, report, _ = run("--batch")
    assert (status, report["result"]["found"]) == (0, 1)


def test_a_run_that_was_whole_leaves_nothing_to_the_next(run, models):
    run("--batch")
    first = jobs(models)
    assert list(Path("cache/reviewbot/batches").iterdir()) == []
    run("--batch")
    assert {vendor: sum(counts) for vendor, counts in jobs(models).items()} == {
        vendor: 2 * sum(counts) for vendor, counts in first.items()
    }


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        pytest.param(
            "expired", "timed out: in a batch: This request was expired.", id="not answered within a day"
        ),
        pytest.param("no batches", "request rejected: HTTP 400: no batches for this account", id="refused"),
        pytest.param("gone", "no such model: HTTP 404: no such batch", id="gone"),
        pytest.param(
            "one missing", "timed out: its batch job ended without an answer to it", id="an answer short"
        ),
    ],
)
def test_what_was_not_answered_is_a_failure_with_a_name(run, models, trouble, words):
    models["gpt"].batches.trouble = models["gemini"].batches.trouble = trouble
    status, _, err = run("--batch", "--at-least", "recall=0", "-v")
    assert status == 3
    assert f"openai/gpt-6.1-sol: {words}" in err


def test_a_run_that_was_not_whole_is_repeated_where_it_failed(run, models):
    models["gpt"].batches.trouble = "no batches"
    run("--batch")
    first = jobs(models)
    models["gpt"].batches.trouble = ""
    run("--batch")
    assert jobs(models)["gemini"] == first["gemini"]
    assert first["gpt"] == []
    assert jobs(models)["gpt"] != []


@pytest.mark.parametrize("flags", [["--replay", "x"], ["--panel", "offline"]])
def test_there_is_nothing_to_batch_without_models(run, flags):
    with pytest.raises(SystemExit) as caught:
        run("--batch", *flags)
    assert caught.value.code == 2


def test_without_a_home_it_says_where_jobs_could_be_kept(run, monkeypatch):
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "")
    monkeypatch.setenv("USERPROFILE", "")
    status, _, err = run("--batch")
    assert status == 2
    assert "set HOME or XDG_CACHE_HOME" in err


# The collecting itself, with models of our own.


class Batching(Scripted):
    """Takes batches; `jobs` has the questions of each."""

    batch_bytes = 1_000_000

    def __init__(self, name, **kwargs):
        super().__init__(name, **kwargs)
        self.jobs, self.troubles = [], []

    def request(self, prompt):
        return {"task": prompt.task}

    async def submit(self, requests):
        self.jobs.append([request["task"] for request in requests.values()])
        return f"job{len(self.jobs)}"

    async def collect(self, job, ids):
        if self.troubles:
            raise self.troubles.pop(0)
        return dict.fromkeys(ids, Completion(json.dumps(EMPTY), Stop.COMPLETE, Usage()))


def prompt(task):
    return Prompt(Question(Stage.SCAN, ()), "", "", task)


def batched(tmp_path, work):
    """What comes of `work`, a coroutine function of the batches."""

    async def all_of_it():
        async with Batches(Journal(tmp_path / "jobs"), poll_seconds=0, call_seconds=5) as batches:
            return await work(batches)

    return asyncio.run(all_of_it())


def test_questions_wait_for_those_that_may_follow_from_an_answer_under_way(tmp_path, caplog):
    model, other = Batching("a/m"), Scripted("b/m", delay=0.05)

    async def work(batches):
        first, second = batches.take(model), batches.take(other)

        async def late():
            await second.complete(prompt("s"), seconds=5)
            return await first.complete(prompt("late"), seconds=5)

        return await asyncio.gather(first.complete(prompt("early"), seconds=5), late())

    batched(tmp_path, work)
    assert model.jobs == [["early", "late"]]
    assert "b/m takes no batches here" in caplog.text


def test_the_same_question_twice_gets_two_answers(tmp_path):
    model = Batching("a/m")

    async def work(batches):
        ask = batches.take(model)
        return await asyncio.gather(*(ask.complete(prompt("same"), seconds=5) for _ in range(2)))

    assert len(batched(tmp_path, work)) == 2
    assert model.jobs == [["same", "same"]]


def test_a_job_has_no_more_than_goes_into_one(tmp_path):
    model = Batching("a/m")
    model.batch_bytes = 1_000

    async def work(batches):
        ask = batches.take(model)
        return await asyncio.gather(*(ask.complete(prompt(str(n)), seconds=5) for n in range(10)))

    assert len(batched(tmp_path, work)) == 10
    assert [len(job) for job in model.jobs] == [4, 4, 2]


@pytest.mark.parametrize(
    ("troubles", "kind"),
    [
        pytest.param([FailureKind.NETWORK] * 19, None, id="a network that comes back"),
        pytest.param(
            [FailureKind.NETWORK] * 20, FailureKind.TIMEOUT, id="one that does not: never asked twice"
        ),
        pytest.param([FailureKind.AUTH], FailureKind.AUTH, id="a key that was withdrawn"),
        pytest.param([FailureKind.NOT_FOUND], FailureKind.NOT_FOUND, id="a job that is gone"),
    ],
)
def test_a_job_that_cannot_be_looked_at(tmp_path, caplog, troubles, kind):
    model = Batching("a/m")
    model.troubles = [ModelError(trouble, "no") for trouble in troubles]

    async def work(batches):
        try:
            await batches.take(model).complete(prompt("x"), seconds=5)
        except ModelError as error:
            return error.kind

    assert batched(tmp_path, work) is kind
    left = kind in {FailureKind.TIMEOUT, FailureKind.AUTH}
    assert ("still at work: a/m job1" in caplog.text) is left
    assert len(list((tmp_path / "jobs").iterdir())) == left


def test_a_job_that_may_answer_yet_is_never_paid_for_again(tmp_path):
    model = Batching("a/m")

    async def work(batches):
        return await asyncio.gather(
            batches.take(model).complete(prompt("x"), seconds=5), return_exceptions=True
        )

    model.troubles = [ModelError(FailureKind.AUTH, "no")] * 2
    ((first,), (second,), (third,)) = [batched(tmp_path, work) for _ in range(3)]
    assert (first.kind, second.kind) == (FailureKind.AUTH, FailureKind.AUTH)
    assert third.stop is Stop.COMPLETE
    assert model.jobs == [["x"]]


NOW = datetime(2026, 11, 21, tzinfo=UTC)


def job(name="j1", days=0):
    return Job(model="a/m", id=name, started=NOW - timedelta(days=days), questions=("q-1",))


def test_jobs_are_remembered_until_their_answers_are_gone(tmp_path):
    journal = Journal(tmp_path)
    for known in (job("new"), job("old", days=28), job("gone", days=30)):
        journal.add(known)
    (tmp_path / "half.json").write_text('{"model": "a')
    assert [known.id for known in journal.known(NOW)] == ["old", "new"]
    journal.forget(job("old", days=28))
    assert [known.id for known in journal.known(NOW)] == ["new"]


def test_a_job_that_cannot_be_remembered_is_under_way_all_the_same(tmp_path, caplog):
    journal = Journal(tmp_path / "jobs")
    (tmp_path / "jobs").rmdir()
    journal.add(job())
    assert "cannot remember batch job j1" in caplog.text
