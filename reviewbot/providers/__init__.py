"""The table of providers, and how a model of one of them is built."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from reviewbot.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from reviewbot.llm import Model, ModelSpec


@dataclass(frozen=True, slots=True)
class Provider:
    """Where a provider's adapter is, and the environment variables that configure it."""

    module: str  # imported, with its SDK, when first needed: an SDK costs up to a second
    keys: tuple[str, ...]  # any of these holds the key; the first that is set wins
    base_url: str


PROVIDERS: Mapping[str, Provider] = MappingProxyType(
    {
        "anthropic": Provider("reviewbot.providers.anthropic", ("ANTHROPIC_API_KEY",), "ANTHROPIC_BASE_URL"),
        "openai": Provider("reviewbot.providers.openai", ("OPENAI_API_KEY",), "OPENAI_BASE_URL"),
        "google": Provider(
            "reviewbot.providers.google", ("GEMINI_API_KEY", "GOOGLE_API_KEY"), "GOOGLE_GEMINI_BASE_URL"
        ),
    }
)


def build(spec: ModelSpec, *, key: str, base_url: str | None) -> Model:
    """The model behind `spec`, ready to be asked. Raises ConfigError for a key or an address nothing can be sent with.

    An empty or absent `base_url` is the vendor's own.
    """
    provider = PROVIDERS[spec.provider]
    model: Model = import_module(provider.module).build(
        spec, key=_sendable(key, provider), base_url=_address(base_url, provider)
    )
    return model


def preload(names: Iterable[str]) -> None:
    """Import the SDKs of these providers now; meant for a thread, while something else is waited for."""
    for name in names:
        if name in PROVIDERS:
            import_module(PROVIDERS[name].module)


def _sendable(key: str, provider: Provider) -> str:
    # HTTP libraries refuse such a key with an error that quotes it.
    stripped = key.strip()
    if not stripped or not stripped.isascii() or not stripped.isprintable() or " " in stripped:
        raise ConfigError(f"the key in {' or '.join(provider.keys)} is empty or damaged; set it again")
    return stripped


def _address(base_url: str | None, provider: Provider) -> str | None:
    if not base_url or not base_url.strip():
        return None
    try:
        parts = urlsplit(base_url.strip())
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:  # not quoted: it may hold a password
        raise ConfigError(
            f"{provider.base_url} is not a web address; write it like https://gateway.example/path"
        )
    return base_url.strip()
