"""Records tests/cassettes anew, against the aimock server of package.json: `python tests/providers/record_cassettes.py`.

Needs Node and `npm ci`. aimock is a stand-in: what it answers has the vendors' format, but is not from the vendors.
"""

import asyncio
import sys
from contextlib import suppress
from pathlib import Path

import asked

sys.path.insert(0, str(Path(__file__).parents[1]))
from recording import ROOT, aimock, recorded

from reviewbot.errors import ModelError


async def record(provider, url):
    model = asked.build(provider, url)
    for stage, case in asked.RECORDED:
        with suppress(ModelError):  # most cases are failures
            await model.complete(asked.prompt(case, stage), seconds=10)
    await model.close()


def main():
    with aimock(ROOT / "tests/fixtures") as url:
        for provider in asked.ADAPTERS:
            with recorded(asked.cassette_path(provider), url):
                asyncio.run(record(provider, url))


if __name__ == "__main__":
    main()
