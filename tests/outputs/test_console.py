"""What a terminal shows, and what it is never made to do."""

import re
from pathlib import Path

import pytest
import reviews
from factories import change, coverage, decision, review, verdict
from hostile import NASTY

from reviewbot import outputs
from reviewbot.diff import HeadText
from reviewbot.review import PanelKind, Status
from reviewbot.sanitize import Sanitizer

STYLE = re.compile(r"\x1b\[[0-9;]*m")


LINK = re.compile(r"\x1b\]8;[^;]*;([^\x1b]*)\x1b\\")


def shown(made, *, width=80, color=False, tree=None):
    return outputs.render(made, "text", Sanitizer([]), width=width, color=color, tree=tree)


@pytest.mark.parametrize("made", reviews.ALL.values(), ids=reviews.ALL)
def test_colour_adds_colour_only(made):
    coloured = shown(made, color=True)
    assert STYLE.search(coloured)
    assert re.sub(r" +$", "", STYLE.sub("", coloured), flags=re.MULTILINE) == shown(made)


@pytest.mark.parametrize(
    ("path", "color", "leads_to"),
    [
        pytest.param("app/auth.py", True, ["file:///src/app/auth.py", ""], id="to the file"),
        pytest.param("app/auth.py", False, [], id="nowhere without colours, as in a file or a pipe"),
        pytest.param("../etc/passwd", True, [], id="not up"),
        pytest.param("/etc/passwd", True, [], id="not elsewhere"),
        pytest.param(
            "a;b \x07\x1b]8;;x", True, ["file:///src/a%3Bb%20%5D8%3B%3Bx", ""], id="not out of its code"
        ),
    ],
)
def test_a_place_links_to_the_file(path, color, leads_to):
    made = shown(review(verdict(path=path)), color=color, tree=Path("/src"))
    assert LINK.findall(made) == leads_to
    assert STYLE.sub("", LINK.sub("", made)).count("\x1b") == 0


def test_an_empty_change_is_said_to_be_empty():
    assert "\nNothing to review: the change is empty. 0 of 0 files" in shown(review(files=()))
    assert "empty" not in shown(review(files=(), change=change(unlisted=True)))


def test_it_looks_the_same_wherever_it_runs(monkeypatch):
    here = shown(reviews.BLOCKED), shown(reviews.BLOCKED, color=True)
    for name, value in {"COLUMNS": "40", "TERM": "dumb", "FORCE_COLOR": "1", "NO_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    assert (shown(reviews.BLOCKED), shown(reviews.BLOCKED, color=True)) == here


@pytest.mark.parametrize("width", [40, 80, 200])
def test_no_line_is_wider_than_the_terminal(width):
    made = [*reviews.ALL.values(), reviews.hostile("x" * 300), reviews.hostile("many words " * 90)]
    assert max(len(line) for each in made for line in shown(each, width=width).splitlines()) <= width


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[bold]x[/]", id="a style"),
        pytest.param("[/bold]", id="the end of one"),
        pytest.param("[link=https://evil.example]click[/link]", id="a link"),
        pytest.param("[@click=app.quit()]x[/]", id="an action"),
        pytest.param(":warning: \\[red]", id="an emoji and an escape"),
    ],
)
@pytest.mark.parametrize("color", [False, True])
def test_markup_is_printed_not_obeyed(text, color):
    made = STYLE.sub("", shown(reviews.hostile(text), width=400, color=color))
    title, reason, warning = f"1. HIGH {text}", f"- {text}", f"   + {text}"
    assert title in made
    assert reason in made
    assert warning in made


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_no_escape_code_is_theirs(text):
    made = shown(reviews.hostile(f"\x1b]8;;https://evil.example\x07{text}\x1b[31m"), color=True)
    assert "\x1b" not in STYLE.sub("", made)


@pytest.mark.parametrize(
    ("made", "says"),
    [
        pytest.param(
            reviews.PASSED,
            "No confirmed findings. 4 of 4 files covered: 2 reviewed by 3 models",
            id="what no finding means",
        ),
        pytest.param(
            reviews.OFFLINE, "offline panel: static analysers, no AI", id="analysers are not called AI"
        ),
        pytest.param(reviews.INCONCLUSIVE, "one vendor", id="one vendor is said"),
        pytest.param(
            reviews.INCONCLUSIVE, "Gate: INCONCLUSIVE (report only)", id="a gate that only reports says so"
        ),
        pytest.param(
            reviews.BLOCKED, "1 refuted: said by one, denied by another", id="what was denied is listed"
        ),
    ],
)
def test_what_it_says(made, says):
    assert says in shown(made, width=200)


@pytest.mark.parametrize("made", reviews.ALL.values(), ids=reviews.ALL)
def test_the_gate_comes_before_the_findings_and_last(made):
    lines = shown(made).splitlines()
    gate = f"Gate: {made.decision.status.upper()}"
    assert next(line for line in lines if line.startswith(("Gate:", "1."))).startswith(gate)
    assert lines[-1].startswith(gate)


def test_a_panel_of_several_vendors_needs_no_note():
    assert "Note:" not in shown(review(kind=PanelKind.MODELS))


def test_many_reasons_do_not_push_the_findings_out_of_sight():
    made = shown(review(decision=decision(Status.BLOCKED, *(f"reason {n}" for n in range(8)))))
    assert "  - reason 4\n  - … and 3 more\n\nNo confirmed" in made


def test_long_lists_are_counted_not_printed():
    made = shown(review(files=tuple(coverage(f"f{n}.py", gap="binary") for n in range(25))))
    assert "f19.py" in made
    assert "f20.py" not in made
    assert "… and 5 more, in the JSON report" in made


def test_blank_lines_of_code_keep_their_numbers_in_colour():
    coloured = STYLE.sub("", shown(review(verdict(first_line=6)), color=True))
    assert [line.split("|")[0].split() for line in coloured.splitlines() if " |" in line] == [
        ["4"], ["5"], [">", "6"], ["7"], ["8"],
    ]  # fmt: skip


@pytest.mark.parametrize("color", [False, True])
def test_a_long_line_of_code_stays_one_line(color):
    heads = {"app/auth.py": HeadText({12: "x = " + "1 + " * 90}, complete=False)}
    made = STYLE.sub("", shown(review(verdict(), change=change(heads=heads)), color=color))
    assert [line[-1] for line in made.splitlines() if " + 1" in line] == ["…"]
