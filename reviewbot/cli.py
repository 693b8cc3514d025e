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
from reviewbot.errors import Exit, ReviewbotError, UsageError
from reviewbot.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reviewbot.selection import Selection

    _Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - it has no public name

logger = logging.getLogger("reviewbot")

#: When Python looks for cycles: by default so often that a fifth of an import is spent on it, and what we make has few.
_RARELY = (100_000, 50, 100)

_EXITS = """\
exit status:
  0  the gate passed            2  usage or configuration   70   internal error
  1  the gate blocked           3  the gate is inconclusive 130  interrupted
                                4  git or GitHub failed
"""


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
        epilog=_EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"reviewbot {__version__}")
    parser.set_defaults(verbose=False)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_review(commands)
    _add_plan(commands)
    _add_merge(commands)
    _add_init(commands)
    _add_doctor(commands)
    _add_config(commands)
    _add_prompts(commands)
    _add_action(commands)
    _add_audit(commands)
    _add_eval(commands)
    return parser


def _add_review(commands: _Commands) -> None:
    review = _command(
        commands,
        "review",
        _review,
        "review a change and decide on the gate",
        "Review a change. Without a selection: HEAD against the branch it came from.",
    )
    _add_selection(review)
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
    _add_gate(review)
    review.add_argument(
        "--shard",
        metavar="I/N",
        help="only part I of N; `reviewbot merge` joins the JSON reports of all parts",
    )
    _add_result(review)
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


def _add_plan(commands: _Commands) -> None:
    plan = _command(
        commands,
        "plan",
        _plan,
        "tell what a review would ask of whom, and what it would cost",
        "Plan the review of a change: tiers, models, tokens and dollars. No model is asked.",
    )
    _add_selection(plan)
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


def _add_merge(commands: _Commands) -> None:
    merge = _command(
        commands,
        "merge",
        _merge,
        "join the reports of the parts of a change into one verdict",
        "Join what `review --shard I/N --format json` wrote for each part. Without a part it is inconclusive at best.",
    )
    merge.add_argument("reports", metavar="REPORT", nargs="+", help="the JSON report of one part")
    _add_gate(merge)
    _add_result(merge)


def _add_init(commands: _Commands) -> None:
    init = _command(
        commands,
        "init",
        _init,
        "write the configuration and the workflow for this repository",
        "Look around, propose .reviewbot.yml and the workflow, and write them. Nothing is overwritten unasked.",
    )
    init.add_argument("--repo", metavar="DIR", default=".", help="the repository (default: this folder)")
    init.add_argument("--action", metavar="OWNER/REPO@REF", help="where the workflow takes the action from")
    init.add_argument("--dry-run", action="store_true", help="only show what would be written")


def _add_doctor(commands: _Commands) -> None:
    doctor = _command(
        commands,
        "doctor",
        _doctor,
        "check configuration, keys and models, and say who would sit and why",
        "Check configuration, keys and models. Each model is asked one short question, which costs under a cent.",
    )
    _add_place(doctor)
    doctor.add_argument("--no-calls", action="store_true", help="ask no model")
    doctor.add_argument(
        "--format", choices=["text", "json"], default="text", help="of the result (default: text)"
    )


def _add_config(commands: _Commands) -> None:
    config = commands.add_parser(
        "config", help="check the configuration, or print its schema", allow_abbrev=False
    )
    actions = config.add_subparsers(title="actions", metavar="ACTION", required=True)
    what = "is the configuration sound, and who would sit on the panel"
    check = _command(actions, "check", _config_check, what)
    _add_place(check)
    _command(actions, "schema", _config_schema, "print the JSON Schema of .reviewbot.yml")


def _add_prompts(commands: _Commands) -> None:
    prompts = commands.add_parser("prompts", help="show what models are told", allow_abbrev=False)
    actions = prompts.add_subparsers(title="actions", metavar="ACTION", required=True)
    listed = _command(actions, "list", _prompts_list, "name every template, whose it is and who is told it")
    _add_place(listed)
    show = _command(
        actions,
        "show",
        _prompts_show,
        "show the requests of a change exactly as a model would get them",
        "Show every request of one stage exactly as the model would get it. No model is asked, no key is needed.",
    )
    show.add_argument(
        "stage", metavar="STAGE", choices=["scan", "review", "vote"], help="scan, review or vote"
    )
    show.add_argument(
        "--model", metavar="MODEL", required=True, help="provider/model-id, on the panel or not"
    )
    _add_selection(show)
    show.add_argument(
        "--format", choices=["text", "json"], default="text", help="of the result (default: text)"
    )


