"""Feeds a target with what a fuzzer makes of its corpus: `fuzz.py TARGET [-max_total_time=600]`.

Needs `pip install atheris`. New inputs go to a folder of their own; what fails is kept in the working directory, and belongs,
once it is understood, into tests/fuzz/corpus/TARGET.
"""

import sys
import tempfile
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parents[1]))

with atheris.instrument_imports(include=["reviewbot"]):
    from targets import TARGETS

    import reviewbot.hunks
    import reviewbot.patch  # noqa: F401 - imported late by who uses them, and to be watched all the same

if __name__ == "__main__":
    target = sys.argv.pop(1)
    corpus = Path(__file__).parent / "corpus" / target
    atheris.Setup(
        [sys.argv[0], tempfile.mkdtemp(prefix="fuzz-"), str(corpus), *sys.argv[1:]], TARGETS[target]
    )
    atheris.Fuzz()
