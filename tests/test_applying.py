"""Suggestions get into the working tree where they still fit, and nowhere else."""

from dataclasses import replace
from decimal import Decimal

import pytest
from scripted import finding, voter

from reviewbot import applying
from reviewbot.applying import Fix
from reviewbot.diff import Change, HeadText
from reviewbot.findings import Ballot, Claim, Proposal, Severity, State, Verdict, Vote
from reviewbot.review import Decision, PanelKind, Review, Spent, Status
from reviewbot.sanitize import Sanitizer

TEXT = "one = 1\ntwo = 2\nthree = 3\n"
SAFE = Sanitizer(())
FREE = Spent(0, 0, 0, 0, Decimal(0))


def fix(line=2, before=("two = 2",), after=("two = 22",), path="a.py"):
    return Fix(path, line, before, after, "wrong number")


def verdict(line, suggestion, state=State.CONFIRMED, last=None):
    last = last or line
    found = replace(
        finding(path="a.py", severity=Severity.HIGH),
        first_line=line,
        last_line=last,
        quote="\n".join(TEXT.split("\n")[line - 1 : last]),
        suggestion=suggestion,
    )
    votes = (Vote(voter(), Ballot.CONFIRM, proposed=True, reason=""),)
    claim = Claim(f"{line}-{last}", (Proposal(found, voter()),))
    return Verdict(claim, votes, state, Severity.HIGH, critical=True, inline=True)


def review(*verdicts):
    change = Change((), heads={"a.py": HeadText.whole(TEXT.split("\n")[:-1])})
    decision = Decision(Status.PASSED, (), enforced=True)
    return Review(
        change=change,
        verdicts=verdicts,
        files=(),
        panel=(),
        kind=PanelKind.MODELS,
        total=FREE,
        by_model=(),
        by_stage=(),
        dropped=(),
        warnings=(),
        seconds=0.0,
        decision=decision,
    )


@pytest.mark.parametrize(
    ("verdicts", "lines"),
    [
        pytest.param([verdict(2, "two = 22")], [2], id="confirmed"),
        pytest.param([verdict(2, "two = 22", State.UNCONFIRMED)], [], id="only confirmed ones"),
        pytest.param([verdict(2, None)], [], id="nothing suggested"),
        pytest.param(
            [verdict(1, "x = 0", last=2), verdict(2, "two = 22")], [1], id="the graver of two for one line"
        ),
        pytest.param([verdict(1, "x = 0"), verdict(3, "y = 0")], [1, 3], id="two places"),
    ],
)
def test_what_may_be_applied(verdicts, lines):
    found = applying.fixes(review(*verdicts), SAFE, lambda path, text: True)
    assert [f.first_line for f in found] == lines


def applied(root, *fixes, agree=lambda _: True):
    return list(applying.apply(root, fixes, agree))


def test_several_fixes_of_a_file_do_not_move_each_other(tmp_path):
    (tmp_path / "a.py").write_text(TEXT)
    first = fix(1, ("one = 1",), ("one = 1", "more = 1", "more = 2"))
    assert applied(tmp_path, first, fix(3, ("three = 3",), ("four = 4",))) == [
        "applied a.py:3: wrong number",
        "applied a.py:1: wrong number",
    ]
    assert (tmp_path / "a.py").read_text() == "one = 1\nmore = 1\nmore = 2\ntwo = 2\nfour = 4\n"


def test_mode_and_line_ends_elsewhere_are_kept(tmp_path):
    (tmp_path / "a.py").write_bytes(b"one = 1\r\ntwo = 2\nend")
    (tmp_path / "a.py").chmod(0o751)
    applied(tmp_path, fix())
    assert (tmp_path / "a.py").read_bytes() == b"one = 1\r\ntwo = 22\nend"
    assert (tmp_path / "a.py").stat().st_mode & 0o777 == 0o751


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("one = 1\ntwo = 3\n", "these lines have been changed since", id="edited meanwhile"),
        pytest.param("one = 1\n", "these lines have been changed since", id="shorter"),
        pytest.param(b"one = 1\n\xff\n", "cannot be read as UTF-8", id="not text"),
        pytest.param(None, "no file of the working tree", id="gone"),
    ],
)
def test_what_does_not_fit_is_left(text, says, tmp_path):
    if text is not None:
        (tmp_path / "a.py").write_bytes(text if isinstance(text, bytes) else text.encode())
    before = (tmp_path / "a.py").read_bytes() if text else None
    (line,) = applied(tmp_path, fix())
    assert line.startswith("left a.py:2: ")
    assert says in line
    assert before is None or (tmp_path / "a.py").read_bytes() == before


def test_a_link_out_of_the_tree_is_not_followed(tmp_path):
    outside, tree = tmp_path / "outside.py", tmp_path / "tree"
    outside.write_text(TEXT)
    tree.mkdir()
    (tree / "a.py").symlink_to(outside)
    (line,) = applied(tree, fix())
    assert "no file of the working tree" in line
    assert outside.read_text() == TEXT


def test_who_says_no_gets_nothing(tmp_path):
    (tmp_path / "a.py").write_text(TEXT)
    assert applied(tmp_path, fix(), agree=lambda _: False) == ["left a.py:2: you said no"]
    assert (tmp_path / "a.py").read_text() == TEXT
