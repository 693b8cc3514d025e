"""What GitHub's own description says of a request: which operation it is, and whether it may look like that."""

import json
import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote

from jsonschema import Draft202012Validator

DATA = Path(__file__).parents[1] / "data" / "github"

#: Parameters of a path that may hold slashes.
_LONG = {"path", "ref", "basehead"}


@cache
def described():
    return json.loads((DATA / "rest.json").read_text("utf-8"))


@cache
def _patterns():
    """Templates as expressions, those with more fixed words first."""

    def pattern(template):
        integers = {
            name
            for operation in described()["paths"][template].values()
            for name, schema in operation["path"].items()
            if schema.get("type") == "integer"
        }
        one = dict.fromkeys(_LONG, ".*") | dict.fromkeys(integers, r"\d+")
        return re.sub(r"\\{(\w+)\\}", lambda m: f"(?P<{m[1]}>{one.get(m[1], '[^/]+')})", re.escape(template))

    def fixed_words(template):
        return sum("{" not in part for part in template.split("/"))

    ranked = sorted(described()["paths"], key=fixed_words, reverse=True)
    return [(template, re.compile(pattern(template))) for template in ranked]


def operation(method, path):
    """The template of a path and the values in it, or None."""
    for template, pattern in _patterns():
        if (found := pattern.fullmatch(path)) and method.lower() in described()["paths"][template]:
            return template, {name: unquote(value) for name, value in found.groupdict().items()}
    return None


@cache
def _validator(schema):
    return Draft202012Validator({**json.loads(schema), "components": described()["components"]})


def _problems(schema, value, where):
    for error in _validator(json.dumps(schema)).iter_errors(value):
        place = where + "".join(f"[{part!r}]" for part in error.absolute_path)
        yield f"{place}: {error.message[:300]}"


def problems(template, method, query, body):
    """What of a request the description does not allow."""
    rules = described()["paths"][template][method.lower()]
    for name, value in query.items():
        if name not in rules["query"]:
            yield f"query: {name!r} is no parameter of this operation"
        elif value not in rules["query"][name].get("enum", [value]):
            yield f"query: {name}={value!r} is not one of {rules['query'][name]['enum']}"
    if body is None:
        if rules["body_required"]:
            yield "body: is required"
    elif rules["body"] is None:
        yield "body: this operation takes none"
    else:
        yield from _problems(rules["body"], body, "body")


def answer_problems(template, method, status, body):
    """What of an answer is not as described; for the tests of the stand-in itself."""
    answers = described()["paths"][template][method.lower()]["answers"]
    if str(status) in answers:
        yield from _problems(answers[str(status)], body, f"{method} {template} {status}")
