"""What happens during a run, told as it happens to whoever listens: the live view, the record, traces.

Nothing is told but values the run is made of: requests and answers from here, then `Sorted`, `Scanned`, `UnitReview`
and `Evidence` as they come about, `Circumstances`, and at last the `Review`. Listeners are called in the event loop; they must be quick.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

    from reviewbot.evidence import Failure
    from reviewbot.llm import Completion, ModelSpec, Prompt

#: Takes one value of the run.
Listener = Callable[[object], None]


@dataclass(frozen=True, slots=True)
class Sent:
    """A request goes out. `call` counts them from 1."""

    call: int
    spec: ModelSpec
    prompt: Prompt


@dataclass(frozen=True, slots=True)
class Answered:
    """It came back; `cost` is in dollars, None where the price is not known."""

    call: int
    spec: ModelSpec
    completion: Completion
    cost: Decimal | None


@dataclass(frozen=True, slots=True)
class Unanswered:
    """It did not come back, or not with an answer."""

    call: int
    spec: ModelSpec
    failure: Failure


@dataclass(frozen=True, slots=True)
class Remembered:
    """No request goes out: an earlier run has the answer to this very prompt."""

    spec: ModelSpec
    prompt: Prompt
    text: str


@dataclass(frozen=True, slots=True)
class Discarded:
    """A question stays without a usable answer of this model: none came, or what came was not as agreed."""

    failure: Failure


def nobody(_: object) -> None:
    """Listens to nothing."""


def everyone(listeners: tuple[Listener, ...]) -> Listener:
    """Tells each of them, in order."""

    def tell(happened: object) -> None:
        for listener in listeners:
            listener(happened)

    return tell
