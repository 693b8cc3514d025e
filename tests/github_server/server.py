"""The server: what tests set up, what they read afterwards, and the way of a request through GitHub's rules."""

import contextlib
import hashlib
import json
import re
import tempfile
import threading
import time
from itertools import count
from pathlib import Path

from github_server import (
    contract,
    events,
    graph,
    people,
    rest_checks,
    rest_contents,
    rest_issues,
    rest_people,
    rest_pulls,
    rest_reviews,
    shapes_said,
)
from github_server.call import Call
from github_server.exchange import Answer, Exchange, RefusedError, Request
from github_server.faults import Fault
from github_server.limits import Limits
from github_server.listener import GRAPHQL, REST, Listener
from github_server.repository import Repository

_REST = (rest_checks, rest_contents, rest_issues, rest_people, rest_pulls, rest_reviews)
ROUTES = {route: handler for module in _REST for route, handler in module.ROUTES.items()}
ACTIONS = "github-actions[bot]"


class GitHubServer:
    """GitHub on 127.0.0.1, at `api_url`, `graphql_url` and `url`; a context manager.

    `requests` is what was asked, `violations` what of it GitHub does not describe: assert that it is empty.
    """

    def __init__(self, *, clock=time.time):
        self.clock = clock
        self.repositories, self.accounts, self.requests, self.violations = {}, {}, [], []
        self.limits = Limits(clock)
        self._ids, self._tokens, self._apps, self._faults = count(1_001), {}, {"github-actions": 15_368}, []
        self._folder = tempfile.TemporaryDirectory()
        self._lock = threading.RLock()
        self._listener = Listener(self._handle, self.violations.append)
        self.user("github")

    # Set up

    def start(self):
        threading.Thread(
            target=self._listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()
        return self

    def stop(self):
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
        self._tokens[value] = people.Token(value, login, app, dict(permissions or {}))
        return value

    def fault(self, method, path, status=502, **details):
        """Let the next request of this kind fail; `Fault` has the details, e.g. `after_write=True`, `times=2`."""
        self._faults.append(Fault(method, re.compile(path), status, **details))

    def when(self, method, path, action, *, containing=""):
        """Do something just before the next request of this kind is handled, e.g. push a commit."""
        self._faults.append(Fault(method, re.compile(path), None, action=action, containing=containing))

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

    # The way of a request

    def _handle(self, request, text):
        with self._lock:
            struck = [
                fault for fault in self._faults if fault.strikes(request, text.decode("utf-8", "replace"))
            ]
            for fault in struck:
                if fault.action:
                    fault.action()
            fault = next((fault for fault in struck if fault.status is not None), None)
            answer = None
            if not fault or fault.after_write:
                answer = self._guarded(request, text)
            if fault:
                answer = fault.answer()
            self._log(request, text, answer)
            return answer if answer.status else None

    def _log(self, request, text, answer):
        with contextlib.suppress(ValueError):
            text = json.loads(text) if text else None
        found = contract.operation(request.method, request.path)
        self.requests.append(
            Exchange(
                method=request.method,
                path=request.path,
                status=answer.status,
                body=text,
                query=request.query,
                login=self._tokens.get(_presented(request), people.NOBODY).login,
                answer=answer.body,
                operation=found[0] if found else "",
            )
        )

    def _guarded(self, request, text):
        """The answer with the headers that every answer has."""
        resource = "graphql" if request.path == "/graphql" else "core"
        try:
            answer = self._authenticated(request, text)
        except RefusedError as refused:
            answer = refused.answer
        headers = {
            **self.limits.headers(resource),
            "X-GitHub-Request-Id": f"{len(self.requests):04X}",
            "X-GitHub-Media-Type": "github.v3; format=json",
            **answer.headers,
        }
        if request.method == "GET" and answer.status == 200:
            return self._unless_known(request, Answer(answer.body, 200, headers))
        return Answer(answer.body, answer.status, headers)

    def _unless_known(self, request, answer):
        """304 to who has it already, free of charge."""
        content = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        tag = f'W/"{hashlib.sha256(content).hexdigest()}"'
        if request.headers.get("if-none-match") == tag:
            self.limits.remaining += 1
            return Answer(None, 304, {**answer.headers, **self.limits.headers("core"), "ETag": tag})
        return Answer(answer.body, 200, {**answer.headers, "ETag": tag})

    def _authenticated(self, request, text):
        if not request.headers.get("user-agent"):
            raise RefusedError(
                403,
                "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.",
            )
        presented = _presented(request)
        if presented is not None and presented not in self._tokens:
            raise RefusedError(401, "Bad credentials")
        token = people.NOBODY if presented is None else self._tokens[presented]
        if request.path != "/rate_limit":
            self.limits.spend()
        request = Request(request.method, request.path, request.query, request.headers, _parsed(text))
        if request.path == "/graphql":
            return graph.answer(self, token, request.body)
        return self._rest(request, token)

    def _rest(self, request, token):
        found = contract.operation(request.method, request.path)
        handler, permission = ROUTES.get((request.method, found[0]) if found else None, (None, None))
        if handler is None:
            self.violations.append(f"{request.method} {request.path}: not an operation that the stand-in has")
            raise RefusedError(404, "Not Found")
        template, values = found
        repo = self._reached(values, token)
        wrong = list(contract.problems(template, request.method, request.query, request.body))
        if wrong:
            self.violations += [f"{request.method} {request.path}: {problem}" for problem in wrong]
            raise RefusedError(422, "Invalid request.\n\n" + "\n".join(wrong))
        if permission:
            people.check(token, repo, permission, "read" if request.method == "GET" else "write")
        if request.method == "POST":
            self.limits.create_content()
        answer = handler(Call(self, request, token, repo), **values)
        return answer if isinstance(answer, Answer) else Answer(answer)

    def _reached(self, values, token):
        if "repo" not in values:
            return None
        repo = self.repositories.get(f"{values.pop('owner')}/{values.pop('repo')}")
        if repo is None or not token.may(repo, "metadata", "read"):
            raise RefusedError(404, "Not Found")
        return repo


def _presented(request):
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    return value if kind.lower() in {"bearer", "token"} else None


def _parsed(text):
    if not text:
        return None
    try:
        return json.loads(text)
    except ValueError:
        raise RefusedError(400, "Problems parsing JSON") from None


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
