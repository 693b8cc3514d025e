"""The models reviewbot knows: whose they are, how much they read, and when they are switched off."""

from __future__ import annotations

import difflib
import re
from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from reviewbot.errors import ConfigError
from reviewbot.llm import ModelSpec

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

#: Tokens of one answer, thinking included. A reply is a few thousand tokens, the rest is room to think;
#: Gemini 4 refuses more than 32,768 in an answer that is not streamed.
MAX_OUTPUT = 32_000

#: `anthropic/x` followed by one of these is the same model, pinned.
_PINNED = re.compile(r"-(?:\d{8}|\d{4}-\d{2}-\d{2}|latest)$")

_ANALYSERS = ("ruff", "bandit", "ast-grep", "lexical", "any")


def _claude(
    name: str, window: int = 1_000_000, max_output: int = 128_000, *, effort: bool = True
) -> ModelSpec:
    return ModelSpec("anthropic", f"claude-{name}", "claude", window, max_output, effort)


def _gpt(name: str, window: int = 400_000, max_output: int = 128_000, *, effort: bool = True) -> ModelSpec:
    return ModelSpec("openai", name, "gpt", window, max_output, effort)


def _gemini(name: str, max_output: int = 65_536, *, effort: bool = True) -> ModelSpec:
    return ModelSpec("google", f"gemini-{name}", "gemini", 1_048_576, max_output, effort)


# Windows hold input and output together; where a vendor counts them apart this is on the safe side.
# Sources, read 2026-11-21: the model lists inside anthropic 2.11.0, openai 3.52.0 and google-genai 3.4.0,
# the vendors' model pages (limits), genai-prices 0.2.3 (windows of older models).
# Left out, to be declared by who needs them: models without documented limits (gemini-4-carbon,
# gemini-4-hydrogen) or without enforced schemas (gpt-*-pro, gemma), and what is no longer served.
_SPECS = (
    _claude("fable-5-2"),
    _claude("fable-5-1"),
    _claude("fable-5"),
    _claude("mythos-5-2"),
    _claude("mythos-5-1"),
    _claude("mythos-5"),
    _claude("opus-5-5"),
    _claude("opus-5"),
    _claude("opus-4-8"),
    _claude("opus-4-7"),
    _claude("opus-4-6"),
    _claude("opus-4-5", 200_000, 64_000),
    _claude("sonnet-5-5"),
    _claude("sonnet-5"),
    _claude("sonnet-4-6"),
    _claude("sonnet-4-5", 200_000, 64_000, effort=False),
    _claude("haiku-5-5"),
    _claude("haiku-4-5", 200_000, 64_000, effort=False),
    _gpt("gpt-6-astra", 1_050_000),
    _gpt("gpt-6.1-sol", 1_050_000),
    _gpt("gpt-6.1-terra", 1_050_000),
    _gpt("gpt-6-sol", 1_050_000),
    _gpt("gpt-6-luna", 1_050_000),
    _gpt("gpt-5.6-sol", 1_050_000),
    _gpt("gpt-5.6-terra", 1_050_000),
    _gpt("gpt-5.6-luna", 1_050_000),
    _gpt("gpt-5.5", 1_000_000),
    _gpt("gpt-5.4", 1_050_000),
    _gpt("gpt-5.4-mini"),
    _gpt("gpt-5.4-nano"),
    _gpt("gpt-5.2"),
    _gpt("gpt-5.1"),
    _gpt("gpt-5"),
    _gpt("gpt-5-mini"),
    _gpt("gpt-5-nano"),
    _gpt("o3", 200_000, 100_000),
    _gpt("gpt-4.1", 1_000_000, 32_768, effort=False),
    _gpt("gpt-4.1-mini", 1_000_000, 32_768, effort=False),
    _gpt("gpt-4o", 128_000, 16_384, effort=False),
    _gpt("gpt-4o-mini", 128_000, 16_384, effort=False),
    _gemini("4-argon", 32_768),
    _gemini("3.8-flash"),
    _gemini("3.7-flash"),
    _gemini("3.6-flash"),
    _gemini("3.5-flash"),
    _gemini("3.5-flash-lite"),
    _gemini("3.1-flash-lite"),
    _gemini("3.1-pro-preview"),
    _gemini("2.5-pro", effort=False),
    _gemini("2.5-flash", effort=False),
    _gemini("2.5-flash-lite", effort=False),
    _gemini("pro-latest"),
    _gemini("flash-latest"),
    _gemini("flash-lite-latest"),
    # Static analysers have no window and generate nothing; each is a family of its own.
    *(ModelSpec("static", id_, id_, 2**62, 0, effort=False) for id_ in _ANALYSERS),
)

#: Every known model by its name, `provider/id`.
MODELS: Mapping[str, ModelSpec] = MappingProxyType({spec.name: spec for spec in _SPECS})

PROVIDERS = tuple(dict.fromkeys(spec.provider for spec in _SPECS))

