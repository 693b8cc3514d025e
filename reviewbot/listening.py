"""Who listens to a run: its record and its trace, where they were asked for."""

from __future__ import annotations

import logging
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from reviewbot.events import everyone
from reviewbot.recorded import recording

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reviewbot.config import Config
    from reviewbot.diff import Change
    from reviewbot.events import Listener
    from reviewbot.sanitize import Sanitizer

logger = logging.getLogger(__name__)


@contextmanager
def listening(
    change: Change, config: Config, sanitizer: Sanitizer, *, record: Path | None, traced: bool
) -> Iterator[Listener]:
    """Tells all that was asked for. Raises UsageError if one of them cannot listen."""
    with ExitStack() as stack:
        listeners: list[Listener] = []
        if traced:
            from reviewbot.traces import tracing  # noqa: PLC0415 - only who asked for traces pays for them

            listeners.append(stack.enter_context(tracing()))
        if record:
            recorder = stack.enter_context(recording(record, change, config, sanitizer))
            listeners.append(recorder)
        yield everyone(tuple(listeners))
    if record and recorder.problem:
        logger.warning("%s", recorder.problem)
