"""What a run may do beyond reading and asking: which programs it starts, with what, and who can look into it."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from model_servers import KEYS

from reviewbot import cli, gitcalls
from reviewbot.environment import AWS_VARIABLES, KEY_VARIABLES, TOKEN_VARIABLES

KEY = KEYS["OPENAI_API_KEY"]
PACKAGE = Path(__file__).parents[1] / "reviewbot"
#: The only places where a program is started.
STARTERS = {"gitcalls.py", "analyzers/isolation.py"}
SECRETS = (*(name for names in KEY_VARIABLES.values() for name in names), *TOKEN_VARIABLES, *AWS_VARIABLES)

#: Filled by the hook while a test listens; a hook cannot be taken away again.
_heard = []
_listening = []


def _hook(event, args):
    if _listening and event in {
        "subprocess.Popen",
        "os.system",
        "os.exec",
        "os.posix_spawn",
        "os.startfile",
        "pty.spawn",
    }:
        _heard.append((event, args))


sys.addaudithook(_hook)


@pytest.fixture
def started():
    """The programs that are started: (event, arguments of the event)."""
    _heard.clear()
    _listening.append(True)
    yield _heard
    _listening.clear()


def sources():
    return [
        (path.relative_to(PACKAGE).as_posix(), ast.parse(path.read_text("utf-8")))
        for path in PACKAGE.rglob("*.py")
    ]


STARTING = re.compile(
    r"subprocess\b|asyncio\.create_subprocess_\w+|pty\b|multiprocessing\b|os\.(?:system|popen|fork|startfile|exec\w+|spawn\w+|posix_spawn\w*)"
)


def test_programs_are_started_in_two_places_only():
    found = {
        name
        for name, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Name | ast.Attribute) and STARTING.fullmatch(ast.unparse(node))
    }
    assert found == STARTERS


def test_nothing_goes_through_a_shell_or_is_run_as_code():
    found = [
        (name, ast.unparse(node)[:80])
        for name, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (
            any(keyword.arg == "shell" for keyword in node.keywords)
            or (isinstance(node.func, ast.Name) and node.func.id in {"eval", "exec", "compile", "__import__"})
        )
    ]
    assert found == []


@pytest.fixture
def repo(tmp_path, monkeypatch):
    git = ["git", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "start"], check=True)
    (tmp_path / "auth").mkdir()
    (tmp_path / "auth/a.py").write_text("import hashlib\nx = hashlib.md5(b'')\n")
    (tmp_path / "auth/b.js").write_text("eval(x)\n")
    subprocess.run([*git, "add", "."], check=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_program_gets_a_list_and_hardly_an_environment(repo, monkeypatch, started):
    for name in SECRETS:
        monkeypatch.setenv(name, KEY)
    monkeypatch.setenv("UNRELATED", "value")
    cli.main(["review", "--staged", "--panel", "offline"])
    allowed = {*gitcalls.PASSED_ON, "HOME", "TMPDIR", "NO_COLOR", "RAYON_NUM_THREADS"}
    programs = set()
    for event, (program, arguments, _, environment) in started:
        assert event == "subprocess.Popen"
        assert isinstance(arguments, list | tuple)
        assert environment is not None
        assert {name for name in environment if not name.startswith("GIT_")} <= allowed | {"LC_ALL"}
        assert KEY not in str((program, arguments, environment))
        programs.add(Path(str(program)).name)
    assert programs == {"git", Path(sys.executable).name}


def test_git_never_talks_to_anybody(repo, started):
    cli.main(["review", "--staged", "--panel", "offline"])
    calls = [arguments for _, (program, arguments, _, _) in started if program == "git"]
    assert calls
    assert not {"fetch", "pull", "clone", "push", "remote", "submodule", "ls-remote"} & {
        a for call in calls for a in call
    }
    assert all(env["GIT_NO_LAZY_FETCH"] == "1" for _, (program, _, _, env) in started if program == "git")


@pytest.mark.skipif(sys.platform != "linux", reason="only there does it need doing")
def test_nobody_else_can_read_the_keys_it_was_started_with():
    code = "import ctypes; from reviewbot import seclusion; seclusion.close(); print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed == "0\n"
