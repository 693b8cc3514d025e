"""What must hold for any bytes at all, one function a part of the program that reads what strangers wrote."""

import unicodedata

from hostile import COMMANDS, dangers

from reviewbot import aimed, git, replies
from reviewbot.errors import ModelError, ReviewbotError
from reviewbot.sanitize import REDACTED, Sanitizer, inert

SECRET = "".join(("vk-", "Zr8~~~", "/Wm2???x+", "Tn5y", "_Bd7h", "Lp4c"))
SAFE = Sanitizer([SECRET])
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn"}


def sanitiser(data):
    """Clean text is visible, does nothing, shows no secret, and stays as it is when it is cleaned again."""
    text = (
        data.decode("utf-8", "surrogatepass" if data[:1] < b"\x80" else "replace")
        if _decodes(data)
        else data.decode("latin-1")
    )
    once = SAFE.clean(text)
    assert not [c for c in once if c not in "\n\t" and unicodedata.category(c) in HIDDEN]
    assert SAFE.clean(once) == once
    made = SAFE.markdown(text)
    assert not dangers(made), made
    assert SAFE.markdown(made) == made
    assert not dangers(SAFE.inline(text))
    assert "\n" not in SAFE.line(text)
    assert not COMMANDS.search(inert(text))
    assert inert(inert(text)) == inert(text)
    hidden = SAFE.clean(text[:40] + SECRET + text[40:])
    assert REDACTED in hidden
    assert SECRET not in hidden


def _decodes(data):
    try:
        data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


def patch(data):
    """A diff is read or refused in a sentence; what is read names its files once and numbers its lines upwards."""
    try:
        change = git.from_diff(data, repo=None)
    except ReviewbotError:
        return
    paths = [file.path for file in change.files]
    assert len(paths) == len(set(paths))
    for file in change.files:
        for hunk in file.hunks:
            numbers = [line.new for line in hunk.lines if line.new is not None]
            assert numbers == sorted(set(numbers))
        aimed.place(file)


def reply(data):
    """An answer is parsed or refused in a sentence."""
    try:
        made = replies.parse(data.decode("utf-8", "replace"))
    except ModelError:
        return
    assert all(isinstance(path, str) for path in made.read)


def speech(data):
    """Whatever it says, it is judged."""
    text = data.decode("utf-8", "replace")
    assert aimed.speaks(text) in {True, False}
    for verdict in ("confirm", "refute", "cannot_tell"):
        aimed.steered(verdict, text, text)


TARGETS = {"sanitiser": sanitiser, "patch": patch, "reply": reply, "speech": speech}
