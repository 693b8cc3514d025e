"""What the base commit of a pull request says of its review: nothing that its author can change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewbot import config as configuration
from reviewbot import guidance
from reviewbot.diff import MAX_FILE
from reviewbot.errors import ConfigError
from reviewbot.github import blobs
from reviewbot.github.blobs import Place
from reviewbot.github.client import GitHubError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reviewbot.config import Config
    from reviewbot.github.blobs import Entry
    from reviewbot.github.client import Client
    from reviewbot.guidance import Guidance


def file(client: Client, sha: str, path: str) -> str | None:
    """A file of ours at a commit that is trusted, None where there is none; one request.

    Raises GitHubError, and ConfigError for what is there and is not a text.
    """
    return _Base(client, sha).texts([path]).get(path)


def config(client: Client, sha: str, name: str = "") -> Config:
    """The configuration at the base commit, in the usual file unless another is named. Raises ConfigError, GitHubError."""
    return _config(_Base(client, sha), name)


def settings(client: Client, sha: str, name: str = "") -> tuple[Config, Guidance]:
    """The configuration, and what it has the models told; one request where a project has no templates or guidelines."""
    base = _Base(client, sha)
    base.look((name or configuration.FILE_NAME,), guidance.FOLDER)
    found = _config(base, name)
    return found, guidance.gather(found, base)


def _config(base: _Base, name: str) -> Config:
    path = name or configuration.FILE_NAME
    text = base.texts([path]).get(path)
    if text is None and name:
        raise ConfigError(f"{path} does not exist at the base commit; the configuration is read there")
    return configuration.load(text or "", source=f"{path} at {base.sha[:12]}").guarding(name)


class _Base:
    """One commit; GitHub is asked for each thing once."""

    def __init__(self, client: Client, sha: str) -> None:
        self.sha = sha
        self._client = client
        self._files: dict[str, Entry | None] = {}
        self._folders: dict[str, Entry | None] = {}

    def look(self, paths: Iterable[str], *folders: str) -> None:
        """Ask for all that is not known yet, in one request."""
        files = [path for path in dict.fromkeys(paths) if path not in self._files]
        unknown = [folder for folder in folders if folder not in self._folders]
        places = [Place(self.sha, path, content=True) for path in files]
        places += [Place(self.sha, folder, folder=True) for folder in unknown]
        found = blobs.entries(self._client, places) if places else {}
        self._files.update({path: found.get((self.sha, path)) for path in files})
        self._folders.update({folder: found.get((self.sha, folder)) for folder in unknown})

    def below(self, folder: str) -> list[str]:
        """As in `guidance.Place`; one request more where there is such a folder."""
        self.look((), folder)
        entry = self._folders[folder]
        return blobs.below(self._client, entry) if entry else []

    def texts(self, paths: Iterable[str]) -> dict[str, str]:
        """As in `guidance.Place`; one request for all that are not known yet."""
        wanted = list(paths)
        self.look(wanted)
        return {path: self._text(path, entry) for path in wanted if (entry := self._files[path])}

    def _text(self, path: str, entry: Entry) -> str:
        where = f"{path} at {self.sha[:7]}"
        if not entry.mode.startswith("100") or entry.size > MAX_FILE:
            raise ConfigError(f"{where} is not a file of at most 2 MB")
        data = entry.data if entry.data is not None else blobs.filled(self._client, entry).data
        if data is None:
            raise GitHubError(f"GitHub does not give {where}")
        try:
            return data.decode()
        except UnicodeDecodeError as error:
            raise ConfigError(f"{where} is not UTF-8") from error
