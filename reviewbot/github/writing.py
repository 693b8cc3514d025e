"""What every write to GitHub has to mind: how long its text may be, and that a lost answer proves nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reviewbot.github.client import GitHubError

#: Bytes of UTF-8. GitHub takes 65,536 characters in comments and reviews.
BODY_LIMIT = 60_000
#: The same for summary and text of a check, and for the message of an annotation.
CHECK_LIMIT = 65_535
TITLE_LIMIT = 255

_CUT = "\n…"


def fitted(text: str, limit: int) -> str:
    """The text in at most `limit` bytes, with a sign where some of it is missing."""
    data = text.encode("utf-8", "replace")
    if len(data) <= limit:
        return data.decode()
    return data[: limit - len(_CUT.encode())].decode("utf-8", "ignore") + _CUT


def marked(body: str, what: str) -> str:
    """The body with the hidden marker by which it is known again: `fp=…`, with a `code=…` where its code can be looked for, `summary` or `review`."""
    marker = f"\n\n<!-- reviewbot:v1 {what} -->"
    return fitted(body.rstrip("\n"), BODY_LIMIT - len(marker)) + marker


def unclear(error: GitHubError) -> bool:
    """Whether what was sent may have been done all the same."""
    return error.status == 0 or error.status >= 500
