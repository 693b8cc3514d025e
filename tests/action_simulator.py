"""Runs a composite action as GitHub's runner does: expressions, conditions, the files of a step, cancellation.

What it does not know it refuses, so that action.yml cannot lean on something that nobody simulated.
"""

import contextlib
import json
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import yaml

EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
TOKEN = re.compile(
    r"\s*(?:'(?P<text>[^']*)'|(?P<call>\w+)\(\)|(?P<bang>!)?(?P<name>[A-Za-z_][\w.-]*)|(?P<sign>&&|\|\||[!=]=|[()]))\s*"
)
SIGNS = {"&&": " and ", "||": " or "}
STATUS = {
    "success": lambda status: status == "success",
    "failure": lambda status: status == "failure",
    "cancelled": lambda status: status == "cancelled",
    "always": lambda _: True,
}
BASH = "bash --noprofile --norc -e -o pipefail {0}"
FILES = ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STEP_SUMMARY")
#: Seconds between the signals that end a step. The runner's own patience is 7.5 and 2.5.
PATIENCE = (1.0, 0.5)


class RefusedError(Exception):
    """Nobody has taught the simulator this."""


@dataclass(frozen=True)
class Step:
    """What became of one step; `files` holds those of FILES as the step left them."""

    outcome: str  # success, failure, cancelled or skipped
    status: int | None = None
    log: str = ""
    outputs: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """What became of the action. `status` is that of the job after it."""

    steps: Mapping[str, Step]
    outputs: Mapping[str, str]
    status: str

    @property
    def log(self):
        return "".join(step.log for step in self.steps.values())

    @property
    def commands(self):
        """The lines of the log that the runner obeys."""
        found, stopped = [], None
        for line in map(str.strip, self.log.splitlines()):
            if stopped:
                stopped = None if line == f"::{stopped}::" else stopped
            elif stop := re.fullmatch(r"::stop-commands::(.+)", line):
                stopped = stop[1]
            elif re.match(r"::[a-z-]+[ :]|##\[[a-z-]+", line):
                found.append(line)
        return found


def evaluate(expression, contexts, status=None):
    """The value of what stands between `${{` and `}}`. Functions are for conditions alone, which have a `status`.

    Comparisons mind the case of letters, which GitHub's do not.
    """
    python, values, at = "", [], 0
    while at < len(expression):
        token = TOKEN.match(expression, at)
        if not token:
            raise RefusedError(f"cannot read {expression[at:]!r}")
        at = token.end()
        if token["sign"]:
            python += SIGNS.get(token["sign"], token["sign"])
            continue
        if token["call"]:
            if status is None or token["call"] not in STATUS:
                raise RefusedError(f"no function {token['call']} here")
            values.append(STATUS[token["call"]](status))
        else:
            values.append(token["text"] if token["name"] is None else look_up(token["name"], contexts))
        python += f"({'not ' if token['bang'] else ''}values[{len(values) - 1}])"
    return eval(python, {"values": values})


def look_up(name, contexts):
    """`steps.run.outputs.verdict` and the like. A variable or output that is not there is empty; all else is refused."""
    value, path = contexts, name.split(".")
    for depth, key in enumerate(path):
        if key not in value:
            if path[0] == "env" or (path[0] == "steps" and depth == 3):
                return ""
            raise RefusedError(f"there is no {name}")
        value = value[key]
    return value


def substitute(text, contexts):
    return EXPRESSION.sub(lambda found: str(evaluate(found[1], contexts)), text)


def pairs(text):
    """What was written to GITHUB_OUTPUT or GITHUB_ENV: `name=value`, or `name<<END` and lines up to `END`."""
    values, lines = {}, iter(text.split("\n"))
    for line in filter(None, lines):
        name, sign, value = re.fullmatch(r"(.+?)(=|<<)(.*)", line).groups()
        values[name] = value if sign == "=" else "\n".join(iter(lambda: next(lines), value))
    return values


