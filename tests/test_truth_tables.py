"""Every case there is, against the rules of DESIGN said once more in other words: the oracles here share no code with what they judge."""

import itertools

import pytest
from scripted import proposal

from reviewbot.consensus import Mode, Quorum, next_voters, tally
from reviewbot.errors import Exit
from reviewbot.findings import Ballot, Claim, Severity, State, Verdict, Vote, Voter
from reviewbot.gate import Mode as GateMode
from reviewbot.gate import Policy, Scope, decide, exit_status
from reviewbot.review import Coverage, Scan, Status
from reviewbot.triage import Tier

YES, NO, ABSTAIN, LOST = Ballot.CONFIRM, Ballot.REFUTE, Ballot.ABSTAIN, Ballot.UNAVAILABLE
#: What a seat may have done about a claim; None was not asked.
PROPOSED = "proposed"
DEEDS = (PROPOSED, YES, NO, ABSTAIN, LOST, None)
ANY = (False, True)
#: Panels of one to four seats, every way in which seats can share a family; a letter is a family.
PANELS = ("a", "aa", "ab", "aaa", "aab", "aba", "abb", "abc", "aaaa", "aabb", "abbc", "abcd")
THRESHOLDS = (1, 2, 3)

rules = pytest.mark.parametrize("threshold", THRESHOLDS)
panels = pytest.mark.parametrize("panel", PANELS)


def votes_of(deeds, panel):
    return tuple(
        Vote(voter(seat, panel), YES if deed is PROPOSED else deed, proposed=deed is PROPOSED, reason="")
        for seat, deed in enumerate(deeds, start=1)
        if deed is not None
    )


def voter(seat, panel):
    return Voter(seat, f"{panel[seat - 1]}/{seat}", panel[seat - 1])


def cases(panel):
    """Every way in which the seats can have voted on a claim that at least one of them proposed."""
    return (deeds for deeds in itertools.product(DEEDS, repeat=len(panel)) if PROPOSED in deeds)


def enough(seats, threshold, panel):
    """As many seats as the threshold, of as many families, where the panel has so many."""
    return len(seats) >= threshold and len({panel[s] for s in seats}) >= min(threshold, len(set(panel)))


def expected(deeds, threshold, panel):
    def seats(*wanted):
        return {seat for seat, deed in enumerate(deeds) if deed in wanted}

    for_it = seats(PROPOSED, YES)
    if enough(for_it, threshold, panel):
        return State.CONFIRMED
    lost = seats(LOST)
    could = (set(more) for size in range(len(lost) + 1) for more in itertools.combinations(lost, size))
    if any(enough(for_it | more, threshold, panel) for more in could):
        return State.UNDECIDED
    return State.REFUTED if seats(NO) else State.UNCONFIRMED


@panels
@rules
def test_the_tally(threshold, panel):
    quorum = Quorum.of(threshold, panel)
    for deeds in cases(panel):
        assert tally(votes_of(deeds, panel), quorum) is expected(deeds, threshold, panel), deeds


@panels
@rules
def test_what_no_vote_can_do(threshold, panel):
    """Order means nothing, a lost vote or a refusal never confirms, nor do fewer than the threshold."""
    quorum = Quorum.of(threshold, panel)
    for deeds in cases(panel):
        votes = votes_of(deeds, panel)
        state = tally(votes, quorum)
        if len(panel) < 4:
            assert {tally(order, quorum) for order in itertools.permutations(votes)} == {state}
        else:
            assert tally(votes[::-1], quorum) is state
        families = {v.voter.family for v in votes if v.ballot is YES}
        if state is State.CONFIRMED:
            assert len(families) >= min(threshold, len(set(panel)))
        if state is State.UNDECIDED:
            assert LOST in deeds
        for seat, deed in enumerate(deeds):
            for other in (NO, LOST, ABSTAIN):
                if deed is PROPOSED or deed is other:
                    continue
                changed = tally(votes_of((*deeds[:seat], other, *deeds[seat + 1 :]), panel), quorum)
                assert changed is not State.CONFIRMED or state is State.CONFIRMED, (deeds, seat, other)


