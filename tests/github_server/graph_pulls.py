"""GraphQL: a pull request and what was said on it."""

from github_server import shapes, shapes_said
from github_server.graph_base import NotModelledError, connection
from github_server.graph_git import git_object
from github_server.shapes import node_id

_LABELS = {"LABELED_EVENT": True, "UNLABELED_EVENT": False}


def pull(viewer, pr):
    files = pr.files()
    reviews = [it for it in pr.reviews if it.state != "PENDING" or it.login == viewer.token.login]
    return {
        "__typename": "PullRequest",
        "id": node_id("PR", pr.id),
        "databaseId": pr.id,
        "number": pr.number,
        "title": pr.title,
        "body": pr.body,
        "state": "MERGED" if pr.merged else pr.state.upper(),
        "closed": pr.state != "open",
        "merged": pr.merged,
        "isDraft": pr.draft,
        "isCrossRepository": pr.fork,
        "author": viewer.actor(pr.author),
        "viewerDidAuthor": pr.author == viewer.token.login,
        "url": shapes.html_url(pr),
        "createdAt": pr.created,
        "updatedAt": pr.updated,
        "headRefName": pr.head_ref,
        "headRefOid": pr.head_sha,
        "baseRefName": pr.base_ref,
        "baseRefOid": pr.base_sha,
        "additions": sum(file.additions for file in files),
        "deletions": sum(file.deletions for file in files),
        "changedFiles": len(files),
        "files": connection("files", files[: pr.repository.listing_cap], _changed_file),
        "labels": connection("labels", pr.labels, lambda name: _label(pr, name)),
        "comments": connection("comments", pr.issue_comments, lambda it: issue_comment(viewer, pr, it)),
        "reviews": connection("reviews", reviews, lambda it: review(viewer, pr, it)),
        "reviewThreads": connection("reviewThreads", threads(viewer, pr), lambda it: thread(viewer, pr, it)),
        "timelineItems": lambda info, **given: _timeline(viewer, pr, given.pop("itemTypes", None))(
            info, **given
        ),
    }


def _changed_file(file):
    kind = {"removed": "DELETED"}.get(file.status, file.status.upper())
    counts = {"additions": file.additions, "deletions": file.deletions}
    return {"path": file.path, "changeType": kind, "viewerViewedState": "UNVIEWED", **counts}


def _label(pr, name):
    shape = shapes.label(pr.repository, name)
    return {"id": shape["node_id"], "name": name, "color": shape["color"], "url": shape["url"]}


def _timeline(viewer, pr, kinds):
    if kinds is None or set(kinds) - set(_LABELS):
        raise NotModelledError(f"timelineItems has {', '.join(_LABELS)} only")
    events = [it for it in pr.events if any(it.added == _LABELS[kind] for kind in kinds)]
    return connection("timelineItems", events, lambda it: _labeled(viewer, pr, it))


def _labeled(viewer, pr, it):
    return {
        "__typename": "LabeledEvent" if it.added else "UnlabeledEvent",
        "id": node_id("LE", it.id),
        "actor": viewer.actor(it.login),
        "createdAt": it.created,
        "label": _label(pr, it.label),
    }


def threads(viewer, pr):
    """Those that the viewer can see."""
    seen = pr.visible(viewer.token.login)
    return [it for it in pr.threads if it.comments[0] in seen]


def thread(viewer, pr, it):
    root, now = it.comments[0], pr.now(it.comments[0])
    may = may_resolve(viewer, pr)
    return {
        "__typename": "PullRequestReviewThread",
        "id": node_id("PRRT", it.id),
        "path": now.path or root.path,
        "isResolved": it.resolved_by is not None,
        "isCollapsed": it.resolved_by is not None,
        "isOutdated": now.path is None,
        "resolvedBy": viewer.actor(it.resolved_by) if it.resolved_by else None,
        "line": now.line,
        "startLine": now.start_line,
        "originalLine": root.line,
        "originalStartLine": root.start_line,
        "diffSide": root.side or "RIGHT",
        "startDiffSide": root.start_side,
        "subjectType": "FILE" if root.of_file else "LINE",
        "viewerCanReply": viewer.may(pr.repository, "pull_requests", "write"),
        "viewerCanResolve": may and it.resolved_by is None,
        "viewerCanUnresolve": may and it.resolved_by is not None,
        "pullRequest": lambda _info: pull(viewer, pr),
        "comments": connection("comments", it.comments, lambda c: comment(viewer, pr, c)),
    }


def may_resolve(viewer, pr):
    """An app needs to write contents, which a GITHUB_TOKEN that only comments may not."""
    if viewer.token.app:
        return viewer.may(pr.repository, "contents", "write")
    return viewer.token.moderates(pr.repository) or viewer.token.login == pr.author


def _said(viewer, pr, it):
    moderates = viewer.token.moderates(pr.repository)
    mine = it.login == viewer.token.login
    return {
        "databaseId": it.id,
        "fullDatabaseId": it.id,
        "author": viewer.actor(it.login),
        "body": it.body,
        "viewerDidAuthor": mine,
        "viewerCanUpdate": mine or moderates,
        "viewerCanDelete": mine or moderates,
        "viewerCanMinimize": moderates,
        "isMinimized": it.minimized is not None,
        "minimizedReason": it.minimized and it.minimized.lower(),
        "createdAt": it.created,
        "updatedAt": it.updated,
    }


def comment(viewer, pr, it):
    now = pr.now(it)
    shape = shapes_said.comment(pr, it)
    root = next((c for c in pr.comments if c.id == it.reply_to), None)
    return _said(viewer, pr, it) | {
        "__typename": "PullRequestReviewComment",
        "id": shape["node_id"],
        "url": shape["html_url"],
        "path": shape["path"],
        "diffHunk": it.hunk,
        "line": now.line,
        "startLine": now.start_line,
        "originalLine": it.line,
        "originalStartLine": it.start_line,
        "position": now.position,
        "originalPosition": it.position or 1,
        "outdated": now.path is None,
        "state": "PENDING" if it.review.state == "PENDING" else "SUBMITTED",
        "subjectType": "FILE" if it.of_file else "LINE",
        "commit": lambda _info: git_object(viewer, pr.repository, shape["commit_id"]),
        "originalCommit": lambda _info: git_object(viewer, pr.repository, it.commit),
        "pullRequest": lambda _info: pull(viewer, pr),
        "pullRequestReview": lambda _info: review(viewer, pr, it.review),
        "replyTo": lambda _info: root and comment(viewer, pr, root),
    }


def issue_comment(viewer, pr, it):
    shape = shapes_said.issue_comment(pr, it)
    own = {"__typename": "IssueComment", "id": shape["node_id"], "url": shape["html_url"]}
    return _said(viewer, pr, it) | own


def review(viewer, pr, it):
    shape = shapes_said.review(pr, it)
    comments = [c for c in pr.comments if c.review is it]
    return {
        "__typename": "PullRequestReview",
        "id": shape["node_id"],
        "databaseId": it.id,
        "fullDatabaseId": it.id,
        "author": viewer.actor(it.login),
        "viewerDidAuthor": it.login == viewer.token.login,
        "body": it.body,
        "state": it.state,
        "url": shape["html_url"],
        "createdAt": it.submitted or pr.updated,
        "submittedAt": it.submitted,
        "commit": lambda _info: git_object(viewer, pr.repository, it.commit),
        "comments": connection("comments", comments, lambda c: comment(viewer, pr, c)),
    }
