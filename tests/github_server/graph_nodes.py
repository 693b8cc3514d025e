"""GraphQL: what the fields hold. A value that takes arguments, or costs something, is a function."""

from github_server import shapes
from github_server.people import NOT_FOR_APPS
from github_server.shapes import node_id

MAX_PAGE = 100
#: Bytes of a blob that come as text. GitHub documents that there is a limit, not which.
MAX_TEXT = 512_000


class RejectedError(Exception):
    """An error that GitHub gives with a type."""

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind


class NotModelledError(Exception):
    """The stand-in lacks something that GitHub has."""


def connection(name, items, node):
    """A list of which `first` or `last`, at most 100, must be asked for."""

    def paged(_info, first=None, last=None, after=None, before=None, **_filters):
        size = first if first is not None else last
        if size is None:
            message = (
                f"You must provide a `first` or `last` value to properly paginate the `{name}` connection."
            )
            raise RejectedError("MISSING_PAGINATION_BOUNDARIES", message)
        if size > MAX_PAGE:
            message = f"Requesting {size} records on the `{name}` connection exceeds the `first` limit of {MAX_PAGE} records."
            raise RejectedError("EXCESSIVE_PAGINATION", message)
        start = int(after) if after else 0
        stop = int(before) - 1 if before else len(items)
        begin, end = (
            (start, min(start + size, stop)) if first is not None else (max(stop - size, start), stop)
        )
        nodes = [node(item) for item in items[begin:end]]
        turns = {"hasPreviousPage": begin > 0, "hasNextPage": end < len(items)}
        cursors = {"startCursor": str(begin + 1) if nodes else None, "endCursor": str(end) if nodes else None}
        edges = [{"cursor": str(begin + n + 1), "node": it} for n, it in enumerate(nodes)]
        return {"nodes": nodes, "edges": edges, "totalCount": len(items), "pageInfo": turns | cursors}

    return paged


