"""What `prompts list` and `prompts show` tell, against what a run really sends."""

import asyncio
import json

import pytest
from scripted import DOWN, Free, Scripted, change, file, panel

from reviewbot import canary, catalog, cli, pipeline, showing
from reviewbot.asking import Asker, Limits
from reviewbot.budget import Ledger
from reviewbot.config import load
from reviewbot.environment import Environment
from reviewbot.guidance import Guidance
from reviewbot.llm import Stage
from reviewbot.prompts import Templates
from reviewbot.rules import Rules
from reviewbot.triage import triage

CHANGE = """\
diff --git a/auth/login.py b/auth/login.py
new file mode 100644
--- /dev/null
+++ b/auth/login.py
@@ -0,0 +1,1 @@
+ALLOWED = True
diff --git a/src/page.py b/src/page.py
new file mode 100644
--- /dev/null
+++ b/src/page.py
@@ -0,0 +1,1 @@
+TITLE = "File: EVIL"
diff --git a/uv.lock b/uv.lock
new file mode 100644
--- /dev/null
+++ b/uv.lock
@@ -0,0 +1,1 @@
+x
"""
GPT = "openai/gpt-6.1-sol"


@pytest.fixture
def run(tmp_path, capsysbinary, monkeypatch):
    """Run a command in a folder with a diff and no keys; exit status, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "c.patch").write_text(CHANGE)

    def command(*arguments):
        try:
            status = cli.main(("prompts", *arguments))
        except SystemExit as exit_:  # argparse
            status = exit_.code
        captured = capsysbinary.readouterr()
        return int(status), captured.out.decode(), captured.err.decode()

    return command


def shown(run, stage, *flags, model=GPT):
    status, out, err = run("show", stage, "--model", model, "--diff", "c.patch", "--format", "json", *flags)
    assert (status, err) == (0, "")
    return json.loads(out)


@pytest.mark.parametrize(
    ("stage", "files"),
    [
        pytest.param("scan", [["src/page.py"]], id="the scan gets normal files"),
        pytest.param(
            "review", [["auth/login.py"], ["src/page.py"]], id="a review critical and scanned files apart"
        ),
        pytest.param("vote", [["auth/login.py"], ["src/page.py"]], id="a vote what was reviewed"),
    ],
)
def test_which_files_each_stage_gets(run, stage, files):
    assert [request["files"] for request in shown(run, stage)] == files


def test_the_texts_keep_the_contract(run):
    (request,) = shown(run, "scan")
    assert [row for row in request["prefix"].splitlines() if row.startswith("File: ")] == [
        "File: src/page.py"
    ]
    assert request["task"].startswith("Task: scan\n")


def test_a_vote_is_shown_with_an_empty_list_of_claims(run):
    assert "```json\n[\n\n]\n```" in shown(run, "vote")[0]["task"]


@pytest.mark.parametrize(
    ("model", "told"),
    [
        pytest.param(GPT, False, id="OpenAI enforces it"),
        pytest.param("deepseek/deepseek-flash", True, id="DeepSeek does not"),
    ],
)
def test_the_schema_is_in_the_text_where_nobody_enforces_it(run, model, told):
    assert [
        request["system"].count('"additionalProperties"') > 0 for request in shown(run, "scan", model=model)
    ] == [told]


def test_the_text_form_shows_every_part_under_its_name(run):
    status, out, err = run("show", "review", "--model", GPT, "--diff", "c.patch")
    assert (status, err) == (0, "")
    heads = [row.partition(",")[0] for row in out.splitlines() if row.startswith("== request")]
    assert heads == [f"== request 1 of 2: review by {GPT}", f"== request 2 of 2: review by {GPT}"]
    assert [row for row in out.splitlines() if row.startswith("-- ")] == [
        "-- system",
        "-- files",
        "-- task",
    ] * 2


def test_a_stage_that_no_file_gets_to_says_so(run, tmp_path):
    (tmp_path / "c.patch").write_text(CHANGE[CHANGE.index("diff --git a/uv.lock") :])
    status, out, _ = run("show", "review", "--model", GPT, "--diff", "c.patch")
    assert (status, out) == (
        0,
        f"{GPT} would be sent nothing at the review: no file of this change gets there\n",
    )


def test_private_files_are_not_shown_for_a_model_elsewhere(run, tmp_path):
    (tmp_path / "own.yml").write_text("privacy: {local_only: ['auth/**']}")
    assert [r["files"] for r in shown(run, "review", "--config", "own.yml")] == [["src/page.py"]]
    local = shown(run, "review", "--config", "own.yml", model="ollama/qwen3-coder:30b")
    assert [r["files"] for r in local] == [["auth/login.py"], ["src/page.py"]]


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        pytest.param(
            ["show", "scan", "--model", "static/ruff"], "is an analyser", id="an analyser reads no text"
        ),
        pytest.param(
            ["show", "scan", "--model", "openai/none"], "'openai/none' is not known", id="unknown model"
        ),
        pytest.param(["show", "scan", "--model", "gpt-6.1-sol"], "names no provider", id="no provider"),
        pytest.param(["show", "talk", "--model", GPT], "invalid choice: 'talk'", id="unknown stage"),
        pytest.param(["show", "scan"], "--model", id="no model"),
        pytest.param(
            ["show", "scan", "--model", GPT, "--diff", "nope"], "cannot read the diff nope", id="no diff"
        ),
    ],
)
def test_bad_input_is_one_sentence(run, flags, says):
    flags = flags if "--diff" in flags else [*flags, "--diff", "c.patch"]
    status, out, err = run(*flags)
    assert (status, out) == (2, "")
    assert says in err
    assert len([row for row in err.splitlines() if row.startswith("reviewbot")]) == 1


def test_the_list_names_every_template_with_its_users(run, tmp_path):
    (tmp_path / ".reviewbot.yml").write_text(
        "panel: [anthropic/claude-sonnet-5-5, openai/gpt-6.1-sol, google/gemini-3.8-flash]"
    )
    status, out, err = run("list")
    assert (status, err) == (0, "")
    rows = {row.split()[0]: row for row in out.splitlines()}
    assert set(Templates().names) | {"template"} == set(rows)
    assert "family claude" in rows["claude/vote.md.j2"]
    assert rows["claude/vote.md.j2"].endswith("anthropic/claude-sonnet-5-5")
    assert rows["base/vote.md.j2"].endswith(
        "anthropic/claude-sonnet-5-5, openai/gpt-6.1-sol, google/gemini-3.8-flash"
    )


def test_without_a_panel_of_models_nobody_uses_a_template(run):
    assert {row.rpartition("  ")[2] for row in run("list")[1].splitlines()[1:]} == {"nobody on the panel"}


def test_a_project_s_own_words_are_shown(run, tmp_path):
    folder = tmp_path / ".github/reviewbot/prompts/gpt"
    folder.mkdir(parents=True)
    (folder / "scan.md.j2").write_text("Look at everything, {{ family }}.")
    (tmp_path / "AGENTS.md").write_text("Carts are never empty.")
    (tmp_path / ".reviewbot.yml").write_text("guidelines: [{file: AGENTS.md}]")
    (request,) = shown(run, "scan")
    assert request["task"] == "Task: scan\n\nLook at everything, gpt.\n"
    assert "> Carts are never empty." in request["system"]
    (row,) = (row for row in run("list")[1].splitlines() if row.startswith("gpt/scan.md.j2"))
    assert row.split()[1] == "yours"


@pytest.mark.parametrize(
    ("files", "says"),
    [
        pytest.param(
            {".github/reviewbot/prompts/gpt/scan.md.j2": "{{ nothing }}"},
            "'gpt/scan.md.j2'",
            id="a template that fails",
        ),
        pytest.param(
            {".reviewbot.yml": "prompts: own"}, "there is no template in own", id="a folder without any"
        ),
        pytest.param(
            {".reviewbot.yml": "guidelines: [{file: a.md}]"},
            "there is no a.md",
            id="a guideline that is not there",
        ),
        pytest.param(
            {".reviewbot.yml": "guidelines: [{file: a.md}]", "a.md": b"\xff"},
            "a.md is not UTF-8",
            id="one that is no text",
        ),
    ],
)
def test_what_is_wrong_with_them_is_one_sentence_before_any_call(run, tmp_path, files, says):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    status, out, err = run("show", "scan", "--model", GPT, "--diff", "c.patch")
    assert (status, out) == (2, "")
    assert says in err


def test_a_link_out_of_the_repository_is_not_followed(run, tmp_path):
    (tmp_path / "repo").mkdir()
    (tmp_path / "secret").write_text("s")
    (tmp_path / "repo/a.md").symlink_to(tmp_path / "secret")
    (tmp_path / "repo/.reviewbot.yml").write_text("guidelines: [{file: a.md}]")
    status, _, err = run("list", "--repo", "repo")
    assert (status, "a.md leads out of" in err) == (2, True)


SHELL = """\
diff --git a/auth/run.py b/auth/run.py
new file mode 100644
--- /dev/null
+++ b/auth/run.py
@@ -0,0 +1,3 @@
+import subprocess
+def run(name):
+    subprocess.run("ls " + name, shell=True)
"""


@pytest.mark.parametrize(
    ("configured", "stage", "told"),
    [
        pytest.param("facts: true", "review", True, id="reviewers, if it is configured"),
        pytest.param("facts: true", "vote", False, id="no voters"),
        pytest.param("", "review", False, id="nobody by default"),
        pytest.param(
            "facts: true\npanel: [openai/gpt-6.1-sol, google/gemini-3.8-flash, static/ruff]", "review", False,
            id="nobody where an analyser has a seat",
        ),
    ],
)  # fmt: skip
def test_who_is_told_what_analysers_report(run, tmp_path, configured, stage, told):
    (tmp_path / "c.patch").write_text(SHELL)
    (tmp_path / ".reviewbot.yml").write_text(configured)
    (request,) = shown(run, stage)
    assert ("CWE-78: Shell command built from values" in request["task"]) is told


class Listening(Scripted):
    """Keeps the prompts it was sent."""

    def __init__(self, name, **given):
        super().__init__(name, **given)
        self.spec = catalog.MODELS[name]
        self.prompts = []

    async def complete(self, prompt, *, seconds):
        self.prompts.append(prompt)
        return await super().complete(prompt, seconds=seconds)


@pytest.mark.parametrize("stage", [Stage.SCAN, Stage.REVIEW])
def test_what_is_shown_is_what_a_run_sends(stage):
    made = change(*map(file, ("auth/login.py", "src/page.py", "src/other.py")))
    names = ("anthropic/claude-sonnet-5-5", GPT, "google/gemini-3.8-flash")
    config = load(f"panel: [{', '.join(names)}]\nscan: openai/gpt-6-luna", source="test")
    models = [Listening(name) for name in names]
    scan = Listening("openai/gpt-6-luna", scan=DOWN)  # so that all files are reviewed, and without hints

    async def reviewed():
        asking = Asker(
            Templates(mark=canary.derive(())).prompt,
            lambda reply: reply,
            Ledger(Free(), None),
            Limits(pause=0),
        )
        rules = Rules.of(config, ("claude", "gpt", "gemini"))
        await pipeline.gather(made, triage(made, config), panel(*models, scan=scan), rules, asking)

    asyncio.run(reviewed())
    asked = scan if stage is Stage.SCAN else models[1]
    told = showing.shipments(made, config, Environment.read({}), Guidance(), asked.spec, stage)
    sent = [(p.system, p.prefix, p.task) for p in asked.prompts if p.question.stage is stage]
    assert {(p.system, p.prefix, p.task) for p in (each.prompt for each in told)} == set(sent)
    assert sent
