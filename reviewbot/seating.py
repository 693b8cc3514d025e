"""Who sits on the panel: from the configuration and the keys at hand to models that can be asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewbot import analyzers, catalog, providers
from reviewbot.environment import KEY_VARIABLES
from reviewbot.errors import ConfigError
from reviewbot.globs import Globs
from reviewbot.llm import ModelSpec
from reviewbot.review import PanelKind
from reviewbot.routing import Panel, Seat

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from reviewbot.config import Config
    from reviewbot.environment import Environment
    from reviewbot.llm import Completion, Model, Prompt


@dataclass(frozen=True, slots=True)
class Plan:
    """A panel before any model is built: chains of specs, for the seats in order, the scan and the standbys."""

    seats: tuple[tuple[ModelSpec, ...], ...]
    scan: tuple[ModelSpec, ...]
    standby: tuple[ModelSpec, ...]

    @property
    def kind(self) -> PanelKind:
        """What stands behind its votes."""
        if all(chain[0].provider == "static" for chain in self.seats):
            return PanelKind.OFFLINE
        families = {chain[0].family for chain in self.seats}
        return PanelKind.ONE_VENDOR if len(families) == 1 else PanelKind.MODELS

    @property
    def families(self) -> tuple[str, ...]:
        """The family each seat is given to."""
        return tuple(chain[0].family for chain in self.seats)

    @property
    def specs(self) -> tuple[ModelSpec, ...]:
        """Every model of the plan, once."""
        everyone = (*self.scan, *(spec for chain in self.seats for spec in chain), *self.standby)
        return tuple(dict.fromkeys(everyone))

    def warnings(self, today: date) -> tuple[str, ...]:
        """What the user should know of this panel, a sentence each."""
        said = [sentence for spec in self.specs if (sentence := catalog.retiring(spec, today))]
        if self.kind is PanelKind.ONE_VENDOR:
            said.append("one vendor: all three seats are of one family, so its blind spots are shared")
        elif self.kind is PanelKind.MODELS and len(set(self.families)) < len(self.seats):
            said.append("two seats are of one family; a confirmation takes two families")
        return tuple(said)


def plan(config: Config, environment: Environment, *, offline: bool = False) -> Plan:
    """The panel to use. Raises ConfigError in one sentence for a model that is unknown or has no key.

    Nothing configured: the models that the keys at hand buy; without any key the offline panel.
    """
    declared = _declared(config)
    configured = config.panel if isinstance(config.panel, tuple) else ()
    seats = tuple(_specs(chain, declared) for chain in configured)
    scan = _specs(config.scan or (), declared)
    standby = _specs(config.standby, declared)
    keys = frozenset(environment.keys)
    if offline or config.panel == "offline" or not (seats or keys):
        return _offline()
    if not seats:
        seats = tuple(_specs([name]) for name in catalog.default_panel(keys))
    if not scan:
        scan = _specs([catalog.default_scan(keys)])
    made = Plan(seats, scan, standby)
    for place, spec in _places(made):
        variables = KEY_VARIABLES.get(spec.provider, ())
        if variables and spec.provider not in keys:
            raise ConfigError(f"{place} {spec.name!r} has no key; set {' or '.join(variables)}")
    if config.consensus.distinct == "family" and len(set(made.families)) < len(made.families):
        raise ConfigError(
            f"consensus.distinct is family, but the seats are of {' and '.join(made.families)}; "
            "set keys of more vendors, or choose the panel's models"
        )
    return made


def build(made: Plan, config: Config, environment: Environment) -> Panel:
    """The panel with its models ready to be asked."""
    analysers = analyzers.build_all() if any(s.provider == "static" for s in made.specs) else {}
    private = Globs(config.privacy.local_only) if config.privacy.local_only else None

    def model(spec: ModelSpec) -> Model:
        if spec.provider == "static":
            return analysers[spec.id]
        made = providers.build(
            spec, key=environment.keys[spec.provider], base_url=environment.base_urls.get(spec.provider)
        )
        return _Abroad(made, private) if private else made

    models = {spec.name: model(spec) for spec in made.specs}

    def chain(specs: Iterable[ModelSpec]) -> tuple[Model, ...]:
        return tuple(models[s.name] for s in specs)

    return Panel(
        seats=tuple(Seat(number, chain(specs)) for number, specs in enumerate(made.seats, start=1)),
        scan=chain(made.scan),
        standby=chain(made.standby),
        kind=made.kind,
    )


class _Abroad:
    """A model elsewhere, which must not see files that `privacy.local_only` names."""

    def __init__(self, model: Model, private: Globs) -> None:
        self._model = model
        self._private = private

    @property
    def spec(self) -> ModelSpec:
        return self._model.spec

    def reads(self, path: str) -> bool:
        return not self._private.match(path) and self._model.reads(path)

    async def complete(self, prompt: Prompt, *, seconds: float) -> Completion:
        return await self._model.complete(prompt, seconds=seconds)

    async def close(self) -> None:
        await self._model.close()


def _declared(config: Config) -> dict[str, ModelSpec]:
    """The models that the configuration adds to the catalogue, by name."""
    return {
        f"{provider}/{name}": ModelSpec(provider, name, model.family, model.window, model.max_output)
        for provider, settings in config.providers
        for name, model in settings.models.items()
    }


def _specs(names: Iterable[str], declared: Mapping[str, ModelSpec] | None = None) -> tuple[ModelSpec, ...]:
    return tuple(catalog.lookup(name, declared or {}) for name in names)


def _offline() -> Plan:
    return Plan(
        seats=tuple(_specs([name]) for name in catalog.default_panel(())),
        scan=_specs([catalog.default_scan(())]),
        standby=_specs(catalog.default_standby(())),
    )


def _places(made: Plan) -> Iterable[tuple[str, ModelSpec]]:
    """Every model with the words for where it stands."""
    for number, chain in enumerate(made.seats, start=1):
        yield from ((f"seat {number}:", spec) for spec in chain)
    yield from (("scan:", spec) for spec in made.scan)
    yield from (("standby:", spec) for spec in made.standby)
