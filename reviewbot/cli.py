"""Flags and exit statuses; everything else is elsewhere, imported when it is needed."""

from __future__ import annotations

import argparse
import logging
import sys
from typing import TYPE_CHECKING

from reviewbot import __version__
from reviewbot.errors import Exit, ReviewbotError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

logger = logging.getLogger("reviewbot")

_EXITS = """\
exit status:
  0  the gate passed            2  usage or configuration   70   internal error
  1  the gate blocked           3  the gate is inconclusive 130  interrupted
                                4  git or GitHub failed
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; every failure ends here, as one sentence on stderr."""
    try:
        options = _parser().parse_args(argv)
        _log(verbose=options.verbose)
        command: Callable[[argparse.Namespace], int] = options.command
        return command(options)
    except ReviewbotError as error:
        print(f"reviewbot: {error}", file=sys.stderr)  # noqa: T201 - the one line a failing run prints
        return error.exit
    except KeyboardInterrupt:
        print("reviewbot: interrupted", file=sys.stderr)  # noqa: T201 - likewise
        return Exit.INTERRUPTED
    except Exception:
        logger.exception("internal error, please report it with this trace")
        return Exit.INTERNAL


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="reviewbot",
        description="Review a change with several models and say only what enough of them stand behind.",
        epilog=_EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"reviewbot {__version__}")
    parser.set_defaults(verbose=False)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_review(commands)
    _add_config(commands)
    _add_action(commands)
    return parser


def _add_review(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    review = commands.add_parser(
        "review",
        help="review a change and decide on the gate",
        description="Review a change. Without a selection: HEAD against the branch it came from.",
        epilog=_EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    change = review.add_mutually_exclusive_group()
    change.add_argument("--base", metavar="REF", help="what HEAD changes since its merge base with REF")
    change.add_argument("--staged", action="store_true", help="what is in the index and not in HEAD")
    change.add_argument(
        "--range", metavar="A..B", help="what B changes against A (A...B: since their merge base)"
    )
    change.add_argument("--diff", metavar="FILE", help="a diff in a file, or - for standard input")
    review.add_argument("--repo", metavar="DIR", default=".", help="the repository (default: this folder)")
    review.add_argument(
        "--config", metavar="FILE", help="instead of .reviewbot.yml at the top of the repository"
    )
    review.add_argument(
        "--panel", choices=["offline"], help="offline: static analysers vote; no key, no network, no AI"
    )
    review.add_argument(
        "--format", choices=["text", "json", "markdown"], default="text", help="of the result (default: text)"
    )
    review.add_argument("--output", metavar="FILE", help="where the result goes instead of standard output")
    review.add_argument("-v", "--verbose", action="store_true", help="tell on stderr what is going on")
    review.set_defaults(command=_review)


def _add_config(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    config = commands.add_parser(
        "config", help="check the configuration, or print its schema", allow_abbrev=False
    )
    actions = config.add_subparsers(title="actions", metavar="ACTION", required=True)
    check = actions.add_parser(
        "check", help="is the configuration sound, and who would sit on the panel", allow_abbrev=False
    )
    check.add_argument("--repo", metavar="DIR", default=".", help="the repository (default: this folder)")
    check.add_argument(
        "--config", metavar="FILE", help="instead of .reviewbot.yml at the top of the repository"
    )
    check.set_defaults(command=_config_check)
    schema = actions.add_parser("schema", help="print the JSON Schema of .reviewbot.yml", allow_abbrev=False)
    schema.set_defaults(command=_config_schema)


def _add_action(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    action = commands.add_parser(
        "action",
        help="review the pull request of a GitHub Actions event, post, and gate",
        description="Runs inside GitHub Actions, where everything it needs is in the environment.",
        epilog=_EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    action.set_defaults(command=_action, verbose=True)


def _review(options: argparse.Namespace) -> int:
    from reviewbot import app  # noqa: PLC0415 - `--help` needs none of what it imports

    if options.diff == "-" and sys.stdin.isatty():
        raise UsageError("--diff - reads a diff from standard input; pipe one in, or name a file")
    return app.review(
        app.Request(
            base=options.base,
            staged=options.staged,
            span=options.range,
            diff=options.diff,
            repo=options.repo,
            config=options.config,
            offline=options.panel == "offline",
            format=options.format,
            output=options.output,
        )
    )


def _action(_: argparse.Namespace) -> int:
    from reviewbot import action  # noqa: PLC0415 - see above

    return action.run()


def _config_check(options: argparse.Namespace) -> int:
    from reviewbot import app  # noqa: PLC0415 - see above

    return app.check_config(options.repo, options.config)


def _config_schema(_: argparse.Namespace) -> int:
    from reviewbot import app  # noqa: PLC0415 - see above

    return app.print_schema()


def _log(*, verbose: bool) -> None:
    """Progress where a person watches; elsewhere only what went wrong."""
    watched = verbose or sys.stderr.isatty()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("reviewbot: %(message)s"))
    logger.handlers[:] = [handler]
    logger.setLevel(logging.INFO if watched else logging.WARNING)
    logger.propagate = False
