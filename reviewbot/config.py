"""`.reviewbot.yml` as one frozen value in which every default can be read."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003  # pydantic reads annotations at run time
from typing import TYPE_CHECKING, Any, Self

from pydantic import (
    Field,
    ValidationError,
    model_validator,
)

from reviewbot import endpoints, plainyaml, problems
from reviewbot.errors import ConfigError
from reviewbot.fields import (
    BUILT_IN,
    Chain,
    Glob,
    ModelName,
    Panel,
    ProviderName,
    RepositoryPath,
)
from reviewbot.globs import exactly
from reviewbot.settings import (
    Budget,
    Cache,
    Comments,
    Consensus,
    Critical,
    Gate,
    Guideline,
    Lens,
    Override,
    Price,
    Privacy,
    Provider,
    Record,
    Route,
    Section,
    Skip,
    doubled,
    repeated,
)

if TYPE_CHECKING:
    from pathlib import Path


FILE_NAME = ".reviewbot.yml"


class Config(Section):
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
    facts: bool = Field(
        default=False,
        strict=True,
        description="Whether reviewers are also shown what our static analysers report of the changed lines, as unverified. It takes "
        "a second or two, and nothing where an analyser has a seat.",
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
        found = doubled(seats, self.scan or ())
        found += [f"standby names {name} twice" for name in repeated(self.standby)]
        seated = {model for seat in seats for model in seat}
        found += [
            f"standby {name} already has a seat on the panel" for name in self.standby if name in seated
        ]
        found += [f"lenses name {name} twice" for name in repeated(lens.name for lens in self.lenses)]
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
