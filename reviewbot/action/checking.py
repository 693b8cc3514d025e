"""The check of one run: open from its first step, completed at every exit, a crash and a signal among them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from reviewbot.action.job import Ending
from reviewbot.errors import Exit, ReviewbotError
from reviewbot.github import check

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reviewbot.action.job import Job
    from reviewbot.github.check import Annotation, Binding, CheckRun, Conclusion
    from reviewbot.github.client import Client
    from reviewbot.github.pull import Pull


class Checking:
    """A check as long as it is open. Without the right to write checks it does nothing, and says so."""

    def __init__(self, client: Client, opened: CheckRun | None) -> None:
        self._client = client
        self._opened = opened
        self._done = False
        self.text = ""  # hidden, for the next run
        self.left_open = (
            False  # GitHub was told of the end and does not know it: the action's last step has to close it
        )

    @property
    def app(self) -> int | None:
        """The app whose check it is, None where that is not known."""
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
        self.left_open = not finished.completed
        return [finished.problem] if finished.problem else []


@contextmanager
def checking(job: Job, bound: Binding) -> Iterator[Checking]:
    """An open check on the head of `bound`, which is never green unless it was finished so."""
    if job.runner.mode == "review":  # that job may not write
        yield Checking(job.client, None)
        return
    made = Checking(job.client, check.start(job.client, bound))
    why = "It was interrupted, or failed; the log of the job says which."
    try:
        yield made
    except ReviewbotError as error:
        why = job.sanitizer.markdown(str(error))
        raise
    finally:
        # Where all went well it is completed already, and this does nothing.
        made.finish("failure", "the review did not finish", why)


def bound(job: Job, found: Pull) -> Binding:
    """What a verdict of this run on a pull request holds for."""
    return check.Binding(
        found.number, found.base_sha, found.head_sha, job.runner.run_id, job.runner.run_attempt
    )


def close(job: Job, number: int, heads: Iterable[str]) -> Ending:
    """Complete the check that this run was killed over, and none of another run's, whatever the event asked for."""
    run = (job.runner.run_id, job.runner.run_attempt)
    for sha in heads:
        for opened in check.unfinished(job.client, sha, number=number, run=run):
            Checking(job.client, opened).finish("cancelled", "the run was cancelled", "Run it again.")
    return Ending(Exit.PASSED, "a check that was left open is completed")
