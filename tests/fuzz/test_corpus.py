"""Everything a fuzzer was started from or has found, and all that is nasty, tried again in every run of the tests."""

from pathlib import Path

import pytest
from hostile import NASTY
from targets import TARGETS

CORPUS = Path(__file__).parent / "corpus"
KEPT = [(path.parent.name, path) for path in sorted(CORPUS.glob("*/*"))]


def test_the_corpus_is_of_targets():
    assert {name for name, _ in KEPT} == set(TARGETS)


@pytest.mark.parametrize(
    ("target", "path"), [pytest.param(*kept, id=f"{kept[0]}: {kept[1].name}") for kept in KEPT]
)
def test_what_was_found(target, path):
    TARGETS[target](path.read_bytes())


@pytest.mark.parametrize("target", TARGETS)
def test_what_is_nasty(target):
    for text in NASTY.values():
        TARGETS[target](text.encode("utf-8", "surrogatepass"))
