"""How often ordinary changes are taken for text aimed at reviewers: `aimed.py FOLDER...`, with patches anywhere inside."""

import sys
import time
from pathlib import Path

from reviewbot import aimed
from reviewbot.errors import ReviewbotError
from reviewbot.git import from_diff


def main() -> None:
    """Print every hit, and how many there are."""
    patches = [
        p for folder in sys.argv[1:] for s in ("*.patch", "*.diff") for p in sorted(Path(folder).rglob(s))
    ]
    files = lines = read = hits = 0
    spent = 0.0
    for path in patches:
        try:
            change = from_diff(path.read_bytes(), repo=None)
        except ReviewbotError:
            continue
        read += 1
        for file in change.files:
            files += 1
            lines += sum(line.added for hunk in file.hunks for line in hunk.lines)
            started = time.perf_counter()
            place = aimed.place(file)
            spent += time.perf_counter() - started
            if place:
                hits += 1
                print(f"{path}: {file.path}: {place}")
    print(f"{hits} of {files} files, {lines} added lines, {read} of {len(patches)} patches; {spent:.1f} s")


main()
