"""The payload of a webhook, as a workflow finds it in GITHUB_EVENT_PATH: GitHub's example with our values."""

from copy import deepcopy

from github_server import shapes, shapes_said


def payload(name, pull, *, sender=None, action=None, **more):
    """`sender` is who did it, by default the author of the pull request."""
    repo = pull.repository
    event = deepcopy(shapes.examples()[name.removesuffix("_target")])
    for key in ("organization", "installation"):
        event.pop(key, None)
    event |= {
        "repository": shapes.repository(repo),
        "sender": shapes.user(repo.server, sender or pull.author),
    }
    return event | _KINDS[name](pull, event, action or event.get("action"), sender or pull.author, **more)


def _pull_request(pull, _event, action, _sender, *, label=None, before=None):
    event = {"action": action, "number": pull.number, "pull_request": shapes.full_pull(pull)}
    if action in {"labeled", "unlabeled"}:
        event["label"] = shapes.label(pull.repository, label)
    if action == "synchronize":
        event |= {"before": before or pull.pushes[-2], "after": pull.head_sha}
    return event


def _issue_comment(pull, event, action, sender, *, body="", comment=None):
    """On a comment that is there, or on one that says `body`."""
    if comment is None:
        text = {"body": body, "user": shapes.user(pull.repository.server, sender)}
        association = shapes.association(pull.repository, sender)
        shape = event["comment"] | text | {"author_association": association}
    else:
        shape = shapes_said.issue_comment(pull, comment)
    return {"action": action, "issue": shapes.issue(pull), "comment": shape}


def _merge_group(pull, event, action, _sender, *, head):
    """`head` is the commit of the queue."""
    group = event["merge_group"] | {
        "head_sha": head,
        "head_ref": f"refs/heads/gh-readonly-queue/{pull.base_ref}/pr-{pull.number}-{pull.base_sha}",
        "base_sha": pull.base_sha,
        "base_ref": f"refs/heads/{pull.base_ref}",
    }
    group["head_commit"] = group["head_commit"] | {"id": head}
    return {"action": action, "merge_group": group}


def _workflow_dispatch(pull, _event, _action, _sender, *, inputs=None):
    return {"inputs": inputs or {}, "ref": f"refs/heads/{pull.repository.default_branch}"}


_KINDS = {
    "issue_comment": _issue_comment,
    "merge_group": _merge_group,
    "pull_request": _pull_request,
    "pull_request_target": _pull_request,
    "workflow_dispatch": _workflow_dispatch,
}
