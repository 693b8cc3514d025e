"""The server: what tests set up before, and read afterwards."""

import re
import tempfile
import threading
import time
from itertools import count
from pathlib import Path

from github_server import events, front, people, shapes_said
from github_server.faults import Fault
from github_server.limits import Limits
from github_server.listener import GRAPHQL, REST, Listener
from github_server.repository import Repository

ACTIONS = "github-actions[bot]"


class GitHubServer:
    """GitHub on 127.0.0.1, at `api_url`, `graphql_url` and `url`; a context manager.

    `requests` is what was asked, `violations` what of it GitHub does not describe: assert that it is empty.
    """

    def __init__(self, *, clock=time.time):
        self.clock = clock
        self.repositories, self.accounts, self.requests, self.violations = {}, {}, [], []
        self.limits = Limits(clock)
        self.tokens, self.faults = {}, []
        self._ids, self._apps = count(1_001), {"github-actions": 15_368}
        self._folder = tempfile.TemporaryDirectory()
        #: Members of teams by `org/slug`, each "active" or "pending".
        self.teams = {}
        #: One request at a time; an action of `when` may wait on it, as for a slow answer among others.
        self.turn = threading.Condition()
        self._listener = Listener(self._handle, self.violations.append)
        self._thread = threading.Thread(target=self._listener.serve_forever, args=(0.01,), daemon=True)
        self.user("github")

    # Set up

    def start(self):
        self._thread.start()
        return self

    def stop(self):
        if self._thread.is_alive():
            self._listener.shutdown()
        self._listener.server_close()
        self._folder.cleanup()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def repository(self, full_name, *, private=False, default_branch="main"):
        folder = Path(self._folder.name) / full_name.replace("/", "-")
        repo = Repository(self, full_name, folder, private=private, default_branch=default_branch)
        self.user(repo.owner)
        self.repositories[full_name] = repo
        return repo

    def user(self, login):
        """The account of this name, made when there is none; a bot's name ends in "[bot]"."""
        if login not in self.accounts:
            self.accounts[login] = people.Account(self.new_id(), login)
        return self.accounts[login]

    def token(self, value, login=ACTIONS, *, app=None, permissions=None):
        """A token that this server knows. An app's (by default that of a bot) has `permissions` only."""
        self.user(login)
        app = login.endswith("[bot]") if app is None else app
        self.tokens[value] = people.Token(value, login, app, dict(permissions or {}))
        return value

    def fault(self, method, path, status=502, **details):
        """Let the next request of this kind fail; `Fault` has the details, e.g. `after_write=True`, `times=2`."""
        self.faults.append(Fault(method, re.compile(path), status, **details))

    def when(self, method, path, action, **details):
        """Do something just before the next request of this kind is handled, e.g. push a commit; details as above."""
        self.faults.append(Fault(method, re.compile(path), None, action=action, **details))

    def event(self, name, pull, *, action=None, sender=None, **more):
        """The payload of a webhook; `more` by kind of event, see events.py."""
        return events.payload(name, pull, action=action, sender=sender, **more)

    # Read

    @property
    def url(self):
        return self._listener.url

    @property
    def api_url(self):
        return self.url + REST

    @property
    def graphql_url(self):
        return self.url + GRAPHQL

    def asked(self, method, path=""):
        """The requests of this method whose path matches."""
        return [it for it in self.requests if it.method == method and re.search(path, it.path)]

    def state(self):
        """Everything that clients can have written, as JSON."""
        return {name: _state(repo) for name, repo in self.repositories.items()}

    # For the modules of the server

    def new_id(self):
        return next(self._ids)

    def app_id(self, slug):
        return self._apps.setdefault(slug, 100_000 + len(self._apps))

    def _handle(self, request, text):
        with self.turn:
            return front.handle(self, request, text)


def _state(repo):
    return {
        "checks": [shapes_said.check_run(repo, it) | {"annotations": it.annotations} for it in repo.checks],
        "statuses": repo.statuses,
        "pulls": {
            pull.number: {
                "head": pull.head_sha,
                "labels": pull.labels,
                "reviews": [shapes_said.review(pull, it) for it in pull.reviews],
                "comments": [shapes_said.comment(pull, it) for it in pull.comments],
                "issue_comments": [shapes_said.issue_comment(pull, it) for it in pull.issue_comments],
                "resolved": [thread.id for thread in pull.threads if thread.resolved_by],
            }
            for pull in repo.pulls.values()
        },
    }
