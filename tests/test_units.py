"""Requests fit, and everything is in one of them or said to fit none."""

from hypothesis import given
from hypothesis import strategies as st
from scripted import file, head

from reviewbot.llm import Subject
from reviewbot.units import pack


def subject(lines, path="a.py"):
    made = file(path, text="".join(f"line {n}\n" for n in range(lines)))
    return Subject(made, head(), made.hunks)


def tokens(part):
    return sum(len(h.lines) for h in part.hunks)


def test_small_files_share_a_request():
    groups, hopeless = pack([subject(3), subject(3), subject(5)], 8, tokens)
    assert [[tokens(s) for s in group] for group in groups] == [[3, 3], [5]]
    assert hopeless == []


def test_a_line_too_long_for_any_request_is_named():
    groups, hopeless = pack([subject(1)], 0, tokens)
    assert (groups, len(hopeless)) == ([], 1)


@given(st.lists(st.integers(0, 40), max_size=6), st.integers(1, 30))
def test_nothing_is_lost_and_everything_fits(sizes, limit):
    subjects = [subject(size, path=f"{n}.py") for n, size in enumerate(sizes)]
    groups, hopeless = pack(subjects, limit, tokens)
    assert all(sum(tokens(s) for s in group) <= limit for group in groups)
    assert not hopeless
    for given_ in subjects:
        parts = [s for group in groups for s in group if s.file.path == given_.file.path]
        seen = [line for part in parts for hunk in part.hunks for line in hunk.lines]
        assert seen == [line for hunk in given_.hunks for line in hunk.lines]
        for hunk in (h for part in parts for h in part.hunks if h.lines):
            assert hunk.new_start == hunk.lines[0].new
            assert hunk.new_length == len(hunk.lines)
