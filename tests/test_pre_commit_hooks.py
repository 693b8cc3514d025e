"""The hooks for pre-commit run commands there are, and stop nothing unless asked to."""

from pathlib import Path

import pytest
import yaml

from reviewbot import cli

HOOKS = yaml.safe_load((Path(__file__).parents[1] / ".pre-commit-hooks.yaml").read_text("utf-8"))


@pytest.mark.parametrize("hook", [pytest.param(hook, id=hook["id"]) for hook in HOOKS])
def test_a_hook_is_advisory_and_shows_what_it_found(hook):
    program, *flags = hook["entry"].split()
    assert program == "reviewbot"
    assert cli._parser().parse_args(flags).gate == "report"
    assert cli._parser().parse_args([*flags, "--gate", "enforce"]).gate == "enforce"
    assert hook["verbose"]  # pre-commit hides what a hook that passes has printed
    assert not hook["pass_filenames"]
    assert "manual" in hook["stages"]


def test_report_only_exits_0_whatever_was_found(capsys):
    patch = str(Path(__file__).parents[1] / "examples" / "change.patch")
    flags = ["review", "--diff", patch, "--repo", "examples", "--panel", "offline"]
    assert cli.main(flags) == 1
    assert cli.main([*flags, "--gate", "report"]) == 0
    assert "BLOCKED" in capsys.readouterr().out
