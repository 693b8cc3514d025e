"""Turn labelled changes of others into cases for `reviewbot eval`.

Call it as `python benchmarks/convert_cases.py DATA_DIR OUT_DIR`. DATA_DIR holds a folder a collection, in it one a change: `diff.patch`, `labels.json` with `labels` of `path`, `start_line`,
`end_line` and perhaps `side`, `valid`, `severity`, `text`, and perhaps `outputs/MODEL.json`, comments with `path`,
`start_line`, `line`, `body`. OUT_DIR gets a folder of cases a collection; those that the three busiest models commented
on again in COLLECTION-answered, with COLLECTION-answers for `--replay`. Categories are not compared: they name others.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from reviewbot import git
from reviewbot.context import shown
from reviewbot.errors import ReviewbotError
from reviewbot.findings import Category

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reviewbot.diff import Change, HeadText

    Json = dict[str, Any]

LANGUAGES = {
    ".al": "al", ".go": "go", ".java": "java", ".js": "javascript", ".py": "python", ".ts": "typescript", ".tsx": "typescript",
}  # fmt: skip  # a table
CATEGORIES = [str(category) for category in Category]
SEATS = 3


def main(data: Path, out: Path) -> None:
    """Every collection that holds changes."""
    for collection in sorted(folder for folder in data.iterdir() if folder.is_dir()):
        cases = [case for case in sorted(collection.iterdir()) if convert(case, out / collection.name)]
        panel, answered = most_answered(cases)
        print(f"{collection.name}: {len(cases)} cases, {len(answered)} with answers of {', '.join(panel)}")
        if answered:
            for case in answered:
                convert(case, out / f"{collection.name}-answered")
            record(panel, answered, out / f"{collection.name}-answers")


def convert(case: Path, out: Path) -> bool:
    """Whether the change could be made a case: its diff is readable, and its labels have lines in it."""
    if not ((case / "diff.patch").is_file() and (case / "labels.json").is_file()):
        return False
    data = json.loads((case / "labels.json").read_text("utf-8"))
    change = changed(case)
    if change is None or not all("start_line" in label for label in data.get("labels", ())):
        return False
    expected = merged(label for label in data.get("labels", ()) if counts(label, change))
    if bool(expected) is not data.get("expect_findings", True):
        return False
    folder = out / case.name
    folder.mkdir(parents=True)
    (folder / "change.patch").write_bytes((case / "diff.patch").read_bytes())
    suffixes = Counter(PurePosixPath(file.path).suffix for file in change.files)
    labels = {
        "title": case.name,
        "language": LANGUAGES.get(suffixes.most_common(1)[0][0], "other"),
        "license": data.get("license") or data.get("license_dataset") or "see its source",
        "source": data.get("pr") or data.get("note") or case.name,
        **({"expected": expected} if expected else {"clean": True}),
    }
    (folder / "case.yml").write_text(json.dumps(labels, indent=1), encoding="utf-8")  # JSON is YAML
    return True


def changed(case: Path) -> Change | None:
    """The diff, None where it cannot be read."""
    try:
        return git.from_diff((case / "diff.patch").read_bytes(), repo=None)
    except ReviewbotError:
        return None


def counts(label: Json, change: Change) -> bool:
    """Whether people agreed with it and it is on a line at head."""
    right = label.get("valid", True) and label.get("side", "right") == "right"
    return right and any(file.path == label["path"] for file in change.files)


def merged(labels: Iterable[Json]) -> list[Json]:
    """Labels that overlap in one file are one: several reviewers told of the same place."""
    found: list[Json] = []
    for label in sorted(labels, key=lambda label: (label["path"], label["start_line"], label["end_line"])):
        if found and found[-1]["path"] == label["path"] and label["start_line"] <= found[-1]["last_line"]:
            found[-1]["last_line"] = max(found[-1]["last_line"], label["end_line"])
            continue
        found.append(
            {
                "path": label["path"],
                "first_line": label["start_line"],
                "last_line": label["end_line"],
                "category": "other" if label.get("text") else "correctness",
                "accept": CATEGORIES,
                "severity": label.get("severity", "medium"),
                "what": " ".join(label.get("text", "the commit is known to break this").split())[:200],
            }
        )
    return found


def most_answered(cases: list[Path]) -> tuple[list[str], list[Path]]:
    """The three models that commented on most changes, and the changes all three commented on."""
    by_case = {case: {path.stem for path in case.glob("outputs/*.json")} - {"human"} for case in cases}
    busy = Counter(name for names in by_case.values() for name in sorted(names)).most_common(SEATS)
    panel = [name for name, _ in busy]
    return panel, [case for case, names in by_case.items() if len(panel) == SEATS and names >= set(panel)]


def record(panel: list[str], cases: list[Path], folder: Path) -> None:
    """Write what the panel said of each change."""
    folder.mkdir(parents=True)
    seats = [
        {"provider": "recorded", "id": name, "family": name, "window": 1_000_000, "max_output": 32_000}
        for name in panel
    ]
    (folder / "panel.json").write_text(json.dumps({"seats": [[s] for s in seats], "scan": seats[:1]}))
    for case in cases:
        change = changed(case)
        lines = [answer(name, case, change) for name in panel if change]
        (folder / f"{case.name}.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))


def answer(name: str, case: Path, change: Change) -> Json:
    """All comments of one model as one line of recorded answers."""
    comments = json.loads((case / "outputs" / f"{name}.json").read_text("utf-8"))
    heads = {file.path: change.heads.get(file.path) for file in change.files}
    findings = [f for comment in comments if (f := finding(comment, heads.get(comment["path"])))]
    files = [shown(path) for path in heads]
    reply = {"read": files, "flags": [], "findings": findings, "votes": []}
    return {"model": f"recorded/{name}", "stage": "review", "files": files, "answer": json.dumps(reply)}


def finding(comment: Json, head: HeadText | None) -> Json | None:
    """A comment as a finding that quotes the first line it is on; None where the diff does not show that line."""
    first, last = comment.get("start_line") or comment["line"], comment["line"]
    lines = range(first, (last or first) + 1)
    quote = next((head.lines[n] for n in lines if head and head.lines.get(n, "").strip()), None)
    if quote is None or comment.get("side", "right") != "right":
        return None
    return {
        "path": shown(comment["path"]),
        "first_line": first,
        "last_line": last or first,
        "quote": quote,
        "category": "other",
        "severity": "medium",
        "title": " ".join(comment["body"].split())[:100],
        "body": comment["body"],
        "failure": "",
        "suggestion": None,
    }


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
