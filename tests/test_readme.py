"""README.md shows a newcomer all there is, and what CI tries."""

import re

import pages
import pytest
from test_docs import COMMANDS

from reviewbot.errors import Exit

README = pages.text("README.md")


@pytest.mark.parametrize("command", [" ".join(command) for command in COMMANDS])
def test_it_shows_every_command(command):
    assert command in README


@pytest.mark.parametrize("status", Exit)
def test_it_explains_every_exit_status(status):
    assert re.search(rf"^\| *`?{status.value}`? *\|", README, re.MULTILINE)


@pytest.mark.parametrize("mark", ["first-run", "tests"])
def test_it_has_the_commands_ci_tries(mark):
    block = re.compile(rf"^<!-- ci: {mark}(?: exit=\d+)? -->\n+```sh\n(.*)\n```$", re.MULTILINE)
    assert len(block.findall(README)) == 1


def test_it_leads_to_every_page():
    linked = {path for path, _ in pages.targets("README.md")}
    missing = {pages.ROOT / name for name in pages.names(under="docs/")} - linked
    assert not missing, "name them in its table of pages"
