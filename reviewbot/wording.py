"""How likely it is that two texts tell of one defect, judged by their words alone."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from reviewbot.defects import classes

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Features:
    """What two texts have in common, by words from 0 to 1."""

    said: float  # by all their words
    opening: float  # by those they begin with, where the point is made
    defect: int  # the class of defect they name: -1 not the same, 0 not both name one, 1 a common one, 3 a rarer one

    @property
    def likeness(self) -> float:
        """One number, 0 to about 1; 0.04 more of it nearly triples the odds that it is one defect.

        The weights are those of a logistic regression on 5,288 labelled pairs of comments on 20 pull requests,
        rounded and scaled; `benchmarks/matching.py` fits them again, without the repository it then judges. That a
        rarer class counts three times is no fit, for the pairs hold too few: it is that none of 297 pairs of
        different issues on the same lines share one.
        """
        return max(0.0, 0.65 * self.said + 0.35 * self.opening + 0.05 * self.defect)


def compare(one: str, other: str) -> Features:
    """What two texts have in common; the same in either order."""
    return Features(
        _cosine(_words(one), _words(other)),
        _cosine(_words(one, _OPENING), _words(other, _OPENING)),
        _defect(classes(one), classes(other)),
    )


#: Missing values and races: the classes that different issues on one line share.
_COMMON = frozenset({"CWE-476", "CWE-362"})


def _defect(one: frozenset[str], other: frozenset[str]) -> int:
    if not one or not other:
        return 0
    if not one & other:
        return -1
    return 1 if one & other <= _COMMON else 3


#: Characters: what is read of a text, and what counts as its opening.
_READ, _OPENING = 8_000, 200
#: A word of prose counts 1; an identifier of several words, and each of those, half: both sides of two different
#: defects in one function share its names.
_OF_IDENTIFIER = 0.5

_FENCED = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)  # proposed code says what to do, not what is wrong
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|\d+")
_HUMP = re.compile(r"_+|(?<=[a-z0-9])(?=[A-Z])")
_STOP = frozenset(
    """a an and are as at be been but by can could do does for from has have if in into is it its may might must no
    not of on only or so such than that the their then there these this those to under use used uses using was when
    where which while will with without would should because instead also any each other same you your code line
    value function method call called calls calling new since via both more being how what who all one two error
    issue bug problem potential incorrect wrong missing risk cause causes causing lead leads leading result
    results correctness""".split()
)
_ENDINGS = ("ations", "ation", "ings", "ing", "ised", "ized", "ied", "ies", "ed", "es", "ly", "s")


@lru_cache(maxsize=4096)
def _words(text: str, length: int = _READ) -> Mapping[str, float]:
    """What the beginning of a text is about, each word with its weight: stems, and identifiers whole and in pieces."""
    weights: dict[str, float] = {}
    for raw in _IDENTIFIER.findall(_FENCED.sub(" ", text[:_READ]).strip()[:length]):
        pieces = [piece.lower() for piece in _HUMP.split(raw) if piece]
        weight = _OF_IDENTIFIER if len(pieces) > 1 else 1.0
        if len(pieces) > 1:
            weights[f"#{raw.lower()}"] = weight
        for piece in pieces:
            if len(piece) > 1 and piece not in _STOP:
                stem = _stem(piece)
                weights[stem] = max(weights.get(stem, 0.0), weight)
    return weights


def _stem(word: str) -> str:
    ending = next((e for e in _ENDINGS if word.endswith(e) and len(word) - len(e) >= 3), "")
    return word.removesuffix(ending)


def _cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Ochiai's coefficient, with weights: kinder than Jaccard's to a short text beside a long one."""
    shared = math.fsum(min(one[word], other[word]) for word in one.keys() & other.keys())
    return shared / math.sqrt(math.fsum(one.values()) * math.fsum(other.values())) if shared else 0.0
