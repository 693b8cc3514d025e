"""What counts as found, and how sure the counts are."""

import itertools

import pytest
from scripted import finding

from reviewbot.evaluation.cases import Label
from reviewbot.evaluation.scoring import Figure, Score, f1, f1_figure, match, rate, same
from reviewbot.findings import Category, Severity
from reviewbot.grounding import Lines

VAGUE = {"title": "This is wrong", "body": "It breaks.", "failure": "It fails."}


def label(first=10, last=10, defect="CWE-89", categories=(Category.SECURITY,), path="auth/login.py"):
    return Label(path, Lines(first, last), categories, defect, Severity.HIGH, "what")


@pytest.mark.parametrize(
    ("said", "expected", "found"),
    [
        pytest.param({"line": 10}, {}, True, id="the very line"),
        pytest.param({"line": 13}, {}, True, id="three lines off"),
        pytest.param({"line": 14}, {}, False, id="four lines off"),
        pytest.param({"line": 10, "path": "auth/logout.py"}, {}, False, id="another file"),
        pytest.param({"line": 1, "last_line": 25}, {}, False, id="a range that points at nothing"),
        pytest.param(
            {"line": 1, "last_line": 25}, {"first": 5, "last": 20}, True, id="a range like the label's"
        ),
        pytest.param(
            {"line": 10, "category": Category.OTHER}, {}, True, id="its class in words, another category"
        ),
        pytest.param(
            {"line": 10, **VAGUE, "category": Category.SECURITY},
            {},
            True,
            id="no class named, the same category",
        ),
        pytest.param(
            {"line": 10, **VAGUE, "category": Category.TEST}, {}, False, id="no class named, another category"
        ),
        pytest.param(
            {"line": 10, **VAGUE, "category": Category.TEST},
            {"categories": (Category.SECURITY, Category.TEST)},
            True,
            id="an accepted category",
        ),
        pytest.param(
            {"line": 10, **VAGUE, "title": "Shell (CWE-78)"},
            {},
            False,
            id="another class in writing, same category",
        ),
        pytest.param(
            {"line": 10, **VAGUE, "title": "Thing (CWE-1)"},
            {},
            True,
            id="an id nobody speaks of says nothing",
        ),
        pytest.param({"line": 10, **VAGUE}, {"defect": ""}, True, id="a label without a class"),
    ],
)
def test_what_is_the_same_defect(said, expected, found):
    said = {"last_line": said["line"], **said}
    assert same(finding(**said), label(**expected)) is found


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_pairs_are_one_to_one_and_as_many_as_can_be(order):
    # Line 12 fits both labels, line 9 only the first: whoever comes first must not cost the other its label.
    findings = [finding(line=12, last_line=12), finding(line=9, last_line=9), finding(line=40, last_line=40)]
    matched = match([findings[n] for n in order], [label(10, 10), label(14, 14)])
    assert matched.score == Score(true=2, false=1, repeats=0, labels=2)
    assert [f.first_line for f in matched.false] == [40]
    assert matched.missed == ()


def test_a_second_finding_of_one_defect_is_neither_true_nor_false():
    matched = match([finding(line=10, last_line=10), finding(line=11, last_line=11)], [label()])
    assert matched.score == Score(true=1, false=0, repeats=1, labels=1)


def test_what_nobody_found_is_missed():
    assert match([], [label()]).missed == (label(),)


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    # Wilson score intervals, computed by hand from the formula at z = 1.96.
    [
        pytest.param(0, 10, 0.0, 0.278, id="none of ten"),
        pytest.param(5, 10, 0.237, 0.763, id="half of ten"),
        pytest.param(10, 10, 0.722, 1.0, id="all of ten"),
        pytest.param(1, 1, 0.207, 1.0, id="one of one proves little"),
    ],
)
def test_shares_come_with_their_interval(hits, of, low, high):
    figure = rate(hits, of)
    assert (figure.value, figure.low, figure.high) == pytest.approx((hits / of, low, high), abs=0.001)


def test_nothing_to_count_is_no_figure():
    assert rate(0, 0) == Figure(None)
    assert f1_figure([Score()], 0) == Figure(None)


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        pytest.param(Score(true=2, labels=2), 1.0, id="all and nothing else"),
        pytest.param(Score(true=1, false=1, labels=3), 0.4, id="half right, a third found"),
        pytest.param(Score(false=1), 0.0, id="only wrong"),
        pytest.param(Score(), None, id="nothing to find, nothing said"),
    ],
)
def test_f1(score, expected):
    assert f1(score) == expected


def test_the_interval_of_f1_is_that_of_drawing_cases_anew():
    scores = [Score(true=1, labels=1)] * 10 + [Score(labels=1)] * 10
    one, again, other = (f1_figure(scores, seed) for seed in (1, 1, 2))
    assert one == again != other
    assert one.low < one.value < one.high
    assert f1_figure([Score(true=1, labels=1)] * 5, 1) == Figure(1.0, 1.0, 1.0)
