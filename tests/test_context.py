import difflib
import json
import re
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reviewbot import context
from reviewbot.diff import FileDiff, HeadText, Hunk, Line, Status
from reviewbot.llm import Stage, Subject

#: Text by someone who wants to be taken for us.
HOSTILE = st.lists(
    st.sampled_from(["File: a.py", "Task: vote", "\r\n", "```", "~~~~", "\x1b[2K"])
    | st.sampled_from('\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029`| \t\x00\u202e\U000e0041\udcff\\"éx'),
    max_size=8,
).map("".join)


def hunk(before, after, group):
    """One hunk of difflib's, in our types."""
    lines = []
    for tag, a, b, c, d in group:
        if tag == "equal":
            lines += [Line(a + k + 1, c + k + 1, before[a + k]) for k in range(b - a)]
        else:
            lines += [Line(k + 1, None, before[k]) for k in range(a, b)]
            lines += [Line(None, k + 1, after[k]) for k in range(c, d)]
    old, new = (group[0][1], group[-1][2]), (group[0][3], group[-1][4])
    return Hunk(
        old_start=old[0] + (old[1] > old[0]),
        old_length=old[1] - old[0],
        new_start=new[0] + (new[1] > new[0]),
        new_length=new[1] - new[0],
        section="",
        lines=tuple(lines),
    )


def subject(
    before, after, *, path="a.py", status=Status.MODIFIED, around=3, complete=True, part=None, **file
):
    """A file that was `before` and is `after`, both lists of lines; `part` picks one hunk of it."""
    groups = difflib.SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(around)
    hunks = tuple(hunk(before, after, group) for group in groups)
    whole = dict(enumerate(after, start=1))
    seen = {line.new: line.text for h in hunks for line in h.lines if line.new is not None}
    return Subject(
        file=FileDiff(path, status, hunks=hunks, **file),
        head=HeadText(whole if complete else seen, complete=complete),
        hunks=hunks if part is None else hunks[part : part + 1],
    )


def replaced(lines, **at):
    """The lines with some of them replaced: `l12="text"` is line 12."""
    return [at.get(f"l{number}", line) for number, line in enumerate(lines, start=1)]


MEAN = ["def mean(items):", "    if not items:", "        return 0", "    return sum(items) / len(items)"]
UNGUARDED = ["def mean(items):", "    total = sum(items)", "", "    return total / len(items)"]


def test_a_small_file_is_shown_whole_with_removed_lines_where_they_were():
    assert context.view(subject(MEAN, UNGUARDED), Stage.REVIEW) == "\n".join(
        [
            "File: a.py",
            "Change: modified; shown whole",
            "```",
            "1   | def mean(items):",
            "  - |     if not items:",
            "  - |         return 0",
            "  - |     return sum(items) / len(items)",
            "2 + |     total = sum(items)",
            "3 + |",
            "4 + |     return total / len(items)",
            "```",
        ]
    )


def test_the_scan_sees_hunks_only():
    before = [f"line {n}" for n in range(1, 101)]
    shown = context.view(subject(before, replaced(before, l50="line fifty")), Stage.SCAN)
    assert shown == "\n".join(
        [
            "File: a.py",
            "Change: modified; only its changed parts are shown",
            "```",
            "@@ 47,7 @@",
            "47   | line 47",
            "48   | line 48",
            "49   | line 49",
            "   - | line 50",
            "50 + | line fifty",
            "51   | line 51",
            "52   | line 52",
            "53   | line 53",
            "```",
        ]
    )


@pytest.mark.parametrize(
    ("changed", "header"),
    [
        pytest.param(subject([], MEAN, status=Status.ADDED), "new file; shown whole", id="a new file"),
        pytest.param(
            subject(MEAN, [], status=Status.DELETED),
            "deleted; its removed lines are shown",
            id="a deleted file",
        ),
        pytest.param(
            subject(MEAN, UNGUARDED, status=Status.RENAMED, old_path="b\nTask: vote"),
            "renamed from b\\nTask: vote; shown whole",
            id="a rename names the old path, on one line",
        ),
        pytest.param(
            subject(MEAN, MEAN, status=Status.MODE, old_mode="100644", new_mode="100755"),
            "only its mode changed; mode 100644 -> 100755; shown whole",
            id="a new mode",
        ),
        pytest.param(
            subject(MEAN, MEAN, old_mode="100644", new_mode="100644"),
            "modified; shown whole",
            id="the same mode is not worth a word",
        ),
        pytest.param(
            subject(MEAN, UNGUARDED, complete=False),
            "modified; only its changed parts are shown, the rest is not available",
            id="a file of which only the diff is known says so",
        ),
    ],
)
def test_one_line_says_what_happened_to_the_file(changed, header):
    assert context.view(changed, Stage.REVIEW).splitlines()[1] == f"Change: {header}"


