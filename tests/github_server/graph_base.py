"""GraphQL: errors, connections, and who is looking."""

from dataclasses import dataclass
from typing import Any

from github_server.people import NOT_FOR_APPS, Token
from github_server.shapes import node_id

MAX_PAGE = 100


class GraphError(Exception):
    """An error that GitHub gives with a type."""

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind


class NotModelledError(Exception):
    """The stand-in lacks something that GitHub has."""


def forbidden():
    return GraphError("FORBIDDEN", NOT_FOR_APPS)


@dataclass(frozen=True)
class Viewer:
    """The token that a request came with."""

    server: Any
    token: Token

    def may(self, repo, permission, level="read"):
        return self.token.may(repo, permission, level)

    def person(self):
        """The one place where an app is a user and keeps its "[bot]"."""
        return self._account(self.token.login, "User", self.token.login)

    def actor(self, login):
        kind = "Bot" if self.server.user(login).bot else "User"
        return self._account(login, kind, login.removesuffix("[bot]"))

    def _account(self, login, kind, name):
        account = self.server.user(login)
        return {
            "__typename": kind,
            "id": node_id("U", account.id),
            "databaseId": account.id,
            "login": name,
            "url": f"{self.server.url}/{name}",
            "resourcePath": f"/{name}",
            "avatarUrl": lambda _info, size=None: f"{self.server.url}/{name}.png",
        }


def connection(name, items, node):
    """A list of which `first` or `last`, at most 100, must be asked for; a cursor is the number of an item."""

    def paged(_info, first=None, last=None, after=None, before=None, **_filters):
        size = _size(name, first if first is not None else last)
        start = int(after) if after else 0
        stop = int(before) - 1 if before else len(items)
        begin, end = (
            (start, min(start + size, stop)) if first is not None else (max(stop - size, start), stop)
        )
        nodes = [node(item) for item in items[begin:end]]
        turns = {"hasPreviousPage": begin > 0, "hasNextPage": end < len(items)}
        cursors = {"startCursor": str(begin + 1) if nodes else None, "endCursor": str(end) if nodes else None}
        edges = [{"cursor": str(begin + number), "node": it} for number, it in enumerate(nodes, 1)]
        return {"nodes": nodes, "edges": edges, "totalCount": len(items), "pageInfo": turns | cursors}

    return paged


def _size(name, asked):
    if asked is None:
        message = f"You must provide a `first` or `last` value to properly paginate the `{name}` connection."
        raise GraphError("MISSING_PAGINATION_BOUNDARIES", message)
    if asked > MAX_PAGE:
        message = f"Requesting {asked} records on the `{name}` connection exceeds the `first` limit of {MAX_PAGE} records."
        raise GraphError("EXCESSIVE_PAGINATION", message)
    return asked
