"""`.reviewbot.yml` as one frozen value in which every default can be read."""

from __future__ import annotations

import re
from collections.abc import Mapping  # noqa: TC003  # pydantic reads annotations at run time
from decimal import Decimal  # noqa: TC003  # likewise
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PlainSerializer,
    Tag,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from reviewbot import endpoints, plainyaml, problems
from reviewbot.critical import ALWAYS_CRITICAL_PATHS, DEFAULT_CRITICAL_PATHS, RULES
from reviewbot.errors import ConfigError
from reviewbot.findings import Severity
from reviewbot.globs import Globs, exactly
from reviewbot.kinds import KINDS
from reviewbot.llm import Json  # noqa: TC001  # pydantic reads annotations at run time
from reviewbot.names import flaw

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

FILE_NAME = ".reviewbot.yml"

#: Providers with an adapter of their own; their addresses and keys are in the environment alone.
BUILT_IN = ("anthropic", "openai", "google", "deepseek", "ollama", "bedrock")


def _model_name(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_-]*/[!-~]+", value):
        raise ValueError("a model is written provider/model-id, e.g. anthropic/claude-sonnet-5-5")
    return value


def _provider_name(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_-]*", value) or value == "static":
        raise ValueError(
            "a provider's name is lower-case letters, digits, _ and -, a letter first, and not static"
        )
    return value


def _base_url(value: str) -> str:
    if not endpoints.usable(value):
        raise PydanticCustomError("secret", f"it {endpoints.WANTED}")
    return value.rstrip("/")


def _key_variable(value: str) -> str:
    if not endpoints.SECRET_NAME.fullmatch(value):
        raise PydanticCustomError(
            "secret",
            "it must be the name of a variable that ends in _API_KEY or _TOKEN; the key itself never stands in this file",
        )
    return value


def _repository_path(value: str) -> str:
    path = value.removeprefix("./").rstrip("/")
    if flaw(path.encode()) or not path.isprintable() or any(c in path for c in "\\:"):
        raise ValueError(
            "it must be a path in the repository, from its top and with / between folders, without . and .."
        )
    return path


def _glob(value: str) -> str:
    Globs([value])
    return value


def _one_of(value: object, allowed: Sequence[str]) -> str:
    if not isinstance(value, str) or value not in allowed:
        raise ValueError(problems.not_allowed(value, allowed))
    return value


def _severity(value: object) -> Severity:
    if isinstance(value, Severity):
        return value
    return Severity.parse(_one_of(value, [s.word for s in Severity]))


def _chain(value: object) -> object:
    if value == []:
        raise ValueError("a chain needs at least one model")
    return (value,) if isinstance(value, str) else value


def _panel(value: object) -> object:
    if isinstance(value, str) and value != "offline":
        raise ValueError("a panel is a list of three seats, or the word offline")
    return _seats(value)


def _seats(value: object) -> object:
    if isinstance(value, list | tuple) and len(value) != 3:
        raise ValueError(f"a panel has three seats, not {len(value)}")
    return value


