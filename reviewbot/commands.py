"""The commands beside a review: setting up, looking into models and prompts, reading records, measuring a panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewbot.flags import add_place, add_result, add_selection, command, place, selection

if TYPE_CHECKING:
    import argparse

    from reviewbot.flags import Commands


def add(commands: Commands) -> None:
    """Make all of them known."""
    _add_init(commands)
    _add_doctor(commands)
    _add_config(commands)
    _add_prompts(commands)
    _add_audit(commands)
    _add_eval(commands)


def _add_init(commands: Commands) -> None:
    init = command(
        commands,
        "init",
        _init,
        "write the configuration and the workflow for this repository",
        "Look around, propose .reviewbot.yml and the workflow, and write them. Nothing is overwritten unasked.",
    )
    init.add_argument("--repo", metavar="DIR", default=".", help="the repository (default: this folder)")
    init.add_argument("--action", metavar="OWNER/REPO@REF", help="where the workflow takes the action from")
    init.add_argument("--dry-run", action="store_true", help="only show what would be written")


def _add_doctor(commands: Commands) -> None:
    doctor = command(
        commands,
        "doctor",
        _doctor,
        "check configuration, keys and models, and say who would sit and why",
        "Check configuration, keys and models. Each model is asked one short question, which costs under a cent.",
    )
    add_place(doctor)
    doctor.add_argument("--no-calls", action="store_true", help="ask no model")
    doctor.add_argument(
        "--format", choices=["text", "json"], default="text", help="of the result (default: text)"
    )


def _add_config(commands: Commands) -> None:
    config = commands.add_parser(
        "config", help="check the configuration, or print its schema", allow_abbrev=False
    )
    actions = config.add_subparsers(title="actions", metavar="ACTION", required=True)
    what = "is the configuration sound, and who would sit on the panel"
    check = command(actions, "check", _config_check, what)
    add_place(check)
    command(actions, "schema", _config_schema, "print the JSON Schema of .reviewbot.yml")


def _add_prompts(commands: Commands) -> None:
    prompts = commands.add_parser("prompts", help="show what models are told", allow_abbrev=False)
    actions = prompts.add_subparsers(title="actions", metavar="ACTION", required=True)
    listed = command(actions, "list", _prompts_list, "name every template, whose it is and who is told it")
    add_place(listed)
    show = command(
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
    add_selection(show)
    show.add_argument(
        "--format", choices=["text", "json"], default="text", help="of the result (default: text)"
    )


def _add_audit(commands: Commands) -> None:
    explain = command(commands, "explain", _explain, "tell the whole story of one finding")
    explain.add_argument("finding", metavar="FINDING", help="its id, or the beginning of its fingerprint")
    explain.add_argument("--record", metavar="FILE", required=True, help="the record of the run")
    replay = command(commands, "replay", _replay, "decide a recorded run again, without a call")
    replay.add_argument("record", metavar="RECORD", help="the record of the run")
    replay.add_argument("--config", metavar="FILE", help="decide by this configuration, and say what changes")
    add_result(replay)
    record = commands.add_parser("record", help="check the record of a run", allow_abbrev=False)
    actions = record.add_subparsers(title="actions", metavar="ACTION", required=True)
    verify = command(actions, "verify", _record_verify, "is the record as it was written, line by line")
    verify.add_argument("record", metavar="FILE", help="the record of the run")
    command(actions, "schema", _record_schema, "print the JSON Schemas of what the lines of a record hold")


def _add_eval(commands: Commands) -> None:
    examine = command(
        commands,
        "eval",
        _eval,
        "measure a panel on labelled cases",
        "Review every case in a folder and count what was found, missed and made up. docs/eval.md has the format.",
    )
    examine.add_argument("cases", metavar="DIR", help="a case, or a folder of cases")
    add_place(examine)
    source = examine.add_mutually_exclusive_group()
    source.add_argument("--panel", choices=["offline"], help="offline: static analysers vote")
    source.add_argument("--replay", metavar="DIR", help="take recorded answers instead of asking anybody")
    source.add_argument(
        "--batch",
        action="store_true",
        help="ask through the vendors' batch APIs: half the price, within days",
    )
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


def _eval(options: argparse.Namespace) -> int:
    from reviewbot.evaluation import examination  # noqa: PLC0415 - `--help` needs none of what it imports

    return examination.run(
        examination.Request(
            cases=options.cases,
            place=place(options),
            offline=options.panel == "offline",
            format=options.format,
            output=options.output,
            record=options.record_answers,
            replay=options.replay,
            at_least=options.at_least,
            seed=options.seed,
            batch=options.batch,
        )
    )


def _config_check(options: argparse.Namespace) -> int:
    from reviewbot import app  # noqa: PLC0415 - see above

    return app.check_config(place(options))


def _config_schema(_: argparse.Namespace) -> int:
    from reviewbot import app  # noqa: PLC0415 - see above

    return app.print_schema()


def _prompts_list(options: argparse.Namespace) -> int:
    from reviewbot import showing  # noqa: PLC0415 - see above

    return showing.list_templates(place(options))


def _prompts_show(options: argparse.Namespace) -> int:
    from reviewbot import showing  # noqa: PLC0415 - see above
    from reviewbot.llm import Stage  # noqa: PLC0415 - see above

    return showing.show(selection(options), Stage(options.stage), options.model, options.format)


def _init(options: argparse.Namespace) -> int:
    from reviewbot import init  # noqa: PLC0415 - see above

    return init.run(options.repo, action=options.action or init.ACTION, dry_run=options.dry_run)


def _doctor(options: argparse.Namespace) -> int:
    from reviewbot import doctor  # noqa: PLC0415 - see above

    return doctor.run(place(options), form=options.format, calls=not options.no_calls)


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
