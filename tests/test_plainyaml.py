import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewbot import plainyaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("", None, id="an empty file"),
        pytest.param("# nothing\n", None, id="only a comment"),
        pytest.param("\ufeffa: 1\n", {"a": 1}, id="a byte order mark"),
        pytest.param("mode: off", {"mode": "off"}, id="off is a word"),
        pytest.param("[on, yes, no, y, n]", ["on", "yes", "no", "y", "n"], id="so are its relatives"),
        pytest.param("[true, False]", [True, False], id="true and false are not"),
        pytest.param("[~, null, '']", [None, None, ""], id="nothing, and an empty text"),
        pytest.param("[1, -2, 010]", [1, -2, 10], id="whole numbers, never octal"),
        pytest.param("[0.5, 1.]", [0.5, 1.0], id="decimals"),
        pytest.param(
            "[1:30, 2026-01-01, 0x1F, 1e3, .inf]",
            ["1:30", "2026-01-01", "0x1F", "1e3", ".inf"],
            id="the rest are words",
        ),
        pytest.param("9" * 30, "9" * 30, id="a number too long to be meant"),
        pytest.param("<<: {a: 1}", {"<<": {"a": 1}}, id="a merge key is a key"),
        pytest.param("1: x", {"1": "x"}, id="keys are words"),
        pytest.param("a: &anchor [1]", {"a": [1]}, id="an anchor nobody refers to"),
    ],
)
def test_reads(text, value):
    assert plainyaml.parse(text).value == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("a: 1\nb: 2\na: 3\n", "line 3: the key 'a' appears twice", id="a key given twice"),
        pytest.param(
            "a:\n  b: 1\n  'b': 2\n", "line 3: the key 'b' appears twice", id="also when quoted, also inside"
        ),
        pytest.param("ignore:\n  - **/x\n", "line 2: .*in quotes", id="a glob that begins with stars"),
        pytest.param("ignore:\n  - *x\n", "line 2: aliases .*in quotes", id="one that reads as an alias"),
        pytest.param(
            "ignore:\n  - !x/**\n", "line 2: the tag '!x/\\*\\*' .*in quotes", id="one that reads as a tag"
        ),
        pytest.param("a: @x\n", "line 1: .*in quotes", id="a reserved character"),
        pytest.param("a: &a [1]\nb: [*a, *a]\n", "line 2: aliases are not read", id="an alias"),
        pytest.param("a: &a {b: *a}\n", "line 1: aliases are not read", id="an alias of itself"),
        pytest.param("a:\n\tb: 1\n", "line 2: a tab where YAML wants spaces", id="a tab"),
        pytest.param("a: [1,\n", "line 2: expected", id="a list never closed"),
        pytest.param("a: 1\n---\nb: 1\n", "line 2: expected a single document", id="two documents"),
        pytest.param("? [a]\n: 1\n", "line 1: a key must be a word", id="a list as a key"),
        pytest.param(
            "!!python/object/apply:os.system [x]", "line 1: the tag", id="a tag that would run code"
        ),
        pytest.param("a: !!int x", "line 1: the tag", id="a tag that lies"),
        pytest.param("a: !!set {b}", "line 1: the tag", id="a type no configuration has"),
        pytest.param("a: 1\nb: \x00\n", "line 2: a character", id="a control character"),
        pytest.param("[" * 5000, "nested too deeply", id="a tower of brackets"),
        pytest.param("a: " + "x" * plainyaml.SIZE_LIMIT, "larger than 256 kB", id="a file too large"),
    ],
)
def test_refuses(text, message):
    with pytest.raises(ValueError, match=message):
        plainyaml.parse(text)


def test_a_tag_cannot_break_the_line_of_the_message():
    with pytest.raises(ValueError, match="the tag") as caught:
        plainyaml.parse("a: !%0A::error::x y")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        pytest.param(["a"], 1, id="a key"),
        pytest.param(["a", "b"], 2, id="a key inside"),
        pytest.param(["a", "c", 1], 5, id="an item"),
        pytest.param(["a", "x"], 1, id="a key that is missing: where it would be"),
        pytest.param(["a", "c", 7], 3, id="an item that is missing"),
        pytest.param(["x"], None, id="nothing"),
        pytest.param([], None, id="the file"),
    ],
)
def test_knows_the_line(path, line):
    assert plainyaml.parse("a:\n  b: 1\n  c:\n    - x\n    - y\n").line(path) == line


@given(st.text(alphabet="ab:- \n[]{}*&!'\"#|>?%@\t\\,~0.", max_size=40))
def test_never_fails_in_another_way(text):
    with contextlib.suppress(ValueError):
        plainyaml.parse(text)
