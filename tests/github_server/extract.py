"""Cuts what the stand-in keeps out of GitHub's own descriptions: `python tests/github_server/extract.py NODE_MODULES`.

NODE_MODULES is where npm put the packages that tests/data/github/README.md names; the extracts go beside it.
"""

import json
import re
import sys
from dataclasses import replace
from pathlib import Path

from graphql import GraphQLSchema, build_ast_schema, parse, print_schema
from graphql.language import ast

DATA = Path(__file__).parents[1] / "data" / "github"

#: Operations by path below /repos/{owner}/{repo}, or from the root when the path starts with "/".
OPERATIONS = {
    "": "get",
    "check-runs": "post",
    "check-runs/{check_run_id}": "get patch",
    "check-runs/{check_run_id}/annotations": "get",
    "collaborators/{username}/permission": "get",
    "commits/{commit_sha}/pulls": "get",
    "commits/{ref}": "get",
    "commits/{ref}/check-runs": "get",
    "commits/{ref}/status": "get",
    "compare/{basehead}": "get",
    "contents/{path}": "get",
    "git/blobs/{file_sha}": "get",
    "git/commits/{commit_sha}": "get",
    "git/ref/{ref}": "get",
    "git/trees/{tree_sha}": "get",
    "issues/{issue_number}": "get",
    "issues/{issue_number}/comments": "get post",
    "issues/comments/{comment_id}": "get patch delete",
    "pulls": "get",
    "pulls/{pull_number}": "get",
    "pulls/{pull_number}/comments": "get post",
    "pulls/{pull_number}/comments/{comment_id}/replies": "post",
    "pulls/{pull_number}/commits": "get",
    "pulls/{pull_number}/files": "get",
    "pulls/{pull_number}/reviews": "get post",
    "pulls/{pull_number}/reviews/{review_id}": "get put delete",
    "pulls/{pull_number}/reviews/{review_id}/comments": "get",
    "pulls/{pull_number}/reviews/{review_id}/events": "post",
    "pulls/comments/{comment_id}": "get patch delete",
    "statuses/{sha}": "post",
    "/orgs/{org}/teams/{team_slug}/memberships/{username}": "get",
    "/rate_limit": "get",
    "/user": "get",
}

#: GraphQL types and the fields of them to keep; "*" is every field whose type is kept too.
TYPES = {
    "Query": "viewer repository node nodes rateLimit",
    "Mutation": "resolveReviewThread unresolveReviewThread minimizeComment unminimizeComment",
    "Actor": "*",
    "Blob": "*",
    "Bot": "avatarUrl databaseId id login resourcePath url",
    "Commit": "id oid abbreviatedOid message messageHeadline committedDate authoredDate file tree treeUrl url parents"
    " file",
    "CommitConnection": "*",
    "CommitEdge": "*",
    "Comment": "*",
    "GitObject": "*",
    "IssueComment": "author body createdAt databaseId fullDatabaseId id isMinimized minimizedReason updatedAt url"
    " viewerCanDelete viewerCanMinimize viewerCanUpdate viewerDidAuthor",
    "IssueCommentConnection": "*",
    "IssueCommentEdge": "*",
    "Label": "color id name url",
    "LabelConnection": "*",
    "LabelEdge": "*",
    "LabeledEvent": "*",
    "Minimizable": "*",
    "MinimizeCommentPayload": "*",
    "Node": "*",
    "PageInfo": "*",
    "PullRequest": "additions author baseRefName baseRefOid body changedFiles closed comments createdAt databaseId"
    " deletions files headRefName headRefOid id isCrossRepository isDraft labels merged number reviewThreads"
    " reviews state title updatedAt url viewerDidAuthor timelineItems",
    "PullRequestChangedFile": "*",
    "PullRequestChangedFileConnection": "*",
    "PullRequestChangedFileEdge": "*",
    "PullRequestReview": "author body commit createdAt databaseId fullDatabaseId id state submittedAt url"
    " viewerDidAuthor comments",
    "PullRequestReviewComment": "*",
    "PullRequestReviewCommentConnection": "*",
    "PullRequestReviewCommentEdge": "*",
    "PullRequestReviewConnection": "*",
    "PullRequestReviewEdge": "*",
    "PullRequestReviewThread": "*",
    "PullRequestReviewThreadConnection": "*",
    "PullRequestReviewThreadEdge": "*",
    "PullRequestTimelineItems": "*",
    "PullRequestTimelineItemsConnection": "*",
    "PullRequestTimelineItemsEdge": "*",
    "RateLimit": "*",
    "Ref": "id name prefix target",
    "Repository": "databaseId defaultBranchRef id isFork isPrivate name nameWithOwner object pullRequest url"
    " viewerPermission",
    "ResolveReviewThreadPayload": "*",
    "Submodule": "*",
    "Tree": "*",
    "TreeEntry": "*",
    "UnlabeledEvent": "*",
    "UnminimizeCommentPayload": "*",
    "UnresolveReviewThreadPayload": "*",
    "User": "avatarUrl databaseId id login resourcePath url",
}

#: Events with the action of the wanted example; None has no action.
EXAMPLES = {
    "pull_request": "opened",
    "issue_comment": "created",
    "merge_group": "checks_requested",
    "workflow_dispatch": None,
}

#: Keywords that check nothing.
NOISE = {"deprecated", "description", "example", "examples", "externalDocs", "title"}


