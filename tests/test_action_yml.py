"""action.yml says what the code reads, and has none of the holes that such files have."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from reviewbot.config import Config
from reviewbot.environment import KEY_VARIABLES, Environment, Runner
from reviewbot.gate import Status
from reviewbot.settings import Gate

ROOT = Path(__file__).parents[1]
TOLD = yaml.load((ROOT / "action.yml").read_text("utf-8"), yaml.BaseLoader)
STEPS = {step["id"]: step for step in TOLD["runs"]["steps"]}
INPUTS, OUTPUTS = TOLD["inputs"], TOLD["outputs"]
KEYS = {names[0].lower().replace("_", "-"): names[0] for names in KEY_VARIABLES.values()}


class Asked(dict):
    """An environment that remembers what it was asked for."""

    def __init__(self, **values):
        super().__init__(values)
        self.names = set()

    def get(self, name, default=None):
        self.names.add(name)
        return super().get(name, default)


def read_by_the_code():
    asked = Asked(GITHUB_EVENT_NAME="push", GITHUB_REPOSITORY="octo/repo")
    Runner.read(asked)
    Environment.read(asked)
    return asked.names


def test_github_takes_it():
    checker = Path(sys.executable).with_name("check-jsonschema")
    subprocess.run([checker, "--builtin-schema", "vendor.github-actions", ROOT / "action.yml"], check=True)


@pytest.mark.parametrize("step", STEPS)
def test_no_expression_is_inside_a_script(step):
    assert "${{" not in STEPS[step]["run"]


@pytest.mark.parametrize("step", STEPS)
def test_every_script_leaves_the_workspace_before_it_starts_anything(step):
    before, _, after = STEPS[step]["run"].partition('cd -- "$RUNNER_TEMP"\n')
    assert not re.search(r"python|exec", before)
    assert re.search(r'exec "\$\w+" -I -X utf8 ', after)


def test_nothing_else_is_fetched_or_cached():
    assert all("uses" not in step for step in STEPS.values())


def test_whatever_is_installed_sees_no_key_and_no_token():
    assert "env" not in STEPS["install"]


def test_every_key_has_an_input_that_gives_way_to_the_environment():
    expressions = {KEYS[name]: f"${{{{ inputs.{name} || env.{KEYS[name]} }}}}" for name in KEYS}
    assert KEYS.keys() <= INPUTS.keys()
    assert expressions.items() <= STEPS["run"]["env"].items()


def test_every_input_arrives():
    used = re.findall(r"inputs\.([\w-]+)", str(STEPS["run"]["env"]))
    assert sorted(used) == sorted(INPUTS)


def test_every_variable_it_sets_is_read():
    assert STEPS["run"]["env"].keys() - {"REVIEWBOT_PYTHON"} <= read_by_the_code()


def test_what_the_configuration_also_says_has_no_default():
    assert {name for name, entry in INPUTS.items() if "default" in entry} == {"mode"}
    assert "mode" not in Config.model_fields


@pytest.mark.parametrize(
    ("name", "words"),
    [("mode", ["all", "review", "post", "plan"]), ("gate", ["enforce", "report", "off"])],
)
def test_it_names_the_words_an_input_takes(name, words):
    for word in words:
        assert re.search(rf"\b{word}\b", INPUTS[name]["description"])
        Runner.read(
            {"GITHUB_EVENT_NAME": "push", "GITHUB_REPOSITORY": "o/r", f"REVIEWBOT_{name.upper()}": word}
        )
    assert name != "gate" or set(words) == set(Gate.model_fields["mode"].annotation.__args__)


def test_its_outputs_are_those_of_the_product():
    assert {name: entry["value"] for name, entry in OUTPUTS.items()} == {
        name: f"${{{{ steps.run.outputs.{name} }}}}" for name in ("verdict", "report", "matrix", "record")
    }
    assert all(status in OUTPUTS["verdict"]["description"] for status in Status)