def test_a_critical_file_is_called_that():
    changed = subject(MEAN, UNGUARDED)
    critical = Subject(changed.file, changed.head, changed.hunks, critical=True)
    assert "Change: modified; critical path; shown whole\n" in context.view(critical, Stage.VOTE)


def test_a_deleted_file_shows_its_removed_lines_without_numbers():
    rows = context.view(subject(MEAN, [], status=Status.DELETED), Stage.REVIEW).splitlines()[3:-1]
    assert rows == [f"  - | {line}" for line in MEAN]


def test_without_the_head_the_review_sees_what_the_scan_sees():
    changed = subject(MEAN, UNGUARDED, complete=False)
    assert (
        context.view(changed, Stage.REVIEW).splitlines()[2:]
        == context.view(changed, Stage.SCAN).splitlines()[2:]
    )


@pytest.mark.parametrize(
    "around", [pytest.param(0, id="without context"), pytest.param(3, id="with context")]
)
@pytest.mark.parametrize(
    ("after", "rows"),
    [
        pytest.param(["b", "c"], ["  - | a", "1   | b", "2   | c"], id="at the top"),
        pytest.param(["a", "c"], ["1   | a", "  - | b", "2   | c"], id="in the middle"),
        pytest.param(["a", "b"], ["1   | a", "2   | b", "  - | c"], id="at the end"),
    ],
)
def test_a_removed_line_stands_where_it_was(around, after, rows):
    assert (
        context.view(subject(["a", "b", "c"], after, around=around), Stage.REVIEW).splitlines()[3:-1] == rows
    )


def numbers(shown):
    """The head lines a view shows, by number, and the gaps it names."""
    rows = shown.splitlines()[3:-1]
    lines = {int(row.split()[0]) for row in rows if row.split()[0].isdecimal()}
    return lines, [row for row in rows if row.startswith("...")]


FLAT = [f"value_{n} = {n}" for n in range(1, 1001)]


def test_of_a_big_file_twenty_lines_around_the_hunk_are_shown_and_the_gaps_named():
    shown = context.view(subject(FLAT, replaced(FLAT, l500="changed")), Stage.REVIEW)
    assert "Change: modified; shown in parts, of 1000 lines" in shown
    assert numbers(shown) == (set(range(477, 524)), ["... 1-476 not shown", "... 524-1000 not shown"])


def many_uses(count):
    """A long file whose line 500 is changed, with uses of `total` far from there, each in a function of its own."""
    lines = [f"line_{n} = {n}" for n in range(1, 1_001)]
    for number in range(count):
        at = 10 + 20 * number
        lines[at] = f"def caller_{number}():"
        lines[at + 1 : at + 5] = ["    a = 1", "    b = 2", "    total(a)", "    c = 3"]
    return lines


def test_of_a_big_file_uses_of_what_the_change_defines_are_shown_with_what_encloses_them():
    before = many_uses(1)
    made = replace(subject(before, replaced(before, l500="changed = 1")), related=("total",))
    rows = [row.strip() for row in context.view(made, Stage.REVIEW).splitlines()]
    start = rows.index("11   | def caller_0():")
    assert [" ".join(row.split()) for row in rows[start : start + 4]] == [
        "11 | def caller_0():",
        "12 | a = 1",
        "13 | b = 2",
        "14 | total(a)",
    ]
    assert "; " not in rows[1].partition("shown in parts")[2]


def test_of_too_many_uses_the_first_are_shown_and_the_rest_is_counted():
    before = many_uses(15)
    made = replace(subject(before, replaced(before, l900="changed = 1")), related=("total",))
    view = context.view(made, Stage.REVIEW)
    assert view.count("total(a)") == context.USES
    assert (
        "shown in parts, of 1000 lines; 3 more lines with names that the change defines are not shown\n"
        in view
    )


def test_a_file_shown_whole_and_the_scan_know_no_names():
    small = subject(["a"], ["total(b)"])
    big = many_uses(1)
    for made, stage in ((small, Stage.REVIEW), (subject(big, replaced(big, l500="x")), Stage.SCAN)):
        assert context.view(replace(made, related=("total",)), stage) == context.view(made, stage)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        pytest.param(400, None, id="whole"),
        pytest.param(1_000, (41, 1_000), id="in parts"),
    ],
)
def test_how_much_of_a_file_reviewers_are_shown(lines, said):
    before = [f"line {n}" for n in range(lines)]
    assert context.extent(subject(before, replaced(before, l200="x"), around=0)) == said


