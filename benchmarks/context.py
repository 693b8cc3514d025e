"""How much reviewers are sent for each changed line of real commits, and whether they see what encloses it."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ast_grep_py import SgRoot

from reviewbot import context, packing, patch, symbols
from reviewbot.analyzers.source import language_of
from reviewbot.config import Config
from reviewbot.diff import Change, HeadText, split_lines
from reviewbot.llm import Stage
from reviewbot.triage import triage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ast_grep_py import SgNode

    from reviewbot.llm import Subject

FUNCTIONS = frozenset(
    {
        "function_definition", "function_declaration", "method_definition", "method_declaration",
        "constructor_declaration", "func_literal", "arrow_function", "function_expression",
    }
)  # fmt: skip  # a table


@dataclass(frozen=True, slots=True)
class Case:
    """A commit of which the new text of every file that is not binary is known."""

    name: str
    change: Change


def cases(folder: Path) -> Iterator[Case]:
    """Below `folder`/git, a folder with diff.patch and oracle.json; the texts are in `folder`/blobs, by git's id."""
    for oracle in sorted(folder.glob("git/*/oracle.json")):
        diff = oracle.with_name("diff.patch")
        blobs = {
            f["new_path"]: folder / "blobs" / f["new_sha"]
            for f in json.loads(oracle.read_text()).get("files", ())
        }
        if not diff.exists() or b"\ndiff --git " not in b"\n" + diff.read_bytes():
            continue
        parsed = patch.parse(diff.read_bytes())
        heads = {
            f.path: _text(blobs[f.path])
            for f in parsed
            if f.hunks and f.path in blobs and blobs[f.path].is_file()
        }
        if heads:
            files = tuple(f for f in parsed if f.path in heads)
            yield Case(oracle.parent.name, Change(files, heads=heads))


def _text(blob: Path) -> HeadText:
    return HeadText.whole(split_lines(blob.read_bytes()))


def functions(subject: Subject) -> Iterator[tuple[int, int]]:
    """First and last line of the innermost function around each changed line, by the grammar."""
    language = language_of(subject.file.path)
    if language is None:
        return
    lines = subject.head.lines
    root = SgRoot("\n".join(lines[n] for n in sorted(lines)), language).root()
    ranges = sorted(_ranges(root), key=lambda r: r[1] - r[0])
    for hunk in subject.hunks:
        for line in hunk.lines:
            if line.added and line.new is not None:
                yield from [r for r in ranges if r[0] <= line.new <= r[1]][:1]


def _ranges(node: SgNode) -> Iterator[tuple[int, int]]:
    stack = [node]
    while stack:
        each = stack.pop()
        if each.kind() in FUNCTIONS:
            place = each.range()
            yield place.start.line + 1, place.end.line + 1
        stack += each.children()


def shown(view: str) -> frozenset[int]:
    """The numbers in the margin."""
    heads = (row.partition("|")[0].split() for row in view.splitlines() if "|" in row)
    return frozenset(int(head[0]) for head in heads if head and head[0].isdecimal())


def measured(subject: Subject) -> Mapping[str, int]:
    """Of one file: bytes, changed lines, and of the functions around them which are shown."""
    view = context.view(subject, Stage.REVIEW)
    numbers = shown(view)
    around = set(functions(subject)) if "shown in parts" in view else set()
    short = {r for r in around if r[1] - r[0] < context.WHOLE_BLOCK_LINES}
    return {
        "files": 1,
        "in parts": int("shown in parts" in view),
        "lines": len(subject.head.lines),
        "lines shown": len(numbers),
        "changed": sum(line.added or line.removed for hunk in subject.hunks for line in hunk.lines),
        "bytes": len(view.encode("utf-8", "replace")),
        "bytes of hunks": len(context.view(subject, Stage.SCAN).encode("utf-8", "replace")),
        "functions": len(around),
        "begun": sum(first in numbers for first, _ in around),
        "short": len(short),
        "uses": len(used := symbols.uses(subject.head.lines, subject.related))
        if "shown in parts" in view
        else 0,
        "uses shown": len(numbers & set(used)) if "shown in parts" in view else 0,
        "whole": sum(set(range(first, last + 1)) <= numbers for first, last in short),
    }


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="commits with their texts, as in `cases`")
    folder = parser.parse_args().folder
    small: Counter[str] = Counter()
    big: Counter[str] = Counter()
    for case in cases(folder):
        for subject in packing.subjects(triage(case.change, Config()), case.change):
            found = measured(subject)
            (big if found["in parts"] else small).update(found)
    for name, sums in (("whole files", small), ("in parts", big), ("all", small + big)):
        changed = max(sums["changed"], 1)
        print(
            f"{name:12} {sums['files']:5} files {sums['changed']:7,} changed lines  "
            f"{sums['bytes'] / changed:7.1f} bytes each ({sums['bytes of hunks'] / changed:.1f} in hunks)  "
            f"{sums['lines shown'] / max(sums['lines'], 1):.1%} of {sums['lines']:,} lines"
        )
    print(
        f"functions around a change, in parts: {big['functions']}, their first line shown {big['begun']}; "
        f"of {big['short']} up to {context.WHOLE_BLOCK_LINES} lines whole {big['whole']}"
    )
    print(f"lines with names that the change defines, in parts: {big['uses']}, shown {big['uses shown']}")


if __name__ == "__main__":
    main()
