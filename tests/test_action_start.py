"""How the action starts: found Python, locked packages, nothing from the workspace, and what is left when it is killed."""

import base64
import json
import shutil
import sys
from pathlib import Path

import pytest
from action_copies import ROOT, copy, edit, programs, script, wheel
from action_simulator import Simulator


@pytest.fixture(scope="module")
def action(tmp_path_factory):
    return copy(tmp_path_factory.mktemp("action"))


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The action with its environment made once and for all, for tests of what comes after."""
    folder = copy(tmp_path_factory.mktemp("installed"))
    runner = tmp_path_factory.mktemp("runner")
    run = Simulator(runner / "job", path=programs(runner / "bin", "python3")).run(folder)
    python = f"python={run.steps['install'].outputs['python']}"
    again = f"import os\nwith open(os.environ['GITHUB_OUTPUT'], 'a') as f: print({python!r}, file=f)"
    (folder / "action/install.py").write_text(again)
    return folder


@pytest.fixture
def simulator(tmp_path):
    return Simulator(tmp_path / "runner", path=programs(tmp_path / "bin", "python3"))


def heard(step):
    """What the stand-in was told in this step."""
    return json.loads(step.log.splitlines()[0])


# Python


def test_it_starts_the_product(simulator, tmp_path):
    run = simulator.run(copy(tmp_path / "action", product=ROOT))  # for an event that asks nothing of it
    assert run.status == "success", run.log
    assert "reviewbot: nothing to do" in run.steps["run"].log


@pytest.mark.parametrize(
    "name", ["python3.13", "python3.12", "python3.11", "python3", "python"], ids=lambda name: f"as {name}"
)
def test_python_is_found(installed, tmp_path, name):
    run = Simulator(tmp_path / "runner", path=programs(tmp_path / "bin", name)).run(installed)
    assert run.status == "success", run.log


@pytest.mark.parametrize("where", ["Python/3.12.1/x64/bin/python3", "Python/3.13.0/arm64/python.exe"])
def test_python_is_found_where_only_the_tool_cache_has_it(installed, tmp_path, where):
    simulator = Simulator(tmp_path / "runner", path=programs(tmp_path / "bin"))
    cached = Path(simulator.fixed["RUNNER_TOOL_CACHE"], where)
    cached.parent.mkdir(parents=True)
    cached.symlink_to(sys._base_executable)
    assert simulator.run(installed).status == "success"


@pytest.mark.parametrize(
    "others",
    [
        pytest.param({}, id="none at all"),
        pytest.param({"python3": "exit 1"}, id="one that is too old"),
        pytest.param(
            {"python3.13": "echo not installed >&2; exit 127"}, id="a shim without a version behind it"
        ),
    ],
)
def test_without_python_one_line_says_what_to_do(action, tmp_path, others):
    path = programs(tmp_path / "bin")
    for name, text in others.items():
        script(path / name, text)
    run = Simulator(tmp_path / "runner", path=path).run(action)
    assert run.log.count("\n") == 1
    assert "::error" in run.log
    assert "actions/setup-python" in run.log
    assert {step: done.outcome for step, done in run.steps.items()} == {
        "install": "failure",
        "run": "skipped",
        "close": "skipped",
    }
    assert run.steps["install"].status == 2


# Packages


def another_wheel(action):
    wheel(action / "wheels", "locked", {"locked.py": "another = 1"})


def no_hash(action):
    (action / "requirements/runtime.txt").write_text("locked==1.0\n")


@pytest.mark.parametrize("spoil", [another_wheel, no_hash], ids=lambda function: function.__name__)
def test_what_cannot_be_checked_against_the_lock_is_not_installed(tmp_path, simulator, spoil):
    action = copy(tmp_path / "action")
    spoil(action)
    run = simulator.run(action)
    assert "hash" in run.log.lower()
    assert (run.steps["install"].outcome, run.steps["install"].status) == ("failure", 4)
    assert run.steps["install"].outputs == {}
    assert run.steps["run"].outcome == run.steps["close"].outcome == "skipped"


def test_nothing_but_what_the_lock_names_is_installed(action, simulator):
    run = simulator.run(action)
    packages = Path(run.steps["install"].outputs["python"]).parents[1] / "lib"
    assert {path.name for path in packages.glob("python*/site-packages/*")} == {
        "locked.pth",
        "locked-1.0.dist-info",
        "reviewbot.pth",
    }


def test_an_environment_that_lies_there_is_not_taken(action, simulator):
    python = simulator.run(action).steps["install"].outputs["python"]
    assert Path(python).is_relative_to(simulator.temp)
    assert simulator.run(action).steps["install"].outputs["python"] != python


# The workspace, which may hold files of the change, and variables that an earlier step took from them


def imports(name):
    def plant(simulator, witness):
        (simulator.workspace / f"{name}.py").write_text(f"open({str(witness)!r}, 'w')\nraise ImportError")
        return {}

    return plant


def on_pythonpath(simulator, witness):
    imports("sitecustomize")(simulator, witness)
    return {"PYTHONPATH": str(simulator.workspace)}


def first_on_path(simulator, witness):
    script(simulator.workspace / "bin/python3.13", f"echo > {witness}; exit 1")
    return {"PATH": f"{simulator.workspace}/bin:{simulator.machine['PATH']}"}


def version_file(simulator, witness):
    """`python3` is a shim that obeys `.python-version` in the working directory, like pyenv's."""
    (simulator.workspace / ".python-version").write_text("evil")
    real, shim = sys._base_executable, Path(simulator.machine["PATH"], "python3")
    shim.unlink()
    script(shim, f'[ ! -e .python-version ] || echo > {witness}; exec {real} "$@"')
    return {}


