"""Whether what a comment told of is fixed: its code is gone, and who read the file as it is now does not find it again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewbot.findings import State, fingerprint
from reviewbot.review import PanelKind

if TYPE_CHECKING:
    from reviewbot.diff import HeadText
    from reviewbot.findings import Finding
    from reviewbot.review import Review

#: Characters of a file that is searched for code of which only the fingerprint is known.
_LONGEST = 300_000
_TRACE = re.compile(r"([a-z-]+):([1-9]\d{0,4})")


def trace(finding: Finding, head: HeadText | None) -> str:
    """What must be known, beside its fingerprint, to tell later whether the quoted code is still there; "" if none can tell."""
    code = " ".join(finding.quote.split())
    if head is None or not head.complete or not code or code not in _text(head):
        return ""
    return f"{finding.category}:{len(code)}"


def is_fixed(path: str, known: str, traced: str, review: Review) -> bool:
    """Whether a finding on that path with the fingerprint `known` is gone. In doubt it is not.

    That it was not found again proves nothing while its code stands; that its code is gone proves nothing unless the panel
    has read the whole file again. Analysers are no judges of what models have found.
    """
    shape = _TRACE.fullmatch(traced)
    head = review.change.heads.get(path)
    if shape is None or head is None or not head.complete or review.kind is PanelKind.OFFLINE:
        return False
    category, length = shape[1], int(shape[2])
    read_again = any(f.path == path and f.covered and f.reviewed_by and not f.since for f in review.files)
    found_again = any(
        v.finding.path == path and v.finding.category == category and v.state is not State.REFUTED
        for v in review.verdicts
    )
    text = _text(head)
    if not read_again or found_again or len(text) > _LONGEST:
        return False
    windows = (text[at : at + length] for at in range(len(text) - length + 1))
    return all(fingerprint(path, category, window) != known for window in windows)


def _text(head: HeadText) -> str:
    """The file with its white space as in fingerprints."""
    return " ".join(" ".join(head.lines[number] for number in sorted(head.lines)).split())
