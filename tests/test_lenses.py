"""Reviews through lenses: who looks at what, that nothing is counted twice, and that no lens is missed unnoticed."""

import asyncio
from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest
from scripted import DOWN, Free, Scripted, asker, change, concluded, file, finding, finds, panel, votes

from reviewbot import pipeline, planning
from reviewbot.consensus import Mode, Quorum
from reviewbot.diff import FileDiff, Status
from reviewbot.findings import Category, Severity
from reviewbot.lenses import Lens
from reviewbot.llm import Prompt, Stage
from reviewbot.review import PanelKind
from reviewbot.rules import Rules
from reviewbot.triage import Tier, Triaged

AUTH, NORMAL = "auth/login.py", "src/page.py"
RULES = Rules(Quorum(2, 2), Mode.LAZY, proposers_flagged=2, proposers_critical=3, block_at=Severity.HIGH)
BOTH = (Lens("security"), Lens("correctness"))


def triaged(*paths):
    made = change(*map(file, paths))
    tier = {True: Tier.CRITICAL, False: Tier.NORMAL}
    return made, [Triaged(f, tier[f.path.startswith("auth/")], "why") for f in made.files]


def run(models, lenses, paths=(AUTH,), **kept):
    made, files = triaged(*paths)
    rules = replace(RULES, lenses=tuple(lenses))

    async def reviewed():
        return await pipeline.gather(made, files, panel(*models, **kept), rules, asker())

    return concluded(asyncio.run(reviewed()), rules)


def models(**answers):
    return [Scripted(name, **answers) for name in ("a/one", "b/two", "c/three")]


def through(lens, found):
    """A model that finds this through one lens and nothing through others."""
    return lambda question: found if question.lens == lens else {}


def looked(model):
    """Lens and paths of each review."""
    return [(q.lens, [s.file.path for s in q.subjects]) for q in model.asked if q.stage is Stage.REVIEW]


@pytest.mark.parametrize(
    ("lenses", "asked"),
    [
        pytest.param([], [("", [AUTH])], id="none: one look for everything"),
        pytest.param(BOTH, [("security", [AUTH]), ("correctness", [AUTH])], id="each in a review of its own"),
        pytest.param(
            [Lens("security", paths=("auth/**",)), Lens("docs", paths=("*.md",))],
            [("security", [AUTH])],
            id="by path",
        ),
        pytest.param(
            [Lens("docs", paths=("*.md",))],
            [("", [AUTH])],
            id="a file no lens is for is reviewed all the same",
        ),
    ],
)
def test_which_reviews_a_file_gets(lenses, asked):
    panel_ = models()
    run(panel_, lenses)
    assert [looked(model) for model in panel_] == [asked] * 3


def test_files_share_a_request_where_they_share_their_lenses():
    panel_ = models()
    lenses = [Lens("security"), Lens("sql", paths=("auth/db.py",))]
    run(panel_, lenses, ["auth/a.py", "auth/b.py", "auth/db.py"])
    both = ["auth/a.py", "auth/b.py"]
    assert sorted(looked(panel_[0])) == [
        ("security", both),
        ("security", ["auth/db.py"]),
        ("sql", ["auth/db.py"]),
    ]


@pytest.mark.parametrize(
    ("lens", "reviewed"),
    [
        pytest.param(Lens("x"), [1, 1, 0], id="by seat"),
        pytest.param(Lens("x", models=("c/three",)), [1, 0, 1], id="the preferred before others"),
        pytest.param(
            Lens("x", models=("c/three",), proposers=1), [0, 0, 1], id="and alone, if that is enough"
        ),
        pytest.param(Lens("x", models=("z/none",)), [1, 1, 0], id="one without a seat changes nothing"),
    ],
)
def test_who_reviews_a_flagged_file(lens, reviewed):
    panel_ = models()
    run(panel_, [lens], [NORMAL], scan=Scripted("cheap/scanner", scan=DOWN))
    assert [len(looked(model)) for model in panel_] == reviewed


def test_what_one_model_says_through_two_lenses_is_one_claim():
    a, b, c = models()
    a.answers[Stage.REVIEW] = finds(finding())
    outcome = run([a, b, c], BOTH)
    assert [len(v.claim.proposals) for v in outcome.verdicts] == [1]
    assert ["said through another lens too" in dropped.why for dropped in outcome.dropped] == [True]


