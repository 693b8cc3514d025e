"""The commands that read the record of a run: is it sound, what was decided in it and why, and what would change it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from reviewbot import explain as story
from reviewbot import gate, outputs, printing, record, recorded
from reviewbot import replay as again
from reviewbot.environment import Environment
from reviewbot.errors import Exit
from reviewbot.sanitize import Sanitizer

if TYPE_CHECKING:
    from reviewbot.selection import Selection


def verify(name: str) -> Exit:
    """Say whether a record is as it was written. Exit BLOCKED if not, INCONCLUSIVE if its run did not end."""
    try:
        verified = record.read(Path(name))
    except record.BrokenRecordError as error:
        printing.write(f"broken: {error}\n", None)
        return Exit.BLOCKED
    lines = f"{len(verified.lines)} lines, the last with hash {verified.hash}\n"
    if not verified.ended:
        printing.write(f"cut off: {lines}The run did not end, or the end of the file was taken away.\n", None)
        return Exit.INCONCLUSIVE
    printing.write(f"sound: {lines}", None)
    return Exit.PASSED


def schema() -> Exit:
    """Print the JSON Schemas of what lines hold, by kind."""
    printing.write(json.dumps(recorded.schema(), indent=2) + "\n", None)
    return Exit.PASSED


def explain(finding: str, name: str) -> Exit:
    """Tell the story of one finding."""
    told = recorded.load(Path(name))
    printing.write(story.explained(told, again.decided(told), finding, _sanitizer()), None)
    return Exit.PASSED


def replay(name: str, policy: Selection | None, form: str, output: str | None) -> Exit:
    """Write the review that follows from a record, under another configuration if one is named."""
    printing.check(output)
    told = recorded.load(Path(name))
    before = again.decided(told)
    after = again.decided(told, policy.configuration()) if policy else before
    environment = Environment.read(os.environ)
    color = printing.color(output, plain=environment.no_color)
    text = outputs.render(after, form, _sanitizer(), width=printing.width(), color=color)
    if policy and form == "text":
        text = _changes(again.differences(before, after)) + "\n" + text
    printing.write(text, output)
    return gate.exit_status(after.decision)


def _changes(differences: tuple[str, ...]) -> str:
    if not differences:
        return "Under this configuration nothing changes.\n"
    safe = _sanitizer()
    return "Under this configuration:\n" + "".join(f"  {safe.line(line)}\n" for line in differences)


def _sanitizer() -> Sanitizer:
    return Sanitizer(())  # secrets were taken out when the record was written
