"""Which batch jobs are under way, kept in files, so that a run that was interrupted finds its answers."""

from __future__ import annotations

import hashlib
import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from pydantic import AwareDatetime, BaseModel, ConfigDict

from reviewbot.errors import UsageError

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

logger = logging.getLogger(__name__)

#: Anthropic keeps results the longest, for 29 days.
_KEPT = timedelta(days=29)


class Job(BaseModel):
    """One batch job; `questions` are the ids of its requests in order, made of what they ask and thus the same in every run."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str
    id: str
    started: AwareDatetime
    questions: tuple[str, ...]


class Journal:
    """A folder with a file a job: runs side by side do not get in each other's way."""

    def __init__(self, folder: Path) -> None:
        """Raises UsageError where it cannot be made."""
        self._folder = folder
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(
                f"the folder for batch jobs {folder} cannot be made ({error.strerror}); set XDG_CACHE_HOME to another"
            ) from error

    def add(self, job: Job) -> None:
        """Remember a job, or say that it cannot be: it is paid for and under way."""
        try:
            self._path(job).write_text(job.model_dump_json() + "\n", encoding="utf-8")
        except OSError as error:
            logger.warning(
                "cannot remember batch job %s (%s); do not interrupt this run", job.id, error.strerror
            )

    def forget(self, job: Job) -> None:
        """It is not needed any more."""
        self._path(job).unlink(missing_ok=True)

    def known(self, now: datetime) -> tuple[Job, ...]:
        """The jobs whose answers may still be had, the oldest first. Older ones are forgotten."""
        found = []
        for path in self._folder.glob("*.json"):
            try:
                job = Job.model_validate_json(path.read_text(encoding="utf-8"))
            except (OSError, ValueError):  # half written, or another run has just forgotten it
                continue
            if now - job.started > _KEPT:
                self.forget(job)
            else:
                found.append(job)
        return tuple(sorted(found, key=lambda job: job.started))

    def _path(self, job: Job) -> Path:
        return self._folder / f"{hashlib.sha256(f'{job.model} {job.id}'.encode()).hexdigest()[:32]}.json"