#: The last day a model answers. Sources, read 2026-11-21: DEPRECATED_MODELS of anthropic 2.11.0, the docstring
#: of openai.types.ChatModel 3.52.0, the deprecations page of ai.google.dev (2.5 is re-routed to newer models).
RETIRES: Mapping[str, date] = MappingProxyType(
    {
        "anthropic/claude-sonnet-4-5": date(2026, 11, 30),
        "openai/gpt-5": date(2026, 12, 11),
        "openai/gpt-5-mini": date(2026, 12, 11),
        "openai/gpt-5-nano": date(2026, 12, 11),
        "openai/o3": date(2026, 12, 11),
        "openai/gpt-4.1": date(2027, 1, 14),
        "openai/gpt-4.1-mini": date(2027, 1, 14),
        "openai/gpt-4o": date(2027, 1, 14),
        "openai/gpt-4o-mini": date(2027, 1, 14),
        "openai/gpt-5.1": date(2027, 4, 1),
        "openai/gpt-5.4-nano": date(2027, 4, 1),
        "google/gemini-2.5-pro": date(2026, 12, 1),
        "google/gemini-2.5-flash": date(2026, 12, 1),
        "google/gemini-3.1-flash-lite": date(2027, 5, 7),
    }
)

#: Best first: the models a vendor's keys buy when nothing is configured.
_PREFERRED: Mapping[str, tuple[str, str, str]] = {
    "anthropic": ("anthropic/claude-sonnet-5-5", "anthropic/claude-opus-5-5", "anthropic/claude-haiku-5-5"),
    "openai": ("openai/gpt-6.1-sol", "openai/gpt-6.1-terra", "openai/gpt-6-sol"),
    "google": ("google/gemini-3.8-flash", "google/gemini-4-argon", "google/gemini-3.5-flash"),
}
_SCANNERS: Mapping[str, str] = {
    "anthropic": "anthropic/claude-haiku-5-5",
    "openai": "openai/gpt-6-luna",
    "google": "google/gemini-3.5-flash-lite",
}


def lookup(name: str, declared: Mapping[str, ModelSpec] = MappingProxyType({})) -> ModelSpec:
    """The model called `name`, also with a date or `-latest` behind a known id. Raises ConfigError.

    `declared` are models of the configuration by name; they win over the catalogue.
    """
    for candidate in (name, unpinned(name)):
        for known in (declared, MODELS):
            if candidate in known:
                return replace(known[candidate], id=name.partition("/")[2])
    raise ConfigError(_unknown(name, {**MODELS, **declared}))


def unpinned(name: str) -> str:
    """The name or id without its date or `-latest`; catalogued names stay what they are."""
    return name if name in MODELS else _PINNED.sub("", name)


def default_panel(providers_with_keys: Collection[str]) -> tuple[str, str, str]:
    """Three models, of as many vendors as there are keys; the analysers without any.

    With two vendors the seats alternate, so that the first two to speak are of different families.
    """
    vendors = [models for provider, models in _PREFERRED.items() if provider in providers_with_keys]
    if not vendors:
        return ("static/ruff", "static/bandit", "static/ast-grep")
    first, second, third, *_ = (models[rank] for rank in range(3) for models in vendors)
    return (first, second, third)


def default_scan(providers_with_keys: Collection[str]) -> str:
    """The cheapest sensible reader of a whole diff among the vendors with a key."""
    return next(
        (model for provider, model in _SCANNERS.items() if provider in providers_with_keys), "static/any"
    )


def default_standby(providers_with_keys: Collection[str]) -> tuple[str, ...]:
    """Who steps in by default: only the offline panel has a family to spare."""
    return () if any(provider in providers_with_keys for provider in _PREFERRED) else ("static/lexical",)


def output_limit(spec: ModelSpec) -> int:
    """The most tokens one answer may have; what is asked for, and what a budget must reserve."""
    return min(spec.max_output, MAX_OUTPUT)


def retiring(spec: ModelSpec, today: date) -> str | None:
    """A sentence for the user if the model is switched off within 60 days, or was already."""
    last = RETIRES.get(unpinned(spec.name))
    if last is None or last - today > timedelta(days=60):
        return None
    return f"{spec.name} {'was' if last < today else 'is'} switched off on {last}; configure another model"


def _unknown(name: str, known: Mapping[str, ModelSpec]) -> str:
    provider, slash, _ = name.partition("/")
    if slash and provider not in PROVIDERS:
        return f"model {name!r}: unknown provider {provider!r}; use one of {', '.join(PROVIDERS)}"
    near = [model for model, spec in known.items() if spec.id == name]
    near = near or difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    if not slash:
        return f"model {name!r} names no provider{hint}; write provider/model-id with one of {', '.join(PROVIDERS)}"
    return (
        f"model {name!r} is not known{hint}; declare it under providers.{provider}.models in .reviewbot.yml"
    )
