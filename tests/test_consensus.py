"""Two of three, counted; one defect in different words is one claim, two defects on one line are two."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted import finding, voter

from reviewbot.consensus import Candidate, Mode, Quorum, match, next_voters, severity, tally
from reviewbot.findings import Ballot, Category, Claim, Proposal, Severity, State, Vote
from reviewbot.grounding import Lines

YES, NO, ABSTAIN, LOST = Ballot.CONFIRM, Ballot.REFUTE, Ballot.ABSTAIN, Ballot.UNAVAILABLE
TWO_FAMILIES = Quorum(2, 2)
VOTERS = [voter(1), voter(2), voter(3)]


def cast(*ballots, families="abc"):
    """Votes of seats 1, 2, 3; None is a seat nobody asked. The first has proposed."""
    return tuple(
        Vote(voter(seat, families[seat - 1]), ballot, proposed=seat == 1, reason="")
        for seat, ballot in enumerate(ballots, start=1)
        if ballot
    )


@pytest.mark.parametrize(
    ("votes", "state"),
    [
        pytest.param(cast(YES, YES, YES), State.CONFIRMED, id="three of three"),
        pytest.param(cast(YES, YES, None), State.CONFIRMED, id="two, the third not asked"),
        pytest.param(cast(YES, NO, YES), State.CONFIRMED, id="two against one"),
        pytest.param(cast(YES, LOST, YES), State.CONFIRMED, id="two, the third lost"),
        pytest.param(cast(YES, NO, None), State.REFUTED, id="refuted, the third not asked"),
        pytest.param(cast(YES, NO, NO), State.REFUTED, id="the author stands alone"),
        pytest.param(cast(YES, NO, ABSTAIN), State.REFUTED, id="one refutes, one cannot tell"),
        pytest.param(cast(YES, ABSTAIN, ABSTAIN), State.UNCONFIRMED, id="nobody can tell"),
        pytest.param(cast(YES, None, None), State.UNCONFIRMED, id="nobody asked"),
        pytest.param(cast(YES, ABSTAIN, LOST), State.UNDECIDED, id="the lost vote could have confirmed"),
        pytest.param(
            cast(YES, NO, LOST), State.UNDECIDED, id="lost after a refutation: could still have confirmed"
        ),
        pytest.param(cast(YES, LOST, LOST), State.UNDECIDED, id="both lost"),
    ],
)
def test_two_of_three(votes, state):
    assert tally(votes, TWO_FAMILIES) is state


@pytest.mark.parametrize(
    ("votes", "quorum", "state"),
    [
        pytest.param(
            cast(YES, YES, NO, families="aab"), Quorum.of(2, "aab"), State.REFUTED, id="two of one family"
        ),
        pytest.param(
            cast(YES, NO, YES, families="aab"), Quorum.of(2, "aab"), State.CONFIRMED, id="one of each"
        ),
        pytest.param(
            cast(YES, YES, NO, families="aaa"), Quorum.of(2, "aaa"), State.CONFIRMED, id="one vendor only"
        ),
        pytest.param(
            cast(YES, YES, LOST, families="aab"), Quorum.of(2, "aab"), State.UNDECIDED, id="other family lost"
        ),
        pytest.param(cast(YES, YES, None), Quorum.of(3, "abc"), State.UNCONFIRMED, id="threshold of three"),
    ],
)
def test_a_family_has_one_vote_where_there_are_others(votes, quorum, state):
    assert tally(votes, quorum) is state


@given(st.lists(st.sampled_from([YES, NO, ABSTAIN, LOST, None]), min_size=2, max_size=2), st.integers(0, 1))
def test_a_lost_vote_never_confirms(others, which):
    """Losing a vote can make a confirmation undecided; it never makes one."""
    before = tally(cast(YES, *others), TWO_FAMILIES)
    others[which] = LOST
    after = tally(cast(YES, *others), TWO_FAMILIES)
    assert after is not State.CONFIRMED or before is State.CONFIRMED


@pytest.mark.parametrize(
    ("given_", "median"),
    [
        pytest.param("low", "low", id="one"),
        pytest.param("low high", "medium", id="between two"),
        pytest.param("medium high", "high", id="a tie rounds up"),
        pytest.param("low high critical", "high", id="the middle one"),
    ],
)
def test_severity_is_the_median_of_those_who_gave_one(given_, median):
    proposals = tuple(
        Proposal(finding(severity=Severity.parse(word)), voter(seat))
        for seat, word in enumerate(given_.split(), start=1)
    )
    votes = tuple(Vote(p.author, YES, proposed=True, reason="") for p in proposals)
    assert severity(Claim("x", proposals), votes) is Severity.parse(median)


@pytest.mark.parametrize(
    ("votes", "mode", "grave", "asked"),
    [
        pytest.param(cast(YES, None, None), Mode.LAZY, False, (2,), id="lazy asks one"),
        pytest.param(cast(YES, NO, None), Mode.LAZY, False, (), id="a refutation ends an ordinary claim"),
        pytest.param(cast(YES, ABSTAIN, None), Mode.LAZY, False, (), id="so does an abstention"),
        pytest.param(cast(YES, NO, None), Mode.LAZY, True, (3,), id="a grave claim gets a second hearing"),
        pytest.param(cast(YES, LOST, None), Mode.LAZY, False, (3,), id="a lost vote is made good"),
        pytest.param(cast(YES, YES, None), Mode.LAZY, True, (), id="confirmed: nobody else is asked"),
        pytest.param(cast(YES, None, None), Mode.STRICT, False, (2, 3), id="strict asks all"),
        pytest.param(cast(YES, None, None), Mode.INDEPENDENT, True, (), id="independent asks nobody"),
    ],
)
def test_who_is_asked_next(votes, mode, grave, asked):
    assert next_voters(votes, VOTERS, TWO_FAMILIES, mode, grave=grave) == asked


def test_nobody_is_asked_when_the_threshold_is_out_of_reach():
    assert next_voters(cast(YES, NO, None), VOTERS, Quorum(3, 3), Mode.LAZY, grave=True) == ()


def test_nobody_is_asked_who_cannot_make_a_second_family():
    voters = [voter(1, "a"), voter(2, "a"), voter(3, "b")]
    quorum = Quorum.of(2, "aab")
    assert next_voters(cast(YES, None, None, families="aab"), voters, quorum, Mode.LAZY, grave=False) == (2,)
    assert next_voters(cast(YES, None, LOST, families="aab"), voters, quorum, Mode.LAZY, grave=False) == ()


INJECTION = {"title": "SQL injection in the query", "body": "User input is concatenated into the statement."}
REWORDED = {
    "category": Category.CORRECTNESS,
    "title": "Query is assembled from raw input",
    "body": "Formatting the name into the SQL string lets an attacker inject SQL; bind it as a parameter.",
    "failure": "name = x' OR '1'='1",
}
LEAK = {
    "category": Category.RESOURCE_LEAK,
    "title": "Connection is never closed",
    "body": "The connection opened here is not closed when run() raises.",
    "failure": "After enough errors the pool is exhausted.",
}


def candidate(seat=1, *, family=None, line=2, **overrides):
    return Candidate(Proposal(finding(line=line, **overrides), voter(seat, family)), Lines(line, line))


@pytest.mark.parametrize(
    ("candidates", "claims"),
    [
        pytest.param([candidate(1, **INJECTION), candidate(2, **INJECTION)], 1, id="the same words"),
        pytest.param(
            [candidate(1, **INJECTION), candidate(2, **REWORDED)], 1, id="the same defect in other words"
        ),
        pytest.param([candidate(1, **INJECTION), candidate(2, line=4, **INJECTION)], 1, id="two lines apart"),
        pytest.param([candidate(1, **INJECTION), candidate(2, line=40, **INJECTION)], 2, id="far apart"),
        pytest.param(
            [candidate(1, **INJECTION), candidate(2, **LEAK)], 2, id="different defects on one line"
        ),
        pytest.param(
            [candidate(1, **INJECTION), candidate(2, path="b.py", **INJECTION)], 2, id="different files"
        ),
        pytest.param(
            [candidate(1, **INJECTION), candidate(1, line=3, **INJECTION)], 2, id="one model, two findings"
        ),
        pytest.param(
            [
                candidate(1, **INJECTION),
                candidate(2, **REWORDED),
                candidate(3, **INJECTION),
                candidate(3, **LEAK),
            ],
            2,
            id="three on one defect, one of them on another as well",
        ),
        pytest.param(
            [candidate(1, family="a", **INJECTION), candidate(2, family="a", **INJECTION)],
            1,
            id="two seats of one family: how many families that is the tally counts",
        ),
        pytest.param(
            [candidate(1, **INJECTION), candidate(1, **REWORDED)],
            2,
            id="one seat twice: it means two things, or would have said one",
        ),
    ],
)
def test_which_findings_are_one_claim(candidates, claims):
    for order in itertools.permutations(candidates):
        assert len(match(order)) == claims
    assert len({match(order) for order in itertools.permutations(candidates)}) == 1, "the order given decides"


SAID = [INJECTION, REWORDED, LEAK, {"title": "", "body": "", "failure": ""}]


@given(
    st.lists(
        st.builds(
            lambda seat, family, line, said: candidate(seat, family=family, line=line, **said),
            st.integers(1, 3),
            st.sampled_from("abc"),
            st.integers(1, 9),
            st.sampled_from(SAID),
        ),
        max_size=9,
    ),
    st.randoms(use_true_random=False),
)
def test_matching_loses_nothing_and_ignores_the_order_given(candidates, dice):
    """Every finding is in one claim, and no claim holds two of one seat."""
    claims = match(candidates)
    proposals = [p for claim in claims for p in claim.proposals]
    assert sorted(map(repr, proposals)) == sorted(repr(c.proposal) for c in candidates)
    for claim in claims:
        assert len(claim.seats) == len(claim.proposals)
        assert len({p.finding.path for p in claim.proposals}) == 1
    shuffled = dice.sample(candidates, len(candidates))
    assert match(shuffled) == claims


@pytest.mark.parametrize(
    ("apart", "claims"),
    [
        pytest.param(0, 1, id="the same lines"),
        pytest.param(2, 2, id="some lines apart the words have to say more"),
    ],
)
def test_three_words_in_ten_are_just_enough(apart, claims):
    shared, mine, yours = (
        "lock queue timer",
        "apple bread cloud grape maple ocean tiger",
        "chair eagle lemon piano river stone train",
    )
    one, other = (
        {"title": f"{shared} {own}", "body": "", "failure": "", "category": Category.CORRECTNESS}
        for own in (mine, yours)
    )
    assert len(match([candidate(1, **one), candidate(2, line=2 + apart, **other)])) == claims


def test_a_claim_speaks_in_the_words_of_its_first_seat():
    (claim,) = match([candidate(2, **REWORDED), candidate(1, **INJECTION)])
    assert claim.finding.title == INJECTION["title"]
    assert claim.seats == {1, 2}


def test_ids_differ_within_a_run_and_tell_nothing_of_the_author():
    same = [candidate(1, **INJECTION) for _ in range(3)]
    assert len({c.id for c in match(same)}) == 3
    assert match([candidate(1)])[0].id == match([candidate(3)])[0].id
