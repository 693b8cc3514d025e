"""The table of providers, and how a model of one of them is built."""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from reviewbot.llm import Model, ModelSpec

#: The module of each adapter; imported, with its SDK, when first needed: an SDK costs up to a second.
#: The variables with its key and its address are in `environment`.
PROVIDERS: Mapping[str, str] = MappingProxyType(
    {
        "anthropic": "reviewbot.providers.anthropic",
        "openai": "reviewbot.providers.openai",
        "google": "reviewbot.providers.google",
        "deepseek": "reviewbot.providers.chat",
        "ollama": "reviewbot.providers.chat",
    }
)
#: That of every provider a configuration adds.
COMPATIBLE = "reviewbot.providers.chat"


def build(spec: ModelSpec, *, key: str, base_url: str | None) -> Model:
    """The model behind `spec`, ready to be asked; without a `base_url` at the vendor's own. A `key` may be ""."""
    model: Model = import_module(PROVIDERS.get(spec.provider, COMPATIBLE)).build(
        spec, key=key, base_url=base_url
    )
    return model


def preload(names: Iterable[str]) -> None:
    """Import the SDKs of these providers now; meant for a thread, while something else is waited for."""
    for name in names:
        if name != "static":
            import_module(PROVIDERS.get(name, COMPATIBLE))
