"""Labelled changes, read from folders; the format is described in docs/eval.md."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from reviewbot import git, plainyaml, problems
from reviewbot.diff import HeadText, split_lines
from reviewbot.errors import SourceError, UsageError
from reviewbot.findings import Category, Severity
from reviewbot.grounding import Lines

if TYPE_CHECKING:
    from pathlib import Path

    from reviewbot.diff import Change

#: The file that makes a folder a case, and the one that holds its diff.
LABELS, DIFF = "case.yml", "change.patch"

#: YAML knows neither enums nor tuples.
_Category = Annotated[Category, Field(strict=False)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Expected(_Section):
    path: str
    first_line: int = Field(ge=1)
    last_line: int = Field(ge=1)
    category: _Category
    accept: Annotated[tuple[_Category, ...], Field(strict=False)] = ()
    defect: str = Field(default="", pattern=r"^[A-Za-z0-9+-]*$")
    severity: Literal["low", "medium", "high", "critical"]
    what: str

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first_line > self.last_line:
            raise ValueError(f"lines {self.first_line} to {self.last_line} are not a range")
        return self


class _File(_Section):
    title: str
    body: str = ""
    language: str
    license: str
    source: str
    clean: bool = False
    expected: Annotated[tuple[_Expected, ...], Field(strict=False)] = ()

    @model_validator(mode="after")
    def _one_or_the_other(self) -> Self:
        if self.clean == bool(self.expected):
            raise ValueError("a case either lists what is expected or says `clean: true`")
        return self


@dataclass(frozen=True, slots=True)
class Label:
    """A defect that is there. `categories` are those a finding of it may have, the usual one first.

    `defect` is a class as in reviewbot/defects.py, e.g. CWE-89, or "" for one that has no name.
    """

    path: str
    lines: Lines
    categories: tuple[Category, ...]
    defect: str
    severity: Severity
    what: str


@dataclass(frozen=True, slots=True)
class Case:
    """One change with everything that is wrong in it."""

    name: str
    language: str
    change: Change
    labels: tuple[Label, ...]

    @property
    def clean(self) -> bool:
        """Whether there is nothing to find."""
        return not self.labels


def load(folder: Path) -> tuple[Case, ...]:
    """The case that `folder` is, or those in its subfolders, by name. Raises UsageError naming what is wrong."""
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder; name one that holds cases")
    if (folder / LABELS).exists():
        return (_case(folder),)
    inside = sorted(entry for entry in folder.iterdir() if entry.is_dir() and not entry.name.startswith("."))
    if not inside:
        raise UsageError(f"{folder} holds no cases; a case is a folder with {LABELS} and {DIFF}")
    return tuple(_case(entry) for entry in inside)


def _case(folder: Path) -> Case:
    labels = folder / LABELS
    try:
        document = plainyaml.parse(_read(labels).decode("utf-8"))
        if not isinstance(document.value, dict):
            raise UsageError(f"{labels}: the file must consist of keys and values")
        file = _File.model_validate(document.value)
    except ValidationError as error:
        raise UsageError(f"{labels}: {problems.sentence(error, document, _File)}") from error
    except ValueError as error:
        raise UsageError(f"{labels}: {error}") from error
    change = replace(_change(folder), title=file.title, body=file.body)
    for label in file.expected:
        if all(label.path != changed.path for changed in change.files):
            raise UsageError(f"{labels}: {label.path} is not a file of the change")
    return Case(folder.name, file.language, change, tuple(map(_label, file.expected)))


def _label(expected: _Expected) -> Label:
    return Label(
        path=expected.path,
        lines=Lines(expected.first_line, expected.last_line),
        categories=(expected.category, *expected.accept),
        defect=expected.defect,
        severity=Severity.parse(expected.severity),
        what=expected.what,
    )


def _change(folder: Path) -> Change:
    """The diff, with whole files where `head/` has them."""
    try:
        change = git.from_diff(_read(folder / DIFF), repo=None)
    except (UsageError, SourceError) as error:
        raise UsageError(f"{folder / DIFF}: {error}") from error
    top = folder / "head"
    # Looked up among what is there: a path in a diff can point anywhere.
    there = {p.relative_to(top).as_posix(): p for p in top.rglob("*") if p.is_file() and not p.is_symlink()}
    heads = dict(change.heads)
    for file in change.files:
        if file.has_head and file.path in there:
            lines = split_lines(_read(there[file.path]))
            if not file.agrees("RIGHT", lines):
                raise UsageError(f"{there[file.path]} is not what {DIFF} makes of {file.path}")
            heads[file.path] = HeadText.whole(lines)
    return replace(change, heads=heads, warnings=())


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}; docs/eval.md describes a case") from error
