"""Who listens to a run: its record, its trace and the view of it, where they were asked for."""

from __future__ import annotations

import logging
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from reviewbot.events import everyone

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reviewbot.config import Config
    from reviewbot.diff import Change
    from reviewbot.environment import Environment
    from reviewbot.events import Listener
    from reviewbot.sanitize import Sanitizer

logger = logging.getLogger(__name__)


@contextmanager
def listening(
    change: Change,
    config: Config,
    sanitizer: Sanitizer,
    environment: Environment,
    *,
    record: Path | None,
    watched: bool = False,
) -> Iterator[Listener]:
    """Tells all that was asked for. `watched`: a person looks at stderr. Raises UsageError if one cannot listen."""
    with ExitStack() as stack:
        listeners: list[Listener] = []
        if environment.traced:
            from reviewbot.traces import tracing  # noqa: PLC0415 - only who asked for traces pays for them

            listeners.append(stack.enter_context(tracing()))
        if record:
            from reviewbot.recorded import recording  # noqa: PLC0415 - likewise

            recorder = stack.enter_context(recording(record, change, config, sanitizer))
            listeners.append(recorder)
        if watched:
            from reviewbot.outputs.live import watching  # noqa: PLC0415 - likewise

            listeners.append(stack.enter_context(watching(sanitizer, plain=environment.no_color)))
        yield everyone(tuple(listeners))
    if record and recorder.problem:
        logger.warning("%s", recorder.problem)
