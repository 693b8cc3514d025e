"""Whether somebody who may has let this very commit pass, in a comment that stays as the record of it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from reviewbot.errors import ConfigError
from reviewbot.github import base, event, listing, people
from reviewbot.github.codeowners import PLACES, Owners
from reviewbot.github.fields import maybe

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reviewbot import settings
    from reviewbot.github.client import Client
    from reviewbot.github.pull import Pull

#: Comments that are looked at. More than that is a discussion no override should hide in.
_COMMENTS = 1_000
#: Files that are named in a check at most; beside them it holds what is remembered for the next run.
_NAMED = 250
_HELD = re.compile(r"<!-- reviewbot:v1 held=([0-9a-f,]*) -->")


@dataclass(frozen=True, slots=True)
class Override:
    """Who let it pass, and why, in their own words; `objection` is why that does not count, "" where it does."""

    actor: str
    reason: str
    objection: str


class Judge:
    """Who may override on one pull request.

    `held` are the paths that keep the gate from passing; None where that is not known, and then it is every file.
    """

    def __init__(
        self, client: Client, on: Pull, rules: settings.Override, held: frozenset[str] | None
    ) -> None:
        """`held` as digests, by `digest`."""
        self._client = client
        self._pull = on
        self._rules = rules
        self._held = held

    def objection(self, actor: str) -> str:
        """Why an override by somebody who may write does not count; "" where it does. Raises GitHubError."""
        if not self._rules.author and actor.casefold() == self._pull.author.casefold():
            return f"{actor} is the author of the pull request"
        if self._rules.by == "writers":
            return ""
        if self._pull.changed_files > len(self._files):
            return "the change has files that could not be listed, so nobody is known to own them all"
        if isinstance(self._owners, str):
            return self._owners
        teams: dict[str, bool | None] = {}
        for path in self._paths():
            owners = self._owners.of(path)
            if not any(self._is(actor, owner, teams) for owner in owners):
                return _not_theirs(actor, path, owners, teams)
        return ""

    @cached_property
    def _files(self) -> list[listing.Listed]:
        return listing.read(self._client, self._pull.number)

    @cached_property
    def _owners(self) -> Owners | str:
        """Those at base, or why there are none."""
        for place in PLACES:
            try:
                text = base.file(self._client, self._pull.base_sha, place)
            except ConfigError as error:
                return str(error)
            if text is not None:
                return Owners(text)
        return "only code owners may override, and there is no CODEOWNERS at base"

    def _paths(self) -> Iterable[str]:
        """What has to be theirs: of a file that was moved, where it was too."""
        held = [f for f in self._files if self._held and digest(f.file.path) in self._held]
        # Where one of them is not in the list, the check told of another change.
        known = self._held and len(held) == len(self._held)
        return dict.fromkeys(
            path for f in (held if known else self._files) for path in (f.file.path, f.old_path)
        )

    def _is(self, actor: str, owner: str, teams: dict[str, bool | None]) -> bool:
        name = owner.removeprefix("@")
        if "/" not in name:
            return owner.startswith("@") and name.casefold() == actor.casefold()
        if name not in teams:
            teams[name] = people.in_team(self._client, name, actor)
        return teams[name] is True


def find(client: Client, judge: Judge, number: int, head: str) -> Override | None:
    """The newest override of this commit that counts, else the newest by somebody who may write; an edited one is none."""
    writers: dict[str, bool] = {}
    refused = None
    for comment in reversed(client.pages(f"/issues/{number}/comments", limit=_COMMENTS)):
        said = event.override_in(str(maybe(comment, "body") or ""))
        if said is None or said[0] != head or maybe(comment, "user.type") != "User":
            continue
        if maybe(comment, "created_at") != maybe(comment, "updated_at"):
            continue
        actor = event.author(comment)
        if actor in writers:  # what was said of them before holds still
            continue
        writers[actor] = people.may_write(client, actor)
        if not writers[actor]:
            continue
        found = Override(actor, said[1], judge.objection(actor))
        if not found.objection:
            return found
        refused = refused or found
    return refused


def digest(path: str) -> str:
    """A path in a form that can stand in a check: what files are called is for those who write the change to choose."""
    return hashlib.sha256(path.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def marker(paths: Iterable[str]) -> str:
    """Names the files that keep the gate from passing, hidden, for an override that is yet to come; "" for too many."""
    digests = sorted(map(digest, paths))
    return f"<!-- reviewbot:v1 held={','.join(digests)} -->" if len(digests) <= _NAMED else ""


def held(text: str) -> frozenset[str] | None:
    """The digests that a check's text names."""
    found = _HELD.search(text)
    return frozenset(filter(None, found[1].split(","))) if found else None


def _not_theirs(actor: str, path: str, owners: tuple[str, ...], teams: dict[str, bool | None]) -> str:
    if not owners:
        return f"nobody owns {path} by CODEOWNERS at base"
    said = f"{actor} does not own {path} by CODEOWNERS at base"
    unknown = [owner for owner in owners if teams.get(owner.removeprefix("@"), False) is None]
    mails = [owner for owner in owners if not owner.startswith("@")]
    said += f"; the token may not know who is in {', '.join(unknown)}" if unknown else ""
    return said + (f"; an address of mail, as {mails[0]}, names nobody here" if mails else "")
