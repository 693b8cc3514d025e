"""Names are those git means, and dangerous ones are told from others."""

import pytest

from reviewbot import names
from reviewbot.names import UnreadableError


def fields(**values):
    return {key.replace("_", " ").encode() + b" ": value for key, value in values.items()}


@pytest.mark.parametrize(
    ("pair", "lines", "expected"),
    [
        pytest.param(b"a/x.py b/x.py", {}, (b"x.py", b"x.py"), id="plain"),
        pytest.param(b"b/x.py a/x.py", {}, (b"x.py", b"x.py"), id="reversed"),
        pytest.param(b"i/x.py w/x.py", {}, (b"x.py", b"x.py"), id="mnemonic prefixes"),
        pytest.param(b"old/d/x new/d/x", {}, (b"d/x", b"d/x"), id="prefixes of one's own"),
        pytest.param(b"before/x y", {}, UnreadableError, id="no two equal names"),
        pytest.param(b"before/d/x after/d/x", {}, (b"d/x", b"d/x"), id="prefixes of different length"),
        pytest.param(b"src/x.py src/x.py", {}, (b"src/x.py", b"src/x.py"), id="no prefix"),
        pytest.param(b"x.py x.py", {}, (b"x.py", b"x.py"), id="no prefix, no folder"),
        pytest.param(
            b"a/x b/y.py b/x b/y.py", {}, (b"x b/y.py", b"x b/y.py"), id="a folder that ends in ' b'"
        ),
        pytest.param(b"x b/y.py x b/y.py", {}, (b"x b/y.py", b"x b/y.py"), id="the same without prefix"),
        pytest.param(b"a/b b b/b b", {}, (b"b b", b"b b"), id="spaces all over"),
        pytest.param(b'"a/\\303\\251.py" "b/\\303\\251.py"', {}, ("é.py".encode(),) * 2, id="octal escapes"),
        pytest.param(rb'"a/\t\"\\.py" "b/\t\"\\.py"', {}, (b'\t"\\.py',) * 2, id="C escapes"),
        pytest.param(
            b'a/x y "b/\\tz"',
            fields(rename_from=b"x y", rename_to=b'"\\tz"'),
            (b"x y", b"\tz"),
            id="one quoted",
        ),
        pytest.param(
            b"a/a b b/b a",
            fields(rename_from=b"a b", rename_to=b"b a"),
            (b"a b", b"b a"),
            id="a rename with spaces",
        ),
        pytest.param(b"a/x b/y", fields(copy_from=b"x", copy_to=b"y"), (b"x", b"y"), id="a copy"),
        pytest.param(b"a/x b/y", {b"--- ": b"a/x", b"+++ ": b"b/y"}, (b"x", b"y"), id="--no-index"),
        pytest.param(
            b"a/x y b/x y", {b"--- ": b"a/x y\t", b"+++ ": b"b/x y\t"}, (b"x y",) * 2, id="tab after spaces"
        ),
        pytest.param(b"a/x b/x", {b"--- ": b"/dev/null", b"+++ ": b"b/x"}, (b"x", b"x"), id="a new file"),
        pytest.param(
            b"a/x b/x", {b"--- ": b"a/x", b"+++ ": b"b/evil"}, UnreadableError, id="lines that disagree"
        ),
        pytest.param(
            b"a/x b/y",
            {**fields(rename_from=b"x", rename_to=b"y"), b"+++ ": b"b/z", b"--- ": b"a/x"},
            UnreadableError,
            id="a rename that disagrees",
        ),
        pytest.param(b"", {}, UnreadableError, id="nothing"),
        pytest.param(b'"a/x', {}, UnreadableError, id="an open quote"),
    ],
)
def test_names_of_a_git_diff(pair, lines, expected):
    if expected is UnreadableError:
        with pytest.raises(UnreadableError):
            names.in_git_headers(pair, lines)
    else:
        assert names.in_git_headers(pair, lines) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(b"a/x", b"b/x", b"x", id="prefixes"),
        pytest.param(b"p-1.0.orig/d/x", b"p-1.0/d/x", b"d/x", id="two trees"),
        pytest.param(b"x\t(revision 191)", b"x\t(working copy)", b"x", id="Subversion"),
        pytest.param(
            b"auth/x\t(revision 1)", b"auth/x\t(working copy)", b"auth/x", id="equal names have no prefix"
        ),
        pytest.param(b"d/x.orig", b"d/x", b"x", id="a backup copy"),
        pytest.param(b"d/x", b"d/x.new", b"x", id="a new copy"),
        pytest.param(
            b"a/x y 2005-04-12 02:14:06 -07:00", b"b/x y 2010-08-18 20:13:31.48 -0500", b"x y", id="times"
        ),
        pytest.param(b'"a/\\303\\251"\t2005', b'"b/\\303\\251"', "é".encode(), id="quoted"),
    ],
)
def test_names_of_a_plain_patch(old, new, expected):
    assert names.in_plain_headers(old, new) == (expected, expected)


@pytest.mark.parametrize(
    ("name", "clause"),
    [
        pytest.param(b"src/app.py", None, id="ordinary"),
        pytest.param("größe/名前 (1).py".encode(), None, id="not ASCII"),
        pytest.param(b"..hidden/...", None, id="dots that go nowhere"),
        pytest.param(b".github/x", None, id="not .git"),
        pytest.param(b"/etc/passwd", "absolute", id="absolute"),
        pytest.param(b"C:\\x", "absolute", id="a drive"),
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b"a/../../x", "leads out", id="upwards"),
        pytest.param(b"..\\x", "leads out", id="upwards with a backslash"),
        pytest.param(b"a//x", "leads out", id="an empty part"),
        pytest.param(b".git/config", "leads out", id="git's own files"),
        pytest.param(b"sub/.GIT/hooks/x", "leads out", id="on a file system without case"),
        pytest.param(b"a\nFile: b", "control", id="a line feed"),
        pytest.param(b"a\x00b", "control", id="NUL"),
        pytest.param("a\x9bb".encode(), "control", id="C1"),
        pytest.param(b"caf\xe9", "not UTF-8", id="Latin-1"),
    ],
)
def test_a_dangerous_name_is_told(name, clause):
    flaw = names.flaw(name)
    assert flaw is None if clause is None else clause in flaw


def test_a_name_that_is_not_utf8_becomes_text_and_stays_itself():
    assert names.readable(b"caf\xe9") == "caf\\xe9"
    assert names.readable(b"caf\xe9") != names.readable(b"caf\xe8")
