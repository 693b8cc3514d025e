"""Answers that models gave before, kept on disk so that an unchanged question is not paid for twice.

An entry is named by a hash of all that was asked, and of whom; it holds the answer alone, which may quote code, in a file
of the user's own. Whoever can write there can vote, hence the checks on opening, and hence `action` keeps none.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import stat
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from reviewbot import __version__, catalog, replies
from reviewbot.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from reviewbot.llm import ModelSpec, Prompt

logger = logging.getLogger(__name__)

_DAY = 86_400.0
_MEGABYTE = 1_000_000
_UNFINISHED = ".unfinished-"
#: Seconds after which a file that was begun and not finished belongs to a run that is dead.
_DEAD = 3_600.0


class Answers:
    """A folder of answers that runs may share at one time; what is damaged, too old or gone is asked for again."""

    def __init__(
        self,
        folder: Path,
        *,
        days: float,
        megabytes: int,
        base_url: Callable[[str], str | None],
        now: Callable[[], float] = time.time,
    ) -> None:
        """Answers older than `days` do not count; `base_url`, of a provider, tells one gateway's answers from another's.

        Raises UsageError for a folder that is not the user's alone to write to, or cannot be made.
        """
        self._folder = folder
        self._seconds = days * _DAY
        self._bytes = megabytes * _MEGABYTE
        self._base_url = base_url
        self._now = now
        _own(folder)

    def find(self, spec: ModelSpec, prompt: Prompt) -> str | None:
        """What this model answered to this very prompt, None where that is not known."""
        path = self._path(spec, prompt)
        try:
            if self._now() - path.stat().st_mtime > self._seconds:
                return None
            digest, _, text = path.read_bytes().partition(b"\n")
        except OSError:
            return None
        return text.decode("utf-8", "surrogatepass") if digest == _digest(text) else None

    def keep(self, spec: ModelSpec, prompt: Prompt, text: str) -> None:
        """Remember an answer; only for one that was complete and as agreed. A full disk costs the entry, not the run."""
        if spec.provider == "static":  # free, and it depends on more than its prompt
            return
        content = text.encode("utf-8", "surrogatepass")
        try:
            # Only its owner may read what mkstemp makes; a reader sees all of the entry or none of it.
            handle, name = tempfile.mkstemp(prefix=_UNFINISHED, dir=self._folder)
            with os.fdopen(handle, "wb") as file:
                file.write(_digest(content) + b"\n" + content)
            Path(name).replace(self._path(spec, prompt))
        except OSError as error:
            logger.warning("an answer could not be kept in %s: %s", self._folder, error.strerror)

    def prune(self) -> None:
        """Remove what is too old, then the oldest until the rest fits."""
        now = self._now()
        left: list[tuple[float, int, Path]] = []
        for path in self._folder.iterdir():
            try:
                found = path.lstat()
            except OSError:  # another run was faster
                continue
            age = now - found.st_mtime
            if age > (_DEAD if path.name.startswith(_UNFINISHED) else self._seconds):
                path.unlink(missing_ok=True)
            else:
                left.append((found.st_mtime, found.st_size, path))
        size = sum(entry[1] for entry in left)
        for _, bytes_, path in sorted(left):
            if size <= self._bytes:
                break
            path.unlink(missing_ok=True)
            size -= bytes_

    def _path(self, spec: ModelSpec, prompt: Prompt) -> Path:
        asked = (
            __version__,  # what is sent besides the prompt is the adapters' business
            spec.name,
            self._base_url(spec.provider),
            catalog.output_limit(spec),
            replies.schema(),
            prompt.system,
            prompt.prefix,
            prompt.task,
        )
        return self._folder / _digest(json.dumps(asked).encode()).decode()


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()


def _own(folder: Path) -> None:
    """Make the folder. Raises UsageError where somebody else could put answers into it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.stat()
    except OSError as error:
        raise UsageError(
            f"the folder for answers {folder} cannot be made ({error.strerror}); set REVIEWBOT_CACHE_DIR to another"
        ) from error
    if os.name == "posix" and (found.st_uid != os.geteuid() or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)):
        raise UsageError(
            f"others may write to the folder for answers {folder}; make it yours alone (chmod 700), "
            "or set REVIEWBOT_CACHE_DIR to another"
        )
