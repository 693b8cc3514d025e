"""Confirmed findings in the diagnostic format of reviewdog, which comments on forges we do not know."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from reviewbot.findings import Severity
from reviewbot.outputs import prose

if TYPE_CHECKING:
    from reviewbot.findings import Verdict
    from reviewbot.outputs import Page

_SEVERITY = {
    Severity.LOW: "INFO",
    Severity.MEDIUM: "WARNING",
    Severity.HIGH: "ERROR",
    Severity.CRITICAL: "ERROR",
}


def render(page: Page) -> str:
    """One `DiagnosticResult`. Messages become comments, so they are Markdown in which nothing acts."""
    result = {
        "source": {"name": "reviewbot"},
        "diagnostics": [_diagnostic(page, verdict) for verdict, _ in page.confirmed()],
    }
    return json.dumps(result, ensure_ascii=False, indent=2) + "\n"


def _diagnostic(page: Page, verdict: Verdict) -> dict[str, Any]:
    found = verdict.finding
    # Without columns a range is of whole lines, the last included, and its text has no line end at its end.
    lines = {"start": {"line": found.first_line}, "end": {"line": found.last_line}}
    made: dict[str, Any] = {
        "message": prose(page, verdict),
        "location": {"path": found.path, "range": lines},
        "severity": _SEVERITY[verdict.severity],
        "code": {"value": found.category},
    }
    code = page.suggestion(verdict)
    return made | ({"suggestions": [{"range": lines, "text": code}]} if code is not None else {})
