"""What other rules would have confirmed of the same answers, and when that cannot be known."""

import asyncio
from dataclasses import replace

import pytest
from scripted import Scripted, asker, change, file, finding, finds, panel, votes

from reviewbot import consensus, pipeline
from reviewbot.consensus import Mode, Quorum
from reviewbot.evaluation.quorums import Policy, alone, policies, read, under
from reviewbot.findings import Severity, State
from reviewbot.rules import Rules
from reviewbot.triage import Tier, Triaged

YES, NO = votes("confirm"), votes("refute")


def rules(mode, threshold=2, proposers=1):
    return Rules(Quorum(threshold, threshold), mode, proposers, proposers, Severity.HIGH)


def gathered(made_under, *answers, said=None, found_by="abc"):
    """One critical file that the first model finds something in; the others vote, or find it themselves."""
    found = finds(said or finding())
    models = [Scripted("a/m1", review=found)]
    models += [
        Scripted(f"{family}/m", review=found if family in found_by else None, vote=vote)
        for family, vote in answers
    ]

    async def gather():
        made = change(file())
        triaged = [Triaged(made.files[0], Tier.CRITICAL, "test")]
        return await pipeline.gather(made, triaged, panel(*models), made_under, asker())

    return asyncio.run(gather())


@pytest.mark.parametrize("answers", [(YES, YES), (YES, NO), (NO, YES), (NO, NO)])
@pytest.mark.parametrize("mode", [Mode.LAZY, Mode.STRICT])
def test_the_rules_of_the_run_give_what_the_run_gave(mode, answers):
    evidence = gathered(rules(mode), ("b", answers[0]), ("c", answers[1]))
    ((_, cast),) = evidence.units[0].ballots
    state = consensus.tally(cast, Quorum(2, 2))
    confirmed = under(evidence, rules(mode), Policy(mode, 2))
    assert confirmed.unknown == 0
    assert bool(confirmed.findings) is (state is State.CONFIRMED)


@pytest.mark.parametrize("answers", [(YES, YES), (YES, NO), (NO, YES), (NO, NO)])
@pytest.mark.parametrize("grave", [True, False])
@pytest.mark.parametrize("proposers", [1, 2])
def test_votes_of_everybody_tell_what_asking_in_turn_would_have_come_to(answers, grave, proposers):
    said = finding(severity=Severity.HIGH if grave else Severity.MEDIUM)
    heard = [("b", answers[0]), ("c", answers[1])]
    strict, lazy = (rules(mode, proposers=proposers) for mode in (Mode.STRICT, Mode.LAZY))
    lenient = [replace(r, block_at=Severity.CRITICAL) for r in (strict, lazy)]
    everybody, lazily = (gathered(r, *heard, said=said, found_by="a") for r in lenient)
    told, true = (
        under(seen, r, Policy(Mode.LAZY, 2)) for seen, r in zip((everybody, lazily), lenient, strict=True)
    )
    assert told == true


@pytest.mark.parametrize(
    ("mode", "threshold", "confirmed", "unknown"),
    [
        pytest.param(Mode.INDEPENDENT, 1, 1, 0, id="one is enough"),
        pytest.param(Mode.INDEPENDENT, 2, 0, 0, id="nobody else found it"),
        pytest.param(Mode.LAZY, 2, 1, 0, id="the first one asked agreed"),
        pytest.param(Mode.STRICT, 2, 1, 0, id="what the third would say changes nothing"),
        pytest.param(Mode.LAZY, 3, 0, 1, id="the third was not asked, and could have"),
    ],
)
def test_a_vote_nobody_was_asked_for_is_unknown_only_where_it_matters(mode, threshold, confirmed, unknown):
    evidence = gathered(rules(Mode.LAZY), ("b", YES), ("c", YES))
    found = under(evidence, rules(Mode.LAZY), Policy(mode, threshold))
    assert (len(found.findings), found.unknown) == (confirmed, unknown)


def test_a_refusal_settles_what_a_missing_vote_cannot_change():
    evidence = gathered(rules(Mode.LAZY), ("b", NO), ("c", NO), said=finding(severity=Severity.LOW))
    assert under(evidence, rules(Mode.LAZY), Policy(Mode.STRICT, 3)).unknown == 0


def test_what_one_model_found_and_read():
    evidence = gathered(rules(Mode.INDEPENDENT, proposers=2), ("b", YES), ("c", YES))
    assert [len(alone(evidence, name)) for name in ("a/m1", "b/m", "c/m")] == [1, 1, 0]
    assert read(evidence, "b/m") == {"auth/login.py"}
    assert read(evidence, "c/m") == frozenset()


def test_policies_of_three_seats():
    assert [p.name for p in policies(3)] == [
        "any one of them",
        "independent, 2 of them",
        "lazy, 2 of them",
        "strict, 2 of them",
        "independent, 3 of them",
        "lazy, 3 of them",
        "strict, 3 of them",
    ]
