"""Changes of any size, made of real code: the standard library's sources, with lines taken out of base and of head.

The same on every run with the same Python: which files, which lines and where they lie follow from hashes of names.
"""

from __future__ import annotations

import hashlib
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Changed lines of one file, on average, by lines of the whole change: what pull requests of these sizes have.
_A_FILE = {50: 17, 500: 36, 5_000: 62, 50_000: 150}
#: One file in so many is new, and one in so many lies on a critical path.
_NEW, _CRITICAL = 5, 12
#: Of each run of lines in a file that is not new, how many only head has, and how many only base.
_RUN, _ADDED, _REMOVED = 30, 8, 4


@dataclass(frozen=True, slots=True)
class Made:
    """Files by path at base and at head."""

    base: dict[str, bytes]
    head: dict[str, bytes]


def change(size: int) -> Made:
    """A change of `size` added and removed lines, or a few less where git finds that some are the same."""
    made = Made({}, {})
    left = size
    share = next((s for lines, s in _A_FILE.items() if size <= lines), max(_A_FILE.values()))
    for number, (path, lines) in enumerate(_sources()):
        left -= _add(made, path, lines, number, min(left, 2 * share if number % 2 else share // 2 or 1))
        if not left:
            return made
    raise SystemExit(f"the standard library has too few lines for a change of {size}")


def _add(made: Made, path: str, lines: list[bytes], number: int, most: int) -> int:
    """Put one file into the change and return how many of its lines have changed, at most `most`."""
    if number % _NEW == _NEW - 1:
        before, after = [], lines[:most]
        changed = len(after)
    else:
        before, after, changed = [], [], 0
        for at, line in enumerate(lines):
            added, removed = at % _RUN < _ADDED, at % _RUN >= _RUN - _REMOVED
            touched = (added or removed) and changed < most
            changed += touched
            if not (touched and added):
                before.append(line)
            if not (touched and removed):
                after.append(line)
    if before:
        made.base[path] = b"".join(before)
    made.head[path] = b"".join(after)
    return changed


def _sources() -> Iterator[tuple[str, list[bytes]]]:
    """Paths in the change with the lines of a source, in the order of a hash: files of all sizes are mixed."""
    root = Path(sysconfig.get_path("stdlib"))
    found = [path for path in root.rglob("*.py") if "site-packages" not in path.parts]
    names = {path: path.relative_to(root).as_posix() for path in found}
    taken = 0
    for path in sorted(found, key=lambda p: hashlib.sha256(names[p].encode()).digest()):
        data = path.read_bytes()
        lines = data.splitlines(keepends=True)
        if not data.isascii() or b"DO NOT EDIT" in data or not 60 <= len(lines) <= 3_000:
            continue
        taken += 1
        folder = "src/auth" if taken % _CRITICAL == 2 else "src"
        yield f"{folder}/{names[path]}", lines
