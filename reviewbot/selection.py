"""What the command line asks to look at: which configuration holds, and which change it is."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reviewbot import config as configuration
from reviewbot import git
from reviewbot.errors import ConfigError, SourceError, UsageError

if TYPE_CHECKING:
    from reviewbot.config import Config
    from reviewbot.diff import Change
    from reviewbot.environment import Environment


@dataclass(frozen=True, slots=True)
class Selection:
    """At most one of `base`, `staged`, `span` and `diff` is set; without any it is HEAD against the default branch."""

    base: str | None = None
    staged: bool = False
    span: str | None = None
    diff: str | None = None  # a file, or "-"
    repo: str = "."
    config: str | None = None

    def configuration(self) -> Config:
        """The configuration of the working tree, or of the file that was named. Raises ConfigError."""
        path = self.configuration_file()
        if path is None:
            return configuration.load("", source="defaults")
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"cannot read the configuration {path}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise ConfigError(f"the configuration {path} is not UTF-8") from error
        return configuration.load(text, source=str(path))

    def configuration_file(self) -> Path | None:
        """Where the configuration is; None where there is none. Raises ConfigError."""
        return Path(self.config) if self.config else configuration.find(git.top(self._repo) or self._repo)

    def change(self, environment: Environment) -> Change:
        """The change itself. Raises UsageError, SourceError."""
        if self.diff is not None:
            return git.from_diff(_diff(self.diff), repo=git.top(self._repo))
        if git.top(self._repo) is None:
            raise SourceError(
                f"{self._repo.absolute()} is not in a git repository; name one with --repo, or a diff with --diff"
            )
        if self.staged:
            return git.from_staged(self._repo, index=environment.index_file)
        if self.span is not None:
            return git.from_range(self._repo, self.span)
        base = self.base if self.base is not None else git.default_base(self._repo)
        return git.from_base(self._repo, base)

    @property
    def _repo(self) -> Path:
        return Path(self.repo)


def _diff(name: str) -> bytes:
    if name == "-":
        if sys.stdin.isatty():
            raise UsageError("--diff - reads a diff from standard input; pipe one in, or name a file")
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read the diff {name}: {error.strerror}") from error
