"""One request as it came in, and the answer to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Request:
    """`path` is below the API's root and still quoted; names of headers are in lower case."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None

    @property
    def media(self) -> str:
        """The format asked for: "json", or e.g. "raw" for application/vnd.github.v3.raw+json."""
        for name in ("raw", "diff", "patch"):
            if any(part.strip().removesuffix("+json").endswith(f".{name}") for part in self.accepted):
                return name
        return "json"

    @property
    def accepted(self) -> list[str]:
        return self.headers.get("accept", "").split(",")


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is a JSON value; text goes out as it is."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A line of the log: what was asked, by whom, and what was answered (0: the connection was cut)."""

    method: str
    path: str
    status: int
    body: Any = None
    query: Mapping[str, str] = field(default_factory=dict)
    login: str = ""
    answer: Any = None
    operation: str = ""


class RefusedError(Exception):
    """GitHub says no; carries the answer."""

    def __init__(self, status, message, *errors, **headers):
        super().__init__(message)
        body = {"message": message}
        if errors:
            body["errors"] = list(errors)
        body |= {"documentation_url": "https://docs.github.com/rest", "status": str(status)}
        self.answer = Answer(body, status, {name.replace("_", "-"): value for name, value in headers.items()})


def missing():
    return RefusedError(404, "Not Found")


def invalid(resource, field, code="custom", message=""):
    """A 422 of the kind that names a field."""
    error = {"resource": resource, "code": code, "field": field} | ({"message": message} if message else {})
    return RefusedError(422, "Validation Failed", error)


def unprocessable(*errors):
    """A 422 of the kind that gives sentences."""
    return RefusedError(422, "Unprocessable Entity", *errors)
