"""The files of a pull request, from git, and the places in them that a comment can stand on."""

import re
from dataclasses import dataclass
from functools import cached_property

#: GitHub gives no patch for a file above these, nor for the files after which the patches exceed the last.
MAX_PATCH_LINES, MAX_PATCH_BYTES, MAX_PATCHES_BYTES = 20_000, 500_000, 1_000_000

_STATUS = {"A": "added", "C": "copied", "D": "removed", "M": "modified", "R": "renamed", "T": "changed"}
_HEADER = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)
_DIFF = ("diff", "--no-ext-diff", "--no-textconv", "--no-color", "-M")


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a hunk: `position` counts from the line below the first @@; `hunk` is the text up to here."""

    number: int
    position: int
    hunk: str


@dataclass(frozen=True)
class Changed:
    """A file as the diff has it; `patch` is None for what has no hunks."""

    path: str
    previous: str | None
    status: str
    sha: str
    mode: str
    additions: int
    deletions: int
    patch: str | None

    @cached_property
    def places(self):
        """By side and line; a context line is on both."""
        return dict(_places(self.patch or ""))


def _places(patch):
    hunk, old, new = -1, 0, 0
    lines = []
    for position, line in enumerate(patch.split("\n")):
        if header := _HEADER.match(line):
            hunk, old, new, lines = hunk + 1, int(header[1]), int(header[3]), []
        lines.append(line)
        place = Place(hunk, position, "\n".join(lines))
        if line.startswith(("-", " ")):
            yield ("LEFT", old), place
            old += 1
        if line.startswith(("+", " ")):
            yield ("RIGHT", new), place
            new += 1


def changed_files(store, base, head):
    """In the order of git."""
    entries = _entries(store.git(*_DIFF, "--raw", "-z", "--abbrev=40", base, head).decode("utf-8", "replace"))
    counts = _counts(store.git(*_DIFF, "--numstat", "-z", base, head).decode("utf-8", "replace"))
    sections = _sections(store.git(*_DIFF, "-p", "--full-index", base, head).decode("utf-8", "replace"))
    files = []
    for (old_mode, new_mode, old_sha, new_sha, letter, previous, path), (plus, minus) in zip(
        entries, counts, strict=True
    ):
        # A file that turns into a link is one entry here, but is taken away and put there in the patch.
        hunks = [_hunks(next(sections)) for _ in range(2 if letter == "T" else 1)]
        only_mode = letter == "M" and old_sha == new_sha
        files.append(
            Changed(
                path=path,
                previous=previous,
                status="changed" if only_mode else _STATUS[letter],
                sha=old_sha if letter == "D" else new_sha,
                mode=old_mode if letter == "D" else new_mode,
                additions=plus,
                deletions=minus,
                patch="\n".join(filter(None, hunks)) or None,
            )
        )
    return files


def _entries(raw):
    """The fields of `git diff --raw -z`: modes, SHAs, letter, former path and path."""
    parts = iter(raw.split("\0"))
    for part in parts:
        if part:
            old_mode, new_mode, old_sha, new_sha, letter = part.removeprefix(":").split(" ")
            first = next(parts)
            renamed = letter[0] in "RC"
            yield (
                old_mode,
                new_mode,
                old_sha,
                new_sha,
                letter[0],
                first if renamed else None,
                next(parts) if renamed else first,
            )


def _counts(numstat):
    """Added and deleted lines; a binary file has none."""
    parts = iter(numstat.split("\0"))
    for part in parts:
        if part:
            plus, minus, path = part.split("\t")
            if not path:  # a rename: both paths follow
                next(parts), next(parts)
            yield int(plus.replace("-", "0")), int(minus.replace("-", "0"))


def _sections(patch):
    return iter(re.split(r"^diff --git ", patch, flags=re.MULTILINE)[1:])


def _hunks(section):
    found = re.search(r"^@@ ", section, re.MULTILINE)
    return section[found.start() :].removesuffix("\n") if found else ""


def diff_text(store, base, head):
    return store.git(*_DIFF, "-p", base, head).decode("utf-8", "replace")


def moved_line(store, path, line, old, new):
    """Where the line of one commit is in another: path and line, or None when it was changed or taken away."""
    if old == new:
        return path, line
    sections = _sections(store.git(*_DIFF, "-p", "-U0", "--full-index", old, new).decode("utf-8", "replace"))
    entries = _entries(store.git(*_DIFF, "--raw", "-z", "--abbrev=40", old, new).decode("utf-8", "replace"))
    for _, _, _, _, letter, previous, now in entries:
        section = next(sections)
        if letter == "T":
            next(sections)
        if (previous or now) == path:
            return None if letter in "DT" else _shifted(section, now, line)
    return path, line


def _shifted(section, path, line):
    shift = 0
    for header in _HEADER.finditer(section):
        first = int(header[1])
        taken, put = (1 if count is None else int(count) for count in (header[2], header[4]))
        if first <= line < first + taken:
            return None
        if line >= first + max(taken, 1):  # lines that are only put in stand below `first`
            shift += put - taken
    return path, line + shift
