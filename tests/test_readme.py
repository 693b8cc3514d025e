"""What README.md tells a newcomer is true."""

import re
from pathlib import Path

import pytest

from reviewbot import cli, config, environment
from reviewbot.config import Config

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
(YAML,) = (
    block for block in re.findall(r"^```yaml\n(.*?)^```$", README, re.M | re.S) if "consensus:" in block
)


def test_the_configuration_it_shows_is_valid_and_complete():
    shown = config.load(YAML, source="README.md")
    assert shown.model_fields_set == set(Config.model_fields)


@pytest.mark.parametrize("key", ["standby", "consensus", "gate", "comments", "cache", "skip", "override"])
def test_the_defaults_it_shows_are_the_defaults(key):
    assert getattr(config.load(YAML, source="README.md"), key) == getattr(Config(), key)


def test_the_times_it_shows_are_the_defaults():
    shown, default = config.load(YAML, source="README.md").budget, Config().budget
    assert (shown.seconds, shown.call_seconds) == (default.seconds, default.call_seconds)


def test_it_names_every_variable_that_is_read():
    named = {name for names in environment.KEY_VARIABLES.values() for name in names}
    named |= {
        *environment.TOKEN_VARIABLES,
        *environment.URL_VARIABLES.values(),
        environment.TRACES_VARIABLE,
        "REVIEWBOT_CALL_SECONDS",
        "REVIEWBOT_TOTAL_SECONDS",
        "REVIEWBOT_CACHE_DIR",
        "NO_COLOR",
    }
    assert {name for name in named if f"`{name}`" not in README} == set()


def test_every_command_it_shows_can_be_parsed():
    calls = re.findall(
        r"^(?:git diff \| )?reviewbot ((?:review|plan|config)\b[^#\n]*?) *(?:#.*)?$", README, re.M
    )
    assert len(calls) > 6
    for call in calls:
        cli._parser().parse_args(call.split())
