"""The JSON that GitHub makes of what the server holds: its own published examples, with our values in them."""

import base64
import json
from datetime import UTC, datetime
from functools import cache
from urllib.parse import quote

from github_server.contract import DATA

#: Of whom and what the examples speak.
_LOGIN, _REPOSITORY, _HEAD = (
    "Codertocat",
    "Codertocat/Hello-World",
    "ec26c3e57ca3a959ca5aad62de7213c562f8c821",
)


@cache
def examples():
    return json.loads((DATA / "webhooks.json").read_text("utf-8"))


def _adapted(example, replacements):
    text = json.dumps(example)
    for old, new in replacements:
        text = text.replace(old, new)
    return json.loads(text)


def time(seconds):
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def node_id(prefix, number):
    return f"{prefix}_{number}"


def integration(server, slug):
    """The app behind a token."""
    return {
        "id": server.app_id(slug),
        "node_id": node_id("A", server.app_id(slug)),
        "slug": slug,
        "client_id": f"Iv1.{slug}",
        "owner": user(server, "github"),
        "name": slug.replace("-", " ").title(),
        "description": "",
        "external_url": server.url,
        "html_url": f"{server.url}/apps/{slug}",
        "created_at": "2018-07-30T09:30:17Z",
        "updated_at": "2018-07-30T09:30:17Z",
        "permissions": {},
        "events": [],
    }


def user(server, login):
    account = server.user(login)
    shape = _adapted(examples()["pull_request"]["sender"], (*_roots(server), (_LOGIN, login)))
    kind = "Bot" if account.bot else "User"
    return shape | {
        "id": account.id,
        "node_id": node_id("U", account.id),
        "type": kind,
        "user_view_type": "public",
    }


def _roots(server):
    return ("https://api.github.com", server.api_url), ("https://github.com", server.url)


def repository(repo):
    """As in answers and events; a fork has an owner of its own."""
    server = repo.server
    names = ((_REPOSITORY, repo.full_name), (_LOGIN, repo.owner))
    shape = _adapted(examples()["pull_request"]["repository"], (*_roots(server), *names))
    return shape | {
        "id": repo.id,
        "node_id": node_id("R", repo.id),
        "name": repo.name,
        "full_name": repo.full_name,
        "owner": user(server, repo.owner),
        "private": repo.private,
        "visibility": "private" if repo.private else "public",
        "default_branch": repo.default_branch,
    }


def full_repository(repo):
    return repository(repo) | {"subscribers_count": 0, "network_count": 0, "has_discussions": False}


def _fork(pull):
    """The repository a fork's head says it is in: same name, the author's account."""
    repo = pull.repository
    names = ((repo.full_name, f"{pull.author}/{repo.name}"),)
    shape = _adapted(repository(repo), names)
    return shape | {"id": repo.id + 500_000, "owner": user(repo.server, pull.author), "fork": True}


def label(repo, name):
    return {
        "id": sum(name.encode()) + 1_000_000,
        "node_id": node_id("LA", sum(name.encode())),
        "url": f"{repo.server.api_url}/repos/{repo.full_name}/labels/{name}",
        "name": name,
        "color": "d73a4a",
        "default": False,
        "description": None,
    }


def association(repo, login):
    if login == repo.owner:
        return "OWNER"
    return {"none": "NONE", "read": "CONTRIBUTOR"}.get(repo.role(login), "COLLABORATOR")


