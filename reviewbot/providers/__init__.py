"""The table of providers, and how a model of one of them is built."""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING

from reviewbot.errors import ConfigError
from reviewbot.providers import ondemand

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from reviewbot.endpoints import Access
    from reviewbot.llm import Completion, Model, ModelSpec, Prompt

# We have no use for the spans of Anthropic's SDK, and what makes them takes 700 modules of types.
ondemand.install("anthropic", "openai", unused={"anthropic.lib._tracing"})

#: The module of each adapter; imported, with its SDK, when first needed: an SDK costs up to a second.
#: The variables with its key and its address are in `environment`.
PROVIDERS: Mapping[str, str] = MappingProxyType(
    {
        "anthropic": "reviewbot.providers.anthropic",
        "openai": "reviewbot.providers.openai",
        "google": "reviewbot.providers.google",
        "deepseek": "reviewbot.providers.chat",
        "ollama": "reviewbot.providers.chat",
        "bedrock": "reviewbot.providers.bedrock",
    }
)
#: That of every provider a configuration adds.
COMPATIBLE = "reviewbot.providers.chat"

#: Those whose SDKs are installed with us, so that building one of their models can wait until their SDK is there.
_CERTAIN = frozenset({"anthropic", "openai", "google"})

#: Packages that are big and not needed by most, with the extra of ours that installs them.
EXTRAS: Mapping[str, str] = MappingProxyType({"botocore": "bedrock"})


def build(spec: ModelSpec, access: Access) -> Model:
    """The model behind `spec`, ready to be asked. Raises ConfigError if what it takes is not installed, or not said."""
    try:
        module = _module(spec.provider)
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        extra = EXTRAS.get(package)
        if extra is None:
            raise
        raise ConfigError(
            f"{spec.name} needs the package {package}; install it with: pip install 'reviewbot[{extra}]'"
        ) from error
    model: Model = module.build(spec, access)
    return model


def prepared(spec: ModelSpec, access: Access) -> Model:
    """The same, built when it is first asked; `sdks.Sdks.ready` imports what that takes. Raises as `build` does."""
    return _Prepared(spec, access) if spec.provider in _CERTAIN else build(spec, access)


class _Prepared:
    def __init__(self, spec: ModelSpec, access: Access) -> None:
        self.spec = spec
        self._access = access
        self._model: Model | None = None

    def reads(self, path: str) -> bool:  # noqa: ARG002 - part of the Model protocol
        """A language model reads every language."""
        return True

    async def complete(self, prompt: Prompt, *, seconds: float) -> Completion:
        """As the model does."""
        if self._model is None:
            self._model = build(self.spec, self._access)
        return await self._model.complete(prompt, seconds=seconds)

    async def close(self) -> None:
        """Let go of connections, if there ever were any."""
        if self._model:
            await self._model.close()


def preload(names: Iterable[str]) -> None:
    """Import the SDKs of these providers now; meant for a thread, while something else is waited for."""
    for name in names:
        if name != "static":
            _module(name)


def _module(provider: str) -> ModuleType:
    return import_module(PROVIDERS.get(provider, COMPATIBLE))
