"""The sections of `.reviewbot.yml`, each with its defaults and what they mean."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003  # pydantic reads annotations at run time
from decimal import Decimal  # noqa: TC003  # likewise
from typing import TYPE_CHECKING, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    model_validator,
)

from reviewbot.critical import ALWAYS_CRITICAL_PATHS, DEFAULT_CRITICAL_PATHS, RULES
from reviewbot.fields import (  # noqa: TC001 - pydantic reads annotations at run time
    BaseUrl,
    Chain,
    Count,
    Days,
    Glob,
    KeyVariable,
    Kind,
    Models,
    Paths,
    Pattern,
    RepositoryPath,
    RuleName,
    Seats,
    Seconds,
    SeverityWord,
)
from reviewbot.findings import Severity
from reviewbot.kinds import KINDS
from reviewbot.llm import Json  # noqa: TC001  # pydantic reads annotations at run time

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Section(BaseModel):
    """Keys and values, no others than those named; empty it is the default."""

    model_config = ConfigDict(extra="forbid", frozen=True, serialize_by_alias=True)

    @model_validator(mode="before")
    @classmethod
    def _empty_is_default(cls, value: object) -> object:
        # `gate:` with every line under it commented out is how people leave a section alone.
        return {} if value is None else value


class Proposers(Section):
    """How many seats look for defects; the others only vote."""

    flagged: Count = Field(default=2, ge=1, le=3, description="Seats that review a file the scan flagged.")
    critical: Count = Field(default=3, ge=1, le=3, description="Seats that review a critical file.")


class Consensus(Section):
    """When a finding counts."""

    threshold: Count = Field(
        default=2,
        ge=2,
        le=3,
        description="Seats that must stand behind a finding. It never falls when a model is down.",
    )
    mode: Literal["lazy", "strict", "independent"] = Field(
        default="lazy",
        description="lazy: voters are asked until the outcome is fixed. strict: every seat is asked. "
        "independent: nobody is asked, only what several found by themselves counts.",
    )
    distinct: Literal["family", "model"] | None = Field(
        default=None,
        description="Whether votes must come from different families or only from different models. Unset: families, "
        "unless the keys at hand allow one vendor only; set to family, that is an error instead.",
    )
    proposers: Proposers = Field(
        default=Proposers(), description="How many seats look for defects; the others only vote."
    )


class Critical(Section):
    """What is reviewed by the whole panel and can block."""

    paths: tuple[Glob, ...] = Field(
        default=DEFAULT_CRITICAL_PATHS,
        description="Globs as in .gitignore, blind to case, matched against old and new path; ! takes paths out again. "
        "A list given here replaces the default. Critical all the same: "
        + ", ".join(ALWAYS_CRITICAL_PATHS)
        + ".",
    )
    content: tuple[RuleName, ...] = Field(
        default=tuple(RULES),
        description="Names of the rules for changed lines of code: "
        + "; ".join(f"{name}: {rule.what}" for name, rule in RULES.items())
        + ". An empty list turns them off.",
    )


class Gate(Section):
    """What stops a merge."""

    mode: Literal["enforce", "report", "off"] = Field(
        default="enforce",
        description="enforce: a blocked review fails the check. report: it only says so. off: no gate.",
    )
    block_at: SeverityWord = Field(
        default=Severity.HIGH,
        json_schema_extra={"default": Severity.HIGH.word},
        description="The lowest severity of a confirmed finding that blocks.",
    )
    on_inconclusive: Literal["block", "warn"] = Field(
        default="block", description="What to do when a critical file could not be reviewed."
    )
    scope: Literal["critical", "all"] = Field(
        default="critical",
        description="critical: only critical files count. all: every file that is not skipped does.",
    )


class Comments(Section):
    """What becomes an inline comment; the rest is in the summary and the report."""

    max: Count = Field(default=20, ge=0, description="Inline comments of one review, gravest first.")
    min_severity: SeverityWord = Field(
        default=Severity.MEDIUM,
        json_schema_extra={"default": Severity.MEDIUM.word},
        description="The lowest severity that becomes a comment.",
    )


class Budget(Section):
    """What a run may cost. REVIEWBOT_TOTAL_SECONDS and REVIEWBOT_CALL_SECONDS beat the times given here."""

    usd: Decimal | None = Field(default=None, gt=0, description="Dollars one run may spend. Unset: no limit.")
    seconds: Seconds = Field(default=900, description="Seconds one run may take.")
    call_seconds: Seconds = Field(
        default=240, description="Seconds one model call may take, its retry included."
    )


class Route(Section):
    """Files to treat in another way than the rest: those that `match` or `files` says, or both where both are given."""

    match: Paths = Field(default=(), description="Globs; a renamed file must match with its old path too.")
    files: Kind | None = Field(
        default=None,
        description="A kind of files: "
        + "; ".join(f"{kind}: {', '.join(globs)}" for kind, globs in KINDS.items()),
    )
    review: Literal["never", "flagged", "always"] = Field(
        default="flagged",
        description="never: they are skipped. flagged: if the scan says so. always: without a scan. A critical file is "
        "reviewed all the same.",
    )
    proposers: Count | None = Field(
        default=None,
        ge=1,
        le=3,
        description="Seats that review such a file. Of a critical file never fewer for it.",
    )
    scan: Chain | None = Field(default=None, description="Who scans them.")
    panel: Seats | None = Field(
        default=None, description="Who reviews and votes on them, from as many families as the panel has."
    )

    @model_validator(mode="after")
    def _says_which_and_how(self) -> Self:
        if not (self.match or self.files):
            raise ValueError("a rule needs match or files, to say which files it is for")
        if not self.model_fields_set - {"match", "files"}:
            raise ValueError("a rule needs review, proposers, scan or panel, to say what is different")
        if self.review == "never" and (self.proposers or self.scan or self.panel):
            raise ValueError("review: never leaves nothing for proposers, scan and panel to say")
        if self.review == "always" and self.scan:
            raise ValueError("review: always means that nothing is scanned; leave scan out")
        check_seats(self.panel or (), self.scan or ())
        return self

    @property
    def name(self) -> str:
        """The rule in a few words, as reasons give it."""
        return ", ".join([*self.match, *([f"files: {self.files}"] if self.files else [])])


class Override(Section):
    """Whose `/reviewbot override` counts, among those who may write to the repository."""

    by: Literal["writers", "codeowners"] = Field(
        default="writers",
        description="writers: anybody who may write. codeowners: who owns every file that keeps the gate from passing, "
        "by CODEOWNERS at base.",
    )
    author: bool = Field(
        default=True, strict=True, description="Whether the author of the pull request may be the one."
    )


class Skip(Section):
    """Pull requests that `action` leaves without a review until somebody comments `/reviewbot review`."""

    drafts: bool = Field(default=True, strict=True, description="Drafts, until they are ready for review.")
    bots: tuple[Pattern, ...] = Field(
        default=("dependabot", "renovate"),
        description="Authors that are bots, by name without [bot]. In this list and the next two, * is any text, and "
        "upper and lower case are the same.",
    )
    labels: tuple[Pattern, ...] = Field(
        default=("reviewbot:skip",), description="Those that carry one of these labels."
    )
    titles: tuple[Pattern, ...] = Field(
        default=(), description="Those whose title is like one of these. Whoever opens one writes its title."
    )


class Lens(Section):
    """One thing to look for. Each lens is a review of its own: two of them cost twice the reviews of one, and no more votes."""

    name: str = Field(
        pattern=r"^[a-z][a-z0-9-]{0,39}$",
        description="security, correctness, architecture, tests or over-defensive, which say what to look for; another name takes "
        "focus, or a template lenses/NAME.md.j2 of yours.",
    )
    focus: str = Field(default="", max_length=2_000, description="What to look for, in your words.")
    paths: Paths = Field(
        default=(),
        description="Globs of the files to look at. Unset: all files. One that no lens is for is reviewed without.",
    )
    models: Models = Field(
        default=(), description="Models of the panel that review under this lens before others do."
    )
    proposers: Count | None = Field(
        default=None,
        ge=1,
        le=3,
        description="At most so many seats review under it. Unset: as many as consensus.proposers says.",
    )


class Guideline(Section):
    """Words of the project's own for the models that review: what matters here, and what does not."""

    match: Paths = Field(default=(), description="Globs of the files they are for. Unset: all files.")
    text: str = Field(default="", description="The words themselves.")
    file: RepositoryPath | None = Field(
        default=None, description="Or a file with them, e.g. AGENTS.md, read where the configuration is read."
    )

    @model_validator(mode="after")
    def _says_something_once(self) -> Self:
        if bool(self.text.strip()) == bool(self.file):
            raise ValueError("a guideline needs text or file, and not both")
        return self


