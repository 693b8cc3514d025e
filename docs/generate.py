"""Write the keys of `.reviewbot.yml` into docs/configuration.md, from its schema and the complete example.

python docs/generate.py
"""

from __future__ import annotations

import json
import re
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reviewbot import config

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Schema = Mapping[str, Any]

COMMAND = "python docs/generate.py"
PAGE = Path(__file__).with_name("configuration.md")
#: A complete file, of which each section of the page shows its part.
EXAMPLE = Path(__file__).with_name("reviewbot.example.yml")
START, END = f"<!-- made by {COMMAND}: from here -->\n", f"<!-- made by {COMMAND}: to here -->\n"


def page(before: str, schema: Schema, example: str) -> str:
    """The page with what stands between its two marks made anew."""
    head, _, rest = before.partition(START)
    _, _, tail = rest.partition(END)
    return "\n".join([head + START, *_sections(schema, parts(example)), END + tail])


def parts(example: str) -> dict[str, str]:
    """The example by top-level key, with its comments."""
    found = re.split(r"^(?=\w)", example, flags=re.MULTILINE)
    return {part.partition(":")[0]: part for part in found if part}


def _sections(schema: Schema, examples: Mapping[str, str]) -> Iterator[str]:
    defs = schema["$defs"]
    for name, value in schema["properties"].items():
        keys = _keys(value, name, defs)
        # A key without others below it says itself what it is about.
        about = value.get("description") or _resolved(value, defs)["description"]
        yield f"### `{name}`\n\n{_prose(about)}\n"
        yield "\n".join(keys) + "\n"
        if name not in examples:
            raise SystemExit(f"{EXAMPLE.name} does not show {name!r}: add it there, with a comment")
        yield f"```yaml\n{examples[name]}```\n"


def _keys(value: Schema, path: str, defs: Schema, *, required: bool = False) -> Iterator[str]:
    """A line for the key at `path`, or for each one below it."""
    for inner, below in (
        (value, ""),
        (value.get("items"), "[]"),
        (value.get("additionalProperties"), ".NAME"),
    ):
        section = _resolved(inner, defs) if isinstance(inner, dict) else {}
        if "properties" in section:
            for name, each in section["properties"].items():
                needed = name in section.get("required", ())
                yield from _keys(each, f"{path}{below}.{name}", defs, required=needed)
            return
    default = "required" if required else f"default {_default(value.get('default'), value)}"
    kind = _kind({**value, "description": "text"}, defs)
    about = f" {value['description']}" if "." in path else ""
    yield _prose(f"- `{path}`: {kind}; {default}.{about}", indent="  ")


def _resolved(value: Schema, defs: Schema) -> Schema:
    return defs[value["$ref"].rpartition("/")[2]] if "$ref" in value else value


def _prose(text: str, indent: str = "") -> str:
    """The text wrapped; globs and variables in it are code, so that Markdown leaves their asterisks alone."""
    coded = re.sub(r"(?<![\w`/*.!])([^\s`,;]*(?:\*|_[A-Z])[^\s`,;]*?)(?=\.?(?:[\s,;]|$))", r"`\1`", text)
    return textwrap.fill(coded, 130, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False)


def _default(default: object, value: Schema) -> str:
    if default in (None, [], {}):
        return "none"
    if default == value.get("items", {}).get("enum"):
        return "all of them"
    if isinstance(default, list):
        return ", ".join(f"`{item}`" for item in default)
    return f"`{default if isinstance(default, str) else json.dumps(default)}`"


def _kind(value: Schema, defs: Schema) -> str:
    """What may stand there, in words."""
    value = _resolved(value, defs)
    if branches := value.get("anyOf") or value.get("oneOf"):
        kinds = [_kind(each, defs) for each in branches if each.get("type") != "null"]
        # A decimal may be quoted in YAML; nobody needs to be told.
        return _either([kind for kind in kinds if kind != "text" or len(kinds) == 1])
    if "const" in value or "enum" in value:
        return _either([f"`{word}`" for word in value.get("enum", [value.get("const")])])
    if value.get("type") == "array":
        return _list(value, defs)
    if value.get("type") in ("integer", "number"):
        return _number(value)
    return {"boolean": "`true` or `false`", "string": value.get("description", "text")}[value["type"]]


def _either(words: Sequence[str]) -> str:
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _list(value: Schema, defs: Schema) -> str:
    if fixed := value.get("prefixItems"):
        return f"a list of {len(fixed)}, each {_kind(fixed[0], defs)}"
    kind = _kind(value["items"], defs)
    return f"a list of {kind.removeprefix('a ')}{'s' if kind.startswith('a ') else ''}"


def _number(value: Schema) -> str:
    kind = "a whole number" if value["type"] == "integer" else "a number"
    least, most = value.get("minimum"), value.get("maximum")
    if most is not None:
        return f"{kind} from {least} to {most}"
    return (
        f"{kind}, {least:g} or more" if least is not None else f"{kind} above {value['exclusiveMinimum']:g}"
    )


def main() -> None:
    """Bring the page up to date."""
    made = page(PAGE.read_text("utf-8"), config.schema(), EXAMPLE.read_text("utf-8"))
    PAGE.write_text(made, "utf-8")


if __name__ == "__main__":
    main()