def test_two_defects_on_one_line_through_two_lenses_stay_two():
    a, b, c = models()
    other = finding(
        title="The cursor is never closed",
        body="Each call leaks a database cursor.",
        failure="after a day the pool is empty",
        category=Category.RESOURCE_LEAK,
    )
    a.answers[Stage.REVIEW] = lambda q: finds(finding()) if q.lens == "security" else finds(other)
    assert len(run([a, b, c], BOTH).verdicts) == 2


def test_two_families_through_two_lenses_confirm_without_a_vote():
    a, b, c = models()
    a.answers[Stage.REVIEW] = through("security", finds(finding()))
    b.answers[Stage.REVIEW] = through("correctness", finds(finding()))
    outcome = run([a, b, c], BOTH)
    assert [str(v.state) for v in outcome.verdicts] == ["confirmed"]
    assert [sorted(vote.voter.family for vote in v.votes) for v in outcome.verdicts] == [["a", "b"]]
    assert not [q for model in (a, b, c) for q in model.asked if q.stage is Stage.VOTE]


def test_one_family_through_two_lenses_confirms_nothing():
    a, b, c = models(vote=votes("refute"))
    a.answers[Stage.REVIEW] = finds(finding())
    outcome = run([a, b, c], BOTH)
    assert [str(v.state) for v in outcome.verdicts] == ["refuted"]
    assert Counter(vote.voter.family for v in outcome.verdicts for vote in v.votes) == {
        "a": 1,
        "b": 1,
        "c": 1,
    }


def test_claims_of_all_lenses_are_voted_on_together():
    a, b, c = models()
    a.answers[Stage.REVIEW] = through("security", finds(finding()))
    b.answers[Stage.REVIEW] = through(
        "correctness", finds(finding(title="Off by one", body="x", failure="y", line=3, quote="return query"))
    )
    run([a, b, c], BOTH)
    votes_ = [q for q in c.asked if q.stage is Stage.VOTE]
    assert [len(q.claims) for q in votes_] == [2]


@pytest.mark.parametrize(
    ("answers", "readers"),
    [
        pytest.param([{}, {}, {}], 3, id="everybody through both"),
        pytest.param([{}, {}, DOWN], 2, id="one through none"),
        pytest.param(
            [through("security", {}), "blind", "blind"], 1, id="one lens was short: its readers count"
        ),
        pytest.param(["blind", "blind", "blind"], 0, id="a lens that nobody looked through covers nothing"),
    ],
)
def test_a_lens_that_failed_is_not_covered_up_by_another(answers, readers):
    def blind(question):
        return DOWN if question.lens == "correctness" else {}

    panel_ = models()
    for model, answer in zip(panel_, answers, strict=True):
        model.answers[Stage.REVIEW] = blind if answer == "blind" else answer
    (told,) = run(panel_, BOTH).files
    assert len(told.reviewed_by) == readers
    assert told.covered is (readers >= 2)


def test_readers_of_different_lenses_cover_a_file_together():
    lenses = [Lens("x", models=("a/one",), proposers=1), Lens("y", models=("b/two",), proposers=1)]
    (told,) = run(models(), lenses).files
    assert (told.reviewed_by, told.covered) == (("a/one", "b/two"), True)


def test_a_moved_file_is_looked_at_through_the_lens_of_its_old_place():
    moved = FileDiff("src/page.py", Status.RENAMED, old_path="pay/page.py")
    assert Lens("money", paths=("pay/**",)).concerns(moved)
    assert not Lens("money", paths=("docs/**",)).concerns(moved)


def test_analysers_look_once():
    panel_ = models()
    run(panel_, BOTH, kind=PanelKind.OFFLINE)
    assert [looked(model) for model in panel_] == [[("", [AUTH])]] * 3


@pytest.mark.parametrize(
    ("lenses", "reviews"),
    [
        pytest.param((), 3, id="one look"),
        pytest.param(BOTH, 6, id="two looks by three seats"),
        pytest.param((Lens("x"), Lens("y", proposers=1)), 4, id="one of them by one seat"),
    ],
)
def test_the_plan_counts_every_look(lenses, reviews):
    made, files = triaged(AUTH)
    forecast = planning.forecast(
        made,
        files,
        panel(*models()),
        replace(RULES, lenses=lenses),
        lambda q, s: Prompt(q, "", "", ""),
        Free(),
    )
    asked = [call for call in forecast.calls if call.stage is Stage.REVIEW]
    assert len(asked) == reviews
    assert len(forecast.calls) == reviews + 3
    assert all(call.chance == Decimal(1) for call in asked)
