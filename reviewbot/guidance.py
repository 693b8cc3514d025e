"""What a project has the models told in its own words: templates and guidelines, read where its configuration is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from reviewbot.errors import ConfigError
from reviewbot.globs import Globs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from reviewbot.config import Config
    from reviewbot.diff import FileDiff

#: Where a project's templates are if the configuration names no other folder.
FOLDER = ".github/reviewbot/prompts"
SUFFIX = ".j2"
#: Files of templates that are read: three stages and a system text for thirty models.
MAX_TEMPLATES = 120
#: Characters of all guidelines together, about 2,700 tokens: every request with files they are for pays for them.
CHARACTERS = 8_000


@dataclass(frozen=True, slots=True)
class Guideline:
    """Words of the project's maintainers, for the files that `match` or, without globs, for all.

    `source` names where they stand; `cut` is how many characters are missing at the end.
    """

    source: str
    text: str
    match: tuple[str, ...] = ()
    cut: int = 0

    def concerns(self, files: Iterable[FileDiff]) -> bool:
        """Whether it is for one of these files, by the new or the old path."""
        if not self.match:
            return True
        globs = Globs(self.match)
        return any(globs.match(f.path, *([f.old_path] if f.old_path else [])) for f in files)


@dataclass(frozen=True, slots=True)
class Guidance:
    """Templates by name, e.g. gpt/vote.md.j2, and guidelines in the order of the configuration."""

    templates: Mapping[str, str] = field(default_factory=dict)
    guidelines: tuple[Guideline, ...] = ()


class Place(Protocol):
    """Where the configuration is: a working tree, or a commit."""

    def below(self, folder: str) -> Sequence[str]:
        """The paths of all files in a folder, as seen from it; () without such a folder."""

    def texts(self, paths: Iterable[str]) -> Mapping[str, str]:
        """What is in these files; those that do not exist are left out. Raises ConfigError for what is no text."""


def gather(config: Config, place: Place) -> Guidance:
    """What the configuration refers to. Raises ConfigError for what is not there."""
    folder = config.prompts or FOLDER
    names = sorted(name for name in place.below(folder) if name.endswith(SUFFIX))
    if config.prompts and not names:
        raise ConfigError(f"prompts: there is no template in {folder}; put some there, or leave the key out")
    if len(names) > MAX_TEMPLATES:
        raise ConfigError(f"prompts: there are {len(names)} templates in {folder}; {MAX_TEMPLATES} are read")
    files = [rule.file for rule in config.guidelines if rule.file]
    texts = place.texts([*(f"{folder}/{name}" for name in names), *files])
    for number, rule in enumerate(config.guidelines):
        if rule.file and rule.file not in texts:
            raise ConfigError(f"guidelines[{number}].file: there is no {rule.file}")
    given = (
        Guideline(rule.file or f"guidelines[{number}]", texts.get(rule.file or "", rule.text), rule.match)
        for number, rule in enumerate(config.guidelines)
    )
    return Guidance({name: texts[f"{folder}/{name}"] for name in names}, tuple(_bounded(given)))


def warnings(guidelines: Iterable[Guideline]) -> tuple[str, ...]:
    """What is cut, a sentence each."""
    return tuple(
        f"guidelines: the last {rule.cut:,} characters of {rule.source} are not shown to the models; all guidelines together "
        f"may have {CHARACTERS:,}"
        for rule in guidelines
        if rule.cut
    )


def _bounded(guidelines: Iterable[Guideline]) -> Iterator[Guideline]:
    room = CHARACTERS
    for rule in guidelines:
        text = rule.text.strip()
        yield Guideline(rule.source, text[:room], rule.match, max(len(text) - room, 0))
        room = max(room - len(text), 0)
