"""`reviewbot eval` from flags to figures, on recorded answers and on the offline panel."""

import json
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from scripted import as_json, finding

from reviewbot import cli

SHIPPED = Path(__file__).parents[2] / "examples" / "eval"
HOSTILE = "<script>alert(1)</script>"
PATCH = """\
diff --git a/{path} b/{path}
new file mode 100644
--- /dev/null
+++ b/{path}
@@ -0,0 +1,3 @@
+def find(name):
+    query = run(name)
+    return query
"""
HEADER = "title: Find\nlanguage: python\nlicense: MIT\nsource: this test\n"
LABEL = """\
expected:
  - {path: auth/login.py, first_line: 2, last_line: 2, category: security, severity: high, what: SQL, defect: CWE-89}
  - {path: auth/login.py, first_line: 3, last_line: 3, category: test, severity: low, what: nothing tests it}
"""


@pytest.fixture
def run(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def command(*arguments):
        try:
            status = cli.main(["eval", *map(str, arguments)])
        except SystemExit as exit_:
            status = exit_.code
        captured = capsys.readouterr()
        return int(status), captured.out, captured.err

    return command


@pytest.fixture
def recorded(tmp_path):
    """Two cases, one clean; a panel of three where one finds the defect, one makes something up, and one judges."""
    for name, path, labels in (("bad", "auth/login.py", LABEL), ("good", "auth/fine.py", "clean: true\n")):
        (tmp_path / "cases" / name).mkdir(parents=True)
        (tmp_path / "cases" / name / "change.patch").write_text(PATCH.format(path=path))
        (tmp_path / "cases" / name / "case.yml").write_text(HEADER + labels)
    folder = tmp_path / "answers"
    folder.mkdir()
    seats = [{"provider": f, "id": "m", "family": f, "window": 200_000, "max_output": 8_000} for f in "abc"]
    (folder / "panel.json").write_text(json.dumps({"seats": [[s] for s in seats], "scan": seats[:1]}))
    true, false = finding(), finding(path="auth/fine.py", title=HOSTILE)
    for name, path, author, said in (
        ("bad", "auth/login.py", "a/m", true),
        ("good", "auth/fine.py", "b/m", false),
    ):
        lines = []
        for model in ("a/m", "b/m", "c/m"):
            found = [as_json(said)] if model == author else []
            lines.append(_line(model, "review", path, {"read": [path], "findings": found}))
        (folder / f"{name}.jsonl").write_text("".join(lines))
    return folder


def _line(model, stage, path, parts):
    answer = json.dumps({"read": [], "flags": [], "findings": [], "votes": [], **parts})
    return json.dumps({"model": model, "stage": stage, "files": [path], "answer": answer}) + "\n"


def test_recorded_answers_are_scored(run, recorded):
    status, out, _ = run("cases", "--replay", recorded, "--format", "json")
    report = json.loads(out)
    rows = {row["name"]: row for table in report["tables"].values() for row in table}
    assert status == 0
    assert (report["schema"], report["cases"]["total"], report["cases"]["clean"]) == (
        "reviewbot.eval/1",
        2,
        1,
    )
    assert report["result"]["found"] == 0  # nobody's vote was recorded, so nothing is confirmed
    assert report["cases"]["incomplete"] == ["bad", "good"]
    assert (rows["a/m"]["found"], rows["a/m"]["expected"], rows["a/m"]["false"]) == (1, 2, 0)
    assert (rows["b/m"]["false"], rows["b/m"]["false_on_clean"]) == (1, 1)
    assert (rows["any one of them"]["found"], rows["any one of them"]["false"]) == (1, 1)
    assert [row["what"] for row in report["missed"]] == ["SQL", "nothing tests it"]


def test_every_form_is_whole_and_clean(run, recorded):
    (recorded / "good.jsonl").write_text(
        "".join(
            _line(model, "review", "auth/fine.py", {"read": ["auth/fine.py"], "findings": [as_json(said)]})
            for model in ("a/m", "b/m", "c/m")
            for said in [finding(path="auth/fine.py", title=HOSTILE)]
        )
    )
    texts = {
        form: run("cases", "--replay", recorded, "--format", form)[1]
        for form in ("text", "json", "html", "svg")
    }
    assert "2 cases, 1 of them clean; 2 defects to find" in texts["text"]
    assert "good: auth/fine.py:2 high security" in texts["text"]
    report = json.loads(texts["json"])
    assert report["wrong"][0]["case"] == "good"
    assert {row["name"]: row["false_on_clean"] for row in report["tables"]["category"]} == {
        "security": 1,
        "test": 0,
    }
    assert (report["clean"]["quiet"]["value"], report["clean"]["unblocked"]["value"]) == (0, 0)
    assert "<script" not in texts["html"]
    assert "http" not in texts["html"].replace("http://www.w3.org/2000/svg", "")
    assert ET.fromstring(texts["svg"]).tag.endswith("svg")
    assert texts["html"].count("<svg") == 1


@pytest.mark.parametrize(
    ("bar", "status", "says"),
    [
        pytest.param("recall=0.5", 1, "recall is 0.000, less than 0.5", id="below the bar"),
        pytest.param("precision=0.5", 1, "precision is unknown", id="nothing to count passes no bar"),
        pytest.param("recall=0", 3, "not fully reviewed", id="reached, but votes are missing"),
        pytest.param("speed=1", 2, "precision, recall, f1, quiet, unblocked", id="no such figure"),
        pytest.param("recall=2", 2, "from 0 to 1", id="no such number"),
        pytest.param("recall=nan", 2, "from 0 to 1", id="not a number"),
    ],
)
def test_a_bar_that_must_be_reached(run, recorded, bar, status, says):
    code, _, err = run("cases", "--replay", recorded, "--at-least", bar)
    assert code == status
    assert says in err


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        pytest.param(["nowhere"], "nowhere is not a folder", id="no such folder"),
        pytest.param(["cases", "--replay", "cases"], "panel.json", id="nothing recorded there"),
        pytest.param(["cases", "--output", "no/where"], "no/where", id="nowhere to write"),
        pytest.param(["cases", "--format", "png"], "invalid choice", id="no such form"),
        pytest.param(["cases", "--replay", "x", "--panel", "offline"], "not allowed with", id="two panels"),
    ],
)
def test_what_cannot_be_done_is_said(run, recorded, flags, says):
    status, out, err = run(*flags)
    assert (status, out) == (2, "")
    assert says in err


def test_the_offline_panel_can_be_recorded_and_played_again(run, tmp_path):
    for name in ("py-plugin-archive", "py-login-tests"):
        shutil.copytree(SHIPPED / name, tmp_path / "cases" / name)
    flags = ("--format", "json", "--at-least", "precision=1,quiet=1,unblocked=1")
    status, live, _ = run("cases", "--panel", "offline", "--record-answers", "kept", *flags)
    again, played, _ = run("cases", "--replay", "kept", *flags)
    live, played = json.loads(live), json.loads(played)
    assert status == again == 0
    assert live["result"]["found"] == 2
    assert live["usage"].pop("seconds") >= 0
    played["usage"].pop("seconds")
    assert played == live
