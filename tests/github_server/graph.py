"""GraphQL: one document is checked against GitHub's schema, run, and answered as GitHub does: 200, errors inside."""

from collections.abc import Mapping
from functools import cache

from graphql import GraphQLError, build_schema, default_field_resolver, graphql_sync, parse, validate

from github_server.contract import DATA
from github_server.exchange import Answer, RefusedError
from github_server.graph_base import GraphError, NotModelledError, Viewer
from github_server.graph_nodes import root
from github_server.people import NOBODY


@cache
def schema():
    return build_schema((DATA / "schema.graphql").read_text("utf-8"))


def answer(server, token, body):
    """What is wrong with the document, or is not modelled, goes to `server.violations` too."""
    if token == NOBODY:
        raise RefusedError(401, "This endpoint requires you to be authenticated.")
    if server.limits.exhausted:  # which is told in a 200 here
        message = "API rate limit already exceeded for installation ID 1."
        return Answer({"errors": [{"type": "RATE_LIMIT", "code": "graphql_rate_limit", "message": message}]})
    server.limits.spend()
    errors = _flaws(body)
    if errors:
        server.violations += [f"GraphQL: {error.message}" for error in errors]
        return Answer({"errors": [error.formatted for error in errors]})
    result = graphql_sync(
        schema(),
        body["query"],
        root_value=root(Viewer(server, token)),
        variable_values=body.get("variables") or {},
        operation_name=body.get("operationName"),
        field_resolver=_resolve,
    )
    errors = result.errors or []
    server.violations += [f"GraphQL: {error.message}" for error in errors if not _of_github(error)]
    answered = {} if result.data is None else {"data": result.data}
    return Answer(answered | ({"errors": [_formatted(error) for error in errors]} if errors else {}))


def _flaws(body):
    if set(body) - {"query", "variables", "operationName"} or not isinstance(body.get("query"), str):
        return [GraphQLError("A query attribute must be specified and must be a string.")]
    try:
        return validate(schema(), parse(body["query"]))
    except GraphQLError as error:
        return [error]


def _resolve(source, info, **arguments):
    """A field that nobody thought of must not pass for null."""
    if isinstance(source, Mapping) and info.field_name not in source:
        raise NotModelledError(
            f"{info.parent_type}.{info.field_name} is in the schema, but not in the stand-in"
        )
    return default_field_resolver(source, info, **arguments)


def _of_github(error):
    return isinstance(error.original_error, GraphError)


def _formatted(error):
    return ({"type": error.original_error.kind} if _of_github(error) else {}) | dict(error.formatted)
