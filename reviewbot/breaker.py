"""Which models are not asked again in this run: the key is wrong, the account empty, or it is down for good."""

from __future__ import annotations

from collections import Counter

from reviewbot.errors import FailureKind, ModelError

#: Failures that the next request would meet as well.
_LASTING = frozenset({FailureKind.AUTH, FailureKind.MONEY, FailureKind.NOT_FOUND})
#: Failures of the service, not of the question. Each comes after a retry where that could help.
_OUTAGE = frozenset({FailureKind.RATE, FailureKind.OVERLOAD, FailureKind.NETWORK, FailureKind.TIMEOUT})
#: Outages in a row after which a model is given up. A third wait would cost another call's time limit, and the next
#: model of the chain could have answered in that.
IN_A_ROW = 2


class Breaker:
    """Remembers by model what came of its last requests."""

    def __init__(self) -> None:
        self._in_a_row: Counter[str] = Counter()
        self._given_up: dict[str, ModelError] = {}

    def check(self, model: str) -> None:
        """Raises the failure for which the model was given up, in the same words: who asks fails over at once."""
        if known := self._given_up.get(model):
            raise ModelError(known.kind, str(known))

    def answered(self, model: str) -> None:
        """The service works, whatever the answer is worth."""
        del self._in_a_row[model]

    def failed(self, model: str, error: ModelError) -> None:
        """One more question to it failed, its retry included."""
        self._in_a_row[model] += error.kind in _OUTAGE
        if error.kind in _LASTING or self._in_a_row[model] >= IN_A_ROW:
            self._given_up.setdefault(model, error)
