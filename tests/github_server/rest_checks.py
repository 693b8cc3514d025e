"""REST: check runs, which only apps may write, and commit statuses."""

from dataclasses import dataclass, field

from github_server import shapes, shapes_said
from github_server.call import found
from github_server.exchange import Answer, RefusedError, invalid

MAX_STATUS_TEXT = 140
#: Bytes.
MAX_ANNOTATION = {"message": 65_536, "raw_details": 65_536, "title": 255}


@dataclass
class CheckRun:
    """`annotations` are those of all requests, in order."""

    id: int
    app: str
    name: str
    head_sha: str
    started: str
    status: str = "queued"
    conclusion: str | None = None
    completed: str | None = None
    external_id: str | None = None
    details_url: str | None = None
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    annotations: list = field(default_factory=list)


def create(call):
    _only_for_apps(call)
    body = call.body
    if call.repository.store.resolve(body["head_sha"]) != body["head_sha"]:
        raise RefusedError(422, f"No commit found for SHA: {body['head_sha']}")
    it = CheckRun(
        call.server.new_id(), call.token.slug, body["name"], body["head_sha"], call.repository.now()
    )
    _apply(call, it)
    call.repository.checks.append(it)
    return Answer(shapes_said.check_run(call.repository, it), 201)


def update(call, check_run_id):
    _only_for_apps(call)
    it = _run(call, check_run_id)
    if it.app != call.token.slug:
        message = f"Invalid app_id `{call.server.app_id(call.token.slug)}` - check run can only be modified by the GitHub App that created it."
        raise RefusedError(403, message)
    _apply(call, it)
    return shapes_said.check_run(call.repository, it)


def _only_for_apps(call):
    if not call.token.app:
        raise RefusedError(403, "You must authenticate via a GitHub App.")


def _run(call, check_run_id):
    return found(next((it for it in call.repository.checks if it.id == int(check_run_id)), None))


def _apply(call, it):
    body = call.body
    if body.get("status") == "completed" and not (body.get("conclusion") or it.conclusion):
        raise invalid("CheckRun", "conclusion", "missing_field")
    if body.get("conclusion") == "stale":
        raise invalid("CheckRun", "conclusion", "invalid")
    for key, name in (("name", "name"), ("external_id", "external_id"), ("details_url", "details_url"),
                      ("status", "status"), ("started_at", "started")):  # fmt: skip
        if key in body:
            setattr(it, name, body[key])
    if "conclusion" in body:
        it.status, it.conclusion = "completed", body["conclusion"]
        it.completed = body.get("completed_at", call.repository.now())
    elif it.status != "completed":
        it.conclusion = it.completed = None
    output = body.get("output", {})
    _check_annotations(output.get("annotations", []))
    for key in ("title", "summary", "text"):
        if key in output:
            setattr(it, key, output[key])
    it.annotations += output.get("annotations", [])


def _check_annotations(annotations):
    """What the description says of them in prose only."""
    for it in annotations:
        for key, most in MAX_ANNOTATION.items():
            if len(it.get(key, "").encode()) > most:
                raise invalid("CheckAnnotation", key, message=f"{key} is too long")


def one(call, check_run_id):
    return shapes_said.check_run(call.repository, _run(call, check_run_id))


def annotations(call, check_run_id):
    return call.page(
        _run(call, check_run_id).annotations, lambda it: shapes_said.annotation(call.repository, it)
    )


def of_commit(call, ref):
    """The newest run of each name and app, unless all are asked for; the newest first."""
    sha, query = call.commit(ref), call.query
    runs = [it for it in reversed(call.repository.checks) if it.head_sha == sha]
    if query.get("filter", "latest") == "latest":
        runs = list({(it.name, it.app): it for it in reversed(runs)}.values())[::-1]
    shown = [
        it
        for it in runs
        if query.get("check_name") in {None, it.name}
        and query.get("status") in {None, it.status}
        and query.get("app_id") in {None, str(call.server.app_id(it.app))}
    ]
    return call.page(
        shown,
        lambda it: shapes_said.check_run(call.repository, it),
        lambda page: {"total_count": len(shown), "check_runs": page},
    )


def set_status(call, sha):
    if len(call.body.get("description") or "") > MAX_STATUS_TEXT:
        raise invalid("Status", "description", message="description is too long (maximum is 140 characters)")
    it = {"sha": call.commit(sha), "context": "default", "description": None, "target_url": None} | call.body
    it |= {"id": call.server.new_id(), "login": call.token.login, "created": call.repository.now()}
    call.repository.statuses.append(it)
    return Answer(_status(call, it), 201)


def _status(call, it):
    creator = shapes.user(call.server, it["login"])
    return {
        "url": f"{call.server.api_url}/repos/{call.repository.full_name}/statuses/{it['sha']}",
        "avatar_url": creator["avatar_url"],
        "id": it["id"],
        "node_id": shapes.node_id("SC", it["id"]),
        **{key: it[key] for key in ("state", "description", "target_url", "context")},
        "created_at": it["created"],
        "updated_at": it["created"],
        "creator": creator,
    }


def status(call, ref):
    """The newest of each context, put together."""
    sha, repo = call.commit(ref), call.repository
    newest = list({it["context"]: it for it in repo.statuses if it["sha"] == sha}.values())
    states = {it["state"] for it in newest}
    state = "failure" if states & {"failure", "error"} else "success" if states == {"success"} else "pending"
    url = f"{call.server.api_url}/repos/{repo.full_name}/commits/{sha}"
    facts = {
        "state": state,
        "sha": sha,
        "total_count": len(newest),
        "url": f"{url}/status",
        "commit_url": url,
    }
    facts["repository"] = shapes.repository(repo)
    return call.page(newest, lambda it: _status(call, it), lambda page: facts | {"statuses": page})


_ROOT = "/repos/{owner}/{repo}/"
ROUTES = {
    ("POST", _ROOT + "check-runs"): (create, "checks"),
    ("GET", _ROOT + "check-runs/{check_run_id}"): (one, "checks"),
    ("PATCH", _ROOT + "check-runs/{check_run_id}"): (update, "checks"),
    ("GET", _ROOT + "check-runs/{check_run_id}/annotations"): (annotations, "checks"),
    ("GET", _ROOT + "commits/{ref}/check-runs"): (of_commit, "checks"),
    ("GET", _ROOT + "commits/{ref}/status"): (status, "statuses"),
    ("POST", _ROOT + "statuses/{sha}"): (set_status, "statuses"),
}
