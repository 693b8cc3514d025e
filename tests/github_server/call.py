"""What a handler of the REST API is given: the request, who asks, and the thing that the path names."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from github_server.exchange import Answer, Request, missing
from github_server.people import Token


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a repository, or to none."""

    server: Any
    request: Request
    token: Token
    repository: Any = None

    @property
    def body(self):
        return self.request.body or {}

    @property
    def query(self):
        return self.request.query

    def pull(self, number):
        return found(self.repository.pulls.get(int(number)))

    def commit(self, name):
        return found(self.repository.store.resolve(name))

    def page(self, items, shape, wrap=lambda page: page):
        """One page of a listing, with the Link header that leads to the others; 30 a page, at most 100."""
        size = min(max(int(self.query.get("per_page", 30)), 1), 100)
        number = max(int(self.query.get("page", 1)), 1)
        last = max(-(-len(items) // size), 1)
        turns = {"prev": number - 1, "next": number + 1, "last": last, "first": 1}
        wanted = {"prev", "first"} if number > 1 else set()
        wanted |= {"next", "last"} if number < last else set()
        links = [
            f'<{self.server.api_url}{self.request.path}?{urlencode({**self.query, "page": turn})}>; rel="{name}"'
            for name, turn in turns.items()
            if name in wanted
        ]
        page = [shape(item) for item in items[(number - 1) * size : number * size]]
        return Answer(wrap(page), headers={"Link": ", ".join(links)} if links else {})


def found(thing):
    """The thing itself, or GitHub's 404."""
    if thing is None:
        raise missing()
    return thing
