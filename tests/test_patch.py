"""Every file of a diff is accounted for: read, or named with the reason why not."""

import contextlib
import subprocess

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reviewbot import patch
from reviewbot.diff import FileDiff, Hunk, Line, Status, split_lines
from reviewbot.errors import UsageError

GOOD = b"diff --git a/good.py b/good.py\nindex 1111111..2222222 100644\n--- a/good.py\n+++ b/good.py\n@@ -1 +1 @@\n-a\n+b\n"
HUNK = (Hunk(1, 1, 1, 1, "", (Line(1, None, "a"), Line(None, 1, "b"))),)
BODY = b"@@ -1 +1 @@\n-a\n+b\n"


def one(raw):
    (file,) = patch.parse(raw)
    return file


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param(
            GOOD,
            FileDiff("good.py", Status.MODIFIED, old_mode="100644", new_mode="100644", hunks=HUNK),
            id="modified",
        ),
        pytest.param(
            b"diff --git a/x b/x\nnew file mode 100755\nindex 0000000..2222222\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+b\n",
            FileDiff(
                "x", Status.ADDED, new_mode="100755", hunks=(Hunk(0, 0, 1, 1, "", (Line(None, 1, "b"),)),)
            ),
            id="added",
        ),
        pytest.param(
            b"diff --git a/x b/x\nnew file mode 100644\nindex 0000000..e69de29\n",
            FileDiff("x", Status.ADDED, new_mode="100644"),
            id="added, empty",
        ),
        pytest.param(
            b"diff --git a/x b/x\ndeleted file mode 100644\nindex 1111111..0000000\n--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n",
            FileDiff(
                "x", Status.DELETED, old_mode="100644", hunks=(Hunk(1, 1, 0, 0, "", (Line(1, None, "a"),)),)
            ),
            id="deleted",
        ),
        pytest.param(
            b"diff --git a/x b/x\ndeleted file mode 100644\nindex 1111111..0000000\n",
            FileDiff("x", Status.DELETED, old_mode="100644"),
            id="deleted, content left out by -D",
        ),
        pytest.param(
            b"diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to y\n",
            FileDiff("y", Status.RENAMED, old_path="x"),
            id="renamed",
        ),
        pytest.param(
            b"diff --git a/x b/y\nsimilarity index 90%\ncopy from x\ncopy to y\nindex 1111111..2222222 100644\n"
            b"--- a/x\n+++ b/y\n" + BODY,
            FileDiff("y", Status.COPIED, old_path="x", old_mode="100644", new_mode="100644", hunks=HUNK),
            id="copied and changed",
        ),
        pytest.param(
            b"diff --git a/x b/x\nold mode 100644\nnew mode 100755\n",
            FileDiff("x", Status.MODE, old_mode="100644", new_mode="100755"),
            id="mode",
        ),
        pytest.param(
            b"diff --git a/x b/x\nold mode 100644\nnew mode 100755\nindex 1111111..2222222\n--- a/x\n+++ b/x\n"
            + BODY,
            FileDiff("x", Status.MODIFIED, old_mode="100644", new_mode="100755", hunks=HUNK),
            id="mode and content",
        ),
        pytest.param(
            b"diff --git a/x b/x\nindex 1111111..2222222 100644\nBinary files a/x and b/x differ\n",
            FileDiff("x", Status.MODIFIED, old_mode="100644", new_mode="100644", binary=True),
            id="binary, named",
        ),
        pytest.param(
            b"diff --git a/x b/x\nindex 1111111..2222222 100644\nGIT binary patch\ndelta 6\nNcmZ=@\n\ndelta 6\nNcmZ=?\n\n",
            FileDiff("x", Status.MODIFIED, old_mode="100644", new_mode="100644", binary=True),
            id="binary, with content",
        ),
        pytest.param(
            b"diff --git a/sub b/sub\nindex 1111111..2222222 160000\n--- a/sub\n+++ b/sub\n" + BODY,
            FileDiff("sub", Status.MODIFIED, old_mode="160000", new_mode="160000", hunks=HUNK),
            id="submodule",
        ),
        pytest.param(
            b"diff --git a/x b/x\ndeleted file mode 100644\nindex 1111111..0000000\n--- a/x\n+++ /dev/null\n@@ -1,2 +0,0 @@\n"
            b"-a\n-b\ndiff --git a/x b/x\nnew file mode 120000\nindex 0000000..2222222\n--- /dev/null\n+++ b/x\n"
            b"@@ -0,0 +1 @@\n+target\n\\ No newline at end of file\n",
            FileDiff(
                "x",
                Status.MODIFIED,
                old_mode="100644",
                new_mode="120000",
                hunks=(
                    Hunk(1, 2, 1, 1, "", (Line(1, None, "a"), Line(2, None, "b"), Line(None, 1, "target"))),
                ),
            ),
            id="a file that becomes a link is one file",
        ),
        pytest.param(
            b"diff --git a/x b/x\r\nindex 1111111..2222222 100644\r\n--- a/x\r\n+++ b/x\r\n@@ -1 +1 @@\r\n-a\r\n+b\r\n",
            FileDiff(
                "x",
                Status.MODIFIED,
                old_mode="100644",
                new_mode="100644",
                hunks=(Hunk(1, 1, 1, 1, "", (Line(1, None, "a\r"), Line(None, 1, "b\r"))),),
            ),
            id="CRLF throughout",
        ),
        pytest.param(b"--- x.orig\n+++ x\n" + BODY, FileDiff("x", Status.MODIFIED, hunks=HUNK), id="plain"),
        pytest.param(
            b"--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+b\n",
            FileDiff("x", Status.ADDED, hunks=(Hunk(0, 0, 1, 1, "", (Line(None, 1, "b"),)),)),
            id="plain, added",
        ),
        pytest.param(
            b"--- a/x\t2020-01-01 00:00:00\n+++ b/x\t1970-01-01 00:00:00\n@@ -1 +0,0 @@\n-a\n",
            FileDiff("x", Status.DELETED, hunks=(Hunk(1, 1, 0, 0, "", (Line(1, None, "a"),)),)),
            id="plain, emptied or deleted",
        ),
        pytest.param(
            b"Binary files p/x.png and q/x.png differ\n",
            FileDiff("x.png", Status.MODIFIED, binary=True),
            id="plain, binary",
        ),
    ],
)
def test_what_happened_to_a_file(raw, expected):
    assert patch.parse(raw) == (expected,)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("\ufeff", id="a byte order mark"),
        pytest.param(
            "From 1111 Mon Sep 17 00:00:00 2001\nSubject: [PATCH] x\n\nWhy.\n---\n x | 2 +-\n\n", id="mail"
        ),
        pytest.param("Description: x\nAuthor: y\nForwarded: no\n\n", id="DEP-3"),
        pytest.param("Index: good.py\n=======\n", id="Subversion"),
        pytest.param("--- not\na header\n+++ either\n", id="dashes in prose"),
    ],
)
def test_text_before_a_file_is_skipped(text):
    assert patch.parse(text.encode() + GOOD) == patch.parse(GOOD)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"-- \n2.47.1\n\n", id="signature"),
        pytest.param(b"---\ntopgit\n", id="dashes"),
        pytest.param(
            b"\nFrom 2222 Mon Sep 17 00:00:00 2001\nSubject: two\n\n---\n f | 1 +\n", id="the next mail"
        ),
        pytest.param(b"\n\n", id="blank lines"),
    ],
)
def test_text_after_a_file_is_skipped(text):
    assert patch.parse(GOOD + text) == patch.parse(GOOD)


