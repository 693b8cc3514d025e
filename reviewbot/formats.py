"""The values of `--format`, in a place so light that the command line can name them before anything is loaded."""

from __future__ import annotations

from types import MappingProxyType

#: Each with its module in `reviewbot.outputs`. To add one: a module with `render(page)`, and a line.
FORMATS = MappingProxyType(
    {
        "text": "console",
        "json": "report",
        "markdown": "markdown",
        "sarif": "sarif",
        "rdjson": "rdjson",
        "gitlab": "gitlab",
        "html": "html",
    }
)
