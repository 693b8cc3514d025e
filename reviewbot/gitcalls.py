"""Git, run so that neither the change nor the settings of the machine decide what it says."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from reviewbot.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

#: Bytes of one answer of git, e.g. all files at head.
_MAX_ANSWER = 500_000_000
#: For one call of git.
_SECONDS = 120
_SAFE = (
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", f"core.attributesFile={os.devnull}"),
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.quotePath=false"),
)
#: How every patch is made that we ask git for, wherever it compares.
PATCH = (
    *("-U3", "--inter-hunk-context=0", "--diff-algorithm=default", "--indent-heuristic", "--submodule=short"),
    *("--full-index", "--no-color", "--no-textconv", "--no-ext-diff", "--src-prefix=a/", "--dst-prefix=b/"),
)
_FIXED = {
    "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",  # what a partial clone lacks is not fetched: git talks to nobody
}  # fmt: skip

#: What git needs of ours: where programs, libraries, its user's settings and scratch files are, and who called sudo.
PASSED_ON = (
    "PATH", "PATHEXT", "COMSPEC", "SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH",
    "HOME", "XDG_CONFIG_HOME", "USERPROFILE", "HOMEDRIVE", "HOMEPATH", "APPDATA", "PROGRAMDATA",
    "TMPDIR", "TEMP", "TMP", "SUDO_UID",
)  # fmt: skip  # no GIT_DIR, GIT_INDEX_FILE and the like: inside a hook they point somewhere else


@dataclass(frozen=True, slots=True)
class Answer:
    """What one call of git came to. `why` is what it said on stderr, on one line."""

    ok: bool
    out: bytes
    why: str

    @property
    def line(self) -> str:
        """The output of a command that prints one line."""
        return os.fsdecode(self.out).removesuffix("\n")


def ask(repo: Path, *args: str, env: Mapping[str, str] | None = None) -> Answer:
    """Run git in the user's repository with the user's configuration: safe.directory lives there.

    Only for commands that look up names and paths; whatever reads content runs in a scratch repository.
    """
    configured = {name: value for name, value in os.environ.items() if name.startswith("GIT_CONFIG")}
    return _run("-C", str(repo), *args, env={**configured, **(env or {})})


def look_up(repo: Path, *args: str) -> str:
    """The one line that git answers in the user's repository. Raises SourceError."""
    answer = ask(repo, *args)
    if not answer.ok:
        raise SourceError(f"{repo}: {answer.why}")
    return answer.line


def git_path(repo: Path, name: str) -> Path:
    """Where git keeps its `name`, e.g. "index", for this working tree."""
    return Path(look_up(repo, "rev-parse", "--path-format=absolute", "--git-path", name))


@dataclass(frozen=True, slots=True)
class Scratch:
    """An empty bare repository that borrows the objects of a real one.

    Trees are compared and blobs read here, where no attributes, .gitmodules, configuration or index of the real
    repository and its working tree can be found, by any version of git.
    """

    path: Path
    objects: Mapping[str, str]  # the environment that makes git write here and read there

    def git(self, *args: str, feed: bytes = b"", limit: int = _MAX_ANSWER) -> bytes:
        """What git prints, of at most `limit` bytes, when given `feed`. Raises SourceError."""
        own = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_ATTR_NOSYSTEM": "1"}
        where = f"--git-dir={self.path / 'git'}"
        answer = _run(where, *args, env={**own, **self.objects}, feed=feed, limit=limit)
        if not answer.ok:
            raise SourceError(f"git cannot read the change; is the clone partial or shallow? {answer.why}")
        return answer.out

    def keep(self, content: bytes) -> str:
        """Write a blob, and return its id."""
        return self.git("hash-object", "-w", "--stdin", feed=content).decode().strip()

    def differences(self, pairs: Sequence[tuple[bytes, bytes]]) -> bytes:
        """The patch from the first to the second text of each pair, in files called 0, 1, and so on."""
        sides = ("before", "after")
        blobs = [
            f"blob\nmark :{n}\ndata {len(text)}\n".encode() + text for n, text in enumerate(chain(*pairs), 1)
        ]
        for side, name in enumerate(sides):
            entries = (f"M 100644 :{2 * n + side + 1} {n}\n" for n in range(len(pairs)))
            commit = f"commit refs/heads/{name}\ncommitter - <-> 0 +0000\ndata 0\n"
            blobs.append(f"{commit}{''.join(entries)}".encode())
        self.git("fast-import", "--quiet", feed=b"\n".join(blobs) + b"\n")
        return self.git("diff-tree", "-r", "--no-renames", *PATCH, *sides)

    def generated(self, paths: Iterable[str]) -> frozenset[str]:
        """The paths that .gitattributes files in the index call linguist-generated or -vendored, in git's own reading."""
        wanted = ("linguist-generated", "linguist-vendored")
        feed = "".join(f"{path}\0" for path in paths).encode()
        fields = self.git("check-attr", "--cached", "-z", "--stdin", *wanted, feed=feed).decode().split("\0")
        marked = zip(fields[::3], fields[2::3], strict=False)
        return frozenset(path for path, value in marked if value in ("set", "true"))


