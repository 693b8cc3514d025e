"""REST: reviews and the comments in them."""

from github_server import anchors, shapes_said
from github_server.call import found
from github_server.exchange import Answer, RefusedError, invalid, missing, unprocessable

MAX_BODY = 65_536
_STATES = {
    "APPROVE": "APPROVED",
    "REQUEST_CHANGES": "CHANGES_REQUESTED",
    "COMMENT": "COMMENTED",
    None: "PENDING",
}


def reviews(call, pull_number):
    pull = call.pull(pull_number)
    shown = [it for it in pull.reviews if it.state != "PENDING" or it.login == call.token.login]
    return call.page(shown, lambda it: shapes_said.review(pull, it))


def review(call, pull_number, review_id):
    pull = call.pull(pull_number)
    return shapes_said.review(pull, _review(call, pull, review_id))


def _review(call, pull, review_id):
    return found(next((it for it in pull.reviews if it.id == int(review_id)), None))


def create(call, pull_number):
    """All or nothing: whatever is wrong with one comment, there is no review."""
    pull, body = call.pull(pull_number), call.body
    event, drafts = body.get("event"), body.get("comments", [])
    _may(call, pull, event, body.get("body"), drafts)
    commit = body.get("commit_id", pull.head_sha)
    if commit not in pull.commits:
        raise unprocessable("The commitOID is not part of the pull request")
    places = [anchors.of_draft(draft, pull.files(commit)) for draft in drafts]
    made = pull.review(call.token.login, body.get("body") or "", _STATES[event], commit)
    for draft, place in zip(drafts, places, strict=True):
        pull.open_thread(made, draft, place)
    return shapes_said.review(pull, made)


def _may(call, pull, event, text, drafts):
    _not_too_long(text, *(draft["body"] for draft in drafts))
    if _has_pending(call, pull):
        raise unprocessable("User can only have one pending review per pull request")
    if event in {"COMMENT", "REQUEST_CHANGES"} and not text and not drafts:
        raise unprocessable("Body can't be blank")
    _may_judge(call, pull, event)


def _has_pending(call, pull):
    return any(it.state == "PENDING" and it.login == call.token.login for it in pull.reviews)


def _may_judge(call, pull, event):
    if event == "APPROVE" and call.token.actions:
        raise unprocessable("GitHub Actions is not permitted to approve pull requests.")
    if event in {"APPROVE", "REQUEST_CHANGES"} and pull.author == call.token.login:
        deed = {"APPROVE": "approve", "REQUEST_CHANGES": "request changes on"}[event]
        raise unprocessable(f"Review Can not {deed} your own pull request")


def _not_too_long(*texts):
    if any(len(text or "") > MAX_BODY for text in texts):
        raise unprocessable(f"Body is too long (maximum is {MAX_BODY} characters)")


def update(call, pull_number, review_id):
    pull = call.pull(pull_number)
    it = _review(call, pull, review_id)
    _not_too_long(call.body["body"])
    it.body = call.body["body"]
    return shapes_said.review(pull, it)


def submit(call, pull_number, review_id):
    """A pending review becomes visible."""
    pull = call.pull(pull_number)
    it = _review(call, pull, review_id)
    if it.state != "PENDING":
        raise unprocessable("Can not submit a review that is not pending")
    _may_judge(call, pull, call.body["event"])
    it.body, it.state = call.body.get("body", it.body), _STATES[call.body["event"]]
    it.submitted = call.repository.now()
    return shapes_said.review(pull, it)


def delete_pending(call, pull_number, review_id):
    pull = call.pull(pull_number)
    it = _review(call, pull, review_id)
    if it.state != "PENDING":
        raise unprocessable("Can not delete a non-pending pull request review")
    pull.reviews.remove(it)
    pull.threads[:] = [thread for thread in pull.threads if thread.comments[0].review is not it]
    return shapes_said.review(pull, it)


def comments(call, pull_number):
    pull = call.pull(pull_number)
    shown = pull.visible(call.token.login)
    if call.query.get("direction") == "desc":
        shown.reverse()
    return call.page(shown, lambda it: shapes_said.comment(pull, it))


