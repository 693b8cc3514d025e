"""What commits hold at paths, asked for many at a time, and byte for byte as git has it."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from reviewbot.diff import SUBMODULE_MODE
from reviewbot.github.client import GitHubError
from reviewbot.github.fields import UnusableError, at, commit, maybe, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from reviewbot.github.client import Client

#: Places in one request of GraphQL, and after a failure: GitHub gives up on an answer that takes it 10 seconds.
_BATCH, _SMALL = 100, 10
#: Requests for one file each, where GraphQL does not work at all.
_MAX_SINGLE = 300
#: Answers that do not say that GraphQL is to blame: another way of asking would meet them too.
_FINAL = frozenset({0, 401, 403, 429})
_NOT_FOUND = 404
_FOLDER_MODE = "040000"
#: What the contents API says in place of a mode. It does not tell an executable from another file.
_MODES = {"file": "100644", "symlink": "120000", "submodule": SUBMODULE_MODE}
#: Bytes of all text of one change.
_MAX_TEXT = 200_000_000

#: Bytes in which git looks for a NUL to call a file binary.
_GIT_LOOKS_AT = 8_000

_SHAPE = "mode oid size type"
_CONTENT = f"{_SHAPE} object {{ ... on Blob {{ isBinary text }} }}"


class _NoCommitError(GitHubError):
    """There is no such commit, or none that the token may read: nothing is known of its files."""


@dataclass(frozen=True, slots=True)
class Place:
    """A file of a commit, or a `folder`; `content` asks for what is in a file as well."""

    commit: str
    path: str
    content: bool = False
    folder: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """What a commit has at a path: a file, a link, a submodule, a folder if one was asked for. `data` is None where it was not asked for or given."""

    id: str
    mode: str
    size: int  # bytes
    data: bytes | None = None
    binary: bool = False  # GitHub says so

    @property
    def submodule(self) -> bool:
        """Whether it is the commit of another repository."""
        return self.mode == SUBMODULE_MODE

    @property
    def content(self) -> bytes | None:
        """What git compares: of a submodule the line it makes of one."""
        return f"Subproject commit {self.id}\n".encode() if self.submodule else self.data

    @property
    def looks_binary(self) -> bool:
        """As git sees it, or, without the content, as GitHub does."""
        return self.binary if self.data is None else b"\0" in self.data[:_GIT_LOOKS_AT]


#: What stands in the old place of a new file, and in the new place of a deleted one.
NOTHING = Entry(id="", mode="", size=0, data=b"")


def entries(client: Client, places: Iterable[Place]) -> dict[tuple[str, str], Entry]:
    """By commit and path, what is there; what is not of the kind that was asked for is left out. Raises GitHubError.

    GraphQL gives many at once, but text alone, of at most half a megabyte: what has another id than the file has is not
    passed on. Where it does not work the files are asked for one by one, and those without `content` not at all.
    """
    found: dict[tuple[str, str], Entry] = {}
    total = 0
    for place, entry in _found(client, list(dict.fromkeys(places))):
        found[place.commit, place.path] = entry
        total += len(entry.data or b"")
        if total > _MAX_TEXT:
            raise GitHubError(f"the change has more than {_MAX_TEXT // 1_000_000} MB of text; split it")
    return found


def filled(client: Client, entry: Entry) -> Entry:
    """The entry with its content, in a request of its own; as it was where GitHub gives none."""
    try:
        data = base64.b64decode(at(client.get(f"/git/blobs/{entry.id}"), "content", str))
    except (UnusableError, binascii.Error):
        return entry
    except GitHubError as error:
        if error.status == _NOT_FOUND:
            return entry
        raise
    return replace(entry, data=data) if _has_id(data, entry.id) else entry


def _found(client: Client, places: Sequence[Place]) -> Iterator[tuple[Place, Entry]]:
    size = _BATCH
    while places and size:
        try:
            answered = list(_asked(client, places[:size]))
        except _NoCommitError:
            raise
        except GitHubError as error:
            if error.status in _FINAL:
                raise
            size = _SMALL if len(places[:size]) > _SMALL else 0
            continue
        yield from answered
        places = places[size:]
    for place in [place for place in places if place.content or place.folder][:_MAX_SINGLE]:
        if entry := (_folder_in_parent if place.folder else _by_contents)(client, place):
            yield place, entry


def below(client: Client, folder: Entry) -> list[str]:
    """The paths of all files in it, as seen from it; one request. Raises GitHubError, also where they are too many."""
    answer = client.get(f"/git/trees/{folder.id}", recursive="1")
    try:
        if maybe(answer, "truncated") is True:
            raise GitHubError(f"the folder {folder.id[:7]} has more files than GitHub lists at once")
        return [at(each, "path", str) for each in at(answer, "tree", list) if at(each, "type", str) == "blob"]
    except UnusableError as error:
        raise GitHubError(f"GitHub's answer about a folder cannot be used: {error}") from error


def _folder_in_parent(client: Client, place: Place) -> Entry | None:
    parent, _, name = place.path.rpartition("/")
    answer = _contents(client, parent, place.commit)
    for each in answer if isinstance(answer, list) else ():
        if maybe(each, "name") == name and maybe(each, "type") == "dir":
            return Entry(commit(each, "sha"), _FOLDER_MODE, 0)
    return None


def _contents(client: Client, path: str, ref: str) -> Any:  # noqa: ANN401 - an object for a file, a list for a folder
    try:
        return client.get(f"/contents/{quote(path)}", ref=ref)
    except GitHubError as error:
        # A file that is absent means defaults; a commit that is must not.
        if error.status == _NOT_FOUND and "no commit" not in str(error).lower():
            return None
        raise


def _by_contents(client: Client, place: Place) -> Entry | None:
    answer = _contents(client, place.path, place.commit)
    if answer is None or isinstance(answer, list):  # a folder
        return None
    try:
        mode = _MODES.get(at(answer, "type", str), "")
        entry = Entry(commit(answer, "sha"), mode, at(answer, "size", int))
        data = base64.b64decode(text(answer, "content"))
    except (UnusableError, binascii.Error) as error:
        raise GitHubError(
            f"GitHub's answer about a file at {place.commit[:7]} cannot be used: {error}"
        ) from error
    if entry.submodule:
        return entry
    return replace(entry, data=data) if _has_id(data, entry.id) else filled(client, entry)


def _asked(client: Client, places: Sequence[Place]) -> Iterator[tuple[Place, Entry]]:
    query, variables = _query(client.repository, places)
    data = client.graphql(query, variables)
    for alias, value in variables.items():
        if alias.startswith("c"):
            _check_commit(data, alias, value)
    try:
        for alias, place in _aliases(places):
            entry = _entry(maybe(data, f"repository.{alias}"), folder=place.folder)
            if entry:
                yield place, entry
    except UnusableError as error:
        raise GitHubError(f"GitHub's GraphQL answered with a file that cannot be used: {error}") from error


def _check_commit(data: Mapping[str, object], alias: str, commit: str) -> None:
    """Tell an answer that there is no such commit from one that is none to our question."""
    found = data.get("repository", data)
    if found is None or (isinstance(found, dict) and alias in found and found[alias] is None):
        raise _NoCommitError(f"there is no commit {commit}, or the token may not read it", status=_NOT_FOUND)
    if not isinstance(maybe(data, f"repository.{alias}"), dict):
        raise GitHubError("GitHub's GraphQL did not answer what it was asked", status=200)


def _aliases(places: Sequence[Place]) -> Iterator[tuple[str, Place]]:
    """Where each place is in the answer: a dotted path below the repository."""
    commits = list(dict.fromkeys(place.commit for place in places))
    return ((f"c{commits.index(place.commit)}.p{number}", place) for number, place in enumerate(places))


def _query(repository: str, places: Sequence[Place]) -> tuple[str, dict[str, str]]:
    """The query, of our own words alone: names of files and everything else are variables."""
    owner, _, name = repository.partition("/")
    variables, types, fields = {"owner": owner, "name": name}, ["$owner: String!, $name: String!"], {}
    for alias, place in _aliases(places):
        on, _, at_path = alias.partition(".")
        if on not in fields:
            variables[on] = place.commit
            types.append(f"${on}: GitObjectID!")
            fields[on] = ""
        variables[at_path] = place.path
        types.append(f"${at_path}: String!")
        fields[on] += f"{at_path}: file(path: ${at_path}) {{ {_CONTENT if place.content else _SHAPE} }}\n"
    commits = "\n".join(
        f"{on}: object(oid: ${on}) {{ ... on Commit {{ {files} }} }}" for on, files in fields.items()
    )
    repository_of = "repository(owner: $owner, name: $name)"
    return f"query ({', '.join(types)}) {{ {repository_of} {{ {commits} }} }}", variables


def _entry(answer: object, *, folder: bool) -> Entry | None:
    if answer is None or (at(answer, "type", str) == "tree") is not folder:
        return None
    entry = Entry(
        id=commit(answer, "oid"),
        mode=f"{at(answer, 'mode', int):06o}",
        size=at(answer, "size", int),
        binary=maybe(answer, "object.isBinary") is True,
    )
    shown = maybe(answer, "object.text")
    if not isinstance(shown, str):
        return entry
    data = shown.encode("utf-8", "replace")
    # Cut, or made readable, it is another file.
    return replace(entry, data=data) if _has_id(data, entry.id) else entry


def _has_id(data: bytes, blob: str) -> bool:
    """Whether git calls this content `blob`."""
    algorithm = hashlib.sha1 if len(blob) == 40 else hashlib.sha256
    return algorithm(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest() == blob
