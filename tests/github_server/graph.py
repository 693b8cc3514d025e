"""GraphQL: one document is checked against GitHub's schema, run, and answered as GitHub does: 200, with errors inside."""

from collections.abc import Mapping
from functools import cache

from graphql import GraphQLError, build_schema, default_field_resolver, graphql_sync, parse, validate

from github_server.contract import DATA
from github_server.exchange import Answer, RefusedError
from github_server.graph_nodes import Graph, NotModelledError, RejectedError
from github_server.people import NOBODY


@cache
def schema():
    return build_schema((DATA / "schema.graphql").read_text("utf-8"))


def _resolve(source, info, **arguments):
    if isinstance(source, Mapping) and info.field_name not in source:
        raise NotModelledError(
            f"{info.parent_type}.{info.field_name} is in GitHub's schema, but not in the stand-in"
        )
    return default_field_resolver(source, info, **arguments)


def answer(server, token, body):
    """What is wrong with the document itself goes to `server.violations` too."""
    if token == NOBODY:
        raise RefusedError(401, "This endpoint requires you to be authenticated.")
    document = body.get("query", "")
    try:
        wrong = validate(schema(), parse(document))
    except GraphQLError as error:
        wrong = [error]
    if wrong:
        server.violations += [f"GraphQL: {error.message}" for error in wrong]
        return Answer({"errors": [_formatted(error) for error in wrong]})
    result = graphql_sync(
        schema(),
        document,
        root_value=Graph(server, token).root(),
        variable_values=body.get("variables") or {},
        operation_name=body.get("operationName"),
        field_resolver=_resolve,
    )
    errors = result.errors or []
    server.violations += [f"GraphQL: {error.message}" for error in errors if not _foreseen(error)]
    answered = {} if result.data is None else {"data": result.data}
    return Answer(answered | ({"errors": [_formatted(error) for error in errors]} if errors else {}))


def _foreseen(error):
    return isinstance(error.original_error, RejectedError)


def _formatted(error):
    shape = dict(error.formatted)
    return {"type": error.original_error.kind, **shape} if _foreseen(error) else shape
