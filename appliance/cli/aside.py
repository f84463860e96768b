"""The verbs about what was set aside: `parked export`, `parked erase`. Listing it: `photos --state parked`."""

from __future__ import annotations

from argparse import Namespace

from appliance.cli.output import Output
from appliance.pipeline import aside
from appliance.pipeline.listing import the_photo
from appliance.store.home import Home


def export(given: Namespace, out: Output) -> None:
    """`parked export PHOTO --out DIR --as WHO`."""
    home = Home.open(given.home)
    row = the_photo(given.photo, home.ledger)
    for file in aside.export(row, given.out, given.who, home):
        data = {"photo": file.photo, "names": list(file.names), "out": str(file.path)}
        out.row(data, f"{file.path}  ({', '.join(file.names)})")


def erase(given: Namespace, out: Output) -> None:
    """`parked erase PHOTO --as WHO`."""
    home = Home.open(given.home)
    row = the_photo(given.photo, home.ledger)
    files = aside.erase(row, given.who, home)
    out.row({"erased": row.id, "files": files}, f"{row.id[:12]} is erased: {files} files.")
