"""Which reports of ruff and bandit are kept: they share their rules, so harmless code would get two voices."""

import pytest
from subjects import ask, subject

from reviewbot import analyzers
from reviewbot.analyzers import bandit, ruff

#: Code, and the classes that both linters must report of it.
CODE = {
    "a value in a statement": ('q = f"SELECT a FROM t WHERE b = {b}"', {"CWE-89"}),
    "a constant in a statement": ('q = f"SELECT a FROM {TABLE} WHERE b = ?"', set()),
    "a constant and a value": ('q = f"SELECT a FROM {TABLE} WHERE b = {b}"', {"CWE-89"}),
    "a constant inserted, a value added": ('q = f"SELECT a FROM {TABLE} WHERE b = " + b', {"CWE-89"}),
    "a shell with a value": ("import subprocess\nsubprocess.run(command, shell=True)", {"CWE-78"}),
    "a shell with a fixed command": ('import subprocess\nsubprocess.run("ls | wc", shell=True)', set()),
    "a list of arguments": ('import subprocess\nsubprocess.run(["ls", path])', set()),
    "text as code": ("x = eval(text)", {"CWE-95"}),
    "a fixed text as code": ('x = eval("1 + 1")', set()),
    "a random token": ("import random\ntoken = random.randint(0, 999999)", {"CWE-330"}),
    "a random token, as a function says": (
        "import random\ndef make_token():\n    return random.randint(0, 999999)", {"CWE-330"},
    ),
    "a random delay": ("import random\ndelay = random.random()", set()),
    "a password": ('password = "hunter2xyz"', {"CWE-798"}),
    "a placeholder": ('password = "changeme"', set()),
    "a label": ('token_kind = password = "access_token"', set()),
    "a kind of token": ('if token == "#group": pass', set()),
    "a filtered archive": ('import tarfile\nwith tarfile.open(p) as tar:\n    tar.extractall(t, filter="data")', set()),
    "an address in a list": ('ignored = ("localhost", "0.0.0.0")', set()),
    "an address to bind": ('serve(host="0.0.0.0")', {"CWE-605"}),
    "an assertion": ("assert x", set()),
    "an import": ("import subprocess, pickle", set()),
    "a path under /tmp": ('path = "/tmp/x"', set()),
}  # fmt: skip  # a table


@pytest.fixture(scope="module")
def reported():
    files = [subject(f"{number}.py", code + "\n") for number, (code, _) in enumerate(CODE.values())]
    models = analyzers.build_all()
    return {name: ask(models[name], "review", *files) for name in ("ruff", "bandit")}


@pytest.mark.parametrize("name", ["ruff", "bandit"])
@pytest.mark.parametrize("case", CODE)
def test_harmless_code_is_left_alone_and_the_rest_is_not(reported, case, name):
    path = f"{list(CODE).index(case)}.py"
    assert path in reported[name].read
    titles = [f.title for f in reported[name].findings if f.path == path]
    assert {title.rpartition("(")[2].rstrip(")") for title in titles} == CODE[case][1]


#: Statements with a part that no parameter can give, and whether a value gets in beside it.
MARKS = {
    "marks for the values": ('marks = ", ".join("?" * len(ids))', 'f"SELECT a FROM t WHERE b IN ({marks})"', False),
    "marks in a list": ("marks = ','.join(['%s'] * len(ids))", 'f"SELECT a FROM t WHERE b IN ({marks})"', False),
    "marks one by one": ('marks = ",".join("?" for _ in ids)', 'f"SELECT a FROM t WHERE b IN ({marks})"', False),
    "marks on the spot": ("", """f"SELECT a FROM t WHERE b IN ({','.join('?' * len(ids))})\"""", False),
    "marks and a constant": ('marks = ",".join("?" * 3)', 'f"SELECT a FROM {TABLE} WHERE b IN ({marks})"', False),
    "values, joined": ('marks = ",".join(ids)', 'f"SELECT a FROM t WHERE b IN ({marks})"', True),
    "marks and a value": ('marks = ",".join("?" * 3)', 'f"SELECT {ids} FROM t WHERE b IN ({marks})"', True),
    "marks, then a value under the name": (
        'marks = ",".join("?" * 3)\n    marks = ids', 'f"SELECT a FROM t WHERE b IN ({marks})"', True,
    ),
    "marks, and a value added": ('marks = ",".join("?" * 3)\n    marks += ids', 'f"SELECT a FROM t WHERE b IN ({marks})"', True),
    "marks, and a value added after": ('marks = ",".join("?" * 3)', 'f"SELECT a FROM t WHERE b IN ({marks}) AND " + ids', True),
    "a parameter": ('ids = ",".join("?" * 3)', 'f"SELECT a FROM t WHERE b IN ({ids})"', True),
    "a name from outside": ("", 'f"SELECT a FROM t WHERE b IN ({marks})"', True),
}  # fmt: skip  # a table


@pytest.mark.parametrize("name", ["ruff", "bandit", "ast-grep"])
def test_placeholders_are_no_values(name):
    texts = {
        f"{number}.py": f"def find(db, ids):\n    {before}\n    return db.execute({text}, ids)\n"
        for number, (before, text, _) in enumerate(MARKS.values())
    }
    said = ask(analyzers.build(name), "review", *(subject(path, text) for path, text in texts.items()))
    found = {finding.path for finding in said.findings}
    assert {case: f"{n}.py" in found for n, case in enumerate(MARKS)} == {c: MARKS[c][2] for c in MARKS}


@pytest.mark.parametrize(("name", "table"), [("ruff", ruff.RULES), ("bandit", bandit.RULES)])
def test_each_rule_in_the_table_exists(name, table):
    """A rule that was renamed or removed fails the run, not only this test."""
    assert ask(analyzers.build(name), "review", subject("a.py", "x = 1\n")).read == {"a.py"}
    assert len(table) > 40
