"""What the command line asks to look at: which configuration holds, and which change it is."""

from __future__ import annotations

import re
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reviewbot import config as configuration
from reviewbot import git, guidance, tripwire
from reviewbot.diff import MAX_FILE
from reviewbot.errors import ConfigError, SourceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from reviewbot.config import Config
    from reviewbot.diff import Change
    from reviewbot.environment import Environment
    from reviewbot.guidance import Guidance


_PULL = re.compile(r"([\w.-]+/[\w.-]+)#([1-9]\d{0,9})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Selected:
    """The configuration that holds, what it has the models told, and how to read the change.

    Reading raises UsageError, SourceError.
    """

    config: Config
    guidance: Guidance
    read: Callable[[], Change]


@dataclass(frozen=True, slots=True)
class Selection:
    """At most one of `base`, `staged`, `span`, `diff` and `pr` is set; without any it is HEAD against the default branch."""

    base: str | None = None
    staged: bool = False
    span: str | None = None
    diff: str | None = None  # a file, or "-"
    pr: str | None = None  # owner/name#number; then `config` is a path in that repository
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

    def tree(self) -> Path | None:
        """The working tree whose files the change is about; None where there is none at hand."""
        return git.top(self._repo) if self.pr is None else None

    def guidance(self, config: Config) -> Guidance:
        """What the working tree has the models told. Raises ConfigError."""
        return guidance.gather(config, _Tree(git.top(self._repo) or self._repo))

    def opened(self, environment: Environment) -> Selected:
        """What is selected; of a pull request all is read from GitHub. Raises UsageError, ConfigError, SourceError."""
        if self.pr is None:
            config = self.configuration()
            return Selected(config, self.guidance(config), lambda: self._change(environment))
        return _pull_request(self.pr, self.config or "", environment)

    def _change(self, environment: Environment) -> Change:
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


@dataclass(frozen=True, slots=True)
class _Tree:
    """A working tree."""

    root: Path

    def below(self, folder: str) -> list[str]:
        """As in `guidance.Place`."""
        top = self.root / folder
        return [path.relative_to(top).as_posix() for path in top.rglob("*") if path.is_file()]

    def texts(self, paths: Iterable[str]) -> dict[str, str]:
        """As in `guidance.Place`. A link that leads out of the tree is refused."""
        return {path: self._text(path) for path in paths if (self.root / path).exists()}

    def _text(self, path: str) -> str:
        file = self.root / path
        if not file.resolve().is_relative_to(self.root.resolve()):
            raise ConfigError(f"{path} leads out of {self.root}")
        try:
            if file.stat().st_size > MAX_FILE:
                raise ConfigError(f"{path} is not a file of at most {MAX_FILE // 1_000_000} MB")
            return file.read_text(encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"cannot read {path}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise ConfigError(f"{path} is not UTF-8") from error


def _pull_request(name: str, config: str, environment: Environment) -> Selected:
    # PyGithub takes a quarter of a second, which a local review need not wait for.
    from reviewbot.github import base, pull  # noqa: PLC0415
    from reviewbot.github.client import Client  # noqa: PLC0415

    parts = _PULL.fullmatch(name)
    if parts is None:
        raise UsageError(f"--pr {name[:100]!r} is not a pull request; write OWNER/REPO#NUMBER")
    repository, number, hub = parts[1], int(parts[2]), environment.hub

    def client() -> closing[Client]:
        return closing(
            Client(token=hub.token, api_url=hub.api_url, graphql_url=hub.graphql_url, repository=repository)
        )

    def read() -> Change:
        with client() as github:
            return tripwire.warned(pull.read_change(github, found), settled, config)

    with client() as github:
        found = pull.fetch(github, number)
        settled, guidance = base.settings(github, found.base_sha, config)
    return Selected(settled, guidance, read)


def _diff(name: str) -> bytes:
    if name == "-":
        if sys.stdin.isatty():
            raise UsageError("--diff - reads a diff from standard input; pipe one in, or name a file")
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read the diff {name}: {error.strerror}") from error