def evil_requirement(simulator, witness):
    """A requirements file, with a right hash, for a wheel that runs code in every interpreter it is installed for."""
    code = base64.b64encode(f"open({str(witness)!r}, 'w')".encode()).decode()
    line = wheel(
        simulator.workspace, "evil", {"evil.pth": f"import base64; exec(base64.b64decode('{code}'))"}
    )
    path = simulator.workspace / f"{witness.name}.txt"
    path.write_text(f"--find-links {simulator.workspace}\n{line}")
    return path


def pip_variable(simulator, witness):
    return {"PIP_REQUIREMENT": str(evil_requirement(simulator, witness))}


def pip_configuration(simulator, witness):
    configuration = simulator.workspace / "pip.conf"
    configuration.write_text(f"[install]\nrequirement = {evil_requirement(simulator, witness)}\n")
    return {"PIP_CONFIG_FILE": str(configuration)}


def pip_configuration_of_the_system(simulator, witness):
    pip_configuration(simulator, witness)
    (simulator.workspace / "pip").mkdir()
    (simulator.workspace / "pip.conf").rename(simulator.workspace / "pip/pip.conf")
    return {"XDG_CONFIG_DIRS": str(simulator.workspace)}


def bash_start(simulator, witness):
    (simulator.workspace / "start.sh").write_text(f"echo > {witness}")
    return {"BASH_ENV": str(simulator.workspace / "start.sh")}


def bash_function(simulator, witness):
    return {"BASH_FUNC_cd%%": f'() {{ echo > {witness}; builtin cd "$@"; }}'}


#: What is planted, and the defences without which it would work: file, what is written there, what a careless hand writes.
STEPS, INSTALL = "action.yml", "action/install.py"
LEAVE = (STEPS, 'cd -- "$RUNNER_TEMP"\n', ":\n")
PLANTS = {
    "a module where Python starts": (imports("json"), [LEAVE, (STEPS, "-I -X utf8 -m", "-m")]),
    "a module on PYTHONPATH": (on_pythonpath, [(STEPS, "-I -X utf8 -m", "-m")]),
    "an interpreter first on PATH": (first_on_path, [(STEPS, '"$workspace"/*)', '"")')]),
    "a version for pyenv": (version_file, [LEAVE]),
    "a variable for pip": (pip_variable, [(INSTALL, '"PIP_", ', ""), (INSTALL, '"--isolated",', "")]),
    "a configuration of the system for pip": (pip_configuration_of_the_system, [(INSTALL, ', "XDG_")', ")")]),
    "a configuration for pip": (pip_configuration, [(INSTALL, '"PIP_", ', "")]),
    "a file for bash to start with": (bash_start, [(STEPS, " -p ", " ")]),
    "a function for bash": (bash_function, [(STEPS, " -p ", " ")]),
}


def test_nothing_in_the_workspace_matters(action, simulator, tmp_path):
    env = {}
    (tmp_path / "witnesses").mkdir()
    for name, (plant, _) in PLANTS.items():
        env |= plant(simulator, tmp_path / "witnesses" / name.replace(" ", "-"))
    run = simulator.run(action, env=env)
    assert [path.name for path in tmp_path.glob("witnesses/*")] == []
    assert run.status == "success", run.log


@pytest.mark.parametrize(("plant", "careless"), PLANTS.values(), ids=PLANTS)
def test_it_would_matter_to_a_careless_action(tmp_path, simulator, plant, careless):
    action = copy(tmp_path / "action")
    for file, old, new in careless:
        edit(action / file, old, new)
    simulator.run(action, env=plant(simulator, tmp_path / "witness"))
    assert (tmp_path / "witness").exists()


# Text of the change


def titled(tmp_path):
    return {"pull_request": {"title": f"$(echo > {tmp_path}/witness)"}}


def test_a_title_is_not_a_command(installed, tmp_path):
    simulator = Simulator(
        tmp_path / "runner", path=programs(tmp_path / "bin", "python3"), payload=titled(tmp_path)
    )
    simulator.run(installed, inputs={"gate": titled(tmp_path)["pull_request"]["title"]})
    assert not (tmp_path / "witness").exists()


