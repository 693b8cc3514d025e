"""Every promise of SECURITY.md names a test that is there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
ROWS = [line for line in TEXT.splitlines() if line.startswith("| ") and "proof" not in line]
NAMED = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", TEXT)


def test_every_promise_has_a_proof():
    assert len(ROWS) > 15
    assert not [row for row in ROWS if "`tests/" not in row]


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_the_test_is_there(path, name):
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    tests = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert name in tests if name else any(test.startswith("test_") for test in tests)


def test_no_proof_is_named_in_another_form():
    assert len(re.findall("tests/", TEXT)) == len(NAMED)
