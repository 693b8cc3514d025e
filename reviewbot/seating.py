"""Who sits on the panel: from the configuration and the keys at hand to models that can be asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reviewbot import analyzers, catalog, providers
from reviewbot.errors import ConfigError, FailureKind, ModelError
from reviewbot.globs import Globs
from reviewbot.review import PanelKind
from reviewbot.roster import Roster
from reviewbot.routing import Panel, Seat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from reviewbot.budget import Prices
    from reviewbot.config import Config
    from reviewbot.diff import FileDiff
    from reviewbot.environment import Environment
    from reviewbot.llm import Completion, Model, ModelSpec, Prompt
    from reviewbot.settings import Route


@dataclass(frozen=True, slots=True)
class Plan:
    """A panel before any model is built: chains of specs, for the seats in order, the scan and the standbys.

    `detours` are the panels of the routing rules, in their order; () where there is no rule, or nobody else to ask.
    """

    seats: tuple[tuple[ModelSpec, ...], ...]
    scan: tuple[ModelSpec, ...]
    standby: tuple[ModelSpec, ...]
    detours: tuple[Plan, ...] = ()

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
        own = (*self.scan, *(spec for chain in self.seats for spec in chain), *self.standby)
        return tuple(dict.fromkeys((*own, *(spec for detour in self.detours for spec in detour.specs))))

    def places(self) -> Iterator[tuple[str, ModelSpec]]:
        """Every model with the words for where it stands."""
        for number, chain in enumerate(self.seats, start=1):
            yield from ((f"seat {number}", spec) for spec in chain)
        yield from (("scan", spec) for spec in self.scan)
        yield from (("standby", spec) for spec in self.standby)
        for number, detour in enumerate(self.detours):
            yield from ((f"routing[{number}] {place}", spec) for place, spec in detour.places())

    def dearest(self, prices: Prices) -> ModelSpec | None:
        """The model of the panel with the highest price, to compare others with; None where a price is not known."""
        costs = {chain[0]: prices.worst_case(chain[0], 10_000, 1_000) for chain in self.seats}
        known = {spec: cost for spec, cost in costs.items() if cost is not None}
        return max(known, key=known.__getitem__) if len(known) == len(costs) else None

    def warnings(self, today: date) -> tuple[str, ...]:
        """What the user should know of this panel, a sentence each."""
        said = [sentence for spec in self.specs if (sentence := catalog.retiring(spec, today))]
        if self.kind is PanelKind.ONE_VENDOR:
            said.append("one vendor: all three seats are of one family, so its blind spots are shared")
        elif self.kind is PanelKind.MODELS and len(set(self.families)) < len(self.seats):
            said.append("two seats are of one family; a confirmation takes two families")
        return tuple(said)


def plan(config: Config, environment: Environment, *, offline: bool = False, asked: bool = True) -> Plan:
    """The panel to use. Raises ConfigError in one sentence for a model that is unknown or has no key.

    Nothing configured: the models that the keys at hand buy; without any key the offline panel. Where nobody is going to
    be `asked`, no key is missed.
    """
    known = Roster(config, environment)
    configured = config.panel if isinstance(config.panel, tuple) else ()
    seats = tuple(known.specs(chain) for chain in configured)
    scan = known.specs(config.scan or ())
    standby = known.specs(config.standby)
    keys = frozenset(environment.keys)
    if offline or config.panel == "offline" or not (seats or keys):
        return _offline()
    if not seats:
        seats = tuple(known.specs([name]) for name in catalog.default_panel(keys))
        standby = standby or known.specs(catalog.default_standby(keys))
    if not scan:
        # Of a vendor on the panel: who chose the panel chose who gets to see the change.
        seated = keys & {chain[0].provider for chain in seats}
        scan = known.specs([catalog.default_scan(seated)]) if seated else seats[0]
    made = Plan(seats, scan, standby)
    made = replace(made, detours=tuple(_detour(rule, made, known) for rule in config.routing))
    for place, spec in made.places():
        variables = known.key_variables(spec.provider)
        if asked and variables and not known.key(spec.provider):
            raise ConfigError(f"{place}: {spec.name!r} has no key; set {' or '.join(variables)}")
    for number, detour in enumerate(made.detours):
        if len(set(detour.families)) < len(set(made.families)):
            raise ConfigError(
                f"routing[{number}].panel: its seats are of {' and '.join(detour.families)}, fewer families than the panel's; "
                "choose models of more families, or a confirmation would be worth less there"
            )
    if config.consensus.distinct == "family" and len(set(made.families)) < len(made.families):
        raise ConfigError(
            f"consensus.distinct is family, but the seats are of {' and '.join(made.families)}; "
            "set keys of more vendors, or choose the panel's models"
        )
    return made


def _detour(rule: Route, made: Plan, known: Roster) -> Plan:
    """The panel for the files of a routing rule: its own models where it names some, else the panel's."""
    seats = tuple(known.specs(chain) for chain in rule.panel) if rule.panel else made.seats
    seated = {spec.name for chain in seats for spec in chain}
    standby = tuple(spec for spec in made.standby if spec.name not in seated)
    return Plan(seats, known.specs(rule.scan) if rule.scan else made.scan, standby)


