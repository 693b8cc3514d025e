"""Nothing in a change configures, silences or starts anything, and nothing it holds outlasts its limits."""

import asyncio
import json
import sys
import tempfile

import pytest
from subjects import ask, subject

from reviewbot import analyzers
from reviewbot.analyzers import isolation
from reviewbot.errors import FailureKind, ModelError

SEATS = ("ruff", "bandit", "ast-grep", "lexical")
BAD = "import hashlib\n\nresult = eval(text)\n"


@pytest.fixture(scope="module")
def models():
    return analyzers.build_all()


def evals(reply):
    return [(f.path, f.first_line) for f in reply.findings if "CWE-95" in f.title]


SILENCERS = {
    "noqa": "result = eval(text)  # noqa\n",
    "noqa with a code": "result = eval(text)  # noqa: S307\n",
    "nosec": "result = eval(text)  # nosec\n",
    "nosec with a test": "result = eval(text)  # nosec B307\n",
    "ruff: noqa for the file": "# ruff: noqa\nresult = eval(text)\n",
    "ruff: noqa for a group": "# ruff: noqa: S\nresult = eval(text)\n",
    "ruff: disable": "# ruff: disable[S307]\nresult = eval(text)\n# ruff: enable[S307]\n",
    "ruff: ignore": "# ruff: ignore[S307]\nresult = eval(text)\n",
    "flake8: noqa": "# flake8: noqa\nresult = eval(text)\n",
    "ast-grep-ignore": "# ast-grep-ignore\nresult = eval(text)\n",
    "ast-grep-ignore-file": "# ast-grep-ignore-file\nresult = eval(text)\n",
    "of other tools": "# pylint: skip-file\n# mypy: ignore-errors\nresult = eval(text)\n",
}


@pytest.fixture(scope="module")
def silenced(models):
    files = [subject(f"{number}.py", text) for number, text in enumerate(SILENCERS.values())]
    return {name: evals(ask(models[name], "review", *files)) for name in SEATS}


@pytest.mark.parametrize("name", SEATS)
@pytest.mark.parametrize("comment", SILENCERS)
def test_no_comment_silences_an_analyser(silenced, comment, name):
    lines = SILENCERS[comment].split("\n")
    line = lines.index(next(text for text in lines if text.startswith("result"))) + 1
    assert (f"{list(SILENCERS).index(comment)}.py", line) in silenced[name]


CONFIGS = {
    "pyproject.toml": '[tool.ruff]\nexclude = ["*"]\n[tool.ruff.lint]\nselect = []\n[tool.bandit]\nskips = ["B307"]\n',
    "ruff.toml": 'exclude = ["*"]\n[lint]\nignore = ["ALL"]\n',
    ".ruff.toml": 'force-exclude = true\nexclude = ["*"]\n',
    ".bandit": "[bandit]\nskips: B307\nexclude: *\n",
    "setup.cfg": "[bandit]\nskips: B307\n",
    "sgconfig.yml": "ruleDirs: []\n",
    ".gitignore": "*\n",
    "sitecustomize.py": "raise SystemExit(0)\n",
    "ruff.py": "raise SystemExit(0)\n",
    "bandit.py": "raise SystemExit(0)\n",
    "json.py": "raise SystemExit(0)\n",
}


def test_configuration_in_the_change_is_not_read(models):
    files = [subject(path, text) for path, text in CONFIGS.items()]
    for name in SEATS:
        assert evals(ask(models[name], "review", *files, subject("src/a.py", BAD))) == [("src/a.py", 3)], name


def test_configuration_and_modules_around_the_run_are_not_read(tmp_path, monkeypatch):
    for path, text in CONFIGS.items():
        (tmp_path / path).write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # as where TMPDIR is inside a checkout
    for name, model in analyzers.build_all().items():
        if name != "any":
            assert evals(ask(model, "review", subject("a.py", BAD))) == [("a.py", 3)], name


NAMES = (
    "tests/test_x.py", "conftest.py", "__init__.py", "setup.py", "venv/lib/x.py", ".git/x.py", "node_modules/x.py",
    "migrations/0001.py", "--config=evil.py", "-x.py", "a\nb.py", "../../etc/x.py", "/etc/x.py", "a b;c.py", "x.PY",
)  # fmt: skip  # names, side by side


@pytest.mark.parametrize("name", SEATS)
def test_no_file_name_changes_anything(models, name):
    reply = ask(models[name], "review", *[subject(path, BAD) for path in NAMES])
    assert sorted(evals(reply)) == sorted((path, 3) for path in NAMES)


HOSTILE = {
    "a NUL": "x = 1\0\n",
    "a byte that is no text": "x = '\udce9'\n",
    "control characters": "\ufeffx = '\x1b[2J\x07\x00'\n",
    "brackets without end": "x = " + "(" * 20_000 + ")" * 20_000 + "\n",
    "what an interpreter's stack cannot hold": "x = " + "-" * 50_000 + "1\n",
    "a line of a megabyte": "x = '" + "a" * 1_000_000 + "'\n",
    "open expressions": "f'" + "{" * 5_000 + "\n",
    "what makes a pattern go back": "token = " + "a . b " * 2_000 + "\n",
    "nothing": "",
}


