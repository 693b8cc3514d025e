"""Where the result of a command goes: a file that was named, or standard output, which carries nothing else."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from reviewbot.errors import UsageError


def check(name: str | None) -> None:
    """Whether the result can be written, asked before anything is spent on it."""
    if name is None:
        return
    folder = Path(name).parent
    if not folder.is_dir() or Path(name).is_dir() or not os.access(folder, os.W_OK):
        raise UsageError(
            f"cannot write the result to {name}; name a file in a folder that exists and is writable"
        )


def write(text: str, name: str | None) -> None:
    """The whole result, to the file or to standard output. Raises UsageError."""
    if name is not None:
        try:
            Path(name).write_text(text, encoding="utf-8")
        except OSError as error:
            raise UsageError(f"cannot write the result to {name}: {error.strerror}") from error
        return
    try:
        sys.stdout.buffer.write(text.encode("utf-8", "replace"))
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader went away, as `head` does: no reason to lose the exit status. Python would complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def width() -> int:
    """Columns a result for the terminal may have."""
    return min(shutil.get_terminal_size((80, 24)).columns, 120)


def color(name: str | None, *, plain: bool) -> bool:
    """Whether the result may have colors there; `plain` is what NO_COLOR asks for."""
    return name is None and sys.stdout.isatty() and not plain