def _add_action(commands: _Commands) -> None:
    action = _command(
        commands,
        "action",
        _action,
        "review the pull request of a GitHub Actions event, post, and gate",
        "Runs inside GitHub Actions, where everything it needs is in the environment.",
    )
    action.set_defaults(verbose=True)


def _add_audit(commands: _Commands) -> None:
    explain = _command(commands, "explain", _explain, "tell the whole story of one finding")
    explain.add_argument("finding", metavar="FINDING", help="its id, or the beginning of its fingerprint")
    explain.add_argument("--record", metavar="FILE", required=True, help="the record of the run")
    replay = _command(commands, "replay", _replay, "decide a recorded run again, without a call")
    replay.add_argument("record", metavar="RECORD", help="the record of the run")
    replay.add_argument("--config", metavar="FILE", help="decide by this configuration, and say what changes")
    _add_result(replay)
    record = commands.add_parser("record", help="check the record of a run", allow_abbrev=False)
    actions = record.add_subparsers(title="actions", metavar="ACTION", required=True)
    verify = _command(actions, "verify", _record_verify, "is the record as it was written, line by line")
    verify.add_argument("record", metavar="FILE", help="the record of the run")
    _command(actions, "schema", _record_schema, "print the JSON Schemas of what the lines of a record hold")


def _add_eval(commands: _Commands) -> None:
    examine = _command(
        commands,
        "eval",
        _eval,
        "measure a panel on labelled cases",
        "Review every case in a folder and count what was found, missed and made up. docs/eval.md has the format.",
    )
    examine.add_argument("cases", metavar="DIR", help="a case, or a folder of cases")
    _add_place(examine)
    source = examine.add_mutually_exclusive_group()
    source.add_argument("--panel", choices=["offline"], help="offline: static analysers vote")
    source.add_argument("--replay", metavar="DIR", help="take recorded answers instead of asking anybody")
    examine.add_argument("--record-answers", metavar="DIR", help="keep every answer there, for --replay")
    examine.add_argument(
        "--format",
        choices=["text", "json", "html", "svg"],
        default="text",
        help="of the result (default: text)",
    )
    examine.add_argument("--output", metavar="FILE", help="where the result goes instead of standard output")
    examine.add_argument(
        "--at-least",
        metavar="NAME=NUMBER,...",
        default="",
        help="exit 1 below it; NAME is precision, recall, f1, quiet (clean cases without a finding) or unblocked "
        "(without a grave one)",
    )
    examine.add_argument(
        "--seed",
        type=int,
        default=0,
        metavar="N",
        help="of the drawing behind the interval of F1 (default: 0)",
    )
    examine.add_argument("-v", "--verbose", action="store_true", help="tell on stderr what is going on")


def _command(
    commands: _Commands,
    name: str,
    run: Callable[[argparse.Namespace], int],
    summary: str,
    description: str = "",
) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        name,
        help=summary,
        description=description or f"{summary[0].upper()}{summary[1:]}.",
        epilog=_EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(command=run)
    return parser


def _add_selection(parser: argparse.ArgumentParser) -> None:
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
    _add_place(parser)


def _add_result(parser: argparse.ArgumentParser) -> None:
    """The flags that say what becomes of the result."""
    parser.add_argument("--format", choices=[*FORMATS], default="text", help="of the result (default: text)")
    parser.add_argument("--output", metavar="FILE", help="where the result goes instead of standard output")


def _add_gate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--gate",
        choices=["enforce", "report", "off"],
        default="",
        help="instead of gate.mode of the configuration",
    )


