"""`static/lexical`: our rules as sequences of tokens. Matching runs in the worker only.

It knows nothing of syntax trees, and shares no code with the rule pack, so that its word counts as a second one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewbot.analyzers.analysis import Mark, Outcome, Rule
from reviewbot.analyzers.lexical_rules import PATTERNS
from reviewbot.analyzers.source import Language
from reviewbot.analyzers.tokens import stream

if TYPE_CHECKING:
    from collections.abc import Mapping

_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_BIDI_RULE = Rule("lex-bidi", "CWE-1007", "The line holds a bidirectional control character.")


@dataclass(frozen=True, slots=True)
class TokenRule(Rule):
    """A rule with its pattern; a group called `at` says where the defect is, else it is the whole match."""

    pattern: re.Pattern[str]


def _compiled(language: Language) -> Mapping[str, TokenRule]:
    return {p.id: TokenRule(p.id, p.cwe, p.says, re.compile(p.tokens)) for p in PATTERNS[language]}


_RULES: Mapping[Language, Mapping[str, TokenRule]] = {language: _compiled(language) for language in Language}


def rules(language: Language) -> Mapping[str, Rule]:
    """The rules for a language by id."""
    return {**_RULES[language], _BIDI_RULE.id: _BIDI_RULE}


def read(language: Language, text: str) -> Outcome:
    """Every match of every rule for the language. There are no gaps: any text is a sequence of tokens."""
    tokens = stream(language, text)
    marks = [
        Mark(*tokens.lines_at(match.start(place), match.end(place) - 1), rule.cwe, rule.id)
        for rule in _RULES[language].values()
        for match in rule.pattern.finditer(tokens.text)
        for place in ["at" if "at" in rule.pattern.groupindex else 0]
    ]
    for number, line in enumerate(text.split("\n"), 1):
        if _BIDI.search(line):
            marks.append(Mark(number, number, _BIDI_RULE.cwe, _BIDI_RULE.id))
    return Outcome(tuple(marks))
