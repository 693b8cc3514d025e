"""What an earlier review of a pull request found out about files that are the same since.

A model is not paid twice for the same file. Only files that cannot gate are ever remembered: nothing that bears on the
gate rests on anything but this very run. What is kept is signed with the keys of the models, which nobody who writes
a pull request has, over everything that decides how a file is judged; whatever does not fit exactly is forgotten.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import zlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from reviewbot.evidence import Evidence, Scanned, UnitReview
from reviewbot.findings import Claim, State, Vote, Voter
from reviewbot.review import Scan  # noqa: TC001 - pydantic reads annotations at run time
from reviewbot.triage import Tier

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reviewbot.diff import Change, FileDiff, HeadText
    from reviewbot.review import Review

#: Bytes of a sealed memory at most: a check's text takes 65,535, and some of that is left to words.
LIMIT = 60_000
_SEALED = re.compile(r"<!-- reviewbot:v1 memory=([0-9a-f]{64}):([A-Za-z0-9_=-]*) -->")


@dataclass(frozen=True, slots=True)
class Known:
    """How the last review of one file ended. `digest` is of all that was shown of it, `since` the commit it was read at."""

    digest: str
    since: str
    scan: Scan
    readers: tuple[Voter, ...]
    ballots: tuple[tuple[Claim, tuple[Vote, ...]], ...]

    def scanned(self, path: str) -> Scanned:
        """As the scan said it then."""
        return Scanned({path: self.scan}, (), ())

    def reviewed(self, path: str) -> UnitReview | None:
        """As the review ended then, None where it got no further than the scan."""
        return UnitReview({path: self.readers}, self.ballots, (), ()) if self.readers else None


#: By path.
Memory = Mapping[str, Known]
_ADAPTER: TypeAdapter[dict[str, Known]] = TypeAdapter(dict[str, Known])


class Notebook:
    """Listens to a run for what the next one need not find out again."""

    def __init__(self) -> None:
        self._evidence: Evidence | None = None

    def __call__(self, happened: object) -> None:
        """Take note of the evidence."""
        if isinstance(happened, Evidence):
            self._evidence = happened

    def learned(self, review: Review, change: Change) -> Memory:
        """What is known of the files of `change` that cannot gate, were covered, and left no question open."""
        if self._evidence is None:
            return {}
        open_ = {v.finding.path for v in review.verdicts if v.state is State.UNDECIDED}
        files = {file.path: file for file in change.files}
        evidence = self._evidence
        scans = {path: state for scanned in evidence.scans for path, state in scanned.states.items()}
        parts: defaultdict[str, list[UnitReview]] = defaultdict(list)
        for unit in evidence.units:
            for path in unit.readers:
                parts[path].append(unit)
        return {
            file.path: Known(
                digest=digest(files[file.path], change.heads.get(file.path)),
                since=file.since or change.head,
                scan=scans[file.path],
                readers=_readers(file.path, parts[file.path]),
                ballots=_ballots(file.path, parts[file.path]),
            )
            for file in review.files
            if file.tier is Tier.NORMAL and file.covered and file.path in scans and file.path not in open_
        }


def digest(file: FileDiff, head: HeadText | None) -> str:
    """The same for the same difference to base and the same text at head, at the same path."""
    shown = repr((file, sorted(head.lines.items()) if head else None, head.complete if head else None))
    return hashlib.sha256(shown.encode("utf-8", "surrogatepass")).hexdigest()


def still(memory: Memory, change: Change) -> Memory:
    """What of it is known of files as they are in this change."""
    return {
        file.path: memory[file.path]
        for file in change.files
        if file.path in memory
        and hmac.compare_digest(memory[file.path].digest, digest(file, change.heads.get(file.path)))
    }


def sealed(memory: Memory, basis: str, secrets: Iterable[str]) -> str:
    """A hidden mark that holds as much of it as fits; "" for nothing, or without a secret to sign it with."""
    key, left = _key(secrets), dict(memory)
    while key and left:
        data = base64.urlsafe_b64encode(zlib.compress(_ADAPTER.dump_json(left), 9)).decode()
        mark = f"<!-- reviewbot:v1 memory={_signature(key, basis, data)}:{data} -->"
        if len(mark) <= LIMIT:
            return mark
        left = dict(list(left.items())[: len(left) * 3 // 4])
    return ""


def unsealed(text: str, basis: str, secrets: Iterable[str]) -> Memory:
    """What a text holds that was sealed with the same secrets on the same basis; nothing where that cannot be proved."""
    mark, key = _SEALED.search(text), _key(secrets)
    if not mark or not key or not hmac.compare_digest(mark[1], _signature(key, basis, mark[2])):
        return {}
    try:
        return _ADAPTER.validate_json(zlib.decompress(base64.urlsafe_b64decode(mark[2])))
    except (binascii.Error, zlib.error, ValidationError):  # of our own making, but by another version
        return {}


def _readers(path: str, parts: Iterable[UnitReview]) -> tuple[Voter, ...]:
    """Who read all parts of it."""
    read = [frozenset(unit.readers[path]) for unit in parts]
    return tuple(sorted(frozenset.intersection(*read))) if read else ()


def _ballots(path: str, parts: Iterable[UnitReview]) -> tuple[tuple[Claim, tuple[Vote, ...]], ...]:
    return tuple(ballot for unit in parts for ballot in unit.ballots if ballot[0].finding.path == path)


def _key(secrets: Iterable[str]) -> bytes:
    """Made of all keys, in whatever order they come: b"" without any."""
    known = sorted(filter(None, secrets))
    return hashlib.sha256("\0".join(["reviewbot memory", *known]).encode()).digest() if known else b""


def _signature(key: bytes, basis: str, data: str) -> str:
    return hmac.new(key, f"{basis}\0{data}".encode(), hashlib.sha256).hexdigest()
