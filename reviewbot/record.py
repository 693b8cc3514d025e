"""A file of JSON lines, each of which names the one before by its hash, so that no line can be changed unseen.

A line is `{"n", "at", "kind", "data", "previous", "hash"}`: its number from 1, the time, what it holds, the hash of
the line before ("" for the first), and the SHA-256 of the line written without `hash`. A crash leaves whole lines and
at most a piece of one; only a run that ended writes the line of kind `end`. Whoever can write the file can write another
one as sound as this: only the hash of its last line, kept elsewhere, shows that.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from reviewbot.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

END = "end"


def now() -> datetime:
    """The time of day, aware."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is what it was when it was written."""

    n: int
    at: str
    kind: str
    data: Any
    hash: str


class BrokenRecordError(UsageError):
    """The file is not the record that was written."""


class Writer:
    """Appends lines. Each is in the file before `write` returns, unless the file has failed: then `problem` says how."""

    def __init__(self, path: Path, *, clock: Callable[[], datetime] = now) -> None:
        """Makes the file, in place of one that is there, for its owner's eyes. Raises UsageError."""
        try:
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        except OSError as error:
            raise UsageError(f"cannot write the record to {path}: {error.strerror}") from error
        self._clock = clock
        self._n = 0
        self.hash = ""
        self.problem = ""

    def write(self, kind: str, data: object) -> int:
        """The number of the new line. A file that failed once is not written to again: no line may be missing inside."""
        self._n += 1
        body = {
            "n": self._n,
            "at": self._clock().isoformat(timespec="milliseconds"),
            "kind": kind,
            "data": data,
            "previous": self.hash,
        }
        digest = _digest(body)
        line = memoryview(_text({**body, "hash": digest}) + b"\n")
        try:
            while line and not self.problem:
                line = line[os.write(self._file, line) :]
        except OSError as error:
            self.problem = f"the record ends after line {self._n - 1}: {error.strerror}"
        self.hash = digest
        return self._n

    def close(self, *, ended: bool) -> None:
        """`ended` is whether the run came to its end; the last line says so."""
        if ended:
            self.write(END, {"lines": self._n + 1})
        os.close(self._file)


@dataclass(frozen=True, slots=True)
class Verified:
    """The lines of a sound record, and whether the run that wrote them came to its end."""

    lines: tuple[Line, ...]
    ended: bool

    @property
    def hash(self) -> str:
        """The hash of the last line, which stands for all."""
        return self.lines[-1].hash if self.lines else ""


def read(path: Path) -> Verified:
    """Every line, checked. Raises BrokenRecordError naming the first that is not as it was written."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read the record {path}: {error.strerror}") from error
    lines = tuple(_lines(content))
    if not lines:
        raise BrokenRecordError(f"{path} is not a record of reviewbot: it has no whole line")
    ended = lines[-1].kind == END and content.endswith(b"\n")
    return Verified(lines, ended)


def _lines(content: bytes) -> Iterator[Line]:
    """The lines in order; a piece without an end is what a crash leaves, and is left out."""
    previous, ended = "", False
    for n, raw in enumerate(content.split(b"\n")[:-1], start=1):
        if ended:
            raise BrokenRecordError(f"line {n} of the record comes after its end")
        body = _parsed(raw, n)
        digest = body.pop("hash", None)
        if digest != _digest(body) or raw != _text({**body, "hash": digest}):
            raise BrokenRecordError(f"line {n} of the record was changed")
        if body["n"] != n or body["previous"] != previous:
            raise BrokenRecordError(f"line {n} of the record does not follow the line before it")
        previous, ended = digest, body["kind"] == END
        yield Line(n, body["at"], body["kind"], body["data"], digest)


def _parsed(raw: bytes, n: int) -> dict[str, Any]:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise BrokenRecordError(f"line {n} of the record is not JSON") from error
    if not isinstance(body, dict) or set(body) != {"n", "at", "kind", "data", "previous", "hash"}:
        raise BrokenRecordError(f"line {n} of the record is not a line of a record")
    return body


def _digest(body: object) -> str:
    return hashlib.sha256(_text(body)).hexdigest()


def _text(body: object) -> bytes:
    """One spelling for one value, so that no byte of a line is free."""
    return json.dumps(body, separators=(",", ":")).encode()
