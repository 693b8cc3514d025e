"""What the repository promises around the code: locks, wheel, start-up and pages agree with each other."""

import fnmatch
import importlib.util
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pages
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import reviewbot
from reviewbot import config, environment
from reviewbot.config import Config

ROOT = Path(__file__).parents[1]
EXAMPLE = "docs/reviewbot.example.yml"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
RUNTIME = PROJECT["dependencies"]
#: Of all extras; what the extra `dev` names of the project itself are the others.
DEV = [
    line
    for extra in PROJECT["optional-dependencies"].values()
    for line in extra
    if not line.startswith("reviewbot[")
]


def text_of(name):
    return (ROOT / name).read_text("utf-8")


def tracked():
    """Every file of the repository, as git knows it."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [ROOT / name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()]


# Locks


def locked(name):
    """Package to version and hashes."""
    entries = re.split(r"\n(?=[a-z0-9])", text_of(f"requirements/{name}.txt"))
    return {
        found[1]: (found[2], frozenset(re.findall(r"--hash=sha256:([0-9a-f]{64})", entry)))
        for entry in entries
        if (found := re.match(r"([a-z0-9-]+)==([^ \\]+)", entry))
    }


@pytest.mark.parametrize(
    ("lock", "line"),
    [("runtime", line) for line in RUNTIME] + [("dev", line) for line in (*RUNTIME, *DEV)],
)
def test_the_lock_has_a_version_the_range_allows(lock, line):
    wanted = Requirement(line)
    version, _ = locked(lock)[canonicalize_name(wanted.name)]
    assert version in wanted.specifier


@pytest.mark.parametrize("lock", ["runtime", "dev"])
def test_every_locked_package_has_a_hash_and_no_origin(lock):
    assert all(hashes for _, hashes in locked(lock).values())
    assert not re.search(r"://|--(extra-)?index|--find-links|@ ", text_of(f"requirements/{lock}.txt"))


def test_what_runs_is_what_was_tested():
    assert locked("runtime").items() <= locked("dev").items()


def test_ci_tries_every_python_the_project_promises():
    promised = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["classifiers"]))
    assert json.loads(re.search(r"python: (\[.*\])", text_of(".github/workflows/ci.yml"))[1]) == promised
    assert PROJECT["requires-python"] == f">={promised[0]}"


# The wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from the source distribution as a release is: what that lacks, the wheel lacks too."""
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", out, ROOT],
        check=True,
        capture_output=True,
        stdin=subprocess.DEVNULL,
    )
    (built,) = out.glob("*.whl")
    return built


@pytest.mark.parametrize(
    "pattern",
    [
        "reviewbot/py.typed",
        "reviewbot/prompts_data/base/scan.md.j2",
        "reviewbot/prompts_data/base/review.md.j2",
        "reviewbot/prompts_data/base/vote.md.j2",
        "reviewbot/prompts_data/claude/*.md.j2",
        "reviewbot/analyzers/rules/*.yml",
        "reviewbot/outputs/report.schema.json",
        "*.dist-info/licenses/LICENSE",
        "*.dist-info/entry_points.txt",
    ],
)
def test_the_wheel_holds(wheel, pattern):
    assert fnmatch.filter(zipfile.ZipFile(wheel).namelist(), pattern)


def test_the_wheel_holds_every_file_of_the_package_and_nothing_else(wheel):
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    package = {
        path.relative_to(ROOT).as_posix() for path in tracked() if path.is_relative_to(ROOT / "reviewbot")
    }
    templates = {
        "reviewbot/prompts_data/" + path.relative_to(ROOT / "prompts").as_posix()
        for path in tracked()
        if path.is_relative_to(ROOT / "prompts")
    }
    assert package | templates <= inside
    assert not {name for name in inside if name.startswith("tests") or "__pycache__" in name}


RENDER = """
import sys
sys.path.insert(0, sys.argv[1])
from reviewbot.llm import ModelSpec, Question, Stage
from reviewbot.prompts import Templates
spec = ModelSpec(provider="any", id="any", family="any", window=100_000, max_output=1_000)
for stage in (Stage.SCAN, Stage.REVIEW):
    print(Templates().prompt(Question(stage=stage, subjects=()), spec).task)
"""


def test_an_installed_reviewbot_reads_the_templates_of_its_wheel(wheel, tmp_path):
    zipfile.ZipFile(wheel).extractall(tmp_path)
    for stage in ("scan", "review"):
        with (tmp_path / f"reviewbot/prompts_data/base/{stage}.md.j2").open("a") as template:
            template.write("\nonly in the wheel\n")
    run = [sys.executable, "-I", "-c", RENDER, str(tmp_path)]
    rendered = subprocess.run(run, cwd=tmp_path, capture_output=True, check=True, text=True).stdout
    assert rendered.count("only in the wheel") == 2
    assert rendered.count("Task: ") == 2


