"""Whoever listens hears of everything a run is made of."""

import asyncio

import pytest
from scripted import DOWN, Scripted, asker, change, file, finding, finds, panel, votes

from reviewbot import pipeline
from reviewbot.consensus import Mode, Quorum
from reviewbot.events import Answered, Discarded, Sent, Unanswered
from reviewbot.evidence import Evidence, Scanned, Sorted, UnitReview
from reviewbot.findings import Severity
from reviewbot.rules import Rules
from reviewbot.triage import Tier, Triaged

RULES = Rules(Quorum(2, 2), Mode.LAZY, proposers_flagged=2, proposers_critical=3, block_at=Severity.HIGH)


def heard(*models):
    """What a listener hears of the review of one critical and one other file."""
    made = change(file("auth/login.py"), file("src/page.py"))
    triaged = [Triaged(f, t, "") for f, t in zip(made.files, (Tier.CRITICAL, Tier.NORMAL), strict=True)]
    told = []

    async def gathered():
        return await pipeline.gather(
            made, triaged, panel(*models), RULES, asker(tell=told.append), told.append
        )

    return asyncio.run(gathered()), told


def of(kind, told):
    return [value for value in told if isinstance(value, kind)]


@pytest.mark.parametrize(
    "models",
    [
        pytest.param((Scripted("a/1"), Scripted("b/2"), Scripted("c/3")), id="nothing found"),
        pytest.param(
            (
                Scripted("a/1", review=finds(finding())),
                Scripted("b/2", vote=votes("confirm")),
                Scripted("c/3"),
            ),
            id="a vote",
        ),
        pytest.param((Scripted("a/1", review=DOWN), Scripted("b/2"), Scripted("c/3")), id="one is down"),
        pytest.param(
            (Scripted("a/1", review="not JSON"), Scripted("b/2"), Scripted("c/3")), id="one babbles"
        ),
    ],
)
def test_every_request_is_told_when_it_goes_out_and_when_it_ends(models):
    _, told = heard(*models)
    ended = sorted(event.call for event in of((Answered, Unanswered), told))
    assert [event.call for event in of(Sent, told)] == ended == list(range(1, len(ended) + 1))
    assert len(ended) == 1 + sum(len(model.asked) for model in models)  # the scan is a fourth model's


def test_the_evidence_comes_last_and_its_parts_before():
    evidence, told = heard(Scripted("a/1", review=DOWN), Scripted("b/2"), Scripted("c/3"))
    assert told[-1] is evidence
    assert isinstance(evidence, Evidence)
    assert tuple(of(Sorted, told)) == evidence.files
    assert tuple(of(Scanned, told)) == evidence.scans
    assert set(map(id, of(UnitReview, told))) == set(map(id, evidence.units))
    assert [event.failure.model for event in of(Discarded, told)] == ["a/1"]
