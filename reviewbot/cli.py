"""Flags and exit statuses; everything else is elsewhere, imported when it is needed."""

from __future__ import annotations

import argparse
import gc
import logging
import os
import signal
import sys
from typing import TYPE_CHECKING, Literal

from reviewbot import __version__
from reviewbot import commands as others
from reviewbot.errors import Exit, ReviewbotError, UsageError
from reviewbot.flags import EXITS, add_gate, add_result, add_selection, command, selection

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reviewbot.flags import Commands


logger = logging.getLogger("reviewbot")

#: When Python looks for cycles: by default so often that a fifth of an import is spent on it, and what we make has few.
_RARELY = (100_000, 50, 100)


def run() -> None:
    """`main` as the whole program, which ends at once.

    Nobody waits for an SDK that is still being imported, nor for Python to take apart what the system frees anyway: 0.3 s.
    """
    status = main()
    for stream in (sys.stdout, sys.stderr):
        if stream:  # a program can be started without
            stream.flush()
    os._exit(status)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; every failure ends here, as one sentence on stderr."""
    gc.set_threshold(*_RARELY)
    try:
        options = _parser().parse_args(argv)
        _prepare(verbose=options.verbose)
        # Who cancels a job sends SIGINT, then SIGTERM: both leave time to complete the check and to clean up.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        command: Callable[[argparse.Namespace], int] = options.command
        return command(options)
    except ReviewbotError as error:
        logger.error("%s", error)  # noqa: TRY400 - the sentence is meant for people, a trace is not
        return error.exit
    except KeyboardInterrupt:
        logger.error("interrupted")  # noqa: TRY400 - likewise
        return Exit.INTERRUPTED
    except Exception:
        logger.exception("internal error, please report it with this trace")
        return Exit.INTERNAL


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="reviewbot",
        description="Review a change with several models and say only what enough of them stand behind.",
        epilog=EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"reviewbot {__version__}")
    parser.set_defaults(verbose=False)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_review(commands)
    _add_plan(commands)
    _add_merge(commands)
    _add_action(commands)
    others.add(commands)
    return parser


def _add_review(commands: Commands) -> None:
    review = command(
        commands,
        "review",
        _review,
        "review a change and decide on the gate",
        "Review a change. Without a selection: HEAD against the branch it came from.",
    )
    add_selection(review)
    review.add_argument(
        "--panel", choices=["offline"], help="offline: static analysers vote; no key, no network, no AI"
    )
    review.add_argument(
        "--evidence",
        metavar="FILE",
        action="append",
        default=[],
        help="SARIF of another tool, shown to the reviewers as unverified; can be given again",
    )
    add_gate(review)
    review.add_argument(
        "--shard",
        metavar="I/N",
        help="only part I of N; `reviewbot merge` joins the JSON reports of all parts",
    )
    add_result(review)
    review.add_argument(
        "--apply",
        nargs="?",
        const="ask",
        default="",
        choices=["ask", "all"],
        help="put suggestions of confirmed findings into the working tree: ask for each, or all",
    )
    review.add_argument("--record", metavar="FILE", help="write down every decision, for explain and replay")
    review.add_argument(
        "--no-cache", action="store_true", help="neither use answers of earlier runs nor keep any"
    )
    review.add_argument("-v", "--verbose", action="store_true", help="tell on stderr what is going on")


def _add_plan(commands: Commands) -> None:
    plan = command(
        commands,
        "plan",
        _plan,
        "tell what a review would ask of whom, and what it would cost",
        "Plan the review of a change: tiers, models, tokens and dollars. No model is asked.",
    )
    add_selection(plan)
    plan.add_argument("--panel", choices=["offline"], help="offline: static analysers vote")
    plan.add_argument(
        "--format", choices=["text", "json"], default="text", help="of the plan (default: text)"
    )
    plan.add_argument("--output", metavar="FILE", help="where the plan goes instead of standard output")
    plan.add_argument(
        "--shards",
        metavar="N",
        type=int,
        help="print a matrix of at most N parts for GitHub Actions instead, JSON",
    )


def _add_merge(commands: Commands) -> None:
    merge = command(
        commands,
        "merge",
        _merge,
        "join the reports of the parts of a change into one verdict",
        "Join what `review --shard I/N --format json` wrote for each part. Without a part it is inconclusive at best.",
    )
    merge.add_argument("reports", metavar="REPORT", nargs="+", help="the JSON report of one part")
    add_gate(merge)
    add_result(merge)


def _add_action(commands: Commands) -> None:
    action = command(
        commands,
        "action",
        _action,
        "review the pull request of a GitHub Actions event, post, and gate",
        "Runs inside GitHub Actions, where everything it needs is in the environment.",
    )
    action.set_defaults(verbose=True)


def _review(options: argparse.Namespace) -> int:
    from reviewbot import app, sharding  # noqa: PLC0415 - `--help` needs none of what it imports

    return app.review(
        app.Request(
            selection(options),
            offline=options.panel == "offline",
            gate=options.gate,
            format=options.format,
            output=options.output,
            evidence=tuple(options.evidence),
            record=options.record,
            apply=_applied(options),
            watched=sys.stderr.isatty() and not options.verbose,
            cached=not options.no_cache,
            shard=sharding.Shard.parse(options.shard) if options.shard is not None else None,
        )
    )


def _applied(options: argparse.Namespace) -> Literal["", "ask", "all"]:
    if options.apply == "ask" and not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("--apply asks at a terminal, and there is none; use --apply all")
    applied: Literal["", "ask", "all"] = options.apply
    return applied


def _plan(options: argparse.Namespace) -> int:
    from reviewbot import preview  # noqa: PLC0415 - see above

    return preview.plan(
        preview.Request(
            selection(options),
            offline=options.panel == "offline",
            format=options.format,
            output=options.output,
            shards=options.shards,
        )
    )


def _action(_: argparse.Namespace) -> int:
    from reviewbot import action  # noqa: PLC0415 - see above

    return action.run()


def _merge(options: argparse.Namespace) -> int:
    from reviewbot import merging  # noqa: PLC0415 - see above

    return merging.run(merging.Request(tuple(options.reports), options.gate, options.format, options.output))


def _prepare(*, verbose: bool) -> None:
    """Before anything is read: what is logged is clean, and nobody looks into this process."""
    from reviewbot import environment, logs, seclusion  # noqa: PLC0415 - see above

    logs.open_door(environment.redacted(os.environ), verbose=verbose)
    seclusion.close()