def keyless(config: Config, environment: Environment) -> bool:
    """Whether no key is at hand for a panel that would take one, as in a fork: nobody chose the offline panel then."""
    if config.panel == "offline" or environment.keys:
        return False
    roster = Roster(config, environment)
    seats = config.panel or ()
    asked = {spec.provider for chain in seats for spec in roster.specs(chain)}
    takers = {name for name in asked if name == "bedrock" or roster.key_variables(name)}
    return not seats or (bool(takers) and not any(map(roster.at_hand, takers)))


def connect(made: Plan, config: Config, environment: Environment) -> dict[str, Model]:
    """Every language model of a plan, ready to be asked, by name."""
    roster = Roster(config, environment)
    specs = [spec for spec in made.specs if spec.provider != "static"]
    return {spec.name: providers.build(spec, roster.access(spec.provider)) for spec in specs}


def build(
    made: Plan,
    config: Config,
    environment: Environment,
    files: Iterable[FileDiff],
    *,
    asked: bool = True,
    connected: Mapping[str, Model] | None = None,
) -> Panel:
    """The panel with its models ready to be asked about these files, or only to say which of them they would read.

    `connected` are taken instead of new connections.
    """
    analysers = analyzers.build_all() if any(s.provider == "static" for s in made.specs) else {}
    hidden = private(files, config)
    roster = Roster(config, environment)

    def model(spec: ModelSpec) -> Model:
        if spec.provider == "static":
            return analysers[spec.id]
        if connected is not None:
            made = connected[spec.name]
        else:
            made = providers.prepared(spec, roster.access(spec.provider)) if asked else _Unasked(spec)
        return made if spec.local else Abroad(made, hidden)

    return assemble(made, model)


def assemble(made: Plan, model: Callable[[ModelSpec], Model]) -> Panel:
    """The panel of a plan, each of its models made once."""
    models = {spec.name: model(spec) for spec in made.specs}

    def chain(specs: Iterable[ModelSpec]) -> tuple[Model, ...]:
        return tuple(models[s.name] for s in specs)

    def panel(plan: Plan) -> Panel:
        return Panel(
            seats=tuple(Seat(number, chain(specs)) for number, specs in enumerate(plan.seats, start=1)),
            scan=chain(plan.scan),
            standby=chain(plan.standby),
            kind=plan.kind,
            detours=tuple(map(panel, plan.detours)),
        )

    return panel(made)


def private(files: Iterable[FileDiff], config: Config) -> frozenset[str]:
    """The paths of files that must not leave this machine: what was moved or copied from a private place is private."""
    if not config.privacy.local_only:
        return frozenset()
    globs = Globs(config.privacy.local_only)
    return frozenset(f.path for f in files if globs.match(f.path, *([f.old_path] if f.old_path else [])))


def withheld(files: Sequence[FileDiff], config: Config, made: Plan) -> tuple[str, ...]:
    """What to say of private files that fewer than two seats may read, which leaves them without a confirmation."""
    hidden = private(files, config)
    local = sum(any(s.local or s.provider == "static" for s in chain) for chain in made.seats)
    if not hidden or local >= 2:
        return ()
    kept = f"privacy.local_only keeps {len(hidden)} of the change's files from models elsewhere"
    return (f"{kept}; {local} of the seats can read them: give local models two seats to have them covered",)


@dataclass(frozen=True, slots=True)
class _Unasked:
    """A language model that is only looked at: no SDK, no key, no connection."""

    spec: ModelSpec

    def reads(self, path: str) -> bool:  # noqa: ARG002 - part of the Model protocol
        """A language model reads every language."""
        return True

    async def complete(self, prompt: Prompt, *, seconds: float) -> Completion:  # noqa: ARG002 - likewise
        """There is nobody to answer."""
        raise ModelError(FailureKind.BAD_REQUEST, "it was not to be asked")

    async def close(self) -> None:
        """There is nothing to let go of."""


class Abroad:
    """A model elsewhere, which must not see what `privacy.local_only` names."""

    def __init__(self, model: Model, private: frozenset[str]) -> None:
        self._model = model
        self._private = private

    @property
    def spec(self) -> ModelSpec:
        """The model's own."""
        return self._model.spec

    def reads(self, path: str) -> bool:
        """Whether it may read it, and can."""
        return path not in self._private and self._model.reads(path)

    async def complete(self, prompt: Prompt, *, seconds: float) -> Completion:
        """Ask, unless a private file is in the question: whoever asks should have looked, but nothing gets past here."""
        if any(subject.file.path in self._private for subject in prompt.question.subjects):
            raise ModelError(FailureKind.UNREADABLE, "privacy.local_only keeps it from this model")
        return await self._model.complete(prompt, seconds=seconds)

    async def close(self) -> None:
        """Let go of the model's connections."""
        await self._model.close()


def _offline() -> Plan:
    return Plan(
        seats=tuple((catalog.lookup(name),) for name in catalog.default_panel(())),
        scan=(catalog.lookup(catalog.default_scan(())),),
        standby=tuple(catalog.lookup(name) for name in catalog.default_standby(())),
    )
