"""What a change would make of the policy it is judged by: its configuration against that at base, both read as data."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from reviewbot import config as configuration
from reviewbot.critical import ALWAYS_CRITICAL_PATHS
from reviewbot.diff import Status
from reviewbot.errors import ConfigError
from reviewbot.globs import Globs, exactly

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reviewbot.config import Config
    from reviewbot.diff import Change

#: Characters of one value, and differences, that are told.
_VALUE = 120
_TOLD = 20


def warned(change: Change, config: Config, name: str = "") -> Change:
    """The change with a warning of whatever it would change about how changes are judged.

    `config` is that at base; `name` its path, where that is not the usual one.
    """
    path = name or configuration.FILE_NAME
    deciding = Globs(
        [*ALWAYS_CRITICAL_PATHS, *map(exactly, config.sources), *([exactly(name)] if name else [])]
    )
    paths = dict.fromkeys(p for f in change.files for p in (f.path, f.old_path) if p and deciding.match(p))
    if not paths:
        return change
    names = ", ".join(list(paths)[:_TOLD]) + (f" and {len(paths) - _TOLD} more" if len(paths) > _TOLD else "")
    told = [f"this change touches what decides about changes: {names}"]
    if path in paths:
        told += _proposed(change, config, path, name)
    return replace(change, warnings=(*told, *change.warnings))


def _proposed(change: Change, config: Config, path: str, name: str) -> list[str]:
    head = change.heads.get(path)
    there = any(f.path == path for f in change.files if f.status is not Status.DELETED)
    if there and (head is None or not head.complete):
        return ["the proposed configuration could not be read"]
    text = "\n".join(head.lines[number] for number in sorted(head.lines)) if there and head else ""
    try:
        after = configuration.load(text, source=path).guarding(name)
    except ConfigError as error:
        return [f"the proposed configuration is not valid: {error}"]
    gone = [] if there else ["the configuration would be taken away"]
    found = list(differences(config.model_dump(mode="json"), after.model_dump(mode="json")))
    if not found:
        return gone or ["the proposed configuration means the same as the one at base"]
    more = [f"and {len(found) - _TOLD} more differences"] if len(found) > _TOLD else []
    return gone + [f"the policy would change: {each}" for each in [*found[:_TOLD], *more]]


def differences(before: Mapping[str, Any], after: Mapping[str, Any], at: str = "") -> Iterator[str]:
    """Every setting that differs, by its key: `gate.mode: enforce → off`."""
    for key in [*before, *(key for key in after if key not in before)]:
        old, new, name = before.get(key), after.get(key), f"{at}{key}"
        if old == new:
            continue
        if isinstance(old, dict) and isinstance(new, dict):
            yield from differences(old, new, f"{name}.")
        elif isinstance(old, list) and isinstance(new, list) and (told := list(_listed(old, new))):
            yield f"{name}: {'; '.join(told)}"
        else:
            yield f"{name}: {_value(old)} → {_value(new)}"


def _listed(old: list[Any], new: list[Any]) -> Iterator[str]:
    """What left a list and what came into it; nothing where it is only in another order."""
    for word, some, others in (("without", old, new), ("with", new, old)):
        if named := [_value(item) for item in some if item not in others]:
            yield f"{word} {', '.join(named[:_TOLD])}" + (" …" if len(named) > _TOLD else "")


def _value(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = "unset" if value is None else text
    return text if len(text) <= _VALUE else f"{text[:_VALUE]}…"
