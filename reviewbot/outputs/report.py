"""The JSON report, whose every key is a promise; `report.schema.json` beside this file states it for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from reviewbot import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from reviewbot.findings import Verdict
    from reviewbot.outputs import Page
    from reviewbot.review import Coverage, Spent
    from reviewbot.sharding import Part


def render(page: Page) -> str:
    """The report, version 1."""
    review = page.review
    change = review.change
    report: dict[str, Any] = {
        "schema": "reviewbot.report/1",
        "version": __version__,
        "change": {
            "base": change.base,
            "head": change.head,
            "repository": change.repository,
            "number": change.number,
        },
        "gate": {"status": review.decision.status, "reasons": review.decision.reasons},
        "panel": [
            {"seat": s.seat, "model": s.model, "family": s.family, "status": s.status, "replaced": s.replaced}
            for s in review.panel
        ],
        "findings": [_finding(verdict, page.fingerprints) for verdict in review.verdicts],
        "files": [_file(file) for file in review.files],
        "usage": _spent(review.total)
        | {"by_model": [{"model": model} | _spent(spent) for model, spent in review.by_model]},
        "dropped": [{"path": d.path, "title": d.title, "why": d.why} for d in review.dropped],
        "warnings": review.warnings,
        "seconds": {"total": round(review.seconds, 3)},
    }
    if page.part:
        report["shard"] = _part(page.part)
    return json.dumps(report, ensure_ascii=False, indent=2) + "\n"


def _part(part: Part) -> dict[str, Any]:
    policy = part.policy
    return {
        "number": part.number,
        "of": part.of,
        "basis": part.basis,
        "places": part.places,
        "elsewhere": [
            {"place": e.place, "path": e.path, "tier": e.tier, "part": e.part} for e in part.elsewhere
        ],
        "gate": {
            "mode": policy.mode,
            "block_at": policy.block_at.word,
            "on_inconclusive": "warn" if policy.warn_on_inconclusive else "block",
            "scope": policy.scope,
        },
        "comments": part.comments,
    }


def _finding(verdict: Verdict, fingerprints: Mapping[str, str]) -> dict[str, Any]:
    found = verdict.finding
    return {
        "id": verdict.claim.id,
        "fingerprint": fingerprints[verdict.claim.id],
        "path": found.path,
        "first_line": found.first_line,
        "last_line": found.last_line,
        "severity": verdict.severity.word,
        "category": found.category,
        "title": found.title,
        "body": found.body,
        "suggestion": found.suggestion,
        "state": verdict.state,
        "critical": verdict.critical,
        "inline": verdict.inline,
        "votes": [
            {
                "model": vote.voter.model,
                "family": vote.voter.family,
                "vote": vote.ballot,
                "proposed": vote.proposed,
                "reason": vote.reason,
            }
            for vote in verdict.votes
        ],
    }


def _file(file: Coverage) -> dict[str, Any]:
    return {
        "path": file.path,
        "tier": file.tier,
        "why": _why(file),
        "scan": file.scan,
        "reviewed_by": file.reviewed_by,
        "covered": file.covered,
    }


def _why(file: Coverage) -> str:
    if not file.covered:
        return f"{file.why}; not covered: {file.gap}"
    return f"{file.why}; unchanged since {file.since[:12]}, read then" if file.since else file.why


def _spent(spent: Spent) -> dict[str, Any]:
    return {
        "calls": spent.calls,
        "input_tokens": spent.input_tokens,
        "cached_tokens": spent.cached_tokens,
        "output_tokens": spent.output_tokens,
        "cost_usd": _dollars(spent.cost),
    }


def _dollars(cost: Decimal | None) -> str | None:
    return None if cost is None else f"{cost:.4f}"
