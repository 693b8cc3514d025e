"""Text in a change that is aimed at whoever reviews it: instructions to a model, in the open, disguised or hidden.

A model that obeys them would say so in no other way than by its verdict, so that what models say of such a file proves
nothing. Patterns find what is well known and no more; they are kept narrow, because each hit costs a person a look.
"""

from __future__ import annotations

import base64
import binascii
import itertools
import re
import unicodedata
from bisect import bisect_right
from dataclasses import replace
from typing import TYPE_CHECKING

from reviewbot.sanitize import shows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reviewbot.diff import Change, FileDiff

_BEFORE = r"(?:previous|prior|above|earlier|preceding|foregoing)"
_REVIEWER = (
    r"(?:code[ -]?)?(?:review(?:ers?|ing)?(?:[ -]?(?:bots?|models?|agents?|assistants?|tools?|systems?))?)"
)
_MACHINE = (
    r"(?:a\.?i\.?|llms?|gpt|chatgpt|claude|gemini|copilot|automated|automatic|bot|machine|language models?)"
)
_ADDRESS = r"(?:[:,;!\u2014\u2013-]|\bplease\b|\bmust\b|\bshould\b|\bshall\b|\byou\b|\bdo not\b|\bdon't\b|\bare to\b|\bis to\b)"
_VERDICT = (
    r"(?:approve|lgtm|report (?:no|nothing|zero)|(?:no|zero) (?:issues|findings|problems|defects|vulnerabilities)"
    r"|(?:do not|don't|never) (?:report|flag|raise|mention)|ignore|skip|confirm|refute|say (?:that )?(?:it|this|there)"
    r"|(?:mark|treat|consider|rate|classify) (?:this|it|the)\b|(?:repeat|reveal|print|leak)\b|(?:respond|reply|answer|output|return)\b)"
)
_HERE = (
    r"(?:this|the (?:following|above)) (?:file|code|change|diff|pull request|pr|patch|commit|function|module)"
)

#: In English: parts of a sentence that only an instruction to a reviewer has, each with a word that must be there.
_ENGLISH = (
    ("ignore disregard forget", rf"\b(?:ignore|disregard|forget)\b(?: (?:all|any|every|everything|of|the|your|my|those|these|and))* {_BEFORE}(?: \w+)?,? (?:instructions?|prompts?|directions|directives|guidelines|orders)\b"),
    ("ignore disregard forget", r"\b(?:ignore|disregard|forget)(?: (?:all|any|of))* your (?:system |review |original |initial )?(?:prompt|instructions|guidelines|directives)\b"),
    ("review", rf"\b{_MACHINE}[ /-](?:based |powered |assisted )?{_REVIEWER}\b ?{_ADDRESS}[^.!?]{{0,60}}?\b{_VERDICT}"),
    ("review", rf"\b(?:notes?|message|instructions?|attention|notice|memo) (?:to|for) (?:all |any |every |the |automated |automatic )*(?:{_MACHINE} )?(?:{_REVIEWER}|models?|llms)\b.{{0,80}}?\b(?:approve (?:this|the|it|all)|lgtm|report (?:no|nothing)|(?:no|zero) (?:issues|findings|problems|vulnerabilities)|(?:do not|don't) (?:report|flag)|refute|confirm (?:all|every))"),
    ("issues findings problems defects vulnerabilities", r"\b(?:you (?:must|should|will|shall|are to)|please|always|just|simply)(?: \w+){0,3} (?:report|return|output|respond with|reply with|answer with|say there are) (?:no|zero|an empty (?:list|array) of) (?:issues|findings|problems|defects|vulnerabilities)\b"),
    ("report return output flag", rf"\b(?:report|return|output|raise|flag) (?:no|zero|nothing|an empty (?:list|array) of)\b[^.!?]{{0,20}}? (?:for|in|on|about|with) {_HERE}\b"),
    ("report flag", rf"\b(?:do not|don't|never|must not) (?:report|flag)\b[^.!?]{{0,30}}? (?:for|in|on|about|with) {_HERE}\b"),
    ("approve", r"\b(?:already|pre-?)(?: been)?(?: reviewed and)? ?approved\b[^!?]{0,60}?(?:report nothing|(?:report )?no (?:findings|issues)|do not (?:report|flag|review)|don't (?:report|flag|review))"),
    ("refute confirm", r"\brefute (?:all|every|each|any|these|those)(?: of)?(?: the)?(?: \w+)? (?:claims?|findings?)\b|\bconfirm (?:all|every|each)(?: of)?(?: the)?(?: other)? findings?\b"),
    ("your", r"\b(?:reveal|repeat|print|leak|disclose|recite|output|reproduce|write out)\b(?: \w+){0,3} your (?:\w+ )?(?:system (?:prompt|text|message|instructions?)|(?:hidden|secret|initial|original) (?:prompt|instructions)|instructions)\b"),
    ("now", r"\byou are now (?:in |an? )?(?:\w+ )?(?:developer|debug|maintenance|admin|god|unrestricted|jailbroken|dan) mode\b|\bfrom now on,? you (?:must|will|are|shall) (?:ignore|approve|not report|only (?:answer|respond|output|say))"),
)  # fmt: skip  # a table

