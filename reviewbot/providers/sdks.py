"""SDKs imported beside other work: each takes a good part of a second, which the first answers take anyway."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from reviewbot import providers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Self

    from reviewbot.llm import ModelSpec


def _load(names: Iterable[str]) -> None:
    abroad = [name for name in names if name != "static"]
    providers.preload(abroad)
    if abroad:
        from reviewbot.providers import http  # noqa: PLC0415 - it imports what all SDKs do

        http.warm_up()


class Sdks:
    """Imports one SDK after the other in a thread: side by side they would only delay each other. A context manager."""

    def __init__(self, load: Callable[[Iterable[str]], None] = _load) -> None:
        """`load` imports what the named providers take."""
        self._load = load
        self._thread = ThreadPoolExecutor(1, "sdks")
        self._begun: dict[str, Future[None]] = {}

    def begin(self, names: Iterable[str]) -> None:
        """Start with these providers' SDKs, in this order, and return at once."""
        for name in names:
            if name not in self._begun:
                self._begun[name] = self._thread.submit(self._load, (name,))

    def also(self, work: Callable[[], None]) -> None:
        """Do this after what was begun so far."""
        self._thread.submit(work)

    async def ready(self, spec: ModelSpec) -> None:
        """Wait until the SDK of this model is there."""
        self.begin([spec.provider])
        begun = self._begun[spec.provider]
        if not begun.done():
            await asyncio.shield(asyncio.wrap_future(begun))  # who gives up must not take it from others
        begun.result()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)