def review_comments(call, pull_number, review_id):
    pull = call.pull(pull_number)
    it = _review(call, pull, review_id)
    return call.page([c for c in pull.comments if c.review is it], lambda c: shapes_said.comment(pull, c))


def create_comment(call, pull_number):
    """A single comment makes a review of its own."""
    pull, body = call.pull(pull_number), call.body
    if body.get("in_reply_to"):
        return create_reply(call, pull_number, body["in_reply_to"])
    _one_not_too_long(body["body"])
    if _has_pending(call, pull):
        raise invalid(
            "PullRequestReview",
            "user_id",
            message="user_id can only have one pending review per pull request",
        )
    if body["commit_id"] not in pull.commits:
        raise invalid(
            "PullRequestReviewComment", "commit_id", message="commit_id is not part of the pull request"
        )
    place = anchors.of_single(body, pull.files(body["commit_id"]))
    made = pull.review(call.token.login, "", "COMMENTED", body["commit_id"])
    return Answer(shapes_said.comment(pull, pull.open_thread(made, body, place)), 201)


def _one_not_too_long(text):
    if len(text) > MAX_BODY:
        message = f"body is too long (maximum is {MAX_BODY} characters)"
        raise invalid("PullRequestReviewComment", "body", message=message)


def create_reply(call, pull_number, comment_id):
    pull, body = call.pull(pull_number), call.body
    thread = found(pull.thread(int(comment_id)))
    _one_not_too_long(body["body"])
    return Answer(shapes_said.comment(pull, pull.reply(thread, call.token.login, body["body"])), 201)


def _anywhere(call, comment_id):
    """A review comment by its number alone."""
    for pull in call.repository.pulls.values():
        if thread := pull.thread(int(comment_id)):
            return pull, thread, next(it for it in thread.comments if it.id == int(comment_id))
    raise missing()


def comment(call, comment_id):
    pull, _, it = _anywhere(call, comment_id)
    return shapes_said.comment(pull, it)


def edit_comment(call, comment_id):
    pull, _, it = _anywhere(call, comment_id)
    _may_change(call, it)
    _one_not_too_long(call.body["body"])
    it.body, it.updated = call.body["body"], call.repository.now()
    return shapes_said.comment(pull, it)


def delete_comment(call, comment_id):
    pull, thread, it = _anywhere(call, comment_id)
    _may_change(call, it)
    thread.comments.remove(it)
    if not thread.comments:
        pull.threads.remove(thread)
    return Answer(status=204)


def _may_change(call, it):
    """Own ones, and everyone's for those who may write."""
    if it.login != call.token.login and not call.token.moderates(call.repository):
        raise RefusedError(403, "Must have admin rights to Repository.")


_ROOT = "/repos/{owner}/{repo}/pulls/"
_ONE = _ROOT + "{pull_number}/"
_NEEDS = "pull_requests"
ROUTES = {
    ("GET", _ONE + "reviews"): (reviews, _NEEDS),
    ("POST", _ONE + "reviews"): (create, _NEEDS),
    ("GET", _ONE + "reviews/{review_id}"): (review, _NEEDS),
    ("PUT", _ONE + "reviews/{review_id}"): (update, _NEEDS),
    ("DELETE", _ONE + "reviews/{review_id}"): (delete_pending, _NEEDS),
    ("POST", _ONE + "reviews/{review_id}/events"): (submit, _NEEDS),
    ("GET", _ONE + "reviews/{review_id}/comments"): (review_comments, _NEEDS),
    ("GET", _ONE + "comments"): (comments, _NEEDS),
    ("POST", _ONE + "comments"): (create_comment, _NEEDS),
    ("POST", _ONE + "comments/{comment_id}/replies"): (create_reply, _NEEDS),
    ("GET", _ROOT + "comments/{comment_id}"): (comment, _NEEDS),
    ("PATCH", _ROOT + "comments/{comment_id}"): (edit_comment, _NEEDS),
    ("DELETE", _ROOT + "comments/{comment_id}"): (delete_comment, _NEEDS),
}
