"""The classes of defect the offline analysers can speak of, and the words they all use for one class.

Analysers of one defect must be recognisable as speaking of the same thing, so the class, not the rule,
decides title, category and severity; the CWE id in the title is the key.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewbot.defects import canonical, classes
from reviewbot.findings import Category, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reviewbot.findings import Finding


@dataclass(frozen=True, slots=True)
class DefectClass:
    """One CWE in plain words. `failure` is what happens to somebody when it is true."""

    title: str
    category: Category
    severity: Severity
    why: str
    failure: str
    grave_if: str = ""  # a regular expression: HIGH where the code speaks of this


_SECURITY, _ERRORS = Category.SECURITY, Category.ERROR_HANDLING
_LOW, _MEDIUM, _HIGH = Severity.LOW, Severity.MEDIUM, Severity.HIGH

#: Names and explanations of the CWE list (cwe.mitre.org), in our own words; severities are ours.
CLASSES: Mapping[str, DefectClass] = {
    "CWE-22": DefectClass(
        "File path taken from outside", _SECURITY, _HIGH,
        "A path that comes from a request or an archive can point outside the intended directory.",
        "A path such as `../../etc/passwd` reads or overwrites a file that was never meant to be reachable.",
    ),
    "CWE-78": DefectClass(
        "Shell command built from values", _SECURITY, _HIGH,
        "A shell interprets the text, so a value inside it can start further commands.",
        "A value such as `x; rm -rf ~` runs a second command with the rights of this program.",
    ),
    "CWE-79": DefectClass(
        "Unescaped value put into HTML", _SECURITY, _HIGH,
        "The value reaches the page as markup instead of text.",
        "A value holding a script tag or an event handler runs in the browser of whoever opens the page.",
    ),
    "CWE-89": DefectClass(
        "SQL statement built from strings", _SECURITY, _HIGH,
        "Values become part of the statement's text instead of being passed as parameters.",
        "A value such as `' OR 1=1 --` changes what the statement does and reads or destroys other rows.",
    ),
    "CWE-95": DefectClass(
        "Text evaluated as code", _SECURITY, _HIGH,
        "Whoever controls the text controls the program.",
        "A crafted text runs arbitrary code inside this process.",
    ),
    "CWE-295": DefectClass(
        "Certificate or host key not verified", _SECURITY, _HIGH,
        "The connection is encrypted, but nobody checks to whom.",
        "Anyone on the path presents their own certificate, reads the traffic and changes the answers.",
    ),
    "CWE-319": DefectClass(
        "Cleartext protocol", _SECURITY, _MEDIUM,
        "The protocol sends credentials and data unencrypted.",
        "Anyone on the path reads the password that is sent.",
    ),
    "CWE-326": DefectClass(
        "Key too short", _SECURITY, _MEDIUM,
        "Keys of this size can be broken with known means.",
        "An attacker computes the private key and reads or signs in its owner's name.",
    ),
    "CWE-327": DefectClass(
        "Broken cipher, mode or protocol version", _SECURITY, _HIGH,
        "The algorithm no longer protects what it is meant to protect.",
        "Someone holding the ciphertext recovers the plaintext or sees which parts of it repeat.",
    ),
    "CWE-328": DefectClass(
        "Weak hash", _SECURITY, _MEDIUM,
        "Collisions, and for passwords the originals, can be computed for this hash.",
        "Someone who obtains the hashes computes matching inputs and passes the check with them.",
        grave_if=r"(?i)passw|passphrase|secret|credential|signature|\btoken",
    ),
    "CWE-330": DefectClass(
        "Predictable random number used as a secret", _SECURITY, _HIGH,
        "This generator is made for statistics: its next values follow from the ones seen.",
        "An attacker who sees a few values predicts the next token and uses it.",
    ),
    "CWE-377": DefectClass(
        "Temporary file name that can be taken over", _SECURITY, _MEDIUM,
        "Between choosing the name and opening the file, somebody else can create it.",
        "A local user plants a link under that name and the program writes where the link points.",
    ),
    "CWE-390": DefectClass(
        "Error swallowed", _ERRORS, _MEDIUM,
        "The error is caught and nothing is done with it.",
        "When it fails, the program goes on as if it had worked, and no log tells why the result is wrong.",
    ),
    "CWE-396": DefectClass(
        "Handler that catches everything", _ERRORS, _LOW,
        "It also catches errors nobody expected here.",
        "A bug elsewhere is taken for the expected error and hidden.",
    ),
    "CWE-489": DefectClass(
        "Debug mode left on", _SECURITY, _HIGH,
        "The debugger gives whoever reaches it a console.",
        "A visitor triggers an error page and runs code through its interactive console.",
    ),
    "CWE-502": DefectClass(
        "Untrusted data deserialised into objects", _SECURITY, _HIGH,
        "The format can name classes and calls, which are carried out while reading.",
        "A crafted document runs code of its author's choice as soon as it is loaded.",
    ),
    "CWE-571": DefectClass(
        "Check that is always true", Category.CORRECTNESS, _MEDIUM,
        "A non-empty tuple is true whatever it holds.",
        "The condition is never checked, so the wrong case goes unnoticed.",
    ),
    "CWE-584": DefectClass(
        "Jump out of a finally block", _ERRORS, _MEDIUM,
        "Leaving a finally block this way discards the exception that is on its way.",
        "The operation fails, and the caller gets a normal result.",
    ),
    "CWE-597": DefectClass(
        "Literal compared by identity", Category.CORRECTNESS, _MEDIUM,
        "The operator compares object identity, not the value.",
        "Two equal texts compare as different, depending on how they came about.",
    ),
    "CWE-605": DefectClass(
        "Service bound to every interface", _SECURITY, _LOW,
        "The socket can be reached from every network the machine is on.",
        "A service meant for this machine answers the whole network.",
    ),
    "CWE-611": DefectClass(
        "XML parser open to hostile documents", _SECURITY, _LOW,
        "The parser expands entities that the document defines.",
        "A small document expands until memory is exhausted.",
    ),
    "CWE-732": DefectClass(
        "File permissions too wide", _SECURITY, _MEDIUM,
        "Everybody on the machine may change the file.",
        "Another local user replaces its content.",
    ),
    "CWE-772": DefectClass(
        "Resource not released", Category.RESOURCE_LEAK, _LOW,
        "Nothing closes it when this code is left.",
        "Under load the process runs out of descriptors or connections.",
    ),
    "CWE-798": DefectClass(
        "Credential in the source", _SECURITY, _HIGH,
        "Everybody who can read the code can use it, and it cannot be changed without a release.",
        "Someone with a copy of the repository logs in with it.",
    ),
    "CWE-918": DefectClass(
        "Request sent to an address from outside", _SECURITY, _HIGH,
        "Whoever calls decides which address this server contacts.",
        "A caller passes an internal address and reads what only this server may reach.",
    ),
    "CWE-1007": DefectClass(
        "Invisible characters reorder the code", _SECURITY, _HIGH,
        "Bidirectional control characters make the code look different from what it does.",
        "A reader approves a line that the compiler reads as something else.",
    ),
    "CWE-1088": DefectClass(
        "Network call without a time limit", _ERRORS, _LOW,
        "The library waits for ever unless told otherwise.",
        "The other side stops answering and this worker hangs until it is killed.",
    ),
    "CWE-1322": DefectClass(
        "Blocking call in asynchronous code", Category.PERFORMANCE, _MEDIUM,
        "While it blocks, nothing else on this event loop runs.",
        "One slow call stalls every other request of the process.",
    ),
}  # fmt: skip  # one class a paragraph; the formatter would spread each over a dozen lines

_ID = re.compile(r"\bCWE-\d{1,4}\b", re.IGNORECASE)


def claim_class(finding: Finding) -> str | None:
    """The CWE id a finding names, in its title first, then its body; None where it names none."""
    found = _ID.search(finding.title) or _ID.search(finding.body)
    if found is None:
        return None
    return canonical(found.group().upper())


def guessed_classes(finding: Finding) -> frozenset[str]:
    """The classes its words speak of: what there is to go by where no CWE id is written."""
    return classes(f"{finding.title}\n{finding.body}\n{finding.failure}")


def severity(cwe: str, code: str) -> Severity:
    """How bad a defect of this class is in this code."""
    known = CLASSES[cwe]
    grave = known.grave_if and re.search(known.grave_if, code)
    return max(known.severity, Severity.HIGH) if grave else known.severity
