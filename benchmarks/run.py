"""What a review costs beside what the models take: time, CPU, memory, calls, bytes, and what of the change is read.

python benchmarks/run.py [--sizes 50,500,5000,50000] [--runs N] [--action] [--cold] [--install] [--json FILE]
    [--compare FILE] [--pr-agent PYTHON]

Vendors and GitHub are stand-ins in a process of their own, with a set latency. The ideal is the longest chain of model
calls, as they were asked, times the latency. What a run waits for a core that others use is not counted as ours.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parents[1]
MEGABYTE = 1_000_000
#: Of the table, in order: key, heading, format.
COLUMNS = (
    ("what", "what", "{}"),
    ("lines", "lines", "{:,}"),
    ("files", "files", "{:,}"),
    ("chain", "chain", "{}"),
    ("wall", "wall s", "{:.2f}"),
    ("waited", "no core s", "{:.2f}"),
    ("over", "over ideal s", "{:+.2f}"),
    ("cpu", "own CPU s", "{:.2f}"),
    ("peak", "peak MB", "{:.0f}"),
    ("calls", "model calls", "{}"),
    ("sent", "MB sent", "{:.2f}"),
    ("github", "GitHub calls", "{}"),
    ("read", "lines read", "{:.1%}"),
)
#: What other work on the machine adds to, so that of several runs the least counts.
LEAST = ("wall", "waited", "over", "cpu", "peak")
#: What is compared with a stored run.
COMPARED = ("wall", "cpu", "peak", "calls", "sent", "github", "read", "seconds", "megabytes")


class Standins:
    """The process of standins.py."""

    def __init__(self, url: str) -> None:
        self.url = url

    def ask(self, what: str, **body: Any) -> Any:  # noqa: ANN401 - JSON of our own
        """Its answer."""
        data = json.dumps(body).encode()
        with urllib.request.urlopen(f"{self.url}/-/{what}", data) as answer:
            return json.load(answer)

    @property
    def environ(self) -> dict[str, str]:
        """Keys and addresses of the vendors. The keys are of no shape that anybody could take for a real one."""
        return {
            **{f"{name}_API_KEY": "k" * 40 for name in ("ANTHROPIC", "OPENAI", "GEMINI")},
            "ANTHROPIC_BASE_URL": f"{self.url}/claude",
            "OPENAI_BASE_URL": f"{self.url}/gpt/v1",
            "GOOGLE_GEMINI_BASE_URL": f"{self.url}/gemini",
        }


@contextmanager
def standins(latency: float, github_latency: float) -> Iterator[Standins]:
    """The stand-ins, running."""
    script = str(Path(__file__).with_name("standins.py"))
    options = ["--latency", str(latency), "--github-latency", str(github_latency)]
    with subprocess.Popen(
        [sys.executable, script, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Standins(process.stdout.readline().strip())
        finally:
            process.stdin.close()


def measured(command: Sequence[str], environ: Mapping[str, str], exits: Sequence[int]) -> dict[str, float]:
    """Wall and CPU seconds and peak memory in MB of a command and the programs it starts."""
    with tempfile.TemporaryFile() as said:
        started = time.perf_counter()
        process = subprocess.Popen(command, env=dict(environ), stdout=subprocess.DEVNULL, stderr=said)
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        wall, waited = time.perf_counter() - started, _waited(process.pid)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in exits:
            said.seek(0)
            raise SystemExit(f"{command} ended with {process.returncode}: {said.read().decode()[-2000:]}")
    scale = 1 if sys.platform == "darwin" else 1024
    cpu, peak = used.ru_utime + used.ru_stime, used.ru_maxrss * scale / MEGABYTE
    return {"wall": wall, "waited": waited, "cpu": cpu, "peak": peak}


def _waited(process: int) -> float:
    """Seconds in which a process had work and no core to do it on, by its first thread; 0 where Linux does not say."""
    try:
        return int(Path(f"/proc/{process}/schedstat").read_text().split()[1]) / 1e9
    except FileNotFoundError:
        return 0.0


def reviewed(
    servers: Standins, change: Mapping[str, Any], latency: float, run: Callable[[], dict[str, float]]
) -> dict[str, Any]:
    """One run, and what the stand-ins saw of it."""
    servers.ask("forget")
    result: dict[str, Any] = run()
    seen = servers.ask("summary")
    if seen["violations"]:
        raise SystemExit(f"GitHub was asked what it does not know: {seen['violations'][:3]}")
    shown = {path: set(rows) for path, rows in seen["seen"].items()}
    wanted = [(path, text) for path, texts in change["changed"].items() for text in texts]
    read = sum(text in shown.get(path, ()) for path, text in wanted)
    return {
        **result,
        "files": change["files"],
        "chain": seen["chain"],
        "over": result["wall"] - result["waited"] - seen["chain"] * latency,
        "calls": sum(seen["calls"].values()),
        "stages": seen["calls"],
        "at_once": seen["at_once"],
        "sent": seen["bytes"] / MEGABYTE,
        "github": seen["github"],
        "read": read / len(wanted),
    }


def by_command_line(servers: Standins, change: Mapping[str, Any], home: Path) -> dict[str, float]:
    """`reviewbot review` of a range of commits, with keys of three vendors."""
    command = [
        sys.executable,
        "-m",
        "reviewbot",
        "review",
        "--repo",
        change["folder"],
        "--range",
        change["range"],
    ]
    return measured([*command, "--format", "json"], {**_machine(home), **servers.environ}, (0, 1, 3))


def as_an_action(servers: Standins, change: Mapping[str, Any], home: Path) -> dict[str, float]:
    """`reviewbot action` on an opened pull request."""
    event = home / "event.json"
    event.write_text(json.dumps(change["event"]), "utf-8")
    runner = {
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_REPOSITORY": change["name"],
        "GITHUB_API_URL": change["api_url"],
        "GITHUB_GRAPHQL_URL": change["graphql_url"],
        "GITHUB_TOKEN": change["token"],
        "RUNNER_TEMP": str(home),
    }
    command = [sys.executable, "-I", "-X", "utf8", "-m", "reviewbot", "action"]
    return measured(command, {**_machine(home), **servers.environ, **runner}, (0, 1, 3))


def by_pr_agent(servers: Standins, change: Mapping[str, Any], home: Path, python: str) -> dict[str, float]:
    """PR-Agent's `/review` of the same change as a diff on its standard input, with one model."""
    diff = home / "change.diff"
    with diff.open("wb") as file:
        git = ["git", "-C", change["folder"], "diff", *change["range"].split("..")]
        subprocess.run(git, check=True, stdout=file)
    local = {**_machine(home), "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    # Without these it fetches prices and a tokenizer from the network, which a package it needs has on disk.
    finds = f"{python} -c 'import litellm, pathlib; print(pathlib.Path(litellm.__file__).parent)'"
    package = subprocess.run(["sh", "-c", finds], env=local, check=True, capture_output=True, text=True)
    tokenizers = Path(package.stdout.strip(), "litellm_core_utils", "tokenizers")
    environ = {
        **local,
        "TIKTOKEN_CACHE_DIR": str(tokenizers),
        "OPENAI__KEY": "k" * 40,
        "OPENAI_API_KEY": "k" * 40,
        "OPENAI_API_BASE": f"{servers.url}/chat/v1",
        "OPENAI__API_BASE": f"{servers.url}/chat/v1",
    }
    command = ["sh", "-c", f'exec "$0" -m pr_agent.cli --stdin review < {diff}', python]
    return measured(command, environ, (0,))


def _machine(home: Path) -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(home), "LANG": "C.UTF-8", "NO_COLOR": "1"}


