"""The way of every request: faults, identity, limits and description first, then the operation itself."""

import hashlib
import json
from dataclasses import replace

from github_server import (
    contract,
    graph,
    people,
    rest_checks,
    rest_contents,
    rest_issues,
    rest_people,
    rest_pulls,
    rest_reviews,
)
from github_server.call import Call
from github_server.exchange import Answer, Exchange, RefusedError

_REST = (rest_checks, rest_contents, rest_issues, rest_people, rest_pulls, rest_reviews)
ROUTES = {route: handler for module in _REST for route, handler in module.ROUTES.items()}
_GRAPHQL = ("POST", "/graphql")
_NO_AGENT = (
    "Request forbidden by administrative rules. Please make sure your request has a User-Agent header."
)


def handle(server, request, text):
    """The answer to a request with this body, or None to cut the connection; both are logged."""
    struck = [fault for fault in server.faults if fault.strikes(request, text.decode("utf-8", "replace"))]
    for fault in struck:
        if fault.action:
            fault.action()
    failing = next((fault for fault in struck if fault.status is not None), None)
    answer = None
    if not failing or failing.after_write:
        answer = _answered(server, request, text)
    if failing:
        answer = failing.answer()
    server.requests.append(_logged(server, request, text, answer))
    return answer if answer.status else None


def _logged(server, request, text, answer):
    found = contract.operation(request.method, request.path)
    presented = server.tokens.get(_presented(request), people.NOBODY)
    try:
        body = json.loads(text) if text else None
    except ValueError:
        body = text
    return Exchange(
        method=request.method,
        path=request.path,
        status=answer.status,
        body=body,
        query=request.query,
        login=presented.login,
        answer=answer.body,
        operation=found[0] if found else "",
    )


def _answered(server, request, text):
    """With the headers that every answer has."""
    graphql = (request.method, request.path) == _GRAPHQL
    try:
        answer = _authenticated(server, request, text, graphql=graphql)
    except RefusedError as refused:
        answer = refused.answer
    headers = {
        **server.limits.headers("graphql" if graphql else "core"),
        "X-GitHub-Request-Id": f"{len(server.requests):04X}",
        "X-GitHub-Media-Type": f"github.v3; format={request.media}",
        **answer.headers,
    }
    if request.method == "GET" and answer.status == 200:
        return _unless_known(server, request, replace(answer, headers=headers))
    return replace(answer, headers=headers)


def _unless_known(server, request, answer):
    """304 to who has it already, free of charge."""
    content = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
    tagged = {**answer.headers, "ETag": f'W/"{hashlib.sha256(content).hexdigest()}"'}
    if request.headers.get("if-none-match") == tagged["ETag"]:
        server.limits.give_back()
        return Answer(None, 304, {**tagged, **server.limits.headers("core")})
    return replace(answer, headers=tagged)


def _authenticated(server, request, text, *, graphql):
    if not request.headers.get("user-agent"):
        raise RefusedError(403, _NO_AGENT)
    presented = _presented(request)
    if presented is not None and presented not in server.tokens:
        raise RefusedError(401, "Bad credentials")
    token = people.NOBODY if presented is None else server.tokens[presented]
    request = replace(request, body=_parsed(text))
    if graphql:
        return graph.answer(server, token, request.body or {})
    if request.path != "/rate_limit":
        server.limits.spend()
    return _rest(server, request, token)


def _presented(request):
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    return value if kind.lower() in {"bearer", "token"} else None


def _parsed(text):
    if not text:
        return None
    try:
        body = json.loads(text)
    except ValueError:
        raise RefusedError(400, "Problems parsing JSON") from None
    if not isinstance(body, dict):
        raise RefusedError(400, "Body should be a JSON object")
    return body or None


def _rest(server, request, token):
    template, values = contract.operation(request.method, request.path) or (None, {})
    handler, permission = ROUTES.get((request.method, template), (None, None))
    if handler is None:
        server.violations.append(f"{request.method} {request.path}: not an operation that the stand-in has")
        raise RefusedError(404, "Not Found")
    repo = _reached(server, values, token)
    if wrong := list(contract.problems(template, request.method, request.query, request.body)):
        server.violations += [f"{request.method} {request.path}: {problem}" for problem in wrong]
        raise RefusedError(422, "Invalid request.\n\n" + "\n".join(wrong))
    if permission:
        people.check(token, repo, permission, "read" if request.method == "GET" else "write")
    if request.method == "POST":
        server.limits.create_content()
    answer = handler(Call(server, request, token, repo), **values)
    return answer if isinstance(answer, Answer) else Answer(answer)


def _reached(server, values, token):
    """The repository that the path names, as far as this token can know of it."""
    if "repo" not in values:
        return None
    repo = server.repositories.get(f"{values.pop('owner')}/{values.pop('repo')}")
    if repo is None or not token.may(repo, "metadata", "read"):
        raise RefusedError(404, "Not Found")
    return repo
