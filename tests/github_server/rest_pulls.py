"""REST: pull requests, their files and commits."""

from github_server import changes, shapes, shapes_git
from github_server.exchange import Answer, RefusedError

#: Above these there is no diff, only the listing of files.
MAX_DIFF_FILES, MAX_DIFF_LINES = 300, 20_000
MAX_COMMITS = 250


def one(call, pull_number):
    pull = call.pull(pull_number)
    if call.request.media == "diff":
        return Answer(_diff(pull), headers={"Content-Type": "application/vnd.github.v3.diff; charset=utf-8"})
    return shapes.full_pull(pull)


def _diff(pull):
    text = changes.diff_text(pull.repository.store, pull.merge_base, pull.head_sha)
    for size, most, what in (
        (len(pull.files()), MAX_DIFF_FILES, "files"),
        (text.count("\n"), MAX_DIFF_LINES, "lines"),
    ):
        if size > most:
            error = {"resource": "PullRequest", "field": "diff", "code": "too_large"}
            message = f"Sorry, the diff exceeded the maximum number of {what} ({most})."
            raise RefusedError(406, message, error)
    return text


def listing(call):
    state, head = call.query.get("state", "open"), call.query.get("head")
    pulls = [
        pull
        for pull in reversed(call.repository.pulls.values())
        if state in {"all", pull.state}
        and call.query.get("base") in {None, pull.base_ref}
        and head in {None, shapes.pull(pull)["head"]["label"]}
    ]
    return call.page(pulls, shapes.pull)


def files(call, pull_number):
    pull = call.pull(pull_number)
    listed = pull.files()[: pull.repository.listing_cap]
    shown = patched(listed, pull.repository.without_patch)
    return call.page(
        listed, lambda file: shapes.file(call.repository, pull.head_sha, file, patch=file.path in shown)
    )


def patched(files, without):
    """The paths whose patch GitHub gives: not those too large, nor what follows when all are too large."""
    shown, total = set(), 0
    for file in files:
        size = len((file.patch or "").encode())
        total += size
        lines = file.additions + file.deletions
        fits = size <= changes.MAX_PATCH_BYTES and lines <= changes.MAX_PATCH_LINES
        if fits and total <= changes.MAX_PATCHES_BYTES and file.path not in without:
            shown.add(file.path)
    return shown


def commits(call, pull_number):
    pull = call.pull(pull_number)
    return call.page(pull.commits[:MAX_COMMITS], lambda sha: shapes_git.commit(call.repository, sha))


def of_commit(call, commit_sha):
    sha = call.commit(commit_sha)
    return call.page([p for p in call.repository.pulls.values() if sha in p.commits], shapes.pull)


_ROOT = "/repos/{owner}/{repo}/"
ROUTES = {
    ("GET", _ROOT + "pulls"): (listing, "pull_requests"),
    ("GET", _ROOT + "pulls/{pull_number}"): (one, "pull_requests"),
    ("GET", _ROOT + "pulls/{pull_number}/files"): (files, "pull_requests"),
    ("GET", _ROOT + "pulls/{pull_number}/commits"): (commits, "pull_requests"),
    ("GET", _ROOT + "commits/{commit_sha}/pulls"): (of_commit, "pull_requests"),
}