def best(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The least of each time and of memory: what else the machine does can only add to them."""
    return {**rows[-1], **{key: min(row[key] for row in rows) for key in LEAST if key in rows[-1]}}


def cold(home: Path, runs: int) -> list[dict[str, Any]]:
    """Start-up from compiled bytecode: nothing, `--help`, and a one-line change by the offline panel."""
    repo = home / "one"
    diff = home / "one.diff"
    repo.mkdir()
    diff.write_text("--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-x = 1\n+x = 2\n", "utf-8")
    reviewbot = [sys.executable, "-m", "reviewbot"]
    offline = [*reviewbot, "review", "--repo", str(repo), "--diff", str(diff), "--panel", "offline"]
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "--help": [*reviewbot, "--help"],
        "one line, offline": offline,
    }
    rows: dict[str, list[dict[str, float]]] = {name: [] for name in commands}
    for _ in range(runs):  # in turns, so that a busy moment of the machine meets all
        for name, command in commands.items():
            rows[name].append(measured(command, _machine(home), (0, 1, 3)))
    return [{"what": name, **best(taken)} for name, taken in rows.items()]


def installed(home: Path) -> dict[str, Any]:
    """Seconds and MB of the environment that the action makes of the lock."""
    outputs = home / "outputs"
    environ = {**_machine(home), "RUNNER_TEMP": str(home), "GITHUB_OUTPUT": str(outputs)}
    script = str(ROOT / "action" / "install.py")
    taken = measured([sys.executable, "-I", "-X", "utf8", script], environ, (0,))
    python = Path(outputs.read_text("utf-8").partition("python=")[2].strip())
    size = sum(file.lstat().st_size for file in python.parents[1].rglob("*"))
    return {"what": "install", "seconds": taken["wall"], "megabytes": size / MEGABYTE}


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """As Markdown."""
    lines = [
        "| " + " | ".join(heading for _, heading, _ in COLUMNS) + " |",
        "|" + "---|" * len(COLUMNS),
    ]
    for row in rows:
        cells = (form.format(row[key]) if key in row else "" for key, _, form in COLUMNS)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def ratios(rows: Sequence[Mapping[str, Any]], stored: Sequence[Mapping[str, Any]]) -> str:
    """What has changed since a stored run, as multiples of it."""
    before = {(row["what"], row.get("lines")): row for row in stored}
    lines = []
    for row in rows:
        old = before.get((row["what"], row.get("lines")))
        if old:
            parts = (f"{key} {row[key] / old[key]:.2f}" for key in COMPARED if row.get(key) and old.get(key))
            lines.append(f"{row['what']} {row.get('lines', '')}: " + ", ".join(parts))
    return "\n".join(lines) or "the stored run has nothing to compare with"


def beside(rows: Sequence[Mapping[str, Any]]) -> str:
    """What our review takes as multiples of what PR-Agent's took in the same run."""
    peers = [{**row, "what": "review"} for row in rows if row["what"] == "PR-Agent"]
    return ratios([row for row in rows if row["what"] == "review"], peers)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", default="50,500,5000,50000", help="changed lines, with commas between")
    parser.add_argument("--runs", type=int, default=3, help="of each, in turns; the least is shown")
    parser.add_argument("--latency", type=float, default=1.0, help="seconds of a model's answer")
    parser.add_argument("--github-latency", type=float, default=0.1, help="seconds of an answer of GitHub")
    parser.add_argument("--action", action="store_true", help="also as an action on a pull request")
    parser.add_argument("--cold", action="store_true", help="also the start of small commands")
    parser.add_argument(
        "--install", action="store_true", help="also the action's environment, from the index"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the numbers there")
    parser.add_argument("--compare", type=Path, metavar="FILE", help="numbers kept of an earlier run")
    parser.add_argument(
        "--pr-agent", metavar="PYTHON", help="an interpreter that has PR-Agent, to measure beside"
    )
    return parser.parse_args()


def measure(options: argparse.Namespace, home: Path) -> Iterator[dict[str, Any]]:
    """One row for each thing measured."""
    ways: dict[str, Callable[[Standins, Mapping[str, Any], Path], dict[str, float]]] = {
        "review": by_command_line
    }
    if options.action:
        ways["action"] = as_an_action
    if options.pr_agent:
        ways["PR-Agent"] = lambda *about: by_pr_agent(*about, options.pr_agent)
    with standins(options.latency, options.github_latency) as servers:
        by_command_line(servers, servers.ask("change", size=1), home)  # so that all of it is compiled
        for size in map(int, options.sizes.split(",")):
            rows: dict[str, list[dict[str, Any]]] = {what: [] for what in ways}
            for _ in range(options.runs):
                for what, way in ways.items():
                    change = servers.ask("change", size=size)
                    run = lambda way=way, change=change: way(servers, change, home)  # noqa: E731
                    rows[what].append(reviewed(servers, change, options.latency, run))
            yield from ({"what": what, "lines": size, **best(taken)} for what, taken in rows.items())


def main() -> None:
    """Measure what was asked for, and print it."""
    options = _options()
    compileall.compile_dir(ROOT / "reviewbot", quiet=1)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        rows = []
        for row in measure(options, home):
            print(table([row]).splitlines()[-1], file=sys.stderr)
            rows.append(row)
        if options.cold:
            rows += cold(home, max(options.runs, 5))
        if options.install:
            rows.append(installed(home))
    print(
        f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, the least of {options.runs} runs, load {os.getloadavg()[0]:.1f}"
    )
    print(table(rows))
    if options.install:
        print(f"install: {rows[-1]['seconds']:.1f} s, {rows[-1]['megabytes']:.0f} MB")
    if options.pr_agent:
        print(f"as multiples of PR-Agent's:\n{beside(rows)}")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
    if options.compare:
        print(ratios(rows, json.loads(options.compare.read_text("utf-8"))))


if __name__ == "__main__":
    main()
