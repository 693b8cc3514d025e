"""What one run inside GitHub Actions has to work with, and the files in which it leaves its results to the runner."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from reviewbot import gate, outputs, printing
from reviewbot.github import base

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from reviewbot.config import Config
    from reviewbot.environment import Environment, Runner
    from reviewbot.errors import Exit
    from reviewbot.github.client import Client
    from reviewbot.github.pull import Pull
    from reviewbot.guidance import Guidance
    from reviewbot.review import Review
    from reviewbot.sanitize import Sanitizer
    from reviewbot.sharding import Part

logger = logging.getLogger(__name__)

REPORT = "reviewbot-report.json"
RECORD = "reviewbot-record.jsonl"


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended: its status, and what the last line of the log says."""

    exit: Exit
    said: str


def ending(result: Review) -> Ending:
    """That of a review: the verdict and the numbers behind it."""
    words = f"{result.decision.status}: {outputs.headline(result)}, {outputs.coverage(result)}"
    return Ending(gate.exit_status(result.decision), words)


@dataclass(frozen=True, slots=True)
class Job:
    """One run."""

    runner: Runner
    environment: Environment
    client: Client
    sanitizer: Sanitizer

    def config(self, found: Pull) -> Config:
        """The configuration at the base commit, with the gate of the action's input. Raises ConfigError."""
        config = base.config(self.client, found.base_sha, self.runner.config)
        return config.with_gate(self.runner.gate)

    def settings(self, found: Pull) -> tuple[Config, Guidance]:
        """The same without that input, and what the project has the models told."""
        return base.settings(self.client, found.base_sha, self.runner.config)

    def record(self) -> Path:
        """Where the record goes, which is named among the outputs."""
        path = self.runner.temp / RECORD
        self.output("record", str(path))
        return path

    def report(
        self, result: Review, part: Part | None = None, fingerprints: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """Write the JSON report and name it among the outputs; `part` and `fingerprints` are as in `outputs.render`."""
        path = self.runner.temp / REPORT
        text = outputs.render(result, "json", self.sanitizer, part=part, fingerprints=fingerprints)
        printing.write(text, str(path))
        self.output("report", str(path))

    def output(self, name: str, value: str) -> None:
        """Set an output of the action: fixed words and paths of ours only, one line."""
        _append(self.runner.output, f"{name}={value}\n")

    def summarise(self, text: str) -> None:
        """Add to the job summary."""
        _append(self.runner.summary, text)


def _append(path: Path | None, text: str) -> None:
    """What the runner's file cannot take is told and lost: what gates is the check and the exit status, not these."""
    if path is None:
        return
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        logger.warning("cannot write to %s: %s", path, error.strerror)
