"""Where the result of a command goes: a file that was named, or standard output, which carries nothing else."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from reviewbot.errors import UsageError
from reviewbot.sanitize import inert


def check(name: str | None) -> None:
    """Whether the result can be written, asked before anything is spent on it."""
    if name is None:
        if not sys.stdout:  # it was closed before we started
            raise UsageError("there is no standard output to write the result to; name a file with --output")
        return
    folder = Path(name).parent
    if not folder.is_dir() or Path(name).is_dir() or not os.access(folder, os.W_OK):
        raise UsageError(
            f"cannot write the result to {name}; name a file in a folder that exists and is writable"
        )


def write(text: str, name: str | None) -> None:
    """The whole result, to the file or to standard output. A file is there whole or not at all. Raises UsageError."""
    try:
        if name is None:
            _print(text)
        else:
            _replace(Path(name), text.encode("utf-8", "replace"))
    except OSError as error:
        where = name or "standard output"
        raise UsageError(
            f"cannot write the result to {where}: {error.strerror}; make room or name another file"
        ) from error


def _print(text: str) -> None:
    try:
        sys.stdout.buffer.write(inert(text).encode("utf-8", "replace"))
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader went away, as `head` does: no reason to lose the exit status. Python would complain at exit.
        _forget_stdout()
    except OSError:
        _forget_stdout()
        raise


def _forget_stdout() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _replace(path: Path, content: bytes) -> None:
    """Put the content in place of what is at `path` in one step; into a device or pipe it is written as it is."""
    if path.exists() and not path.is_file():
        path.write_bytes(content)
        return
    target = path.resolve()
    part = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        part.write_bytes(content)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def say(text: str) -> None:
    """A word to the person at the terminal, beside the result: questions, and what became of the answers."""
    sys.stderr.write(inert(text))
    sys.stderr.flush()


def width() -> int:
    """Columns a result for the terminal may have."""
    return min(shutil.get_terminal_size((80, 24)).columns, 120)


def color(name: str | None, *, plain: bool) -> bool:
    """Whether the result may have colors there; `plain` is what NO_COLOR asks for."""
    return name is None and sys.stdout.isatty() and not plain
