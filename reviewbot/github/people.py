"""Who may tell us what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from reviewbot.github.client import GitHubError, ReadOnlyError
from reviewbot.github.fields import UnusableError, at, maybe

if TYPE_CHECKING:
    from reviewbot.github.client import Client

_NOBODY = 404


def in_team(client: Client, team: str, login: str) -> bool | None:
    """Whether somebody is in the team `org/slug`, None where the token may not know; one request. Raises GitHubError.

    A 404 is a no, though GitHub also answers it for a team that the token cannot see.
    """
    org, slug = (quote(part, safe="") for part in team.split("/"))
    try:
        answer = client.get_any(f"/orgs/{org}/teams/{slug}/memberships/{quote(login, safe='')}")
    except ReadOnlyError:
        return None
    except GitHubError as error:
        if error.status == _NOBODY:
            return False
        raise
    return maybe(answer, "state") == "active"  # not one who has only been invited


def may_write(client: Client, login: str) -> bool:
    """Whether somebody can push to the repository, by GitHub's own account; one request. Raises GitHubError.

    Never by the `author_association` of a comment: that of a member can look like a stranger's, and the other way round.
    """
    try:
        answer = client.get(f"/collaborators/{quote(login, safe='')}/permission")
        # GitHub maps maintain to write, triage to read, and a role of the organisation's own to what it is built on.
        return at(answer, "permission", str) in ("admin", "write")
    except UnusableError as error:
        raise GitHubError(
            f"GitHub's answer about the permission of a person cannot be used: {error}"
        ) from error
    except GitHubError as error:
        if error.status == _NOBODY:
            return False
        raise
