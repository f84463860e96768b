"""What can be wrong with the far end: one code and one sentence each, read from whatever words an engine finds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum


class Trouble(StrEnum):
    """Why the far end does not do what it is asked."""

    FULL = "target_full"
    READ_ONLY = "target_read_only"
    GONE = "target_gone"
    CERTIFICATE = "target_certificate"
    CREDENTIALS = "target_credentials"
    MISSING = "target_missing"
    FAILED = "target_failed"

    @property
    def is_of_all(self) -> bool:
        """Whether nothing else can be done there either, until somebody has seen to it or it comes back."""
        return self in (Trouble.GONE, Trouble.CERTIFICATE, Trouble.CREDENTIALS, Trouble.MISSING)

    @property
    def may_pass(self) -> bool:
        """Whether trying again in a moment is worth it."""
        return self in (Trouble.GONE, Trouble.FAILED)


SENTENCE = {
    Trouble.FULL: "the target is full; make room there. Takedowns still go through.",
    Trouble.READ_ONLY: "the target can be read, not written; give this box's account the right to write and delete.",
    Trouble.GONE: "the target cannot be reached; is it switched on, and is the network up? It is tried again.",
    Trouble.CERTIFICATE: (
        "the target does not prove that it is the right one (its certificate or host key is not the one expected), so "
        "nothing is sent. Ask whoever runs it whether it was changed; do not switch the check off."
    ),
    Trouble.CREDENTIALS: "the target does not accept this box's credentials; renew them in keys/rclone.conf.",
    Trouble.MISSING: "the folder at the target is not there; is the right disk or share connected? Else make it.",
    Trouble.FAILED: "the target could not be read or written; it is tried again.",
}
LEFT = {
    "expired": "a consent behind it is over",
    "far_end_differs": "what arrived is not what was sent",
    "occupied": "another file stands under its name at the target; it was not touched",
    "still_there": "it was removed at the target and is still there",
    "buried": "the target remembers that it was taken down after it was approved; look at it and approve it again",
    "window_over": "the night was over",
    "other_target": "it is for a target that is not set up any more",
}
"""Why a single item was left."""

_SIGNS = (
    (Trouble.CERTIFICATE, r"x509|certificate|knownhosts|host key|tls: (?!handshake timeout)"),
    (
        Trouble.CREDENTIALS,
        r"unable to authenticate|unauthori[sz]ed|\b401\b|InvalidAccessKey|SignatureDoesNotMatch|invalid_grant",
    ),
    (Trouble.FULL, r"no space left|quota|\b507\b|insufficient storage|storage ?full|disk full|XMinioStorageFull"),
    (
        Trouble.GONE,
        r"refused|no such host|no route|unreachable|time.?out|timed out|reset|broken pipe|\bEOF\b|\b50[234]\b",
    ),
    (Trouble.GONE, r"connection lost|couldn't connect"),
    (Trouble.READ_ONLY, r"read-only|permission.denied|access.?denied|forbidden|\b403\b|\b405\b|not permitted"),
    (Trouble.MISSING, r"directory not found|NoSuchBucket|bucket does not exist"),
)


def trouble(words: str) -> Trouble:
    """What an engine's or system's message says is wrong; the most serious first."""
    return next((t for t, signs in _SIGNS if re.search(signs, words, re.IGNORECASE)), Trouble.FAILED)


def sentence(code: str) -> str:
    """What a code of an item or of the far end means, for a person."""
    return SENTENCE[Trouble(code)] if code in set(Trouble) else LEFT.get(code, code.replace("_", " "))


def state_sentence(state: Mapping[str, object]) -> str:
    """What a push that was kept as `state` came to."""
    if state.get("trouble"):
        return sentence(str(state["trouble"]))
    left, odd = state.get("left"), [f"{state[k]} {k} files there" for k in ("foreign", "altered") if state.get(k)]
    if isinstance(left, dict) and left:
        return "; ".join(f"{n} not sent: {sentence(code)}" for code, n in left.items())
    return "; ".join(["everything is there and was checked", *odd])