#: "Ignore the instructions above" and "report no problems", as others write it: German, French, Spanish, Portuguese,
#: Italian, Dutch, Polish, Turkish, Russian, Chinese, Japanese, Korean, Arabic and Hindi.
_ELSEWHERE = (
    ("ignorier", r"\bignorier(?:e|en|t)?\b(?: \w+){0,2} (?:vorherigen?|vorigen|bisherigen?|obigen?|vorangegangenen?) (?:anweisung|instruktion|vorgabe|prompt)\w*"),
    ("melde ki-", r"\bmelde(?:t|n)?(?: \w+){0,2} (?:keine|nichts)(?: \w+)? (?:befunde?|probleme|fehler|zu dies)\w*|\bki-?(?:reviewer|pr\u00fcfer)\w*\W{1,3}(?:\w+ ){0,4}(?:genehmig|freigeb|melde|ignorier)"),
    ("ignore oubli tien signale", r"\b(?:ignore[rz]?|oublie[rz]?|ne tiens? pas compte)\b(?: \w+){0,3} (?:instructions|consignes|directives) (?:pr\u00e9c\u00e9dentes|ant\u00e9rieures|ci-dessus)|\bne signale[rz]?(?: \w+)? (?:rien|aucun)"),
    ("ignora ignore olvida omite informe reporte", r"\b(?:ignora|ignore|olvida|omite)\b(?: \w+){0,2} (?:instrucciones|indicaciones|\u00f3rdenes) (?:anteriores|previas|de arriba)|\bno (?:informes|reportes|se\u00f1ales)(?: de)? (?:ning\u00fan|ninguna|nada)"),
    ("ignor esque desconsidere relate reporte sinalize", r"\b(?:ignore|esque\u00e7a|desconsidere)\b(?: \w+){0,2} (?:instru\u00e7\u00f5es|orienta\u00e7\u00f5es) (?:anteriores|pr\u00e9vias|acima)|\bn\u00e3o (?:relate|reporte|sinalize) (?:nada|nenhum)"),
    ("ignora dimentica segnalare", r"\b(?:ignora|dimentica)\b(?: \w+){0,2} (?:istruzioni|indicazioni) (?:precedenti|di cui sopra)|\bnon segnalare (?:nulla|niente|alcun|nessun)"),
    ("negeer", r"\bnegeer\b(?: \w+){0,2} (?:vorige|eerdere|voorgaande|bovenstaande) (?:instructies|aanwijzingen|opdrachten)"),
    ("zignoruj pomi", r"\b(?:zignoruj|pomi\u0144)\b(?: \w+){0,2} (?:poprzednie|wcze\u015bniejsze|powy\u017csze) (?:instrukcje|polecenia)"),
    ("nceki yukar", r"\b(?:\u00f6nceki|yukar\u0131daki)(?: \w+)? (?:talimatlar|y\u00f6nergeler|komutlar)\w* (?:yok say|g\u00f6rmezden gel|unut|dikkate alma)"),
    ("\u0438\u0433\u043d \u0437\u0430\u0431 \u043d\u0435", r"(?:\u0438\u0433\u043d\u043e\u0440\u0438\u0440\u0443\u0439|\u0437\u0430\u0431\u0443\u0434\u044c)\w*(?: \w+)? (?:\u043f\u0440\u0435\u0434\u044b\u0434\u0443\u0449\u0438\u0435|\u043f\u0440\u0435\u0436\u043d\u0438\u0435|\u0432\u044b\u0448\u0435\u0443\u043a\u0430\u0437\u0430\u043d\u043d\u044b\u0435) (?:\u0438\u043d\u0441\u0442\u0440\u0443\u043a\u0446\u0438\u0438|\u0443\u043a\u0430\u0437\u0430\u043d\u0438\u044f|\u043a\u043e\u043c\u0430\u043d\u0434\u044b)|\u043d\u0435 \u0441\u043e\u043e\u0431\u0449\u0430\u0439\w* \u043e\u0431?(?: \w+)? (?:\u043f\u0440\u043e\u0431\u043b\u0435\u043c|\u043e\u0448\u0438\u0431\u043a|\u0443\u044f\u0437\u0432\u0438\u043c)"),
    ("\u5ffd \u89c6 \u8996 \u62a5 \u6307 \u6807", "(?:\u5ffd\u7565|\u65e0\u89c6|\u7121\u8996|\u5ffd\u8996).{0,4}(?:\u4e4b\u524d|\u4ee5\u4e0a|\u5148\u524d|\u524d\u9762|\u4e0a\u8ff0|\u6b64\u524d).{0,6}(?:\u6307\u4ee4|\u6307\u793a|\u8bf4\u660e|\u8aaa\u660e|\u63d0\u793a\u8bcd?)|(?:\u4e0d\u8981|\u8bf7\u52ff|\u65e0\u9700|\u7981\u6b62)(?:\u62a5\u544a|\u6307\u51fa|\u6807\u8bb0)(?:\u4efb\u4f55)?(?:\u95ee\u9898|\u6f0f\u6d1e|\u7f3a\u9677)"),
    ("\u7121 \u5fd8 \u5831", "(?:\u4ee5\u524d|\u4e0a\u8a18|\u3053\u308c\u307e\u3067|\u524d).{0,4}(?:\u6307\u793a|\u547d\u4ee4|\u30d7\u30ed\u30f3\u30d7\u30c8).{0,3}(?:\u7121\u8996|\u5fd8\u308c)|(?:\u554f\u984c|\u8106\u5f31\u6027|\u6307\u6458).{0,3}\u5831\u544a\u3057\u306a\u3044\u3067"),
    ("\ubb34\uc2dc \ubcf4\uace0", "(?:\uc774\uc804|\uc704|\uc55e).{0,8}(?:\uc9c0\uc2dc|\uba85\ub839|\uc9c0\uce68|\ud504\ub86c\ud504\ud2b8).{0,5}\ubb34\uc2dc|(?:\ubb38\uc81c|\ucde8\uc57d\uc810).{0,4}\ubcf4\uace0\ud558\uc9c0 ?\ub9c8"),
    ("\u062a\u062c\u0627\u0647\u0644", "\u062a\u062c\u0627\u0647\u0644.{0,12}(?:\u0627\u0644\u062a\u0639\u0644\u064a\u0645\u0627\u062a|\u0627\u0644\u0623\u0648\u0627\u0645\u0631) \u0627\u0644\u0633\u0627\u0628\u0642\u0629"),
    ("\u092a\u093f", "\u092a\u093f\u091b\u0932\u0947.{0,8}\u0928\u093f\u0930\u094d\u0926\u0947\u0936\u094b\u0902 \u0915\u094b (?:\u0905\u0928\u0926\u0947\u0916\u093e|\u0928\u091c\u093c\u0930\u0905\u0902\u0926\u093e\u091c\u093c)"),
)  # fmt: skip  # a table; letters that look like others are written by their numbers

