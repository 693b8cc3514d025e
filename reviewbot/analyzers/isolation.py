"""One run of an analyser: its own process, an empty directory, hardly an environment, and limits."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from reviewbot.errors import FailureKind, ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Bytes of stdout. Past it the run counts as failed: no analysis of ours is that long.
_MAX_OUTPUT = 64 << 20
#: Only the end of stderr goes into a message.
_MAX_COMPLAINT = 4096

#: What a process needs to start at all, per platform; nothing that carries a key or a setting.
_PASSED_ON = ("SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


async def run(
    module: str,
    arguments: Sequence[str],
    *,
    files: Mapping[str, str],
    stdin: bytes = b"",
    seconds: float,
) -> bytes:
    """What `python -m module arguments` prints, run where only `files` exist. Raises ModelError.

    The exit status is not zero when the analyser failed, never because it found something.
    """
    try:
        return await _run(module, arguments, files, stdin, seconds)
    except OSError as error:  # no room for the files, or for another process
        raise ModelError(
            FailureKind.OVERLOAD, f"{module} cannot be run on this machine: {error.strerror}"
        ) from error


async def _run(
    module: str, arguments: Sequence[str], files: Mapping[str, str], stdin: bytes, seconds: float
) -> bytes:
    with tempfile.TemporaryDirectory(prefix="analysis-", ignore_cleanup_errors=True) as folder:
        await asyncio.to_thread(_write, Path(folder), files)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-X", "utf8", "-m", "reviewbot.analyzers.confined",
            str(int(seconds) + 1), module, *arguments,
            cwd=folder,
            env=_environment(folder),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )  # fmt: skip  # the command line reads as one
        try:
            async with asyncio.timeout(seconds):
                output, complaint, status = await _talk(process, stdin)
        except TimeoutError as error:
            raise ModelError(
                FailureKind.TIMEOUT, f"{module} did not finish within {seconds:.0f} s"
            ) from error
        finally:
            await _end(process)
    if status != 0:
        detail = complaint.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise ModelError(
            FailureKind.OVERLOAD, f"{module} failed with status {status}: {detail[:200] or 'no message'}"
        )
    return output


def _write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (folder / name).write_bytes(text.encode())


def _environment(folder: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    # Two threads: a pool as wide as a big machine would exceed the memory limit by its stacks alone.
    return {**kept, "HOME": folder, "TMPDIR": folder, "NO_COLOR": "1", "RAYON_NUM_THREADS": "2"}


async def _talk(process: asyncio.subprocess.Process, stdin: bytes) -> tuple[bytes, bytes, int]:
    async with asyncio.TaskGroup() as group:
        group.create_task(_feed(process, stdin))
        output = group.create_task(_read(process, process.stdout))
        complaint = group.create_task(_tail(process.stderr))
    return output.result(), complaint.result(), await process.wait()


async def _feed(process: asyncio.subprocess.Process, data: bytes) -> None:
    assert process.stdin is not None  # noqa: S101 - asked for PIPE
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it ended early; its status says why
        process.stdin.write(data)
        await process.stdin.drain()
        process.stdin.close()
        await process.stdin.wait_closed()


async def _read(process: asyncio.subprocess.Process, stream: asyncio.StreamReader | None) -> bytes:
    assert stream is not None  # noqa: S101 - asked for PIPE
    parts: list[bytes] = []
    size = 0
    while part := await stream.read(1 << 16):
        size += len(part)
        if size > _MAX_OUTPUT:
            process.kill()
            break
        parts.append(part)
    return b"".join(parts)


async def _tail(stream: asyncio.StreamReader | None) -> bytes:
    assert stream is not None  # noqa: S101 - asked for PIPE
    kept = b""
    while part := await stream.read(1 << 16):
        kept = (kept + part)[-_MAX_COMPLAINT:]
    return kept


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill the process and all it started, if they still run, and reap it."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            if sys.platform == "win32":
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
