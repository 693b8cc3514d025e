"""REST: files, trees and commits."""

import posixpath

from github_server import shapes, shapes_git
from github_server.call import found
from github_server.exchange import Answer, RefusedError, missing

#: Bytes up to which a file comes inside JSON, and up to which it comes at all.
MAX_JSON, MAX_RAW = 1_000_000, 100_000_000
MAX_FOLDER = 1_000
MAX_COMPARED_FILES = 300


def contents(call, path):
    repo, path = call.repository, path.strip("/")
    ref = call.query.get("ref", repo.default_branch)
    sha = repo.store.resolve(ref)
    if sha is None:
        raise RefusedError(404, f"No commit found for the ref {ref}")
    entry = repo.store.entry(sha, path)
    if not path or (entry and entry.kind == "tree"):
        below = repo.store.tree(sha, path=f"{path}/" if path else None)
        return [shapes_git.content(repo, it, ref, listed=True) for it in below[:MAX_FOLDER]]
    entry = _followed(repo, sha, found(entry))
    if entry.kind != "blob" or entry.mode == "120000":
        return shapes_git.content(repo, entry, ref, listed=False)
    return _file(call, entry, ref)


def _followed(repo, sha, entry):
    """A link to a file of the repository gives that file; any other link is given itself."""
    if entry.mode != "120000":
        return entry
    target = repo.store.blob(entry.sha).decode("utf-8", "replace")
    path = posixpath.normpath(posixpath.join(posixpath.dirname(entry.path), target))
    there = None if path.startswith(("..", "/")) else repo.store.entry(sha, path)
    return there if there and there.kind == "blob" and there.mode != "120000" else entry


def _file(call, entry, ref):
    _not_over(entry.size)
    data = call.repository.store.blob(entry.sha)
    if call.request.media == "raw":
        return _raw(data)
    shape = shapes_git.content(call.repository, entry, ref, listed=False)
    if entry.size > MAX_JSON:
        return shape | {"encoding": "none", "content": ""}
    return shape | {"encoding": "base64", "content": shapes.encoded(data)}


def _raw(data):
    return Answer(data, headers={"Content-Type": "application/vnd.github.v3.raw; charset=utf-8"})


def _not_over(size):
    if size > MAX_RAW:
        error = {"resource": "Blob", "field": "data", "code": "too_large"}
        raise RefusedError(403, "This API returns blobs up to 100 MB in size.", error)


def blob(call, file_sha):
    repo = call.repository
    sha = found(repo.store.resolve(file_sha, "blob"))
    data = repo.store.blob(sha)
    _not_over(len(data))
    if call.request.media == "raw":
        return _raw(data)
    return {
        "sha": sha,
        "node_id": shapes.node_id("B", sha),
        "size": len(data),
        "url": f"{call.server.api_url}/repos/{repo.full_name}/git/blobs/{sha}",
        "content": shapes.encoded(data),
        "encoding": "base64",
    }


def tree(call, tree_sha):
    """`recursive` with any value means yes."""
    repo = call.repository
    sha = found(repo.store.resolve(tree_sha, "tree"))
    entries = repo.store.tree(sha, *(["-r", "-t"] if "recursive" in call.query else []))
    return {
        "sha": sha,
        "url": f"{call.server.api_url}/repos/{repo.full_name}/git/trees/{sha}",
        "tree": [shapes_git.tree_entry(repo, entry) for entry in entries[: repo.tree_cap]],
        "truncated": len(entries) > repo.tree_cap,
    }


def git_commit(call, commit_sha):
    return shapes_git.git_commit(call.repository, call.commit(commit_sha))


def ref(call, ref):
    repo = call.repository
    sha = repo.head(ref.removeprefix("heads/")) if ref.startswith("heads/") else None
    url = f"{call.server.api_url}/repos/{repo.full_name}/git"
    commit = {"sha": found(sha), "type": "commit", "url": f"{url}/commits/{sha}"}
    return {
        "ref": f"refs/{ref}",
        "node_id": shapes.node_id("REF", ref),
        "url": f"{url}/refs/{ref}",
        "object": commit,
    }


def commit(call, ref):
    sha = call.repository.store.resolve(ref)
    if sha is None:
        raise RefusedError(422, f"No commit found for SHA: {ref}")
    shape = shapes_git.commit(call.repository, sha)
    parent = shape["parents"][0]["sha"] if shape["parents"] else call.repository.store.empty_tree
    changed = call.repository.files(parent, sha)
    return shape | _files(call, changed, sha, "stats")


def compare(call, basehead):
    """The files are on the first page only."""
    base, dots, head = basehead.partition("...")
    if not dots:
        raise missing()
    repo = call.repository
    base, head = call.commit(base), call.commit(head)
    common = repo.store.merge_base(base, head)
    ahead, behind = repo.store.commits(base, head), repo.store.commits(head, base)
    words = {
        (True, True): "diverged",
        (True, False): "ahead",
        (False, True): "behind",
        (False, False): "identical",
    }
    web, api = (
        f"{call.server.url}/{repo.full_name}/compare",
        f"{call.server.api_url}/repos/{repo.full_name}/compare",
    )
    facts = {
        "url": f"{api}/{basehead}",
        "html_url": f"{web}/{basehead}",
        "permalink_url": f"{web}/{basehead}",
        "diff_url": f"{web}/{basehead}.diff",
        "patch_url": f"{web}/{basehead}.patch",
        "base_commit": shapes_git.commit(repo, base),
        "merge_base_commit": shapes_git.commit(repo, common),
        "status": words[bool(ahead), bool(behind)],
        "ahead_by": len(ahead),
        "behind_by": len(behind),
        "total_commits": len(ahead),
    }
    if call.query.get("page", "1") == "1":
        facts |= _files(call, repo.files(common, head), head)
    return call.page(ahead, lambda sha: shapes_git.commit(repo, sha), lambda page: facts | {"commits": page})


def _files(call, changed, sha, stats=None):
    shown = [shapes.file(call.repository, sha, file, patch=True) for file in changed[:MAX_COMPARED_FILES]]
    plus, minus = sum(file.additions for file in changed), sum(file.deletions for file in changed)
    counts = {stats: {"additions": plus, "deletions": minus, "total": plus + minus}} if stats else {}
    return counts | {"files": shown}


_ROOT = "/repos/{owner}/{repo}/"
ROUTES = {
    ("GET", _ROOT + "contents/{path}"): (contents, "contents"),
    ("GET", _ROOT + "git/blobs/{file_sha}"): (blob, "contents"),
    ("GET", _ROOT + "git/trees/{tree_sha}"): (tree, "contents"),
    ("GET", _ROOT + "git/commits/{commit_sha}"): (git_commit, "contents"),
    ("GET", _ROOT + "git/ref/{ref}"): (ref, "contents"),
    ("GET", _ROOT + "commits/{ref}"): (commit, "contents"),
    ("GET", _ROOT + "compare/{basehead}"): (compare, "contents"),
}
