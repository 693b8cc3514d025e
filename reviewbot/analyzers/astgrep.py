"""Matches the rule pack on syntax trees. Runs in the worker only."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ast_grep_py import SgRoot

from reviewbot.analyzers.analysis import Mark, Outcome
from reviewbot.analyzers.rulepack import rules

if TYPE_CHECKING:
    from ast_grep_py import Config, SgNode

    from reviewbot.analyzers.source import Language

#: A match that spans more lines than this is about its first line.
_LONGEST = 12


def read(language: Language, text: str) -> Outcome:
    """Every match of every rule for the language; the gaps are what its grammar cannot parse."""
    root = SgRoot(text, language.value).root()
    marks = tuple(
        Mark(*_lines(node), rule.cwe, rule.id)
        for rule in rules(language).values()
        for node in root.find_all(cast("Config", rule.config))
    )
    gaps = root.find_all({"rule": {"any": [{"kind": "ERROR"}, {"regex": "^$"}]}})
    return Outcome(marks, tuple(_span(node) for node in gaps if not _may_be_empty(node)))


def _may_be_empty(node: SgNode) -> bool:
    """A node without text is a token the parser made up, but for an empty file and the inside of an empty literal."""
    return not node.text() and (node.parent() is None or node.kind().endswith("_content"))


def _span(node: SgNode) -> tuple[int, int]:
    where = node.range()
    last = where.end.line + (where.end.column > 0 or where.end.line == where.start.line)
    return where.start.line + 1, last


def _lines(node: SgNode) -> tuple[int, int]:
    first, last = _span(node)
    return first, last if last - first < _LONGEST else first