class Simulator:
    """One job on one runner. `path` is where its steps find programs; `machine` has variables of the machine's own."""

    def __init__(self, folder, *, path, event="push", payload=None, **machine):
        self.workspace, self.temp, home = folder / "work/repo/repo", folder / "work/_temp", folder / "home"
        for made in (self.workspace, self.temp, home):
            made.mkdir(parents=True)
        self.event, event_file = payload or {}, folder / "event.json"
        event_file.write_text(json.dumps(self.event), "utf-8")
        self.machine = {"HOME": str(home), "PATH": str(path), "LANG": "C.UTF-8", **machine}
        self.fixed = {  # no step and no workflow can set these
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": event,
            "GITHUB_EVENT_PATH": str(event_file),
            "GITHUB_REPOSITORY": "octo/repo",
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_RUN_ID": "1",
            "GITHUB_WORKSPACE": str(self.workspace),
            "RUNNER_OS": "Linux",
            "RUNNER_TEMP": str(self.temp),
            "RUNNER_TOOL_CACHE": str(folder / "tools"),
            **{
                name: value
                for name, value in machine.items()
                if name.startswith("GITHUB_") and name != "GITHUB_TOKEN"
            },
        }

    def run(self, action, *, inputs=None, env=None, cancel=None):
        """Run the action in folder `action` in a job with this `env`; `cancel` sees the log grow and may end the job."""
        told, given = yaml.load((action / "action.yml").read_text("utf-8"), yaml.BaseLoader), inputs or {}
        if not given.keys() <= told["inputs"].keys():
            raise RefusedError(f"no such input: {given.keys() - told['inputs'].keys()}")
        env, steps, status = dict(env or {}), {}, "success"
        contexts = {
            "inputs": {
                name: given.get(name, entry.get("default", "")) for name, entry in told["inputs"].items()
            },
            "github": {"token": "token-of-the-job", "event": self.event},
            "runner": {"os": "Linux", "temp": str(self.temp)},
            "env": env,
            "steps": {step["id"]: {"outputs": {}} for step in told["runs"]["steps"]},
        }
        for step in told["runs"]["steps"]:
            condition = step.get("if", "success()")
            if not re.search(r"\w\(\)", condition):
                condition = f"success() && ({condition})"
            if not evaluate(condition, contexts, status):
                steps[step["id"]] = Step("skipped")
                continue
            done = self._step(step, action, contexts, None if status == "cancelled" else cancel)
            steps[step["id"]] = done
            contexts["steps"][step["id"]]["outputs"] = done.outputs
            env.update(pairs(done.files["GITHUB_ENV"]))
            if status != "cancelled" and done.outcome != "success":
                status = done.outcome
        return Run(
            steps, {name: substitute(o["value"], contexts) for name, o in told["outputs"].items()}, status
        )

    def _step(self, told, action, contexts, cancel):
        if told.keys() - {"id", "if", "shell", "env", "run"}:
            raise RefusedError(f"step {told['id']} has keys that nobody simulated")
        script, *files = (self.temp / f"{name}-{os.urandom(8).hex()}" for name in ("script", *FILES))
        script.write_text(substitute(told["run"], contexts), "utf-8")
        for file in files:
            file.touch()
        shell = BASH if told["shell"] == "bash" else told["shell"]
        with subprocess.Popen(
            shell.format(script).split(" "),
            cwd=self.workspace,
            env={
                **self.machine,
                **contexts["env"],
                **{name: substitute(value, contexts) for name, value in told.get("env", {}).items()},
                **self.fixed,
                **{name: str(file) for name, file in zip(FILES, files, strict=True)},
                "GITHUB_ACTION_PATH": str(action),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        ) as process:
            log, ended = [], threading.Event()
            watcher = threading.Thread(target=watch, args=[process, log, cancel, ended])
            watcher.start()
            log.extend(process.stdout)
            status = process.wait()
            watcher.join()
        left = {name: file.read_text("utf-8") for name, file in zip(FILES, files, strict=True)}
        outcome = "cancelled" if ended.is_set() else "failure" if status else "success"
        return Step(outcome, status, "".join(log), pairs(left["GITHUB_OUTPUT"]), left)


def watch(process, log, cancel, ended):
    """End the step when `cancel` says so, by three signals to the one process that the runner has started."""
    while process.poll() is None and not (cancel and cancel("".join(log))):
        time.sleep(0.02)
    if process.poll() is not None:
        return
    ended.set()
    for sign, seconds in zip((signal.SIGINT, signal.SIGTERM, signal.SIGKILL), (*PATIENCE, None), strict=True):
        process.send_signal(sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