@pytest.mark.parametrize("expression", ["github.event.pull_request.title", "inputs.gate"])
def test_it_would_be_one_inside_a_script(installed, tmp_path, expression):
    action = Path(shutil.copytree(installed, tmp_path / "action"))
    edit(action / "action.yml", "exec ", f'echo "${{{{ {expression} }}}}"\n        exec ')
    simulator = Simulator(
        tmp_path / "runner", path=programs(tmp_path / "bin", "python3"), payload=titled(tmp_path)
    )
    simulator.run(action, inputs={"gate": titled(tmp_path)["pull_request"]["title"]})
    assert (tmp_path / "witness").exists()


# What the product is given


def test_the_product_runs_isolated_and_away_from_the_workspace(installed, simulator):
    told = heard(simulator.run(installed).steps["run"])
    assert (told["isolated"], told["utf8"], told["argv"]) == (1, 1, ["action"])
    assert Path(told["cwd"]) == simulator.temp


KEYS = ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY")


@pytest.mark.parametrize(
    ("given", "job", "seen"),
    [
        pytest.param(None, "job's", "job's", id="of the job's env"),
        pytest.param("", "job's", "job's", id="an input that is blank, as a secret that is not set"),
        pytest.param("input's", None, "input's", id="of an input"),
        pytest.param("input's", "job's", "input's", id="the input beats the job's env"),
        pytest.param(None, None, "", id="none"),
    ],
)
def test_keys(installed, simulator, given, job, seen):
    def each(value):
        return {key: value and f"{value} {key}" for key in KEYS if value is not None}

    inputs = {key.lower().replace("_", "-"): value for key, value in each(given).items()}
    env = heard(simulator.run(installed, inputs=inputs, env=each(job)).steps["run"])["env"]
    assert {key: env[key] for key in KEYS} == each(seen)


@pytest.mark.parametrize(
    ("inputs", "token"),
    [
        pytest.param({}, "token-of-the-job", id="the job's own"),
        pytest.param({"github-token": "of-an-app"}, "of-an-app", id="another one"),
        pytest.param({"github-token": ""}, "token-of-the-job", id="a blank one"),
    ],
)
def test_the_token(installed, simulator, inputs, token):
    run = simulator.run(installed, inputs=inputs, env={"STAND_IN": "crash"})
    assert {heard(run.steps[step])["env"]["GITHUB_TOKEN"] for step in ("run", "close")} == {token}


def test_inputs_arrive(installed, simulator):
    inputs = {
        "mode": "post",
        "gate": "report",
        "config": "a.yml",
        "report": "r.json",
        "shard": "1/2",
        "shards": "3",
    }
    env = heard(simulator.run(installed, inputs=inputs).steps["run"])["env"]
    assert {name: env[f"REVIEWBOT_{name.upper()}"] for name in inputs} == inputs


# The end


def test_only_what_the_product_wrote_is_an_output(installed, simulator):
    run = simulator.run(installed, env={"STAND_IN": "blocked"})
    assert run.outputs == {"verdict": "blocked", "report": "", "matrix": "", "record": ""}
    assert not [
        file
        for step in run.steps.values()
        for name, file in step.files.items()
        if name != "GITHUB_OUTPUT" and file
    ]


@pytest.mark.parametrize(
    ("what", "mode", "closed"),
    [
        pytest.param("blocked", "all", False, id="a verdict"),
        pytest.param("crash", "all", True, id="a crash"),
        pytest.param("crash", "post", True, id="a crash while posting"),
        pytest.param("crash", "review", False, id="a crash of a run that makes no check"),
    ],
)
def test_a_check_may_be_open_after(installed, simulator, what, mode, closed):
    run = simulator.run(installed, inputs={"mode": mode}, env={"STAND_IN": what})
    assert run.status == "failure"
    assert (run.steps["close"].outcome == "success") == closed
    assert not closed or heard(run.steps["close"])["env"]["REVIEWBOT_MODE"] == "close"


def test_a_cancelled_run_gets_the_signal_and_ends_itself(installed, simulator):
    run = simulator.run(installed, env={"STAND_IN": "polite"}, cancel=lambda log: log.endswith("working\n"))
    assert (run.status, run.steps["run"].status, run.outputs["verdict"]) == ("cancelled", 3, "inconclusive")


@pytest.mark.parametrize("written", ["", "passed"], ids=lambda word: f"verdict {word!r}")
def test_a_run_that_had_to_be_killed_is_closed(installed, simulator, written):
    env = {"STAND_IN": "deaf", "STAND_IN_VERDICT": written}
    run = simulator.run(installed, env=env, cancel=lambda log: log.endswith("working\n"))
    assert (run.status, run.steps["run"].status, run.outputs["verdict"]) == ("cancelled", -9, written)
    assert heard(run.steps["close"])["env"]["REVIEWBOT_MODE"] == "close"
