"""What is there and does it work: configuration, keys, panel, and each model asked once for real."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from reviewbot import __version__, app, catalog, git, means, printing, providers, seating
from reviewbot.budget import Ledger
from reviewbot.environment import TOKEN_VARIABLES
from reviewbot.errors import Exit, FailureKind
from reviewbot.evidence import Failure
from reviewbot.llm import Question, Stage, Usage
from reviewbot.outputs import checkup
from reviewbot.outputs.checkup import Checkup, ModelState
from reviewbot.roster import Roster
from reviewbot.sanitize import Sanitizer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reviewbot.asking import Asker
    from reviewbot.budget import Prices
    from reviewbot.config import Config
    from reviewbot.environment import Environment
    from reviewbot.llm import Model, ModelSpec
    from reviewbot.routing import Panel
    from reviewbot.selection import Selection

#: What to do about each way a model can fail.
REMEDIES: Mapping[FailureKind, str] = {
    FailureKind.AUTH: "set a valid key, or one that may use this model",
    FailureKind.MONEY: "add credit to the account, or name a model of another vendor",
    FailureKind.NOT_FOUND: "check its name with the vendor, or name another model",
    FailureKind.RATE: "wait, or ask the vendor for a higher limit",
    FailureKind.OVERLOAD: "wait; a standby of another vendor steps in meanwhile",
    FailureKind.NETWORK: "check the address, the proxy and the firewall",
    FailureKind.TIMEOUT: "raise budget.call_seconds, or name a faster model",
    FailureKind.BAD_REQUEST: "check what its endpoint supports",
}
_ANY_OTHER = "name another model"


def run(selection: Selection, *, form: str, calls: bool) -> Exit:
    """Examine and tell. INCONCLUSIVE if a model does not answer; `calls` is whether to ask them."""
    environment = app.surroundings()
    config = selection.configuration()
    safe = Sanitizer(environment.redacted)
    found = asyncio.run(_examined(selection, config, environment, safe, calls=calls))
    if form == "json":
        text = safe.clean(json.dumps(asdict(found), indent=2, default=str)) + "\n"
    else:
        color = printing.color(None, plain=environment.no_color)
        text = checkup.render(found, safe, width=printing.width(), color=color)
    printing.write(text, None)
    return Exit.INCONCLUSIVE if any(model.problem for model in found.models) else Exit.PASSED


async def _examined(
    selection: Selection, config: Config, environment: Environment, safe: Sanitizer, *, calls: bool
) -> Checkup:
    made = seating.plan(config, environment)
    means.check_budget(config, made)
    templates = means.templates(config, selection.guidance(config), made, environment)
    prices = means.prices(config)
    ledger = Ledger(prices, config.budget.usd)
    asked: dict[ModelSpec, float | Failure] = {}
    if calls:
        providers.preload({spec.provider for spec in made.specs})
        panel = seating.build(made, config, environment, ())
        try:
            limits = means.terms(config, environment).limits
            asked = await _asked(panel, means.asker(limits, templates, ledger, safe))
        finally:
            await panel.close()
    top = git.top(Path(selection.repo))
    return Checkup(
        version=__version__,
        configuration=str(selection.configuration_file() or "none, so the defaults hold"),
        repository=str(top) if top else "",
        keys=tuple(_keys(config, environment)),
        github_token=any(name in environment.secrets for name in TOKEN_VARIABLES),
        kind=made.kind,
        why=_why(config, environment),
        models=tuple(_state(place, spec, prices, asked) for place, spec in made.places()),
        warnings=means.warnings(config, made, templates),
        cost=ledger.total().cost,
    )


async def _asked(panel: Panel, asker: Asker) -> dict[ModelSpec, float | Failure]:
    """One real question to each model, in the form of every other: seconds it took, or why it gave no answer."""

    async def one(model: Model) -> float | Failure:
        started = time.monotonic()
        reply = await asker.ask(model, Question(Stage.SCAN, ()))
        return reply if isinstance(reply, Failure) else time.monotonic() - started

    models = {m.spec: m for m in panel.models if m.spec.provider != "static"}
    answers = await asyncio.gather(*(one(model) for model in models.values()))
    return dict(zip(models, answers, strict=True))


def _state(
    place: str, spec: ModelSpec, prices: Prices, asked: Mapping[ModelSpec, float | Failure]
) -> ModelState:
    answer = asked.get(spec)
    failure = answer if isinstance(answer, Failure) else None
    # Of a small call: above a size, some models cost more per token.
    thousand_in = prices.price(spec, Usage(input_tokens=1_000))
    thousand_out = prices.price(spec, Usage(output_tokens=1_000))
    return ModelState(
        place=place,
        model=spec.name,
        family=spec.family,
        window=None if spec.provider == "static" else spec.window,
        input_price=None if thousand_in is None else thousand_in * 1_000,
        output_price=None if thousand_out is None else thousand_out * 1_000,
        retires=catalog.RETIRES.get(catalog.unpinned(spec.name)),
        seconds=answer if isinstance(answer, float) else None,
        problem=f"{failure.kind}: {failure.message}".removesuffix(": ") if failure else "",
        remedy=REMEDIES.get(failure.kind, _ANY_OTHER) if failure else "",
    )


def _keys(config: Config, environment: Environment) -> Iterator[str]:
    """Names of variables, never their values."""
    known = Roster(config, environment)
    for provider in sorted({*environment.keys, *config.providers}):
        if known.key(provider):
            yield f"{provider} ({' or '.join(known.key_variables(provider))})"


def _why(config: Config, environment: Environment) -> str:
    if config.panel == "offline":
        return "the configuration asks for it"
    if config.panel:
        return "the configuration names it"
    if environment.keys:
        return f"chosen by the keys for {', '.join(sorted(environment.keys))}"
    return "there is no key"
