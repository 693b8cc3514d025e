"""How far the plan of a review is from the review: calls and estimated input tokens, over the commits of a repository.

Each commit is planned and then reviewed by stand-ins for models: ones that flag and find nothing, and ones that do so as
often as the plan assumes. Last by the offline panel, whose flags and findings are real. Tokens are estimated in both, so
what is measured is the plan, not the estimate of tokens.

    python benchmarks/plan.py [REPOSITORY [COMMITS]]
"""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reviewbot import app, config, git, means, planning, seating
from reviewbot.context import estimate_tokens, shown
from reviewbot.environment import Environment
from reviewbot.errors import SourceError
from reviewbot.events import Sent
from reviewbot.llm import Completion, Stage, Stop, Usage
from reviewbot.prompts import Templates
from reviewbot.rules import Rules
from reviewbot.sanitize import Sanitizer
from reviewbot.triage import triage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reviewbot.config import Config
    from reviewbot.diff import Change
    from reviewbot.llm import ModelSpec, Prompt, Subject
    from reviewbot.routing import Panel
    from reviewbot.seating import Plan

KEYS = Environment(keys=dict.fromkeys(("anthropic", "openai", "google"), "none"))


class StandIn:
    """Flags and finds as often as it is told to, and denies what others found."""

    def __init__(self, spec: ModelSpec, flags: float, finds: float, drawn: random.Random) -> None:
        self.spec = spec
        self._flags, self._finds, self._drawn = flags, finds, drawn

    def reads(self, path: str) -> bool:  # noqa: ARG002 - the protocol's
        """Everything."""
        return True

    async def close(self) -> None:
        """Nothing to let go of."""

    async def complete(self, prompt: Prompt, *, seconds: float) -> Completion:  # noqa: ARG002 - the protocol's
        """What it was told to answer."""
        question = prompt.question
        answer = {
            "read": [shown(s.file.path) for s in question.subjects],
            "flags": [],
            "findings": [],
            "votes": [],
        }
        if question.stage is Stage.SCAN:
            answer["flags"] = [
                {"path": path, "line": 1, "risk": "high", "reason": ""}
                for path in answer["read"]
                if self._drawn.random() < self._flags
            ]
        elif question.stage is Stage.REVIEW and self._drawn.random() < self._finds:
            answer["findings"] = [found for s in question.subjects if (found := _finding(s))][:1]
        answer["votes"] = [
            {"id": claim.id, "verdict": "refute", "evidence": "", "reason": ""} for claim in question.claims
        ]
        return Completion(json.dumps(answer), Stop.COMPLETE, Usage())


def _finding(subject: Subject) -> dict[str, Any] | None:
    added = (
        line for hunk in subject.hunks for line in hunk.lines if line.added and len(line.text.strip()) > 20
    )
    line = next(added, None)
    return line and {
        "path": shown(subject.file.path), "first_line": line.new, "last_line": line.new, "quote": line.text.strip(),
        "category": "correctness", "severity": "medium", "title": f"line {line.new}", "body": "b", "failure": "f",
        "suggestion": None,
    }  # fmt: skip


def _changes(repository: Path, commits: int) -> Iterator[Change]:
    listed = subprocess.run(
        ["git", "-C", repository, "log", "--no-merges", f"-{commits}", "--format=%H"],
        capture_output=True, check=True, text=True,
    )  # fmt: skip
    for commit in listed.stdout.split():
        try:
            yield git.from_range(repository, f"{commit}^..{commit}")
        except SourceError:  # the first commit has none before it
            continue


def _measured(change: Change, made: Plan, settings: Config, panel: Panel) -> tuple[Counts, planning.Forecast]:
    counts = Counts()

    def tell(happened: object) -> None:
        if isinstance(happened, Sent):
            prompt = happened.prompt
            counts.calls += 1
            counts.tokens += estimate_tokens(prompt.system + prompt.prefix + prompt.task)

    rules = Rules.of(settings, made.families)
    forecast = planning.forecast(
        change, triage(change, settings), panel, rules, Templates().prompt, means.prices(settings)
    )
    asyncio.run(
        app.reviewed(
            change, settings, KEYS, made, Sanitizer([]), started=time.monotonic(), tell=tell, panel=panel
        )
    )
    return counts, forecast


class Counts:
    """Calls and tokens of some reviews."""

    def __init__(self) -> None:
        self.calls = Decimal(0)
        self.tokens = Decimal(0)


def _table(
    name: str,
    changes: list[Change],
    settings: Config,
    made: Plan,
    panel_of: Callable[[Change], Panel],
    row: str,
) -> None:
    planned, done = Counts(), Counts()
    for change in changes:
        counts, forecast = _measured(change, made, settings, panel_of(change))
        expected = getattr(forecast, row)
        planned.calls += expected.calls
        planned.tokens += expected.input_tokens
        done.calls += counts.calls
        done.tokens += counts.tokens
    off = [
        100 * (p / d - 1) if d else Decimal(0)
        for p, d in ((planned.calls, done.calls), (planned.tokens, done.tokens))
    ]
    tokens = f"{off[1]:+.1f} %" if planned.tokens else "none"
    print(f"| {name} | {row} | {planned.calls:.1f} | {done.calls} | {off[0]:+.1f} % | {tokens} |")


def main(repository: Path, commits: int) -> None:
    """Print the table."""
    changes = list(_changes(repository, commits))
    settings = config.load("", source="benchmark")
    made = seating.plan(settings, KEYS)
    print(f"{len(changes)} commits\n")
    print(
        "| reviewed by | compared with | calls planned | calls made | calls | tokens |\n|---|---|--:|--:|--:|--:|"
    )
    for name, flags, finds, row in (
        ("models that find nothing", 0, 0, "least"),
        ("models that do so as often as assumed", float(planning.FLAGGED), 0.21, "expected"),
    ):
        drawn = random.Random(0)

        def stand_in(
            spec: ModelSpec, flags: float = flags, finds: float = finds, drawn: random.Random = drawn
        ) -> StandIn:
            return StandIn(spec, flags, finds, drawn)

        def panel(_: Change, model: Callable[[ModelSpec], StandIn] = stand_in) -> Panel:
            return seating.assemble(made, model)

        _table(name, changes, settings, made, panel, row)
    offline = seating.plan(settings, KEYS, offline=True)
    _table(
        "the offline panel", changes, settings, offline,
        lambda change: seating.build(offline, settings, KEYS, change.files), "expected",
    )  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."), int(sys.argv[2]) if len(sys.argv) > 2 else 40)