@contextmanager
def scratch_beside(repo: Path) -> Iterator[Scratch]:
    """A scratch repository for the objects of `repo`, gone afterwards."""
    borrowed = str(git_path(repo, "objects")).replace("\\", "\\\\").replace('"', '\\"')
    hashing = look_up(repo, "rev-parse", "--show-object-format")
    with scratch(hashing, GIT_ALTERNATE_OBJECT_DIRECTORIES=f'"{borrowed}"') as made:
        yield made


@contextmanager
def scratch(hashing: str = "sha1", **borrowed: str) -> Iterator[Scratch]:
    """An empty scratch repository, gone afterwards; `borrowed` are variables that lend it objects."""
    with _room(), tempfile.TemporaryDirectory(prefix="reviewbot-", ignore_cleanup_errors=True) as folder:
        objects = {"GIT_OBJECT_DIRECTORY": str(Path(folder, "git", "objects")), **borrowed}
        made = Scratch(Path(folder), objects)
        made.git("init", "--quiet", "--bare", "--template=", f"--object-format={hashing}")
        yield made


@contextmanager
def _room() -> Iterator[None]:
    """Says in one sentence that there is no room for what git has to be told, or for git."""
    try:
        yield
    except OSError as error:
        raise SourceError(
            f"git cannot work here: {error.strerror}; is there room for temporary files, and may they be written?"
        ) from error


def _run(*args: str, env: Mapping[str, str], feed: bytes = b"", limit: int = _MAX_ANSWER) -> Answer:
    inherited = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    with _room(), tempfile.TemporaryFile() as question, tempfile.TemporaryFile() as said:
        question.write(feed)
        question.seek(0)
        try:
            process = subprocess.Popen(
                ("git", "--no-pager", *_SAFE, *args),  # noqa: S607  # the git on the user's PATH is the right one
                stdin=question,
                stdout=subprocess.PIPE,
                stderr=said,
                env={**inherited, **_FIXED, **env},
            )
        except FileNotFoundError as error:
            raise SourceError("git is not on PATH; install it") from error
        out = _read(process, limit=limit)
        said.seek(0)
        why = " ".join(said.read(10_000).decode("utf-8", "replace").split())
        return Answer(process.returncode == 0, out, why.removeprefix("fatal: "))


def _read(process: subprocess.Popen[bytes], *, limit: int, seconds: float = _SECONDS) -> bytes:
    """All that a process prints. Raises SourceError if it is too slow or too talkative."""
    watchdog = threading.Timer(seconds, process.kill)
    watchdog.daemon = True
    watchdog.start()
    with process:
        assert process.stdout is not None  # noqa: S101  # it was opened as a pipe
        out = process.stdout.read(limit + 1)
        if len(out) > limit:
            process.kill()
    late = not watchdog.is_alive()
    watchdog.cancel()
    if len(out) > limit:
        raise SourceError(f"git gave more than {limit / 1_000_000:g} MB; split the change")
    if late:
        raise SourceError(f"git took longer than {seconds:g} seconds")
    return out