RepositoryPath = Annotated[str, AfterValidator(_repository_path)]
ProviderName = Annotated[str, AfterValidator(_provider_name)]
BaseUrl = Annotated[str, AfterValidator(_base_url)]
KeyVariable = Annotated[str, AfterValidator(_key_variable)]
ModelName = Annotated[
    str, AfterValidator(_model_name), WithJsonSchema({"type": "string", "description": "a model"})
]
Chain = Annotated[
    tuple[ModelName, ...],
    BeforeValidator(_chain, json_schema_input_type=ModelName | list[ModelName]),
]
Models = Annotated[
    tuple[ModelName, ...],
    BeforeValidator(
        lambda v: (v,) if isinstance(v, str) else v, json_schema_input_type=ModelName | list[ModelName]
    ),
]
Panel = Annotated[
    Annotated[Literal["offline"], Tag("offline")] | Annotated[tuple[Chain, Chain, Chain], Tag("seats")],
    Discriminator(lambda v: "offline" if isinstance(v, str) else "seats"),
    BeforeValidator(_panel),
]
Pattern = Annotated[str, Field(min_length=1)]
Glob = Annotated[str, AfterValidator(_glob), WithJsonSchema({"type": "string", "description": "a glob"})]
Paths = Annotated[
    tuple[Glob, ...],
    BeforeValidator(lambda v: (v,) if isinstance(v, str) else v, json_schema_input_type=Glob | list[Glob]),
]
Kind = Annotated[
    str,
    BeforeValidator(lambda v: _one_of(v, list(KINDS))),
    WithJsonSchema({"type": "string", "enum": list(KINDS)}),
]
Seats = Annotated[tuple[Chain, Chain, Chain], BeforeValidator(_seats)]
RuleName = Annotated[
    str,
    BeforeValidator(lambda v: _one_of(v, list(RULES))),
    WithJsonSchema({"type": "string", "enum": list(RULES)}),
]
SeverityWord = Annotated[
    Severity,
    BeforeValidator(_severity),
    PlainSerializer(lambda s: s.word, return_type=str),
    WithJsonSchema({"type": "string", "enum": [s.word for s in Severity]}),
]
Count = Annotated[int, Field(strict=True)]  # neither "3" nor true is 3
Seconds = Annotated[float, Field(strict=True, gt=0, allow_inf_nan=False)]
Days = Seconds


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, serialize_by_alias=True)

    @model_validator(mode="before")
    @classmethod
    def _empty_is_default(cls, value: object) -> object:
        # `gate:` with every line under it commented out is how people leave a section alone.
        return {} if value is None else value


class Proposers(_Section):
    """How many seats look for defects; the others only vote."""

    flagged: Count = Field(default=2, ge=1, le=3, description="Seats that review a file the scan flagged.")
    critical: Count = Field(default=3, ge=1, le=3, description="Seats that review a critical file.")


class Consensus(_Section):
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


class Critical(_Section):
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


class Gate(_Section):
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


class Comments(_Section):
    """What becomes an inline comment; the rest is in the summary and the report."""

    max: Count = Field(default=20, ge=0, description="Inline comments of one review, gravest first.")
    min_severity: SeverityWord = Field(
        default=Severity.MEDIUM,
        json_schema_extra={"default": Severity.MEDIUM.word},
        description="The lowest severity that becomes a comment.",
    )


class Budget(_Section):
    """What a run may cost. REVIEWBOT_TOTAL_SECONDS and REVIEWBOT_CALL_SECONDS beat the times given here."""

    usd: Decimal | None = Field(default=None, gt=0, description="Dollars one run may spend. Unset: no limit.")
    seconds: Seconds = Field(default=900, description="Seconds one run may take.")
    call_seconds: Seconds = Field(
        default=240, description="Seconds one model call may take, its retry included."
    )


class Route(_Section):
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
        _check_seats(self.panel or (), self.scan or ())
        return self

    @property
    def name(self) -> str:
        """The rule in a few words, as reasons give it."""
        return ", ".join([*self.match, *([f"files: {self.files}"] if self.files else [])])


class Override(_Section):
    """Whose `/reviewbot override` counts, among those who may write to the repository."""

    by: Literal["writers", "codeowners"] = Field(
        default="writers",
        description="writers: anybody who may write. codeowners: who owns every file that keeps the gate from passing, "
        "by CODEOWNERS at base.",
    )
    author: bool = Field(
        default=True, strict=True, description="Whether the author of the pull request may be the one."
    )


class Skip(_Section):
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


class Lens(_Section):
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


class Guideline(_Section):
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


class Cache(_Section):
    """Whether `review` keeps answers in a folder of the user's own, so that an unchanged change is not paid for twice."""

    enabled: bool = Field(
        default=False,
        strict=True,
        description="Setting REVIEWBOT_CACHE_DIR enables it too; --no-cache is a run without. `action` keeps no answers.",
    )
    days: Days = Field(default=7, description="How long an answer counts.")
    megabytes: Count = Field(default=100, ge=1, description="How much is kept; the oldest goes first.")


