"""YAML without its surprises: plain values, and the line each of them stands on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: Characters. A configuration is two screens long; this bounds the time a file can cost.
SIZE_LIMIT = 256_000

_QUOTE_IT = 'put a value that begins with * & ! or @ in quotes, e.g. "*.py"'

_SCALARS: dict[str, tuple[str, Callable[[str], object]]] = {
    "tag:yaml.org,2002:null": (r"~|null|Null|NULL|", lambda _: None),
    "tag:yaml.org,2002:bool": (r"true|True|TRUE|false|False|FALSE", lambda text: text.lower() == "true"),
    "tag:yaml.org,2002:int": (r"[-+]?[0-9]{1,18}", int),
    "tag:yaml.org,2002:float": (r"[-+]?[0-9]{1,18}\.[0-9]{0,18}", float),
    "tag:yaml.org,2002:str": (r"(?s:.*)", str),
}


class _Loader(yaml.SafeLoader):
    """Knows only YAML 1.2's plain scalars: `off` and `no` are words, 1:30 is not a number, 2026-01-01 not a date."""

    yaml_implicit_resolvers = {}  # noqa: RUF012  # PyYAML's own way to replace a class's resolvers

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        # Aliases are how a small file becomes a huge value, and no configuration needs them.
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]  # the stubs leave it out
            raise yaml.MarkedYAMLError(problem=f"aliases are not read; {_QUOTE_IT}", problem_mark=mark)
        return super().compose_node(parent, index)


for _tag, (_pattern, _) in _SCALARS.items():
    if not _tag.endswith(":str"):
        _Loader.add_implicit_resolver(_tag, re.compile(f"(?:{_pattern})$"), None)


@dataclass(frozen=True, slots=True)
class Document:
    """One parsed file. `value` is made of dict, list, str, int, float, bool and None, and is None for an empty file."""

    value: object
    root: yaml.Node | None

    def line(self, path: Sequence[str | int]) -> int | None:
        """The 1-based line of the key or item at `path`, or of its nearest parent in the file."""
        node, line = self.root, None
        for part in path:
            if isinstance(node, yaml.MappingNode):
                found = [(key, value) for key, value in node.value if key.value == part]
            elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
                found = [(item, item) for item in node.value[part : part + 1]]
            else:
                found = []
            if not found:
                break
            line, node = found[0][0].start_mark.line + 1, found[0][1]
        return line


def parse(text: str) -> Document:
    """The one document in `text`. Raises ValueError with one sentence naming the line."""
    if len(text) > SIZE_LIMIT:
        raise ValueError(f"the file is larger than {SIZE_LIMIT // 1000} kB")
    try:
        root = yaml.compose(text, Loader=_Loader)
        return Document(None if root is None else _plain(root), root)
    except yaml.MarkedYAMLError as error:
        raise ValueError(_sentence(error)) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ValueError(f"line {line}: a character that YAML does not allow") from error
    except RecursionError as error:
        raise ValueError("the file is nested too deeply") from error


def _sentence(error: yaml.MarkedYAMLError) -> str:
    where = error.problem_mark or error.context_mark
    problem = error.problem or "not YAML"
    if error.context and not error.context.startswith("while"):
        problem = f"{error.context}, {problem}"
    if r"'\t'" in problem:
        problem = "a tab where YAML wants spaces"
    elif (
        "cannot start any token" in problem
        or "alias" in (error.context or "")
        or "tag" in (error.context or "")
    ):
        problem = f"{problem}; {_QUOTE_IT}"
    return f"line {where.line + 1}: {problem}" if where else problem


def _plain(node: yaml.Node) -> object:
    if isinstance(node, yaml.ScalarNode) and node.tag in _SCALARS:
        pattern, convert = _SCALARS[node.tag]
        if re.fullmatch(pattern, node.value):
            return convert(node.value)
    if isinstance(node, yaml.SequenceNode) and node.tag == "tag:yaml.org,2002:seq":
        return [_plain(item) for item in node.value]
    if isinstance(node, yaml.MappingNode) and node.tag == "tag:yaml.org,2002:map":
        return _mapping(node)
    raise yaml.MarkedYAMLError(
        problem=f"the tag {node.tag!r} is not read; {_QUOTE_IT}", problem_mark=node.start_mark
    )


def _mapping(node: yaml.MappingNode) -> dict[str, object]:
    result: dict[str, object] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise yaml.MarkedYAMLError(problem="a key must be a word", problem_mark=key.start_mark)
        if key.value in result:
            raise yaml.MarkedYAMLError(
                problem=f"the key {key.value!r} appears twice", problem_mark=key.start_mark
            )
        result[key.value] = _plain(value)
    return result
