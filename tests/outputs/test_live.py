"""The view of a run while it goes on."""

import io
import logging
import sys
from decimal import Decimal

import pytest
from rich.console import Console
from scripted import proposal, spec

from reviewbot import logs
from reviewbot.errors import FailureKind
from reviewbot.events import Answered, Sent, Unanswered
from reviewbot.evidence import Failure, Scanned, Sorted, UnitReview
from reviewbot.findings import Claim
from reviewbot.llm import Completion, Prompt, Question, Stage, Stop, Usage
from reviewbot.outputs.live import Progress, watching
from reviewbot.review import Scan
from reviewbot.sanitize import Sanitizer
from reviewbot.triage import Tier

ONE, OTHER = spec("vendor/one"), spec("other/\u202etwo")
ANSWER = Completion("{}", Stop.COMPLETE, Usage())


def sent(call, model, stage):
    return Sent(call, model, Prompt(Question(stage, ()), "", "", ""))


@pytest.fixture
def progress():
    times = iter([100.0, 112.4])
    return Progress(Sanitizer(()), clock=lambda: next(times))


def shown(progress):
    out = io.StringIO()
    Console(file=out, width=80).print(progress)
    return out.getvalue()


def test_nothing_yet(progress):
    assert shown(progress).splitlines()[0].rstrip() == "12 s · files: reading · free"


def test_stages_models_claims_and_cost_so_far(progress):
    claim = Claim("1", (proposal(),))
    for happened in (
        Sorted("a.py", Tier.CRITICAL, "", ""),
        Sorted("b.py", Tier.NORMAL, "", ""),
        Sorted("c.py", Tier.NORMAL, "", ""),
        sent(1, ONE, Stage.SCAN),
        Answered(1, ONE, ANSWER, Decimal("0.01")),
        Scanned({"b.py": Scan.CLEAR, "c.py": Scan.FAILED}, (), ()),
        sent(2, ONE, Stage.REVIEW),
        sent(3, OTHER, Stage.REVIEW),
        Unanswered(3, OTHER, Failure("other/two", FailureKind.OVERLOAD, "")),
        UnitReview({}, ((claim, ()),), (), ()),
    ):
        progress(happened)
    lines = [" ".join(line.split()) for line in shown(progress).splitlines()]
    assert lines == [
        "12 s · files: 1 critical, 2 normal · 1 of 2 scanned need a closer look · 1 claim",
        "· $0.0100",
        "in flight answered failed cost",
        "scan 1 0 $0.0100",
        "review ● 0 1 free",
        "other/two 0 1 free",
        "vendor/one ● 1 0 $0.0100",
    ]


def test_an_unknown_price_makes_the_sum_unknown(progress):
    progress(sent(1, ONE, Stage.SCAN))
    progress(Answered(1, ONE, ANSWER, None))
    assert "cost unknown" in shown(progress).splitlines()[0]


def test_log_lines_stand_above_the_view_and_go_where_they_went_afterwards(capsys):
    logs.open_door([], verbose=False)
    before = sys.stderr
    with watching(Sanitizer(()), plain=True):
        logging.getLogger("reviewbot").warning("something went wrong")
    assert sys.stderr is before
    assert "reviewbot: something went wrong" in capsys.readouterr().err
