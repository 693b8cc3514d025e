"""What becomes of a run when something goes wrong, as docs/faults-github.md tells it.

After a change: WRITE_GOLDEN=1 pytest tests/test_action_faults.py, then read the diff.
"""

import itertools
import os
from dataclasses import astuple, dataclass
from pathlib import Path

import pytest
from action_faults import FOUND, LINES, LOGIN, NOTHING, OF_GITHUB, OF_MODELS, TEXT
from model_servers import confirming

PAGE = Path(__file__).parents[1] / "docs/faults-github.md"
WRITE_GOLDEN = "WRITE_GOLDEN" in os.environ
PARTS = {
    """# What becomes of a run when something goes wrong

Observed, not intended: `tests/test_action_faults.py` runs the action against a server that keeps GitHub's rules and servers that
speak the APIs of three vendors, makes one thing go wrong, and compares this page with what came of it. The change is one
critical file; the gate is enforced, and nothing is configured.

## GitHub fails

The change has a high and a medium finding, which all three models make. Comments are those on the pull request at the end;
more than two would be one twice.
""": ("what goes wrong", "exit status", "`verdict`", "the check", "comments", "summary"),
    """
## Models fail

A model of the panel, or two of the three; with the same change, and with one in which the models find nothing. What could
not be reviewed never passes. Each cell: exit status, `verdict`, the check, comments.
""": ("a model", "one, and defects", "one, and none", "two, and defects", "two, and none"),
}
AFFECTED = (("gpt",), ("gpt", "gemini"))


@dataclass(frozen=True)
class Seen:
    """What came of one run."""

    status: str
    verdict: str
    check: str
    comments: str
    summary: str


def run(job, models, fault, *, found=FOUND, **environ):
    """A pull request of its own, and what the models make of it."""
    branch = f"topic{len(job.repo.pulls)}"
    job.repo.commit(branch, {LOGIN: f"{TEXT}# {branch}\n"}, start="main")
    pull = job.repo.pull(branch)
    head = pull.head_sha
    models.say(review={"findings": list(found)}, vote=confirming(LINES[5].strip()))
    payload = job.server.event("pull_request", pull, action="opened")
    fault.arrange(job.server, pull)
    done = job.run(payload, permissions=fault.permissions, **environ)
    job.server.faults.clear()
    checks = [made.conclusion or "open" for made in job.repo.checks if made.head_sha == head]
    on_file = sum(comment.of_file for comment in pull.comments)
    return Seen(
        str(int(done.status)),
        done.outputs.get("verdict", "none"),
        ", ".join(checks) or "none",
        f"{len(pull.comments)}{f', {on_file} on the file' if on_file else ''}",
        {0: "no", 1: "yes"}.get(len(pull.issue_comments), f"{len(pull.issue_comments)} times"),
    )


def compare(*cells):
    """With the row of the page; or keep it for a page to write."""
    row = f"| {' | '.join(cells)} |"
    WRITTEN.append(row)
    if not WRITE_GOLDEN:
        assert [line for line in _page().splitlines() if line.startswith(f"| {cells[0]} |")] == [row]


WRITTEN: list[str] = []


@pytest.mark.parametrize("fault", [pytest.param(fault, id=fault.what) for fault in OF_GITHUB])
def test_when_github_fails(job, models, fault):
    compare(fault.what, *astuple(run(job, models, fault)))


@pytest.mark.parametrize("kind", OF_MODELS)
def test_when_models_fail(job, models, kind):
    cells = []
    for vendors, found in itertools.product(AFFECTED, (FOUND, ())):
        for vendor in vendors:
            models[vendor].trouble = kind
        seen = run(job, models, NOTHING, found=found, REVIEWBOT_CALL_SECONDS="0.4" if kind == "hang" else "")
        cells.append(", ".join(astuple(seen)[:4]))
    compare(OF_MODELS[kind], *cells)


def test_the_page_has_these_rows_and_no_others():
    rows = [[fault.what for fault in OF_GITHUB], list(OF_MODELS.values())]
    if WRITE_GOLDEN:
        tables = [
            "\n".join([head, *(row for name in names for row in WRITTEN if row.startswith(f"| {name} |"))])
            for head, names in zip(_heads(), rows, strict=True)
        ]
        PAGE.write_text(
            "".join(f"{words}\n{table}\n" for words, table in zip(PARTS, tables, strict=True)), "utf-8"
        )
    text = _page()
    assert all(part in text for part in (*PARTS, *_heads()))
    assert [line.split(" | ")[0][2:] for line in text.splitlines() if line.startswith("| ")] == [
        cell
        for columns, names in zip(PARTS.values(), rows, strict=True)
        for cell in (columns[0], "---", *names)
    ]


def _heads():
    return [f"| {' | '.join(c)} |\n| {' | '.join(['---'] * len(c))} |" for c in PARTS.values()]


def _page():
    return PAGE.read_text("utf-8")
