"""No value of any metadata field of what came in is in what would leave, as exiftool reads both."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from appliance.domain.channel import Audience
from appliance.domain.event import folder
from appliance.domain.wording import Called, Names, Verdict, verdict
from appliance.sanitise.leaks import check
from tests.e2e.box import SHARED, Box

SHORTEST, LEAST_CODED = 6, 8
"""Characters of a value, and of it in Base64: fewer are found in any picture by chance."""
METADATA = SHARED / "data" / "metadata"
NAUGHTY = SHARED / "data" / "naughty_strings.txt"
NOT_IN_THE_FILE = {"SourceFile", "ExifTool", "System", "File", "Composite"}
"""Groups that exiftool makes up itself: the file's name, its dates, what follows from other fields."""


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.skipif(not METADATA.is_dir(), reason="the metadata collection is not beside the checkout")
@pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not installed")
def test_no_value_of_any_field_that_came_in_is_in_what_would_leave(tmp_path: Path) -> None:
    box = Box(tmp_path / "home")
    box.run("init")
    box.run("ingest", METADATA)
    box.run("process")
    searched = files = 0
    for photo in box.photos():
        derivatives = {c["derivative"] for c in photo["channels"].values() if c["derivative"]}
        if photo["state"] != "rendered" or not derivatives:
            continue
        files += 1
        values = set(fields(METADATA / photo["names"][0]))
        for derivative in derivatives:
            data = (box.home / "derivatives" / derivative[:2] / derivative).read_bytes()
            check(data)
            found = [v for v in values if any(form in data for form in forms(v))]
            assert not found, f"{photo['names'][0]}: {found[:3]}"
        searched += len(values)
    assert files >= 20, files
    assert searched > 20 * files, "the judge found the fields"
    print(f"{searched} values of {files} files were searched for, and none was found")


def fields(path: Path) -> Iterator[str]:
    """Every value that exiftool finds in a file, embedded files and unknown fields too, of six characters and more."""
    told = subprocess.run(
        ["exiftool", "-j", "-ee", "-a", "-u", "-U", "-G1", "-s", "-struct", "-api", "LargeFileSupport=1", str(path)],
        capture_output=True, check=False,
    ).stdout  # fmt: skip
    for said in json.loads(told or b"[]"):
        for key, value in said.items():
            if key.split(":")[0] not in NOT_IN_THE_FILE:
                yield from (text for text in texts(value) if len(text) >= SHORTEST)


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for part in value.values():
            yield from texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)
    else:
        yield str(value).strip()


def forms(text: str) -> Iterator[bytes]:
    """A value as it might be written: in three encodings, and in Base64 at each of the three places it may begin."""
    for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
        raw = text.encode(encoding, "surrogateescape" if encoding == "utf-8" else "replace")
        yield raw
        for shift in range(3):
            coded = base64.b64encode(b"\x00" * shift + raw)[4 if shift else 0 : (shift + len(raw)) // 3 * 4]
            if len(coded) >= LEAST_CODED:
                yield coded


def test_the_search_would_find_a_value_in_every_form() -> None:
    text = "Amelia Nonsuch's camera"
    for shift in range(3):
        assert any(f in base64.b64encode(b"xyz"[:shift] + text.encode() + b"tail") for f in forms(text))
    assert any(f in b"..." + text.encode("utf-16-le") for f in forms(text))


@pytest.mark.slow
@pytest.mark.skipif(not NAUGHTY.is_file(), reason="the list of naughty strings is not beside the checkout")
def test_naughty_strings_as_names_events_and_captions() -> None:
    lines = [n for n in NAUGHTY.read_text(encoding="utf-8").splitlines() if n.strip() and not n.startswith("#")]
    assert len(lines) > 300
    everybody = Names([Called(n, f) for n, f in zip(lines, reversed(lines), strict=True)])
    for line in lines:
        name = folder(line, date(2026, 11, 20), lines)
        assert name.isascii() and "/" not in name and name.replace("-", "").isalnum()
        everybody.find(line)
        found = Names([Called("Amelia", "Nonsuch")]).find(f"{line} Amelia Nonsuch {line}")
        assert verdict(found, Audience.IN_SCHOOL) is Verdict.BLOCK, line
        if sum(c.isalpha() for c in line) > 3 and line.isascii():
            found = Names([Called("Amelia", line)]).find(f"For Amelia {line}")
            assert verdict(found, Audience.PUBLIC) is not Verdict.CLEAR, line
