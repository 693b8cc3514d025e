"""One run inside GitHub Actions: what the event asks for, a review, comments, the check, and the exit status."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from reviewbot import app, gate, memory, outputs, reports, seating
from reviewbot import config as configuration
from reviewbot.analyzers import parses
from reviewbot.environment import Environment, Runner, without_keys
from reviewbot.errors import ConfigError, Exit, ReviewbotError, SourceError, UsageError
from reviewbot.findings import State
from reviewbot.fixed import is_fixed, trace
from reviewbot.github import check, event, override, people, post, pull, threads
from reviewbot.github.client import Client, GitHubError
from reviewbot.github.writing import BODY_LIMIT, CHECK_LIMIT
from reviewbot.outputs import comment, markdown
from reviewbot.recall import Recall
from reviewbot.review import Decision, Status
from reviewbot.sanitize import Sanitizer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reviewbot.config import Config
    from reviewbot.github.check import Annotation, CheckRun, Conclusion
    from reviewbot.github.pull import Pull
    from reviewbot.review import Review

logger = logging.getLogger(__name__)

REPORT = "reviewbot-report.json"
#: Whether to leave GitHub a break between requests, as it asks for.
SPARING = True


@dataclass(frozen=True, slots=True)
class Job:
    """What one run has to work with."""

    runner: Runner
    environment: Environment
    client: Client
    sanitizer: Sanitizer


def run() -> Exit:
    """Do what the event asks for and say how the run ends. The environment is read here, and only here."""
    runner, environment = Runner.read(os.environ), Environment.read(os.environ)
    without_keys(os.environ)  # nothing started from here on inherits them
    # A cancelled job gets SIGINT, then SIGTERM: both must leave time to complete the check.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    situation = event.read(runner.event, _payload(runner), repository=runner.repository)
    client = Client(
        token=runner.token,
        api_url=runner.api_url,
        repository=runner.repository,
        graphql_url=runner.graphql_url,
        pause=SPARING,
    )
    try:
        secrets = (*environment.redacted, runner.token)
        return _handle(Job(runner, environment, client, Sanitizer(secrets)), situation)
    finally:
        logger.info("%d requests to GitHub", client.calls)
        client.close()


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


def _handle(job: Job, situation: event.Situation) -> Exit:
    match situation:
        case event.Nothing(why):
            logger.warning("nothing to do: %s", why)
            return Exit.PASSED
        case event.MergeGroup(number=number, head=head) if job.runner.mode == "close":
            return _close(job, number, head)
        case _ if job.runner.mode == "close":
            return _close(job, situation.number, pull.head_sha(job.client, situation.number))
        case event.MergeGroup():
            return _mirror(job, situation)
        case event.Command(actor=actor) if not people.may_write(job.client, actor):
            logger.warning("nothing to do: the author of the command may not write to this repository")
            return Exit.PASSED
        case event.Command(kind="override"):
            return _override(job, situation)
        case event.Command(sha=sha, number=number) if sha and sha != pull.head_sha(job.client, number):
            raise UsageError(f"the command asks for a review of {sha[:12]}, which is not the head any more")
        case _:
            if job.runner.mode == "post":
                return _post(job, situation.number)
            # Who asks for a review by hand gets a whole one.
            since = situation.reviewed_before if isinstance(situation, event.PullEvent) else ""
            return _review(job, situation.number, since)


def _review(job: Job, number: int, since: str) -> Exit:
    """Review a pull request at its present head, post what was found, and complete the check.

    What the check on the commit `since` remembers is not found out again; "" for a review of everything.
    """
    started = time.monotonic()
    found = pull.fetch(job.client, number)
    with _checking(job, found) as checking:
        config = _config(job, found)
        result = asyncio.run(_reviewed(job, found, config, started, checking, since))
        decision = _decided(job, found, result.decision)
        result = replace(result, decision=decision)
        _write_report(job, result)
        if job.runner.mode == "review":
            _write_outputs(job, {"verdict": result.decision.status})
            _summarise(job, outputs.render(result, "markdown", job.sanitizer, width=80, color=False))
            return gate.exit_status(result.decision)
        return _publish(job, found, result, checking, {})


async def _reviewed(
    job: Job, found: Pull, config: Config, started: float, checking: _Checking, since: str
) -> Review:
    environment = job.environment
    unchosen = seating.keyless(config, environment)
    made = seating.plan(config, environment, offline=unchosen)
    recall = Recall.of(job.runner.repository, found, config, environment, made)
    known = recall.known(job.client, found.number, since, checking.app)
    checking.text = recall.sealed(known)  # also where this run does not get to an end
    change, unlisted = await asyncio.to_thread(pull.read_change, job.client, found)
    notebook = memory.Notebook()
    result = await app.reviewed(
        change,
        config,
        environment,
        made,
        job.sanitizer,
        started=started,
        unlisted=unlisted,
        unchosen=unchosen,
        known=memory.still(known, change),
        tell=notebook,
    )
    checking.text = recall.sealed(notebook.learned(result, change))
    return result


def _config(job: Job, found: Pull) -> Config:
    """The configuration at the base commit: a pull request cannot change its own review."""
    name = job.runner.config or configuration.FILE_NAME
    text = pull.base_file(job.client, found.base_sha, name)
    if text is None and job.runner.config:
        raise ConfigError(f"{name} does not exist at the base commit; the configuration is read there")
    config = configuration.load(text or "", source=f"{name} at {found.base_sha[:12]}")
    if not job.runner.gate:
        return config
    return config.model_copy(update={"gate": config.gate.model_copy(update={"mode": job.runner.gate})})


def _decided(job: Job, found: Pull, decision: Decision) -> Decision:
    """The decision, unless somebody who may has overridden it for this very commit."""
    if decision.status is Status.PASSED or not decision.enforced:
        return decision
    given = override.find(job.client, found.number, found.head_sha)
    if given is None:
        return decision
    said = f"overridden by {given.actor} for {found.head_sha[:12]}: {job.sanitizer.line(given.reason)}"
    return gate.overridden(decision, said)


def _post(job: Job, number: int) -> Exit:
    """Post what another job has reviewed. Without its report there is no verdict, and that is never green."""
    found = pull.fetch(job.client, number)
    with _checking(job, found) as checking:
        path = job.runner.report
        if path is None or not path.is_file():
            checking.finish(
                "action_required", "there is no report", "The job that reviews did not write one."
            )
            logger.warning("there is no report to post; did the job with `mode: review` end?")
            return Exit.INCONCLUSIVE
        told = reports.read(path.read_text(encoding="utf-8", errors="replace"), source=str(path))
        change = told.review.change
        if (change.repository, change.number) != (job.runner.repository, number):
            raise UsageError(f"{path} is the report of another pull request")
        if change.head != found.head_sha:
            return _moved(job, checking)
        status = told.review.decision.status
        enforced = gate.enforced(status, gate.Policy.of(_config(job, found)))
        decision = _decided(job, found, replace(told.review.decision, enforced=enforced))
        result = replace(told.review, decision=decision)
        _write_outputs(job, {"report": str(path)})
        return _publish(job, found, result, checking, told.fingerprints)


def _moved(job: Job, checking: _Checking) -> Exit:
    checking.finish("action_required", "the pull request has moved on", _MOVED)
    _write_outputs(job, {"verdict": Status.INCONCLUSIVE})
    logger.warning(_MOVED)
    return Exit.INCONCLUSIVE


def _publish(
    job: Job, found: Pull, result: Review, checking: _Checking, fingerprints: Mapping[str, str]
) -> Exit:
    """Comments, summary, check and job summary. What could not be written is said in those that could.

    `fingerprints` are by claim id, of findings that have lost the quote theirs is made of.
    """
    page = outputs.page(result, job.sanitizer)
    seen = threads.read(job.client, found.number)
    posted = post.post_review(job.client, found, _comments(page, result, fingerprints), seen)
    if posted.moved:
        return _moved(job, checking)
    problems = [str(failure) for failure in posted.failed]
    summary = markdown.summary(page, full=False, limit=BODY_LIMIT - 5_000) + _list(problems, job)
    written = post.upsert_summary(job.client, found, summary, seen)
    problems += filter(None, [written.problem])
    decision = result.decision
    problems += checking.finish(
        _conclusion(decision),
        f"{decision.status}: {outputs.headline(page.review)}",
        markdown.summary(page, full=True, limit=CHECK_LIMIT),
        _annotations(page),
    )
    # Not before: without a verdict the last step of the action closes a check that was left open.
    _write_outputs(job, {"verdict": decision.status})
    _summarise(job, markdown.render(page) + _list(problems, job))
    _resolve_fixed(job, result, seen)
    for problem in problems:
        logger.warning("%s", problem)
    return gate.exit_status(decision)


def _resolve_fixed(job: Job, result: Review, seen: threads.Conversation) -> None:
    """Close the threads of what is fixed, where the token may: a courtesy, whose failure changes nothing."""
    done = [t for t in seen.threads if t.closable and is_fixed(t.path, t.fingerprint, t.code, result)]
    try:
        threads.resolve(job.client, done)
    except GitHubError as error:
        logger.warning("%d threads of fixed findings stay open: %s", len(done), error)


_MOVED = "The head moved while this commit was reviewed, so nothing was posted; its successor has a run of its own."


class _Checking:
    """The check of one run, as long as it is open. Without the right to write checks it does nothing, and says so."""

    def __init__(self, client: Client, opened: CheckRun | None) -> None:
        self._client = client
        self._opened = opened
        self._done = False
        self.text = ""  # hidden, for the next run

    @property
    def app(self) -> int | None:
        """The app whose check it is."""
        return self._opened.app if self._opened else None

    def finish(
        self, conclusion: Conclusion, title: str, summary: str, annotations: tuple[Annotation, ...] = ()
    ) -> list[str]:
        """Complete it, once; what went wrong, a sentence each."""
        if self._opened is None:
            return ["the token may not write checks, so the exit status of the job is the gate"]
        if self._done:
            return []
        self._done = True
        finished = check.finish(
            self._client,
            self._opened,
            conclusion,
            title=title,
            summary=summary,
            text=self.text,
            annotations=annotations,
        )
        return [finished.problem] if finished.problem else []


@contextmanager
def _checking(job: Job, found: Pull) -> Iterator[_Checking]:
    """An open check that is completed at every exit, a crash and a signal among them, and then never green."""
    if job.runner.mode == "review":  # that job may not write
        yield _Checking(job.client, None)
        return
    bound = check.external_id(found.number, found.base_sha, found.head_sha)
    checking = _Checking(job.client, check.start(job.client, found.head_sha, external_id=bound))
    why = "It was interrupted, or failed; the log of the job says which."
    try:
        yield checking
    except ReviewbotError as error:
        why = job.sanitizer.markdown(str(error))
        raise
    finally:
        # Where all went well it is completed already, and this does nothing.
        checking.finish("failure", "the review did not finish", why)


def _mirror(job: Job, group: event.MergeGroup) -> Exit:
    """Give the merge group the verdict of its pull request's head: no model is asked twice for one change."""
    found = pull.fetch(job.client, group.number)
    bound = check.external_id(found.number, group.base, group.head)
    opened = check.start(job.client, group.head, external_id=bound)
    checking = _Checking(job.client, opened)
    verdict = check.previous(
        job.client, found.head_sha, number=found.number, app=opened.app if opened else None
    )
    green = verdict in ("success", "neutral")
    title = f"as on {found.head_sha[:12]}: {verdict}" if verdict else f"{found.head_sha[:12]} has no verdict"
    for problem in checking.finish(
        "success" if green else "failure", title, f"Pull request #{found.number}."
    ):
        logger.warning("%s", problem)
    status = Status.PASSED if green else Status.BLOCKED if verdict == "failure" else Status.INCONCLUSIVE
    _write_outputs(job, {"verdict": status})
    return gate.exit_status(Decision(status, (), enforced=True))


