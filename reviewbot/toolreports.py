"""What other tools have said of the files of a change, read from their SARIF."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from reviewbot.errors import UsageError
from reviewbot.llm import Fact
from reviewbot.names import flaw

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Bytes of one file that are still read. GitHub takes ten million of them packed, which is about as many unpacked lines.
MAX_FILE = 50_000_000

_ARGUMENT = re.compile(r"\{(\d{1,3})\}")


class _Part(BaseModel):
    """Only what is used is looked at. Tools write null where the format wants the key left out."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    @field_validator("*", mode="before")
    @classmethod
    def _null_is_absent(cls, value: Any, info: Any) -> Any:  # noqa: ANN401 - anything may stand in a JSON file
        return (
            cls.model_fields[info.field_name].get_default(call_default_factory=True)
            if value is None
            else value
        )


class _Text(_Part):
    text: str = ""


class _Message(_Text):
    id: str = ""
    arguments: tuple[str, ...] = ()


class _Place(_Part):
    uri: str = ""
    uriBaseId: str = ""  # noqa: N815 - SARIF's names
    index: int = -1


class _Region(_Part):
    startLine: int = 0  # noqa: N815 - see above
    endLine: int = 0  # noqa: N815 - see above


class _Physical(_Part):
    artifactLocation: _Place = _Place()  # noqa: N815 - see above
    region: _Region = _Region()


class _Location(_Part):
    physicalLocation: _Physical = _Physical()  # noqa: N815 - see above


class _Artifact(_Part):
    location: _Place = _Place()


class _RuleName(_Part):
    id: str = ""


class _Suppression(_Part):
    status: str = "accepted"


class _Result(_Part):
    ruleId: str = ""  # noqa: N815 - see above
    ruleIndex: int = -1  # noqa: N815 - see above
    rule: _RuleName = _RuleName()
    kind: str = "fail"
    baselineState: str = ""  # noqa: N815 - see above
    message: _Message = _Message()
    locations: tuple[_Location, ...] = ()
    suppressions: tuple[_Suppression, ...] = ()


class _Rule(_Part):
    id: str = ""
    messageStrings: dict[str, _Text] = Field(default_factory=dict)  # noqa: N815 - see above


class _Driver(_Part):
    name: str = ""
    rules: tuple[_Rule, ...] = ()


class _Tool(_Part):
    driver: _Driver


class _Run(_Part):
    tool: _Tool
    results: tuple[_Result, ...] = ()
    artifacts: tuple[_Artifact, ...] = ()
    originalUriBaseIds: dict[str, _Place] = Field(default_factory=dict)  # noqa: N815 - see above


class _Log(_Part):
    version: Literal["2.1.0"]
    runs: tuple[_Run, ...]


def read(name: str, root: Path | None) -> tuple[Fact, ...]:
    """Every result with a line in a file below `root`. Raises UsageError for a file that is no SARIF 2.1.0.

    Relative addresses are of the repository, whatever base they name: the file may come from another machine.
    Results that lie outside, are suppressed, or report no problem are left out. The text is as the tool wrote it.
    """
    try:
        with Path(name).open("rb") as file:
            data = file.read(MAX_FILE + 1)
    except OSError as error:
        raise UsageError(f"cannot read the evidence {name}: {error.strerror}") from error
    if len(data) > MAX_FILE:
        raise UsageError(f"the evidence {name} is over {MAX_FILE // 1_000_000} MB; give a part of it")
    try:
        log = _Log.model_validate_json(data.removeprefix(b"\xef\xbb\xbf"))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise UsageError(
            f"the evidence {name} is not SARIF 2.1.0: {where + ': ' if where else ''}{first['msg']}"
        ) from error
    return tuple(fact for run in log.runs for fact in _facts(run, root))


def _facts(run: _Run, root: Path | None) -> Iterator[Fact]:
    for result in run.results:
        if result.kind not in {"fail", "open", "review"} or result.baselineState == "absent":
            continue
        if any(suppression.status == "accepted" for suppression in result.suppressions):
            continue
        rule = _rule(result, run)
        for location in result.locations[:1]:  # the others are where else the same result shows
            path = _path(location.physicalLocation.artifactLocation, run, root)
            first = location.physicalLocation.region.startLine
            last = max(first, location.physicalLocation.region.endLine)
            if path is not None and first > 0:
                name = result.ruleId or result.rule.id or rule.id
                yield Fact(path, first, last, run.tool.driver.name, name, _message(result.message, rule))


def _rule(result: _Result, run: _Run) -> _Rule:
    rules = run.tool.driver.rules
    return rules[result.ruleIndex] if 0 <= result.ruleIndex < len(rules) else _Rule()


def _message(message: _Message, rule: _Rule) -> str:
    text = message.text or rule.messageStrings.get(message.id, _Text()).text
    given = dict(enumerate(message.arguments))
    return _ARGUMENT.sub(lambda found: given.get(int(found[1]), found[0]), text) if given else text


def _path(place: _Place, run: _Run, root: Path | None) -> str | None:
    """The path in the repository; None for what lies outside of it, or is no file."""
    if not place.uri and 0 <= place.index < len(run.artifacts):
        place = run.artifacts[place.index].location
    try:
        parts = urlsplit(place.uri.replace("\\", "/"))
    except ValueError:  # half an address of a host
        return None
    path = unquote(parts.path)
    if parts.scheme == "file" or path.startswith("/"):
        return _below(path, root)
    if len(parts.scheme) == 1:  # a drive
        return _below(f"{parts.scheme}:{path}", root)
    if parts.scheme or parts.netloc:
        return None
    return _sound(path)


def _below(path: str, root: Path | None) -> str | None:
    if root is None:
        return None
    windows = re.match(r"/?[A-Za-z]:", path)
    for top in {root.absolute(), root.resolve()}:
        pure = PureWindowsPath(path.lstrip("/")) if windows else PurePosixPath(path)
        if pure.is_relative_to(top.as_posix()):
            return _sound(pure.relative_to(top.as_posix()).as_posix())
    return None


def _sound(path: str) -> str | None:
    # Before normalising: `a/../b` is harmless, and yet no tool has a reason to write it.
    if ".." in path.split("/"):
        return None
    clean = posixpath.normpath(path)
    return None if flaw(clean.encode("utf-8", "surrogatepass")) else clean
