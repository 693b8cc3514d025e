"""The JSON that GitHub makes of what was said on a pull request or a commit."""

from github_server import shapes


def review(pr, it):
    html = f"{shapes.html_url(pr)}#pullrequestreview-{it.id}"
    shape = {
        "id": it.id,
        "node_id": shapes.node_id("PRR", it.id),
        "user": shapes.user(pr.repository.server, it.login),
        "body": it.body,
        "state": it.state,
        "html_url": html,
        "pull_request_url": shapes.api_url(pr, "pulls", pr.number),
        "author_association": shapes.association(pr.repository, it.login),
        "_links": {"html": {"href": html}, "pull_request": {"href": shapes.api_url(pr, "pulls", pr.number)}},
        "commit_id": it.commit,
    }
    return shape | ({"submitted_at": it.submitted} if it.submitted else {})


def reactions(url):
    kinds = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")
    return {"url": f"{url}/reactions", "total_count": 0} | dict.fromkeys(kinds, 0)


def comment(pr, it):
    """A review comment where it stands now: `line` and `position` are null once it is outdated."""
    now = pr.now(it)
    url, html = shapes.api_url(pr, "pulls", "comments", it.id), f"{shapes.html_url(pr)}#discussion_r{it.id}"
    links = {"self": url, "html": html, "pull_request": shapes.api_url(pr, "pulls", pr.number)}
    shape = {
        "url": url,
        "pull_request_review_id": it.review.id,
        "id": it.id,
        "node_id": shapes.node_id("PRRC", it.id),
        "diff_hunk": it.hunk,
        "path": now.path or it.path,
        "position": now.position,
        "original_position": it.position,
        "commit_id": pr.head_sha if now.path else it.commit,
        "original_commit_id": it.commit,
        "user": shapes.user(pr.repository.server, it.login),
        "body": it.body,
        "created_at": it.created,
        "updated_at": it.updated,
        "html_url": html,
        "pull_request_url": links["pull_request"],
        "author_association": shapes.association(pr.repository, it.login),
        "_links": {name: {"href": href} for name, href in links.items()},
        "start_line": now.start_line,
        "original_start_line": it.start_line,
        "start_side": it.start_side,
        "line": now.line,
        "original_line": it.line,
        "side": it.side or "RIGHT",
        "subject_type": "file" if it.of_file else "line",
        "reactions": reactions(url),
    }
    return shape | ({"in_reply_to_id": it.reply_to} if it.reply_to else {})


def issue_comment(pr, it):
    url = shapes.api_url(pr, "issues", "comments", it.id)
    return {
        "url": url,
        "html_url": f"{shapes.html_url(pr)}#issuecomment-{it.id}",
        "issue_url": shapes.api_url(pr, "issues", pr.number),
        "id": it.id,
        "node_id": shapes.node_id("IC", it.id),
        "user": shapes.user(pr.repository.server, it.login),
        "created_at": it.created,
        "updated_at": it.updated,
        "author_association": shapes.association(pr.repository, it.login),
        "body": it.body,
        "reactions": reactions(url),
        "performed_via_github_app": shapes.integration(pr.repository.server, it.app) if it.app else None,
    }


def check_run(repo, it):
    server = repo.server
    url = f"{server.api_url}/repos/{repo.full_name}/check-runs/{it.id}"
    html = f"{server.url}/{repo.full_name}/runs/{it.id}"
    return {
        "id": it.id,
        "name": it.name,
        "node_id": shapes.node_id("CR", it.id),
        "head_sha": it.head_sha,
        "external_id": it.external_id,
        "url": url,
        "html_url": html,
        "details_url": it.details_url or html,
        "status": it.status,
        "conclusion": it.conclusion,
        "started_at": it.started,
        "completed_at": it.completed,
        "output": {
            "title": it.title,
            "summary": it.summary,
            "text": it.text,
            "annotations_count": len(it.annotations),
            "annotations_url": f"{url}/annotations",
        },
        "check_suite": {"id": server.app_id(it.app) * 1_000 + int(it.head_sha[:4], 16)},
        "app": shapes.integration(server, it.app),
        "pull_requests": [
            _minimal(pr) for pr in repo.pulls.values() if pr.head_sha == it.head_sha and not pr.fork
        ],
    }


def _minimal(pr):
    repo = pr.repository
    where = {"id": repo.id, "url": f"{repo.server.api_url}/repos/{repo.full_name}", "name": repo.name}
    ends = {"head": (pr.head_ref, pr.head_sha), "base": (pr.base_ref, pr.base_sha)}
    shape = {"id": pr.id, "number": pr.number, "url": shapes.api_url(pr, "pulls", pr.number)}
    return shape | {end: {"ref": ref, "sha": sha, "repo": where} for end, (ref, sha) in ends.items()}


def annotation(repo, it):
    blob = f"{repo.server.url}/{repo.full_name}/blob/HEAD/{it['path']}"
    empty = dict.fromkeys(("start_column", "end_column", "title", "raw_details"))
    return empty | it | {"blob_href": blob}
