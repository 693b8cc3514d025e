"""When a finding that was commented on is fixed: only where its code is gone and the file was read again."""

from dataclasses import replace

import pytest
from factories import change, coverage, finding, review, verdict

from reviewbot.diff import HeadText
from reviewbot.findings import Category, State
from reviewbot.fixed import is_fixed, trace
from reviewbot.review import PanelKind

BEFORE = "def check(token):\n    if token == expected:\n        return True\n"
AFTER = "def check(token):\n    if compare_digest(token, expected):\n        return True\n"
FOUND = finding(quote="if token == expected:\n        return True")
PATH, KNOWN = FOUND.path, FOUND.fingerprint


def head(text, *, complete=True):
    return HeadText(dict(enumerate(text.splitlines(), 1)), complete=complete)


def reviewed(text=AFTER, *verdicts, complete=True, **overrides):
    return review(*verdicts, change=change(heads={PATH: head(text, complete=complete)}), **overrides)


def fixed(now, *, traced=None):
    return is_fixed(PATH, KNOWN, trace(FOUND, head(BEFORE)) if traced is None else traced, now)


def test_code_that_is_gone_from_a_file_that_was_read_again():
    assert fixed(reviewed())


@pytest.mark.parametrize(
    "now",
    [
        pytest.param(reviewed(BEFORE), id="the code is still there"),
        pytest.param(
            reviewed(BEFORE.replace("        return", "\treturn")), id="it is only indented otherwise"
        ),
        pytest.param(reviewed(f"{AFTER}\n\n{BEFORE}"), id="it moved"),
        pytest.param(reviewed(BEFORE.replace("def", "x = 1\ndef")), id="the lines above it changed"),
        pytest.param(reviewed(complete=False), id="not all of the file is known"),
        pytest.param(reviewed("x" * 400_000), id="it is too long to be sure"),
        pytest.param(reviewed(files=(coverage(PATH, gap="read by 1 of 2"),)), id="the file is not covered"),
        pytest.param(reviewed(files=(coverage(PATH, reviewed_by=()),)), id="it was only scanned"),
        pytest.param(reviewed(files=(coverage(PATH, since="a" * 40),)), id="it was not read again"),
        pytest.param(reviewed(files=()), id="it is no longer part of the change"),
        pytest.param(review(change=change(heads={})), id="it was deleted"),
        pytest.param(
            reviewed(AFTER, verdict(quote="compare_digest")), id="the like is confirmed in the file"
        ),
        pytest.param(
            reviewed(AFTER, verdict(State.UNDECIDED, quote="compare_digest")),
            id="the like is undecided there",
        ),
        pytest.param(reviewed(kind=PanelKind.OFFLINE), id="only analysers looked at it"),
    ],
)
def test_in_doubt_it_is_not_fixed(now):
    assert not fixed(now)


@pytest.mark.parametrize(
    "traced", ["", "security", "security:0", "security:-1", "security:999999", ":4", "a:b"]
)
def test_without_a_trace_nothing_is_known(traced):
    assert not fixed(reviewed(), traced=traced)


def test_others_on_the_file_do_not_matter():
    other = verdict(quote="def check", category=Category.PERFORMANCE)
    refuted = verdict(State.REFUTED, quote="compare_digest", claim="c2")
    assert fixed(reviewed(AFTER, other, refuted))


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        pytest.param("not there", head(BEFORE), id="code that cannot be found by its words"),
        pytest.param(" ", head(BEFORE), id="no code"),
        pytest.param(FOUND.quote, head(BEFORE, complete=False), id="of a file that is not known whole"),
        pytest.param(FOUND.quote, None, id="of a file that is not known"),
    ],
)
def test_what_could_not_be_found_again_gets_no_trace(quote, text):
    assert trace(replace(FOUND, quote=quote), text) == ""


def test_part_of_a_line_is_found_again():
    part = replace(FOUND, quote="token == expected")
    traced = trace(part, head(BEFORE))
    assert traced == "security:17"
    assert is_fixed(PATH, part.fingerprint, traced, reviewed())
    assert not is_fixed(PATH, part.fingerprint, traced, reviewed("if other(token == expected): pass"))
