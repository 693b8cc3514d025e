"""Makes the environment that the action runs in: the locked packages in a fresh folder, and this project beside them.

Runs as `python -I`, before anything is installed: the standard library is all there is.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import sysconfig
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements" / "runtime.txt"
#: The wheels of the lock, put there by whoever has runners that reach no index; not part of the repository.
WHEELS = ROOT / "wheels"
#: Variables that steer Python and pip. An earlier step may have set them to what the change says.
STEERING = ("PYTHON", "PIP_", "XDG_")


def main() -> int:
    """Tell the next steps where the interpreter is. The exit status is 4 if the packages could not be had."""
    for name in [name for name in os.environ if name.upper().startswith(STEERING)]:
        del os.environ[name]
    home = tempfile.mkdtemp(prefix="reviewbot-", dir=os.environ["RUNNER_TEMP"])
    python = Path(_path("scripts", home), "python.exe" if os.name == "nt" else "python")
    # An environment's own pip costs seconds; that of the runner can fill it as well.
    with_pip = importlib.util.find_spec("pip") is None
    venv.create(home, symlinks=os.name != "nt", with_pip=with_pip)
    host, target = (str(python), []) if with_pip else (sys.executable, ["--python", str(python)])
    install = [host, "-I", "-m", "pip", *target, *_options()]
    if subprocess.run(install, stdin=subprocess.DEVNULL, check=False).returncode != 0:
        print("::error title=reviewbot::its packages could not be installed; what pip said is above")  # noqa: T201 - for the runner
        return 4
    # Nothing is built: the interpreter finds the project where it is.
    Path(_path("purelib", home), "reviewbot.pth").write_text(f"{ROOT}\n", "utf-8")
    with Path(os.environ["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as outputs:
        outputs.write(f"python={python}\n")
    return 0


def _path(kind: str, home: str) -> str:
    return sysconfig.get_path(kind, "venv", {"base": home, "platbase": home})


def _options() -> list[str]:
    """Wheels of the lock and nothing else, from the index of the runner's own pip.conf or the usual one."""
    source = ["--no-index", "--find-links", str(WHEELS)] if WHEELS.is_dir() else []
    return [
        "--isolated", "--no-input", "--disable-pip-version-check",
        "install", "--quiet", "--no-cache-dir", "--only-binary", ":all:", "--no-deps", *source,
        # Python compiles what it imports, once; compiling all that is installed takes longer than a review saves.
        "--no-compile", "--require-hashes", "--requirement", str(LOCK),
    ]  # fmt: skip  # the command line reads as one


if __name__ == "__main__":
    sys.exit(main())