@pytest.mark.parametrize(
    ("raw", "path", "clause"),
    [
        pytest.param(b"diff --cc x y.py\nindex 1,2..3\n--- a/x y.py\n+++ b/x y.py\n@@@ -1 -1 +1 @@@\n  a\n", "x y.py", "combined", id="--cc"),
        pytest.param(b"diff --combined x\n@@@ -1 -1 +1 @@@\n  a\n", "x", "combined", id="--combined"),
        pytest.param(b"diff --git a/x b/x\nindex 1..2\n--- a/x\n+++ b/x\n@@@ -1 -1 +1 @@@\n  a\n", "x", "combined", id="@@@ alone"),
        pytest.param(b"*** a/x\t2020\n--- b/x\t2021\n***************\n*** 1 ****\n! a\n--- 1 ----\n! b\n", "x", "context diff", id="context"),
        pytest.param(b"Submodule lib 1111111..2222222:\n  > Fix\n", "lib", "submodule's log", id="submodule log"),
        pytest.param(b"diff --git a/x b/x\nindex 1..2\n--- a/x\n+++ b/x\n@@ -1,9 +1 @@\n-a\n+b\n", "x", "fewer", id="short hunk"),
        pytest.param(b"diff --git a/x b/x\nindex 1..2\n--- a/x\n+++ b/x\n" + BODY + b"+evil()\n", "x", "more lines", id="long hunk"),
        pytest.param(b"--- a/x\n+++ b/x\n" + BODY + b"-gone\n", "x", "more lines", id="long hunk, plain"),
        pytest.param(b"--- a/x\n+++ b/x\n" + BODY + b"prose\n@@ -9 +9 @@\n-c\n+d\n", "x", "follows text", id="a stray hunk"),
        pytest.param(b"diff --git a/x b/x\nindex 1..2\n--- a/x\n+++ b/x\n@@ -1 +" + b"9" * 5000 + b" @@\n-a\n+b\n", "x", "cannot be read", id="a huge number"),
        pytest.param(b"diff --git a/x b/x\nindex 1111111..2222222 100644\n", "x", "no hunk follows", id="content missing"),
        pytest.param(b"diff --git a/x b/x\nnew file mode 100644\nindex 0000000..2222222\n", "x", "no hunk follows", id="new content missing"),
        pytest.param(b"diff --git a/x b/y\nsimilarity index 60%\nrename from x\nrename to y\nindex 1111111..2222222\n", "y", "no hunk follows", id="rename without its changes"),
        pytest.param(b"diff --git a/x b/x\nnew file mode 100644\n--- a/x\n+++ b/x\n" + BODY, "x", "called new", id="new with old lines"),
        pytest.param(b"diff --git a/x b/x\ndeleted file mode 100644\n--- a/x\n+++ b/x\n" + BODY, "x", "called deleted", id="deleted with new lines"),
        pytest.param(b"diff --git a/x b/x\n--- a/x\n+++ b/y\n" + BODY, "a/x b/x", "different files", id="two names"),
        pytest.param(b"diff --git nonsense\n" + BODY, "nonsense", "does not name", id="no name"),
        pytest.param(b"--- a/../../etc/passwd\n+++ b/../../etc/passwd\n" + BODY, "../../etc/passwd", "leads out", id="upwards"),
        pytest.param(b'diff --git "a/x\\ny" "b/x\\ny"\nindex 1..2\n--- "a/x\\ny"\n+++ "b/x\\ny"\n' + BODY, "x\ny", "control", id="line feed in a name"),
        pytest.param(b'diff --git "a/\\351" "b/\\351"\nindex 1..2\n--- "a/\\351"\n+++ "b/\\351"\n' + BODY, "\\xe9", "not UTF-8", id="Latin-1 name"),
        pytest.param(b"diff --git a/.git/x b/.git/x\nindex 1..2\n--- a/.git/x\n+++ b/.git/x\n" + BODY, ".git/x", "leads out", id=".git"),
    ],
)  # fmt: skip
def test_an_unreadable_file_is_named_and_hides_no_other(raw, path, clause):
    first, bad, last = patch.parse(GOOD.replace(b"good", b"first") + raw + GOOD)
    assert (first.path, last.path) == ("first.py", "good.py")
    assert (first.hunks, last.hunks) == (HUNK, HUNK)
    assert (bad.path, bad.hunks) == (path, ())
    assert clause in bad.problem


