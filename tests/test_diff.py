"""Which lines a file shows on which side, and what follows from them."""

import pytest

from reviewbot import patch
from reviewbot.diff import FileDiff, HeadText, Status, split_lines

#: Lines 2 to 4 become 2 and 3; two lines come in after line 9.
FILE = patch.parse(b"""\
--- a/f.py
+++ b/f.py
@@ -2,3 +2,2 @@ def f():
 two
-three
-four
+four!
@@ -9,0 +9,2 @@
+ten
+eleven
""")[0]
BEFORE = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "last"]
AFTER = ["one", "two", "four!", "five", "six", "seven", "eight", "nine", "ten", "eleven", "last"]


@pytest.mark.parametrize(
    ("side", "line", "start"),
    [
        pytest.param("LEFT", 1, None, id="before the first hunk"),
        pytest.param("LEFT", 2, 2, id="context, old side"),
        pytest.param("RIGHT", 2, 2, id="context, new side"),
        pytest.param("LEFT", 4, 2, id="the last removed line"),
        pytest.param("LEFT", 5, None, id="behind the hunk on the old side"),
        pytest.param("RIGHT", 3, 2, id="an added line"),
        pytest.param("RIGHT", 4, None, id="line 4 is only on the old side"),
        pytest.param("RIGHT", 9, 9, id="first of the second hunk"),
        pytest.param("RIGHT", 10, 9, id="last of the second hunk"),
        pytest.param("RIGHT", 11, None, id="behind the last hunk"),
        pytest.param("LEFT", 9, None, id="the line an insertion follows is not shown"),
        pytest.param("RIGHT", 0, None, id="line 0"),
    ],
)
def test_a_line_belongs_to_the_hunk_that_shows_it(side, line, start):
    hunk = FILE.hunk_at(side, line)
    assert (hunk and hunk.new_start) == start
    assert FILE.commentable(side, line) == (start is not None)


def test_every_line_that_is_shown_can_be_commented_and_no_other():
    for side in ("LEFT", "RIGHT"):
        assert set(FILE.shown(side)) == {n for n in range(20) if FILE.commentable(side, n)}


def test_hunks_turn_the_old_file_into_the_new_one():
    assert FILE.applied(BEFORE) == AFTER


@pytest.mark.parametrize(
    ("side", "lines", "agrees"),
    [
        pytest.param("LEFT", BEFORE, True, id="the old file"),
        pytest.param("RIGHT", AFTER, True, id="the new file"),
        pytest.param("RIGHT", BEFORE, False, id="not applied yet"),
        pytest.param("LEFT", AFTER, False, id="applied already"),
        pytest.param("LEFT", BEFORE[:3], False, id="too short"),
        pytest.param("LEFT", ["", "two", "three", "four"], True, id="other lines may differ"),
    ],
)
def test_a_file_agrees_with_the_hunks_or_not(side, lines, agrees):
    assert FILE.agrees(side, lines) is agrees


def test_an_insertion_without_context_proves_nothing_of_the_old_file():
    (file,) = patch.parse(b"--- a/.env\n+++ b/.env\n@@ -1,0 +2 @@\n+DEBUG=1\n")
    assert not file.agrees("LEFT", ["SECRET=1", "OTHER=2"])


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        pytest.param(FileDiff("x", Status.MODIFIED), True, id="text"),
        pytest.param(FileDiff("x", Status.ADDED), True, id="an empty new file"),
        pytest.param(FileDiff("x", Status.DELETED), False, id="deleted"),
        pytest.param(FileDiff("x", Status.MODIFIED, binary=True), False, id="binary"),
        pytest.param(FileDiff("x", Status.MODIFIED, new_mode="160000"), False, id="a submodule"),
        pytest.param(
            FileDiff("x", Status.MODIFIED, old_mode="160000", new_mode="100644"), True, id="was one"
        ),
        pytest.param(FileDiff("x", Status.MODIFIED, problem="it is odd"), False, id="unreadable"),
    ],
)
def test_only_text_that_is_there_has_a_head(file, expected):
    assert file.has_head is expected


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        pytest.param(b"", [], id="empty"),
        pytest.param(b"a\n", ["a"], id="one line"),
        pytest.param(b"a", ["a"], id="one line without its end"),
        pytest.param(b"\n\n", ["", ""], id="blank lines"),
        pytest.param(b"a\r\nb\rc\n", ["a\r", "b\rc"], id="carriage returns stay"),
        pytest.param(
            "a\x0cb\u2028c\x85d\n".encode(), ["a\x0cb\u2028c\x85d"], id="only a line feed ends a line"
        ),
        pytest.param(b"caf\xe9\nx", ["caf\ufffd", "x"], id="not UTF-8"),
    ],
)
def test_lines_are_counted_as_git_counts_them(data, lines):
    assert split_lines(data) == lines
    assert HeadText.whole(lines) == HeadText(dict(enumerate(lines, 1)), complete=True)
