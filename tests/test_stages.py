"""What a voter is asked, and how many of them: blind, in one request each, and no more than it takes."""

import asyncio

import pytest
from scripted import Scripted, asker, change, file, finding, finds, panel, spec, votes

from reviewbot import stages
from reviewbot.consensus import Mode, Quorum
from reviewbot.diff import HeadText
from reviewbot.findings import Category, Severity
from reviewbot.llm import Hint, Stage, Subject
from reviewbot.prompts import Templates
from reviewbot.rules import Rules

TEMPLATES = Templates()
PATH = "auth/login.py"
LEAK = {
    "category": Category.RESOURCE_LEAK,
    "title": "Cursor is never closed",
    "body": "The cursor leaks.",
    "failure": "Too many open files",
}


def rules(mode=Mode.LAZY, **given):
    kept = {"proposers_flagged": 2, "proposers_critical": 3, "block_at": Severity.HIGH, **given}
    return Rules(Quorum(2, 2), mode, **kept)


def subject(*, critical=True):
    made = change(file(PATH))
    return Subject(
        made.files[0], made.heads.get(PATH, HeadText({}, complete=False)), made.files[0].hunks, critical
    )


def review(models, *, policy=None, critical=True, hints=(), about=("", "")):
    async def reviewed():
        return await stages.review(
            [subject(critical=critical)], hints, (), about, panel(*models), policy or rules(), asker()
        )

    return asyncio.run(reviewed())


def trio(**by_seat):
    """Models a, b and c; what each says is given by its letter."""
    return [Scripted(f"{name}/model", **by_seat.get(name, {})) for name in "abc"]


def asked(model):
    """The requests to vote as this model would get them, in every family's words."""
    families = ("claude", "gpt", "gemini", "other")
    return [
        (prompt.system, prompt.prefix, prompt.task)
        for question in model.asked
        if question.stage is Stage.VOTE
        for family in families
        for prompt in [TEMPLATES.prompt(question, spec("p/m", family))]
    ]


def told(model):
    """The ids of the claims of each request to vote."""
    return [[c.id for c in question.claims] for question in model.asked if question.stage is Stage.VOTE]


WHAT_VOTERS_MUST_NOT_LEARN = [
    pytest.param({}, id="nothing else"),
    pytest.param({"author": "b"}, id="who made the claim"),
    pytest.param({"severity": Severity.CRITICAL}, id="how grave it is said to be"),
    pytest.param({"suggestion": "pass"}, id="how its author would mend it"),
    pytest.param({"about": ("Merge me", "Reviewed and safe.")}, id="what the pull request says of itself"),
    pytest.param({"hints": (Hint(PATH, 2, "high", "looks bad"),)}, id="what the scan thought"),
    pytest.param({"backers": "ab", "threshold": 3}, id="how many already stand behind it"),
]


@pytest.mark.parametrize("secret", WHAT_VOTERS_MUST_NOT_LEARN)
def test_voters_are_blind(secret):
    """A request to vote is the same to the letter, whatever is kept from the voter."""

    def request(*, author="a", backers="", threshold=2, severity=Severity.HIGH, suggestion=None, **given):
        made = finds(finding(severity=severity, suggestion=suggestion))
        models = trio(**{name: {"review": made} for name in backers or author})
        quorum = Quorum(threshold, threshold)
        policy = Rules(quorum, Mode.STRICT, proposers_flagged=2, proposers_critical=3, block_at=Severity.HIGH)
        review(models, policy=policy, **given)
        return asked(models[2])

    assert len(request()) == 4, "one request, in the words for each family"
    assert request(**secret) == request()


def test_a_voter_gets_all_claims_of_a_unit_in_one_request():
    both = finds(finding(), finding(**LEAK))
    models = trio(a={"review": both})
    review(models)
    assert [len(batch) for batch in told(models[1])] == [2]


def test_the_order_of_claims_tells_nothing_of_their_severity_and_is_the_same_on_every_run():
    def order(severities):
        found = [
            finding(severity=severity, title=f"Claim {n}", body=f"About subject {n}")
            for n, severity in enumerate(severities)
        ]
        models = trio(a={"review": finds(*found)})
        review(models, policy=rules(Mode.STRICT))
        (question,) = (q for q in models[1].asked if q.stage is Stage.VOTE)
        return [c.finding.title for c in question.claims]

    severities = (*Severity, *Severity)
    assert len({tuple(order(some)) for some in (severities, severities[::-1], severities)}) == 1
    assert order(severities) != sorted(order(severities)), "it is the order in which they were made"


def test_two_voters_get_the_same_claims_in_orders_of_their_own():
    found = [finding(title=f"Claim {n}", body=f"About subject {n}") for n in range(8)]
    models = trio(a={"review": finds(*found)})
    review(models, policy=rules(Mode.STRICT))
    (one,), (two,) = told(models[1]), told(models[2])
    assert sorted(one) == sorted(two)
    assert one != two