def test_a_file_that_is_deleted_and_made_anew_is_not_taken_for_a_change_of_type():
    gone = b"diff --git a/x b/x\ndeleted file mode 100644\n--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n"
    come = b"diff --git a/x b/x\nnew file mode 100755\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+b\n"
    assert "more than once" in one(gone + come).problem


def test_a_file_that_comes_twice_is_one_file_with_a_problem():
    file, other = patch.parse(GOOD + GOOD.replace(b"good", b"other") + GOOD)
    assert (file.path, file.hunks, other.hunks) == ("good.py", (), HUNK)
    assert "more than once" in file.problem


def test_removed_and_added_lines_that_look_like_headers_stay_in_their_hunk():
    sql, other = patch.parse(
        b"--- a/x.sql\n+++ b/x.sql\n@@ -1,2 +1,2 @@\n drop\n--- a/y\n+++ b/y\n@@ -9 +9 @@\n-a\n+b\n--- a/z\n+++ b/z\n"
        + BODY
    )
    assert [line.text for line in sql.hunks[0].lines] == ["drop", "-- a/y", "++ b/y"]
    assert (len(sql.hunks), other.path) == (2, "z")


def test_a_folder_called_b_is_not_a_prefix():
    raw = GOOD.replace(b"good.py", b"x b/y.py")
    assert one(raw).path == "x b/y.py"
    assert one(raw.replace(b"a/x", b"x").replace(b"b/x", b"x")).path == "x b/y.py"