# Start-up


LOADED = """
import sys
sys.path.insert(0, sys.argv[1])
from reviewbot import cli
cli._parser()
print(*sys.modules)
"""


def test_the_command_line_imports_nothing_heavy():
    run = [sys.executable, "-I", "-c", LOADED, str(ROOT)]
    printed = subprocess.run(run, capture_output=True, check=True, text=True).stdout
    loaded = {name.partition(".")[0] for name in printed.split()}
    ours = {
        name.replace("-", "_")
        for name in map(canonicalize_name, (Requirement(line).name for line in RUNTIME))
    }
    # What an import name differs in from its package.
    ours |= {"google", "yaml", "ast_grep_py", "genai_prices"}
    assert "reviewbot" in loaded
    assert not loaded & (ours | {"asyncio", "github"})


# Pages


def test_the_changelog_starts_at_this_version():
    first = re.search(r"^## .*?(\d+\.\d+\.\d+)", text_of("CHANGELOG.md"), re.MULTILINE)
    assert first[1] == reviewbot.__version__


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "AGENTS.md"])
def test_contributors_are_sent_to_files_that_exist(page):
    named = re.findall(
        r"`((?:reviewbot|tests|prompts|requirements|benchmarks|examples|\.ci|\.github)/[\w./-]*)`",
        text_of(page),
    )
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


# The reference of the configuration


def maker():
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs/generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reference_is_up_to_date():
    made = maker()
    page = made.page(text_of("docs/configuration.md"), config.schema(), text_of(EXAMPLE))
    assert page == text_of("docs/configuration.md"), f"it is not; run: {made.COMMAND}"


def test_the_example_is_sound_and_complete():
    shown = config.load(text_of(EXAMPLE), source=EXAMPLE)
    lacking = set(Config.model_fields) - shown.model_fields_set
    assert not lacking, f"show them in {EXAMPLE}, then run: {maker().COMMAND}"


@pytest.mark.parametrize("key", ["standby", "consensus", "gate", "comments", "cache", "skip", "override"])
def test_the_defaults_it_shows_are_the_defaults(key):
    assert getattr(config.load(text_of(EXAMPLE), source=EXAMPLE), key) == getattr(Config(), key)


def test_the_times_it_shows_are_the_defaults():
    shown, default = config.load(text_of(EXAMPLE), source=EXAMPLE).budget, Config().budget
    assert (shown.seconds, shown.call_seconds) == (default.seconds, default.call_seconds)


def test_every_variable_that_is_read_is_named():
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
    assert named <= set(pages.spans("docs/configuration.md"))


#: A little over the greatest, the lock of development.
MOST_BYTES = 200_000
# What must not be in the repository. The patterns are written so that they do not match themselves.
FORBIDDEN = re.compile(
    r"/w[o]rk/(main|steering|shared)|/t[m]p/env\b|/r[o]ot/\.|/h[o]me/(?!runner\b)[a-z]+/"
    r"|\b(npm[j]s|py[p]i|python[h]osted|deb[i]an)\.(org|com)\b"
    r"|\bsk-(ant|pro[j])-[\w-]{16}|\bgh[pousr]_\w{30}|\bgithub_pa[t]_\w{20}|\bAK[I]A[0-9A-Z]{16}\b|\bAI[z]a[\w-]{35}"
    r"|-----BEGIN [A-Z ]*PRIVATE K[E]Y"
)


def test_no_file_holds_a_key_or_tells_of_the_machine_it_was_made_on():
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in tracked()
        for match in FORBIDDEN.finditer(path.read_text("utf-8", "replace"))
    ]
    assert not found


def test_no_file_is_big():
    """Every job that uses the action downloads all of them."""
    assert [path.name for path in tracked() if path.stat().st_size > MOST_BYTES] == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("sk-" + "ant-" + "a" * 20, id="a key of a vendor"),
        pytest.param("ghp" + "_" + "a" * 36, id="a token"),
        pytest.param("AKI" + "A" + "B" * 16, id="an access key id"),
        pytest.param("/wo" + "rk/main/x.py", id="a path of a machine"),
        pytest.param("registry.npm" + "js.org", id="a registry"),
    ],
)
def test_the_search_for_keys_and_machines_finds(text):
    assert FORBIDDEN.search(f"x = '{text}'")


def test_no_two_test_files_have_one_name():
    """Pytest imports them by name alone; two of one name stop the whole run, and only a whole run."""
    names = [path.name for path in tracked() if path.name.startswith("test_") and path.suffix == ".py"]
    assert sorted(names) == sorted(set(names))
