"""A model's text, checked against the one reply schema, as flags, findings and votes."""

from __future__ import annotations

import functools
import json
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reviewbot.errors import FailureKind, ModelError
from reviewbot.findings import Category, Finding, Severity


class _Part(BaseModel):
    # Strict: "3" is not 3. All fields required, no others: what strict modes of all vendors can enforce.
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Flag(_Part):
    """A place the scan would look at more closely."""

    path: str
    line: int
    risk: Literal["low", "medium", "high"]
    reason: str


class _Finding(_Part):
    path: str
    first_line: int
    last_line: int
    quote: str
    category: Literal[tuple(c.value for c in Category)]  # type: ignore[valid-type]  # one list of categories, not two
    severity: Literal[tuple(s.word for s in Severity)]  # type: ignore[valid-type]  # likewise
    title: str
    body: str
    failure: str
    suggestion: str | None


class Opinion(_Part):
    """A voter's answer on one claim, not yet checked for evidence."""

    id: str
    verdict: Literal["confirm", "refute", "cannot_tell"]
    evidence: str
    reason: str


class _Envelope(_Part):
    read: list[str]
    flags: list[Flag]
    findings: list[_Finding]
    votes: list[Opinion]


class Reply(BaseModel):
    """One valid answer. `read` is what the model says it covered, as it wrote the paths."""

    model_config = ConfigDict(frozen=True)

    read: frozenset[str] = Field(default=frozenset())
    flags: tuple[Flag, ...] = ()
    findings: tuple[Finding, ...] = ()
    votes: tuple[Opinion, ...] = ()


@functools.cache
def schema() -> dict[str, Any]:
    """The reply schema as JSON Schema, the same in every stage: a changed one would void the prompt cache."""
    return _Envelope.model_json_schema()


@functools.cache
def described() -> str:
    """The schema in words, for models whose vendor does not enforce it."""
    bare = json.dumps(_bare(schema()), separators=(",", ":"))
    return f"It is valid by this JSON schema:\n{bare}"


def _bare(part: Any) -> Any:  # noqa: ANN401 - anything that JSON can hold
    """A schema without its notes, which say nothing that the prompt does not: they are a third of it."""
    if isinstance(part, list):
        return [_bare(each) for each in part]
    if not isinstance(part, dict):
        return part
    return {
        key: _bare(value)
        for key, value in part.items()
        if not (key in {"title", "description"} and isinstance(value, str))
    }


def parse(text: str) -> Reply:
    """The answer in `text`. Raises ModelError UNPARSABLE or OFF_SCHEMA with what is wrong, for the model to read."""
    if not text.strip():
        raise ModelError(FailureKind.UNPARSABLE, "the answer is blank; one JSON object was asked for")
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ModelError(FailureKind.UNPARSABLE, f"the answer is not one JSON object: {error}") from error
    try:
        envelope = _Envelope.model_validate(raw)
    except ValidationError as error:
        raise ModelError(FailureKind.OFF_SCHEMA, _first_problems(error)) from error
    return Reply(
        read=frozenset(envelope.read),
        flags=tuple(envelope.flags),
        findings=tuple(
            Finding(
                **found.model_dump(exclude={"category", "severity"}),
                category=Category(found.category),
                severity=Severity.parse(found.severity),
            )
            for found in envelope.findings
        ),
        votes=tuple(envelope.votes),
    )


def _first_problems(error: ValidationError) -> str:
    problems = [
        f"{'.'.join(map(str, e['loc'])) or 'answer'}: {e['msg']}" for e in error.errors(include_url=False)
    ]
    more = f" (and {len(problems) - 3} more)" if len(problems) > 3 else ""
    return "; ".join(problems[:3]) + more
