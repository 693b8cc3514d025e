"""What a finished review leaves on GitHub: comments on lines, the summary, the verdict in the check, the job summary."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from reviewbot import outputs
from reviewbot.action.job import Ending, ending
from reviewbot.analyzers import parses
from reviewbot.errors import Exit
from reviewbot.findings import State
from reviewbot.fixed import is_fixed, trace
from reviewbot.github import check, post, threads
from reviewbot.github.client import GitHubError
from reviewbot.github.writing import BODY_LIMIT, CHECK_LIMIT
from reviewbot.outputs import comment, markdown
from reviewbot.recorded import Posted
from reviewbot.review import PanelKind, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reviewbot.action.checking import Checking
    from reviewbot.action.job import Job
    from reviewbot.events import Listener
    from reviewbot.github.check import Annotation, Conclusion
    from reviewbot.github.pull import Pull
    from reviewbot.review import Decision, Review

logger = logging.getLogger(__name__)

_MOVED = "The head moved while this commit was reviewed, so nothing was posted; its successor has a run of its own."


def publish(
    job: Job,
    found: Pull,
    result: Review,
    checking: Checking,
    fingerprints: Mapping[str, str],
    tell: Listener,
) -> Ending:
    """Comments, summary, check and job summary. What could not be written is said in those that could, and told.

    `fingerprints` are by claim id, of findings that have lost the quote theirs is made of.
    """
    page = outputs.page(result, job.sanitizer)
    seen = threads.read(job.client, found.number)
    posted = post.post_review(job.client, found, _comments(page, result, fingerprints), seen)
    if posted.moved:
        return moved(job, checking)
    problems = [str(failure) for failure in posted.failed]
    decision = result.decision
    written = post.Summary("")
    if _worth_a_comment(result, seen):
        summary = markdown.summary(page, full=False, limit=BODY_LIMIT - 5_000) + _list(problems, job)
        written = post.upsert_summary(job.client, found, summary, seen)
        problems += filter(None, [written.problem])
    problems += checking.finish(
        _conclusion(decision),
        f"{decision.status}: {outputs.headline(page.review)}",
        markdown.summary(page, full=True, limit=CHECK_LIMIT),
        _annotations(page),
    )
    if not checking.left_open:  # without a verdict the last step of the action closes it
        job.output("verdict", decision.status)
    job.summarise(markdown.render(page) + _list(problems, job))
    _resolve_fixed(job, result, seen)
    tell(Posted(posted.posted, posted.file_level, posted.skipped_existing, written.url, tuple(problems)))
    for problem in problems:
        logger.warning("%s", problem)
    return ending(result)


def _worth_a_comment(result: Review, seen: threads.Conversation) -> bool:
    """All but a harmless pull request that was skipped, unless it has a summary that would be of an older head."""
    harmless = result.kind is PanelKind.NOBODY and result.decision.status is Status.PASSED
    return not harmless or bool(seen.summaries)


def _resolve_fixed(job: Job, result: Review, seen: threads.Conversation) -> None:
    """Close the threads of what is fixed, where the token may: a courtesy, whose failure changes nothing."""
    done = [t for t in seen.threads if t.closable and is_fixed(t.path, t.fingerprint, t.code, result)]
    try:
        threads.resolve(job.client, done)
    except GitHubError as error:
        logger.warning("%d threads of fixed findings stay open: %s", len(done), error)


def moved(job: Job, checking: Checking) -> Ending:
    """Say that this review is of a commit that is not the head any more."""
    checking.finish("action_required", "the pull request has moved on", _MOVED)
    if not checking.left_open:
        job.output("verdict", Status.INCONCLUSIVE)
    return Ending(Exit.INCONCLUSIVE, f"inconclusive: {_MOVED}")


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
