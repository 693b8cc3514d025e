"""REST: repositories, people and the limits on requests."""

from github_server import shapes
from github_server.exchange import RefusedError
from github_server.people import NOBODY, NOT_FOR_APPS, ROLES

#: What an older answer calls the newer roles.
_OLD_NAMES = {"maintain": "write", "triage": "read"}


def repository(call):
    return shapes.full_repository(call.repository)


def permission(call, username):
    """Of anyone who has an account: on a public repository all may read."""
    if not call.token.app and not call.token.may(call.repository, "collaborators", "write"):
        raise RefusedError(403, "Must have push access to view collaborator permission.")
    if username not in call.server.accounts:
        raise RefusedError(404, f"{username} is not a user")
    role = call.repository.role(username)
    person = shapes.user(call.server, username) | {"role_name": role, "permissions": _permissions(role)}
    return {"permission": _OLD_NAMES.get(role, role), "user": person, "role_name": role}


def _permissions(role):
    names = {"pull": "read", "triage": "triage", "push": "write", "maintain": "maintain", "admin": "admin"}
    return {name: ROLES.index(role) >= ROLES.index(least) for name, least in names.items()}


def me(call):
    if call.token.app:
        raise RefusedError(403, NOT_FOR_APPS)
    if call.token == NOBODY:
        raise RefusedError(401, "Requires authentication")
    return _profile(call, call.token.login)


def membership(call, org, team_slug, username):
    """Of a team that the token may see: an app needs a permission that no workflow can give to GITHUB_TOKEN."""
    if call.token.app and call.token.permissions.get("members") != "read":
        raise RefusedError(403, NOT_FOR_APPS, X_Accepted_GitHub_Permissions="members=read")
    state = call.server.teams.get(f"{org}/{team_slug}", {}).get(username)
    if state is None:
        raise RefusedError(404, "Not Found")
    url = f"{call.server.api_url}/organizations/1/team/1/memberships/{username}"
    return {"url": url, "role": "member", "state": state}


def _profile(call, login):
    facts = {
        "name": login,
        "company": None,
        "blog": "",
        "location": None,
        "email": None,
        "hireable": None,
        "bio": None,
    }
    counts = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    dates = dict.fromkeys(("created_at", "updated_at"), "2018-07-30T09:30:17Z")
    return shapes.user(call.server, login) | facts | counts | dates


def rate_limit(call):
    core = call.server.limits.shape()
    names = ("core", "search", "graphql")
    return {"resources": dict.fromkeys(names, core), "rate": core}


_ROOT = "/repos/{owner}/{repo}"
ROUTES = {
    ("GET", _ROOT): (repository, "metadata"),
    ("GET", _ROOT + "/collaborators/{username}/permission"): (permission, "metadata"),
    ("GET", "/orgs/{org}/teams/{team_slug}/memberships/{username}"): (membership, None),
    ("GET", "/user"): (me, None),
    ("GET", "/rate_limit"): (rate_limit, None),
}
