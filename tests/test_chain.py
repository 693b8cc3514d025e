"""What waits for what: nothing but its own answers. Seconds are those of a clock that skips all waiting."""

import asyncio
import selectors

import pytest
from scripted import Scripted, asker, change, file, finding, finds, panel, votes

from reviewbot import pipeline
from reviewbot.config import Config
from reviewbot.consensus import Mode, Quorum
from reviewbot.findings import Severity
from reviewbot.rules import Rules
from reviewbot.triage import triage

RULES = Rules(Quorum(2, 2), Mode.LAZY, proposers_flagged=2, proposers_critical=3, block_at=Severity.HIGH)
BUG = "src/bug.py"


class _Selector(selectors.DefaultSelector):
    """Instead of waiting it moves the clock on."""

    now = 0.0

    def select(self, timeout=None):
        self.now += timeout or 0.0
        return super().select(0)


def seconds(work):
    """What comes of `work` when no wait takes time."""
    selector = _Selector()
    loop = asyncio.SelectorEventLoop(selector)
    loop.time = lambda: selector.now
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()


class Timed(Scripted):
    """Takes `slow` seconds for what is about one of these files, else one; writes down what it was asked, and when."""

    def __init__(self, name, log, *, slow=None, **answers):
        super().__init__(name, **answers)
        self.log, self.slow = log, slow or {}

    async def complete(self, prompt, *, seconds):
        question = prompt.question
        paths = [s.file.path for s in question.subjects]
        self.log += [
            (round(asyncio.get_running_loop().time()), str(question.stage), self.spec.name, path)
            for path in paths
        ]
        self.delay = max(self.slow.get((str(question.stage), path), 1) for path in paths)
        return await super().complete(prompt, seconds=seconds)


def flags(question):
    return {
        "flags": [{"path": s.file.path, "line": 1, "risk": "high", "reason": "r"} for s in question.subjects]
    }


def bug(question):
    return finds(*(finding(path=s.file.path) for s in question.subjects if "bug" in s.file.path))


def run(*paths, slow=None, found=bug, verdicts=("confirm", "confirm")):
    """When the calls of a review were made, `(second, stage, model, path)`, and how long it took.

    Python and JavaScript files are scanned by different models and reviewed in different units.
    """
    log = []
    second, third = verdicts
    seated = panel(
        Timed("a/one", log, slow=slow, review=found, vote=votes("confirm")),
        Timed("b/two", log, slow=slow, vote=votes(second)),
        Timed("c/three", log, slow=slow, vote=votes(third)),
        scan=Timed("cheap/py", log, slow=slow, scan=flags, languages={"py"}),
        standby=[Timed("d/js", log, languages={"js"})],
    )
    other = Timed("cheap/js", log, slow=slow, scan=flags, languages={"js"})
    seated = type(seated)(seated.seats, (*seated.scan, other), seated.standby, seated.kind)
    made = change(*(file(path) for path in paths))

    async def work():
        await pipeline.gather(made, triage(made, Config()), seated, RULES, asker())
        return asyncio.get_running_loop().time()

    return log, round(seconds(work()))


def began(log, stage, path):
    """The seconds at which calls of a stage on a file were made."""
    return sorted(second for second, at, _, about in log if (at, about) == (stage, path))


@pytest.mark.parametrize(
    ("stage", "path", "slow", "when"),
    [
        pytest.param(
            "review",
            "auth/login.py",
            {("scan", BUG): 100},
            [0, 0, 0],
            id="a critical file is reviewed at once, however long the scan takes",
        ),
        pytest.param(
            "review",
            BUG,
            {("scan", "src/bug.js"): 100},
            [1, 1],
            id="a flagged file when its own scan is in, however long another takes",
        ),
        pytest.param(
            "review",
            BUG,
            {("review", "auth/login.py"): 100},
            [1, 1],
            id="and however long critical files take",
        ),
        pytest.param(
            "vote",
            BUG,
            {("review", "src/bug.js"): 100},
            [2],
            id="a vote when the reviews of its own unit are in, however long another's take",
        ),
    ],
)
def test_nothing_waits_for_what_is_not_its_own(stage, path, slow, when):
    log, _ = run(BUG, "src/bug.js", "auth/login.py", slow=slow)
    assert began(log, stage, path) == when


@pytest.mark.parametrize(
    ("path", "verdicts", "voters", "took"),
    [
        pytest.param("src/fine.py", (), [], 2, id="nothing found: nobody is asked"),
        pytest.param(
            BUG, ("confirm", "confirm"), [1], 3, id="the first voter confirms: nobody else is asked"
        ),
        pytest.param(BUG, ("confirm", "refute"), [1, 1], 4, id="it refutes: the next is"),
        pytest.param("auth/bug.py", ("confirm", "confirm"), [1], 2, id="a critical file: without a scan"),
    ],
)
def test_a_run_takes_as_long_as_its_longest_chain(path, verdicts, voters, took):
    log, seconds = run(path, verdicts=verdicts or ("confirm", "confirm"))
    assert len(began(log, "vote", path)) == len(voters)
    assert seconds == took


def test_who_found_the_same_is_not_asked_again():
    log, took = run("auth/bug.py", found=bug)
    assert {model for _, stage, model, _ in log if stage == "vote"} == {"b/two"}
    assert took == 2
