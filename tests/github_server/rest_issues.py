"""REST: a pull request seen as an issue, and the comments below it."""

from github_server import shapes, shapes_said
from github_server.exchange import Answer, RefusedError, invalid, missing
from github_server.rest_reviews import MAX_BODY


def one(call, issue_number):
    return shapes.issue(call.pull(issue_number))


def comments(call, issue_number):
    pull = call.pull(issue_number)
    shown = [it for it in pull.issue_comments if it.updated >= call.query.get("since", "")]
    return call.page(shown, lambda it: shapes_said.issue_comment(pull, it))


def create(call, issue_number):
    pull, text = call.pull(issue_number), _text(call)
    it = pull.say(call.token.login, text, app=call.token.slug)
    return Answer(shapes_said.issue_comment(pull, it), 201)


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
    return shapes_said.issue_comment(*_anywhere(call, comment_id))


def edit(call, comment_id):
    pull, it = _anywhere(call, comment_id)
    _may_change(call, it)
    it.body, it.updated = _text(call), call.repository.now()
    return shapes_said.issue_comment(pull, it)


def delete(call, comment_id):
    pull, it = _anywhere(call, comment_id)
    _may_change(call, it)
    pull.issue_comments.remove(it)
    return Answer(status=204)


def _may_change(call, it):
    if it.login != call.token.login and not call.token.moderates(call.repository):
        raise RefusedError(403, "Must have admin rights to Repository.")


_ROOT = "/repos/{owner}/{repo}/issues/"
#: Comments on a pull request want the permission for pull requests, not the one for issues.
_NEEDS = "pull_requests"
ROUTES = {
    ("GET", _ROOT + "{issue_number}"): (one, _NEEDS),
    ("GET", _ROOT + "{issue_number}/comments"): (comments, _NEEDS),
    ("POST", _ROOT + "{issue_number}/comments"): (create, _NEEDS),
    ("GET", _ROOT + "comments/{comment_id}"): (comment, _NEEDS),
    ("PATCH", _ROOT + "comments/{comment_id}"): (edit, _NEEDS),
    ("DELETE", _ROOT + "comments/{comment_id}"): (delete, _NEEDS),
}
