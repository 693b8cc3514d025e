"""`static/bandit`: bandit's tests over Python."""

from __future__ import annotations

import json
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from reviewbot.analyzers import isolation
from reviewbot.analyzers.analysis import Mark, Outcome
from reviewbot.analyzers.precision import PARTIAL, kept
from reviewbot.analyzers.source import Language, language_of
from reviewbot.errors import FailureKind, ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reviewbot.analyzers.source import Source

#: bandit's test, and the class of defect it finds. Left out: what fires on harmless code as a rule
#: (assert, imports, every subprocess call, every path under /tmp, every method called extra).
RULES: Mapping[str, str] = {
    "B102": "CWE-95", "B307": "CWE-95", "B612": "CWE-95",
    "B103": "CWE-732",
    "B104": "CWE-605",
    "B105": "CWE-798", "B106": "CWE-798", "B107": "CWE-798",
    "B110": "CWE-390", "B112": "CWE-390",
    "B113": "CWE-1088",
    "B201": "CWE-489",
    "B202": "CWE-22",
    "B301": "CWE-502", "B302": "CWE-502", "B506": "CWE-502", "B614": "CWE-502",
    "B303": "CWE-328", "B324": "CWE-328",
    "B304": "CWE-327", "B305": "CWE-327", "B502": "CWE-327", "B503": "CWE-327", "B504": "CWE-327",
    "B306": "CWE-377",
    "B308": "CWE-79", "B701": "CWE-79", "B702": "CWE-79", "B703": "CWE-79", "B704": "CWE-79",
    "B310": "CWE-918",
    "B311": "CWE-330",
    "B312": "CWE-319", "B321": "CWE-319", "B508": "CWE-319", "B509": "CWE-319",
    "B313": "CWE-611", "B314": "CWE-611", "B315": "CWE-611", "B316": "CWE-611", "B317": "CWE-611", "B318": "CWE-611",
    "B319": "CWE-611",
    "B323": "CWE-295", "B501": "CWE-295", "B507": "CWE-295",
    "B505": "CWE-326",
    "B602": "CWE-78", "B604": "CWE-78", "B605": "CWE-78", "B609": "CWE-78",
    "B608": "CWE-89", "B611": "CWE-89",
    "B613": "CWE-1007",
}  # fmt: skip  # a table, grouped by class

_ARGUMENTS = ("--ignore-nosec", "--quiet", "--exit-zero", "--format", "json", "--tests", ",".join(RULES))

#: Tests of commands that a shell runs; bandit calls those with a fixed command LOW.
_SHELL = frozenset({"B602", "B604", "B605"})


class Bandit:
    """Reads Python modules; a stub has no code to test."""

    name = "bandit"

    def reads(self, path: str) -> bool:
        """Python only, without stubs."""
        return language_of(path) is Language.PYTHON and not path.lower().endswith(".pyi")

    def covers(self, language: Language) -> frozenset[str]:
        """What its table names."""
        return frozenset(RULES.values()) if language is Language.PYTHON else frozenset()

    def refutes(self, language: Language) -> frozenset[str]:
        """All it covers in full."""
        return self.covers(language) - PARTIAL

    async def run(self, texts: Sequence[Source], *, seconds: float) -> list[Outcome | None]:
        """One process for all texts; a text with a syntax error is refused."""
        files = {f"f{number:04}.py": source.text for number, source in enumerate(texts, 1)}
        lines = {name: text.split("\n") for name, text in files.items()}
        output = await isolation.run("bandit", [*_ARGUMENTS, "--", *files], files=files, seconds=seconds)
        try:
            report = json.loads(output)
            seen = {PurePath(name).name for name in report["metrics"]}
            refused = {PurePath(failed["filename"]).name for failed in report["errors"]}
            marks: dict[str, list[Mark]] = {name: [] for name in files if name in seen - refused}
            for result in report["results"]:
                name = PurePath(result["filename"]).name
                if name in marks and (mark := _mark(lines[name], result)):
                    marks[name].append(mark)
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(FailureKind.OVERLOAD, f"bandit printed no report: {error!r}") from error
        return [Outcome(tuple(marks[name])) if name in marks else None for name in files]


def _mark(lines: Sequence[str], result: Mapping[str, Any]) -> Mark | None:
    test = result["test_id"]
    if test in _SHELL and result["issue_severity"] == "LOW":
        return None
    return kept(lines, result["line_number"], max(result["line_range"]), RULES[test], test)
