"""The example change holds what its README says, and the panel finds all of it; the clean one leaves it silent."""

import re
from collections import defaultdict
from pathlib import Path

import pytest
from subjects import ask

from reviewbot import analyzers, git
from reviewbot.llm import Subject

EXAMPLES = Path(__file__).parents[2] / "examples"
SEATS = ("ruff", "bandit", "ast-grep", "lexical")

#: Every planted defect: file, class, and a piece of the line it is on.
PLANTED = [
    ("app/auth/login.py", "CWE-89", "FROM users WHERE name = '{name}'"),
    ("app/auth/login.py", "CWE-328", "hashlib.md5("),
    ("app/pricing/discounts.py", "CWE-95", "eval("),
    ("app/pricing/discounts.py", "CWE-390", "except Exception:"),
    ("app/reports/export.py", "CWE-502", "yaml.load("),
    ("app/reports/export.py", "CWE-78", "shell=True"),
    ("services/inventory/store.go", "CWE-89", "fmt.Sprintf("),
    ("services/inventory/store.go", "CWE-295", "InsecureSkipVerify"),
    ("src/main/java/shop/orders/OrderRepository.java", "CWE-89", "executeQuery("),
    ("src/main/java/shop/orders/OrderRepository.java", "CWE-502", "new ObjectInputStream("),
    ("src/main/java/shop/orders/OrderRepository.java", "CWE-328", 'getInstance("MD5")'),
    ("tools/thumbnails.js", "CWE-295", "rejectUnauthorized"),
    ("tools/thumbnails.js", "CWE-78", "exec(`"),
    ("web/src/comments.js", "CWE-79", ".innerHTML ="),
    ("web/src/comments.js", "CWE-95", "new Function("),
    ("web/src/session.ts", "CWE-330", "Math.random()"),
    ("web/src/session.ts", "CWE-79", ".innerHTML ="),
    ("web/src/session.ts", "CWE-95", "eval("),
]


def change(name):
    return git.from_diff((EXAMPLES / f"{name}.patch").read_bytes(), repo=None)


def reviews(name):
    """What each seat finds in a patch: {seat: {(path, class): set of lines}}, and what it read."""
    read, found = {}, {}
    models = analyzers.build_all()
    made = change(name)
    files = [Subject(file, made.heads[file.path], file.hunks) for file in made.files]
    for seat in SEATS:
        reply = ask(models[seat], "review", *[f for f in files if models[seat].reads(f.file.path)])
        read[seat] = reply.read
        found[seat] = defaultdict(set)
        for f in reply.findings:
            cwe = re.search(r"CWE-\d+", f.title).group()
            found[seat][f.path, cwe] |= set(range(f.first_line, f.last_line + 1))
    return found, read


@pytest.fixture(scope="module")
def changed():
    return reviews("change")


@pytest.fixture(scope="module")
def clean():
    return reviews("clean")


@pytest.mark.parametrize(("path", "cwe", "code"), PLANTED)
def test_two_of_those_who_sit_find_each_planted_defect(changed, path, cwe, code):
    heads = change("change").heads[path].lines
    (line,) = [number for number, text in heads.items() if code in text]
    sitting = ("ruff", "bandit", "ast-grep") if path.endswith(".py") else ("ast-grep", "lexical")
    assert len([seat for seat in sitting if line in changed[0][seat][path, cwe]]) >= 2


def test_nothing_is_confirmed_that_was_not_planted(changed):
    planted = {(path, cwe) for path, cwe, _ in PLANTED}
    assert {key for seat in changed[0].values() for key, lines in seat.items() if lines} == planted


def test_the_clean_change_leaves_everybody_silent(clean):
    assert {seat: dict(found) for seat, found in clean[0].items()} == {seat: {} for seat in SEATS}


@pytest.mark.parametrize("name", ["change", "clean"])
def test_every_file_is_read_by_two_of_those_who_sit(name, changed, clean):
    _, read = {"change": changed, "clean": clean}[name]
    for file in change(name).files:
        assert len([seat for seat in SEATS if file.path in read[seat]]) >= 2, file.path


def test_both_changes_are_of_the_same_files():
    assert [f.path for f in change("change").files] == [f.path for f in change("clean").files]


def test_the_readme_lists_what_is_planted():
    rows = re.findall(
        r"^\| `([^`]+)`[^|]*\| ([^|]+)\|", (EXAMPLES / "README.md").read_text("utf-8"), re.MULTILINE
    )
    listed = sorted((path, cwe) for path, cell in rows for cwe in re.findall(r"CWE-\d+", cell))
    assert listed == sorted((path, cwe) for path, cwe, _ in PLANTED)
