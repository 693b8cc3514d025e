"""What is wrong with a configuration, in words its author can act on."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any, get_args

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import BaseModel, ValidationError
    from pydantic_core import ErrorDetails

    from reviewbot.plainyaml import Document

#: Problems named in one message; more would not be read.
LIMIT = 5

#: Words for pydantic's names of Python types, by kind of error.
_WANTED = {
    "model_type": "it must be a mapping of keys",
    "mapping_type": "it must be a mapping of keys",
    "tuple_type": "it must be a list",
    "string_pattern_mismatch": "only lower-case letters, digits and . _ - are allowed, a letter first",
}


def sentence(error: ValidationError, document: Document, root: type[BaseModel]) -> str:
    """The first few problems, each with its dotted key, its line and what is allowed. `root` is what was validated."""
    details = error.errors(include_url=False)
    problems = [_problem(detail, document, root) for detail in details[:LIMIT]]
    if len(details) > LIMIT:
        problems.append(f"and {len(details) - LIMIT} more")
    return "; ".join(problems)


def not_allowed(value: object, allowed: Sequence[str]) -> str:
    """What to say of a value that is none of `allowed`."""
    close = difflib.get_close_matches(str(value).lower(), allowed, n=1)
    hint = f", did you mean {close[0]}?" if close else ""
    return f"it must be one of {', '.join(allowed)}{hint}"


def _problem(detail: ErrorDetails, document: Document, root: type[BaseModel]) -> str:
    path = _path(detail, document.value)
    line = document.line(path)
    where = _dotted(path) + (f" (line {line})" if line else "")
    match detail["type"]:
        case "extra_forbidden":
            close = difflib.get_close_matches(str(path[-1]).lower(), _siblings(path[:-1], root), n=1)
            hint = f", did you mean {_dotted([*path[:-1], close[0]])}?" if close else ""
            return f"{where} is not a known key{hint}"
        case "missing":
            return f"{where} is missing"
        case "secret":  # what was given may hold one
            return f"{where}: {detail['msg']}"
        case "literal_error" | "enum":
            what = not_allowed(detail["input"], re.findall(r"'([^']*)'", detail["ctx"]["expected"]))
        case "value_error":
            what = str(detail["ctx"]["error"])
        case _:
            what = _WANTED.get(detail["type"], detail["msg"].replace("Input should", "it must"))
    return f"{where}{_shown(detail['input'])}: {what}" if path else what


def _path(detail: ErrorDetails, value: object) -> list[str | int]:
    """Where in the file it is: pydantic also puts names of union members, which nobody wrote, into the location."""
    path: list[str | int] = []
    for part in detail["loc"]:
        if isinstance(value, dict) and part in value:
            path.append(part)
            value = value[str(part)]
        elif isinstance(value, list) and isinstance(part, int):
            path.append(part)
            value = value[part] if part < len(value) else None
        elif detail["type"] == "missing":
            path.append(part)
    return path


def _siblings(path: Sequence[str | int], root: type[BaseModel]) -> list[str]:
    """The keys allowed in the section at `path`."""
    kind: Any = root
    for part in path:
        # Either a section, or a mapping whose keys the user chooses, or a list: tuple[X, ...].
        inside = [inner for inner in get_args(kind) if inner is not Ellipsis]
        kind = kind.model_fields[part].annotation if hasattr(kind, "model_fields") else inside[-1]
    return [field.alias or name for name, field in kind.model_fields.items()]


def _dotted(path: Sequence[str | int]) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{_word(part)}" for part in path)
    return text.removeprefix(".")


def _word(key: str) -> str:
    return key if re.fullmatch(r"[!-~]{1,80}", key) else repr(key[:80])


def _shown(value: object) -> str:
    if isinstance(value, dict | list | tuple | None):
        return " is empty" if value is None else ""
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return f" is {text}" if len(text) <= 60 else f" is {text[:57]}..."
