"""Git is asked with limits, and what it may write to is thrown away."""

import subprocess
import sys

import pytest

from reviewbot import gitcalls, patch
from reviewbot.errors import SourceError


@pytest.fixture
def repo(tmp_path):
    subprocess.run(("git", "init", "--quiet", tmp_path / "repo"), check=True)
    return tmp_path / "repo"


def test_a_scratch_repository_writes_beside_and_is_gone_afterwards(repo):
    with gitcalls.scratch_beside(repo) as scratch:
        blob = scratch.git("hash-object", "-w", "--stdin", feed=b"text").decode().strip()
        assert scratch.git("cat-file", "blob", blob) == b"text"
    assert not scratch.path.exists()
    assert not gitcalls.ask(repo, "cat-file", "-e", blob).ok


def test_a_scratch_repository_reads_what_the_real_one_has(repo):
    (repo / "f").write_bytes(b"text")
    blob = gitcalls.look_up(repo, "hash-object", "-w", "f")
    with gitcalls.scratch_beside(repo) as scratch:
        assert scratch.git("cat-file", "blob", blob) == b"text"


def test_a_scratch_repository_needs_no_real_one():
    with gitcalls.scratch() as scratch:
        assert scratch.git("cat-file", "blob", scratch.keep(b"text")) == b"text"
    assert not scratch.path.exists()


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        pytest.param(b"a\n", b"b\n", [(1, None, "a"), (None, 1, "b")], id="a line"),
        pytest.param(b"", b"a\n", [(None, 1, "a")], id="a new file"),
        pytest.param(b"a", b"", [(1, None, "a")], id="an emptied one that ends without a line feed"),
        pytest.param(
            b"x\ncommit refs/heads/x\n",
            b"x\nblob\nmark :1\n",
            [(2, None, "commit refs/heads/x"), (None, 2, "blob"), (None, 3, "mark :1")],
            id="what git would take for an order",
        ),
        pytest.param(
            b"a\r\n", b"\xff\n", [(1, None, "a\r"), (None, 1, "\ufffd")], id="other line ends and bytes"
        ),
    ],
)
def test_texts_are_compared_many_at_once(before, after, changed):
    pairs = [(b"1\n", b"2\n"), (before, after), (b"3\n", b"4\n")]
    with gitcalls.scratch() as scratch:
        files = {file.path: file for file in patch.parse(scratch.differences(pairs))}
    assert sorted(files) == ["0", "1", "2"]
    (hunk,) = files["1"].hunks
    assert [(line.old, line.new, line.text) for line in hunk.lines if line.added or line.removed] == changed


def test_an_answer_has_a_limit(repo):
    with gitcalls.scratch_beside(repo) as scratch, pytest.raises(SourceError, match=r"more than 1e-05 MB"):
        scratch.git("version", limit=10)


def test_an_answer_has_a_time_limit():
    process = subprocess.Popen((sys.executable, "-c", "import time; time.sleep(600)"), stdout=subprocess.PIPE)
    with pytest.raises(SourceError, match="longer than"):
        gitcalls._read(process, limit=10, seconds=0.05)
    assert process.returncode != 0


def test_a_refusal_is_one_line_with_the_place(tmp_path):
    with pytest.raises(SourceError, match="not a git repository") as caught:
        gitcalls.look_up(tmp_path, "rev-parse", "--git-dir")
    assert str(tmp_path) in str(caught.value)
    assert "fatal" not in str(caught.value)
