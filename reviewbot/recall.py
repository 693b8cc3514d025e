"""What one run on GitHub knows from the one before and leaves to the next: sealed, in the text of its own check.

Comments can be edited by whoever may write, and a commit's check by nobody but the app that made it; who makes checks in
the name of the same app still lacks the keys of the models, with which the text is sealed.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reviewbot import app, memory
from reviewbot.github import check
from reviewbot.github.client import GitHubError
from reviewbot.review import PanelKind

if TYPE_CHECKING:
    from reviewbot.config import Config
    from reviewbot.environment import Environment
    from reviewbot.github.client import Client
    from reviewbot.github.pull import Pull
    from reviewbot.memory import Memory
    from reviewbot.prompts import Templates
    from reviewbot.seating import Plan

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Recall:
    """What has to be the same for a memory to hold; without `secrets` there is none."""

    basis: str
    secrets: tuple[str, ...] = field(repr=False)

    @classmethod
    def of(
        cls,
        repository: str,
        found: Pull,
        config: Config,
        environment: Environment,
        made: Plan,
        templates: Templates,
    ) -> Recall:
        """That of a run. Analysers cost nothing, so nothing is remembered of them."""
        secrets = () if made.kind is PanelKind.OFFLINE else tuple(environment.keys.values())
        return cls(app.basis(repository, found.number, config, environment, made, templates), secrets)

    def known(self, client: Client, number: int, commit: str, app_id: int | None) -> Memory:
        """What our last check on that commit of this pull request remembers; at most one request, {} when in doubt."""
        if not (self.secrets and commit) or app_id is None:
            return {}
        try:
            texts = check.texts(client, commit, number=number, app=app_id)
        except GitHubError as error:
            logger.warning("every file is reviewed, since what was known cannot be read: %s", error)
            return {}
        found = (memory.unsealed(text, self.basis, self.secrets) for text in texts)
        return next(filter(None, found), {})

    def sealed(self, known: Memory) -> str:
        """The text to leave in the check."""
        return memory.sealed(known, self.basis, self.secrets)
