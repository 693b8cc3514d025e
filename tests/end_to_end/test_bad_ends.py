"""A run that is killed, interrupted, cut off or has no room left, at some point: nothing is half done, nothing twice.

A few points; `benchmarks/bad_ends.py` tries all of them.
"""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from ending import Runner
from github_server import GitHubServer

PATCH = (
    "diff --git a/app/auth/x.py b/app/auth/x.py\nnew file mode 100644\n--- /dev/null\n+++ b/app/auth/x.py\n"
    "@@ -0,0 +1,1 @@\n+x = eval(y)\n"
)


@pytest.fixture
def runner(tmp_path):
    with GitHubServer() as server:
        yield Runner(server, tmp_path)


@pytest.mark.parametrize(
    ("sign", "method", "path", "status"),
    [
        pytest.param(signal.SIGKILL, "POST", r"/reviews$", -9, id="killed before it posts"),
        pytest.param(signal.SIGKILL, "PATCH", r"/check-runs/", -9, id="killed before it completes the check"),
        pytest.param(signal.SIGTERM, "GET", r"/files", 130, id="terminated while it reads"),
        pytest.param(
            signal.SIGINT, "POST", r"/issues/\d+/comments", 130, id="interrupted before the summary"
        ),
    ],
)
def test_a_signal(runner, sign, method, path, status):
    assert runner.ended(sign, method, path) == status, runner.log
    runner.close()
    runner.assert_sound()
    runner.assert_posted_once()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        pytest.param("GET", r"/pulls/", 4, id="from the start"),
        pytest.param("POST", r"/reviews$", 1, id="when it posts"),
        pytest.param("PATCH", r"/check-runs/", 1, id="when it completes the check"),
    ],
)
def test_a_network_that_is_gone(runner, method, path, status):
    runner.server.fault(method, path, 0, times=1_000)
    assert runner.run() == status, runner.log
    runner.server.faults.clear()
    runner.close()
    runner.assert_sound()
    runner.assert_posted_once()


@pytest.mark.parametrize(
    ("environ", "status"),
    [
        pytest.param({"RUNNER_TEMP": "/dev/full"}, 2, id="nowhere to put the report"),
        pytest.param({"GITHUB_STEP_SUMMARY": "/dev/full"}, 1, id="no room for the job summary"),
        pytest.param({"GITHUB_OUTPUT": "/dev/full"}, 1, id="no room for the outputs"),
    ],
)
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_no_room_for_results(runner, environ, status):
    assert runner.run(**environ) == status, runner.log
    runner.assert_sound()
    assert "/dev/full" in runner.log


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")
@pytest.mark.parametrize(
    ("flags", "statuses"),
    [
        pytest.param("--diff x.patch", {3}, id="analysers find no room: nobody has read it"),
        pytest.param("--staged", {4}, id="git finds no room"),
    ],
)
def test_a_full_disk(tmp_path, flags, statuses):
    (tmp_path / "x.patch").write_text(PATCH)
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / "y.py").write_text("x = 1\n")
    subprocess.run(["git", "-C", tmp_path, "add", "y.py"], check=True)
    done = subprocess.run(
        ["bash", "-c", f"ulimit -f 0; exec {sys.executable} -m reviewbot review --panel offline {flags}"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in statuses, done.stderr
    assert "Traceback" not in done.stderr
