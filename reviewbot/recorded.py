"""What the lines of a run's record hold: written as the run tells of itself, and read back as the values it was made of."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping  # noqa: TC003 - pydantic reads annotations at run time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from pydantic import TypeAdapter, ValidationError

from reviewbot import __version__, record
from reviewbot.conclusion import Circumstances
from reviewbot.config import Config
from reviewbot.errors import FailureKind, UsageError
from reviewbot.events import Answered, Discarded, Remembered, Sent, Unanswered
from reviewbot.evidence import Evidence, Failure, Place, Scanned, Sorted, UnitReview
from reviewbot.llm import Stop, Usage  # noqa: TC001 - likewise
from reviewbot.review import Decision, Review

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reviewbot.diff import Change
    from reviewbot.llm import Prompt
    from reviewbot.sanitize import Sanitizer

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Run:
    """What is run: first line of every record. `config` is the whole configuration, defaults included."""

    schema: Literal["reviewbot.record/1"]
    version: str
    base: str
    head: str
    repository: str
    number: int | None
    config: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """One request to a model. Texts are given by their SHA-256, and whole only where the configuration asks for it."""

    call: int
    model: str
    stage: str
    files: tuple[str, ...]
    claims: tuple[str, ...]
    repairs: str  # what was wrong with the answer before, "" in a first request
    sha256: Mapping[str, str]
    text: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Response:
    """The answer to it, as it came but for secrets. `cost` is in dollars, None where no price is known."""

    call: int
    model: str
    request_id: str
    stop: Stop
    detail: str
    text: str
    usage: Usage
    cost: str | None


@dataclass(frozen=True, slots=True)
class NoResponse:
    """There was no answer to it."""

    call: int
    model: str
    kind: FailureKind
    message: str


@dataclass(frozen=True, slots=True)
class Reused:
    """An answer of an earlier run, taken in place of a request."""

    model: str
    stage: str
    files: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Gathered:
    """All of the evidence: `scans` and `units` are numbers of lines, in the order that counts."""

    places: tuple[Place, ...]
    scans: tuple[int, ...]
    units: tuple[int, ...]
    oversized: tuple[str, ...]
    anchored: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """What the gate said, and what became of each claim, by its id."""

    decision: Decision
    states: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Posted:
    """What was written on GitHub: fingerprints by what became of them, where the summary is, and what went wrong."""

    on_lines: tuple[str, ...]
    on_files: tuple[str, ...]
    there_before: tuple[str, ...]
    summary: str
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Overridden:
    """Somebody who may has let this commit pass; `said` names who, and why."""

    said: str


#: What a line of each kind holds.
KINDS: Mapping[str, type] = {
    "run": Run,
    "file": Sorted,
    "request": Request,
    "response": Response,
    "no response": NoResponse,
    "reused": Reused,
    "discarded": Failure,
    "scan": Scanned,
    "unit": UnitReview,
    "evidence": Gathered,
    "circumstances": Circumstances,
    "decision": Decided,
    "overridden": Overridden,
    "posted": Posted,
}
_NAMES = {kind: name for name, kind in KINDS.items()}


def schema() -> dict[str, Any]:
    """JSON Schema of `data` by kind of line."""
    return {name: _adapter(name).json_schema() for name in KINDS}


@functools.cache
def _adapter(name: str) -> TypeAdapter[Any]:
    return TypeAdapter(KINDS[name])


@contextmanager
def recording(path: Path, change: Change, config: Config, sanitizer: Sanitizer) -> Iterator[Recorder]:
    """A record of all that is told inside, ended if nothing is raised. Raises UsageError if the file cannot be made."""
    writer = record.Writer(path)
    recorder = Recorder(writer, sanitizer, prompts=config.record.prompts)
    ended = False
    try:
        recorder.begin(change, config)
        yield recorder
        ended = True
    finally:
        writer.close(ended=ended)


class Recorder:
    """Listens to a run and writes what it hears."""

    def __init__(self, writer: record.Writer, sanitizer: Sanitizer, *, prompts: bool) -> None:
        """`prompts` is whether requests are kept whole."""
        self._writer = writer
        self._sanitizer = sanitizer
        self._prompts = prompts
        self._numbers: dict[int, int] = {}  # of lines, by the identity of the values on them
        self._kept: list[object] = []  # an identity lasts as long as its value

    @property
    def hash(self) -> str:
        """The hash of the last line so far."""
        return self._writer.hash

    @property
    def problem(self) -> str:
        """Why the record is not whole, "" where it is."""
        return self._writer.problem

    def begin(self, change: Change, config: Config) -> None:
        """The first line."""
        about = (change.base, change.head, change.repository, change.number)
        self._write(Run("reviewbot.record/1", __version__, *about, config.model_dump(mode="json")))

    def __call__(self, happened: object) -> None:
        """Write one value of the run; `events` says which there are."""
        match happened:
            case Sent(call, spec, prompt):
                self._write(self._request(call, spec.name, prompt))
            case Answered(call, spec, got, cost):
                price = None if cost is None else str(cost)
                self._write(
                    Response(
                        call, spec.name, got.request_id, got.stop, got.detail, got.text, got.usage, price
                    )
                )
            case Unanswered(call, spec, failure):
                self._write(NoResponse(call, spec.name, failure.kind, failure.message))
            case Remembered(spec, prompt, text):
                files = tuple(subject.file.path for subject in prompt.question.subjects)
                self._write(Reused(spec.name, prompt.question.stage, files, text))
            case Discarded(failure):
                self._write(failure)
            case Scanned() | UnitReview():
                self._numbers[id(happened)] = self._write(happened)
                self._kept.append(happened)
            case Evidence():
                self._write(self._gathered(happened))
            case Review():
                states = {v.claim.id: str(v.state) for v in happened.verdicts}
                self._write(Decided(happened.decision, states))
            case Sorted() | Circumstances() | Posted() | Overridden():
                self._write(happened)

    def _write(self, value: object) -> int:
        name = _NAMES[type(value)]
        data = _adapter(name).dump_python(value, mode="json")
        return self._writer.write(name, _redacted(data, self._sanitizer))

    def _request(self, call: int, model: str, prompt: Prompt) -> Request:
        question = prompt.question
        texts = {"system": prompt.system, "prefix": prompt.prefix, "task": prompt.task}
        return Request(
            call=call,
            model=model,
            stage=question.stage,
            files=tuple(subject.file.path for subject in question.subjects),
            claims=tuple(claim.id for claim in question.claims),
            repairs=question.error,
            sha256={
                name: hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
                for name, text in texts.items()
            },
            text=texts if self._prompts else None,
        )

    def _gathered(self, evidence: Evidence) -> Gathered:
        return Gathered(
            places=evidence.places,
            scans=tuple(self._numbers[id(scan)] for scan in evidence.scans),
            units=tuple(self._numbers[id(unit)] for unit in evidence.units),
            oversized=evidence.oversized,
            anchored=evidence.anchored,
        )


def _redacted(data: object, sanitizer: Sanitizer) -> object:
    """`data` of JSON, without secrets."""
    match data:
        case str():
            return sanitizer.redact(data)
        case list():
            return [_redacted(item, sanitizer) for item in data]
        case dict():
            return {sanitizer.redact(key): _redacted(value, sanitizer) for key, value in data.items()}
        case _:
            return data


@dataclass(frozen=True, slots=True)
class Recorded:
    """A run as its record tells it. What the run did not come to is None."""

    run: Run
    config: Config
    evidence: Evidence | None
    circumstances: Circumstances | None
    decided: Decided | None
    overridden: Overridden | None
    values: tuple[tuple[int, object], ...]  # of every line, with its number
    ended: bool


def load(path: Path) -> Recorded:
    """The run in a record. Raises UsageError where the file is broken, or is of another version of the format."""
    verified = record.read(path)
    try:
        values = {
            line.n: _adapter(line.kind).validate_python(line.data)
            for line in verified.lines
            if line.kind in KINDS
        }
        run = _last(values, Run)
        if run is None:
            raise UsageError(f"{path} is no record of a run of reviewbot")
        return Recorded(
            run=run,
            config=Config.model_validate(run.config),
            evidence=_evidence(values),
            circumstances=_last(values, Circumstances),
            decided=_last(values, Decided),
            overridden=_last(values, Overridden),
            values=tuple(values.items()),
            ended=verified.ended,
        )
    except (ValidationError, KeyError) as error:
        raise UsageError(
            f"{path} was written by another version of reviewbot; read it with that version"
        ) from error


def _evidence(values: Mapping[int, object]) -> Evidence | None:
    gathered = _last(values, Gathered)
    if gathered is None:
        return None
    return Evidence(
        files=tuple(value for value in values.values() if isinstance(value, Sorted)),
        places=gathered.places,
        scans=tuple(_as(values[n], Scanned) for n in gathered.scans),
        units=tuple(_as(values[n], UnitReview) for n in gathered.units),
        oversized=gathered.oversized,
        anchored=gathered.anchored,
    )


def _last(values: Mapping[int, object], kind: type[T]) -> T | None:
    return next((value for value in reversed(list(values.values())) if isinstance(value, kind)), None)


def _as(value: object, kind: type[T]) -> T:
    if not isinstance(value, kind):
        raise KeyError(kind.__name__)
    return value
