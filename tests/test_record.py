"""A record shows every edit, and a crash leaves a sound beginning."""

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewbot import record
from reviewbot.errors import UsageError
from reviewbot.record import BrokenRecordError

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
DATA = [{"a": 1}, ["\u202e", "\udcff"], "x" * 50, None, 2.5]


def written(path, lines=DATA, *, ended=True):
    writer = record.Writer(path, clock=lambda: NOON)
    for data in lines:
        writer.write("some", data)
    writer.close(ended=ended)
    return path


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    return written(tmp_path_factory.mktemp("record") / "r.jsonl").read_bytes()


def test_what_was_written_is_read(tmp_path):
    verified = record.read(written(tmp_path / "r"))
    assert [line.data for line in verified.lines[:-1]] == DATA
    assert [line.n for line in verified.lines] == [1, 2, 3, 4, 5, 6]
    assert verified.lines[0].at == "2026-01-02T12:00:00.000+00:00"
    assert verified.ended


def test_it_is_for_its_owner_alone(tmp_path):
    assert stat.S_IMODE(written(tmp_path / "r").stat().st_mode) == 0o600


def test_the_hash_of_the_last_line_stands_for_all_lines(tmp_path):
    first = record.read(written(tmp_path / "a")).hash
    assert first == record.read(written(tmp_path / "b")).hash
    assert first != record.read(written(tmp_path / "c", [{"a": 2}, *DATA[1:]])).hash


def broken(path, content):
    path.write_bytes(content)
    try:
        return not record.read(path).ended
    except BrokenRecordError:
        return True


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_any_edit_of_a_byte_shows(data, sound, tmp_path_factory):
    at = data.draw(st.integers(0, len(sound) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda b: b != sound[at]))
    edited = sound[:at] + bytes([byte]) + sound[at + 1 :]
    assert broken(tmp_path_factory.getbasetemp() / "edited", edited)


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_any_line_taken_out_doubled_or_moved_shows(data, sound, tmp_path_factory):
    lines = sound.splitlines(keepends=True)
    one = data.draw(st.integers(0, len(lines) - 1))
    other = data.draw(st.integers(0, len(lines) - 1).filter(lambda n: n != one))
    swapped = list(lines)
    swapped[one], swapped[other] = lines[other], lines[one]
    for edited in (lines[:one] + lines[one + 1 :], [*lines, lines[one]], swapped):
        assert broken(tmp_path_factory.getbasetemp() / "edited", b"".join(edited))


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_crash_leaves_a_sound_beginning_that_says_it_did_not_end(data, sound, tmp_path_factory):
    cut = data.draw(st.integers(sound.index(b"\n") + 1, len(sound) - 1))
    path = tmp_path_factory.getbasetemp() / "cut"
    path.write_bytes(sound[:cut])
    verified = record.read(path)
    assert not verified.ended
    assert [line.data for line in verified.lines] == DATA[: len(verified.lines)]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"", "no whole line", id="empty"),
        pytest.param(b"{}\n", "not a line", id="another object"),
        pytest.param(b"[" * 100_000 + b"\n", "not JSON", id="too deep"),
        pytest.param(b"\xff\n", "not JSON", id="bytes"),
    ],
)
def test_what_is_no_record_is_refused_in_one_sentence(content, says, tmp_path):
    (tmp_path / "r").write_bytes(content)
    with pytest.raises(BrokenRecordError, match=says):
        record.read(tmp_path / "r")


def test_a_file_that_cannot_be_made_or_read_is_named(tmp_path):
    with pytest.raises(UsageError, match="cannot write the record"):
        record.Writer(tmp_path / "none" / "r")
    with pytest.raises(UsageError, match="cannot read the record"):
        record.read(tmp_path / "none")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_a_full_disk_is_told_and_stops_nothing(tmp_path):
    writer = record.Writer(Path("/dev/full"), clock=lambda: NOON)
    writer.write("some", 1)
    writer.write("some", 2)
    writer.close(ended=True)
    assert writer.problem == "the record ends after line 0: No space left on device"
