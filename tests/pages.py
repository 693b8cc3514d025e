"""What the pages of the repository hold, as a reader of Markdown sees it: blocks, links, headings."""

import itertools
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Block:
    """A fenced block. `kind` is the first word after the fence, `note` the others."""

    page: str
    line: int
    kind: str
    note: str
    text: str

    @property
    def place(self):
        return f"{self.page}:{self.line}"


def names(*, under=""):
    """Every page that git knows."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT, capture_output=True, check=True, text=True,
    ).stdout  # fmt: skip
    return [name for name in listed.splitlines() if name.startswith(under) and (ROOT / name).is_file()]


def text(name):
    return (ROOT / name).read_text("utf-8")


def _tokens(markdown):
    return MarkdownIt("commonmark").enable("table").parse(markdown)


def blocks(kind, *, of=None):
    """The fenced blocks of a kind, on these pages or on all."""
    return [
        Block(name, token.map[0] + 1, *_told(token.info), token.content)
        for name in (of or names())
        for token in _tokens(text(name))
        if token.type == "fence" and _told(token.info)[0] == kind
    ]


def _told(info):
    kind, _, note = info.strip().partition(" ")
    return kind, note


def _inside(name, *types):
    """Tokens of words in a line, and of HTML, on a page."""
    for token in _tokens(text(name)):
        yield from (inner for inner in [token, *(token.children or ())] if inner.type in types)


def spans(name):
    """What is written as code within a line."""
    return [token.content for token in _inside(name, "code_inline")]


def targets(name):
    """What links and pictures point at, unless it is elsewhere: (path from the top, anchor)."""
    found = [token.attrGet("href") for token in _inside(name, "link_open")]
    found += [token.attrGet("src") for token in _inside(name, "image")]
    for html in _inside(name, "html_block", "html_inline"):
        found += re.findall(r'\b(?:src|srcset|href)="([^"]*)"', html.content)
    for target in found:
        if not re.match(r"\w+:", target):
            path, _, anchor = unquote(target).partition("#")
            yield ((ROOT / name).parent / path).resolve() if path else ROOT / name, anchor


def anchors(markdown):
    """The names GitHub gives to the headings of a page."""
    seen, made = {}, set()
    for heading, inline in itertools.pairwise(_tokens(markdown)):
        if heading.type != "heading_open":
            continue
        words = "".join(part.content for part in inline.children if part.type in ("text", "code_inline"))
        slug = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
        number = seen[slug] = seen.get(slug, -1) + 1
        made.add(f"{slug}-{number}" if number else slug)
    return made