def _override(job: Job, command: event.Command) -> Exit:
    """Let one commit pass on the word of somebody who may write. The comment stays as the record of it."""
    found = pull.fetch(job.client, command.number)
    if command.sha != found.head_sha:
        raise UsageError(
            f"the override names {command.sha[:12]}, but the head is {found.head_sha[:12]}; name the head's whole id"
        )
    title = f"overridden by {command.actor}: {job.sanitizer.line(command.reason)}"
    checking = _Checking(
        job.client,
        check.start(
            job.client,
            found.head_sha,
            external_id=check.external_id(found.number, found.base_sha, found.head_sha),
        ),
    )
    problems = checking.finish(
        "success", title, "It holds for this commit alone; the next push is reviewed anew."
    )
    if problems:
        raise SourceError(f"the override could not be written: {problems[0]}")
    _write_outputs(job, {"verdict": Status.PASSED})
    return Exit.PASSED


def _close(job: Job, number: int, sha: str) -> Exit:
    """Complete the check that a killed run has left open; nothing else, whatever the event asked for."""
    left = check.unfinished(job.client, sha, number=number)
    for opened in left:
        _Checking(job.client, opened).finish("cancelled", "the run was cancelled", "Run it again.")
    return Exit.PASSED


def _conclusion(decision: Decision) -> Conclusion:
    """What the check says. A required check passes on `neutral`, so only who asked for no gate gets that."""
    if decision.status is Status.PASSED:
        return "success"
    if not decision.enforced:
        return "neutral"
    return "failure" if decision.status is Status.BLOCKED else "action_required"


