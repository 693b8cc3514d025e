"""From nothing to the two files that put a repository under review: looks around, proposes, and never overwrites unasked."""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from dataclasses import dataclass
from importlib import resources
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from reviewbot import config as configuration
from reviewbot import git, gitcalls, printing, seating
from reviewbot.analyzers.source import language_of
from reviewbot.config import Config
from reviewbot.critical import DEFAULT_CRITICAL_PATHS
from reviewbot.environment import KEY_VARIABLES, Environment, without_keys
from reviewbot.errors import Exit, SourceError, UsageError
from reviewbot.globs import Globs
from reviewbot.kinds import KINDS
from reviewbot.sanitize import Sanitizer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

WORKFLOW = ".github/workflows/reviewbot.yml"
#: Where CODEOWNERS may be, in the order GitHub looks.
CODEOWNERS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
#: What stands for the action until somebody says where it is taken from.
ACTION = "OWNER/reviewbot@<commit>"

#: Places that often hold what must not go wrong, beside the defaults; proposed where a repository has them.
SENSITIVE = (
    "**/admin/**",
    "**/oauth*/**",
    "**/token*/**",
    "**/secret*/**",
    "**/rbac/**",
    "**/acl/**",
    "**/invoice*/**",
    "**/ledger/**",
    "**/k8s/**",
    "**/kubernetes/**",
    "**/helm/**",
    "**/ansible/**",
    "**/deploy*/**",
    "**/*.prisma",
    "**/*.bicep",
)
_REMOTE = re.compile(r"[:/](?P<name>[\w.-]+/[\w.-]+?)(?:\.git)?/?$")


@dataclass(frozen=True, slots=True)
class Survey:
    """What a repository looks like from outside: no file's content is read, but for CODEOWNERS."""

    name: str  # owner/name at its remote, "" without one
    languages: tuple[tuple[str, int], ...]  # file extension and number of files, most first
    critical: tuple[str, ...]  # files the defaults make critical
    sensitive: tuple[str, ...]  # globs of SENSITIVE that match a file
    owned: tuple[str, ...]  # patterns that have owners of their own


@dataclass(frozen=True, slots=True)
class Plan:
    """The files to be written, by path, and the advice that goes with them."""

    files: Mapping[str, str]
    advice: tuple[str, ...]


def run(repo: str, *, action: str, dry_run: bool) -> Exit:
    """Propose and write the files. Raises SourceError outside of a repository."""
    root = git.top(Path(repo))
    if root is None:
        raise SourceError(f"{repo} is not in a git repository; run `reviewbot init` inside one")
    if action != ACTION and not re.fullmatch(r"[\w.-]+/[\w./-]+@[\w./-]+", action):
        raise UsageError(f"--action {action!r} is not OWNER/REPO@REF")
    environment = Environment.read(os.environ)
    without_keys(os.environ)
    plan = proposed(survey(root), environment, action)
    lines = [_settled(root / name, text, dry_run=dry_run, ask=_asked) for name, text in plan.files.items()]
    safe = Sanitizer(environment.redacted)
    shown = [f"--- {name}\n{text}" for name, text in plan.files.items()] if dry_run else []
    printing.write("\n".join([*shown, *lines, "", *map(safe.clean, plan.advice), ""]), None)
    return Exit.PASSED


def survey(root: Path) -> Survey:
    """What there is, by names alone. Files that `init` itself writes do not count, so that it can be run again."""
    names = [
        n for n in gitcalls.look_up(root, "ls-files", "-z", "-co", "--exclude-standard").split("\0") if n
    ]
    names = [name for name in names if name not in (configuration.FILE_NAME, WORKFLOW)]
    defaults = Globs(DEFAULT_CRITICAL_PATHS)
    critical = tuple(name for name in names if defaults.match(name))
    prose = Globs(KINDS["docs"])  # a page about deploying deploys nothing
    others = [name for name in names if not defaults.match(name) and not prose.match(name)]
    kinds = Counter(PurePosixPath(name).suffix for name in names)
    return Survey(
        name=_name(root),
        languages=tuple((kind, number) for kind, number in kinds.most_common() if kind in _CODE),
        critical=critical,
        sensitive=tuple(glob for glob in SENSITIVE if any(Globs([glob]).match(name) for name in others)),
        owned=_owned(root),
    )


_CODE = frozenset(
    ".py .js .jsx .mjs .ts .tsx .go .java .kt .rs .rb .php .c .h .cc .cpp .cs .swift .scala .sh .sql .tf .ex .vue".split()
)


def _name(root: Path) -> str:
    remote = gitcalls.ask(root, "config", "--get", "remote.origin.url")
    found = _REMOTE.search(remote.line) if remote.ok else None
    return found["name"] if found else ""


def _owned(root: Path) -> tuple[str, ...]:
    for name in CODEOWNERS:
        try:
            text = (root / name).read_text("utf-8", "replace")
        except OSError:
            continue
        lines = (line.partition("#")[0].split() for line in text.splitlines())
        return tuple(words[0] for words in lines if len(words) > 1 and words[0] not in ("*", "/", "/**"))
    return ()


