"""Which of a list of globs a path matches, as .gitignore reads them but blind to case."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pathspec import GitIgnoreSpec

if TYPE_CHECKING:
    from collections.abc import Iterable


class Globs:
    """Globs in .gitignore semantics: the last one that matches decides, and `!` takes paths out again.

    `**/auth/**` also matches `auth/x` at the top, `*.sql` matches at any depth, `/x` and `a/b` only from the top.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        """Raises ValueError saying what is wrong with the first glob that cannot be used."""
        self.patterns = tuple(patterns)
        for pattern in self.patterns:
            _check(pattern)
        self._spec = GitIgnoreSpec.from_lines(p.lower() for p in self.patterns)

    def match(self, *paths: str) -> str | None:
        """The glob that decides for the first of `paths` that is in; None when none is."""
        for path in paths:
            # A line break is legal in a path, and no wildcard would match it: a way to slip past every glob.
            found = self._spec.check_file(re.sub(r"[\r\n]", "_", path).lower())
            if found.include and found.index is not None:
                return self.patterns[found.index]
        return None


def exactly(path: str) -> str:
    """The glob that this path alone matches, and what is in it."""
    return "/" + re.sub(r"([\\*?\[\]{} ])", r"\\\1", path.strip("/"))


def _check(pattern: str) -> None:
    if re.search(r"(?<!\\)\{", pattern):
        raise ValueError("braces mean nothing in a glob; write one for each alternative")
    try:
        compiled = GitIgnoreSpec.from_lines([pattern.lower()]).patterns
    except (ValueError, re.error) as error:
        raise ValueError(f"not a glob ({error})") from error
    if [p.include for p in compiled] in ([], [None]):
        raise ValueError("this glob matches no path")
