"""The process in which our own analysers read hostile text: requests on stdin, outcomes on stdout, both JSON.

A native parser or a regular expression can hang or abort on it; here that costs one process and no review.
"""

from __future__ import annotations

import json
import sys

from reviewbot.analyzers import astgrep, lexical
from reviewbot.analyzers.source import Language

_READERS = {"ast-grep": astgrep.read, "lexical": lexical.read}


def main() -> None:
    """`worker NAME`, with a list of [language, text] on stdin."""
    read = _READERS[sys.argv[1]]
    answers = []
    for language, text in json.load(sys.stdin):
        outcome = read(Language(language), text)
        answers.append(
            {"marks": [[m.first_line, m.last_line, m.rule] for m in outcome.marks], "gaps": outcome.gaps}
        )
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