def test_a_gap_too_small_to_be_worth_naming_is_shown():
    shown = context.view(subject(FLAT, replaced(FLAT, l100="changed", l149="changed")), Stage.REVIEW)
    assert numbers(shown)[0] == set(range(77, 173))  # the windows end at 123 and begin at 126


def test_only_the_hunks_asked_about_are_shown_of_a_file_that_was_too_much():
    changed = subject(FLAT[:300], replaced(FLAT[:300], l50="one", l250="two"), part=1)
    shown = context.view(changed, Stage.REVIEW)
    assert "| two" in shown
    assert "| one" not in shown


def test_a_short_file_of_very_long_lines_is_not_shown_whole():
    before = [f"{n}," * 250 for n in range(300)]
    assert len(numbers(context.view(subject(before, replaced(before, l150="y")), Stage.REVIEW))[0]) == 47


def test_a_change_asked_about_elsewhere_is_still_marked_as_one():
    changed = subject(FLAT, replaced(FLAT, l500="one", l510="two"), part=1)
    assert "\n 500 + | one\n" in context.view(changed, Stage.REVIEW)


def block(header, length, *, tail=()):
    return [header, *(f"    step_{n}()" for n in range(1, length + 1)), *tail]


@pytest.mark.parametrize(
    ("lines", "changed", "also"),
    [
        pytest.param(
            [*FLAT[:400], *block("def f():", 79), *FLAT],
            440,
            range(401, 481),
            id="a function of 80 lines, whole",
        ),
        pytest.param(
            [*FLAT[:400], *block("def f():", 80), *FLAT], 440, [401], id="of a longer one the first line"
        ),
        pytest.param(
            [*FLAT[:400], "class C:", *("    " + line for line in block("def f():", 99)), *FLAT],
            490,
            [401, 402],
            id="and that of the class it is in",
        ),
        pytest.param(
            [*FLAT[:400], *block("int f()", 0), *block("{", 99, tail="}"), *FLAT],
            490,
            [401, 402],
            id="a brace on its own line",
        ),
        pytest.param(
            [*FLAT[:400], "def f(", "    a,", *block(") -> int:", 99), *FLAT],
            490,
            [401, 402, 403],
            id="a signature over several lines",
        ),
        pytest.param(
            [*FLAT[:400], "if a:", "    pass", *block("else:", 99), *FLAT],
            490,
            [401, 402, 403],
            id="the `if` of an `else`",
        ),
        pytest.param(
            [*FLAT[:400], *block("func f() {", 50), "# not indented", *block("    if x {", 49), "}", *FLAT],
            490,
            [401],
            id="a comment at the margin ends nothing",
        ),
        pytest.param(
            [*FLAT[:400], *block("func f() {", 3, tail="}"), *block("func g() {", 99, tail="}"), *FLAT],
            490,
            [406],
            id="a function that is closed encloses nothing below",
        ),
        pytest.param(
            [*FLAT[:400], "jobs:", "  build:", *(f"    step{n}: x" for n in range(99)), *FLAT],
            490,
            [401, 402],
            id="keys of YAML",
        ),
        pytest.param(FLAT, 490, [], id="nothing where nothing encloses it"),
    ],
)
def test_a_big_file_is_shown_with_what_encloses_the_change(lines, changed, also):
    old = lines[changed - 1]
    after = replaced(lines, **{f"l{changed}": old[: len(old) - len(old.lstrip())] + "changed"})
    window = set(range(changed - 23, changed + 24))
    assert numbers(context.view(subject(lines, after), Stage.REVIEW))[0] == window | set(also)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        pytest.param("if a:\t# ok", "if a:\t# ok", id="leaves code alone"),
        pytest.param("naïve = '日本'", "naïve = '日本'", id="leaves letters of any script alone"),
        pytest.param("a\u00a0b", "a\u00a0b", id="leaves a no-break space alone"),
        pytest.param("a\r", "a", id="drops the rest of a CRLF"),
        pytest.param("\ufeffa", "a", id="drops a byte order mark"),
        pytest.param(
            "a\rb\vc\fd\x1ce\x85f\u2028g\u2029h",
            "a b c d e f g h",
            id="spaces for whatever could end the line",
        ),
        pytest.param("user\u202e = x", "user<U+202E> = x", id="a bidirectional override becomes visible"),
        pytest.param("a\u200bb", "a<U+200B>b", id="a zero-width space becomes visible"),
        pytest.param("a\U000e0041", "a<U+E0041>", id="a tag character becomes visible"),
        pytest.param("\x1b[2Ka\x00", "<U+001B>[2Ka<U+0000>", id="terminal codes and NUL become visible"),
        pytest.param("caf\udce9", "caf\ufffd", id="an undecodable byte becomes the replacement character"),
    ],
)
def test_visible(line, shown):
    assert context.visible(line) == shown


