"""What a call costs in dollars, or that nobody knows."""

from __future__ import annotations

from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from reviewbot import catalog
from reviewbot.llm import Usage

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from reviewbot.llm import ModelSpec

    #: Dollars per million tokens, (input, output), by model name; what the user configured.
    Overrides = Mapping[str, tuple[Decimal, Decimal]]

#: What genai-prices calls a provider, where that is not what we call it.
_SELLERS: Mapping[str, str] = MappingProxyType({"bedrock": "aws"})

_MILLION = Decimal(1_000_000)
_NONE: Overrides = MappingProxyType({})


def price(
    spec: ModelSpec, usage: Usage, at: datetime, overrides: Overrides = _NONE, *, batched: bool = False
) -> Decimal | None:
    """Dollars for one call made at `at` (aware; prices change), None when the price is not known.

    Prices are of one request: some models cost more per token above a prompt size. A configured price
    wins, and has no discount for cached tokens and batches, so it errs on the dear side. Of an answer that came `batched`
    it is what genai-prices lists for that; where it lists nothing, half: what all three vendors' price pages say.
    """
    if spec.name in overrides:
        per_input, per_output = overrides[spec.name]
        return (usage.input_tokens * per_input + usage.output_tokens * per_output) / _MILLION
    if spec.provider == "static" or spec.local:
        return Decimal(0)
    # Not at the top: its data takes 0.2 s and 38 MB to load, and the offline panel never asks.
    from genai_prices import Usage as Tokens  # noqa: PLC0415 - see above
    from genai_prices import calc_price  # noqa: PLC0415 - see above

    tokens = Tokens(
        # It refuses parts greater than their whole, which a gateway's miscount must not turn into a crash.
        input_tokens=max(usage.input_tokens, usage.cached_tokens + usage.cache_write_tokens),
        cache_read_tokens=usage.cached_tokens,
        cache_write_tokens=usage.cache_write_tokens,
        output_tokens=usage.output_tokens,
    )

    def listed(context: Mapping[str, str] | None) -> Decimal:
        return calc_price(
            tokens,
            catalog.unpinned(spec.name).partition("/")[2],
            provider_id=_SELLERS.get(spec.provider, spec.provider),
            genai_request_timestamp=at,
            price_context=context,
        ).total_price

    try:
        usual = listed(None)
        if not batched:
            return usual
        found = listed({"processing": "batch"})
    except LookupError:
        return None
    return found if found < usual else usual / 2


def worst_case(
    spec: ModelSpec,
    input_tokens: int,
    max_output: int,
    at: datetime,
    overrides: Overrides = _NONE,
    *,
    batched: bool = False,
) -> Decimal | None:
    """The most a call can cost: nothing cached yet, all of it written to the cache, the answer as long as allowed."""
    usage = Usage(input_tokens=input_tokens, cache_write_tokens=input_tokens, output_tokens=max_output)
    return price(spec, usage, at, overrides, batched=batched)


def preload() -> None:
    """Load the prices now; meant for a thread, while something else is waited for."""
    from genai_prices import data_snapshot  # noqa: PLC0415 - see above

    data_snapshot.get_snapshot()


class PriceList:
    """The prices of one moment, the configured ones first; `batched` names the models that answer in batches."""

    def __init__(
        self, at: datetime, overrides: Overrides = _NONE, batched: frozenset[str] = frozenset()
    ) -> None:
        self._at = at
        self._overrides = overrides
        self._batched = batched

    def price(self, spec: ModelSpec, usage: Usage) -> Decimal | None:
        """The cost of one call, None where nobody knows it."""
        return price(spec, usage, self._at, self._overrides, batched=spec.name in self._batched)

    def worst_case(self, spec: ModelSpec, input_tokens: int, output_tokens: int) -> Decimal | None:
        """The most a call of this size can cost."""
        batched = spec.name in self._batched
        return worst_case(spec, input_tokens, output_tokens, self._at, self._overrides, batched=batched)
