"""Which well-known class of defect a text speaks of, so that different words for one defect can meet."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Words that name a class, by CWE id (or a name of our own where CWE has none that people use).
#: Patterns are matched in lower-cased text, free of nesting, so that hostile text cannot slow them.
_NAMED: dict[str, str] = {
    "CWE-89": r"sql[- ]?inject|inject\w* \w{0,12} ?sql|sql (?:statement|query|string)s? (?:is |are )?(?:built|build|concat|interpolat|format|assembl|construct)|(?:concatenat|interpolat|format)\w* (?:\w+ ){0,4}(?:sql|quer(?:y|ies))|(?:unparam|non-param|not param|un-param)\w*|(?:sql|quer(?:y|ies)) (?:\w+ ){0,4}(?:concatenat|interpolat|f-string|format string|string format)",
    "CWE-78": r"command[- ]inject|shell[- ]inject|shell ?= ?true|os command|inject\w* (?:\w+ ){0,3}(?:shell|command)s?\b|(?:arbitrary|shell) commands?\b",
    "CWE-95": r"\beval\b|\bexec\(|code[- ]inject|arbitrary (?:\w+ )?code\b|new function\(",
    "CWE-502": r"(?:unsafe|insecure|untrusted|arbitrary)\w* (?:\w+ ){0,3}deseriali|deseriali\w* (?:\w+ ){0,3}(?:untrusted|attacker|user|unsafe)|unpickl|\bpickle\b|yaml\.load|unsafe (?:yaml|load)|objectinputstream",
    "CWE-328": r"weak hash|\bmd5\b|\bsha-?1\b",
    "CWE-327": r"weak (?:cipher|encryption|crypto)|\becb\b|\brc4\b|\bdes\b cipher",
    "CWE-295": r"(?:tls|ssl|certificate)\w* (?:\w+ ){0,3}(?:verif|valid|check)|verif\w+ (?:\w+ ){0,3}(?:tls|ssl|certificate)|verify ?= ?false|insecureskipverify|rejectunauthorized",
    "CWE-798": r"hard-?coded? (?:\w+ ){0,3}(?:credential|password|secret|key|token)|(?:credential|password|secret|api key|token)s? (?:\w+ ){0,3}(?:hard-?coded|in (?:the )?source)",
    "CWE-22": r"path[- ]travers|directory[- ]travers|zip[- ]?slip|outside (?:of )?the (?:\w+ )?(?:directory|folder|root)",
    "CWE-79": r"\bxss\b|cross[- ]site script|innerhtml|dangerouslysetinnerhtml|unescaped (?:html|output)|html inject",
    "CWE-918": r"\bssrf\b|server[- ]side request",
    "CWE-330": r"insecure random|predictable (?:\w+ ){0,2}(?:random|token|value)|(?:weak|non-?crypto\w*) (?:random|prng|rng)|math\.random",
    "CWE-390": r"swallow\w* (?:\w+ ){0,3}(?:exception|error)|(?:exception|error)s? (?:\w+ ){0,3}(?:swallowed|ignored|discarded|silenced)|silently (?:ignor|swallow|discard)\w*|empty (?:catch|except)|bare except",
    "CWE-862": r"(?:missing|no|without|lacks?|bypass\w*|skips?) (?:\w+ ){0,3}(?:authori[sz]ation|permission|access control|ownership)|(?:authori[sz]ation|permission|ownership) (?:\w+ ){0,2}(?:check )?(?:is |was )?(?:missing|removed|bypass|skipped)|\bidor\b",
    "CWE-476": r"null[- ]?(?:pointer|dereference|reference)|(?:null|nil|none) check|nomethoderror|\bnpe\b|nonetype|(?:is|be|returns?|of) (?:null|none|undefined|nil)\b|nil (?:pointer|dereference)|attributeerror|cannot read propert",
    "CWE-193": r"off[- ]by[- ]one|fencepost|out[- ]of[- ](?:bounds|range)|index ?error",
    "CWE-362": r"race condition|data race|\braces?\b|toctou|not thread[- ]safe|double[- ]?check\w*[- ]lock|lost updates?|without synchroni[sz]|not synchroni[sz]ed|(?:non-?|not )atomic|concurrent (?:access|modif|update|request)\w*",
    "CWE-833": r"dead-?lock",
    "CWE-772": r"(?:resource|file|handle|connection|memory|socket|goroutine|descriptor)s? (?:is |are )?(?:\w+ )?(?:leak\w*|never closed|not closed)|leaks? (?:\w+ ){0,3}(?:handle|connection|file|memory|socket|descriptor)|never (?:closed|released)|not (?:closed|released)",
    "CWE-1088": r"(?:no|without|missing|lacks?) (?:a |an |any )?(?:\w+ )?timeout",
    "CWE-835": r"infinite (?:loop|recursion)|never terminat",
    "CWE-369": r"divi\w+ by zero|zero ?division",
    "CWE-190": r"(?:integer|arithmetic) overflow|overflows?\b",
    "CWE-601": r"open redirect",
    "CWE-352": r"\bcsrf\b|cross[- ]site request forgery",
    "CWE-611": r"\bxxe\b|external entit",
    "CWE-532": r"\b(?:log(?:s|ged|ging)?|print\w*) (?:\w+ ){0,4}(?:password|secret|token|credential|key|pii)s?|(?:password|secret|token|credential)s? (?:\w+ ){0,3}logged",
    "CWE-208": r"timing attack|constant[- ]time|timing[- ]safe",
    "n-plus-one": r"n ?\+ ?1 (?:quer|problem|select)|query (?:\w+ ){0,3}(?:inside|in|per) (?:\w+ ){0,2}(?:loop|iteration)",
}
_CLASSES = {name: re.compile(pattern) for name, pattern in _NAMED.items()}
_CWE = re.compile(r"\bcwe-(\d{1,5})\b")

#: Neighbours in the CWE tree that people use for the same defect, and the one used here.
_SAME: dict[str, str] = {
    "CWE-23": "CWE-22", "CWE-36": "CWE-22", "CWE-73": "CWE-22",
    "CWE-77": "CWE-78", "CWE-88": "CWE-78",
    "CWE-80": "CWE-79", "CWE-116": "CWE-79",
    "CWE-943": "CWE-89", "CWE-564": "CWE-89",
    "CWE-94": "CWE-95",
    "CWE-297": "CWE-295", "CWE-322": "CWE-295",
    "CWE-916": "CWE-328", "CWE-759": "CWE-328",
    "CWE-338": "CWE-330", "CWE-331": "CWE-330", "CWE-340": "CWE-330",
    "CWE-391": "CWE-390", "CWE-703": "CWE-390", "CWE-755": "CWE-390", "CWE-1069": "CWE-390",
    "CWE-404": "CWE-772", "CWE-775": "CWE-772",
    "CWE-259": "CWE-798", "CWE-321": "CWE-798", "CWE-547": "CWE-798",
    "CWE-776": "CWE-611",
}  # fmt: skip  # a row is the neighbours of one class

#: What is looked at, in characters: a defect is named early or not at all.
_LOOKED_AT = 4_000


def canonical(cwe: str) -> str:
    """The id used here for what people also call by this one."""
    return _SAME.get(cwe, cwe)


def known(names: Iterable[str]) -> frozenset[str]:
    """Those of `names`, or of what they mean, that are classes spoken of here."""
    return frozenset(map(canonical, names)) & _NAMED.keys()


@lru_cache(maxsize=4096)
def classes(text: str) -> frozenset[str]:
    """The classes `text` names, e.g. {"CWE-89"}. A CWE id written out settles it; else the words are looked at."""
    text = text[:_LOOKED_AT].lower()
    written = frozenset(canonical(f"CWE-{number}") for number in _CWE.findall(text))
    return written or frozenset(name for name, pattern in _CLASSES.items() if pattern.search(text))