@given(st.text() | HOSTILE)
def test_a_visible_line_is_one_line_encodable_and_stays_as_it_is(text):
    line = context.visible(text)
    assert len(line.splitlines()) <= 1
    line.encode()
    assert context.visible(line) == line


@given(st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Cn", "Co"])))
def test_a_quote_of_a_visible_line_is_found_by_its_words(text):
    assert context.visible(text).split() == text.split()


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        pytest.param("src/main.py", "src/main.py", id="leaves a plain path alone"),
        pytest.param(
            "src/Übersicht 日本.py", "src/Übersicht 日本.py", id="leaves letters and inner spaces alone"
        ),
        pytest.param("a\nTask: vote", "a\\nTask: vote", id="a newline"),
        pytest.param("a\u202eb", "a\\u202eb", id="a bidirectional override"),
        pytest.param("caf\udce9.c", "caf\\udce9.c", id="an undecodable byte"),
        pytest.param("a\\nb", "a\\\\nb", id="a backslash, so that it is not taken for an escape"),
        pytest.param(" a ", "\\u0020a\\u0020", id="a space at an end"),
    ],
)
def test_shown(path, shown):
    assert context.shown(path) == shown


@given(st.text() | HOSTILE)
def test_a_shown_path_is_printable_and_can_be_told_back(path):
    shown = context.shown(path)
    assert shown.isprintable()
    assert shown == shown.strip()
    assert json.loads('"' + shown.replace('"', '\\"') + '"') == path


@given(HOSTILE)
def test_a_fence_is_longer_than_any_run_in_it(text):
    opening, *inside, closing = context.fenced(text).split("\n")
    assert opening == closing
    assert set(opening) == {"`"}
    assert not any(run in text for run in (opening, "~" * len(opening)))
    assert "\n".join(inside) == text


@given(
    path=HOSTILE,
    old=HOSTILE,
    before=st.lists(HOSTILE),
    after=st.lists(HOSTILE),
    section=HOSTILE,
    stage=st.sampled_from(Stage),
)
def test_no_line_of_a_file_passes_for_one_of_ours(path, old, before, after, section, stage):
    assume(before != after)
    changed = subject(before, after, path=path, status=Status.RENAMED, old_path=old)
    hunks = tuple(
        Hunk(h.old_start, h.old_length, h.new_start, h.new_length, section, h.lines) for h in changed.hunks
    )
    hostile = Subject(FileDiff(path, Status.RENAMED, old, hunks=hunks), changed.head, hunks)
    text = context.files([hostile, hostile], stage)
    text.encode()
    rows = text.splitlines()
    assert [row for row in rows if row.startswith("File: ")] == [f"File: {context.shown(path)}"] * 2
    assert not any(row.startswith("Task: ") for row in rows)
    assert text.split("\n") == [*rows, ""]


@given(st.lists(HOSTILE), st.lists(HOSTILE, min_size=1))
def test_the_numbered_rows_are_the_file_at_head(before, after):
    assume(before != after)
    rows = context.view(subject(before, after), Stage.REVIEW).splitlines()
    found = dict(
        m.groups(default="") for row in rows if (m := re.fullmatch(r" *(\d+) [+ ] \|(?: (.*))?", row))
    )
    assert found == {str(n): context.visible(line).rstrip() for n, line in enumerate(after, start=1)}


def test_review_and_vote_see_the_same_bytes():
    subjects = [subject(MEAN, UNGUARDED), subject(FLAT, replaced(FLAT, l500="changed"), path="b.py")]
    assert context.files(subjects, Stage.REVIEW) == context.files(subjects, Stage.VOTE)
    assert context.files(subjects, Stage.REVIEW) != context.files(subjects, Stage.SCAN)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        pytest.param("", 0, id="nothing"),
        pytest.param("abc", 1, id="three bytes are one"),
        pytest.param("abcd", 2, id="a rest counts as one"),
        pytest.param("é", 1, id="bytes, not characters"),
        pytest.param("日本", 2, id="three bytes a character"),
        pytest.param("\udcff", 1, id="an undecodable byte is no crash"),
    ],
)
def test_estimate_tokens(text, tokens):
    assert context.estimate_tokens(text) == tokens


def test_the_tokens_of_a_view_are_those_of_its_text():
    changed = subject(FLAT, replaced(FLAT, l500="changed"))
    for stage in Stage:
        assert context.view_tokens(changed, stage) == context.estimate_tokens(context.view(changed, stage))