class Graph:
    """The fields of Query and Mutation, for one request of one token."""

    def __init__(self, server, token):
        self.server = server
        self.token = token

    def root(self):
        return {
            "viewer": self.viewer,
            "repository": self.repository,
            "rateLimit": lambda _info, **_: self.server.limits.graph_shape(),
            "node": lambda _info, **given: self._node(given["id"]),
            "nodes": lambda _info, ids: [self._node(one) for one in ids],
            "resolveReviewThread": lambda _info, **given: self._resolve(given["input"], resolved=True),
            "unresolveReviewThread": lambda _info, **given: self._resolve(given["input"], resolved=False),
            "minimizeComment": lambda _info, **given: self._minimize(
                given["input"], given["input"]["classifier"]
            ),
            "unminimizeComment": lambda _info, **given: self._minimize(given["input"], None),
        }

    # People

    def viewer(self, _info):
        """The one place where an app is a user and keeps its "[bot]"."""
        return self._person(self.token.login, "User", self.token.login)

    def actor(self, login):
        kind = "Bot" if self.server.user(login).bot else "User"
        return self._person(login, kind, login.removesuffix("[bot]"))

    def _person(self, login, kind, name):
        account = self.server.user(login)
        return {
            "__typename": kind,
            "id": node_id("U", account.id),
            "databaseId": account.id,
            "login": name,
            "url": f"{self.server.url}/{name}",
            "resourcePath": f"/{name}",
            "avatarUrl": lambda _info, size=None: f"{self.server.url}/{name}.png",
        }

    # Repository

    def repository(self, _info, owner, name, **_options):
        repo = self.server.repositories.get(f"{owner}/{name}")
        if repo is None or not self.token.may(repo, "metadata", "read"):
            raise RejectedError(
                "NOT_FOUND", f"Could not resolve to a Repository with the name '{owner}/{name}'."
            )
        return self._repository(repo)

    def _repository(self, repo):
        head = repo.head(repo.default_branch)
        return {
            "__typename": "Repository",
            "id": node_id("R", repo.id),
            "databaseId": repo.id,
            "name": repo.name,
            "nameWithOwner": repo.full_name,
            "isPrivate": repo.private,
            "isFork": False,
            "url": f"{self.server.url}/{repo.full_name}",
            "viewerPermission": None if self.token.app else repo.role(self.token.login).upper(),
            "defaultBranchRef": head and {
                "id": node_id("REF", repo.default_branch),
                "name": repo.default_branch,
                "prefix": "refs/heads/",
                "target": lambda _info: self._object(repo, head),
            },
            "object": lambda _info, expression=None, oid=None: self._object(repo, expression or oid),
            "pullRequest": lambda _info, number: self._pull(repo, number),
        }  # fmt: skip

    def _may_read(self, repo, permission):
        if not self.token.may(repo, permission, "read"):
            raise RejectedError("FORBIDDEN", NOT_FOR_APPS)

    def _object(self, repo, expression):
        self._may_read(repo, "contents")
        found = repo.store.look_up(expression)
        if found is None:
            return None
        sha, kind, data = found
        common = {
            "id": node_id("O", sha),
            "oid": sha,
            "abbreviatedOid": sha[:7],
            "repository": lambda _info: self._repository(repo),
            "commitUrl": f"{self.server.url}/{repo.full_name}/commit/{sha}",
            "commitResourcePath": f"/{repo.full_name}/commit/{sha}",
        }
        return common | {"blob": _blob, "tree": self._tree, "commit": self._commit}[kind](repo, sha, data)

    def _tree(self, repo, sha, _data):
        return {
            "__typename": "Tree",
            "entries": lambda _info: [self._entry(repo, it) for it in repo.store.tree(sha)],
        }

    def _entry(self, repo, entry):
        return {
            "name": entry.path,
            "path": entry.path,
            "oid": entry.sha,
            "mode": int(entry.mode, 8),
            "type": entry.kind,
            "size": entry.size or 0,
            "object": lambda _info: self._object(repo, entry.sha),
        }

    def _commit(self, repo, sha, _data):
        fields = repo.store.git("show", "-s", "--format=%T%n%P%n%cI%n%B", sha).decode("utf-8", "replace")
        tree, parents, date, message = fields.split("\n", 3)
        return {
            "__typename": "Commit",
            "message": message.rstrip("\n"),
            "messageHeadline": message.partition("\n")[0],
            "committedDate": date,
            "authoredDate": date,
            "url": f"{self.server.url}/{repo.full_name}/commit/{sha}",
            "treeUrl": f"{self.server.url}/{repo.full_name}/tree/{sha}",
            "tree": lambda _info: self._object(repo, tree),
            "parents": connection("parents", parents.split(), lambda it: self._object(repo, it)),
        }

    # Pull requests

    def _pull(self, repo, number):
        self._may_read(repo, "pull_requests")
        pull = repo.pulls.get(number)
        if pull is None:
            raise RejectedError(
                "NOT_FOUND", f"Could not resolve to a PullRequest with the number of {number}."
            )
        return self.pull(pull)

    def pull(self, pr):
        files = pr.files()
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
            "author": self.actor(pr.author),
            "viewerDidAuthor": pr.author == self.token.login,
            "url": f"{self.server.url}/{pr.repository.full_name}/pull/{pr.number}",
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
            "labels": connection("labels", pr.labels, lambda name: self._label(pr.repository, name)),
            "comments": connection("comments", pr.issue_comments, lambda it: self._issue_comment(pr, it)),
            "reviews": connection("reviews", self._reviews(pr), lambda it: self._review(pr, it)),
            "reviewThreads": connection("reviewThreads", self._threads(pr), lambda it: self._thread(pr, it)),
            "timelineItems": lambda info, **given: self._timeline(pr, given.pop("itemTypes", None))(
                info, **given
            ),
        }

    def _reviews(self, pr):
        return [it for it in pr.reviews if it.state != "PENDING" or it.login == self.token.login]

    def _threads(self, pr):
        seen = pr.visible(self.token.login)
        return [thread for thread in pr.threads if thread.comments[0] in seen]

    def _timeline(self, pr, kinds):
        events = [it for it in pr.events if not kinds or _event_kind(it) in kinds]
        if kinds and set(kinds) - {"LABELED_EVENT", "UNLABELED_EVENT"}:
            raise NotModelledError(f"timelineItems has label events only, not {kinds}")
        return connection("timelineItems", events, lambda it: self._labeled(pr, it))

    def _labeled(self, pr, it):
        return {
            "__typename": "LabeledEvent" if it.added else "UnlabeledEvent",
            "id": node_id("LE", it.id),
            "actor": self.actor(it.login),
            "createdAt": it.created,
            "label": self._label(pr.repository, it.label),
        }

    def _label(self, repo, name):
        shape = shapes.label(repo, name)
        return {"id": shape["node_id"], "name": name, "color": shape["color"], "url": shape["url"]}

    # What was said

    def _thread(self, pr, it):
        root, now = it.comments[0], pr.now(it.comments[0])
        may_resolve = self._may_resolve(pr)
        return {
            "__typename": "PullRequestReviewThread",
            "id": node_id("PRRT", it.id),
            "path": now.path or root.path,
            "isResolved": it.resolved_by is not None,
            "isCollapsed": it.resolved_by is not None,
            "isOutdated": now.path is None,
            "resolvedBy": self.actor(it.resolved_by) if it.resolved_by else None,
            "line": now.line,
            "startLine": now.start_line,
            "originalLine": root.line,
            "originalStartLine": root.start_line,
            "diffSide": root.side or "RIGHT",
            "startDiffSide": root.start_side,
            "subjectType": "FILE" if root.of_file else "LINE",
            "viewerCanReply": self.token.may(pr.repository, "pull_requests", "write"),
            "viewerCanResolve": may_resolve and it.resolved_by is None,
            "viewerCanUnresolve": may_resolve and it.resolved_by is not None,
            "pullRequest": lambda _info: self.pull(pr),
            "repository": lambda _info: self._repository(pr.repository),
            "comments": connection("comments", it.comments, lambda c: self._comment(pr, c)),
        }

    def _said(self, it, moderates):
        mine = it.login == self.token.login
        return {
            "databaseId": it.id,
            "fullDatabaseId": it.id,
            "author": self.actor(it.login),
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

    def _comment(self, pr, it):
        now = pr.now(it)
        shape = shapes.comment(pr, it)
        root = next((c for c in pr.comments if c.id == it.reply_to), None)
        return self._said(it, self.token.moderates(pr.repository)) | {
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
            "commit": lambda _info: self._object(pr.repository, shape["commit_id"]),
            "originalCommit": lambda _info: self._object(pr.repository, it.commit),
            "pullRequest": lambda _info: self.pull(pr),
            "pullRequestReview": lambda _info: self._review(pr, it.review),
            "repository": lambda _info: self._repository(pr.repository),
            "replyTo": lambda _info: root and self._comment(pr, root),
        }

    def _issue_comment(self, pr, it):
        shape = shapes.issue_comment(pr, it)
        own = {"__typename": "IssueComment", "id": shape["node_id"], "url": shape["html_url"]}
        return self._said(it, self.token.moderates(pr.repository)) | own

    def _review(self, pr, it):
        shape = shapes.review(pr, it)
        comments = [c for c in pr.comments if c.review is it]
        return {
            "__typename": "PullRequestReview",
            "id": shape["node_id"],
            "databaseId": it.id,
            "fullDatabaseId": it.id,
            "author": self.actor(it.login),
            "viewerDidAuthor": it.login == self.token.login,
            "body": it.body,
            "state": it.state,
            "url": shape["html_url"],
            "createdAt": it.submitted or pr.updated,
            "submittedAt": it.submitted,
            "commit": lambda _info: self._object(pr.repository, it.commit),
            "comments": connection("comments", comments, lambda c: self._comment(pr, c)),
        }

    # Mutations

    def _node(self, identity):
        for repo in self.server.repositories.values():
            for pr in repo.pulls.values():
                found = {node_id("PR", pr.id): lambda pr=pr: self.pull(pr)}
                found |= {
                    node_id("PRRT", t.id): lambda pr=pr, t=t: self._thread(pr, t) for t in self._threads(pr)
                }
                found |= {node_id("PRRC", c.id): lambda pr=pr, c=c: self._comment(pr, c) for c in pr.comments}
                found |= {
                    node_id("IC", c.id): lambda pr=pr, c=c: self._issue_comment(pr, c)
                    for c in pr.issue_comments
                }
                if identity in found and self.token.may(repo, "pull_requests", "read"):
                    return found[identity]()
        raise RejectedError("NOT_FOUND", f"Could not resolve to a node with the global id of '{identity}'")

    def _said_by(self, identity):
        """Pull request and thread or comment of a node id."""
        for repo in self.server.repositories.values():
            for pr in repo.pulls.values():
                things = {node_id("PRRT", t.id): t for t in pr.threads} | {
                    node_id("PRRC", c.id): c for c in pr.comments
                }
                things |= {node_id("IC", c.id): c for c in pr.issue_comments}
                if identity in things:
                    return pr, things[identity]
        raise RejectedError("NOT_FOUND", f"Could not resolve to a node with the global id of '{identity}'")

    def _may_resolve(self, pr):
        """An app needs to write contents, which a GITHUB_TOKEN that only comments may not."""
        if self.token.app:
            return self.token.may(pr.repository, "contents", "write")
        return self.token.moderates(pr.repository) or self.token.login == pr.author

    def _resolve(self, arguments, *, resolved):
        pr, thread = self._said_by(arguments["threadId"])
        if not self._may_resolve(pr):
            raise RejectedError("FORBIDDEN", NOT_FOR_APPS)
        thread.resolved_by = self.token.login if resolved else None
        return {"clientMutationId": arguments.get("clientMutationId"), "thread": self._thread(pr, thread)}

    def _minimize(self, arguments, reason):
        pr, it = self._said_by(arguments["subjectId"])
        if not self.token.moderates(pr.repository):
            raise RejectedError("FORBIDDEN", NOT_FOR_APPS)
        it.minimized = reason
        name = "minimizedComment" if reason else "unminimizedComment"
        shape = self._issue_comment(pr, it) if it in pr.issue_comments else self._comment(pr, it)
        return {"clientMutationId": arguments.get("clientMutationId"), name: shape}


def _blob(_repo, _sha, data):
    binary = b"\0" in data[:8_000]
    return {
        "__typename": "Blob",
        "byteSize": len(data),
        "isBinary": binary,
        "isTruncated": len(data) > MAX_TEXT,
        "text": None if binary else data[:MAX_TEXT].decode("utf-8", "replace"),
    }


def _changed_file(file):
    kind = {"removed": "DELETED"}.get(file.status, file.status.upper())
    counts = {"additions": file.additions, "deletions": file.deletions}
    return {"path": file.path, "changeType": kind, "viewerViewedState": "UNVIEWED", **counts}


def _event_kind(it):
    return "LABELED_EVENT" if it.added else "UNLABELED_EVENT"
