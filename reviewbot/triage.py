"""Which tier each file of a change is in, and why, before any model is asked.

What decides, in this order: a critical path; what the diff's shape, the base commit or the path says may be skipped; a
content rule; what the text at head says of itself. So neither a header in a new file nor the length of its lines hides a
dangerous line, while an entry in `ignore`, which stands at base, is not overruled by a chance match in the text. A path
is taken at its word: reading vendored code by content rules would make every update of a dependency critical.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from reviewbot import aimed
from reviewbot.critical import ALWAYS_CRITICAL_PATHS, RULES, caught
from reviewbot.diff import Status
from reviewbot.globs import Globs, exactly
from reviewbot.routes import Routes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reviewbot.config import Config
    from reviewbot.diff import Change, FileDiff, HeadText, Line
    from reviewbot.routes import Routed

LOCK_FILES = (
    "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb", "deno.lock",
    "poetry.lock", "Pipfile.lock", "uv.lock", "pdm.lock", "pylock.toml", "pixi.lock", "conda-lock.yml",
    "Cargo.lock", "go.sum", "go.work.sum", "Gemfile.lock", "composer.lock", "mix.lock", "pubspec.lock",
    "Podfile.lock", "Package.resolved", "Cartfile.resolved", "packages.lock.json", "paket.lock", "gradle.lockfile",
    "flake.lock", ".terraform.lock.hcl", "Chart.lock",
)  # fmt: skip
MINIFIED = ("*.min.js", "*.min.mjs", "*.min.cjs", "*.min.css", "*.js.map", "*.css.map")
VENDORED = (
    "**/vendor/**", "**/vendored/**", "**/_vendor/**", "**/third_party/**", "**/third-party/**", "**/node_modules/**",
    "**/bower_components/**", "**/dist/**", "**/Pods/**", "**/Carthage/**", "**/.yarn/releases/**",
)  # fmt: skip
_BUILT_IN = {
    glob: kind
    for kind, globs in (("lock file", LOCK_FILES), ("minified", MINIFIED), ("vendored", VENDORED))
    for glob in globs
}

#: Files in which a content rule would find only talk about code, or data.
PROSE = frozenset(
    ".md .mdx .markdown .rst .txt .adoc .asciidoc .org .tex .json .jsonl .csv .tsv .po .pot .xlf .svg .lock".split()
)

#: Modes of what stands in a tree for something that is not there: a symbolic link, a submodule.
_POINTERS = {"120000": "symbolic link", "160000": "submodule pointer"}

_COMMENT = re.compile(r"""\s*(?:/[/*]|#|\*|--|<!--|;|%|\(\*|\{[-#]|['"]{3})""")
_GENERATED = re.compile(
    r"(?<!\w)@generated\b|\bDO NOT (?:EDIT|MODIFY)\b|(?i:\bgenerated\b.{1,120}\bdo not (?:edit|modify)\b)"
)
#: Lines from the top in which a header is looked for: a licence and a build tag may come before it.
_HEADER_LINES = 20
#: Average characters of a line above which a script or style sheet was written by a tool.
_MINIFIED_AVERAGE = 500
_MINIFIABLE = frozenset({".js", ".mjs", ".cjs", ".css"})


#: Source code is never binary. One NUL byte makes git call it so: a way to hide a file from review.
_SOURCE = frozenset(
    ".c .cc .cpp .cs .css .ex .go .h .html .java .js .jsx .kt .lua .mjs .php .pl .ps1 .py .rb .rs .scala .sh .sql "
    ".swift .tf .toml .ts .tsx .vue .yaml .yml".split()
)


class Tier(StrEnum):
    """How closely a file is looked at. The words appear in reports."""

    SKIP = "skip"
    NORMAL = "normal"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Triaged:
    """A file with its tier; `why` is a short clause for people, `route` the routing rule it falls under.

    `aimed` says where it holds text aimed at reviewers, "" where it holds none: then no model's word is enough on it.
    """

    file: FileDiff
    tier: Tier
    why: str
    route: Routed | None = None
    aimed: str = ""


def triage(change: Change, config: Config) -> tuple[Triaged, ...]:
    """One result for each file, in the order of the change."""
    rules = _Rules(
        always=Globs([*ALWAYS_CRITICAL_PATHS, *map(exactly, config.sources)]),
        critical=Globs(config.critical.paths),
        skipped=Globs([*_BUILT_IN, *config.ignore]),
        content=config.critical.content,
    )
    routes = Routes(config.routing)
    return tuple(_routed(_addressed(_triage(file, change, rules)), routes.of(file)) for file in change.files)


@dataclass(frozen=True, slots=True)
class _Rules:
    always: Globs
    critical: Globs
    skipped: Globs
    content: tuple[str, ...]


def _addressed(triaged: Triaged) -> Triaged:
    """What text aimed at reviewers makes of it. What is skipped is shown to nobody who could obey."""
    where = "" if triaged.tier is Tier.SKIP else aimed.place(triaged.file)
    if not where:
        return triaged
    said = f"{where} holds text aimed at reviewers"
    if triaged.tier is Tier.CRITICAL:
        return replace(triaged, aimed=said)
    return replace(triaged, tier=Tier.CRITICAL, why=_with_problem(said, triaged.file), aimed=said)


def _routed(triaged: Triaged, route: Routed | None) -> Triaged:
    """What a routing rule makes of it: never less of a critical file, nor of one that nobody can read."""
    if route is None or triaged.tier is Tier.SKIP:
        return triaged
    never = route.rule.review == "never"
    if not never:
        return replace(triaged, why=f"{triaged.why}; routed by {route.rule.name}", route=route)
    if triaged.tier is Tier.CRITICAL or triaged.file.problem or _pointer(triaged.file):
        return triaged
    return replace(triaged, tier=Tier.SKIP, why=f"review: never for {route.rule.name} in routing")


def _triage(file: FileDiff, change: Change, rules: _Rules) -> Triaged:
    head = change.heads.get(file.path)
    pointer = _pointer(file)
    if why := _critical_path(file, rules, directory=bool(pointer)):
        return Triaged(file, Tier.CRITICAL, _with_problem(why, file))
    if not (file.problem or pointer) and (why := _skippable(file, head, change, rules)):
        return Triaged(file, Tier.SKIP, why)
    if why := _critical_content(file, rules.content):
        return Triaged(file, Tier.CRITICAL, _with_problem(why, file))
    if not (file.problem or pointer) and (why := _claims_to_be_generated(file, head)):
        return Triaged(file, Tier.SKIP, why)
    return Triaged(file, Tier.NORMAL, _with_problem(pointer or _ordinary(file), file))


def _with_problem(why: str, file: FileDiff) -> str:
    return f"{why}; cannot be read: {file.problem}" if file.problem else why


def _ordinary(file: FileDiff) -> str:
    if _disguised(file):
        return "source code that git takes for binary: it holds a NUL byte"
    return "ordinary file" if _is_code(file) else "prose or data, which content rules do not look at"


def _pointer(file: FileDiff) -> str:
    """What it is if it only points elsewhere, or did at base. Nobody sees what it brings in: never skipped."""
    return _POINTERS.get(file.new_mode or "") or _POINTERS.get(file.old_mode or "") or ""


def _critical_path(file: FileDiff, rules: _Rules, *, directory: bool) -> str:
    for globs in (rules.always, rules.critical):
        for path, word in ((file.path, "path"), (file.old_path, "old path")):
            # `src/auth` as a link or submodule stands for all that `src/auth/**` would match.
            if path and (glob := globs.match(path, *([f"{path}/-"] if directory else []))):
                return f"{word} matches {glob}"
    return ""


def _skippable(file: FileDiff, head: HeadText | None, change: Change, rules: _Rules) -> str:
    """Why it need not be reviewed, as far as the diff's shape, the base commit or the path say so."""
    unchanged = not file.hunks and not file.binary
    if file.binary and not _disguised(file):
        return "binary"
    if unchanged and file.status is Status.RENAMED:
        return "pure rename"
    if unchanged and file.status is Status.MODE:
        return "only the mode changed"
    if file.path in change.generated:
        return "marked generated or vendored in .gitattributes at base"
    if (glob := rules.skipped.match(file.path)) and not _moved_in(file, rules):
        kind = _BUILT_IN.get(glob)
        return f"{kind}: path matches {glob}" if kind else f"path matches {glob} in ignore"
    if _generated_at_base(file, head):
        return "generated: its header says so, at base too"
    return ""


def _disguised(file: FileDiff) -> bool:
    return file.binary and PurePosixPath(file.path).suffix.lower() in _SOURCE


def _moved_in(file: FileDiff, rules: _Rules) -> bool:
    """Whether it comes from where files are reviewed: moving a file out of sight does not hide its changes."""
    return file.status is Status.RENAMED and rules.skipped.match(file.old_path or "") is None


def _generated_at_base(file: FileDiff, head: HeadText | None) -> bool:
    if file.status is Status.DELETED:
        return _header(file.shown("LEFT")) is not None
    header = _header(head.lines) if head and file.status is Status.MODIFIED else None
    if header is None:
        return False
    return header not in {line.new for line in _changed(file)} or _header(file.shown("LEFT")) is not None


def _claims_to_be_generated(file: FileDiff, head: HeadText | None) -> str:
    """Why the head says it need not be reviewed. A header put on a file that was there before is not believed."""
    if file.status is Status.ADDED and head and (header := _header(head.lines)):
        return f"generated: line {header} says so"
    if PurePosixPath(file.path).suffix.lower() in _MINIFIABLE and _average(file, head) > _MINIFIED_AVERAGE:
        return f"minified: lines are longer than {_MINIFIED_AVERAGE} characters on average"
    return ""


def _header(lines: Mapping[int, str]) -> int | None:
    """The line of a header that says a tool wrote the file."""
    for number in range(1, _HEADER_LINES + 1):
        text = lines.get(number, "")[:500]
        if _COMMENT.match(text) and _GENERATED.search(text):
            return number
    return None


def _average(file: FileDiff, head: HeadText | None) -> float:
    if head and head.complete:
        lengths = [len(text) for text in head.lines.values()]
    else:
        lengths = [len(text) for text in file.shown("RIGHT").values()]
    return sum(lengths) / max(len(lengths), 1)


def _critical_content(file: FileDiff, names: tuple[str, ...]) -> str:
    """Why a changed line makes it critical. Of removed lines only those whose loss is a danger count."""
    if not _is_code(file):
        return ""
    for line in _changed(file):
        if name := caught(line.text, names, removed=line.removed):
            return f"{'adds' if line.added else 'removes'} a line that {RULES[name].what} ({name})"
    return ""


def _is_code(file: FileDiff) -> bool:
    return PurePosixPath(file.path).suffix.lower() not in PROSE


def _changed(file: FileDiff) -> Iterator[Line]:
    return (line for hunk in file.hunks for line in hunk.lines if line.added or line.removed)
