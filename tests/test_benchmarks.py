"""The measuring scripts still run on data of the form they name, and do their sums right."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"

CLOSED = "The session opened in load_report is never closed"
REWORDED = "load_report opens a session that is not closed on any path"
OTHER = "The date is formatted in the wrong time zone"


def written(folder, name, rows):
    path = folder / f"{name}.jsonl"
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")


def run(script, *arguments):
    done = subprocess.run(
        [sys.executable, BENCHMARKS / script, *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    assert not done.stderr
    return done.stdout


def test_matching(tmp_path):
    def pair(repo, other, label):
        return {"pr": f"{repo}-1", "repo": repo, "text_a": CLOSED, "text_b": other, "label": label}

    pairs = [pair(f"r{n}", other, label) for n in range(5) for other, label in ((REWORDED, 1), (OTHER, 0))]
    written(tmp_path, "matching/pairs", pairs)
    written(tmp_path, "matching/golden_pairs", pairs)
    place = {"path": "a.py", "lines_a": [1, 2], "lines_b": [2, 2]}
    written(tmp_path, "matching/same_place_pairs", [{**pair("r1", OTHER, 0), **place}])
    table = run("matching.py", tmp_path)
    assert "reviewbot                       1.0000 [1.000, 1.000]  1.0000" in table
    assert "same issue, put on the same lines                                  100.0% of 5" in table
    assert "different issues really on or near the same lines                    0.0% of 1" in table


def test_what_agreement_buys(tmp_path):
    """Two see the one issue; the third says what is false, and voters pass a fifth of that."""

    def said(pr, tool, text, golden):
        return {"pr": pr, "tool": tool, "text": text, "label": "tp" if golden else "fp", "golden": golden}

    prs = [{"pr": name, "goldens": [{"id": 0}]} for name in ("x", "y")]
    written(tmp_path, "voting/prs", prs)
    written(
        tmp_path,
        "voting/findings",
        [
            row
            for pr in ("x", "y")
            for row in (said(pr, "a", CLOSED, [0]), said(pr, "b", REWORDED, [0]), said(pr, "c", OTHER, []))
        ],
    )
    out, picture = tmp_path / "out.json", tmp_path / "out.svg"
    run("consensus.py", tmp_path, "--json", out, "--svg", picture)
    rows = {row["name"]: row for row in json.loads(out.read_text(encoding="utf-8"))["rows"]}
    false = {name: row["false_per_request"] for name, row in rows.items()}
    assert rows["independent"]["precision"]["value"] == rows["independent"]["recall"]["value"] == 1
    assert rows["all that three find, no vote"]["precision"]["value"] == 0.5
    assert false["lazy, ordinary: able voters"] == pytest.approx(0.2)
    assert false["lazy, grave; strict: able voters"] == pytest.approx(1 - 0.8**2)
    assert false["threshold 3: able voters"] == pytest.approx(0.2**2)
    assert false["threshold 3: able voters, half alike"] == pytest.approx(0.2 * (0.5 + 0.5 * 0.2))
    assert rows["threshold 3: able voters"]["recall"]["value"] == pytest.approx(0.85)
    assert picture.read_text(encoding="utf-8").startswith("<svg")
