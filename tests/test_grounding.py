"""A finding stands on code that is there, or it is dropped with the reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted import file, finding, head

from reviewbot.diff import HeadText
from reviewbot.grounding import Lines, Quotable, anchored, ground

TEXT = """\
import os

def find(name):
    query = "SELECT * FROM t WHERE n = '" + name + "'"
    return run(query)


def other(name):
    return run(query)
"""
FILE = Quotable(head(TEXT))


@pytest.mark.parametrize(
    ("quote", "line", "lands_on"),
    [
        pytest.param("return run(query)", 5, 5, id="where it says"),
        pytest.param("return   run(query)", 5, 5, id="other white space"),
        pytest.param(
            'def find(name):\n  query = "SELECT', 3, 3, id="over a line end, from the line's middle"
        ),
        pytest.param("import os", 4, 1, id="three lines off, and the only one near"),
        pytest.param("return run(query)", 7, None, id="two lines off either way: which one is not known"),
        pytest.param("import os", 5, None, id="four lines off"),
        pytest.param("return run(sql)", 5, None, id="not in the file"),
        pytest.param("", 5, None, id="nothing quoted"),
        pytest.param(" \n\t", 5, None, id="white space quoted"),
        pytest.param("import os", 0, None, id="line 0"),
    ],
)
def test_a_quote_must_be_at_its_lines(quote, line, lands_on):
    grounded = ground(finding(quote=quote, line=line), FILE)
    assert (None if isinstance(grounded, str) else grounded.finding.first_line) == lands_on


def test_lines_that_hold_the_quote_stay_as_the_model_gave_them():
    grounded = ground(finding(first_line=3, last_line=5, quote="return run(query)"), FILE)
    assert (grounded.finding.first_line, grounded.finding.last_line) == (3, 5)
    assert grounded.quoted == Lines(5, 5)


def test_a_quote_is_compared_as_the_model_was_shown_the_line():
    text = Quotable(head("admin = is_admin\u202e and False\nx = 1\n"))
    assert text.find("admin = is_admin<U+202E> and False") == [Lines(1, 1)]
    assert text.find("admin = is_admin\u202e and False") == [Lines(1, 1)]


def test_a_range_past_the_end_is_clipped_to_the_file():
    assert ground(finding(first_line=8, last_line=900, quote="def other(name):"), FILE).finding.last_line == 9


def test_a_range_that_ends_before_it_starts_is_dropped():
    assert "not a range" in ground(finding(first_line=5, last_line=3), FILE)


def test_no_quote_spans_lines_nobody_has_seen():
    seen = Quotable(HeadText({1: "a = 1", 2: "b = 2", 9: "c = 3"}, complete=False))
    assert seen.find("a = 1 b = 2") == [Lines(1, 2)]
    assert seen.find("b = 2 c = 3") == []


@given(st.lists(st.text("ab \t", max_size=6), min_size=1, max_size=12), st.data())
def test_every_line_of_a_file_can_be_quoted(lines, data):
    text = Quotable(HeadText(dict(enumerate(lines, start=1)), complete=True))
    number = data.draw(st.integers(1, len(lines)))
    quote = lines[number - 1]
    places = text.find(quote)
    assert not quote.strip() or any(
        place.gap(Lines(number, number)) == 0 or place.first < number for place in places
    )


def test_a_comment_needs_both_ends_in_one_hunk():
    new = file(text="a\nb\nc\n")
    assert anchored(finding(first_line=1, last_line=3), new)
    assert not anchored(finding(first_line=1, last_line=4), new)