#: With everything but letters and digits gone: names of files and functions, and words drawn apart.
_DENSE = re.compile(
    r"(?:ignore|disregard|forget)(?:all|any)?(?:of)?(?:the|your)?(?:previous|prior|above|earlier|preceding)(?:instructions|prompts)"
    r"|(?:ai|llm|gpt|claude|gemini)(?:code)?reviewe?r?s?(?:please|must|should|shall|you|note)*"
    r"(?:approvethis|approveall|approveit|reportno|donotreport|dontreport|ignorethis|skipthis|confirmall|refuteall)"
)

#: One of which each of them has.
_DENSE_WORDS = ("instructions", "prompts", "review")


class _Letters(dict[int, int | None]):
    """Keeps letters and digits; worked out for each character when it is first met."""

    def __missing__(self, code: int) -> int | None:
        self[code] = kept = code if chr(code).isalnum() else None
        return kept


_LETTERS = _Letters()

_PATTERNS = [
    (word, compiled)
    for words, pattern in (*_ENGLISH, *_ELSEWHERE)
    for compiled in [re.compile(unicodedata.normalize("NFKC", pattern))]
    for word in unicodedata.normalize("NFKC", words).split()
]

#: Letters of other scripts that look like Latin ones in most fonts: Cyrillic and Greek.
_LOOKALIKES = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u04bb\u03bf\u03b1\u03bd\u03b9\u03ba\u03c1\u03c5",
    "aeopcyxijsdhoavikpu",
)
#: What stands at the edges of a line of a comment, a quotation or a list.
_MARGIN = " \t#/*;%<>!|\"'`~+-"