@panels
@rules
def test_more_agreement_never_takes_a_confirmation_away(threshold, panel):
    quorum = Quorum.of(threshold, panel)
    for deeds in cases(panel):
        if tally(votes_of(deeds, panel), quorum) is State.CONFIRMED:
            for seat in range(len(panel)):
                more = (*deeds[:seat], YES, *deeds[seat + 1 :])
                if PROPOSED in more:
                    assert tally(votes_of(more, panel), quorum) is State.CONFIRMED


def test_the_same_model_in_two_seats_has_one_vote():
    one, two = Voter(1, "a/x", "a"), Voter(2, "a/x", "a")
    votes = (Vote(one, YES, proposed=True, reason=""), Vote(two, YES, proposed=False, reason=""))
    assert tally(votes, Quorum.of(2, "aaa")) is State.UNCONFIRMED


def asked_in_turn(proposers, answers, threshold, panel, mode, *, grave):
    """Who is asked about a claim, round by round, as DESIGN tells it. Seats count from 0, in the order of asking."""
    for_it, left = set(proposers), [s for s in range(len(panel)) if s not in proposers]
    rounds, declined = [], False
    while left and not enough(for_it, threshold, panel):
        hopeless = not enough(for_it | set(left), threshold, panel)
        if mode is Mode.INDEPENDENT or hopeless or (mode is Mode.LAZY and declined and not grave):
            break
        now, left = (left, []) if mode is Mode.STRICT else (left[:1], left[1:])
        rounds.append(tuple(now))
        for_it |= {s for s in now if answers[s] is YES}
        declined |= any(answers[s] in (NO, ABSTAIN) for s in now)
    return rounds


def really_asked(proposers, answers, threshold, panel, mode, *, grave):
    quorum, voters = Quorum.of(threshold, panel), [voter(seat, panel) for seat in range(1, len(panel) + 1)]
    deeds = [PROPOSED if seat in proposers else None for seat in range(len(panel))]
    rounds = []
    while now := next_voters(votes_of(deeds, panel), voters, quorum, mode, grave=grave):
        rounds.append(tuple(seat - 1 for seat in now))
        for seat in rounds[-1]:
            assert deeds[seat] is None, "asked twice"
            deeds[seat] = answers[seat]
    return rounds, tally(votes_of(deeds, panel), quorum)


@pytest.mark.parametrize("mode", Mode)
@panels
@rules
def test_who_is_asked_whatever_they_answer(threshold, panel, mode):
    """No more are asked than it takes, and no answer that was not asked for would have changed what is posted."""
    everyone = range(len(panel))
    for proposers in (set(s) for n in everyone for s in itertools.combinations(everyone, n + 1)):
        others = [seat for seat in everyone if seat not in proposers]
        for given, grave in itertools.product(
            itertools.product((YES, NO, ABSTAIN, LOST), repeat=len(others)), ANY
        ):
            answers = dict(zip(others, given, strict=True))
            told = asked_in_turn(proposers, answers, threshold, panel, mode, grave=grave)
            rounds, state = really_asked(proposers, answers, threshold, panel, mode, grave=grave)
            assert rounds == told, (proposers, answers, grave)
            if grave and mode is Mode.LAZY:
                full = votes_of([answers.get(seat, PROPOSED) for seat in everyone], panel)
                confirmed = tally(full, Quorum.of(threshold, panel)) is State.CONFIRMED
                assert (state is State.CONFIRMED) is confirmed, "being lazy lost a grave finding"


