"""GraphQL: commits, trees and blobs."""

from github_server.graph_base import GraphError, connection, forbidden
from github_server.shapes import node_id

#: Bytes of a blob that come as text. GitHub documents that there is a limit, not which.
MAX_TEXT = 512_000


def git_object(viewer, repo, expression):
    """What an expression of git names; a value that costs something is a function."""
    if not viewer.may(repo, "contents"):
        raise forbidden()
    found = repo.store.look_up(expression)
    if found is None:
        return None
    sha, kind, data = found
    html = f"{repo.server.url}/{repo.full_name}"
    common = {
        "id": node_id("O", sha),
        "oid": sha,
        "abbreviatedOid": sha[:7],
        "commitUrl": f"{html}/commit/{sha}",
        "commitResourcePath": f"/{repo.full_name}/commit/{sha}",
    }
    if kind == "blob":
        return common | _blob(data)
    return common | (_tree if kind == "tree" else _commit)(viewer, repo, sha)


def _blob(data):
    binary = b"\0" in data[:8_000]
    return {
        "__typename": "Blob",
        "byteSize": len(data),
        "isBinary": None if len(data) > MAX_TEXT else binary,  # of what it cuts, GitHub does not know
        "isTruncated": len(data) > MAX_TEXT,
        "text": None if binary else data[:MAX_TEXT].decode("utf-8", "replace"),
    }


def _tree(viewer, repo, sha):
    return {
        "__typename": "Tree",
        "entries": lambda _info: [_entry(viewer, repo, it, "") for it in repo.store.tree(sha)],
    }


def _entry(viewer, repo, entry, folder):
    return {
        "name": entry.path.rpartition("/")[2],
        "path": folder + entry.path,
        "oid": entry.sha,
        "mode": int(entry.mode, 8),
        "type": entry.kind,
        "size": entry.size or 0,
        "object": lambda _info: git_object(viewer, repo, entry.sha),
    }


def _commit(viewer, repo, sha):
    fields = repo.store.git("show", "-s", "--format=%T%n%P%n%cI%n%B", sha).decode("utf-8", "replace")
    tree, parents, date, message = fields.split("\n", 3)
    html = f"{repo.server.url}/{repo.full_name}"

    def file(_info, path):
        entry = repo.store.entry(sha, path)
        if entry is None:
            raise GraphError("NOT_FOUND", f"Could not resolve file for path '{path}'.")
        return _entry(viewer, repo, entry, "")

    return {
        "__typename": "Commit",
        "message": message.rstrip("\n"),
        "messageHeadline": message.partition("\n")[0],
        "committedDate": date,
        "authoredDate": date,
        "url": f"{html}/commit/{sha}",
        "treeUrl": f"{html}/tree/{sha}",
        "tree": lambda _info: git_object(viewer, repo, tree),
        "file": file,
        "parents": connection("parents", parents.split(), lambda it: git_object(viewer, repo, it)),
    }
