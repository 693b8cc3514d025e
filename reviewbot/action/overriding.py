"""Lets a commit pass on the word of somebody who may say so, when they comment and when it is reviewed again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewbot import gate
from reviewbot.action.checking import bound, checking
from reviewbot.action.job import Ending
from reviewbot.errors import Exit, SourceError, UsageError
from reviewbot.github import check, override, pull
from reviewbot.recorded import Overridden
from reviewbot.review import PanelKind, Status

if TYPE_CHECKING:
    from typing import NoReturn

    from reviewbot.action.checking import Checking
    from reviewbot.action.job import Job
    from reviewbot.config import Config
    from reviewbot.events import Listener
    from reviewbot.github.event import Command
    from reviewbot.github.pull import Pull
    from reviewbot.review import Decision, Review


def command(job: Job, asked: Command) -> Ending:
    """Carry out the override that a comment asks for. The comment stays as the record of it."""
    found = pull.fetch(job.client, asked.number)
    if asked.sha != found.head_sha:
        raise UsageError(
            f"the override names {asked.sha[:12]}, but the head is {found.head_sha[:12]}; name the head's whole id"
        )
    with checking(job, bound(job, found)) as opened:
        config = job.config(found)
        if opened.app is not None:
            opened.text = next(
                iter(check.texts(job.client, found.head_sha, number=found.number, app=opened.app)), ""
            )
        judge = override.Judge(job.client, found, config.override, override.held(opened.text))
        if objection := judge.objection(asked.actor):
            _refuse(job, found, opened, f"the override does not count: {job.sanitizer.line(objection)}")
        title = f"overridden by {asked.actor}: {job.sanitizer.line(asked.reason)}"
        problems = opened.finish(
            "success", title, "It holds for this commit alone; the next push is reviewed anew."
        )
    if problems:
        raise SourceError(f"the override could not be written: {problems[0]}")
    job.output("verdict", Status.PASSED)
    return Ending(Exit.PASSED, "passed: overridden for this commit")


def decided(
    job: Job, found: Pull, result: Review, config: Config, opened: Checking, tell: Listener
) -> Decision:
    """The decision, unless somebody who may has overridden it for this very commit; the check is told what they must own."""
    decision = result.decision
    if decision.status is Status.PASSED or not decision.enforced:
        return decision
    unchosen = result.kind is PanelKind.OFFLINE and config.panel != "offline"
    held = gate.held_up(result.files, result.verdicts, gate.Policy.of(config), unchosen=unchosen)
    if config.override.by == "codeowners":
        opened.text += override.marker(held)
    judge = override.Judge(job.client, found, config.override, frozenset(map(override.digest, held)))
    given = override.find(job.client, judge, found.number, found.head_sha)
    if given is None:
        return decision
    said = f"{given.actor} for {found.head_sha[:12]}: {job.sanitizer.line(given.reason)}"
    if given.objection:
        return gate.explained(decision, f"not overridden by {said} ({given.objection})")
    tell(Overridden(f"overridden by {said}"))
    return gate.overridden(decision, f"overridden by {said}")


def _refuse(job: Job, found: Pull, opened: Checking, why: str) -> NoReturn:
    """Leave the verdict what it was, with the reason, for this check now stands in the place of the one before."""
    before = check.previous(job.client, found.head_sha, number=found.number, app=opened.app)
    opened.finish(
        before or "action_required", why, "The verdict is what it was; the summary comment has its reasons."
    )
    raise UsageError(why)
