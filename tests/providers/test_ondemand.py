"""Packages that import late what they re-export: every name is what it would have been, and only asked for it is paid."""

import subprocess
import sys
from itertools import count

import pytest

from reviewbot.providers import ondemand

NAMES = count()
INIT = """
from ._version import __version__
from .one import One as One
from .two import (
    Two,
    Also as Other,
)
from . import three
RAN = True
__all__ = ["One", "RAN"]
"""
MODULES = {
    "_version": "__version__ = '1.0'",
    "one": "class One: pass",
    "two": "from .one import One\nclass Two(One): pass\nclass Also: pass",
    "three": "three = 3",
    "four": "",
}


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Makes a package of these modules, whose own code is `init`; its name."""

    def make(init=INIT, **modules):
        name = f"late{next(NAMES)}"
        (tmp_path / name).mkdir()
        for module, text in {"__init__": init, **MODULES, **modules}.items():
            (tmp_path / name / f"{module}.py").write_text(text)
        return name

    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])
    return make


def imported(name):
    """What of a package was run, without its own code."""
    return {module.partition(".")[2] for module in sys.modules if module.startswith(f"{name}.")}


@pytest.mark.parametrize(
    ("statement", "value", "loads", "ran"),
    [
        pytest.param("from {p} import One as x", "One", {"one"}, False, id="a name: its module"),
        pytest.param("import {p}; x = {p}.One", "One", {"one"}, False, id="an attribute: likewise"),
        pytest.param("from {p} import Two as x", "Two", {"one", "two"}, False, id="and what that needs"),
        pytest.param("from {p} import Other as x", "Also", {"one", "two"}, False, id="under another name"),
        pytest.param("from {p} import three as x", "late", {"three"}, False, id="a module"),
        pytest.param("from {p} import four as x", "late", {"four"}, False, id="one it does not mention"),
        pytest.param("from {p} import __version__ as x", "1.0", {"_version"}, False, id="its version"),
        pytest.param(
            "from {p} import RAN as x",
            "True",
            {"_version", "one", "two", "three"},
            True,
            id="what it makes itself: all of it",
        ),
        pytest.param(
            "from {p} import *; x = RAN",
            "True",
            {"_version", "one", "two", "three"},
            True,
            id="everything: all of it",
        ),
    ],
)
def test_what_is_imported_for_a_name(package, statement, value, loads, ran):
    name = package()
    ondemand.install(name)
    values = {}
    exec(statement.format(p=name), values)
    assert value in getattr(values["x"], "__name__", str(values["x"]))
    assert imported(name) == loads
    assert ("RAN" in vars(sys.modules[name])) is ran


@pytest.mark.parametrize(
    ("init", "ran"),
    [
        pytest.param("RAN = True", False, id="an ordinary one waits"),
        pytest.param(
            "RAN = True\ndef __getattr__(name): ...", True, id="one that sees to it itself does not"
        ),
        pytest.param(
            "RAN = True\nfrom .three import three", True, id="nor one whose name is also its module's"
        ),
    ],
)
def test_which_packages_wait(package, init, ran):
    name = package(init)
    ondemand.install(name)
    exec(f"import {name}")
    assert ("RAN" in vars(sys.modules[name])) is ran


def test_functions_that_are_hardly_ever_called_are_imported_when_they_are(package):
    name = package("from .five import make\nfrom .one import One", five="def make(a, *, b): return a + b")
    ondemand.install(name, unused={name})
    values = {}
    exec(f"from {name} import make, One", values)
    assert imported(name) == {"one"}
    assert values["make"](1, b=2) == 3
    assert imported(name) == {"one", "five"}


def test_a_package_nobody_named_is_run_as_ever(package):
    name = package()
    ondemand.install("another")
    exec(f"import {name}")
    assert vars(sys.modules[name])["RAN"]


def test_a_name_that_is_not_there_is_an_error(package):
    name = package()
    ondemand.install(name)
    with pytest.raises(ImportError, match="cannot import name 'Five'"):
        exec(f"from {name} import Five")


def test_a_module_that_cannot_be_imported_says_why(package):
    name = package(four="import nothing_of_this_name")
    ondemand.install(name)
    with pytest.raises(ModuleNotFoundError, match="nothing_of_this_name"):
        exec(f"from {name} import four")


@pytest.mark.parametrize(("sdk", "needless"), [("anthropic", "beta.webhook"), ("openai", "types.beta")])
def test_an_adapter_takes_a_part_of_its_sdk(sdk, needless):
    code = f"""
import sys
from reviewbot import catalog
from reviewbot.providers import preload
preload(["{sdk}"])
print(sum(name.startswith("{sdk}.") for name in sys.modules), any("{needless}" in name for name in sys.modules))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    loaded, needless = run.stdout.split()
    assert int(loaded) < 1_000
    assert needless == "False"
