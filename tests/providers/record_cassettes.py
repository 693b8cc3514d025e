"""Records tests/cassettes anew, against stand-ins for the vendors: `python tests/providers/record_cassettes.py`.

Needs Node and `npm ci`, for aimock. What it answers has the vendors' formats, but is not from the vendors.
"""

import asyncio
import sys
from contextlib import suppress
from pathlib import Path

import asked
import converse_server

sys.path.insert(0, str(Path(__file__).parents[1]))
from recording import ROOT, aimock, recorded

from reviewbot.errors import ModelError

FIXTURES = ROOT / "tests/fixtures"


async def record(provider, url):
    model = asked.build(provider, url)
    for stage, case in asked.RECORDED:
        with suppress(ModelError):  # most cases are failures
            await model.complete(asked.prompt(case, stage), seconds=10)
    await model.close()


def main():
    with aimock(FIXTURES) as url:
        for provider in set(asked.ADAPTERS) - {"bedrock"}:
            with recorded(asked.cassette_path(provider), url):
                asyncio.run(record(provider, url))
    # aimock does not sign its errors as AWS does, and takes any request.
    with converse_server.running(FIXTURES / "contract.json", asked.AWS) as url:
        path = asked.cassette_path("bedrock")
        with recorded(path, url, against=converse_server.ABOUT, host="http://converse"):
            asyncio.run(record("bedrock", url))


if __name__ == "__main__":
    main()
