"""Fields of JSON that GitHub sent, each checked where it is taken."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class UnusableError(ValueError):
    """A field is missing or of another type; the message is a clause that names it."""


def at(data: object, path: str, kind: type[T]) -> T:
    """The value at a dotted path, which must be of that type; raises UnusableError."""
    value = maybe(data, path)
    # JSON's true is no number, though Python's True is an int.
    if not isinstance(value, kind) or isinstance(value, bool) != (kind is bool):
        raise UnusableError(f"it has no usable {path}")
    return value


def maybe(data: object, path: str) -> object:
    """The value at a dotted path, None where there is none."""
    value = data
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def text(data: object, path: str) -> str:
    """The text at a path, "" where GitHub has null, as for an empty description."""
    return "" if maybe(data, path) is None else at(data, path, str)


def commit(data: object, path: str) -> str:
    """The id of a commit or blob."""
    value = at(data, path, str)
    if not is_commit(value):
        raise UnusableError(f"its {path} is not the id of a commit")
    return value


def is_commit(value: str) -> bool:
    """Whether it can be the whole id of a commit or blob."""
    return _COMMIT.fullmatch(value) is not None