#: How one says that one does as one was told, and how that one confirms because of it.
_TOLD = r"(?:comment|note|file|code|change|text|author|string|docstring|instruction)s?\b[^.!?]{0,30}?\b(?:tells?|told|asks?|asked|instructs?|instructed|directs?|requests?|requires?|says?)"
_AS_TOLD = r"\b(?:as|like) (?:i was |we were |you were |it was )?(?:instructed|told|requested|asked|directed)\b|\b(?:following|obeying|according to|per) (?:the|its|these|those) (?:instructions?|directives?|orders?)\b"
_FOLLOWING = re.compile(rf"{_AS_TOLD}|\b{_TOLD} (?:\w+ ){{0,3}}?(?:reviewers?|voters?|models?|me|us|you)\b")
_FOLLOWING_YES = re.compile(rf"{_AS_TOLD}|\b{_TOLD} (?:\w+ ){{0,5}}?(?:confirm|agree|accept)\b")

#: Base64 in both of its alphabets, and hexadecimal, whose letters are among theirs.
_ENCODED = re.compile(r"[A-Za-z0-9+/_-]{32,}={0,2}")
#: Tag characters that are no flag (whose sequences open with a black flag), and runs of variation selectors: both can
#: carry text that no person sees.
_TAGS = re.compile(r"(?<![\U0001f3f4\U000e0020-\U000e007e])[\U000e0020-\U000e007e]{4,}")
_SELECTORS = re.compile(r"[\ufe00-\ufe0f\U000e0100-\U000e01ef]{8,}")


def speaks(text: str) -> bool:
    """Whether a text holds an instruction to whoever reviews it, in any of its disguises."""
    versions = [_plain(version) for version in (text, *_unwrapped(text))]
    return _hidden(text) or any(_said(version) or _drawn_apart(version) for version in versions)


