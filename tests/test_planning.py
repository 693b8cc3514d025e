"""What is planned is what is done: the same files in the same requests to the same models."""

import asyncio
from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted import Free, Scripted, change, file, finding, finds, panel, votes

from reviewbot import pipeline, planning
from reviewbot.asking import Asker, Limits
from reviewbot.budget import Ledger
from reviewbot.config import load
from reviewbot.consensus import Mode, Quorum
from reviewbot.context import estimate_tokens
from reviewbot.events import Sent
from reviewbot.findings import Severity
from reviewbot.llm import Stage
from reviewbot.prompts import Templates
from reviewbot.rules import Rules
from reviewbot.triage import triage

RULES = Rules(Quorum(2, 2), Mode.LAZY, proposers_flagged=2, proposers_critical=3, block_at=Severity.HIGH)
TEMPLATES = Templates()
LINE = "value = compute(1)\n"


def made(paths, lines=3):
    texts = dict.fromkeys(paths, LINE * lines)
    return change(*(file(path, text=texts[path]) for path in paths), texts=texts)


def models(*, finding_=False, window=1_000_000, scan=None):
    """Three models that find nothing, or of which the first finds something everywhere and nobody agrees."""

    def review(question):
        return finds(*(finding(path=s.file.path, line=1, quote=LINE.strip()) for s in question.subjects))

    said = {"review": review if finding_ else None, "vote": votes("refute"), "window": window}
    first, *others = (Scripted(name, **said) for name in ("a/one", "b/two", "c/three"))
    for other in others:
        other.answers[Stage.REVIEW] = None
    return panel(first, *others, scan=Scripted("cheap/scan", scan=scan))


def planned(change_, seats, config="", rules=RULES):
    triaged = triage(change_, load(config, source="test"))
    return planning.forecast(change_, triaged, seats, rules, TEMPLATES.prompt, Free())


def done(change_, seats, config="", rules=RULES):
    """Calls and estimated input tokens by stage and model."""
    calls, tokens = Counter(), Counter()

    def tell(happened):
        if isinstance(happened, Sent):
            part = happened.prompt.question.stage, happened.spec.name
            prompt = happened.prompt
            calls[part] += 1
            tokens[part] += estimate_tokens(prompt.system + prompt.prefix + prompt.task)

    async def run():
        asker = Asker(TEMPLATES.prompt, lambda reply: reply, Ledger(Free(), None), Limits(pause=0), tell)
        await pipeline.gather(change_, triage(change_, load(config, source="test")), seats, rules, asker)

    asyncio.run(run())
    return calls, tokens


PATHS = st.lists(
    st.sampled_from(["src/auth/a.py", "src/b.py", "docs/c.md", "tests/d.py", "yarn.lock", "src/auth/e.py"]),
    min_size=1,
    max_size=6,
    unique=True,
)
ROUTING = st.sampled_from(
    ["", "routing: [{files: docs, review: always, proposers: 3}, {files: tests, review: never}]"]
)


@settings(max_examples=12)
@given(PATHS, st.sampled_from([1, 150]), st.sampled_from([1_000_000, 18_000]), ROUTING)
def test_what_is_sure_is_done_to_the_token(paths, lines, window, config):
    """Nothing flagged and nothing found: calls and tokens are those of the plan, whatever had to be split."""
    seats, change_ = models(window=window), made(paths, lines)
    sure = [call for call in planned(change_, seats, config).calls if call.chance == 1]
    calls, tokens = done(change_, seats, config)
    assert Counter((c.stage, c.spec.name) for c in sure) == calls
    expected = Counter()
    for call in sure:
        expected[call.stage, call.spec.name] += call.input_tokens
    assert expected == tokens


@settings(max_examples=12)
@given(PATHS, st.sampled_from([1, 150]), ROUTING)
def test_what_is_done_is_between_the_least_and_the_most(paths, lines, config):
    """Everything flagged, and a grave finding in every file that everybody else denies."""
    seats, change_ = models(finding_=True, scan={"read": []}), made(paths, lines)
    forecast = planned(change_, seats, config)
    calls, _ = done(change_, seats, config)
    assert forecast.least.calls <= sum(calls.values()) <= forecast.most.calls
    assert forecast.least.calls <= forecast.expected.calls <= forecast.most.calls
    reviews = Counter(c.spec.name for c in forecast.calls if c.stage is Stage.REVIEW)
    assert reviews == Counter(
        {name: number for (stage, name), number in calls.items() if stage is Stage.REVIEW}
    )


@pytest.mark.parametrize(
    ("mode", "votes_"),
    [
        pytest.param(
            Mode.LAZY, [Decimal("0.5"), Decimal("0.1"), Decimal("0.1")], id="lazy: one, seldom another"
        ),
        pytest.param(Mode.STRICT, [Decimal("0.5"), Decimal("0.5"), Decimal("0.1")], id="strict: both others"),
        pytest.param(Mode.INDEPENDENT, [], id="independent: none"),
    ],
)
def test_votes_that_may_follow(mode, votes_):
    rules = Rules(Quorum(2, 2), mode, proposers_flagged=2, proposers_critical=3, block_at=Severity.HIGH)
    calls = planned(made(["src/auth/a.py"]), models(), rules=rules).calls
    assert [c.chance for c in calls if c.stage is Stage.VOTE] == votes_


def test_who_only_judges_votes_first():
    calls = planned(made(["src/a.py"]), models()).calls
    assert [c.spec.name for c in calls if c.stage is Stage.VOTE] == ["c/three", "b/two", "a/one"]


def test_one_unknown_price_makes_its_rows_unknown():
    class Some(Free):
        def worst_case(self, spec, input_tokens, output_tokens):
            return None if spec.name == "b/two" else Decimal("0.01")

    change_ = made(["src/auth/a.py"])
    seats = models()
    triaged = triage(change_, load("", source="test"))
    forecast = planning.forecast(change_, triaged, seats, RULES, TEMPLATES.prompt, Some())
    assert {name: row.cost is None for _, name, row in forecast.rows()} == {
        "a/one": False,
        "b/two": True,
        "c/three": False,
    }
    assert (forecast.expected.cost, forecast.least.cost) == (None, None)


def test_what_fits_no_request_is_named():
    long = made(["src/auth/a.py"], lines=1)
    assert planned(long, models(window=9_000)).oversized == ("src/auth/a.py",)
