"""The rule pack: our own ast-grep rules, one YAML file a language under `rules/`."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

import yaml

from reviewbot.analyzers.analysis import Rule
from reviewbot.analyzers.source import Language

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The three grammars name their nodes alike, so one file serves them.
_FILES: Mapping[Language, str] = {
    Language.PYTHON: "python",
    Language.JAVASCRIPT: "javascript",
    Language.TYPESCRIPT: "javascript",
    Language.TSX: "javascript",
    Language.GO: "go",
    Language.JAVA: "java",
}


@dataclass(frozen=True, slots=True)
class TreeRule(Rule):
    """A rule with its `config`, which is ast-grep's own rule object."""

    config: Mapping[str, Any]


@functools.cache
def rules(language: Language) -> Mapping[str, TreeRule]:
    """The rules for a language by id."""
    text = (
        resources.files("reviewbot.analyzers").joinpath("rules", f"{_FILES[language]}.yml").read_text("utf-8")
    )
    pack = yaml.safe_load(text)
    shared = pack.get("utils", {})
    found = {}
    for entry in pack["rules"]:
        config = {key: entry[key] for key in ("rule", "constraints") if key in entry}
        utils = {name: shared[name] for name in _named(config, shared)}
        found[entry["id"]] = TreeRule(entry["id"], entry["cwe"], entry["says"], {**config, "utils": utils})
    return found


def _named(part: object, shared: Mapping[str, object]) -> set[str]:
    """The shared rules a rule refers to, directly or not; ast-grep compiles all it is given, for each file anew."""
    if isinstance(part, list):
        return {name for item in part for name in _named(item, shared)}
    if not isinstance(part, dict):
        return set()
    names = {name for item in part.values() for name in _named(item, shared)}
    if isinstance(used := part.get("matches"), str):
        names |= {used, *_named(shared[used], shared)}
    return names
