"""What goes to stderr: each line marked as ours, without secrets, and inert whatever it quotes."""

from __future__ import annotations

import logging
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from reviewbot.sanitize import Sanitizer, inert

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: Characters of one message. Traces of failures that were several at once are long.
_LIMIT = 50_000


def open_door(secrets: Iterable[str], *, verbose: bool) -> None:
    """From here on every logger, those of libraries too, writes to stderr through one formatter.

    `verbose` shows our own progress; of libraries only warnings are shown.
    """
    door = _Door(Sanitizer(secrets))
    root = logging.getLogger()
    root.handlers[:] = [*(h for h in root.handlers if not isinstance(h, _Door)), door]
    logging.getLogger("reviewbot").setLevel(logging.INFO if verbose else logging.WARNING)
    logging.captureWarnings(capture=True)


@contextmanager
def group(title: str, *, wanted: bool) -> Iterator[None]:
    """Fold what is logged inside under a title of our own, where the runner's log has folds.

    Whatever is logged is inert, so nothing inside can end the fold.
    """
    if wanted:
        _tell(f"::group::{title}\n")
    try:
        yield
    finally:
        if wanted:
            _tell("::endgroup::\n")


def _tell(line: str) -> None:
    with suppress(OSError, ValueError):  # full or closed: nowhere is left to say it
        sys.stderr.write(line)
        sys.stderr.flush()


class _Door(logging.Handler):
    """Writes whole records, traces included, made safe: exceptions quote what servers, models and changes said."""

    def __init__(self, sanitizer: Sanitizer) -> None:
        super().__init__()
        self._sanitizer = sanitizer

    def emit(self, record: logging.LogRecord) -> None:
        # A bar before further lines: the runner ignores blanks when it looks for commands at the start of a line.
        text = self._sanitizer.clean(self.format(record), limit=_LIMIT).replace("\n", "\n  | ")
        _tell(inert(f"reviewbot: {text}\n"))
