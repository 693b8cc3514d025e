"""What is kept of a review for the next one, and that nobody else can have written it."""

import pytest
from scripted import file, finding, head, proposal, voter

from reviewbot import memory
from reviewbot.diff import Change, HeadText
from reviewbot.findings import Ballot, Claim, Vote
from reviewbot.memory import Known, digest, sealed, still, unsealed
from reviewbot.review import Scan

KEYS = ("key of one", "key of two")
PATH = "src/page.py"
CLAIM = Claim("c1", (proposal(1, path=PATH, suggestion="x"), proposal(2, path=PATH)))
BALLOTS = ((CLAIM, (Vote(voter(1), Ballot.CONFIRM, proposed=True, reason="<!-- --> ümlaut"),)),)
KNOWN = {PATH: Known("d" * 64, "c" * 40, Scan.FLAGGED, (voter(1), voter(2)), BALLOTS)}


def test_what_was_sealed_is_found_again():
    assert unsealed(f"text\n\n{sealed(KNOWN, 'basis', KEYS)}\n", "basis", reversed(KEYS)) == KNOWN


@pytest.mark.parametrize(
    ("text", "basis", "keys"),
    [
        pytest.param(sealed(KNOWN, "basis", KEYS), "another", KEYS, id="on another basis"),
        pytest.param(sealed(KNOWN, "basis", KEYS), "basis", ("another",), id="with another key"),
        pytest.param(sealed(KNOWN, "basis", KEYS), "basis", (), id="without a key"),
        pytest.param(sealed(KNOWN, "basis", KEYS).replace(":e", ":f", 1), "basis", KEYS, id="changed"),
        pytest.param("<!-- reviewbot:v1 memory= -->", "basis", KEYS, id="not a seal"),
        pytest.param("", "basis", KEYS, id="nothing"),
    ],
)
def test_nothing_is_believed_that_cannot_be_proved(text, basis, keys):
    assert unsealed(text, basis, keys) == {}


def test_data_of_another_version_is_no_memory():
    for data in ("", "====", "eJwDAAAAAAE="):
        mark = f"<!-- reviewbot:v1 memory={memory._signature(memory._key(KEYS), 'basis', data)}:{data} -->"
        assert unsealed(mark, "basis", KEYS) == {}


@pytest.mark.parametrize(("known", "keys"), [({}, KEYS), (KNOWN, ()), (KNOWN, ("",))])
def test_nothing_is_kept_of_nothing_or_without_a_key(known, keys):
    assert sealed(known, "basis", keys) == ""


def test_what_does_not_fit_is_reviewed_anew():
    many = {f"f{n}.py": Known(f"{n * 7919:064x}" * 3, "c" * 40, Scan.CLEAR, (), ()) for n in range(9_000)}
    mark = sealed(many, "basis", KEYS)
    assert len(mark) <= memory.LIMIT
    kept = unsealed(mark, "basis", KEYS)
    assert 0 < len(kept) < len(many)
    assert kept.items() <= many.items()


def test_a_seal_holds_no_key():
    assert not [key for key in KEYS if key in sealed(KNOWN, "basis", KEYS)]


@pytest.mark.parametrize(
    ("now", "text"),
    [
        pytest.param(file(PATH, "a\nb\n"), head("a\nb\n"), id="another patch"),
        pytest.param(file(PATH), head("a\n"), id="another text at head"),
        pytest.param(file(PATH), HeadText({}, complete=False), id="no text at head"),
        pytest.param(file(PATH, new_mode="100755"), head(), id="another mode"),
        pytest.param(file("src/moved.py", old_path=PATH), head(), id="another place"),
    ],
)
def test_only_the_very_same_file_is_known(now, text):
    known = {PATH: Known(digest(file(PATH), head()), "c" * 40, Scan.CLEAR, (), ())}
    assert still(known, Change((file(PATH),), heads={PATH: head()})) == known
    assert still(known, Change((now,), heads={now.path: text})) == {}


def test_findings_keep_their_identity():
    (read,) = unsealed(sealed(KNOWN, "b", KEYS), "b", KEYS).values()
    assert read.ballots[0][0].finding.fingerprint == finding(path=PATH, suggestion="x").fingerprint
