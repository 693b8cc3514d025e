"""The workflows we run, and those we tell others to run: sound, least in rights, and possible with the action there is."""

import re
import subprocess
import sys
from pathlib import Path

import pages
import pytest
import yaml

from reviewbot.environment import KEY_VARIABLES
from reviewbot.github.check import NAME

ROOT = Path(__file__).parents[1]


def shown(*names):
    """The workflows on these pages."""
    return [
        block.text
        for block in pages.blocks("yaml", of=names)
        if re.search("^jobs:", block.text, re.MULTILINE)
    ]


ACTION = yaml.load((ROOT / "action.yml").read_text("utf-8"), yaml.BaseLoader)
OURS = "OWNER/reviewbot@<commit>"
SHOWN = {
    f"docs {re.search('^name: (.*)', text)[1]} {number}": text
    for number, text in enumerate(shown(*pages.names(under="docs/")))
}
RUN = {path.name: path.read_text("utf-8") for path in sorted((ROOT / ".github/workflows").glob("*.yml"))}
(README,) = shown("README.md")
ALL = SHOWN | RUN | {"README": README}
#: Those that run the action.
REVIEWING = {
    name: yaml.load(text, yaml.BaseLoader) for name, text in ALL.items() if name not in ("ci.yml", "README")
}
JOBS = {f"{name}: {job}": told for name, flow in REVIEWING.items() for job, told in flow["jobs"].items()}
WRITES = {"contents": "read", "pull-requests": "write", "checks": "write"}
READS = {"contents": "read", "pull-requests": "read"}


def steps(job, *, ours):
    return [step for step in job["steps"] if (step["uses"] in (OURS, "./")) == ours]


def mode(step):
    return step.get("with", {}).get("mode", "all")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """All of them as files, with a commit where people put one."""
    folder = tmp_path_factory.mktemp("repo") / ".github/workflows"
    folder.mkdir(parents=True)
    for name, text in ALL.items():
        file = folder / f"{name.replace(' ', '-').removesuffix('.yml')}.yml"
        file.write_text(text.replace("<commit>", "0" * 40), "utf-8")
    return folder


def test_four_workflows_are_shown():
    assert [re.search("^name: (.*)", text)[1] for text in SHOWN.values()] == [
        "reviewbot",
        "reviewbot",
        "reviewbot in parts",
        "reviewbot command",
    ]


def test_github_takes_them(written):
    checker = Path(sys.executable).with_name("check-jsonschema")
    subprocess.run(
        [checker, "--builtin-schema", "vendor.github-workflows", *written.glob("*.yml")], check=True
    )


def test_none_of_them_can_be_attacked_in_a_known_way(written):
    zizmor = Path(sys.executable).with_name("zizmor")
    subprocess.run(
        [zizmor, "--offline", "--no-progress", written.parents[1], ROOT / "action.yml"], check=True
    )


@pytest.mark.parametrize("name", ALL)
def test_others_are_named_by_commit_and_the_same_everywhere(name):
    pins = dict(re.findall(r"uses: ([\w-]+/[\w-]+)@(.*)", "\n".join(ALL.values())))
    for action, pin in re.findall(r"uses: ([\w-]+/[\w-]+)@(.*)", ALL[name]):
        assert pin == pins[action]
        assert re.fullmatch(r"[0-9a-f]{40} # v\d+\.\d+\.\d+", pin) or pin == "<commit>"


@pytest.mark.parametrize("name", REVIEWING)
def test_no_filter_leaves_a_required_check_unreported(name):
    triggers = REVIEWING[name]["on"]
    assert not any(re.match("(paths|branches)", key) for told in triggers.values() if told for key in told)
    assert ("merge_group" in triggers) == ("pull_request" in triggers)
    assert "pull_request_target" not in triggers


@pytest.mark.parametrize("name", ["README", *REVIEWING])
def test_a_pull_request_that_gets_another_base_is_reviewed_anew(name):
    flow = yaml.load(ALL[name], yaml.BaseLoader)
    if "pull_request" in flow["on"]:
        assert "edited" in flow["on"]["pull_request"]["types"]
        assert all("github.event.changes.base" in job["if"] for job in flow["jobs"].values())


@pytest.mark.parametrize("job", JOBS)
def test_a_job_uses_inputs_that_exist(job):
    (step,) = steps(JOBS[job], ours=True)
    assert step.get("with", {}).keys() <= ACTION["inputs"].keys()


@pytest.mark.parametrize("job", JOBS)
def test_a_job_has_the_rights_it_needs_and_a_limit(job):
    (step,) = steps(JOBS[job], ours=True)
    assert JOBS[job]["permissions"] == (READS if mode(step) in ("review", "plan") else WRITES)
    assert REVIEWING[job.partition(":")[0]]["permissions"] == {}
    assert int(JOBS[job]["timeout-minutes"]) <= 25


@pytest.mark.parametrize("job", JOBS)
def test_keys_are_where_models_are_asked_and_nowhere_else(job):
    (step,) = steps(JOBS[job], ours=True)
    keys = {names[0]: f"${{{{ secrets.{names[0]} }}}}" for names in KEY_VARIABLES.values()}
    assert step.get("env", {}) == ({} if mode(step) in ("post", "plan") else keys)
    assert "secrets." not in str(steps(JOBS[job], ours=False))


@pytest.mark.parametrize("job", JOBS)
def test_no_job_has_the_name_of_the_check(job):
    assert NAME not in (job.rpartition(" ")[2], JOBS[job].get("name"))


@pytest.mark.parametrize("job", JOBS)
def test_the_change_is_not_checked_out(job):
    for step in steps(JOBS[job], ours=False):
        assert not step["uses"].startswith("actions/checkout") or "base" in step["with"]["ref"]
    assert not any("run" in step for step in JOBS[job]["steps"])


@pytest.mark.parametrize("kind", ["input", "output"])
def test_the_page_lists_what_the_action_has(kind):
    table = re.search(rf"^\| {kind} \|.*?\n\n", pages.text("docs/github.md"), re.M | re.S)[0]
    listed = re.findall(
        r"`([a-z-]+)`", "\n".join(row.split("|")[1] for row in table.strip().splitlines()[2:])
    )
    assert sorted(listed) == sorted(ACTION[f"{kind}s"])
