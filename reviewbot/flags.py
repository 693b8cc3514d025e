"""Flags that several commands have, and how a command is made of them."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING

from reviewbot.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable

    from reviewbot.selection import Selection

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - it has no public name

EXITS = """\
exit status:
  0  the gate passed            2  usage or configuration   70   internal error
  1  the gate blocked           3  the gate is inconclusive 130  interrupted
                                4  git or GitHub failed
"""


def command(
    commands: Commands,
    name: str,
    run: Callable[[argparse.Namespace], int],
    summary: str,
    description: str = "",
) -> argparse.ArgumentParser:
    """One command: `run` takes its flags and gives its exit status; without `description` the summary describes it."""
    parser = commands.add_parser(
        name,
        help=summary,
        description=description or f"{summary[0].upper()}{summary[1:]}.",
        epilog=EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(command=run)
    return parser


def add_selection(parser: argparse.ArgumentParser) -> None:
    """The flags that say which change is meant."""
    change = parser.add_mutually_exclusive_group()
    change.add_argument("--base", metavar="REF", help="what HEAD changes since its merge base with REF")
    change.add_argument("--staged", action="store_true", help="what is in the index and not in HEAD")
    change.add_argument(
        "--range", metavar="A..B", help="what B changes against A (A...B: since their merge base)"
    )
    change.add_argument("--diff", metavar="FILE", help="a diff in a file, or - for standard input")
    change.add_argument(
        "--pr", metavar="OWNER/REPO#N", help="a pull request, read from GitHub with its base's configuration"
    )
    add_place(parser)


def add_result(parser: argparse.ArgumentParser) -> None:
    """The flags that say what becomes of the result."""
    parser.add_argument("--format", choices=[*FORMATS], default="text", help="of the result (default: text)")
    parser.add_argument("--output", metavar="FILE", help="where the result goes instead of standard output")


def add_gate(parser: argparse.ArgumentParser) -> None:
    """The flag that beats the configuration's gate."""
    parser.add_argument(
        "--gate",
        choices=["enforce", "report", "off"],
        default="",
        help="instead of gate.mode of the configuration",
    )


def add_place(parser: argparse.ArgumentParser) -> None:
    """The flags that say where, and by which configuration."""
    parser.add_argument("--repo", metavar="DIR", default=".", help="the repository (default: this folder)")
    parser.add_argument(
        "--config", metavar="FILE", help="instead of .reviewbot.yml at the top of the repository"
    )


def place(options: argparse.Namespace) -> Selection:
    """Where these flags point, by which configuration, and no change."""
    from reviewbot.selection import Selection  # noqa: PLC0415 - `--help` needs none of what it imports

    return Selection(repo=options.repo, config=options.config)


def selection(options: argparse.Namespace) -> Selection:
    """What these flags select."""
    return replace(
        place(options),
        base=options.base,
        staged=options.staged,
        span=options.range,
        diff=options.diff,
        pr=options.pr,
    )
