"""Confirmed findings as a GitLab code quality report, for the widget of a merge request."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from reviewbot.findings import Severity

if TYPE_CHECKING:
    from reviewbot.outputs import Page

#: GitLab's words. Its `info` is for what we would not report.
_SEVERITY = {
    Severity.LOW: "minor",
    Severity.MEDIUM: "major",
    Severity.HIGH: "critical",
    Severity.CRITICAL: "blocker",
}


def render(page: Page) -> str:
    """A list of violations, [] without any. GitLab shows descriptions as plain text."""
    violations = [
        {
            "description": verdict.finding.title,
            "check_name": f"reviewbot/{verdict.finding.category}",
            # Of two with one fingerprint GitLab keeps one.
            "fingerprint": hashlib.sha256(name.encode()).hexdigest(),
            "severity": _SEVERITY[verdict.severity],
            "location": {
                "path": verdict.finding.path,
                "lines": {"begin": verdict.finding.first_line, "end": verdict.finding.last_line},
            },
        }
        for verdict, name in page.confirmed()
    ]
    return json.dumps(violations, ensure_ascii=False, indent=2) + "\n"
