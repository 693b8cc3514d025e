"""Reviews a pull request, or takes the report of the job that has reviewed it, and decides with what people overrode."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reviewbot import app, gate, means, memory, merging, outputs, reports, seating, sharding, tripwire
from reviewbot.action import overriding, skipping
from reviewbot.action.checking import bound, checking
from reviewbot.action.job import Ending, ending
from reviewbot.action.publishing import moved, publish
from reviewbot.errors import Exit, UsageError
from reviewbot.events import everyone, nobody
from reviewbot.github import pull
from reviewbot.listening import listening
from reviewbot.providers.sdks import Sdks
from reviewbot.recall import Recall
from reviewbot.reports import Told
from reviewbot.triage import triage

if TYPE_CHECKING:
    from reviewbot.action.checking import Checking
    from reviewbot.action.job import Job
    from reviewbot.config import Config
    from reviewbot.diff import Change
    from reviewbot.events import Listener
    from reviewbot.github.pull import Pull
    from reviewbot.guidance import Guidance
    from reviewbot.prompts import Templates
    from reviewbot.review import Review

logger = logging.getLogger(__name__)


def review(job: Job, number: int, *, since: str = "", asked: bool = False) -> Ending:
    """Review a pull request at its present head, post what was found, and complete the check.

    What the check on the commit `since` remembers is not found out again; "" for a review of everything. One that somebody
    has `asked` for is not skipped.
    """
    started = time.monotonic()
    found = pull.fetch(job.client, number)
    with checking(job, bound(job, found)) as opened, Sdks() as sdks:
        base, guidance = job.settings(found)
        config = base.with_gate(job.runner.gate)
        skip = None if asked else skipping.find(found, config.skip)
        using = _using(job, found, config, guidance, opened, since)
        if not skip:
            means.begin(sdks, using.made)  # GitHub has to be waited for meanwhile
        # Not in a thread: a signal could not end the wait for GitHub, and the check would stay open.
        change, part = tripwire.warned(pull.read_change(job.client, found), base, job.runner.config), None
        if job.runner.shard and not skip:
            shard = sharding.Shard.parse(job.runner.shard)
            change, part = sharding.part(change, triage(change, base), shard, base, repr(using.made))
            config = sharding.share(config, shard.of)
        with listening(change, config, job.sanitizer, job.environment, record=job.record()) as tell:
            if skip:
                result = skipping.unreviewed(change, config, skip)
                tell(result)
            else:
                result = _reviewed(job, config, using, change, started, opened, tell, sdks)
            result = replace(result, decision=overriding.decided(job, found, result, config, opened, tell))
            job.report(result, part)
            if job.runner.mode == "review":
                job.output("verdict", result.decision.status)
                job.summarise(outputs.render(result, "markdown", job.sanitizer, width=80, color=False))
                return ending(result)
            return publish(job, found, result, opened, {}, tell)


@dataclass(frozen=True, slots=True)
class _Using:
    """The panel, what it is told, whether it only stands in for one without keys, what is known from an earlier run."""

    made: seating.Plan
    templates: Templates
    unchosen: bool
    recall: Recall
    known: memory.Memory


def _using(job: Job, found: Pull, config: Config, guidance: Guidance, opened: Checking, since: str) -> _Using:
    environment = job.environment
    unchosen = seating.keyless(config, environment)
    made = seating.plan(config, environment, offline=unchosen)
    templates = means.templates(config, guidance, made, environment)
    recall = Recall.of(job.runner.repository, found, config, environment, made, templates)
    known = recall.known(job.client, found.number, since, opened.app)
    opened.text = recall.sealed(known)  # also where this run does not get to an end
    return _Using(made, templates, unchosen, recall, known)


def _reviewed(
    job: Job,
    config: Config,
    using: _Using,
    change: Change,
    started: float,
    opened: Checking,
    tell: Listener,
    sdks: Sdks,
) -> Review:
    notebook = memory.Notebook()
    result = asyncio.run(
        app.reviewed(
            change,
            config,
            job.environment,
            using.made,
            job.sanitizer,
            using.templates,
            started=started,
            unchosen=using.unchosen,
            known=memory.still(using.known, change),
            tell=everyone((notebook, tell)),
            sdks=sdks,
        )
    )
    opened.text = using.recall.sealed(notebook.learned(result, change))
    return result


def posted(job: Job, number: int) -> Ending:
    """Post what another job has reviewed. Without its report there is no verdict, and that is never green."""
    found = pull.fetch(job.client, number)
    with checking(job, bound(job, found)) as opened:
        told = _told(job)
        if told is None:
            opened.finish("action_required", "there is no report", "The job that reviews did not write one.")
            said = "inconclusive: there is no report to post; did the job with `mode: review` end?"
            return Ending(Exit.INCONCLUSIVE, said)
        change = told.review.change
        if (change.repository, change.number) != (job.runner.repository, number):
            raise UsageError(f"{job.runner.report} is the report of another pull request")
        if change.head != found.head_sha:
            return moved(job, opened)
        config, result = job.config(found), told.review
        enforced = gate.enforced(result.decision.status, gate.Policy.of(config))
        result = replace(result, decision=replace(result.decision, enforced=enforced))
        result = replace(result, decision=overriding.decided(job, found, result, config, opened, nobody))
        if job.runner.report and job.runner.report.is_file():
            job.output("report", str(job.runner.report))
        else:
            job.report(result, fingerprints=told.fingerprints)
        return publish(job, found, result, opened, told.fingerprints, nobody)


def plan(job: Job, number: int) -> Ending:
    """Tell the next jobs into which parts to split a pull request. No model is asked and no check is made."""
    found = pull.fetch(job.client, number)
    base, _ = job.settings(found)
    most = 1 if skipping.find(found, base.skip) else int(job.runner.shards or 1)
    change = pull.read_change(job.client, found)
    matrix = sharding.matrix(change, triage(change, base), most)
    job.output("matrix", matrix)
    return Ending(Exit.PASSED, f"planned: {matrix.count('shard')} parts")


def _told(job: Job) -> Told | None:
    """What another job, or the jobs of all parts, have reported; None where they have not."""
    path = job.runner.report
    if path is None:
        return None
    files = sorted(path.rglob("*.json")) if path.is_dir() else [path] if path.is_file() else []
    told = [
        reports.read(file.read_text(encoding="utf-8", errors="replace"), source=str(file)) for file in files
    ]
    if len(told) > 1 or any(each.part for each in told):
        return Told(merging.merged(told), merging.fingerprints(told))
    return told[0] if told else None
