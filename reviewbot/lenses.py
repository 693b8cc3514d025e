"""What reviewers are to look for: each lens is a review of its own, of some files and preferably by some models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from reviewbot.globs import Globs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from reviewbot.diff import FileDiff
    from reviewbot.settings import Lens as Configured

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Lens:
    """`focus` are words of the configuration; without them the template of this name says what to look for.

    `paths` are globs, () for every file; `models` go first, by name; `proposers` seats at most review under it.
    """

    name: str
    focus: str = ""
    paths: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    proposers: int | None = None

    @classmethod
    def of(cls, lens: Configured) -> Lens:
        """That of a configuration."""
        return cls(lens.name, lens.focus, lens.paths, lens.models, lens.proposers)

    def concerns(self, file: FileDiff) -> bool:
        """Whether it is for this file, by the new or the old path."""
        if not self.paths:
            return True
        return Globs(self.paths).match(file.path, *([file.old_path] if file.old_path else [])) is not None

    def wanted(self, usual: int) -> int:
        """How many seats review under it, where `usual` would."""
        return min(usual, self.proposers or usual)

    def order(self, seats: Iterable[T], model: Callable[[T], str]) -> list[T]:
        """The seats as they are asked: whoever is preferred first, else by seat."""
        return sorted(seats, key=lambda seat: model(seat) not in self.models)


#: One look for everything: what holds for files that no lens is for.
COMBINED = Lens("")
