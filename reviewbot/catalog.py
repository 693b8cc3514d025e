"""The models reviewbot knows: whose they are, how much they read, and when they are switched off."""

from __future__ import annotations

import difflib
import re
import tomllib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from reviewbot.errors import ConfigError
from reviewbot.llm import Json, ModelSpec

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

#: Tokens of one answer, thinking included. A reply is a few thousand tokens, the rest is room to think;
#: Gemini 4 refuses more than 32,768 in an answer that is not streamed.
MAX_OUTPUT = 32_000

#: What is assumed of a model that only its name tells of. A server of one's own has a small window, if nobody set it.
_GUESSED_WINDOW, _GUESSED_OUTPUT = 32_768, 8_192

#: `anthropic/x` followed by one of these is the same model, pinned.
_PINNED = re.compile(r"-(?:\d{8}|\d{4}-\d{2}-\d{2}|latest)$")

#: What gateways put around a vendor's id: `us.anthropic.` or `anthropic/` before it, `-v1:0` or `:free` behind.
_BEFORE = re.compile(r"^(?:[^/]*/)*(?:[a-z][a-z-]*\.)*(?=[a-z])")
_BEHIND = re.compile(r"(?:-v\d+)?(?::[a-z0-9.-]+)?$")

#: Words in the ids of models, by family: whose weights they are, whoever serves or fine-tunes them.
_WORDS: Mapping[str, str] = {
    "claude": "claude",
    "gpt": "gpt chatgpt codex o1 o3 o4",
    "gemini": "gemini gemma codegemma",
    "deepseek": "deepseek",
    "qwen": "qwen codeqwen qwq",
    "llama": "llama codellama",
    "mistral": "mistral mixtral ministral magistral codestral devstral pixtral",
    "nova": "nova",
    "phi": "phi",
    "grok": "grok",
    "kimi": "kimi",
    "glm": "glm",
    "minimax": "minimax",
    "command": "command",
    "granite": "granite",
    "nemotron": "nemotron",
    "palmyra": "palmyra",
    "jamba": "jamba",
}
_FAMILIES: Mapping[str, str] = {word: family for family, words in _WORDS.items() for word in words.split()}
_WORD = re.compile(rf"(?<![a-z0-9])(?:{'|'.join(_FAMILIES)})(?![a-z])")

_ANALYSERS = ("ruff", "bandit", "ast-grep", "lexical", "any")

_TABLES: Mapping[str, dict[str, Any]] = tomllib.loads(
    Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
)


def _spec(provider: str, name: str, of_all: Mapping[str, Any], own: Mapping[str, Any]) -> ModelSpec:
    facts = {**of_all, **own}
    return ModelSpec(
        provider,
        name,
        facts["family"],
        facts["window"],
        facts["max_output"],
        effort=facts["effort"],
        json=Json(facts["json"]),
        breakpoints=facts["breakpoints"],
    )


_SPECS = (
    *(_spec(p, name, table, own) for p, table in _TABLES.items() for name, own in table["models"].items()),
    # Static analysers have no window and generate nothing; each is a family of its own.
    *(ModelSpec("static", id_, id_, 2**62, 0, effort=False) for id_ in _ANALYSERS),
)

#: Every known model by its name, `provider/id`.
MODELS: Mapping[str, ModelSpec] = MappingProxyType({spec.name: spec for spec in _SPECS})

#: Serve models of many vendors, so that a name tells the family and any id may be one of theirs.
OPEN = ("ollama", "bedrock")

PROVIDERS = (*_TABLES, *OPEN, "static")

#: The last day a model answers.
RETIRES: Mapping[str, date] = MappingProxyType(
    {
        f"{provider}/{name}": own["retires"]
        for provider, table in _TABLES.items()
        for name, own in table["models"].items()
        if "retires" in own
    }
)


def lookup(
    name: str,
    declared: Mapping[str, ModelSpec] = MappingProxyType({}),
    gateways: Mapping[str, Json] = MappingProxyType({}),
) -> ModelSpec:
    """The model called `name`, also with a date or `-latest` behind a known id. Raises ConfigError.

    `declared` are models of the configuration by name; they win over the catalogue. `gateways` are the providers that it
    adds, with what JSON they can enforce. There and at the providers in `OPEN` the id tells what it can.
    """
    for candidate in (name, unpinned(name)):
        for known in (declared, MODELS):
            if candidate in known:
                return replace(known[candidate], id=name.partition("/")[2])
    provider, _, id_ = name.partition("/")
    if provider in OPEN or provider in gateways:
        return _by_its_name(provider, id_, gateways.get(provider))
    raise ConfigError(_unknown(name, {**MODELS, **declared}, (*PROVIDERS, *gateways)))


def unpinned(name: str) -> str:
    """The name or id without its date or `-latest`; catalogued names stay what they are."""
    return name if name in MODELS else _PINNED.sub("", name)


