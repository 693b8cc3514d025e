"""SARIF of other tools: what is taken from it, and what nobody can do with it."""

import json
import subprocess
import sys

import pytest
from factories import review, verdict

from reviewbot import means, outputs, toolreports
from reviewbot.errors import UsageError
from reviewbot.llm import Fact
from reviewbot.sanitize import REDACTED, Sanitizer

SECRET = "vk-" + "Zr8Wm2xTn5yBd7hLp4c"


def result(uri="app/a.py", first=3, last=None, *, base=None, **more):
    place = {"uri": uri} | ({"uriBaseId": base} if base else {})
    region = {"startLine": first} | ({"endLine": last} if last else {})
    made = {
        "ruleId": "sql",
        "message": {"text": "built from strings"},
        "locations": [{"physicalLocation": {"artifactLocation": place, "region": region}}],
    }
    return made | more


def run(*results, **more):
    return {"tool": {"driver": {"name": "semgrep"}}, "results": list(results)} | more


@pytest.fixture
def read(tmp_path):
    """Read a log of these runs, or this text, as a file of a repository at `tmp_path / "repo"`."""
    (tmp_path / "repo").mkdir()

    def reading(*runs, text=None, root=tmp_path / "repo"):
        file = tmp_path / "tool.sarif"
        log = json.dumps({"version": "2.1.0", "runs": list(runs)}) if text is None else text
        file.write_bytes(log if isinstance(log, bytes) else log.encode())
        return toolreports.read(str(file), root)

    return reading


def test_a_result_is_a_fact(read):
    assert read(run(result(last=5))) == (Fact("app/a.py", 3, 5, "semgrep", "sql", "built from strings"),)


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        pytest.param("app/a.py", "app/a.py", id="relative"),
        pytest.param("./app//a.py", "app/a.py", id="with what says nothing"),
        pytest.param("..%5C..%5Ca.py", None, id="out, the way of Windows"),
        pytest.param("b%20c/gr%C3%B6%C3%9Fe.py", "b c/größe.py", id="percent-encoded"),
        pytest.param("app\\a.py", "app/a.py", id="written on Windows"),
        pytest.param("file://{root}/app/a.py", "app/a.py", id="a file address in the repository"),
        pytest.param("file:{root}/app/a.py", "app/a.py", id="one without slashes"),
        pytest.param("{root}/app/a.py", "app/a.py", id="absolute, in the repository"),
        pytest.param("{root}-other/a.py", None, id="absolute, in its neighbour"),
        pytest.param("file:///etc/passwd", None, id="a file address elsewhere"),
        pytest.param("/etc/passwd", None, id="absolute, elsewhere"),
        pytest.param("C:/src/a.py", None, id="a drive"),
        pytest.param("file:///C:/src/a.py", None, id="a drive in an address"),
        pytest.param("../a.py", None, id="out of the repository"),
        pytest.param("app/../../a.py", None, id="out by a detour"),
        pytest.param("app/%2e%2e/%2e%2e/a.py", None, id="out, percent-encoded"),
        pytest.param("file://{root}/../a.py", None, id="out of a file address"),
        pytest.param("https://evil.example/a.py", None, id="a page"),
        pytest.param("//evil.example/a.py", None, id="a host"),
        pytest.param(".git/config", None, id="git's own files"),
        pytest.param("a%00b.py", None, id="a control character"),
        pytest.param("http://[", None, id="no address at all"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_where_a_result_is(read, tmp_path, uri, path):
    facts = read(run(result(uri.format(root=(tmp_path / "repo").as_posix()))))
    assert [f.path for f in facts] == ([path] if path else [])


@pytest.mark.parametrize(
    "base",
    [
        pytest.param({}, id="that is not given"),
        pytest.param({"originalUriBaseIds": {"ROOT": {"uri": "file:///builds/x/"}}}, id="on another machine"),
    ],
)
def test_a_relative_address_is_of_the_repository_whatever_its_base(read, base):
    assert [f.path for f in read(run(result(base="ROOT"), **base))] == ["app/a.py"]


def test_without_a_repository_absolute_addresses_say_nothing(read):
    assert read(run(result("/app/a.py"), result("b.py")), root=None)[0].path == "b.py"


def test_an_address_by_number(read):
    made = result()
    made["locations"][0]["physicalLocation"]["artifactLocation"] = {"index": 1}
    files = [{"location": {"uri": "x.py"}}, {"location": {"uri": "y.py"}}]
    assert [f.path for f in read(run(made, artifacts=files))] == ["y.py"]


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"kind": "pass"}, id="a check that passed"),
        pytest.param({"kind": "notApplicable"}, id="a rule that does not apply"),
        pytest.param({"baselineState": "absent"}, id="gone since the baseline"),
        pytest.param({"suppressions": [{"kind": "inSource"}]}, id="suppressed"),
        pytest.param({"locations": []}, id="without a place"),
        pytest.param({"locations": [{"physicalLocation": {"artifactLocation": {"uri": "a"}}}]}, id="no line"),
    ],
)
def test_what_is_no_problem_of_a_line_is_left_out(read, more):
    assert read(run(result(**more))) == ()