def _add_place(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--repo", metavar="DIR", default=".", help="the repository (default: this folder)")
    parser.add_argument(
        "--config", metavar="FILE", help="instead of .reviewbot.yml at the top of the repository"
    )


def _selection(options: argparse.Namespace) -> Selection:
    from reviewbot.selection import Selection  # noqa: PLC0415 - `--help` needs none of what it imports

    return Selection(
        base=options.base,
        staged=options.staged,
        span=options.range,
        diff=options.diff,
        pr=options.pr,
        repo=options.repo,
        config=options.config,
    )


def _review(options: argparse.Namespace) -> int:
    from reviewbot import app, sharding  # noqa: PLC0415 - see above

    return app.review(
        app.Request(
            _selection(options),
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
            _selection(options),
            offline=options.panel == "offline",
            format=options.format,
            output=options.output,
            shards=options.shards,
        )
    )


def _action(_: argparse.Namespace) -> int:
    from reviewbot import action  # noqa: PLC0415 - see above

    return action.run()


def _eval(options: argparse.Namespace) -> int:
    from reviewbot.evaluation import examination  # noqa: PLC0415 - see above
    from reviewbot.selection import Selection  # noqa: PLC0415 - see above

    return examination.run(
        examination.Request(
            cases=options.cases,
            place=Selection(repo=options.repo, config=options.config),
            offline=options.panel == "offline",
            format=options.format,
            output=options.output,
            record=options.record_answers,
            replay=options.replay,
            at_least=options.at_least,
            seed=options.seed,
        )
    )


def _config_check(options: argparse.Namespace) -> int:
    from reviewbot import app  # noqa: PLC0415 - see above
    from reviewbot.selection import Selection  # noqa: PLC0415 - see above

    return app.check_config(Selection(repo=options.repo, config=options.config))


def _config_schema(_: argparse.Namespace) -> int:
    from reviewbot import app  # noqa: PLC0415 - see above

    return app.print_schema()


def _prompts_list(options: argparse.Namespace) -> int:
    from reviewbot import showing  # noqa: PLC0415 - see above
    from reviewbot.selection import Selection  # noqa: PLC0415 - see above

    return showing.list_templates(Selection(repo=options.repo, config=options.config))


def _prompts_show(options: argparse.Namespace) -> int:
    from reviewbot import showing  # noqa: PLC0415 - see above
    from reviewbot.llm import Stage  # noqa: PLC0415 - see above

    return showing.show(_selection(options), Stage(options.stage), options.model, options.format)


def _merge(options: argparse.Namespace) -> int:
    from reviewbot import merging  # noqa: PLC0415 - see above

    return merging.run(merging.Request(tuple(options.reports), options.gate, options.format, options.output))


def _init(options: argparse.Namespace) -> int:
    from reviewbot import init  # noqa: PLC0415 - see above

    return init.run(options.repo, action=options.action or init.ACTION, dry_run=options.dry_run)


def _doctor(options: argparse.Namespace) -> int:
    from reviewbot import doctor  # noqa: PLC0415 - see above
    from reviewbot.selection import Selection  # noqa: PLC0415 - see above

    place = Selection(repo=options.repo, config=options.config)
    return doctor.run(place, form=options.format, calls=not options.no_calls)


def _explain(options: argparse.Namespace) -> int:
    from reviewbot import audit  # noqa: PLC0415 - see above

    return audit.explain(options.finding, options.record)


def _replay(options: argparse.Namespace) -> int:
    from reviewbot import audit  # noqa: PLC0415 - see above
    from reviewbot.selection import Selection  # noqa: PLC0415 - see above

    policy = Selection(config=options.config) if options.config else None
    return audit.replay(options.record, policy, options.format, options.output)


def _record_verify(options: argparse.Namespace) -> int:
    from reviewbot import audit  # noqa: PLC0415 - see above

    return audit.verify(options.record)


def _record_schema(_: argparse.Namespace) -> int:
    from reviewbot import audit  # noqa: PLC0415 - see above

    return audit.schema()


def _prepare(*, verbose: bool) -> None:
    """Before anything is read: what is logged is clean, and nobody looks into this process."""
    from reviewbot import environment, logs, seclusion  # noqa: PLC0415 - see above

    logs.open_door(environment.redacted(os.environ), verbose=verbose)
    seclusion.close()
