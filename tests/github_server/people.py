"""Who is asking, and what they may do: tokens of apps, with permissions, and of people, with roles."""

from dataclasses import dataclass, field

from github_server.exchange import RefusedError

ROLES = ("none", "read", "triage", "write", "maintain", "admin")
#: The role with which a person has a permission that apps are given by name; the rest wants "write".
_NEEDED = {("pull_requests", "write"): "read", ("issues", "write"): "read"}

NOT_FOR_APPS = "Resource not accessible by integration"
NOT_FOR_PEOPLE = "Resource not accessible by personal access token"


@dataclass(frozen=True)
class Account:
    id: int
    login: str

    @property
    def bot(self):
        return self.login.endswith("[bot]")


@dataclass(frozen=True)
class Token:
    """`permissions` is for an app's token; a person has what the role in the repository gives."""

    value: str = field(repr=False)
    login: str
    app: bool = False
    permissions: dict = field(default_factory=dict)

    @property
    def slug(self):
        """The name of the app; GITHUB_TOKEN is one of "github-actions"."""
        return self.login.removesuffix("[bot]") if self.app else None

    @property
    def actions(self):
        return self.slug == "github-actions"

    def may(self, repository, permission, level):
        if level == "read" and not repository.private:
            return True
        if self.app:
            granted = "read" if permission == "metadata" else self.permissions.get(permission, "none")
            return ROLES.index(granted) >= ROLES.index(level)
        needed = "read" if level == "read" else _NEEDED.get((permission, level), "write")
        return ROLES.index(repository.role(self.login)) >= ROLES.index(needed)

    def moderates(self, repository):
        """Whether comments of others may be changed."""
        if self.app:
            return self.may(repository, "pull_requests", "write")
        return ROLES.index(repository.role(self.login)) >= ROLES.index("write")


#: Of a request without a token.
NOBODY = Token("", "")


def check(token, repository, permission, level):
    """Raises the refusal that GitHub gives to this token."""
    if token.may(repository, permission, level):
        return
    if token == NOBODY and not repository.private:
        raise RefusedError(401, "Requires authentication")
    if token == NOBODY or (not token.app and repository.role(token.login) == "none" and repository.private):
        raise RefusedError(404, "Not Found")
    accepted = f"{permission}={level}"
    raise RefusedError(
        403, NOT_FOR_APPS if token.app else NOT_FOR_PEOPLE, X_Accepted_GitHub_Permissions=accepted
    )