def _comments(page: outputs.Page, result: Review, fingerprints: Mapping[str, str]) -> list[post.Comment]:
    """The findings that go on their lines."""
    made = []
    for verdict in (v for v in result.verdicts if v.inline):
        found = verdict.finding
        text = comment.text(page, verdict, result.change.heads.get(found.path), parses)
        made.append(
            post.Comment(
                found.path,
                found.first_line,
                found.last_line,
                text.on_lines,
                text.on_file,
                fingerprints.get(verdict.claim.id, found.fingerprint),
                trace(found, result.change.heads.get(found.path)),
            )
        )
    return made


def _annotations(page: outputs.Page) -> tuple[Annotation, ...]:
    """Confirmed findings for the view of the diff; those that are comments already are not said twice."""
    return tuple(
        check.Annotation(
            v.finding.path,
            v.finding.first_line,
            v.finding.last_line,
            "failure" if v.critical else "warning",
            v.finding.title,
            v.finding.body,
        )
        for v in page.review.verdicts
        if v.state is State.CONFIRMED
    )


def _list(problems: list[str], job: Job) -> str:
    lines = "\n".join(f"- {job.sanitizer.inline(problem)}" for problem in problems)
    return f"\n**Not posted**\n\n{lines}\n" if lines else ""


def _write_report(job: Job, result: Review) -> None:
    path = job.runner.temp / REPORT
    path.write_text(outputs.render(result, "json", job.sanitizer, width=80, color=False), encoding="utf-8")
    _write_outputs(job, {"report": str(path)})


def _write_outputs(job: Job, values: dict[str, str]) -> None:
    """Fixed words and paths of ours only, a line each."""
    if job.runner.output:
        with job.runner.output.open("a", encoding="utf-8") as file:
            file.writelines(f"{name}={value}\n" for name, value in values.items())


def _summarise(job: Job, text: str) -> None:
    if job.runner.summary:
        with job.runner.summary.open("a", encoding="utf-8") as file:
            file.write(text)
