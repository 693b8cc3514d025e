"""Which routing rule a file falls under, if any."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewbot.globs import Globs
from reviewbot.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reviewbot.diff import FileDiff
    from reviewbot.settings import Route


@dataclass(frozen=True, slots=True)
class Routed:
    """The rule that decides for a file: its place among the rules, from 0, and what it says."""

    place: int
    rule: Route


class Routes:
    """The rules of a configuration; the first that matches decides."""

    def __init__(self, rules: Iterable[Route]) -> None:
        self._rules = [
            (
                Routed(place, rule),
                [Globs(globs) for globs in (rule.match, KINDS[rule.files] if rule.files else ()) if globs],
            )
            for place, rule in enumerate(rules)
        ]

    def of(self, file: FileDiff) -> Routed | None:
        """The rule for this file. One that was renamed or copied must match by both of its paths."""
        # Else moving code to where less is looked at would be a way around the review of it.
        paths = [path for path in (file.path, file.old_path) if path]
        for routed, kinds in self._rules:
            if all(globs.match(path) for globs in kinds for path in paths):
                return routed
        return None
