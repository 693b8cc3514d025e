"""`static/ruff`: ruff's security and error-handling rules over Python."""

from __future__ import annotations

import json
from pathlib import PurePath
from typing import TYPE_CHECKING

from reviewbot.analyzers import isolation
from reviewbot.analyzers.analysis import Mark, Outcome
from reviewbot.analyzers.precision import PARTIAL, kept
from reviewbot.analyzers.source import Language, language_of
from reviewbot.errors import FailureKind, ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reviewbot.analyzers.source import Source

#: ruff's rule, and the class of defect it finds. Left out: style, and rules that fire on harmless code as a rule
#: (assert, `import subprocess`, every subprocess call, every path under /tmp, every method called extra).
RULES: Mapping[str, str] = {
    "ASYNC210": "CWE-1322", "ASYNC212": "CWE-1322", "ASYNC220": "CWE-1322", "ASYNC221": "CWE-1322",
    "ASYNC222": "CWE-1322", "ASYNC230": "CWE-1322", "ASYNC250": "CWE-1322", "ASYNC251": "CWE-1322",
    "B012": "CWE-584",
    "BLE001": "CWE-396", "E722": "CWE-396",
    "F631": "CWE-571", "F634": "CWE-571",
    "F632": "CWE-597",
    "PLE2502": "CWE-1007",
    "S102": "CWE-95", "S307": "CWE-95", "S612": "CWE-95",
    "S103": "CWE-732",
    "S104": "CWE-605",
    "S105": "CWE-798", "S106": "CWE-798", "S107": "CWE-798",
    "S110": "CWE-390", "S112": "CWE-390",
    "S113": "CWE-1088",
    "S201": "CWE-489",
    "S202": "CWE-22",
    "S301": "CWE-502", "S302": "CWE-502", "S506": "CWE-502",
    "S303": "CWE-328", "S324": "CWE-328",
    "S304": "CWE-327", "S305": "CWE-327", "S502": "CWE-327", "S503": "CWE-327", "S504": "CWE-327",
    "S306": "CWE-377",
    "S308": "CWE-79", "S701": "CWE-79", "S702": "CWE-79", "S704": "CWE-79",
    "S310": "CWE-918",
    "S311": "CWE-330",
    "S312": "CWE-319", "S321": "CWE-319", "S508": "CWE-319", "S509": "CWE-319",
    "S313": "CWE-611", "S314": "CWE-611", "S315": "CWE-611", "S316": "CWE-611", "S317": "CWE-611", "S318": "CWE-611",
    "S319": "CWE-611",
    "S323": "CWE-295", "S501": "CWE-295", "S507": "CWE-295",
    "S505": "CWE-326",
    "S602": "CWE-78", "S604": "CWE-78", "S605": "CWE-78", "S609": "CWE-78",
    "S608": "CWE-89", "S611": "CWE-89",
    "SIM115": "CWE-772",
}  # fmt: skip  # a table, grouped by class

_ARGUMENTS = (
    "check", "--isolated", "--ignore-noqa", "--no-cache", "--no-fix", "--no-preview", "--exit-zero", "--quiet",
    "--no-respect-gitignore", "--target-version", "py314", "--output-format", "json", "--select", ",".join(RULES),
)  # fmt: skip  # a command line


class Ruff:
    """Reads Python, stubs included."""

    name = "ruff"

    def reads(self, path: str) -> bool:
        """Python only."""
        return language_of(path) is Language.PYTHON

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
        output = await isolation.run("ruff", [*_ARGUMENTS, "--", *files], files=files, seconds=seconds)
        marks: dict[str, list[Mark] | None] = {name: [] for name in files}
        try:
            for report in json.loads(output):
                name = PurePath(report["filename"]).name
                found = marks[name]
                if report["code"] not in RULES:
                    marks[name] = None  # a syntax error, or the tool's own failure on this file
                elif found is not None and (mark := _mark(lines[name], report)):
                    found.append(mark)
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(FailureKind.OVERLOAD, f"ruff printed no report: {error!r}") from error
        return [None if found is None else Outcome(tuple(found)) for found in marks.values()]


def _mark(lines: Sequence[str], report: Mapping[str, Mapping[str, int]]) -> Mark | None:
    code, message = str(report["code"]), str(report["message"])
    if "seems safe" in message:  # a shell, but with a fixed command
        return None
    first, end = report["location"], report["end_location"]
    # A range up to column 1 ends with the line before.
    last = end["row"] - (end["column"] == 1 and end["row"] > first["row"])
    return kept(lines, first["row"], last, RULES[code], code)
