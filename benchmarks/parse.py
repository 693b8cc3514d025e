"""How fast diffs are parsed and what memory it takes, beside unidiff on the same bytes."""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import tempfile
import time
from pathlib import Path

from unidiff.errors import UnidiffParseError
from unidiff.patch import PatchSet

from reviewbot import patch
from reviewbot.errors import UsageError

ROOT = Path(__file__).parent.parent
MEGABYTE = 1_000_000


def generated(size: int) -> bytes:
    """About `size` bytes of diff: this repository's sources, hunks of seven lines with one replaced, over and over."""
    sources = sorted(ROOT.glob("reviewbot/**/*.py"))
    parts: list[bytes] = []
    total = 0
    while total < size:
        for source in sources:
            part = _rewritten(
                f"copy{len(parts)}/{source.name}", source.read_bytes().splitlines(keepends=True)
            )
            parts.append(part)
            total += len(part)
            if total >= size:
                break
    return b"".join(parts)


def _rewritten(name: str, lines: list[bytes]) -> bytes:
    out = [
        f"diff --git a/{name} b/{name}\nindex 1111111..2222222 100644\n--- a/{name}\n+++ b/{name}\n".encode()
    ]
    for start in range(0, len(lines) - 6, 14):
        block = lines[start : start + 7]
        out.append(f"@@ -{start + 1},7 +{start + 1},7 @@\n".encode())
        out += [b" " + line for line in block[:3]]
        out += [b"-" + block[3], b"+# " + block[3]]
        out += [b" " + line for line in block[4:]]
    return b"".join(out)


def ours(raw: bytes) -> int:
    """The number of files found."""
    return len(patch.parse(raw))


def unidiff(raw: bytes) -> int:
    """The number of files found in one PatchSet of everything."""
    return len(PatchSet(raw.decode("utf-8", "replace")))


def measured(reader: str, paths: list[Path]) -> tuple[float, int, int, int]:
    """Seconds, growth of the peak in bytes, files and refused inputs of `reader`, in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_timed, (reader, paths))


def _timed(reader: str, paths: list[Path]) -> tuple[float, int, int, int]:
    raws = [path.read_bytes() for path in paths]
    before = _peak()
    files = refused = 0
    started = time.perf_counter()
    for raw in raws:
        try:
            files += globals()[reader](raw)
        except (UsageError, UnidiffParseError):
            refused += 1
    return time.perf_counter() - started, _peak() - before, files, refused


def _peak() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def main() -> None:
    """Parse a file, a folder of diffs, or a diff made for the purpose."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path, nargs="?", help="a diff, or a folder of .diff and .patch files")
    parser.add_argument(
        "--megabytes", type=int, default=49, help="size of the diff that is made without PATH"
    )
    options = parser.parse_args()
    if options.path is None:
        with tempfile.TemporaryDirectory() as folder:
            made = Path(folder, "made.diff")
            made.write_bytes(generated(options.megabytes * MEGABYTE))
            report([made])
    elif options.path.is_dir():
        report(sorted(path for path in options.path.rglob("*") if path.suffix in {".diff", ".patch"}))
    else:
        report([options.path])


def report(paths: list[Path]) -> None:
    """Measure both readers on these files and print what came of it."""
    size = sum(path.stat().st_size for path in paths) / MEGABYTE
    print(f"{len(paths)} input(s), {size:.1f} MB, Python {sys.version.split()[0]}")
    seconds = {}
    for reader in ("ours", "unidiff"):
        seconds[reader], growth, files, refused = measured(reader, paths)
        print(
            f"{reader:8} {size / seconds[reader]:5.1f} MB/s   {growth / MEGABYTE:5.0f} MB more at the peak   "
            f"{files} files   {refused} inputs refused"
        )
    print(
        f"ours takes {seconds['ours'] / seconds['unidiff']:.2f} times as long as one PatchSet of everything"
    )


if __name__ == "__main__":
    main()
