"""Hunks are numbered exactly, or refused with a clause."""

import pytest

from reviewbot import patch
from reviewbot.names import UnreadableError


def numbers(hunk):
    return [(line.old, line.new, line.text) for line in hunk.lines]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("@@ -1 +1 @@\n-a\n+b", [(1, None, "a"), (None, 1, "b")], id="lengths of one left out"),
        pytest.param("@@ -0,0 +1,2 @@\n+a\n+b\n", [(None, 1, "a"), (None, 2, "b")], id="a new file"),
        pytest.param("@@ -7,2 +6,0 @@\n-a\n-b\n", [(7, None, "a"), (8, None, "b")], id="only removed"),
        pytest.param(
            "@@ -3,2 +3,2 @@\n a\n\n", [(3, 3, "a"), (4, 4, "")], id="a blank line that lost its space"
        ),
        pytest.param("@@ -3,2 +3,2 @@\n a\n\r\n", [(3, 3, "a"), (4, 4, "\r")], id="the same with a CR"),
        pytest.param(
            "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n\\ No newline at end of file\n",
            [(1, None, "a"), (None, 1, "a")],
            id="no newline at the end, on both sides",
        ),
        pytest.param(
            "@@ -1 +0,0 @@\n-a\n\\ Kein Zeilenumbruch am Dateiende.\n", [(1, None, "a")], id="in German"
        ),
        pytest.param(
            "@@ -1 +1 @@\n--- x\n+++ y\n", [(1, None, "-- x"), (None, 1, "++ y")], id="like file headers"
        ),
        pytest.param("@@ -1 +1 @@\n-a\r\n+b\r\n", [(1, None, "a\r"), (None, 1, "b\r")], id="CRLF content"),
        pytest.param(
            "@@ -1 +1 @@\n-a\x0cb\rc\n+d\u2028e\x85f\x1cg\n",
            [(1, None, "a\x0cb\rc"), (None, 1, "d\u2028e\x85f\x1cg")],
            id="what only str.splitlines takes for line ends",
        ),
        pytest.param(
            "@@ -1 +1 @@\n-\ufeffa\n+a\n", [(1, None, "\ufeffa"), (None, 1, "a")], id="a byte order mark"
        ),
        pytest.param(
            "@@ -1 +1,2 @@\n a\n+diff --git a/x b/x\n",
            [(1, 1, "a"), (None, 2, "diff --git a/x b/x")],
            id="a diff",
        ),
        pytest.param("@@ -1 +1 @@\n-a\n+\x00b", [(1, None, "a"), (None, 1, "\x00b")], id="NUL"),
    ],
)
def test_every_line_has_its_numbers(text, expected):
    (hunk,) = patch.parse_hunks(text)
    assert numbers(hunk) == expected


def test_a_hunk_keeps_its_header():
    first, second = patch.parse_hunks("@@ -4,0 +5 @@ def f(a):  \r\n+a\n@@ -8 +10,2 @@\n a\n+b\n")
    assert (first.old_start, first.old_length, first.new_start, first.new_length) == (4, 0, 5, 1)
    assert first.section == "def f(a):"
    assert (second.old_start, second.old_length, second.new_start, second.new_length) == (8, 1, 10, 2)


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        pytest.param("@@ -1,3 +1,3 @@\n a\n", "fewer lines", id="cut off"),
        pytest.param("@@ -1,2 +1,2 @@\n a\n@@ -9 +9 @@\n a\n", "fewer lines", id="cut off by the next hunk"),
        pytest.param(
            "@@ -1,2 +1,1 @@\n a\n+b\n", "fewer lines", id="an added line where an old one was announced"
        ),
        pytest.param("@@ -1,1 +1,2 @@\n-a\n-b\n+c\n+d\n", "add up", id="one side too long"),
        pytest.param("@@ -1 +1 @@\n a\n+b\n", "alone", id="a line too many"),
        pytest.param("@@ -0,0 +0,0 @@\n", "announces no lines", id="an empty hunk"),
        pytest.param("@@ -0,1 +1 @@\n a\n", "out of order", id="a line 0"),
        pytest.param("@@ -5 +5 @@\n a\n@@ -3 +3 @@\n a\n", "out of order", id="backwards"),
        pytest.param(
            "@@ -5,2 +5,2 @@\n a\n b\n@@ -6 +7 @@\n a\n", "overlap", id="overlapping on the old side"
        ),
        pytest.param("@@ -5 +5,2 @@\n a\n+b\n@@ -6 +6 @@\n a\n", "overlap", id="overlapping on the new side"),
        pytest.param(f"@@ -{'9' * 5000} +1 @@\n a\n", "header cannot be read", id="a number of 5,000 digits"),
        pytest.param("@@ -1 +1\n a\n", "header cannot be read", id="half a header"),
        pytest.param("@@@ -1 -1 +1 @@@\n  a\n", "combined diff", id="a merge"),
        pytest.param("@@ -1 +1 @@\n*a\n", "fewer lines", id="no such mark"),
        pytest.param("", "hunks alone", id="nothing"),
        pytest.param("Binary files differ\n", "hunks alone", id="no hunk"),
    ],
)
def test_what_does_not_add_up_is_refused(text, clause):
    with pytest.raises(UnreadableError, match=clause):
        patch.parse_hunks(text)


def test_hunks_may_touch_and_need_no_lines_between_them():
    assert (
        len(patch.parse_hunks("@@ -1 +1 @@\n a\n@@ -2 +2 @@\n a\n@@ -2,0 +3 @@\n+b\n@@ -3 +3,0 @@\n-c\n"))
        == 4
    )


def test_lone_surrogates_of_an_api_do_no_harm():
    (hunk,) = patch.parse_hunks("@@ -1 +1 @@\n-a\n+\ud800\n")
    assert hunk.lines[1].text.encode()
