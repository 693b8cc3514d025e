"""What text an analyser gets for a file, and that its lines lead back to the right ones."""

import ast

import pytest
from subjects import ask, subject

from reviewbot import analyzers
from reviewbot.analyzers.source import Language, language_of, sources
from reviewbot.diff import HeadText

SEATS = ("ruff", "bandit", "ast-grep", "lexical")


@pytest.fixture(scope="module")
def models():
    return analyzers.build_all()


def found(model, item):
    return [(f.first_line, f.title[-8:].strip("( )")) for f in ask(model, "review", item).findings]


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("a.py", Language.PYTHON),
        ("A.TSX", Language.TSX),
        ("dir.py/file", None),
        ("a.py.orig", None),
        ("noext", None),
        ("Dockerfile", None),
    ],
)
def test_the_suffix_says_the_language(path, language):
    assert language_of(path) is language


#: Python from the middle of a file, and the line of it on which `eval` is.
MIDDLE = {
    "the inside of a block": ("    a = 1\n    eval(x)\n", 2),
    "the end of an inner block and what follows": ("        a = 1\n    b = 2\n    eval(x)\n", 3),
    "a handler without its try": ("        a = 1\n    except OSError:\n        eval(x)\n", 3),
    "a handler at the very start": ("    except OSError:\n        eval(x)\n", 2),
    "an else without its if": ("    else:\n        eval(x)\n", 2),
    "a finally without its try": ("    finally:\n        eval(x)\n", 2),
    "the head of a block without its body": ("    eval(x)\n    if y:\n", 1),
    "one method's end and the next": ("        return a\n\n    def f(self):\n        eval(x)\n", 4),
    "tabs": ("\teval(x)\n", 1),
    "a comment that is indented more": ("        # note\n    eval(x)\n", 2),
}
BEFORE = 40


@pytest.fixture(scope="module")
def middles(models):
    files = []
    for number, (code, _) in enumerate(MIDDLE.values()):
        text = "\n" * BEFORE + code
        files.append(subject(f"{number}.py", text, known=set(range(BEFORE + 1, text.count("\n") + 1))))
    return {name: ask(models[name], "review", *files).findings for name in SEATS}


@pytest.mark.parametrize("name", SEATS)
@pytest.mark.parametrize("piece", MIDDLE)
def test_a_piece_of_python_is_read_as_the_block_it_is(middles, piece, name):
    path = f"{list(MIDDLE).index(piece)}.py"
    assert [f.first_line for f in middles[name] if f.path == path] == [BEFORE + MIDDLE[piece][1]]


def test_each_piece_of_python_parses_by_itself():
    head = HeadText({10: "    a = 1", 11: "except X:", 12: "    pass", 30: "return 1"}, complete=False)
    texts = [source.text for source in sources("a.py", head)]
    assert len(texts) == 2
    assert all(ast.parse(text) for text in texts)


@pytest.mark.parametrize("name", SEATS)
def test_pieces_keep_the_line_numbers_of_the_file(models, name):
    text = "import os\n" + "x = 1\n" * 20 + "os.system(command)\n" + "x = 1\n" * 20 + "eval(x)\n"
    item = subject("a.py", text, known={21, 22, 23, 42, 43})
    assert sorted(found(models[name], item)) == [(22, "CWE-78"), (43, "CWE-95")]


def test_a_piece_that_does_not_parse_is_not_read(models):
    item = subject("a.py", 'x = (\n  1,\n  "eval(x)",\n', known={2, 3})
    assert ask(models["ruff"], "review", item).read == {"a.py"}
    item = subject("a.py", "x = [\n  1,\n]\neval(x)\n", known={3, 4})
    assert ask(models["ruff"], "review", item).read == frozenset()
    assert ask(models["ast-grep"], "review", item).read == {"a.py"}


@pytest.mark.parametrize(
    ("path", "text", "cwe"),
    [
        pytest.param("a.py", "x = 1  # fine\reval(y)\nz = 2\n", "CWE-95", id="a carriage return in Python"),
        pytest.param(
            "a.js", "let x = 1; // fine\u2028eval(y)\nlet z = 2;\n", "CWE-95", id="U+2028 in JavaScript"
        ),
        pytest.param(
            "A.java",
            "class A { // fine\rObject o = new ObjectInputStream(s);\n}\n",
            "CWE-502",
            id="one in Java",
        ),
    ],
)
def test_code_behind_an_unusual_line_end_is_seen_on_the_line_the_diff_shows(models, path, text, cwe):
    for name in SEATS:
        if models[name].reads(path):
            assert found(models[name], subject(path, text)) == [(1, cwe)], name


def test_a_carriage_return_at_the_end_is_a_line_end():
    head = HeadText({1: "x = 1\r", 2: "y = 2\r"}, complete=True)
    (source,) = sources("a.py", head)
    assert (source.text, source.origin) == ("x = 1\ny = 2\n", (1, 2))


@pytest.mark.parametrize(
    ("first", "read"),
    [
        pytest.param("# -*- coding: utf-8 -*-", True, id="UTF-8"),
        pytest.param("# coding: Latin-1", True, id="latin-1"),
        pytest.param("# -*- coding: utf-7 -*-", False, id="UTF-7, in which a comment can be code"),
        pytest.param(
            "# vim: set fileencoding=unicode_escape :", False, id="escapes, in which a line can be two"
        ),
    ],
)
def test_python_in_an_odd_encoding_is_not_read_by_anybody(models, first, read):
    item = subject("a.py", f"{first}\nx = 1\n")
    for name in SEATS:
        assert ask(models[name], "review", item).read == ({"a.py"} if read else frozenset()), name
