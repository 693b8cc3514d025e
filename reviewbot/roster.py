"""Which models can be named, and where and with which key each of them is asked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reviewbot import catalog, endpoints
from reviewbot.endpoints import Access
from reviewbot.environment import KEY_VARIABLES
from reviewbot.errors import ConfigError
from reviewbot.fields import BUILT_IN
from reviewbot.llm import Json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reviewbot.config import Config
    from reviewbot.environment import Environment
    from reviewbot.llm import ModelSpec
    from reviewbot.settings import DeclaredModel


class Roster:
    """The models of the catalogue and of the configuration, with what the environment knows of their providers."""

    def __init__(self, config: Config, environment: Environment) -> None:
        """Raises ConfigError for a declared model whose family nobody can tell."""
        self._providers = config.providers
        self._environment = environment
        self._gateways = {
            name: settings.json_ or Json.SCHEMA
            for name, settings in config.providers.items()
            if name not in BUILT_IN
        }
        self._declared = {
            f"{provider}/{id_}": self._declare(provider, id_, model)
            for provider, settings in config.providers.items()
            for id_, model in settings.models.items()
        }

    def specs(self, names: Iterable[str]) -> tuple[ModelSpec, ...]:
        """The models called so, in order. Raises ConfigError."""
        found = (catalog.lookup(name, self._declared, self._gateways) for name in names)
        return tuple(replace(spec, local=self._local(spec)) for spec in found)

    def key_variables(self, provider: str) -> tuple[str, ...]:
        """Where the provider's key may be; none if it needs no key."""
        named = self._key_variable(provider)
        return (named,) if named else KEY_VARIABLES.get(provider, ())

    def at_hand(self, provider: str) -> bool:
        """Whether the provider can be asked, as far as is known without asking anybody."""
        if provider == "bedrock":
            return self._environment.aws.at_hand
        return bool(self.key(provider)) or not self.key_variables(provider)

    def key(self, provider: str) -> str:
        """The provider's key, "" without one. Raises UsageError naming a variable that cannot hold one."""
        named = self._key_variable(provider)
        return self._environment.key(named) if named else self._environment.keys.get(provider, "")

    def base_url(self, provider: str) -> str | None:
        """The provider's address; None where it is the vendor's own."""
        settings = self._providers.get(provider)
        own = settings.base_url if settings else None
        return own or self._environment.base_urls.get(provider)

    def access(self, provider: str) -> Access:
        """How the provider is asked."""
        return Access(self.key(provider), self.base_url(provider), self._environment.aws)

    def _key_variable(self, provider: str) -> str | None:
        settings = self._providers.get(provider)
        return settings.key_env if settings else None

    def _declare(self, provider: str, id_: str, model: DeclaredModel) -> ModelSpec:
        family = model.family or catalog.family(id_)
        if family is None:
            raise ConfigError(
                f"providers.{provider}.models.{id_}: the id names no family that is known; give it a family"
            )
        json = self._gateways.get(provider)
        return catalog.declare(provider, id_, family, model.window, model.max_output, json)

    def _local(self, spec: ModelSpec) -> bool:
        """Whether what this model is sent stays on this machine."""
        if spec.provider == "ollama":
            # An Ollama passes models with such a tag on to its vendor's cloud.
            passed_on = spec.id.endswith(("-cloud", ":cloud"))
            return not passed_on and endpoints.loopback(self.base_url("ollama") or endpoints.OLLAMA)
        settings = self._providers.get(spec.provider)
        return bool(settings and settings.local)
