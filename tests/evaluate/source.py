"""Where the data for measuring stands, and where what is made of it is kept. Neither is ever in the repository."""

from __future__ import annotations

import hashlib
import os
from functools import cache
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
BUILD = CHECKOUT / "build" / "evaluate"
DOCS = CHECKOUT / "docs"


def shared() -> Path | None:
    """The folder with `data` and `tools`: $SHARED, or `../shared` beside the checkout; None where it is absent."""
    folder = Path(os.environ.get("SHARED", CHECKOUT.parent / "shared")).resolve()
    return folder if (folder / "data" / "lfw").is_dir() and (folder / "tools").is_dir() else None


@cache
def version_of_eyes() -> str:
    """Changes with every model and with every line of code between a picture's bytes and a template.

    Read when the program starts: whoever edits the code while it runs does not change what is measured.
    """
    code = [*sorted((CHECKOUT / "appliance" / "vision").glob("*.py")), CHECKOUT / "appliance" / "domain" / "face.py"]
    manifest = CHECKOUT / "models" / "manifest.toml"
    return hashlib.sha256(b"".join(p.read_bytes() for p in [*code, manifest])).hexdigest()[:12]