def plain(schema):
    """An OpenAPI 3.0 schema as JSON Schema: without prose, `nullable` said in types."""
    if isinstance(schema, list):
        return [plain(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {
        key: {name: plain(inner) for name, inner in value.items()} if key == "properties" else plain(value)
        for key, value in schema.items()
        if key not in NOISE and not key.startswith("x-")
    }
    if not kept.pop("nullable", False):
        return kept
    if "enum" in kept:
        kept["enum"] = [*kept["enum"], None]
    if isinstance(kept.get("type"), str):
        return {**kept, "type": [kept["type"], "null"]}
    return {"anyOf": [kept, {"type": "null"}]}


def closed(schema):
    """The schema of a request body that also refuses keys GitHub does not know."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    branches = {"allOf", "anyOf", "oneOf"}
    kept = {key: value if key in branches else closed(value) for key, value in schema.items()}
    for key in branches & set(kept):  # a branch that allows everything would undo the rule around it
        kept[key] = [{k: v for k, v in branch.items() if k != "additionalProperties"} for branch in kept[key]]
    if "properties" in kept and "additionalProperties" not in kept:
        kept["unevaluatedProperties"] = False
    return kept


def references(value):
    return set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(value)))


def operation(described, parameters):
    """Query parameters, request body and answers of one operation."""
    asked = [
        parameters[p["$ref"].rpartition("/")[2]] if "$ref" in p else p
        for p in described.get("parameters", ())
    ]
    body = described.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    return {
        "path": {p["name"]: plain(p["schema"]) for p in asked if p["in"] == "path"},
        "query": {p["name"]: plain(p["schema"]) for p in asked if p["in"] == "query"},
        "body": closed(plain(body)) if body else None,
        "body_required": described.get("requestBody", {}).get("required", False),
        "answers": {
            status: plain(answer["content"]["application/json"]["schema"])
            for status, answer in described["responses"].items()
            if status.startswith("2") and "application/json" in answer.get("content", {})
        },
    }


def rest(source):
    components = source["components"]
    paths = {}
    for name, methods in OPERATIONS.items():
        path = name if name.startswith("/") else f"/repos/{{owner}}/{{repo}}/{name}".rstrip("/")
        paths[path] = {
            m: operation(source["paths"][path][m], components["parameters"]) for m in methods.split()
        }
    schemas, wanted = {}, references(paths)
    while missing := wanted - set(schemas):
        schemas |= {name: plain(components["schemas"][name]) for name in missing}
        wanted |= references(schemas)
    return {"paths": paths, "components": {"schemas": dict(sorted(schemas.items()))}}


def named(node):
    while not isinstance(node, ast.NamedTypeNode):
        node = node.type
    return node.name.value


def graphql(source):
    """The kept types with everything their arguments and fields are made of."""
    everything = {node.name.value: node for node in source.definitions if hasattr(node, "name")}
    leaves = (ast.EnumTypeDefinitionNode, ast.ScalarTypeDefinitionNode, ast.InputObjectTypeDefinitionNode)
    builtin = {"Boolean", "Float", "ID", "Int", "String"}
    kept, wanted = {}, list(TYPES)
    while wanted:
        name = wanted.pop()
        if name in kept or name in builtin:
            continue
        promised = {
            field.name.value
            for interface in getattr(everything[name], "interfaces", None) or ()
            if interface.name.value in TYPES
            for field in everything[interface.name.value].fields
        }
        node = kept[name] = cut(
            everything[name],
            lambda t: t in TYPES or t in builtin or isinstance(everything[t], leaves),
            promised,
        )
        fields = getattr(node, "fields", None) or ()
        inputs = [argument for field in fields for argument in getattr(field, "arguments", None) or ()]
        wanted += [named(field.type) for field in (*fields, *inputs)]
    document = ast.DocumentNode(definitions=tuple(kept[name] for name in sorted(kept)))
    schema: GraphQLSchema = build_ast_schema(document, assume_valid_sdl=True)
    return print_schema(schema) + "\n"


def bare(node):
    return replace(node, description=None, directives=())


def cut(node, known, promised):
    """A definition without prose, and without what refers to types that are not kept."""
    only = TYPES.get(node.name.value, "*").split()
    node = bare(node)
    if isinstance(node, ast.UnionTypeDefinitionNode):
        return replace(node, types=tuple(member for member in node.types if known(member.name.value)))
    if isinstance(node, ast.EnumTypeDefinitionNode):
        return replace(node, values=tuple(map(bare, node.values)))
    if isinstance(node, ast.InputObjectTypeDefinitionNode):
        return replace(node, fields=tuple(map(bare, node.fields)))
    if isinstance(node, ast.ScalarTypeDefinitionNode):
        return node
    fields = tuple(
        replace(bare(field), arguments=tuple(map(bare, field.arguments or ())))
        for field in node.fields
        if known(named(field.type)) and (only == ["*"] or field.name.value in {*only, *promised})
    )
    return replace(
        node, fields=fields, interfaces=tuple(i for i in node.interfaces or () if i.name.value in TYPES)
    )


def webhooks(source):
    """The most complete example of each event."""
    return {
        event["name"]: max(
            (example for example in event["examples"] if example.get("action") == EXAMPLES[event["name"]]),
            key=lambda example: len(json.dumps(example)),
        )
        for event in source
        if event["name"] in EXAMPLES
    }


def write(name, value):
    text = value if isinstance(value, str) else json.dumps(value, indent=1, ensure_ascii=False) + "\n"
    (DATA / name).write_text(text, "utf-8")


def main(modules):
    octokit = Path(modules) / "@octokit"
    write(
        "rest.json", rest(json.loads((octokit / "openapi/generated/api.github.com.json").read_text("utf-8")))
    )
    write("schema.graphql", graphql(parse((octokit / "graphql-schema/schema.graphql").read_text("utf-8"))))
    write(
        "webhooks.json",
        webhooks(json.loads((octokit / "webhooks-examples/api.github.com/index.json").read_text("utf-8"))),
    )


if __name__ == "__main__":
    main(sys.argv[1])
