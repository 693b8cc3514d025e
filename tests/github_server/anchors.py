"""Where a comment may stand: on a line of a hunk, on several of one hunk, or on a changed file as a whole."""

from github_server.exchange import RefusedError, unprocessable

_OUTSIDE = "Line could not be resolved"
_THREAD = "pull_request_review_thread"


def of_draft(draft, files):
    """The place of a comment that comes in a review; GitHub does not say which one it could not place."""
    file = next((file for file in files if file.path == draft["path"]), None)
    if file is None:
        raise unprocessable("Path could not be resolved")
    return _placed(draft, file, _unnamed)


def of_single(draft, files):
    """The place of a comment that comes alone; here the fields at fault are named."""
    file = next((file for file in files if file.path == draft["path"]), None)
    if file is None:
        raise _failed({"code": "invalid", "field": f"{_THREAD}.path"})
    if draft.get("subject_type") == "file":
        return {}
    if "line" not in draft and "position" not in draft:
        raise _failed({"code": "missing_field", "field": f"{_THREAD}.line"})
    return _placed(draft, file, _named)


_ORDER = "start line must precede the end line."
_DIFF = "must be part of the diff"
_HUNK = "must be part of the same hunk as the line."


def _placed(draft, file, refusal):
    if "line" not in draft:
        return _by_position(draft, file, refusal)
    side, line = draft.get("side", "RIGHT"), draft["line"]
    place = file.places.get((side, line))
    if place is None:
        raise refusal("line", _DIFF)
    found = {"side": side, "line": line, "position": place.position, "hunk": place.hunk}
    if "start_line" not in draft:
        return found
    start_side, start = draft.get("start_side", side), draft["start_line"]
    first = file.places.get((start_side, start))
    if start_side == side and start >= line:
        raise refusal("start_line", _ORDER)
    if first is None or first.number != place.number or first.position >= place.position:
        raise refusal("start_line", _HUNK)
    return found | {"start_side": start_side, "start_line": start}


def _by_position(draft, file, refusal):
    """A context line is on both sides; a comment by position is on the right one."""
    sides = {
        side: (line, place)
        for (side, line), place in file.places.items()
        if place.position == draft.get("position")
    }
    for side in ("RIGHT", "LEFT"):
        if side in sides:
            line, place = sides[side]
            return {"side": side, "line": line, "position": place.position, "hunk": place.hunk}
    raise refusal("position", _DIFF)


def _unnamed(_field, reason):
    return unprocessable(f"Pull request review thread {reason}" if reason == _ORDER else _OUTSIDE)


def _named(field, reason):
    first = {"code": "custom", "field": f"{_THREAD}.{field}", "message": f"{_THREAD}.{field} {reason}"}
    if reason == _ORDER:
        return _failed({**first, "message": f"{_THREAD} {reason}"})
    return _failed(first, {"code": "missing_field", "field": f"{_THREAD}.diff_hunk"})


def _failed(*errors):
    return RefusedError(
        422, "Validation Failed", *({"resource": "PullRequestReviewComment", **error} for error in errors)
    )
