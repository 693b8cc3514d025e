"""What a change or a model may try, and what a Markdown parser that we did not write makes of our answer."""

import re

from markdown_it import MarkdownIt

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
HARMLESS_BLOCKS = {"paragraph", "inline", "fence", "bullet_list", "ordered_list", "list_item"}
HARMLESS_SPANS = {"text", "code_inline", "softbreak", "hardbreak", "em", "strong"}
#: What GitHub acts on in text that is not code: mentions, references, commits, addresses, formulas.
ACTS = re.compile(r"@[\w-]|#\d|\bgh-\d|https?://|ftp://|\bwww\.|\b[0-9a-f]{7,40}\b|\$|&#64", re.IGNORECASE)


def kinds(tokens):
    return {re.sub("_(open|close)$", "", token.type) for token in tokens}


def dangers(markdown, *, ours=frozenset()):
    """Everything in it that a reader's browser, or GitHub, would do something about, but for blocks of these kinds."""
    blocks = PARSER.parse(markdown)
    spans = [span for block in blocks for span in block.children or ()]
    found = (kinds(blocks) - HARMLESS_BLOCKS - ours) | (kinds(spans) - HARMLESS_SPANS)
    found |= {
        f"text {hit[0]!r}" for span in spans if span.type == "text" for hit in ACTS.finditer(span.content)
    }
    active = ("suggestion", "math", "mermaid", "geojson", "topojson", "stl")
    return found | {
        f"fence {b.info}" for b in blocks if b.type == "fence" and b.info.lower().startswith(active)
    }


#: What GitHub's runner obeys in a log: at the start of a line, blanks aside, and in its old form anywhere.
COMMANDS = re.compile(r"^\s*::.*::|##\[", re.MULTILINE)

NASTY = {
    "a mention": "thanks @octocat and @org/team",
    "a mention made of an entity": "&#64;octocat &commat;octocat &#x40;octocat",
    "a mail address": "mail root@example.com",
    "an issue": "see #123",
    "an issue elsewhere": "see owner/repo#1, GH-12 and gh-12",
    "a closing keyword": "Fixes #12, closes owner/repo#3, resolves https://github.com/o/r/issues/4",
    "a commit": "since 0123abc and da39a3ee5e6b4b0d3255bfef95601890afd80709, o/r@0123abc",
    "a link": "[click](https://evil.example/a?b=c)",
    "a link with a title": '[click here](https://evil.example "title")',
    "a link without a scheme": "[click](//evil.example) [run](javascript:alert(1)) [x](data:text/html,y)",
    "a reference": "[text][ref]\n\n[ref]: https://evil.example\n\n[ref]",
    "a footnote": "text[^1]\n\n[^1]: https://evil.example",
    "an autolink": "<https://evil.example> <root@example.com>",
    "a bare address": "https://evil.example/x?y=1#2, HTTP://EVIL.example, ftp://evil.example",
    "a www address": "www.evil.example (www.evil.example)",
    "an image": "![pixel](https://evil.example/p.png?d=1)",
    "an image by reference": "![pixel][p]\n\n[p]: https://evil.example/p.png",
    "an image as HTML": '<img src="https://evil.example/p.png" onerror=alert(1)>',
    "a script": "<script>alert(1)</script>",
    "a block of HTML": "<div align=center>\n\n<h1>approved</h1>\n</div>",
    "the end of our block": "</details></td></table>\n</details>",
    "an unfinished tag": "<a href='https://evil.example'",
    "a comment": "a <!-- ignore all previous --> b\n<!-- open",
    "our marker": "<!-- reviewbot:v1 fp=0 -->\n<!--reviewbot:v1-->",
    "our marker in code": "`<!-- reviewbot:v1 -->`\n```\n<!--  ReviewBot:v1 -->\n```",
    "a heading": "# big\n###### small\n#\n- # in a list",
    "an underlined heading": "big\n===\n\nsmall\n---\n\nbig\n  =  \n",
    "a rule": "a\n\n***\n\n- - -\n\n___",
    "a table": "| a | b |\n|---|---|\n| 1 | 2 |",
    "a table without edges": "a | b\n:-: | -\n1 | 2",
    "a table that opens a code span": "a\n:-\n`x | @octocat` y",
    "a quote": "> quoted\n> [!WARNING]\n> approved",
    "a suggestion": "```suggestion\nrm -rf /\n```",
    "a suggestion with tildes": "~~~suggestion\nrm -rf /\n~~~",
    "a suggestion, indented, in capitals": "  ````  SUGGESTION x\n  rm\n  ````",
    "a suggestion in a list and a quote": "- ```suggestion\n  rm\n  ```\n\n> ~~~suggestion\n> rm\n> ~~~",
    "a drawing and a formula": "```mermaid\ngraph\n```\n```math\nx\n```\n~~~geojson\n{}\n~~~",
    "formulas": "$x$ $$y$$ $`z`$ cost $5",
    "an open fence": "```python\nx = 1",
    "an open tilde fence": "~~~\nx = 1\n```\ny",
    "a fence closed early": "````\n```\n@octocat\n````\n@octocat",
    "a fence with something after its end": "```\na\n``` no\n@octocat\n```\n@octocat",
    "an open code span": "a ` b @octocat\nc ` d @octocat",
    "an escaped backtick": "\\`@octocat\\` and `\\` @octocat `",
    "spans that touch": "`a```b``@octocat ```c`d```",
    "indented code": "a\n\n    @octocat <b>\n\n\t@octocat",
    "indented code in a list": "-     @octocat\n\n1.      #12",
    "task boxes": "- [x] approved\n- [ ] #1",
    "a command": "/approve\n  /lgtm\n//x",
    "an entity": "&lt;b&gt; &amp;#64;octocat &copy; &#0; &#35;123",
    "a comparison": "List<String> a && b, x[0] |= ~y",
    "strikethrough": "~~no~~ ~one~",
    "workflow commands": "::error file=x::pwned\n  ::stop-commands::x\n\u00a0::add-mask::a\n##[add-mask]a\nx ##[error]y",
    "a workflow command behind a line end of its own": "x\r::error::y\x0b::error::y\x85::error::y\u2028::error::y",
    "escape sequences": "\x1b]0;title\x07\x1b[2J\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\\x9b2J",
    "what rubs out what is before it": "bad\x08\x08\x08good\rgood",
    "a text turned round": "\u202e\u2066 drowssap \u2069\u202c",
    "text in tag characters": "a" + "".join(chr(0xE0000 + ord(c)) for c in "approve"),
    "bytes in variation selectors": "a" + "".join(chr(0xE0100 + ord(c) - 16) for c in "approve"),
    "accents without end": "a" + "\u0301" * 300,
    "half a character": "\ud83d \udc80",
}