def pull(pr):
    """As in a listing and in events; `full_pull` has the counts."""
    repo, server = pr.repository, pr.repository.server
    numbers = tuple((f"/{word}/2", f"/{word}/{pr.number}") for word in ("pulls", "pull", "issues"))
    names = ((_REPOSITORY, repo.full_name), (_HEAD, pr.head_sha))
    shape = _adapted(examples()["pull_request"]["pull_request"], (*numbers, *_roots(server), *names))
    for key in (
        "merged",
        "mergeable",
        "rebaseable",
        "mergeable_state",
        "merged_by",
        "comments",
        "review_comments",
    ):
        del shape[key]
    for key in ("maintainer_can_modify", "commits", "additions", "deletions", "changed_files"):
        del shape[key]
    head_repo = _fork(pr) if pr.fork else repository(repo)
    owner = head_repo["owner"]
    return shape | {
        "id": pr.id,
        "node_id": node_id("PR", pr.id),
        "number": pr.number,
        "state": pr.state,
        "title": pr.title,
        "body": pr.body or None,
        "user": user(server, pr.author),
        "labels": [label(repo, name) for name in pr.labels],
        "draft": pr.draft,
        "assignees": [],
        "requested_reviewers": [],
        "created_at": pr.created,
        "updated_at": pr.updated,
        "closed_at": None if pr.state == "open" else pr.updated,
        "merged_at": pr.updated if pr.merged else None,
        "merge_commit_sha": pr.head_sha,
        "author_association": association(repo, pr.author),
        "head": _end(None if pr.fork_deleted else head_repo, owner, pr.head_ref, pr.head_sha),
        "base": _end(repository(repo), user(server, repo.owner), pr.base_ref, pr.base_sha),
    }


def _end(repo, owner, ref, sha):
    return {"label": f"{owner['login']}:{ref}", "ref": ref, "sha": sha, "user": owner, "repo": repo}


def full_pull(pr):
    files = pr.files()
    return pull(pr) | {
        "merged": pr.merged,
        "mergeable": True,
        "rebaseable": True,
        "mergeable_state": "clean",
        "merged_by": None,
        "comments": len(pr.issue_comments),
        "review_comments": len(pr.visible("")),
        "maintainer_can_modify": False,
        "commits": len(pr.commits),
        "additions": sum(file.additions for file in files),
        "deletions": sum(file.deletions for file in files),
        "changed_files": len(files),
    }


def issue(pr):
    """A pull request, seen as an issue."""
    repo, server = pr.repository, pr.repository.server
    numbers = (("/issues/1", f"/issues/{pr.number}"),)
    names = ((_REPOSITORY, repo.full_name),)
    shape = _adapted(examples()["issue_comment"]["issue"], (*numbers, *_roots(server), *names))
    as_pull = pull(pr)
    same = ("id", "node_id", "number", "title", "user", "labels", "state", "body", "draft", "assignees",
            "created_at", "updated_at", "closed_at", "author_association", "html_url")  # fmt: skip
    links = {key: as_pull[key] for key in ("url", "html_url", "diff_url", "patch_url", "merged_at")}
    return (
        shape
        | {key: as_pull[key] for key in same}
        | {"comments": len(pr.issue_comments), "pull_request": links}
    )


def file(repo, sha, changed, *, patch):
    """An entry of a listing of files; `patch` says whether to give it."""
    root, api = f"{repo.server.url}/{repo.full_name}", f"{repo.server.api_url}/repos/{repo.full_name}"
    shape = {
        "sha": changed.sha,
        "filename": changed.path,
        "status": changed.status,
        "additions": changed.additions,
        "deletions": changed.deletions,
        "changes": changed.additions + changed.deletions,
        "blob_url": f"{root}/blob/{sha}/{quote(changed.path)}",
        "raw_url": f"{root}/raw/{sha}/{quote(changed.path)}",
        "contents_url": f"{api}/contents/{quote(changed.path)}?ref={sha}",
    }
    if patch and changed.patch is not None:
        shape["patch"] = changed.patch
    if changed.previous:
        shape["previous_filename"] = changed.previous
    return shape


def api_url(pr, *parts):
    return "/".join((pr.repository.server.api_url, "repos", pr.repository.full_name, *map(str, parts)))


def html_url(pr):
    return f"{pr.repository.server.url}/{pr.repository.full_name}/pull/{pr.number}"


def encoded(data):
    """As GitHub does it: base64 in lines, with one at the end."""
    return base64.encodebytes(data).decode()
