"""What the pages say holds: commands can be typed, blocks can be used, links lead somewhere."""

import argparse
import json
import re
import shlex
from pathlib import Path

import pages
import pytest
import yaml

from reviewbot import cli, config
from reviewbot.evaluation import cases

ROOT = Path(__file__).parents[1]
HOOKS = {hook["id"] for hook in yaml.safe_load(pages.text(".pre-commit-hooks.yaml"))}


def commands(parser, *before):
    """Every command a user can type, without its flags, and its parser."""
    inner = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not inner:
        return {before: parser}
    found = [commands(sub, *before, name).items() for action in inner for name, sub in action.choices.items()]
    return dict(pair for pairs in found for pair in pairs)


COMMANDS = commands(cli._parser(), "reviewbot")


def marked(blocks):
    return [pytest.param(block, id=block.place) for block in blocks]


# Commands


def calls(script):
    """The arguments of each call of reviewbot in a shell script, wherever it is installed."""
    for line in script.replace("\\\n", " ").splitlines():
        words = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
        words.whitespace_split, words.commenters = True, "#"
        call = None
        for word in [*words, ";"]:
            if re.fullmatch(r"[|&;<>]+", word):
                if call is not None:
                    yield call
                call = None
            elif call is not None:
                call.append(word)
            elif Path(word).name == "reviewbot":
                call = []


def typed():
    return [(block.place, call) for block in pages.blocks("sh") for call in calls(block.text)]


@pytest.mark.parametrize(
    ("script", "called"),
    [
        pytest.param("reviewbot plan --staged  # words", [["plan", "--staged"]], id="with a remark"),
        pytest.param("git diff | reviewbot review --diff - > x", [["review", "--diff", "-"]], id="in a pipe"),
        pytest.param(
            "cd x && .venv/bin/reviewbot init --dry-run", [["init", "--dry-run"]], id="after another"
        ),
        pytest.param("reviewbot review \\\n  --staged", [["review", "--staged"]], id="over two lines"),
        pytest.param("pip install reviewbot", [[]], id="its name alone"),
        pytest.param("# reviewbot review", [], id="a remark"),
    ],
)
def test_calls_are_found_in_a_script(script, called):
    assert list(calls(script)) == called


@pytest.mark.parametrize("call", [pytest.param(c, id=f"{p} {' '.join(c)}") for p, c in typed() if c])
def test_every_command_shown_can_be_typed(call):
    if call != ["--help"]:
        cli._parser().parse_args(call)


def test_many_commands_are_shown():
    assert len(typed()) > 15


@pytest.mark.parametrize("name", pages.names())
def test_words_name_no_flag_that_the_command_lacks(name):
    for words in (span.split() for span in pages.spans(name) if span.startswith("reviewbot ")):
        command = max((c for c in COMMANDS if tuple(words[: len(c)]) == c), key=len, default=None)
        if command:
            flags = {flag for action in COMMANDS[command]._actions for flag in action.option_strings}
            named = {flag for word in words for flag in re.findall(r"^\[?(--[a-z-]+)", word)}
            assert named <= flags, " ".join(words)


# Blocks


def meant(block):
    """What a YAML block is."""
    found = yaml.safe_load(block.text)
    if block.note:
        return block.note
    return "workflow" if "jobs" in found else "pre-commit" if "repos" in found else "configuration"


def yamls(kind):
    return [block for block in pages.blocks("yaml") if meant(block) == kind]


def test_every_yaml_block_is_of_a_kind_that_is_checked():
    # Workflows are in test_workflows.py.
    kinds = {meant(block) for block in pages.blocks("yaml")}
    assert kinds == {"workflow", "pre-commit", "configuration", "case"}


@pytest.mark.parametrize("block", marked(yamls("configuration")))
def test_a_configuration_shown_is_sound(block):
    config.load(block.text, source=block.place)


@pytest.mark.parametrize("block", marked(yamls("pre-commit")))
def test_a_pre_commit_configuration_names_hooks_there_are(block):
    named = {hook["id"] for repo in yaml.safe_load(block.text)["repos"] for hook in repo["hooks"]}
    assert named
    assert named | set(re.findall(r"# - id: (\S+)", block.text)) <= HOOKS


@pytest.mark.parametrize("block", marked(yamls("case")))
def test_a_case_shown_can_be_measured(block, tmp_path):
    (tmp_path / "case.yml").write_text(block.text, "utf-8")
    (tmp_path / "change.patch").write_text(
        "--- a/reports/sales.py\n+++ b/reports/sales.py\n@@ -11,1 +11,2 @@\n x\n+y\n", "utf-8"
    )
    assert len(cases.load(tmp_path)) == 1


@pytest.mark.parametrize("block", marked(pages.blocks("json")))
def test_json_shown_is_json(block):
    json.loads(block.text)


# Links


@pytest.mark.parametrize("name", pages.names())
def test_links_lead_somewhere(name):
    dead = [
        f"{path.relative_to(ROOT)}#{anchor}"
        for path, anchor in pages.targets(name)
        if not path.exists() or (anchor and anchor not in pages.anchors(path.read_text("utf-8")))
    ]
    assert not dead


def test_a_heading_has_the_anchor_that_github_gives_it():
    headings = "# `a.b`: What's *new*, x-y?\n\n## Why\n\n## Why\n"
    assert pages.anchors(headings) == {"ab-whats-new-x-y", "why", "why-1"}


# Pictures


def pictures():
    return [path for path in (ROOT / "docs").rglob("*") if path.suffix in (".svg", ".png")]


@pytest.mark.parametrize("path", [pytest.param(path, id=path.name) for path in pictures()])
def test_a_picture_is_small_and_loads_and_runs_nothing(path):
    assert path.stat().st_size <= 200_000
    if path.suffix == ".svg":
        drawn = path.read_text("utf-8").replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert not re.search(r"<script|\bon\w+=|@import|url\((?!#)|\b(?:href|src)=", drawn)


@pytest.mark.parametrize("path", [pytest.param(path, id=path.name) for path in pictures()])
def test_a_picture_is_shown_on_a_page(path):
    assert path in {target for name in pages.names() for target, _ in pages.targets(name)}
