"""Models that say what a test tells them to, and the values a review is made of, by what matters in a test."""

import asyncio
import json
from decimal import Decimal

from reviewbot.asking import Asker, Limits
from reviewbot.budget import Ledger
from reviewbot.conclusion import Circumstances, conclude
from reviewbot.diff import Change, FileDiff, HeadText, Hunk, Line, Status
from reviewbot.errors import FailureKind, ModelError
from reviewbot.events import nobody
from reviewbot.findings import Category, Finding, Proposal, Severity, Voter
from reviewbot.gate import Policy
from reviewbot.llm import Completion, ModelSpec, Prompt, Stage, Stop, Usage
from reviewbot.review import PanelKind, Spent
from reviewbot.routing import Panel, Seat

DOWN = ModelError(FailureKind.OVERLOAD, "503: down")
EMPTY = {"read": [], "flags": [], "findings": [], "votes": []}


def finding(path="auth/login.py", line=2, quote="query = run(name)", **overrides):
    """A grave finding that is grounded in `change()`."""
    return Finding(
        **{
            "path": path,
            "first_line": line,
            "last_line": line,
            "quote": quote,
            "category": Category.SECURITY,
            "severity": Severity.HIGH,
            "title": "SQL injection in the query",
            "body": "User input is concatenated into the SQL query.",
            "failure": 'name = "\' OR 1=1" returns every row',
            **overrides,
        }
    )


def as_json(found):
    """The finding as a model writes it."""
    return {
        "path": found.path,
        "first_line": found.first_line,
        "last_line": found.last_line,
        "quote": found.quote,
        "category": str(found.category),
        "severity": found.severity.word,
        "title": found.title,
        "body": found.body,
        "failure": found.failure,
        "suggestion": found.suggestion,
    }


def spec(name, family=None, window=1_000_000):
    provider, _, model = name.partition("/")
    return ModelSpec(provider, model, family or provider, window, 32_000)


class Scripted:
    """Answers from a table: by stage a reply, an error, raw text, or a function of the question.

    Unless told otherwise it reads everything, flags and finds nothing, and cannot tell in votes.
    """

    def __init__(
        self,
        name,
        *,
        family=None,
        scan=None,
        review=None,
        vote=None,
        delay=0.0,
        languages=None,
        window=1_000_000,
    ):
        self.spec = spec(name, family, window)
        self.answers = {Stage.SCAN: scan, Stage.REVIEW: review, Stage.VOTE: vote}
        self.delay = delay
        self.languages = languages
        self.asked = []

    def reads(self, path):
        return self.languages is None or path.rpartition(".")[2] in self.languages

    async def complete(self, prompt, *, seconds):
        self.asked.append(prompt.question)
        await asyncio.sleep(self.delay)
        question = prompt.question
        answer = self.answers[question.stage]
        if callable(answer):
            answer = answer(question)
        if isinstance(answer, list):
            answer = answer.pop(0)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, Completion):
            return answer
        if not isinstance(answer, str):
            answer = json.dumps({**EMPTY, "read": [s.file.path for s in question.subjects], **(answer or {})})
        return Completion(answer, Stop.COMPLETE, Usage(100, 0, 0, 10))

    async def close(self):
        pass

    def stages(self):
        return [str(q.stage) for q in self.asked]


def finds(*findings):
    return {"findings": [as_json(f) for f in findings]}


def votes(verdict, evidence="query = run(name)", reason="because"):
    """The same verdict on every claim asked about."""
    return lambda question: {
        "votes": [
            {"id": c.id, "verdict": verdict, "evidence": evidence, "reason": reason} for c in question.claims
        ]
    }


def panel(one, two, three, *, scan=None, standby=(), kind=PanelKind.MODELS, detours=()):
    seats = tuple(
        Seat(number, tuple(chain) if isinstance(chain, list) else (chain,))
        for number, chain in enumerate((one, two, three), start=1)
    )
    return Panel(seats, (scan or Scripted("cheap/scanner"),), tuple(standby), kind, tuple(detours))


SOURCE = "def find(name):\n    query = run(name)\n    return query\n"


def file(path="auth/login.py", text=SOURCE, **overrides):
    """A new file."""
    lines = tuple(Line(None, n, line) for n, line in enumerate(text.splitlines(), start=1))
    hunk = Hunk(0, 0, 1, len(lines), "", lines)
    return FileDiff(**{"path": path, "status": Status.ADDED, "hunks": (hunk,), **overrides})


def head(text=SOURCE):
    return HeadText(dict(enumerate(text.splitlines(), start=1)), complete=True)


def change(*files, texts=None):
    files = files or (file(),)
    return Change(files, heads={f.path: head((texts or {}).get(f.path, SOURCE)) for f in files})


def voter(seat=1, family=None):
    family = family or "abc"[seat - 1]
    return Voter(seat, f"{family}/m{seat}", family)


def proposal(seat=1, family=None, **overrides):
    return Proposal(finding(**overrides), voter(seat, family))


class Free:
    """A price list on which everything costs a cent a call."""

    def price(self, spec, usage):
        return Decimal("0.01")

    def worst_case(self, spec, input_tokens, output_tokens):
        return Decimal("0.01")


def concluded(evidence, rules):
    """The review that follows from evidence of a run by models of several vendors which cost nothing."""
    free = Spent(0, 0, 0, 0, Decimal(0))
    circumstances = Circumstances(PanelKind.MODELS, free, (), (), 0.0)
    return conclude(Change(()), evidence, circumstances, rules, Policy())


def asker(limits=None, budget=None, tell=nobody, cache=None, text=""):
    """An asker whose prompts are `text`; call it inside a running loop."""
    return Asker(
        lambda q, s: Prompt(q, text, "", ""),
        lambda reply: reply,
        Ledger(Free(), budget),
        limits or Limits(pause=0),
        tell,
        cache,
    )
