"""Whether somebody who may has let this very commit pass, in a comment that stays as the record of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewbot.github import event, people
from reviewbot.github.fields import maybe

if TYPE_CHECKING:
    from reviewbot.github.client import Client

#: Comments that are looked at. More than that is a discussion no override should hide in.
_COMMENTS = 1_000


@dataclass(frozen=True, slots=True)
class Override:
    """Who let it pass, and why, in their own words."""

    actor: str
    reason: str


def find(client: Client, number: int, head: str) -> Override | None:
    """The newest override of this commit by somebody with write permission. An edited comment counts for nothing."""
    comments = client.pages(f"/issues/{number}/comments", limit=_COMMENTS)
    for comment in reversed(comments):
        said = event.override_in(str(maybe(comment, "body") or ""))
        if said is None or said[0] != head or maybe(comment, "user.type") != "User":
            continue
        if maybe(comment, "created_at") != maybe(comment, "updated_at"):
            continue
        actor = event.author(comment)
        if people.may_write(client, actor):
            return Override(actor, said[1])
    return None
