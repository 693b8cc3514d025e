"""The check `reviewbot` on a commit: opened when a run starts, completed once when it ends, read again by the merge queue."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from reviewbot.github.client import GitHubError, ReadOnlyError
from reviewbot.github.fields import maybe
from reviewbot.github.writing import CHECK_LIMIT, TITLE_LIMIT, fitted, unclear

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from reviewbot.github.client import Client

NAME = "reviewbot"

#: `neutral` passes a required check, so it is never the word for a review that could not be done.
Conclusion = Literal["success", "failure", "neutral", "cancelled", "timed_out", "action_required"]
_CONCLUSIONS: tuple[Conclusion, ...] = get_args(Conclusion)

#: Annotations in one request, GitHub's maximum; those beyond are appended.
_BATCH = 50
_BOUND = re.compile(r"reviewbot:v1 pr=(\d+) base=[0-9a-f]* head=([0-9a-f]+) run=(\d*) attempt=(\d*)")


@dataclass(frozen=True, slots=True)
class CheckRun:
    """A check that was started. `app` is the app our token belongs to, None where GitHub did not say."""

    id: int
    url: str
    app: int | None


@dataclass(frozen=True, slots=True)
class Annotation:
    """A finding at its lines (1-based, inclusive) in the view of the diff; its texts are plain, not Markdown."""

    path: str
    first_line: int
    last_line: int
    level: Literal["notice", "warning", "failure"]
    title: str
    message: str


@dataclass(frozen=True, slots=True)
class Finished:
    """Whether the check is completed, with how many annotations, and what went wrong ("" where nothing did)."""

    completed: bool
    annotations: int
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Binding:
    """What a verdict holds for, and the run that gives it: a commit can be the head of several pull requests.

    `run` and `attempt` are GitHub's numbers of the workflow run, "" outside of one.
    """

    number: int
    base: str
    head: str
    run: str = ""
    attempt: str = ""

    def __str__(self) -> str:
        return (
            f"reviewbot:v1 pr={self.number} base={self.base} head={self.head} "
            f"run={self.run} attempt={self.attempt}"
        )


def start(client: Client, bound: Binding) -> CheckRun | None:
    """Open the check on the head; None when the token may not. Raises GitHubError for anything else."""
    body = {"name": NAME, "head_sha": bound.head, "status": "in_progress", "external_id": str(bound)}
    try:
        return _created(client, body)
    except ReadOnlyError:
        return None
    except GitHubError as error:
        if not unclear(error):
            raise
    time.sleep(client.settle)
    ours = [
        run
        for run in _runs(client, bound.head)
        if run.get("external_id") == str(bound) and run.get("status") != "completed"
    ]
    return _check_run(ours[-1]) if ours else _created(client, body)


def finish(
    client: Client,
    run: CheckRun,
    conclusion: Conclusion,
    *,
    title: str,
    summary: str,
    text: str = "",
    annotations: Sequence[Annotation] = (),
) -> Finished:
    """Complete the check. That comes first, so that nothing that fails later leaves it open; raises nothing of GitHub's.

    `summary` and `text` are Markdown and cut to what GitHub takes; a check that it rejects is sent again in few words.
    """
    output = {"title": fitted(title, TITLE_LIMIT), "summary": fitted(summary, CHECK_LIMIT)}
    full = output | ({"text": fitted(text, CHECK_LIMIT)} if text else {})
    rows = [_row(annotation) for annotation in annotations]
    done = {"status": "completed", "conclusion": conclusion}
    try:
        _complete(client, run, done | {"output": full | _with(rows[:_BATCH])})
    except GitHubError as error:
        if error.status != 422:
            return Finished(completed=False, annotations=0, problem=f"the check stays open: {error}")
        return _in_few_words(client, run, done | {"output": output}, str(error))
    return _annotate(client, run, full, rows)


def previous(client: Client, sha: str, *, number: int, app: int | None) -> Conclusion | None:
    """The conclusion of our newest completed check on this head of this pull request; None where there is none.

    Only of `app`, where that is known: anybody who may write checks can call one `reviewbot`.
    """
    ours = [run for run in _of_pull(client, sha, number) if app in (None, maybe(run, "app.id"))]
    completed = [run for run in ours if run.get("status") == "completed"]
    newest = max(completed, key=lambda run: (str(run.get("completed_at")), run["id"]), default={})
    return next((word for word in _CONCLUSIONS if word == newest.get("conclusion")), None)


def texts(client: Client, sha: str, *, number: int, app: int) -> tuple[str, ...]:
    """The texts of our completed checks on this commit of this pull request, the newest first; one request."""
    runs = [run for run in _of_pull(client, sha, number) if maybe(run, "app.id") == app]
    said = (maybe(run, "output.text") for run in reversed(runs) if run.get("status") == "completed")
    return tuple(text if isinstance(text, str) else "" for text in said)


def unfinished(client: Client, sha: str, *, number: int, run: tuple[str, str]) -> tuple[CheckRun, ...]:
    """The checks on this head of this pull request that one run, of this number and attempt, has not completed."""
    left = [made for made in _of_pull(client, sha, number) if made.get("status") != "completed"]
    return tuple(_check_run(made) for made in left if _bound(made)[2:] == run)


def _of_pull(client: Client, sha: str, number: int) -> list[dict[str, Any]]:
    return [made for made in _runs(client, sha) if _bound(made)[:2] == (str(number), sha)]


def _bound(made: Mapping[str, Any]) -> tuple[str, ...]:
    """Pull request, head, run and attempt that a check is bound to; nothing for one that is not ours."""
    match = _BOUND.fullmatch(str(made.get("external_id")))
    return match.groups() if match else ()


def _created(client: Client, body: Mapping[str, Any]) -> CheckRun:
    return _check_run(client.send("POST", "/check-runs", body))


def _check_run(answer: Mapping[str, Any]) -> CheckRun:
    app = maybe(answer, "app.id")
    return CheckRun(
        int(answer["id"]), str(answer.get("html_url") or ""), app if isinstance(app, int) else None
    )


def _runs(client: Client, sha: str) -> list[dict[str, Any]]:
    """Every check of our name on the commit, oldest first."""
    # Without filter=all GitHub leaves out those that a newer one of the name has replaced, of another pull request too.
    found = client.get(f"/commits/{sha}/check-runs", check_name=NAME, filter="all", per_page=100)
    return sorted(found["check_runs"], key=lambda run: int(run["id"]))


def _complete(client: Client, run: CheckRun, body: Mapping[str, Any]) -> None:
    """Send it until it is known to have arrived: at most three times, never again once the check is completed."""
    path = f"/check-runs/{run.id}"
    for last in (False, False, True):
        try:
            client.send("PATCH", path, body)
        except GitHubError as error:
            if last or not unclear(error):
                raise
            time.sleep(client.settle)
            if client.get(path).get("status") == "completed":
                return
        else:
            return


def _in_few_words(client: Client, run: CheckRun, body: Mapping[str, Any], problem: str) -> Finished:
    try:
        _complete(client, run, body)
    except GitHubError as error:
        return Finished(completed=False, annotations=0, problem=f"the check stays open: {error}")
    return Finished(completed=True, annotations=0, problem=f"the check is shown without details: {problem}")


def _annotate(
    client: Client, run: CheckRun, output: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]
) -> Finished:
    """Append what did not fit into the first request. Each goes out once: a second time would show it twice."""
    for done in range(_BATCH, len(rows), _BATCH):
        batch = rows[done : done + _BATCH]
        try:
            client.send("PATCH", f"/check-runs/{run.id}", {"output": {**output, **_with(batch)}})
        except GitHubError as error:
            return Finished(completed=True, annotations=done, problem=f"annotations are missing: {error}")
    return Finished(completed=True, annotations=len(rows))


def _with(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    return {"annotations": listed} if (listed := list(rows)) else {}


def _row(annotation: Annotation) -> dict[str, Any]:
    return {
        "path": annotation.path,
        "start_line": annotation.first_line,
        "end_line": annotation.last_line,
        "annotation_level": annotation.level,
        "title": fitted(annotation.title, TITLE_LIMIT),
        "message": fitted(annotation.message, CHECK_LIMIT),
    }
