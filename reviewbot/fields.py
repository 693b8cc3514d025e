"""What a single value of the configuration may be, each with the sentence for one that may not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    PlainSerializer,
    Tag,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from reviewbot import endpoints, problems
from reviewbot.critical import RULES
from reviewbot.findings import Severity
from reviewbot.globs import Globs
from reviewbot.kinds import KINDS
from reviewbot.names import flaw

if TYPE_CHECKING:
    from collections.abc import Sequence


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
