"""What every write has to mind."""

import pytest

from reviewbot.github.client import GitHubError
from reviewbot.github.writing import BODY_LIMIT, fitted, marked, unclear


@pytest.mark.parametrize(
    ("text", "limit", "kept"),
    [
        pytest.param("abcdef", 6, "abcdef", id="what fits stays"),
        pytest.param("abcdefg", 6, "ab\n…", id="the sign counts too"),
        pytest.param("ééééé", 9, "éé\n…", id="bytes, and no half characters"),
        pytest.param("a\ud800b", 9, "a?b", id="what cannot be sent is replaced"),
    ],
)
def test_fitted(text, limit, kept):
    assert fitted(text, limit) == kept


@pytest.mark.parametrize("text", ["", "short\n\n", "é" * BODY_LIMIT], ids=["nothing", "short", "too long"])
def test_the_marker_is_last_and_whole(text):
    made = marked(text, "summary")
    assert made.endswith("\n\n<!-- reviewbot:v1 summary -->")
    assert len(made.encode()) <= BODY_LIMIT
    assert made.startswith(text[:5].rstrip())


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        pytest.param(0, True, id="no answer"),
        pytest.param(502, True, id="the answer of somebody between"),
        pytest.param(422, False, id="rejected"),
        pytest.param(403, False, id="refused"),
        pytest.param(429, False, id="too many"),
    ],
)
def test_what_may_have_landed(status, expected):
    assert unclear(GitHubError("…", status=status)) is expected