class Privacy(_Section):
    """What may not leave the machine."""

    local_only: tuple[Glob, ...] = Field(
        default=(),
        description="Globs of files that are sent to local models only, as what was moved or copied from there.",
    )


class Record(_Section):
    """What the record of a run keeps."""

    prompts: bool = Field(
        default=False,
        strict=True,
        description="Whether requests are kept whole, with the code in them, and not only by their hashes.",
    )


class DeclaredModel(_Section):
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


class Provider(_Section):
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


class Price(_Section):
    """Dollars per million tokens."""

    input: Decimal = Field(ge=0, description="Dollars per million input tokens.")
    output: Decimal = Field(ge=0, description="Dollars per million output tokens.")


class Config(_Section):
    """Everything `.reviewbot.yml` can say. All keys are optional. A model is written provider/model-id."""

    scan: Chain | None = Field(
        default=None,
        description="The cheap model that reads the whole diff; a list is a chain, tried in turn. "
        "Unset: chosen by the keys at hand.",
    )
    panel: Panel | None = Field(
        default=None,
        description="Three seats, each a model or a chain of models, or the word offline for static analysers alone. "
        "Unset: chosen by the keys at hand.",
    )
    standby: tuple[ModelName, ...] = Field(
        default=(), description="Models that take the seat of one that is down, in order."
    )
    consensus: Consensus = Field(default=Consensus(), description="When a finding counts.")
    critical: Critical = Field(
        default=Critical(), description="What is reviewed by the whole panel and can block."
    )
    ignore: tuple[Glob, ...] = Field(
        default=(),
        description="Globs of files not to review, as in .gitignore. Lock files, minified and vendored files need no "
        "entry; !glob takes a file back in. A critical path is reviewed all the same.",
    )
    gate: Gate = Field(default=Gate(), description="What stops a merge.")
    override: Override = Field(
        default=Override(), description="Who may let a commit pass that the gate holds up."
    )
    skip: Skip = Field(
        default=Skip(),
        description="Pull requests that are not reviewed. One that touches a critical file does not pass the gate by that.",
    )
    comments: Comments = Field(default=Comments(), description="What becomes an inline comment.")
    budget: Budget = Field(default=Budget(), description="What a run may cost.")
    routing: tuple[Route, ...] = Field(
        default=(), description="Files to treat in another way; the first rule that matches a file decides."
    )
    lenses: tuple[Lens, ...] = Field(
        default=(),
        description="What to look for, each in a review of its own. Unset: for everything in one review.",
    )
    prompts: RepositoryPath | None = Field(
        default=None,
        description="The folder with your own prompt templates. Unset: .github/reviewbot/prompts, if there is one. It is read "
        "where the configuration is read.",
    )
    guidelines: tuple[Guideline, ...] = Field(
        default=(),
        description="What reviewers are told of this project beside the change, 8,000 characters at most in all.",
    )
    cache: Cache = Field(default=Cache(), description="Whether answers are kept for the next run.")
    privacy: Privacy = Field(default=Privacy(), description="What may not leave the machine.")
    record: Record = Field(default=Record(), description="What the record of a run keeps.")
    providers: Mapping[ProviderName, Provider] = Field(
        default={},
        description="Settings by provider: anthropic, openai, google, deepseek, ollama, bedrock, or a name of your own.",
    )
    prices: Mapping[ModelName, Price] = Field(
        default={}, description="Prices by model, in dollars per million tokens; they beat the built-in ones."
    )

    @model_validator(mode="after")
    def _one_place_each(self) -> Self:
        seats = self.panel if isinstance(self.panel, tuple) else ()
        found = _doubled(seats, self.scan or ())
        found += [f"standby names {name} twice" for name in _repeated(self.standby)]
        seated = {model for seat in seats for model in seat}
        found += [
            f"standby {name} already has a seat on the panel" for name in self.standby if name in seated
        ]
        found += [f"lenses name {name} twice" for name in _repeated(lens.name for lens in self.lenses)]
        if found:
            raise ValueError("; ".join(found))
        return self

    @model_validator(mode="after")
    def _providers_are_complete(self) -> Self:
        found = []
        for name, settings in self.providers.items():
            where = f"providers.{name}"
            if name in BUILT_IN:
                set_ = {
                    key
                    for key, value in settings.model_dump(exclude_defaults=True).items()
                    if key != "models"
                }
                found += [f"{where}.{key} is for providers that are not built in" for key in sorted(set_)]
            elif settings.base_url is None:
                found.append(f"{where}.base_url is missing")
            elif settings.local and not endpoints.loopback(settings.base_url):
                found.append(f"{where} is said to be local, but its base_url is not on this machine")
        if found:
            raise ValueError("; ".join(found))
        return self

    def with_gate(self, mode: str) -> Config:
        """The same with another `gate.mode`; "" leaves it as it is."""
        return self.model_copy(update={"gate": self.gate.model_copy(update={"mode": mode})}) if mode else self

    def guarding(self, path: str) -> Config:
        """The same where that file too is critical, because it is this configuration; "" for the usual file, which always is."""
        if not path:
            return self
        paths = (*self.critical.paths, exactly(path))
        return self.model_copy(update={"critical": self.critical.model_copy(update={"paths": paths})})

    @property
    def sources(self) -> tuple[str, ...]:
        """The paths where the project's own words to the models stand: who changes them changes the review."""
        return (
            *([self.prompts] if self.prompts else []),
            *(rule.file for rule in self.guidelines if rule.file),
        )

    def warnings(self) -> tuple[str, ...]:
        """What is allowed but probably not meant, a sentence each."""
        found = []
        threshold, alone = self.consensus.threshold, self.consensus.mode == "independent"
        for kind in ("flagged", "critical"):
            proposers = getattr(self.consensus.proposers, kind)
            if proposers < threshold and alone:
                found.append(
                    f"consensus.mode independent asks nobody, and {proposers} proposing for {kind} files cannot reach "
                    f"the threshold of {threshold}: nothing can be confirmed there"
                )
            elif proposers < threshold and kind == "critical":
                found.append(
                    f"consensus.proposers.critical is {proposers}, below the threshold of {threshold}: "
                    "what the other seats alone would have found on a critical file is never found"
                )
        if self.budget.call_seconds > self.budget.seconds:
            found.append("budget.call_seconds is longer than budget.seconds: the run ends first")
        return tuple(found)


