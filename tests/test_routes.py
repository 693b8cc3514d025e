"""Which routing rule a file falls under."""

import pytest
from scripted import file

from reviewbot.config import load
from reviewbot.diff import Status
from reviewbot.kinds import KINDS
from reviewbot.routes import Routes


def rule(text, made):
    """The place of the rule that decides, None where none does."""
    routed = Routes(load(f"routing: [{text}]", source="test").routing).of(made)
    return routed and routed.place


ALWAYS = "review: always"


@pytest.mark.parametrize(
    ("rules", "made", "place"),
    [
        pytest.param(f"{{match: 'docs/**', {ALWAYS}}}", file("docs/a.md"), 0, id="a glob"),
        pytest.param(f"{{match: 'docs/**', {ALWAYS}}}", file("src/a.py"), None, id="another place"),
        pytest.param(f"{{match: [a.py, b.py], {ALWAYS}}}", file("b.py"), 0, id="one of many globs"),
        pytest.param(
            f"{{match: ['src/**', '!src/x.py'], {ALWAYS}}}", file("src/x.py"), None, id="taken out again"
        ),
        pytest.param(f"{{files: tests, {ALWAYS}}}", file("src/test_a.py"), 0, id="a kind of files"),
        pytest.param(
            f"{{files: tests, match: 'src/**', {ALWAYS}}}", file("lib/test_a.py"), None, id="kind and glob"
        ),
        pytest.param(
            f"{{files: docs, {ALWAYS}}}, {{match: '**', {ALWAYS}}}",
            file("a.md"),
            0,
            id="the first that matches",
        ),
        pytest.param(
            f"{{match: 'docs/**', {ALWAYS}}}",
            file("docs/a.py", old_path="src/a.py", status=Status.RENAMED),
            None,
            id="moved in from elsewhere: not by its new path alone",
        ),
        pytest.param(
            f"{{match: 'docs/**', {ALWAYS}}}",
            file("docs/a.py", old_path="docs/b.py", status=Status.RENAMED),
            0,
            id="renamed within",
        ),
    ],
)
def test_which_rule_decides(rules, made, place):
    assert rule(rules, made) == place


@pytest.mark.parametrize(
    ("kind", "paths", "others"),
    [
        (
            "tests",
            ["tests/a.py", "a/__tests__/b.ts", "x_test.go", "src/CartTest.java", "a.spec.ts"],
            ["src/contest.py"],
        ),
        (
            "docs",
            ["README.md", "docs/a.py", "LICENSE", "a/b.rst"],
            ["requirements.txt", "CMakeLists.txt", "src/doc.py"],
        ),
        (
            "migrations",
            ["app/migrations/0001.py", "db/migrate/1.rb", "alembic/versions/a.py"],
            ["src/migration.py"],
        ),
        ("generated", ["a.pb.go", "x_pb2.py", "src/generated/a.ts", "a.snap"], ["src/generate.py"]),
        ("config", ["a.yml", "pyproject.toml", "requirements-dev.txt", ".eslintrc"], ["src/config.py"]),
    ],
)
def test_what_is_of_a_kind(kind, paths, others):
    rules = f"{{files: {kind}, {ALWAYS}}}"
    assert [path for path in paths if rule(rules, file(path)) != 0] == []
    assert [path for path in others if rule(rules, file(path)) == 0] == []


def test_every_kind_has_its_examples():
    assert set(KINDS) == {"tests", "docs", "migrations", "generated", "config"}
