"""A case is a folder; what is wrong with one is said in a sentence."""

from pathlib import Path

import pytest

from reviewbot.errors import UsageError
from reviewbot.evaluation.cases import load
from reviewbot.findings import Category, Severity
from reviewbot.grounding import Lines

SHIPPED = Path(__file__).parents[2] / "examples" / "eval"
PATCH = """\
diff --git a/shop/pay.py b/shop/pay.py
--- a/shop/pay.py
+++ b/shop/pay.py
@@ -1,2 +1,3 @@
 def pay(order):
+    order.paid = True
     return order
"""
LABELS = """\
title: Mark orders as paid
language: python
license: MIT
source: this test
expected:
  - path: shop/pay.py
    first_line: 2
    last_line: 3
    category: correctness
    accept: [data-loss]
    severity: high
    what: nobody has paid yet
"""


@pytest.fixture
def folder(tmp_path):
    case = tmp_path / "paid"
    case.mkdir()
    (case / "change.patch").write_text(PATCH)
    (case / "case.yml").write_text(LABELS)
    return case


def test_a_case_is_read(folder):
    (case,) = load(folder.parent)
    (label,) = case.labels
    assert (case.name, case.language, case.clean) == ("paid", "python", False)
    assert (case.change.title, case.change.files[0].path) == ("Mark orders as paid", "shop/pay.py")
    assert label.lines == Lines(2, 3)
    assert label.categories == (Category.CORRECTNESS, Category.DATA_LOSS)
    assert label.severity is Severity.HIGH


def test_a_case_can_be_named_by_itself(folder):
    assert load(folder) == load(folder.parent)


def test_what_head_holds_is_the_whole_file(folder):
    assert not load(folder)[0].change.heads["shop/pay.py"].complete
    (folder / "head/shop").mkdir(parents=True)
    (folder / "head/shop/pay.py").write_text(
        "def pay(order):\n    order.paid = True\n    return order\n\nDONE = 1\n"
    )
    head = load(folder)[0].change.heads["shop/pay.py"]
    assert (head.complete, head.lines[5]) == (True, "DONE = 1")


def test_a_path_in_the_diff_does_not_lead_out_of_the_case(folder, tmp_path):
    (tmp_path / "secret.py").write_text("a\nb\n")
    (folder / "head").mkdir()
    (folder / "head/secret.py").symlink_to(tmp_path / "secret.py")
    (folder / "change.patch").write_text(PATCH.replace("shop/pay.py", "secret.py"))
    (folder / "case.yml").write_text(LABELS.replace("shop/pay.py", "secret.py"))
    assert not load(folder)[0].change.heads["secret.py"].complete


CLEAN = "title: x\nlanguage: go\nlicense: MIT\nsource: x\n"


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        pytest.param("case.yml", "title: [", "line 1", id="not YAML"),
        pytest.param("case.yml", "- a\n", "keys and values", id="a list"),
        pytest.param("case.yml", CLEAN, "`clean: true`", id="neither clean nor labelled"),
        pytest.param("case.yml", f"{LABELS}clean: true\n", "`clean: true`", id="both clean and labelled"),
        pytest.param("case.yml", "clean: true\n", "title is missing", id="a key is missing"),
        pytest.param(
            "case.yml", LABELS.replace("what:", "why:"), "expected[0].why", id="an unknown key of a label"
        ),
        pytest.param(
            "case.yml", LABELS.replace("correctness", "typo"), "expected[0].category", id="no such category"
        ),
        pytest.param(
            "case.yml",
            LABELS.replace("last_line: 3", "last_line: 1"),
            "2 to 1",
            id="lines the wrong way round",
        ),
        pytest.param(
            "case.yml", LABELS.replace("pay.py", "buy.py"), "shop/buy.py is not a file", id="another file"
        ),
        pytest.param("change.patch", "hello\n", "change.patch", id="not a diff"),
        pytest.param("head/shop/pay.py", "def pay():\n", "is not what change.patch makes", id="another text"),
    ],
)
def test_a_bad_case_is_named(folder, file, text, says):
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    (folder / file).write_text(text)
    with pytest.raises(UsageError, match="paid") as error:
        load(folder.parent)
    assert says in str(error.value)


@pytest.mark.parametrize(
    ("inside", "says"),
    [
        pytest.param((), "holds no cases", id="an empty folder"),
        pytest.param(("note/change.patch",), "case.yml", id="a folder without labels"),
    ],
)
def test_a_folder_that_is_no_set_of_cases(tmp_path, inside, says):
    for name in inside:
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    with pytest.raises(UsageError, match=says):
        load(tmp_path)


def test_the_shipped_cases_are_what_they_are_said_to_be():
    shipped = load(SHIPPED)
    assert len(shipped) >= 30
    assert 2 * sum(case.clean for case in shipped) >= len(shipped)
    assert {case.language for case in shipped} == {"go", "java", "javascript", "python", "typescript"}
    assert all(head.complete for case in shipped for head in case.change.heads.values())


def test_every_label_of_the_shipped_cases_is_on_changed_lines():
    for case in load(SHIPPED):
        for label in case.labels:
            (file,) = (f for f in case.change.files if f.path == label.path)
            added = {line.new for hunk in file.hunks for line in hunk.lines if line.added}
            assert added & set(range(label.lines.first, label.lines.last + 1)), (case.name, label)