def proposed(found: Survey, environment: Environment, action: str) -> Plan:
    """The files for what was found. The configuration does not depend on keys: those of the workflow decide."""
    files = {configuration.FILE_NAME: _configuration(found), WORKFLOW: _workflow().replace(ACTION, action)}
    configuration.load(files[configuration.FILE_NAME], source=configuration.FILE_NAME)
    return Plan(files, (*_seen(found), "", *_panel(environment), "", *_next(found, environment, action)))


def _configuration(found: Survey) -> str:
    lines = [
        "# Read at the base commit of a pull request, so that a pull request cannot change its own review.",
        "# All keys: `reviewbot config schema`. Is it sound: `reviewbot config check`.",
        "",
        "# Who reviews. Unset, the keys in the workflow decide: models of three vendors, or of those there are.",
        "# panel: [anthropic/claude-sonnet-5-5, openai/gpt-6.1-sol, google/gemini-3.8-flash]",
        "",
    ]
    lines += _critical(found)
    lines += [
        "gate:",
        "  mode: enforce     # report: only say what it would have done, for the first weeks",
        "  block_at: high    # the lowest severity of a confirmed finding that blocks",
        "",
        "comments:",
        "  min_severity: medium",
        "",
    ]
    return "\n".join(lines)


def _critical(found: Survey) -> list[str]:
    owners = [f"#   - {_quoted(pattern)}" for pattern in found.owned[:20]]
    consider = ["# CODEOWNERS gives these owners of their own; consider them too:", *owners] if owners else []
    if not found.sensitive:
        return [
            "# Critical files are reviewed by the whole panel and can block. The defaults know the usual places;",
            "# a list here replaces them:",
            "# critical:",
            "#   paths: [...]",
            *consider,
            "",
        ]
    return [
        "critical:           # reviewed by the whole panel, and can block",
        "  paths:",
        "    # The defaults:",
        *(f"    - {_quoted(glob)}" for glob in DEFAULT_CRITICAL_PATHS),
        "    # Found in this repository:",
        *(f"    - {_quoted(glob)}" for glob in found.sensitive),
        *(f"    {line}" for line in consider),
        "",
    ]


def _quoted(glob: str) -> str:
    return '"' + re.sub(r'[^ -~]|["\\]', "?", glob) + '"'


def _seen(found: Survey) -> Iterable[str]:
    languages = ", ".join(f"{kind} ({number})" for kind, number in found.languages[:6]) or "no source code"
    yield f"Seen here: {languages}; {len(found.critical)} files on critical paths by the defaults."
    unread = [kind for kind, _ in found.languages if language_of(f"x{kind}") is None]
    if unread:
        yield f"The offline panel cannot read {', '.join(unread[:6])}; with keys, models read everything."


def _panel(environment: Environment) -> Iterable[str]:
    made = seating.plan(Config(), environment)
    yield f"With the keys set here the panel is ({made.kind}):"
    yield from (f"  seat {n}: {chain[0].name}" for n, chain in enumerate(made.seats, start=1))


def _next(found: Survey, environment: Environment, action: str) -> Iterable[str]:
    repo = f" --repo {found.name}" if found.name else ""
    yield "Next:"
    if action == ACTION:
        yield f"  in {WORKFLOW}, put the repository and commit you take the action from for {ACTION}"
    yield "  keys of two vendors at least, better three, as secrets of the repository:"
    for provider, names in KEY_VARIABLES.items():
        if names and f"secrets.{names[0]}" in _workflow():
            yield f"    gh secret set {names[0]}{repo}" + (
                "   # set here" if provider in environment.keys else ""
            )
    yield "  try it: reviewbot review --panel offline"
    yield "  commit both files, open a pull request, and when you trust it make the check `reviewbot` required"


def _workflow() -> str:
    return resources.files("reviewbot").joinpath("starter/workflow.yml").read_text("utf-8")


def _settled(path: Path, text: str, *, dry_run: bool, ask: Callable[[str], bool]) -> str:
    """Bring one file about; what was done, in a line."""
    there = path.read_text("utf-8", "replace") if path.exists() else None
    name = path.name if path.name == configuration.FILE_NAME else WORKFLOW
    if there == text:
        return f"unchanged  {name}"
    if dry_run:
        return f"would {'write' if there is None else 'ask before replacing'}  {name}"
    if there is not None and not ask(f"{name} is there and differs. Replace it?"):
        return f"left alone  {name}: it differs; `reviewbot init --dry-run` shows what is proposed"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {name}: {error.strerror}") from error
    return f"{'wrote' if there is None else 'replaced'}  {name}"


def _asked(question: str) -> bool:
    """Whether a person says yes; where nobody can be asked, nobody has."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    printing.say(f"{question} [y/N] ")
    return sys.stdin.readline().strip().lower() in ("y", "yes")
