"""Texts about one defect are alike, whoever wrote them; texts about the same code are not for that alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewbot.wording import compare

CLOSED = "The session opened in `load_report` is never closed"
REWORDED = "`load_report` opens a session and leaves it open: it is not closed on any path"
OTHER = "`load_report` formats the date of the session in the local time zone"


@pytest.mark.parametrize(
    ("nearer", "farther"),
    [
        pytest.param((CLOSED, REWORDED), (CLOSED, OTHER), id="the defect counts, not the names around it"),
        pytest.param((CLOSED, CLOSED), (CLOSED, REWORDED), id="the same words are nearest"),
        pytest.param(
            ("retries are unlimited", "unlimited retry"),
            ("retries are unlimited", "retry budget"),
            id="endings do not count",
        ),
        pytest.param(
            ("parseRowDate drops the zone", "`parseRowDate` loses the zone"),
            ("parseRowDate drops the zone", "the date in the row has a zone"),
            id="an identifier counts whole",
        ),
        pytest.param(
            ("Values overflow (CWE-190)", "The sum exceeds its type (CWE-190)"),
            ("Values overflow (CWE-190)", "The sum exceeds its type (CWE-369)"),
            id="a class of defect in common",
        ),
        pytest.param(
            (CLOSED, f"{REWORDED}\n```python\nwith session() as total:\n    budget = 3\n```"),
            (CLOSED, f"{REWORDED}\nwith session() as total:\n    budget = 3\n"),
            id="proposed code does not count",
        ),
    ],
)
def test_which_two_are_more_alike(nearer, farther):
    assert compare(*nearer).likeness > compare(*farther).likeness


@given(st.text(), st.text())
def test_the_order_of_two_texts_does_not_matter(one, other):
    assert compare(one, other) == compare(other, one)


@given(st.text(), st.text())
def test_likeness_stays_in_its_range(one, other):
    assert 0 <= compare(one, other).likeness <= 1.15


@pytest.mark.parametrize("text", ["", "the and of", "```\ncode = 1\n```", "…"])
def test_a_text_that_says_nothing_is_like_none(text):
    assert compare(text, text).likeness == 0


@pytest.mark.parametrize(
    "text",
    ["`" * 100_000, "_" * 100_000, "aB" * 50_000, "``` " * 25_000],
    ids=["ticks", "dashes", "humps", "fences"],
)
def test_hostile_text_is_read_in_part(text):
    assert compare(text, f"{text} closed") == compare(text, f"{text} open")