def test_bytes_that_are_not_utf8_become_valid_text():
    (hunk,) = one(GOOD.replace(b"+b", b"+caf\xe9")).hunks
    assert hunk.lines[1].text == "caf\ufffd"


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        pytest.param(b"", "diff is empty", id="nothing"),
        pytest.param(b" \n\n", "diff is empty", id="white space"),
        pytest.param(b"hello\n", "is not a diff; ", id="prose"),
        pytest.param(b"--- a/x\n+++ b/x\n", "is not a diff; ", id="headers alone"),
        pytest.param(b"\x00\xff" * 100, "is not a diff; ", id="bytes"),
        pytest.param(b"1c1\n< a\n---\n> b\n", "ed or normal diff", id="normal diff"),
        pytest.param(b"3,4d\n1c\nb\n.\n", "ed or normal diff", id="ed script"),
        pytest.param(
            b"***************\n*** 1 ****\n! a\n--- 1 ----\n! b\n", "context diff", id="context, no names"
        ),
        pytest.param(BODY, "belongs to no file", id="hunks alone"),
        pytest.param(BODY + GOOD, "belongs to no file", id="a hunk before the first file"),
        pytest.param(GOOD.decode().encode("utf-16"), "UTF-16", id="PowerShell"),
        pytest.param(b"\x1b[1mdiff --git a/x b/x\x1b[m\n", "coloured", id="colours"),
    ],
)
def test_what_is_no_diff_is_refused_in_one_sentence(raw, sentence):
    with pytest.raises(UsageError, match=sentence):
        patch.parse(raw)


def test_too_much_is_refused():
    with pytest.raises(UsageError, match="larger than 50 MB"):
        patch.parse(GOOD + b" " * patch.MAX_BYTES)
    with pytest.raises(UsageError, match="more than 20,000 files"):
        patch.parse(b"diff --git a/x b/x\nold mode 100644\nnew mode 100755\n" * (patch.MAX_FILES + 1))


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"diff --git " + b"a://x" * 200_000 + b"\n", id="a git header of 1 MB"),
        pytest.param(
            b"diff --git a/x b/x\nindex 1..2\nBinary files " + b" and " * 200_000 + b"\n", id="and and and"
        ),
        pytest.param(
            b"Binary files " + b" and " * 200_000 + b"differ\n" + GOOD, id="the same outside a file"
        ),
        pytest.param(b"--- " + b" " * 500_000 + b"x\n+++ b/x\n" + BODY, id="a name of spaces"),
        pytest.param(
            b"diff --git a/x b/x\nrename from " + b"\\" * 500_000 + b"\n", id="a name of backslashes"
        ),
        pytest.param(b'diff --git "' + b"\\" * 500_000 + b"\n", id="a quote of backslashes"),
        pytest.param(b"Submodule " + b" 1111111.." * 100_000 + b"\n" + GOOD, id="dots"),
        pytest.param(
            b"--- a/x\n+++ b/x\n@@ -1 +1 @@ " + b"@ " * 400_000 + b"\n-a\n+b\n", id="a section of 800 kB"
        ),
        pytest.param(b"--- a/x\n+++ b/x\n" + b"@@ -1 +1 @@\n" * 50_000, id="headers only"),
        pytest.param(b"--- a/x\n+++ b/x\n@@ -1,99999 +1,99999 @@\n" * 20_000, id="headers and headers"),
    ],
)
def test_hostile_headers_cost_no_time(raw):
    """Each of these takes a backtracking reader minutes; here the suite would hang."""
    assert patch.parse(raw)


