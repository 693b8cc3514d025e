"""REST: what GitHub keeps for a pull request as an issue: its comments and labels."""

from github_server import shapes
from github_server.exchange import Answer, RefusedError, invalid, missing
from github_server.pull import IssueComment
from github_server.rest_reviews import MAX_BODY


def one(call, issue_number):
    return shapes.issue(call.pull(issue_number))


def comments(call, issue_number):
    pull = call.pull(issue_number)
    shown = [it for it in pull.issue_comments if it.updated >= call.query.get("since", "")]
    return call.page(shown, lambda it: shapes.issue_comment(pull, it))


def create(call, issue_number):
    pull, text = call.pull(issue_number), _text(call)
    now = call.repository.now()
    it = IssueComment(call.server.new_id(), call.token.login, text, now, now, call.token.slug)
    pull.issue_comments.append(it)
    return Answer(shapes.issue_comment(pull, it), 201)


def _text(call):
    text = call.body["body"]
    if not text.strip():
        raise invalid("IssueComment", "body", "missing_field")
    if len(text) > MAX_BODY:
        message = f"Body is too long (maximum is {MAX_BODY} characters)"
        raise invalid("IssueComment", "data", "unprocessable", message)
    return text


def _anywhere(call, comment_id):
    for pull in call.repository.pulls.values():
        for it in pull.issue_comments:
            if it.id == int(comment_id):
                return pull, it
    raise missing()


def comment(call, comment_id):
    return shapes.issue_comment(*_anywhere(call, comment_id))


def edit(call, comment_id):
    pull, it = _anywhere(call, comment_id)
    _may_change(call, it)
    it.body, it.updated = _text(call), call.repository.now()
    return shapes.issue_comment(pull, it)


def delete(call, comment_id):
    pull, it = _anywhere(call, comment_id)
    _may_change(call, it)
    pull.issue_comments.remove(it)
    return Answer(status=204)


def _may_change(call, it):
    if it.login != call.token.login and not call.token.moderates(call.repository):
        raise RefusedError(403, "Must have admin rights to Repository.")


def react(call, comment_id):
    _, it = _anywhere(call, comment_id)
    shape = {"id": call.server.new_id(), "user": shapes.user(call.server, call.token.login)}
    it.reactions.append((call.token.login, call.body["content"]))
    when = {"content": call.body["content"], "created_at": call.repository.now()}
    return Answer(shape | {"node_id": shapes.node_id("REA", shape["id"])} | when, 201)


def labels(call, issue_number):
    pull = call.pull(issue_number)
    return call.page(pull.labels, lambda name: shapes.label(call.repository, name))


def add_labels(call, issue_number):
    pull = call.pull(issue_number)
    wanted = call.body if isinstance(call.body, list) else call.body["labels"]
    for name in wanted:
        pull.label(name if isinstance(name, str) else name["name"], call.token.login)
    return [shapes.label(call.repository, name) for name in pull.labels]


def remove_label(call, issue_number, name):
    pull = call.pull(issue_number)
    if name not in pull.labels:
        raise RefusedError(404, "Label does not exist")
    pull.label(name, call.token.login, added=False)
    return [shapes.label(call.repository, name) for name in pull.labels]


_ROOT = "/repos/{owner}/{repo}/issues/"
#: Comments and labels of a pull request want the permission for pull requests, not the one for issues.
_NEEDS = "pull_requests"
ROUTES = {
    ("GET", _ROOT + "{issue_number}"): (one, _NEEDS),
    ("GET", _ROOT + "{issue_number}/comments"): (comments, _NEEDS),
    ("POST", _ROOT + "{issue_number}/comments"): (create, _NEEDS),
    ("GET", _ROOT + "{issue_number}/labels"): (labels, _NEEDS),
    ("POST", _ROOT + "{issue_number}/labels"): (add_labels, _NEEDS),
    ("DELETE", _ROOT + "{issue_number}/labels/{name}"): (remove_label, _NEEDS),
    ("GET", _ROOT + "comments/{comment_id}"): (comment, _NEEDS),
    ("PATCH", _ROOT + "comments/{comment_id}"): (edit, _NEEDS),
    ("DELETE", _ROOT + "comments/{comment_id}"): (delete, _NEEDS),
    ("POST", _ROOT + "comments/{comment_id}/reactions"): (react, _NEEDS),
}
