"""`reviewbot init` proposes sound files, writes them once, and overwrites nothing unasked."""

import re
import subprocess
from pathlib import Path

import pytest

from reviewbot import cli, config, init
from reviewbot.environment import Environment

DOCS = (Path(__file__).parents[1] / "docs" / "github.md").read_text("utf-8")


def git(repo, *args):
    subprocess.run(["git", "-C", str(repo), *args], check=True, capture_output=True)


@pytest.fixture
def repo(tmp_path):
    git(tmp_path, "init", "-q")
    return tmp_path


def put(repo, *names, text="x\n"):
    for name in names:
        (repo / name).parent.mkdir(parents=True, exist_ok=True)
        (repo / name).write_text(text)


@pytest.fixture
def run(repo, capsys):
    def ran(*flags):
        assert cli.main(["init", "--repo", str(repo), *flags]) == 0
        return capsys.readouterr().out

    return ran


def contents(repo):
    return {p: p.read_text() for p in repo.rglob("*") if p.is_file() and ".git/" not in p.as_posix()}


def test_it_writes_both_files_and_says_what_is_next(repo, run):
    text = run()
    assert (repo / ".reviewbot.yml").is_file()
    assert (repo / ".github/workflows/reviewbot.yml").is_file()
    assert "gh secret set ANTHROPIC_API_KEY" in text


def test_a_second_run_changes_nothing(repo, run):
    put(repo, "app/admin/users.py")
    run()
    before = contents(repo)
    assert run().splitlines()[:2] == [
        "unchanged  .reviewbot.yml",
        "unchanged  .github/workflows/reviewbot.yml",
    ]
    assert contents(repo) == before


def test_a_dry_run_shows_all_and_writes_nothing(repo, run):
    text = run("--dry-run")
    assert "--- .reviewbot.yml\n" in text
    assert "would write" in text
    assert contents(repo) == {}


def test_a_file_that_differs_is_left_alone_where_nobody_can_be_asked(repo, run):
    put(repo, ".reviewbot.yml", text="panel: offline\n")
    assert run().startswith("left alone  .reviewbot.yml")
    assert (repo / ".reviewbot.yml").read_text() == "panel: offline\n"


@pytest.mark.parametrize(
    ("answer", "text"), [pytest.param(True, "new\n", id="yes"), pytest.param(False, "old\n", id="no")]
)
def test_a_file_that_differs_is_replaced_only_on_a_yes(answer, text, tmp_path):
    put(tmp_path, "f", text="old\n")
    init._settled(tmp_path / "f", "new\n", dry_run=False, ask=lambda _: answer)
    assert (tmp_path / "f").read_text() == text


@pytest.mark.parametrize(
    ("names", "found"),
    [
        pytest.param(["app/views.py"], (), id="nothing beside the defaults"),
        pytest.param(["app/admin/a.py", "deploy/x.sh"], ("**/admin/**", "**/deploy*/**"), id="two places"),
        pytest.param(["docs/deploying/a.rst"], (), id="a page about such a place"),
        pytest.param(["auth/admin/a.py"], (), id="critical already"),
    ],
)
def test_sensitive_places_are_proposed_beside_the_defaults(names, found, repo, run):
    put(repo, *names)
    run()
    paths = config.load((repo / ".reviewbot.yml").read_text(), source="it").critical.paths
    assert paths == (*config.Config().critical.paths, *found)


def test_owners_are_pointed_out(repo, run):
    put(repo, ".github/CODEOWNERS", text="* @all\n/billing/ @money # x\n\n# none\n/y\n")
    run()
    text = (repo / ".reviewbot.yml").read_text()
    assert '#   - "/billing/"' in text
    assert text.count("#   - ") == 1


@pytest.mark.parametrize("name", ['a"\n- "!**', "ü/**", "a\\b"])
def test_no_name_in_the_repository_breaks_the_file(name, repo, run):
    put(repo, "CODEOWNERS", text=f"{name} @x @y\n")
    run()
    config.load((repo / ".reviewbot.yml").read_text(), source="it")


@pytest.mark.parametrize(
    "url",
    ["git@github.com:acme/shop.git", "https://github.com/acme/shop", "ssh://git@ghes.test:22/acme/shop.git/"],
)
def test_secrets_are_set_where_the_remote_is(url, repo, run):
    git(repo, "remote", "add", "origin", url)
    assert "gh secret set OPENAI_API_KEY --repo acme/shop" in run()


def test_the_panel_that_would_sit_is_told():
    told = init.proposed(
        init.Survey("", (), (), (), ()), Environment(keys={"openai": "k" * 20}), init.ACTION
    ).advice
    assert "With the keys set here the panel is (one vendor):" in told
    assert not any("kkkk" in line for line in told)


def test_the_action_is_taken_from_where_it_is_said(repo, run):
    text = run("--action", "acme/reviewbot@0123abc")
    assert "uses: acme/reviewbot@0123abc" in (repo / ".github/workflows/reviewbot.yml").read_text()
    assert "OWNER" not in text


def test_the_workflow_is_the_one_of_the_documentation():
    assert init._workflow() in re.findall(r"^```yaml\n(.*?)^```$", DOCS, re.M | re.S)


@pytest.mark.parametrize(
    ("flags", "status", "says"),
    [
        pytest.param(["--action", "nonsense"], 2, "--action 'nonsense' is not OWNER/REPO@REF", id="action"),
        pytest.param(["--repo", "/"], 4, "is not in a git repository", id="no repository"),
    ],
)
def test_bad_input_gets_one_sentence(flags, status, says, repo, capsys):
    assert cli.main(["init", "--repo", str(repo), *flags]) == status
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1
