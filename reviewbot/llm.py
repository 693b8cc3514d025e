"""What is asked of a model, what comes back, and the protocol every model keeps."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from reviewbot.diff import FileDiff, HeadText, Hunk
    from reviewbot.errors import ModelError
    from reviewbot.findings import Claim


class Stage(StrEnum):
    """The three questions; also the names of the prompt templates."""

    SCAN = "scan"
    REVIEW = "review"
    VOTE = "vote"


class Need(IntEnum):
    """What goes first when time or money is short; given up is the last of these first."""

    CRITICAL = 0  # reading critical files, and voting on what was found there
    SCAN = 1
    RISKY = 2  # a flagged file's first review, by the risk the scan saw, and the first vote on what was found
    DOUBTFUL = 3
    MINOR = 4
    SECOND_REVIEW = 5  # of a flagged file
    THIRD_VOTE = 6  # on a finding in one


@dataclass(
    frozen=True, slots=True, eq=False
)  # the same only as itself: comparing and hashing would read all lines
class Subject:
    """One file put before a model. `hunks` are all of the file's, or the part of an oversized one.

    `related` are names that the change defines anew or otherwise, here or in another file.
    """

    file: FileDiff
    head: HeadText
    hunks: tuple[Hunk, ...]
    critical: bool = False
    related: Iterable[str] = ()


@dataclass(frozen=True, slots=True)
class Hint:
    """A place the scan thought risky; unverified."""

    path: str
    line: int
    risk: str
    reason: str


@dataclass(frozen=True, slots=True, order=True)
class Fact:
    """What a tool that is not on the panel says of some lines of a file at head; unverified, like a hint."""

    path: str
    first_line: int
    last_line: int
    tool: str
    rule: str
    message: str


@dataclass(frozen=True, slots=True)
class Question:
    """Everything one request is about, before it becomes text.

    `error` is set when the same question is asked a second time: what was wrong with the first answer.
    """

    stage: Stage
    subjects: tuple[Subject, ...]
    hints: tuple[Hint, ...] = ()  # review only
    facts: tuple[Fact, ...] = ()  # review only: a voter is to judge the code, not to count who else complains
    claims: tuple[Claim, ...] = ()  # vote only
    lens: str = ""  # review only: the name of what to look for, "" for everything, and the words for it if they are configured
    focus: str = ""
    title: str = ""  # of the pull request; review only, never shown to voters
    body: str = ""
    error: str = ""
    need: Need = Need.CRITICAL


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question as text. `system` and `prefix` repeat between review and vote, so that providers can cache them."""

    question: Question
    system: str
    prefix: str  # the files
    task: str  # opens with "Task: <stage>"
    canary: str = ""  # stands in `system`; an answer that holds it is worth nothing


class Stop(StrEnum):
    """How an answer ended."""

    COMPLETE = "complete"
    TRUNCATED = "truncated"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call. `input_tokens` includes cache reads and writes, `output_tokens` includes reasoning."""

    input_tokens: int = 0
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Completion:
    """One answer as it came: text, how it ended, what it used. `detail` says more about a stop, e.g. a refusal's category."""

    text: str
    stop: Stop
    usage: Usage
    detail: str = ""
    request_id: str = ""


class Json(StrEnum):
    """What of the form of an answer the vendor enforces."""

    SCHEMA = "schema"
    OBJECT = "object"  # that it is JSON, no more
    TEXT = "text"  # nothing


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """What is known of a model. Windows are in tokens. A `local` one runs on this machine and is paid for already."""

    provider: str
    id: str
    family: str
    window: int
    max_output: int
    effort: bool = True  # whether a reasoning effort can be asked for
    json: Json = Json.SCHEMA
    breakpoints: bool = False  # whether a request may mark where the part ends that is worth caching
    local: bool = False

    @property
    def name(self) -> str:
        """`provider/model-id`, the one way a model is written."""
        return f"{self.provider}/{self.id}"


class Model(Protocol):
    """Anything that can answer: an LLM behind an API, or a static analyser."""

    @property
    def spec(self) -> ModelSpec:
        """Its name, family and limits."""

    def reads(self, path: str) -> bool:
        """Whether it understands the language of this file; LLMs say yes to all."""

    async def complete(self, prompt: Prompt, *, seconds: float) -> Completion:
        """Answer within `seconds`, one request, no retry. Raises ModelError."""

    async def close(self) -> None:
        """Let go of connections."""


@runtime_checkable
class BatchModel(Model, Protocol):
    """A model that also takes questions by the hundred, to be answered within a day for half the price.

    `batch_bytes` is the most that the requests of one job may have as JSON.
    """

    batch_bytes: int

    def request(self, prompt: Prompt) -> Mapping[str, Any]:
        """What asks this, as JSON; what is asked alone is asked in the same words."""

    async def submit(self, requests: Mapping[str, Mapping[str, Any]]) -> str:
        """Start a job of these requests, by ids of up to 64 letters, digits and dashes; its name. Raises ModelError."""

    async def collect(self, job: str, ids: Sequence[str]) -> Mapping[str, Completion | ModelError] | None:
        """What came of the job, None while it is at work; what has expired may be missing. `ids` are those it was started with.

        Raises ModelError where it cannot be looked at; NOT_FOUND where it is gone.
        """