class Cache(Section):
    """Whether `review` keeps answers in a folder of the user's own, so that an unchanged change is not paid for twice."""

    enabled: bool = Field(
        default=False,
        strict=True,
        description="Setting REVIEWBOT_CACHE_DIR enables it too; --no-cache is a run without. `action` keeps no answers.",
    )
    days: Days = Field(default=7, description="How long an answer counts.")
    megabytes: Count = Field(default=100, ge=1, description="How much is kept; the oldest goes first.")


class Privacy(Section):
    """What may not leave the machine."""

    local_only: tuple[Glob, ...] = Field(
        default=(),
        description="Globs of files that are sent to local models only, as what was moved or copied from there.",
    )


class Record(Section):
    """What the record of a run keeps."""

    prompts: bool = Field(
        default=False,
        strict=True,
        description="Whether requests are kept whole, with the code in them, and not only by their hashes.",
    )


class DeclaredModel(Section):
    """A model that the built-in catalogue does not know."""

    family: str | None = Field(
        default=None,
        pattern=r"^[a-z][a-z0-9._-]*$",
        description="Whose weights they are, e.g. gpt; votes are counted by family. Unset: what the id says.",
    )
    window: Count = Field(gt=0, description="Tokens of input and output together.")
    max_output: Count = Field(gt=0, description="Tokens of output.")

    @model_validator(mode="after")
    def _leaves_room_for_input(self) -> Self:
        if self.max_output >= self.window:
            raise ValueError("max_output must be smaller than window, which holds input and output")
        return self


