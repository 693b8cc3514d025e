"""One run inside GitHub Actions: what the event asks for, and how the run ends."""

from __future__ import annotations

import json
import logging
import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from reviewbot import gate, logs
from reviewbot.action import overriding, reviewing
from reviewbot.action.checking import checking, close
from reviewbot.action.job import Ending, Job
from reviewbot.environment import Environment, Runner, without_keys
from reviewbot.errors import Exit, UsageError
from reviewbot.github import check, event, people, pull
from reviewbot.github.client import Client
from reviewbot.review import Decision, Status
from reviewbot.sanitize import Sanitizer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

logger = logging.getLogger(__name__)

#: Whether to leave GitHub a break between requests, as it asks for.
SPARING = True


def run() -> Exit:
    """Do what the event asks for and say how the run ends. The environment is read here, and only here."""
    runner, environment = Runner.read(os.environ), Environment.read(os.environ)
    without_keys(os.environ)  # nothing started from here on inherits them
    situation = event.read(runner.event, _payload(runner), repository=runner.repository)
    client = Client(
        token=environment.hub.token,
        api_url=environment.hub.api_url,
        repository=runner.repository,
        graphql_url=environment.hub.graphql_url,
        pause=SPARING,
    )
    sanitizer = Sanitizer(environment.redacted)
    if runner.mode in (
        "post",
        "plan",
        "close",
    ):  # it asks no model, so it keeps nothing that could pay for one
        environment = environment.keyless()
    job = Job(runner, environment, client, sanitizer)
    with logs.group("what reviewbot did", wanted=runner.folds):
        try:
            with _interruptible():
                ended = _handle(job, situation)
        finally:
            logger.info("%d requests to GitHub", client.calls)
            client.close()
    logger.info("%s", ended.said)
    return ended.exit


@contextmanager
def _interruptible() -> Iterator[None]:
    """Within it a signal interrupts, once: a cancelled job gets two, and the check must be completed all the same."""
    signals = (signal.SIGINT, signal.SIGTERM)

    def interrupt(_: int, __: FrameType | None) -> None:
        for number in signals:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = [signal.signal(number, interrupt) for number in signals]
    try:
        yield
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)


def _payload(runner: Runner) -> dict[str, Any]:
    if runner.payload is None:
        raise UsageError("GITHUB_EVENT_PATH is not set; the runner sets it to the file with the event")
    try:
        payload = json.loads(runner.payload.read_bytes())
    except (OSError, ValueError) as error:
        raise UsageError(f"GITHUB_EVENT_PATH {runner.payload} cannot be read as JSON") from error
    if not isinstance(payload, dict):
        raise UsageError(f"GITHUB_EVENT_PATH {runner.payload} does not hold an event")
    return payload


def _handle(job: Job, situation: event.Situation) -> Ending:
    match situation:
        case event.Nothing(why):
            return Ending(Exit.PASSED, f"nothing to do: {why}")
        case event.MergeGroup(number=number, head=head) if job.runner.mode == "close":
            return close(job, number, {head})
        case event.PullEvent(number=number, head=head) if job.runner.mode == "close":
            return close(job, number, {head, pull.head_sha(job.client, number)})
        case _ if job.runner.mode == "close":
            return close(job, situation.number, {pull.head_sha(job.client, situation.number)})
        case event.MergeGroup():
            return _mirror(job, situation)
        case event.Command(actor=actor) if not people.may_write(job.client, actor):
            said = "nothing to do: the author of the command may not write to this repository"
            return Ending(Exit.PASSED, said)
        case event.Command(kind="override"):
            return overriding.command(job, situation)
        case event.Command(sha=sha, number=number) if sha and sha != pull.head_sha(job.client, number):
            raise UsageError(f"the command asks for a review of {sha[:12]}, which is not the head any more")
        case _:
            if job.runner.mode == "plan":
                return reviewing.plan(job, situation.number)
            if job.runner.mode == "post":
                return reviewing.posted(job, situation.number)
            if isinstance(situation, event.PullEvent):
                return reviewing.review(job, situation.number, since=situation.reviewed_before)
            return reviewing.review(job, situation.number, asked=True)


def _mirror(job: Job, group: event.MergeGroup) -> Ending:
    """Give the merge group the verdict of its pull request's head: no model is asked twice for one change."""
    runner = job.runner
    on_group = check.Binding(group.number, group.base, group.head, runner.run_id, runner.run_attempt)
    with checking(job, on_group) as opened:
        head = pull.head_sha(job.client, group.number)
        verdict = check.previous(job.client, head, number=group.number, app=opened.app)
        green = verdict in ("success", "neutral")
        title = f"as on {head[:12]}: {verdict}" if verdict else f"{head[:12]} has no verdict"
        for problem in opened.finish(
            "success" if green else "failure", title, f"Pull request #{group.number}."
        ):
            logger.warning("%s", problem)
    status = Status.PASSED if green else Status.BLOCKED if verdict == "failure" else Status.INCONCLUSIVE
    if not opened.left_open:
        job.output("verdict", status)
    return Ending(gate.exit_status(Decision(status, (), enforced=True)), f"{status}: {title}")