@pytest.mark.parametrize("name", SEATS)
def test_hostile_content_costs_nobody_else(models, name):
    files = [subject(f"{number}.py", text) for number, text in enumerate(HOSTILE.values())]
    reply = ask(models[name], "review", *files[:4], subject("good.py", BAD), *files[4:])
    assert "good.py" in reply.read
    assert evals(reply) == [("good.py", 3)]


def run(module, *arguments, files=None, stdin=b"", seconds=30.0):
    return asyncio.run(isolation.run(module, arguments, files=files or {}, stdin=stdin, seconds=seconds))


def python(code, **options):
    """Run a piece of Python under the same limits as an analyser."""
    return run("timeit", "-n1", "-r1", "-s", code, "pass", **options)


def failure(*arguments, **options):
    with pytest.raises(ModelError) as caught:
        python(*arguments, **options)
    return caught.value


def test_a_run_sees_hardly_an_environment_and_only_its_files(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "not-for-analysers")
    printed = python(
        "import os, json; print(json.dumps([dict(os.environ), os.listdir()]))", files={"f1.py": "x"}
    )
    environment, listing = json.loads(printed.splitlines()[0])
    assert set(environment) <= {
        "HOME", "TMPDIR", "NO_COLOR", "RAYON_NUM_THREADS", "SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH",
        "LC_CTYPE", "__CF_USER_TEXT_ENCODING",
    }  # fmt: skip  # the last two are set by the interpreter and the system themselves
    assert listing == ["f1.py"]


def test_a_file_of_the_change_cannot_be_imported():
    with pytest.raises(ModelError, match="No module named"):
        run("planted", files={"planted.py": "print('started')"})


def test_a_missing_tool_is_named():
    with pytest.raises(ModelError, match="no_such_tool") as caught:
        run("no_such_tool")
    assert caught.value.kind is FailureKind.OVERLOAD


def test_a_run_that_hangs_is_ended():
    assert failure("while True: pass", seconds=0.5).kind is FailureKind.TIMEOUT


def test_what_a_run_started_is_ended_with_it(tmp_path):
    sign = tmp_path / "sign"
    child = f"import time, pathlib; time.sleep(1.5); pathlib.Path({str(sign)!r}).touch()"
    failure(
        f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {child!r}]); time.sleep(60)",
        seconds=0.8,
    )
    asyncio.run(asyncio.sleep(1.5))
    assert not sign.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not enforce this limit")
def test_a_run_cannot_take_all_memory():
    assert failure("bytearray(5 << 30)").kind is FailureKind.OVERLOAD


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")
def test_a_run_cannot_fill_the_disk():
    code = "h = open('big', 'wb'); h.truncate(65 << 20); h.seek(65 << 20); h.write(b'x'); h.flush()"
    assert failure(code).kind is FailureKind.OVERLOAD


def test_a_run_cannot_print_without_end():
    assert failure("[print('x' * (1 << 20)) for _ in range(80)]").kind is FailureKind.OVERLOAD


LINUX = pytest.mark.skipif(sys.platform != "linux", reason="there only Python itself is stopped")
#: By the C library, past Python and its audit hooks.
NATIVE = (
    "import ctypes, os; c = ctypes.CDLL(None, use_errno=True); r = c.{}; print('got', r, ctypes.get_errno())"
)


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("import socket; socket.socket()", id="a socket"),
        pytest.param("import socket; socket.create_connection(('127.0.0.1', 9))", id="a connection"),
        pytest.param("import socket; socket.getaddrinfo('example.com', 443)", id="a name looked up"),
        pytest.param("import urllib.request as u; u.urlopen('http://127.0.0.1:9/')", id="a page"),
    ],
)
def test_a_run_has_no_network(code):
    assert "an analyser has no network" in str(failure(code))


@LINUX
@pytest.mark.parametrize(
    "call",
    [
        pytest.param("socket(2, 1, 0)", id="IPv4"),
        pytest.param("socket(10, 2, 0)", id="IPv6"),
        pytest.param("socket(1, 1, 0)", id="a local daemon"),
        pytest.param("syscall(425, 8, ctypes.create_string_buffer(256))", id="a ring that opens sockets"),
        pytest.param("process_vm_readv(os.getppid(), 0, 0, 0, 0, 0)", id="the memory of its parent"),
    ],
)
def test_not_even_native_code_has(call):
    assert python(NATIVE.format(call)).startswith(b"got -1 1\n")


@LINUX
def test_neither_has_what_a_run_starts():
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {NATIVE.format('socket(2, 1, 0)')!r}])"
    assert python(code).startswith(b"got -1 1\n")


@pytest.mark.parametrize("name", SEATS)
def test_a_tool_that_prints_no_report_is_named(monkeypatch, name):
    async def garbage(*_, **__):
        return b"All checks passed!"

    monkeypatch.setattr(isolation, "run", garbage)
    with pytest.raises(ModelError, match=f"{name} printed no report"):
        ask(analyzers.build(name), "review", subject("a.py", BAD))
