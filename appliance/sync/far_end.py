"""What the far end holds: listed, checked, written down there. A foreign or altered file is reported, not touched."""

from __future__ import annotations

import errno
import hashlib
import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from appliance.domain.far_end import Trouble
from appliance.outbox import Order, Outbox
from appliance.sync.target import FarEndError, Target, is_partial

MANIFEST, TOMBSTONES = "manifest.json", "tombstones.json"
PICTURE = re.compile(r"([^/]+)/[^/]+/([0-9a-f]{64})\.jpg")
"""Channel, event, SHA-256 of the derivative."""
_OWN = re.compile(r"manifest\.json|tombstones\.json|anchors/[^/]+\.json")
"""What else this box keeps there: what is where, what never comes back, and signed heads of its audit log."""
CHECKED = "checked"
"""Under this name the outbox keeps what was found in order at the far end, and how it looked then."""
BACK_OFF_S = (1.0, 4.0, 15.0)

_ERRNO = {
    errno.ENOSPC: Trouble.FULL, errno.EDQUOT: Trouble.FULL, errno.EROFS: Trouble.READ_ONLY,
    errno.EACCES: Trouble.READ_ONLY, errno.EPERM: Trouble.READ_ONLY, errno.EIO: Trouble.GONE,
    errno.ENOTCONN: Trouble.GONE, errno.ESTALE: Trouble.GONE, errno.EHOSTDOWN: Trouble.GONE,
    errno.ETIMEDOUT: Trouble.GONE, errno.ENODEV: Trouble.GONE,
}  # fmt: skip

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found at the far end. good: pictures that are what their names say. Paths, sorted."""

    good: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()


def trouble_of(error: OSError) -> Trouble:
    """What is wrong with the far end, by what it or the system said."""
    return error.trouble if isinstance(error, FarEndError) else _ERRNO.get(error.errno or 0, Trouble.FAILED)


def attempted(do: Callable[[], T], pause: Callable[[float], None]) -> T:
    """Do it; where a remote's trouble may pass, a few times, with longer and longer pauses."""
    for delay in BACK_OFF_S:
        try:
            return do()
        except FarEndError as error:
            if not error.trouble.may_pass:
                raise
        pause(delay * random.uniform(0.7, 1.3))
    return do()


def look_through(
    target: Target, listed: dict[str, str], outbox: Outbox, sent: set[str], *, read_all: bool
) -> Seen:  # fmt: skip
    """Check every picture that is there against its name.

    One that looks as it did when it was last found in order is not fetched again, nor one that was just `sent`; with
    read_all every one is. Raises OSError where the far end fails.
    """
    checked, good, altered, foreign = outbox.noted(CHECKED), {}, [], []
    for path, stamp in sorted(listed.items()):
        picture = PICTURE.fullmatch(path)
        if picture is None:
            if not _OWN.fullmatch(path) and not is_partial(path):
                foreign.append(path)
        elif (checked.get(path) == stamp and not read_all) or path in sent or _is(target, path, picture[2]):
            good[path] = stamp
        else:
            altered.append(path)
    if good != checked:
        outbox.note(CHECKED, good)
    return Seen(tuple(good), tuple(altered), tuple(foreign))


def _is(target: Target, path: str, sha256: str) -> bool:
    data = target.read(path)
    return data is not None and hashlib.sha256(data).hexdigest() == sha256


def write_manifest(target: Target, seen: Seen) -> None:
    """List what is there; written by what the far end holds, so that no broken-off push leaves it wrong for good."""
    found = (m for path in seen.good if (m := PICTURE.fullmatch(path)))
    _keep(target, MANIFEST, [{"path": m[0], "sha256": m[2], "channel": m[1]} for m in found])


FOR_GOOD = "9999"
"""Later than any approval."""


def buried(target: Target) -> dict[str, str]:
    """What the far end remembers of takedowns: `memory_of` a picture → when, or FOR_GOOD. Raises OSError."""
    try:
        said = json.loads(target.read(TOMBSTONES) or b"{}")
    except ValueError:
        return {}
    return {k: v for k, v in said.items() if isinstance(v, str)} if isinstance(said, dict) else {}


def memory_of(order: Order) -> str:
    """Under which key the far end remembers this order's picture."""
    return f"{order.channel}/{order.derivative}"


def bury(target: Target, dead: dict[str, str]) -> None:
    """Have the far end remember takedowns, whatever backup of the box is put back later."""
    _keep(target, TOMBSTONES, dict(sorted(dead.items())))


def _keep(target: Target, path: str, said: object) -> None:
    data = (json.dumps(said, indent=1) + "\n").encode()
    if target.read(path) != data:
        target.put(path, data)
