"""The review as SARIF 2.1.0, for code scanning: confirmed findings as results, all else as notifications."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from reviewbot import __version__
from reviewbot.findings import Category, Severity, State
from reviewbot.outputs import prose, seated, tally
from reviewbot.review import Status
from reviewbot.triage import Tier

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewbot.findings import Verdict
    from reviewbot.outputs import Page

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"

#: Results GitHub shows of one run; it refuses a file of more than 25,000.
MOST = 5_000

_LEVEL = {
    Severity.LOW: "note",
    Severity.MEDIUM: "warning",
    Severity.HIGH: "error",
    Severity.CRITICAL: "error",
}
_RULES = {
    Category.CORRECTNESS: "Wrong result, crash or broken contract",
    Category.SECURITY: "An attacker gains something",
    Category.DATA_LOSS: "Data is destroyed, corrupted or not saved",
    Category.CONCURRENCY: "Race, deadlock, lost update or broken ordering",
    Category.PERFORMANCE: "Cost that grows badly with realistic input",
    Category.ERROR_HANDLING: "A failure is swallowed, misreported or left half done",
    Category.API_MISUSE: "A call against the contract of what it calls",
    Category.RESOURCE_LEAK: "A file, connection, lock, task or memory is not released",
    Category.TEST: "A test that cannot fail, or asserts the wrong thing",
    Category.MAINTAINABILITY: "A trap for whoever changes this next",
    Category.OVER_DEFENSIVE: "A guard or fallback that hides real failures",
    Category.OTHER: "Another defect",
}
_INDEX = {category: index for index, category in enumerate(_RULES)}
_NOTIFICATIONS = {
    "not-covered": "A file of the change was not read as it should have been",
    "not-confirmed": "A claim that not enough models stand behind",
    "dropped": "A finding without ground in the change",
    "warning": "Something about the run that its reader should know",
    "not-shown": "More results than a reader can take",
}


def render(page: Page) -> str:
    """One run. It was not successful where the gate is inconclusive: no result then means nothing."""
    review = page.review
    confirmed = list(page.confirmed())
    run: dict[str, Any] = {
        "tool": {"driver": _driver()},
        # GitHub takes what precedes the last slash for the category, the rest for the run.
        "automationDetails": {"id": f"reviewbot/{review.change.head}"},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": review.decision.status is not Status.INCONCLUSIVE,
                "toolExecutionNotifications": list(_notifications(page, len(confirmed))),
            }
        ],
        "results": [_result(page, verdict, name) for verdict, name in confirmed[:MOST]],
        "properties": {
            "gate": review.decision.status,
            "reasons": review.decision.reasons,
            "panel": [seated(seat) for seat in review.panel],
            "kind": review.kind,
            "base": review.change.base,
            "head": review.change.head,
        },
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=2) + "\n"


def _driver() -> dict[str, Any]:
    return {
        "name": "reviewbot",
        "semanticVersion": __version__,
        "rules": [
            _descriptor(
                category, words, "Enough of the panel stands behind each result; its votes are with it."
            )
            | {"properties": {"tags": [category]}}
            for category, words in _RULES.items()
        ],
        "notifications": [
            _descriptor(name, words, "It tells how far the results can be trusted and is none itself.")
            for name, words in _NOTIFICATIONS.items()
        ],
    }


def _descriptor(name: str, words: str, more: str) -> dict[str, Any]:
    """GitHub wants all three texts."""
    texts = {"shortDescription": words, "fullDescription": f"{words}.", "help": f"{words}. {more}"}
    return {"id": name} | {key: {"text": text} for key, text in texts.items()}


def _result(page: Page, verdict: Verdict, name: str) -> dict[str, Any]:
    found = verdict.finding
    lines = {"startLine": found.first_line, "endLine": found.last_line}
    file = {"uri": _uri(found.path), "uriBaseId": "%SRCROOT%"}
    text = prose(page, verdict)
    made: dict[str, Any] = {
        "ruleId": found.category,
        "ruleIndex": _INDEX[found.category],
        "level": _LEVEL[verdict.severity],
        # GitHub shows `text` in alerts and in comments of its own, so it is as harmless as the other.
        "message": {"text": text, "markdown": text},
        "locations": [{"physicalLocation": {"artifactLocation": file, "region": lines}}],
        # The first is the one GitHub compares.
        "partialFingerprints": {
            "primaryLocationLineHash": name,
            "reviewbot/v1": page.fingerprints[verdict.claim.id],
        },
        "properties": {
            "severity": verdict.severity.word,
            "criticalPath": verdict.critical,
            "votes": [
                {"model": vote.voter.model, "vote": vote.ballot, "proposed": vote.proposed}
                for vote in verdict.votes
            ],
        },
    }
    code = page.suggestion(verdict)
    if code is not None:
        # A region without columns ends before the line end of its last line.
        replacement = {"deletedRegion": lines, "insertedContent": {"text": code}}
        made["fixes"] = [{"artifactChanges": [{"artifactLocation": file, "replacements": [replacement]}]}]
    return made


def _notifications(page: Page, confirmed: int) -> Iterator[dict[str, Any]]:
    review, safe = page.review, page.sanitizer
    if confirmed > MOST:
        yield _notification("not-shown", "error", f"{confirmed - MOST} confirmed findings are left out.")
    for file in review.files:
        if not file.covered:
            level = "error" if file.tier is Tier.CRITICAL else "warning"
            yield _notification("not-covered", level, f"Not covered: {safe.inline(file.gap)}", file.path)
    for warning in review.warnings:
        yield _notification("warning", "warning", safe.inline(warning))
    for verdict in review.verdicts:
        if verdict.state is not State.CONFIRMED:
            said = f"{verdict.state} ({tally(verdict)}): {safe.inline(verdict.finding.title)}"
            level = "warning" if verdict.state is State.UNDECIDED else "note"
            yield _notification("not-confirmed", level, said, verdict.finding.path)
    for dropped in review.dropped:
        said = f"{safe.inline(dropped.title)}: {safe.inline(dropped.why)}"
        yield _notification("dropped", "note", said, dropped.path)


def _notification(name: str, level: str, text: str, path: str = "") -> dict[str, Any]:
    made: dict[str, Any] = {"descriptor": {"id": name}, "level": level, "message": {"text": text}}
    if path:
        file = {"uri": _uri(path), "uriBaseId": "%SRCROOT%"}
        made["locations"] = [{"physicalLocation": {"artifactLocation": file}}]
    return made


def _uri(path: str) -> str:
    """A relative reference: no name in it can be taken for a scheme, a host or a query."""
    return quote(path, safe="/").lstrip("/")
