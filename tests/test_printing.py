"""A result file is there whole or not at all; standard output gives a runner no command."""

import resource
import subprocess
import sys

import pytest

from reviewbot import printing
from reviewbot.errors import UsageError


def test_a_file_is_replaced_in_one_step(tmp_path):
    (tmp_path / "out").write_text("old")
    with (tmp_path / "out").open() as held:
        printing.write("new", str(tmp_path / "out"))
        assert ((tmp_path / "out").read_text(), held.read()) == ("new", "old")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real").touch()
    (tmp_path / "link").symlink_to("real")
    printing.write("new", str(tmp_path / "link"))
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


def test_a_pipe_is_written_to(tmp_path):
    written = subprocess.run(
        [sys.executable, "-c", "from reviewbot import printing; printing.write('new', '/dev/stdout')"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert written.stdout == "new"


@pytest.mark.parametrize("before", [None, "old"])
def test_without_room_what_was_there_stays(tmp_path, before):
    out = tmp_path / "out"
    if before is not None:
        out.write_text(before)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, limits[1]))
    try:
        with pytest.raises(UsageError, match="cannot write the result"):
            printing.write("x" * 10_000, str(out))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (out.read_text() if out.exists() else None) == before
    assert len(list(tmp_path.iterdir())) == (before is not None)


def test_a_closed_standard_output_is_named_before_anything_is_done(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(UsageError, match="there is no standard output"):
        printing.check(None)


def test_a_full_device_is_named():
    with pytest.raises(UsageError, match="/dev/full: No space left"):
        printing.write("x", "/dev/full")


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        pytest.param("::error::x\n", "\\u003a:error::x\n", id="at the start"),
        pytest.param("a\n  ::add-mask::x\n", "a\n  \\u003a:add-mask::x\n", id="behind blanks"),
        pytest.param("a ##[error]x ####[x\n", "a ##\\u005berror]x ####\\u005bx\n", id="in its old form"),
        pytest.param(
            "a ::error::x\n::not one\nstd::x\n", "a ::error::x\n::not one\nstd::x\n", id="not commands"
        ),
        pytest.param('{"a": "##[x]"}', '{"a": "##\\u005bx]"}', id="the same JSON"),
    ],
)
def test_standard_output_commands_nobody(capsysbinary, text, printed):
    printing.write(text, None)
    assert capsysbinary.readouterr().out.decode() == printed
