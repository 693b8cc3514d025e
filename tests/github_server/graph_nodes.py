"""GraphQL: where every query and mutation begins."""

from github_server import graph_pulls
from github_server.graph_base import GraphError, forbidden
from github_server.graph_git import git_object
from github_server.shapes import node_id


def root(viewer):
    """The fields of Query and of Mutation."""
    return {
        "viewer": lambda _info: viewer.person(),
        "repository": lambda _info, owner, name, **_: _repository(viewer, f"{owner}/{name}"),
        "rateLimit": lambda _info, **_: viewer.server.limits.graph_shape(),
        "node": lambda _info, **given: _node(viewer, given["id"]),
        "nodes": lambda _info, ids: [_node(viewer, one) for one in ids],
        "resolveReviewThread": lambda _info, **given: _resolve(viewer, given["input"], resolved=True),
        "unresolveReviewThread": lambda _info, **given: _resolve(viewer, given["input"], resolved=False),
        "minimizeComment": lambda _info, **given: _minimize(viewer, given["input"]),
        "unminimizeComment": lambda _info, **given: _minimize(viewer, given["input"]),
    }


def _repository(viewer, full_name):
    repo = viewer.server.repositories.get(full_name)
    if repo is None or not viewer.may(repo, "metadata"):
        raise GraphError("NOT_FOUND", f"Could not resolve to a Repository with the name '{full_name}'.")
    role = repo.role(viewer.token.login).upper()
    return {
        "__typename": "Repository",
        "id": node_id("R", repo.id),
        "databaseId": repo.id,
        "name": repo.name,
        "nameWithOwner": repo.full_name,
        "isPrivate": repo.private,
        "isFork": False,
        "url": f"{repo.server.url}/{repo.full_name}",
        "viewerPermission": None if viewer.token.app or role == "NONE" else role,
        "defaultBranchRef": lambda _info: _branch(viewer, repo),
        "object": lambda _info, expression=None, oid=None: git_object(viewer, repo, expression or oid),
        "pullRequest": lambda _info, number: _pull(viewer, repo, number),
    }


def _branch(viewer, repo):
    head = repo.head(repo.default_branch)
    return head and {
        "id": node_id("REF", repo.default_branch),
        "name": repo.default_branch,
        "prefix": "refs/heads/",
        "target": lambda _info: git_object(viewer, repo, head),
    }


def _pull(viewer, repo, number):
    if not viewer.may(repo, "pull_requests"):
        raise forbidden()
    if number not in repo.pulls:
        raise GraphError("NOT_FOUND", f"Could not resolve to a PullRequest with the number of {number}.")
    return graph_pulls.pull(viewer, repo.pulls[number])


def _things(viewer):
    """What has a node id here, with its pull request and how to show it."""
    for repo in viewer.server.repositories.values():
        for pr in repo.pulls.values():
            yield node_id("PR", pr.id), pr, pr, lambda viewer, _pr, it: graph_pulls.pull(viewer, it)
            for thread in graph_pulls.threads(viewer, pr):
                yield node_id("PRRT", thread.id), pr, thread, graph_pulls.thread
            for comment in pr.visible(viewer.token.login):
                yield node_id("PRRC", comment.id), pr, comment, graph_pulls.comment
            for comment in pr.issue_comments:
                yield node_id("IC", comment.id), pr, comment, graph_pulls.issue_comment


def _found(viewer, identity):
    for known, pr, thing, show in _things(viewer):
        if known == identity and viewer.may(pr.repository, "pull_requests"):
            return pr, thing, show
    raise GraphError("NOT_FOUND", f"Could not resolve to a node with the global id of '{identity}'")


def _node(viewer, identity):
    pr, thing, show = _found(viewer, identity)
    return show(viewer, pr, thing)


def _resolve(viewer, given, *, resolved):
    pr, thread, show = _found(viewer, given["threadId"])
    if not graph_pulls.may_resolve(viewer, pr):
        raise forbidden()
    thread.resolved_by = viewer.token.login if resolved else None
    return {"clientMutationId": given.get("clientMutationId"), "thread": show(viewer, pr, thread)}


def _minimize(viewer, given):
    """Without a classifier: show it again."""
    pr, comment, show = _found(viewer, given["subjectId"])
    if not viewer.token.moderates(pr.repository):
        raise forbidden()
    comment.minimized = given.get("classifier")
    name = "minimizedComment" if comment.minimized else "unminimizedComment"
    return {"clientMutationId": given.get("clientMutationId"), name: show(viewer, pr, comment)}