def family(id_: str) -> str | None:
    """The family that the id of a model names first, however a gateway writes it; None if it names none."""
    found = _WORD.search(id_.lower())
    return _FAMILIES[found[0]] if found else None


def declare(
    provider: str, id_: str, family: str, window: int, max_output: int, json: Json | None = None
) -> ModelSpec:
    """A model that is not in the catalogue, with the abilities of its provider; `json` is that of a gateway."""
    table = _TABLES.get(provider)
    if table:
        json, breakpoints = Json(table["json"]), table["breakpoints"]
    elif provider == "bedrock":
        # Its Converse API enforces schemas and takes breakpoints for some models only; others reject the request.
        known = _BARE.get(_bare(id_))
        json = Json.SCHEMA if known and known.json is Json.SCHEMA else Json.TEXT
        breakpoints = family == "claude"
    else:
        breakpoints = False
    return ModelSpec(
        provider,
        id_,
        family,
        window,
        max_output,
        effort=False,  # nobody has said that one can be asked for
        json=json or Json.SCHEMA,
        breakpoints=breakpoints,
    )


def default_panel(providers_with_keys: Collection[str]) -> tuple[str, str, str]:
    """Three models, of as many vendors as there are keys; the analysers without any.

    With two vendors the seats alternate, so that the first two to speak are of different families.
    """
    vendors = _vendors(providers_with_keys)
    if not vendors:
        return ("static/ruff", "static/bandit", "static/ast-grep")
    first, second, third, *_ = (f"{p}/{_TABLES[p]['panel'][rank]}" for rank in range(3) for p in vendors)
    return (first, second, third)


def default_scan(providers_with_keys: Collection[str]) -> str:
    """The cheapest sensible reader of a whole diff of the first vendor with a key."""
    return next((f"{p}/{_TABLES[p]['scan']}" for p in _vendors(providers_with_keys)), "static/any")


def default_standby(providers_with_keys: Collection[str]) -> tuple[str, ...]:
    """Who steps in by default: the best of each vendor that has a key but no seat, the spare analyser offline."""
    vendors = _vendors(providers_with_keys)
    return tuple(f"{p}/{_TABLES[p]['panel'][0]}" for p in vendors[3:]) if vendors else ("static/lexical",)


def output_limit(spec: ModelSpec) -> int:
    """The most tokens one answer may have; what is asked for, and what a budget must reserve."""
    return min(spec.max_output, MAX_OUTPUT)


def input_limit(spec: ModelSpec) -> int:
    """The most tokens a request may have and leave room for the longest answer, or for half a window of it."""
    return spec.window - min(output_limit(spec), spec.window // 2)


def retiring(spec: ModelSpec, today: date) -> str | None:
    """A sentence for the user if the model is switched off within 60 days, or was already."""
    last = RETIRES.get(unpinned(spec.name))
    if last is None or last - today > timedelta(days=60):
        return None
    return f"{spec.name} {'was' if last < today else 'is'} switched off on {last}; configure another model"


def _vendors(providers_with_keys: Collection[str]) -> list[str]:
    return [provider for provider in _TABLES if provider in providers_with_keys]


def _bare(id_: str) -> str:
    """The vendor's id without what a gateway adds to it; gateways write dots for dashes."""
    return _PINNED.sub("", _BEHIND.sub("", _BEFORE.sub("", id_.lower()))).replace(".", "-")


_BARE: Mapping[str, ModelSpec] = {_bare(spec.id): spec for spec in _SPECS if spec.provider != "static"}


def _by_its_name(provider: str, id_: str, json: Json | None) -> ModelSpec:
    """A model that is not catalogued under this provider. Raises ConfigError if its id names no family we know."""
    named = family(id_)
    if named is None:
        raise ConfigError(
            f"model '{provider}/{id_}' names no family that is known; declare it with its family under "
            f"providers.{provider}.models in .reviewbot.yml"
        )
    # What a vendor's own server can hold says nothing about an Ollama, whose window is a setting of its server.
    known = None if provider == "ollama" else _BARE.get(_bare(id_))
    limits = (known.window, known.max_output) if known else (_GUESSED_WINDOW, _GUESSED_OUTPUT)
    return declare(provider, id_, named, *limits, json)


def _unknown(name: str, known: Mapping[str, ModelSpec], providers: Collection[str]) -> str:
    provider, slash, _ = name.partition("/")
    if slash and provider not in providers:
        return (
            f"model {name!r}: unknown provider {provider!r}; use one of {', '.join(providers)}, "
            f"or give its base_url under providers.{provider} in .reviewbot.yml"
        )
    near = [model for model, spec in known.items() if spec.id == name]
    near = near or difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    if not slash:
        return f"model {name!r} names no provider{hint}; write provider/model-id with one of {', '.join(providers)}"
    return (
        f"model {name!r} is not known{hint}; declare it under providers.{provider}.models in .reviewbot.yml"
    )