class Provider(Section):
    """Settings of one provider. One that is not built in is any server that speaks OpenAI's chat completions."""

    base_url: BaseUrl | None = Field(
        default=None,
        description="Where it is, e.g. https://openrouter.ai/api/v1. Built-in providers have variables for that.",
    )
    key_env: KeyVariable | None = Field(
        default=None,
        description="Name of the variable with its key, ending in _API_KEY or _TOKEN. Unset: it needs none.",
    )
    json_: Json | None = Field(
        default=None,
        alias="json",
        description="schema (default): it enforces a JSON schema. object: only that an answer is JSON. text: nothing.",
    )
    local: bool = Field(
        default=False,
        strict=True,
        description="It runs on this machine: it may read what privacy.local_only names, and costs nothing.",
    )
    models: Mapping[str, DeclaredModel] = Field(
        default={}, description="Models by their id at the provider, in addition to the built-in catalogue."
    )


class Price(Section):
    """Dollars per million tokens."""

    input: Decimal = Field(ge=0, description="Dollars per million input tokens.")
    output: Decimal = Field(ge=0, description="Dollars per million output tokens.")


def check_seats(seats: Iterable[Sequence[str]], scan: Iterable[str]) -> None:
    """Raises ValueError for a model in two places."""
    if found := doubled(seats, scan):
        raise ValueError("; ".join(found))


def doubled(seats: Iterable[Sequence[str]], scan: Iterable[str]) -> list[str]:
    """The models named twice in the seats, or twice in the scan, a sentence each."""
    found = [f"the panel names {name} twice" for name in repeated(m for seat in seats for m in seat)]
    return found + [f"scan names {name} twice" for name in repeated(scan)]


def repeated(names: Iterable[str]) -> list[str]:
    """Those that occur more than once, sorted."""
    listed = list(names)
    return sorted({name for name in listed if listed.count(name) > 1})