#: The table of DESIGN section 3, line by line: a guarded file in the change; all of them read by enough; a confirmed
#: finding grave enough; an undecided one; what comes of it. ANY stands for a dash or "any".
GATE = [
    pytest.param((False,), ANY, ANY, ANY, Status.PASSED, id="nothing guarded"),
    pytest.param((True,), (True,), (True,), ANY, Status.BLOCKED, id="read, and a grave finding confirmed"),
    pytest.param(
        (True,), (True,), (False,), (True,), Status.INCONCLUSIVE, id="read, and a grave one undecided"
    ),
    pytest.param((True,), (True,), (False,), (False,), Status.PASSED, id="read, and nothing grave left open"),
    pytest.param(
        (True,), (False,), (True,), ANY, Status.BLOCKED, id="not read, but a grave finding confirmed"
    ),
    pytest.param((True,), (False,), (False,), ANY, Status.INCONCLUSIVE, id="not read"),
]
EXITS = {Status.PASSED: Exit.PASSED, Status.BLOCKED: Exit.BLOCKED, Status.INCONCLUSIVE: Exit.INCONCLUSIVE}


def file(path, *, critical, read):
    gap = "" if read else "nobody read it"
    return Coverage(path, Tier.CRITICAL if critical else Tier.NORMAL, "", Scan.NONE, (), gap)


def verdict(state, severity, *, critical):
    return Verdict(Claim("x", (proposal(),)), (), state, severity, critical, inline=False)


def change(*, guarded, read, confirmed, undecided, scope, block_at):
    """Files and verdicts of one line of the table, among others that must not matter."""
    critical = scope is Scope.CRITICAL
    files = [file("other.py", critical=False, read=False)] if critical else []
    verdicts = [verdict(s, Severity.CRITICAL, critical=False) for s in State] if critical else []
    if guarded:
        files += [
            file("first.py", critical=critical, read=True),
            file("last.py", critical=critical, read=read),
        ]
        verdicts += [
            verdict(state, severity, critical=critical)
            for state, severity in itertools.product(State, Severity)
            if severity < block_at or state in (State.REFUTED, State.UNCONFIRMED)
        ]
        at_least = [s for s in Severity if s >= block_at]
        verdicts += [verdict(State.CONFIRMED, s, critical=critical) for s in at_least if confirmed]
        verdicts += [verdict(State.UNDECIDED, s, critical=critical) for s in at_least if undecided]
    return files, verdicts


@pytest.mark.parametrize("scope", Scope)
@pytest.mark.parametrize(("guarded", "read", "confirmed", "undecided", "status"), GATE)
def test_the_gate(guarded, read, confirmed, undecided, status, scope):
    for line in itertools.product(guarded, read, confirmed, undecided):
        for block_at, mode, warn in itertools.product(Severity, GateMode, (False, True)):
            facts = dict(zip(("guarded", "read", "confirmed", "undecided"), line, strict=True))
            files, verdicts = change(**facts, scope=scope, block_at=block_at)
            decision = decide(files, verdicts, Policy(mode, block_at, warn, scope))
            assert decision.status is status, (line, block_at, mode, warn)
            silent = mode is not GateMode.ENFORCE or (warn and status is Status.INCONCLUSIVE)
            assert exit_status(decision) is (Exit.PASSED if silent else EXITS[status])


@pytest.mark.parametrize("unlisted", ANY)
@pytest.mark.parametrize("unchosen", ANY)
@pytest.mark.parametrize(("guarded", "read", "confirmed", "undecided", "status"), GATE)
def test_what_nobody_could_list_or_chose_never_turns_green(
    guarded, read, confirmed, undecided, status, unlisted, unchosen
):
    for line in itertools.product(guarded, read, confirmed, undecided):
        facts = dict(zip(("guarded", "read", "confirmed", "undecided"), line, strict=True))
        files, verdicts = change(**facts, scope=Scope.CRITICAL, block_at=Severity.HIGH)
        decision = decide(files, verdicts, Policy(), unlisted=unlisted, unchosen=unchosen)
        held = unlisted or (unchosen and line[0])
        assert decision.status is (Status.INCONCLUSIVE if held and status is Status.PASSED else status)


def test_every_line_of_the_gate_s_table_is_there():
    lines = [line for case in GATE for line in itertools.product(*case.values[:4])]
    assert sorted(lines) == sorted(itertools.product((False, True), repeat=4))
