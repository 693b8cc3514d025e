"""Records tests/cassettes/end_to_end anew: `python tests/end_to_end/record_cassettes.py`. Needs Node and `npm ci`."""

import contextlib
import io
import json
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
import scenarios
from recording import aimock, recorded

from reviewbot import cli


def main():
    for scenario in scenarios.SCENARIOS:
        with tempfile.TemporaryDirectory() as folder:
            fixtures, patch = Path(folder, "fixtures.json"), Path(folder, "change.patch")
            fixtures.write_text(json.dumps({"fixtures": scenarios.fixtures(scenario)}))
            patch.write_text(scenarios.PATCH)
            with aimock(fixtures) as url, recorded(scenarios.cassette_path(scenario), url):
                os.environ.update(scenarios.environment(url))
                with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())):
                    status = cli.main(["review", "--diff", str(patch), "--repo", folder, "--format", "json"])
        sys.stderr.write(f"{scenario.name}: exit {status}, {scenario.exit} expected\n")


if __name__ == "__main__":
    main()