def test_a_suppression_that_was_refused_is_none(read):
    assert read(run(result(suppressions=[{"kind": "external", "status": "rejected"}])))


@pytest.mark.parametrize(
    ("more", "rule", "message"),
    [
        pytest.param({"ruleId": None, "ruleIndex": 0}, "r0", "built from strings", id="a rule by number"),
        pytest.param({"ruleId": None, "rule": {"id": "r9"}}, "r9", "built from strings", id="a rule by reference"),
        pytest.param(
            {"message": {"id": "m", "arguments": ["x", "{0}"]}, "ruleIndex": 0},
            "sql",
            "use of x and {0}",
            id="a message by name",
        ),
        pytest.param({"message": {"id": "gone"}}, "sql", "", id="a message that is not there"),
        pytest.param({"ruleIndex": 99}, "sql", "built from strings", id="a rule that is not there"),
        pytest.param({"rank": "nonsense", "fixes": 7}, "sql", "built from strings", id="what is not used"),
    ],
)  # fmt: skip
def test_what_a_result_says(read, more, rule, message):
    rules = [{"id": "r0", "messageStrings": {"m": {"text": "use of {0} and {1}"}}}]
    driver = {"driver": {"name": "semgrep", "rules": rules}}
    (fact,) = read(run(result(**more), tool=driver))
    assert (fact.rule, fact.message) == (rule, message)


def test_null_is_absent(read):
    made = result(suppressions=None, kind=None, rule=None)
    assert read(run(made, artifacts=None, originalUriBaseIds=None), run(results=None))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("hello", id="prose"),
        pytest.param("[]", id="a list"),
        pytest.param('{"version": "2.0.0", "runs": []}', id="an older version"),
        pytest.param('{"version": "2.1.0"}', id="without runs"),
        pytest.param('{"version": "2.1.0", "runs": [{"results": []}]}', id="without a tool"),
        pytest.param('{"version": "2.1.0", "runs": {}}', id="runs that are no list"),
        pytest.param(json.dumps({"version": "2.1.0", "runs": [run("x")]}), id="a result that is none"),
        pytest.param("[" * 100_000, id="endless nesting"),
        pytest.param(b'{"version": "2.1.0", "runs": ["\xff"]}', id="not UTF-8"),
        pytest.param(json.dumps({"version": "2.1.0", "runs": [run(result(first=1.5))]}), id="half a line"),
    ],
)  # fmt: skip
def test_what_is_not_sarif_is_refused_in_one_sentence(read, text):
    with pytest.raises(UsageError, match=r"tool\.sarif is not SARIF 2\.1\.0: ") as caught:
        read(text=text)
    assert "\n" not in str(caught.value)


def test_too_much_is_refused(tmp_path):
    with (tmp_path / "big.sarif").open("wb") as file:
        file.truncate(toolreports.MAX_FILE + 1)
    with pytest.raises(UsageError, match="is over 50 MB"):
        toolreports.read(str(tmp_path / "big.sarif"), None)


def test_a_byte_order_mark_is_no_harm(read):
    assert read(text=b"\xef\xbb\xbf" + json.dumps({"version": "2.1.0", "runs": [run(result())]}).encode())


def test_only_files_of_the_change_count_each_result_once_and_clean():
    def fact(path="a.py", line=1, message="m"):
        return Fact(path, line, line, "t", "r", message)

    told = f"key {SECRET}\u202e\nin two lines " + "x" * 400
    facts = [fact(line=9), fact("b.py"), fact(message=told), fact(line=9)]
    first, second = means.about(facts, {"a.py"}, Sanitizer([SECRET]))
    assert second == fact(line=9)
    assert first.message.startswith(f"key {REDACTED} in two lines xxx")
    assert len(first.message) == 300


def test_what_ruff_writes_is_read(tmp_path):
    (tmp_path / "a.py").write_text("import os\n\n\nprint(undefined)\n")
    ruff = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--isolated",
        "--no-cache",
        "--select=F",
        "--output-format",
        "sarif",
        ".",
    ]
    made = subprocess.run(ruff, cwd=tmp_path, capture_output=True, check=False)
    (tmp_path / "ruff.sarif").write_bytes(made.stdout)
    facts = toolreports.read(str(tmp_path / "ruff.sarif"), tmp_path)
    assert [(f.path, f.first_line, f.tool, f.rule) for f in facts] == [
        ("a.py", 1, "ruff", "F401"),
        ("a.py", 4, "ruff", "F821"),
    ]


def test_what_we_write_is_read(tmp_path):
    path = tmp_path / "ours.sarif"
    path.write_text(outputs.render(review(verdict(path="a b/ü.py", last_line=14)), "sarif", Sanitizer([])))
    (fact,) = toolreports.read(str(path), None)
    assert (fact.path, fact.first_line, fact.last_line) == ("a b/ü.py", 12, 14)
    assert (fact.tool, fact.rule) == ("reviewbot", "security")