@given(st.binary(max_size=300))
@example(b"diff --git \n")
@example(b"--- \n+++ \n@@ -1 +1 @@")
@example(b"*** \n--- \n*****")
@example(b"@@ -1 +1 @@\n\\ ")
def test_no_bytes_raise_anything_but_a_usage_error(raw):
    with contextlib.suppress(UsageError):
        patch.parse(raw)


PIECES = st.sampled_from([
    b"diff --git a/x b/x\n", b'diff --git "a/x" b/x\n', b"diff --cc x\n", b"new file mode 100644\n", b"index 1..2 120000\n",
    b"deleted file mode 1\n", b"rename from x\n", b"rename to y\n", b"--- a/x\n", b"+++ b/x\n", b"--- /dev/null\n", b"+++ /dev/null\n",
    b"@@ -1 +1 @@\n", b"@@ -1,2 +0,0 @@ f\n", b"@@ -0,0 +1,2 @@\n", b"@@@ -1 -1 +1 @@@\n", b"@@ -", b" a\n", b"-a\n", b"+a\n", b"\n",
    b"\r\n", b"\\ No newline at end of file\n", b"*** x\n", b"***************\n", b"GIT binary patch\n", b"Binary files a and b differ\n",
    b"Submodule x 1111111..2222222:\n", b"-- \n", b"\xff", b"\x00",
])  # fmt: skip


@settings(max_examples=400)
@given(st.lists(PIECES, max_size=14).map(b"".join))
def test_pieces_of_diffs_in_any_order_are_read_or_refused(raw):
    with contextlib.suppress(UsageError):
        files = patch.parse(raw)
        assert len({file.path for file in files}) == len(files)
        for file in files:
            assert not (file.problem and file.hunks)
            for side in ("LEFT", "RIGHT"):
                assert all(file.commentable(side, line) for line in file.shown(side))
            file.path.encode()


LINES = st.lists(
    st.sampled_from(["a", "b", "", " ", "-- x", "++ y", "@@ -1 +1 @@", "é\r", "\x0c", "\\ z"]), max_size=12
)
ENDS = st.sampled_from(["", "\n"])


@settings(max_examples=60)
@given(before=LINES, after=LINES, ends=st.tuples(ENDS, ENDS), context=st.integers(0, 3))
def test_what_git_wrote_leads_from_the_old_file_to_the_new(tmp_path_factory, before, after, ends, context):
    folder = tmp_path_factory.mktemp("pair")
    old, new = (
        "\n".join(lines) + (end if lines else "") for lines, end in zip((before, after), ends, strict=True)
    )
    (folder / "old").write_bytes(old.encode())
    (folder / "new").write_bytes(new.encode())
    command = ["git", "diff", "--no-index", "--text", f"-U{context}", "old", "new"]
    raw = subprocess.run(command, cwd=folder, capture_output=True, check=False).stdout
    if not raw:
        assert old == new
        return
    file = one(raw)
    assert file.problem is None
    assert file.applied(split_lines(old.encode())) == split_lines(new.encode())
    assert file.shown("LEFT").items() <= dict(enumerate(split_lines(old.encode()), 1)).items()
    assert file.shown("RIGHT").items() <= dict(enumerate(split_lines(new.encode()), 1)).items()
