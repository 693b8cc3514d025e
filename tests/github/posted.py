"""A pull request on the stand-in, clients with tokens of several kinds, and findings to post on it."""

from dataclasses import dataclass
from typing import Any

from github_server import GitHubServer

from reviewbot.github import pull as pulls
from reviewbot.github import threads
from reviewbot.github.client import Client
from reviewbot.github.post import Comment, post_review, upsert_summary

REPOSITORY = "octo/shop"
JOB = {"contents": "read", "pull_requests": "write", "checks": "write"}
FILES = {f"f{n}.py": "".join(f"line {i}\n" for i in range(1, 41)) for n in range(6)}


@dataclass
class Clock:
    """The server's, in seconds; it moves when a test says so."""

    now: float = 1_760_000_000

    def __call__(self):
        return self.now


@dataclass
class Hub:
    """`repo` and `pull` are the server's; `client` has a job's token, and no pause between requests."""

    server: GitHubServer
    repo: Any
    pull: Any
    client: Client

    def client_of(self, name, login="github-actions[bot]", permissions=JOB) -> Client:
        token = self.server.token(name, login, permissions=permissions)
        return Client(token=token, api_url=self.server.api_url, repository=REPOSITORY, pause=False)

    def post(self, *comments, client=None, seen=None, pull=None):
        """As a run does: read the pull request, then post."""
        client = client or self.client
        pull = pull or pulls.fetch(client, 1)
        seen = seen or threads.read(client, 1)
        return post_review(client, pull, comments, seen)

    def summarise(self, text, client=None, seen=None):
        client = client or self.client
        return upsert_summary(client, pulls.fetch(client, 1), text, seen or threads.read(client, 1))

    def a_minute_later(self):
        """GitHub takes so much new content a minute, and no more."""
        self.server.clock.now += 60

    def push(self, files):
        """A further commit on the pull request."""
        return self.repo.commit("topic", files)

    def writes(self):
        """What was sent to change something."""
        return [it for it in self.server.requests if it.method != "GET" and "query" not in str(it.body)[:12]]

    def fingerprints(self):
        """Of the findings on the pull request, in order."""
        marker = "<!-- reviewbot:v1 fp="
        return [
            c.body.rpartition(marker)[2].removesuffix(" -->") for c in self.pull.comments if marker in c.body
        ]


def started(server):
    """A pull request that adds a line to each of six files: line 21 is new, 18 to 24 are in the diff."""
    repo = server.repository(REPOSITORY)
    repo.commit("main", FILES)
    repo.commit("topic", {name: text.replace("line 20\n", "line 20\nnew\n") for name, text in FILES.items()})
    hub = Hub(server, repo, repo.pull("topic"), None)
    hub.client = hub.client_of("job")
    return hub


def fingerprint(n):
    return f"{n:064x}"


def finding(n, path="f0.py", first_line=21, last_line=None, **more):
    """The n-th finding, on the new line unless told otherwise."""
    last = first_line if last_line is None else last_line
    made = {"body": f"finding {n}", "file_body": f"finding {n} of {path}", "fingerprint": fingerprint(n)}
    return Comment(path=path, first_line=first_line, last_line=last, **(made | more))
