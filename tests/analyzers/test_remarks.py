"""What reviewers who are not analysers are told of what analysers see."""

import asyncio

import pytest
from scripted import change, file

from reviewbot import analyzers, packing
from reviewbot.analyzers.analysis import Desk, Mark, Outcome
from reviewbot.analyzers.remarks import remarks
from reviewbot.config import load
from reviewbot.errors import FailureKind, ModelError
from reviewbot.triage import triage

SHELL = "import subprocess\n\n\ndef pack(name):\n    subprocess.run('tar ' + name, shell=True)\n"


class Saying:
    """An analyser that says the same of every text."""

    def __init__(self, name, *marks, fails=False):
        self.name, self.marks, self.fails = name, marks, fails

    def reads(self, path):
        return path.endswith(".py")

    async def run(self, texts, *, seconds):
        if self.fails:
            raise ModelError(FailureKind.NOT_FOUND, "it is not installed")
        return [Outcome(self.marks) for _ in texts]


def told(*analysers, text="a = 1\nb = 2\n"):
    made = change(file("a.py", text), texts={"a.py": text})
    subjects = packing.subjects(triage(made, load("", source="test")), made)
    return asyncio.run(remarks([Desk(each) for each in analysers], subjects, seconds=30))


def mark(first=1, last=1, cwe="CWE-78", says=""):
    return Mark(first, last, cwe, "R1", says)


@pytest.mark.parametrize(
    ("analysers", "facts"),
    [
        pytest.param([Saying("x", mark())], [(1, 1, "x", "CWE-78")], id="one of one"),
        pytest.param(
            [Saying("x", mark()), Saying("y", mark(1, 2))], [(1, 2, "x, y", "CWE-78")], id="one of two"
        ),
        pytest.param(
            [Saying("x", mark()), Saying("y", mark(cwe="CWE-89"))],
            [(1, 1, "x", "CWE-78"), (1, 1, "y", "CWE-89")],
            id="two defects on one line stay two",
        ),
        pytest.param([Saying("x", mark(7, 7))], [], id="none of what was not changed"),
        pytest.param([Saying("x")], [], id="none of nothing"),
    ],
)
def test_what_several_say_of_a_line_is_one_fact(analysers, facts):
    found, failed = told(*analysers)
    assert [(f.first_line, f.last_line, f.tool, f.rule) for f in found] == facts
    assert failed == ()


def test_the_words_are_of_whoever_has_some():
    (fact,) = told(Saying("x", mark()), Saying("y", mark(says="It is not fixed.")))[0]
    assert fact.message == "Shell command built from values: It is not fixed."


def test_an_analyser_that_does_not_work_is_named():
    found, failed = told(Saying("x", mark()), Saying("y", fails=True))
    assert len(found) == 1
    assert [sentence.partition(" (")[0] for sentence in failed] == ["facts: y did not work"]


def test_the_real_ones_agree_on_a_shell():
    made = change(file("a.py", SHELL), texts={"a.py": SHELL})
    subjects = packing.subjects(triage(made, load("", source="test")), made)
    found, failed = asyncio.run(analyzers.facts(subjects, seconds=60))
    assert ("a.py", 5, "CWE-78") in {(f.path, f.first_line, f.rule) for f in found}
    assert "ast-grep" in found[0].tool
    assert failed == ()
