"""Answers of models, kept in files and played again: figures under other rules without paying twice."""

from __future__ import annotations

import json
from collections import defaultdict, deque
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from reviewbot import replies
from reviewbot.context import shown
from reviewbot.errors import FailureKind, ModelError, UsageError
from reviewbot.events import Answered, Sent, Unanswered
from reviewbot.llm import Completion, ModelSpec, Stage, Stop, Usage
from reviewbot.seating import Plan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reviewbot.llm import Prompt, Question
    from reviewbot.replies import Reply

#: Who sat where when the answers were given.
PANEL = "panel.json"

_Key = tuple[Stage, tuple[str, ...], tuple[str, ...], bool]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Panel(_Part):
    seats: tuple[tuple[ModelSpec, ...], ...]
    scan: tuple[ModelSpec, ...]
    standby: tuple[ModelSpec, ...] = ()


class _Failed(_Part):
    kind: FailureKind
    message: str


class Line(_Part):
    """One request and what came of it: an answer, or why there was none. `again` is whether it repeated a question."""

    model: str
    stage: Stage
    files: tuple[str, ...]
    claims: tuple[str, ...] = ()
    again: bool = False
    answer: str = ""
    stop: Literal["complete", "truncated", "refused"] = "complete"
    usage: Usage = Usage()
    failed: _Failed | None = None

    @property
    def key(self) -> _Key:
        """What the question was about."""
        return self.stage, self.files, self.claims, self.again


def _key(question: Question) -> _Key:
    files = tuple(dict.fromkeys(shown(s.file.path) for s in question.subjects))
    return question.stage, files, tuple(c.id for c in question.claims), bool(question.error)


class Recorder:
    """A listener that keeps what was answered, in the order it was asked for."""

    def __init__(self) -> None:
        """Nothing was answered yet."""
        self._asked: dict[int, Question] = {}
        self._lines: dict[int, Line] = {}

    def __call__(self, happened: object) -> None:
        """Take one event of a run."""
        match happened:
            case Sent():
                self._asked[happened.call] = happened.prompt.question
            case Answered(completion=done):
                self._keep(happened, answer=done.text, stop=str(done.stop), usage=done.usage)
            case Unanswered(failure=failure):
                self._keep(happened, failed=_Failed(kind=failure.kind, message=failure.message))

    def _keep(self, happened: Answered | Unanswered, **what: Any) -> None:  # noqa: ANN401 - the fields of a line
        stage, files, claims, again = _key(self._asked[happened.call])
        name = happened.spec.name
        self._lines[happened.call] = Line(
            model=name, stage=stage, files=files, claims=claims, again=again, **what
        )

    def text(self) -> str:
        """One JSON object a line."""
        return "".join(
            self._lines[call].model_dump_json(exclude_defaults=True) + "\n" for call in sorted(self._lines)
        )


def save_plan(made: Plan, folder: Path) -> None:
    """Write who sat where."""
    panel = _Panel(seats=made.seats, scan=made.scan, standby=made.standby)
    (folder / PANEL).write_text(panel.model_dump_json(indent=1) + "\n", encoding="utf-8")


def load_plan(folder: Path) -> Plan:
    """Who sat where. Raises UsageError."""
    try:
        panel = _Panel.model_validate_json(_text(folder / PANEL))
    except ValidationError as error:
        raise UsageError(f"{folder / PANEL} is not a recorded panel: {error.errors()[0]['msg']}") from error
    return Plan(panel.seats, panel.scan, panel.standby)


def load(file: Path) -> tuple[Line, ...]:
    """The recorded answers of one case. Raises UsageError naming the line."""
    lines = []
    for number, text in enumerate(_text(file).splitlines(), start=1):
        try:
            lines.append(Line.model_validate_json(text))
        except ValidationError as error:
            raise UsageError(f"{file}, line {number}: {error.errors()[0]['msg']}") from error
    return tuple(lines)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"cannot read the recorded answers {file}; record them with --record-answers"
        ) from error


@dataclass(frozen=True, slots=True)
class _Known:
    """What one model said in all of its answers of one stage, and about what."""

    replies: tuple[Reply, ...]
    files: frozenset[str]
    claims: frozenset[str]


class Player:
    """A model that says again what was recorded of it, and fails where nothing was."""

    def __init__(
        self, spec: ModelSpec, lines: tuple[Line, ...], reads: Callable[[str], bool] = lambda _: True
    ) -> None:
        """`lines` may be of other models too; `reads` says which files it was fit to be asked about."""
        self.spec = spec
        self.reads = reads
        self._own = [line for line in lines if line.model == spec.name]
        self._exact: dict[_Key, deque[Line]] = defaultdict(deque)
        for line in self._own:
            self._exact[line.key].append(line)

    async def complete(self, prompt: Prompt, *, seconds: float) -> Completion:  # noqa: ARG002 - no time is spent
        """The recorded answer to this question, or what its answers to others say of these files and claims."""
        key = _key(prompt.question)
        if waiting := self._exact.get(key):
            line = waiting.popleft()
            if line.failed:
                raise ModelError(line.failed.kind, line.failed.message, retry_after=0)
            return Completion(line.answer, Stop(line.stop), line.usage)
        return Completion(self._put_together(key), Stop.COMPLETE, Usage())

    async def close(self) -> None:
        """Nothing is open."""

    def _put_together(self, key: _Key) -> str:
        stage, files, claims, _ = key
        known = self._known(stage)
        missing = [*(f for f in files if f not in known.files), *(c for c in claims if c not in known.claims)]
        if missing:
            raise ModelError(
                FailureKind.BAD_REQUEST, f"no {stage} of {', '.join(missing[:3])} was recorded of it"
            )
        answer: dict[str, list[Any]] = {"read": [], "flags": [], "findings": [], "votes": []}
        for reply in known.replies:
            answer["read"] += [path for path in files if path in reply.read]
            answer["flags"] += [flag.model_dump() for flag in reply.flags if flag.path in files]
            answer["findings"] += [
                {**asdict(f), "severity": f.severity.word} for f in reply.findings if f.path in files
            ]
            answer["votes"] += [vote.model_dump() for vote in reply.votes if vote.id in claims]
        return json.dumps(answer)

    def _known(self, stage: Stage) -> _Known:
        lines = [line for line in self._own if line.stage is stage and not line.failed]
        said = []
        for line in lines:
            try:
                said.append((line, replies.parse(line.answer)))
            except ModelError:
                continue  # off schema then as now; the exact question plays it as it was
        return _Known(
            tuple(reply for _, reply in said),
            frozenset(path for line, _ in said for path in line.files),
            frozenset(claim for line, _ in said for claim in line.claims),
        )