def withheld(change: Change) -> Change:
    """The change without a description that speaks to its reviewers, and with a warning that says so."""
    if not speaks(f"{change.title}\n{change.body}"):
        return change
    said = "the description of the change holds text aimed at reviewers, so no model was shown it; look at it"
    return replace(change, title="", body="", warnings=(*change.warnings, said))


def steered(verdict: str, evidence: str, reason: str) -> bool:
    """Whether a vote rests on text that tells how to vote.

    A refutation does if it only mentions such text: one vote less against a claim does no harm. A confirmation must
    follow it, or whoever tells reviewers to be silent would silence those that say so.
    """
    if verdict == "refute":
        return speaks(evidence) or speaks(reason) or bool(_FOLLOWING.search(_plain(reason)))
    return verdict == "confirm" and bool(_FOLLOWING_YES.search(_plain(reason)))


def place(file: FileDiff) -> str:
    """Where a file speaks to its reviewers: `its name`, or the first added line, e.g. `line 12`; "" where nowhere."""
    if speaks(file.path):
        return "its name"
    added = [line.text for hunk in file.hunks for line in hunk.lines if line.old is None]
    if not (_in_disguise("\n".join(added)) or _said(_plain(" ".join(line.strip(_MARGIN) for line in added)))):
        return ""  # nearly always, so that nearly no line is looked at by itself
    for hunk in file.hunks:
        lines = [(line.new, line.text) for line in hunk.lines if line.old is None and line.new is not None]
        for run in _runs(lines):
            if number := _spoken(run):
                return f"line {number}"
    return ""


def _runs(lines: Iterable[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    """Added lines that follow one another: a sentence may go over several."""
    run: list[tuple[int, str]] = []
    for number, text in lines:
        if run and number != run[-1][0] + 1:
            yield run
            run = []
        run.append((number, text))
    if run:
        yield run


def _spoken(run: list[tuple[int, str]]) -> int | None:
    """The line of a run on which an instruction begins."""
    for number, text in run:
        if _in_disguise(text):
            return number
    parts = [_plain(text.strip(_MARGIN)) for _, text in run]
    at = _said(" ".join(parts))
    if not at:
        return None
    starts = list(itertools.accumulate((len(part) + 1 for part in parts), initial=0))
    return run[bisect_right(starts, at - 1) - 1][0]


def _in_disguise(text: str) -> bool:
    """Whether it holds an instruction that is hidden, drawn apart or encoded; of lines, whether any of them may."""
    return _hidden(text) or _drawn_apart(_plain(text)) or any(_said(_plain(t)) for t in _unwrapped(text))


def _said(text: str) -> int:
    """Where, from 1, an instruction stands in a plain text; 0 where none does."""
    worth = dict.fromkeys(pattern for word, pattern in _PATTERNS if word in text)
    hits = [hit.start() for pattern in worth if (hit := pattern.search(text))]
    return min(hits) + 1 if hits else 0


def _drawn_apart(text: str) -> bool:
    dense = text.translate(_LETTERS)
    return any(word in dense for word in _DENSE_WORDS) and bool(_DENSE.search(dense))


def _plain(text: str) -> str:
    """As a reader takes it: without what does not show, in one form of each letter, in lower case, with single blanks."""
    if text.isascii():
        return " ".join(text.lower().split())
    words = "".join(filter(shows, unicodedata.normalize("NFKC", text))).casefold().split()
    return " ".join(latin if (latin := word.translate(_LOOKALIKES)).isascii() else word for word in words)


def _unwrapped(text: str) -> Iterator[str]:
    """What is encoded in it: base64 and hexadecimal of text."""
    for run in _ENCODED.findall(text):
        for decode in (_base64, binascii.unhexlify):
            try:
                yield decode(run).decode("utf-8")
            except (ValueError, binascii.Error):
                continue


def _base64(run: str) -> bytes:
    bare = run.rstrip("=").replace("-", "+").replace("_", "/")
    return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)


def _hidden(text: str) -> bool:
    return not text.isascii() and bool(_TAGS.search(text) or _SELECTORS.search(text))
