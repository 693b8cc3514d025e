"""The action as a runner would have fetched it, with the packages that are here in place of those of the lock."""

import hashlib
import shutil
import sys
import sysconfig
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]

#: Stands for the product where only the way to it is tested: tells what it was given, then does as STAND_IN says.
STAND_IN = """
import json, os, signal, sys, time

def verdict(word):
    with open(os.environ["GITHUB_OUTPUT"], "a") as outputs:
        outputs.write(f"verdict={word}\\n")

def leave(*_):
    verdict("inconclusive")
    sys.exit(3)

flags = {"isolated": sys.flags.isolated, "utf8": sys.flags.utf8_mode}
print(json.dumps({"argv": sys.argv[1:], "cwd": os.getcwd(), **flags, "env": dict(os.environ)}), flush=True)
told = os.environ.get("STAND_IN")
if os.environ["REVIEWBOT_MODE"] != "close" and told:
    if told == "blocked":
        verdict("blocked")
        sys.exit(1)
    if told == "crash":
        sys.exit(70)
    signal.signal(signal.SIGINT, leave if told == "polite" else signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if os.environ.get("STAND_IN_VERDICT"):
        verdict(os.environ["STAND_IN_VERDICT"])
    print("working", flush=True)
    time.sleep(20)
"""


def wheel(folder, name, files, *, needs=""):
    """A wheel of these files, and its line in a lock."""
    info = f"{name}-1.0.dist-info"
    files = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{needs}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    made = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(made, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
        archive.writestr(f"{info}/RECORD", "".join(f"{path},,\n" for path in (*files, f"{info}/RECORD")))
    return f"{name}==1.0 --hash=sha256:{hashlib.sha256(made.read_bytes()).hexdigest()}\n"


def copy(folder, *, product=None):
    """The action as a runner has it, but for a lock of one package, and with STAND_IN unless there is a `product`."""
    shutil.copytree(ROOT / "action", folder / "action", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "action.yml", folder)
    for name in ("requirements", "reviewbot", "wheels"):
        (folder / name).mkdir()
    if product:
        (folder / "reviewbot").rmdir()
        for name in ("prompts", "reviewbot"):
            (folder / name).symlink_to(product / name)
    else:
        (folder / "reviewbot/__main__.py").write_text(STAND_IN)
    # The one package leads to those of these tests, and so to all that the true lock names.
    wheel(folder / "wheels", "unlocked", {"unlocked.py": ""})
    more = {"needs": "Requires-Dist: unlocked\n"}
    line = wheel(folder / "wheels", "locked", {"locked.pth": sysconfig.get_path("purelib")}, **more)
    (folder / "requirements/runtime.txt").write_text(line)
    return folder


def edit(path, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def programs(folder, *names):
    """A folder for PATH with bash, and with the Python of these tests under the given names."""
    folder.mkdir()
    (folder / "bash").symlink_to(shutil.which("bash"))
    for name in names:
        (folder / name).symlink_to(sys._base_executable)
    return folder


def script(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