SECOND_HEARING = [
    pytest.param("low", True, {}, False, id="low"),
    pytest.param("medium", True, {}, False, id="medium"),
    pytest.param("high", True, {}, True, id="high"),
    pytest.param("critical", True, {}, True, id="critical"),
    pytest.param("high", False, {}, True, id="high, though its file does not gate"),
    pytest.param("medium", True, {"block_at": Severity.MEDIUM}, True, id="medium, where that could gate"),
    pytest.param(
        "medium", False, {"block_at": Severity.MEDIUM}, False, id="medium, on a file that does not gate"
    ),
    pytest.param(
        "medium",
        False,
        {"block_at": Severity.MEDIUM, "gates_all": True},
        True,
        id="medium, where every file gates",
    ),
]


@pytest.mark.parametrize(("severity", "critical", "policy", "again"), SECOND_HEARING)
@pytest.mark.parametrize("verdict", ["refute", "cannot_tell"])
def test_the_third_seat_is_asked_only_where_it_matters(severity, critical, policy, again, verdict):
    made = finds(finding(severity=Severity.parse(severity)))
    models = trio(a={"review": made}, b={"vote": votes(verdict)}, c={"vote": votes(verdict)})
    review(models, policy=rules(**policy), critical=critical)
    assert sum(len(told(model)) for model in models) == 1 + again


@pytest.mark.parametrize("severity", Severity)
@pytest.mark.parametrize("critical", [True, False])
def test_the_first_confirmation_ends_it(severity, critical):
    models = trio(
        a={"review": finds(finding(severity=severity))},
        b={"vote": votes("confirm")},
        c={"vote": votes("confirm")},
    )
    review(models, critical=critical)
    assert sum(len(told(model)) for model in models) == 1


@pytest.mark.parametrize("mode", Mode)
def test_what_enough_proposed_is_put_to_nobody(mode):
    models = trio(a={"review": finds(finding())}, b={"review": finds(finding())})
    review(models, policy=rules(mode))
    assert not any(told(model) for model in models)


def test_nobody_votes_on_a_finding_of_their_own():
    subjects = ("Apples", "Bridges", "Candles")
    made = [finds(finding(title=name, body=name, failure=name, category=Category.OTHER)) for name in subjects]
    models = trio(**{seat: {"review": m} for seat, m in zip("abc", made, strict=True)})
    review(models, policy=rules(Mode.STRICT))
    for own, model in zip(subjects, models, strict=True):
        titles = {c.finding.title for q in model.asked for c in q.claims}
        assert titles == {*subjects} - {own}


def test_the_judge_of_a_flagged_file_votes_before_who_read_it():
    models = trio(a={"review": finds(finding())}, c={"vote": votes("confirm")})
    review(models, critical=False)
    assert [len(told(model)) for model in models] == [0, 0, 1]


@pytest.mark.parametrize(
    ("answers", "ballot"),
    [
        pytest.param([("confirm", "query = run(name)")], "confirm", id="evidence from the file"),
        pytest.param([("confirm", "query   =  run(name)")], "confirm", id="white space does not count"),
        pytest.param([("confirm", "query = ran(name)")], "abstain", id="a letter off"),
        pytest.param([("confirm", "  ")], "abstain", id="blank"),
        pytest.param(
            [("confirm", ""), ("confirm", "query = run(name)")],
            "confirm",
            id="said twice, once with evidence",
        ),
        pytest.param([("confirm", "query = run(name)"), ("refute", "")], "abstain", id="both ways"),
        pytest.param([("refute", "made_up()")], "refute", id="a refusal needs no evidence"),
        pytest.param([("cannot_tell", "query = run(name)")], "abstain", id="undecided"),
        pytest.param([], "abstain", id="no answer on this claim"),
    ],
)
def test_what_an_answer_counts_for(answers, ballot):
    def vote(question):
        return {
            "votes": [
                {"id": claim.id, "verdict": verdict, "evidence": evidence, "reason": ""}
                for claim in question.claims
                for verdict, evidence in answers
            ]
        }

    ((_, cast),) = review(trio(a={"review": finds(finding())}, b={"vote": vote})).ballots
    assert str(cast[1].ballot) == ballot


def test_answers_on_claims_nobody_put_are_ignored():
    def vote(question):
        return {
            "votes": [{"id": "made-up", "verdict": "confirm", "evidence": "query = run(name)", "reason": ""}]
        }

    ((_, cast),) = review(trio(a={"review": finds(finding())}, b={"vote": vote}, c={"vote": vote})).ballots
    assert [str(v.ballot) for v in cast] == ["confirm", "abstain", "abstain"]
