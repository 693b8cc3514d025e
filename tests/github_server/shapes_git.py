"""The JSON that GitHub makes of objects of git."""

import re

from github_server import shapes


def _urls(repo):
    return f"{repo.server.api_url}/repos/{repo.full_name}", f"{repo.server.url}/{repo.full_name}"


def git_commit(repo, sha):
    """As in the git data API."""
    api, html = _urls(repo)
    fields = repo.store.git("show", "-s", "--format=%T%n%P%n%an%n%ae%n%cI%n%B", sha).decode(
        "utf-8", "replace"
    )
    tree, parents, name, email, date, message = fields.removesuffix("\n").split("\n", 5)
    person = {"name": name, "email": email, "date": date.replace("+00:00", "Z")}
    return {
        "sha": sha,
        "node_id": shapes.node_id("C", sha),
        "url": f"{api}/git/commits/{sha}",
        "html_url": f"{html}/commit/{sha}",
        "author": person,
        "committer": person,
        "tree": {"sha": tree, "url": f"{api}/git/trees/{tree}"},
        "message": message.removesuffix("\n"),
        "parents": [
            {"sha": it, "url": f"{api}/git/commits/{it}", "html_url": f"{html}/commit/{it}"}
            for it in parents.split()
        ],
        "verification": {
            "verified": False,
            "reason": "unsigned",
            "signature": None,
            "payload": None,
            "verified_at": None,
        },
    }


def commit(repo, sha):
    """As in listings; the files are in the answer for one commit only."""
    api, html = _urls(repo)
    inner = git_commit(repo, sha)
    parents = [{**it, "url": f"{api}/commits/{it['sha']}"} for it in inner["parents"]]
    short = {key: inner[key] for key in ("author", "committer", "message", "tree", "verification")}
    return {
        "sha": sha,
        "node_id": inner["node_id"],
        "commit": short | {"url": inner["url"], "comment_count": 0},
        "url": f"{api}/commits/{sha}",
        "html_url": f"{html}/commit/{sha}",
        "comments_url": f"{api}/commits/{sha}/comments",
        "author": None,
        "committer": None,
        "parents": parents,
    }


def tree_entry(repo, entry):
    api, _ = _urls(repo)
    shape = {"path": entry.path, "mode": entry.mode, "type": entry.kind, "sha": entry.sha}
    if entry.kind == "commit":
        return shape  # a submodule: its objects are elsewhere
    size = {} if entry.size is None else {"size": entry.size}
    return shape | size | {"url": f"{api}/git/{entry.kind}s/{entry.sha}"}


_TYPES = {"tree": "dir", "commit": "submodule", "blob": "file"}


def content(repo, entry, ref, *, listed):
    """A file, folder, link or submodule of the contents API. In a listing a submodule says that it is a file."""
    api, html = _urls(repo)
    kind = "symlink" if entry.mode == "120000" else _TYPES[entry.kind]
    part = "tree" if kind in {"dir", "submodule"} else "blob"
    links = {
        "self": f"{api}/contents/{entry.path}?ref={ref}",
        "git": f"{api}/git/{part}s/{entry.sha}",
        "html": f"{html}/{part}/{ref}/{entry.path}",
    }
    shape = {
        "name": entry.path.rpartition("/")[2],
        "path": entry.path,
        "sha": entry.sha,
        "size": entry.size or 0,
        "url": links["self"],
        "html_url": links["html"],
        "git_url": links["git"],
        "download_url": f"{html}/raw/{ref}/{entry.path}" if part == "blob" else None,
        "type": "file" if listed and kind == "submodule" else kind,
        "_links": links,
    }
    if listed:
        return shape
    if kind == "submodule":
        return shape | {"submodule_git_url": _submodule_url(repo, entry.path, ref)}
    if kind == "symlink":
        return shape | {"target": repo.store.blob(entry.sha).decode()}
    return shape


def _submodule_url(repo, path, ref):
    found = repo.store.look_up(f"{ref}:.gitmodules")
    url = found and re.search(
        rf"path = {re.escape(path)}\n\s*url = (\S+)", found[2].decode("utf-8", "replace")
    )
    return url[1] if url else None