def _check_seats(seats: Iterable[Sequence[str]], scan: Iterable[str]) -> None:
    if found := _doubled(seats, scan):
        raise ValueError("; ".join(found))


def _doubled(seats: Iterable[Sequence[str]], scan: Iterable[str]) -> list[str]:
    found = [f"the panel names {name} twice" for name in _repeated(m for seat in seats for m in seat)]
    return found + [f"scan names {name} twice" for name in _repeated(scan)]


def _repeated(names: Iterable[str]) -> list[str]:
    listed = list(names)
    return sorted({name for name in listed if listed.count(name) > 1})


def load(text: str, *, source: str) -> Config:
    """The configuration in `text`; `source` is what messages call it. Raises ConfigError naming every bad key."""
    try:
        document = plainyaml.parse(text)
    except ValueError as error:
        raise ConfigError(f"{source}: {error}") from error
    if not isinstance(document.value, dict | None):
        raise ConfigError(f"{source}: the file must consist of keys and values, as in `panel: offline`")
    try:
        return Config.model_validate(document.value or {})
    except ValidationError as error:
        raise ConfigError(f"{source}: {problems.sentence(error, document, Config)}") from error


def find(repo: Path) -> Path | None:
    """The configuration file of a working tree. Raises ConfigError for one under a name that is not read."""
    path = repo / FILE_NAME
    if path.exists():
        return path
    misnamed = path.with_suffix(".yaml")
    if misnamed.exists():
        raise ConfigError(f"{misnamed.name} is not read; rename it to {FILE_NAME}")
    return None


def schema() -> dict[str, Any]:
    """JSON Schema of the file, for editors and for `config schema`, with every default."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Config.model_json_schema()}
