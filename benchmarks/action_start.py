"""How long the action takes before it can review: its environment as it is made, and as it could be made.

python benchmarks/action_start.py [RUNS]

Takes the packages from the index once; the runs then have them in a folder, so that only the machine is timed.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements" / "runtime.txt"
CHECKED = ["--require-hashes", "--only-binary", ":all:", "--no-deps", "--requirement", str(LOCK)]
#: What could be done otherwise: what action/install.py has now, and what it would have then.
OTHERWISE = {
    "as it is": ("", ""),
    "all of it compiled": ('"--no-compile", ', ""),
    "with a pip of its own": ('importlib.util.find_spec("pip") is None', "True"),
}
#: What a review with keys of three vendors imports, nearly.
IMPORTS = "import anthropic, openai, google.genai, genai_prices, github, pydantic, jinja2, unidiff, rich"


def seconds(command: list[str], **environment: str) -> float:
    """Wall time of one run, in seconds."""
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment or None)
    return time.perf_counter() - started


def by_the_action(action: Path, folder: Path) -> tuple[float, Path]:
    """Seconds, and the interpreter of the environment."""
    temp = tempfile.mkdtemp(dir=folder)
    outputs = Path(temp, "outputs")
    script = str(action / "action" / "install.py")
    environment = {"RUNNER_TEMP": temp, "GITHUB_OUTPUT": str(outputs), "HOME": temp}
    taken = seconds([sys.executable, "-I", "-X", "utf8", script], **environment)
    return taken, Path(outputs.read_text("utf-8").removeprefix("python=").strip())


def by_uv(wheels: Path, folder: Path) -> tuple[float, Path]:
    """The same packages, checked in the same way."""
    home = Path(tempfile.mkdtemp(dir=folder))
    options = ["--no-config", "--no-cache", "--quiet"]
    source = ["--no-index", "--find-links", str(wheels)]
    taken = seconds(["uv", "venv", *options, "--clear", "--python", sys.executable, str(home)])
    taken += seconds(["uv", "pip", "install", *options, "--python", str(home), *source, *CHECKED])
    return taken, home / "bin" / "python"


def copy(folder: Path, old: str, new: str) -> Path:
    """The action with one thing done otherwise."""
    for name in ("action", "prompts", "requirements", "reviewbot"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    script = folder / "action" / "install.py"
    text = script.read_text("utf-8")
    if old not in text:
        raise SystemExit(f"action/install.py has no {old!r} any more")
    script.write_text(text.replace(old, new) if old else text, "utf-8")
    return folder


def main(runs: int) -> None:
    """Print medians in seconds, and their sum as a multiple of the action's own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        actions = {what: copy(folder / str(n), *change) for n, (what, change) in enumerate(OTHERWISE.items())}
        fetched, _ = by_the_action(actions["as it is"], folder)
        wheels = folder / "wheels"
        seconds([sys.executable, "-m", "pip", "download", "-qq", *CHECKED, "-d", str(wheels)])
        for action in actions.values():
            (action / "wheels").symlink_to(wheels)
        rows: dict[str, list[tuple[float, float]]] = {what: [] for what in actions}
        if shutil.which("uv"):
            rows["by uv"] = []
        for _ in range(runs):  # in turns, so that a busy moment of the machine meets all
            for what, row in rows.items():
                made = by_uv(wheels, folder) if what == "by uv" else by_the_action(actions[what], folder)
                row.append((made[0], seconds([str(made[1]), "-I", "-X", "utf8", "-c", IMPORTS])))
                shutil.rmtree(made[1].parents[1])
        first = statistics.median(map(sum, rows["as it is"]))
        print(
            f"median of {runs} runs, Python {sys.version.split()[0]}; from the index, once: {fetched:.1f} s"
        )
        for what, row in rows.items():
            install, imports = (statistics.median(column) for column in zip(*row, strict=True))
            ratio = statistics.median(map(sum, row)) / first
            print(f"{what:22} install {install:5.1f} s, first import {imports:4.1f} s, together {ratio:.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
