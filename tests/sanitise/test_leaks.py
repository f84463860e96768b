"""The leak walker: only what our own encoder writes gets past it."""

from __future__ import annotations

import io
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import simplejpeg
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from appliance.errors import Damaged
from appliance.sanitise.leaks import check, check_segments
from tests.sanitise.reference import is_ours


def _jpeg(width: int = 70, height: int = 50, quality: int = 85) -> bytes:
    pixels = np.random.default_rng(width).integers(0, 256, (height, width, 3), np.uint8)
    data: bytes = simplejpeg.encode_jpeg(pixels, quality=quality, colorspace="RGB", colorsubsampling="420")
    return data


GOOD = _jpeg()


def _segment_starts(data: bytes) -> list[int]:
    """Where each segment begins, the scan's header last."""
    at, starts = 2, []
    while True:
        starts.append(at)
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if data[at + 1] == 0xDA:
            return [*starts, at + 2 + length]
        at += 2 + length


STARTS = _segment_starts(GOOD)
SIZE_AT = GOOD.index(b"\xff\xc0") + 5
"""Where the height stands; the width is behind it."""


def _insert(data: bytes, at: int, what: bytes) -> bytes:
    return data[:at] + what + data[at:]


def _segment(marker: int, payload: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(payload) + 2).to_bytes(2, "big") + payload


def _code(data: bytes) -> str:
    with pytest.raises(Damaged) as caught:
        check(data)
    return caught.value.code


@pytest.mark.parametrize("quality", [50, 75, 85, 95])
@pytest.mark.parametrize("size", [(1, 1), (16, 16), (70, 50), (1600, 1067)])
def test_what_our_encoder_writes_passes(size: tuple[int, int], quality: int) -> None:
    check(_jpeg(*size, quality=quality))


def test_a_grey_file_is_refused_for_ours_have_three_colours() -> None:
    assert _code(simplejpeg.encode_jpeg(np.full((9, 9, 1), 7, np.uint8), 85, "GRAY", "Gray")) == "leak_segment"


@pytest.mark.parametrize("quality", [30, 49, 96, 100])
def test_a_quality_that_no_school_can_set_is_refused(quality: int) -> None:
    assert _code(_jpeg(quality=quality)) == "leak_segment"


def test_a_picture_larger_than_any_channel_is_refused() -> None:
    assert _code(_jpeg(4097, 16)) == "leak_segment"


def test_tables_made_for_the_picture_are_refused() -> None:
    assert _code(_saved(subsampling="4:2:0", optimize=True)) == "leak_segment"


@pytest.mark.parametrize(
    "name", ["thumbnail", "exif", "comment", "adobe", "icc", "mpf", "restart", "no_lines", "arithmetic"]
)
@pytest.mark.parametrize("where", range(len(STARTS) - 1))
def test_a_segment_inserted_anywhere_is_refused(name: str, where: int) -> None:
    segment = {
        "thumbnail": _segment(0xE0, b"JFXX\x00\x10" + b"x" * 40),
        "exif": _segment(0xE1, b"Exif\x00\x00" + b"x" * 40),
        "comment": _segment(0xFE, b"Amelia Nonsuch"),
        "adobe": _segment(0xEE, b"Adobe" + bytes(7)),
        "icc": _segment(0xE2, b"ICC_PROFILE\x00\x01\x01"),
        "mpf": _segment(0xE2, b"MPF\x00"),
        "restart": _segment(0xDD, b"\x00\x04"),
        "no_lines": _segment(0xDC, b"\x00\x04"),
        "arithmetic": _segment(0xCC, b"\x00\x10"),
    }[name]
    assert _code(_insert(GOOD, STARTS[where], segment)) == "leak_segment"


@given(marker=st.integers(1, 255), payload=st.binary(max_size=80), where=st.integers(0, len(STARTS) - 1))
def test_no_segment_can_be_added_whatever_it_is(marker: int, payload: bytes, where: int) -> None:
    """FF00 is left out: inside the scan it is no marker but a stuffed byte of the picture's data (T.81, F.1.2.3)."""
    assert _code(_insert(GOOD, STARTS[where], _segment(marker, payload))) in ("leak_segment", "leak_scan")


@given(payload=st.binary(max_size=80), where=st.integers(0, len(STARTS) - 2))
def test_no_stuffed_byte_can_stand_for_a_segment(payload: bytes, where: int) -> None:
    assert _code(_insert(GOOD, STARTS[where], _segment(0, payload))) == "leak_segment"


@given(where=st.integers(0, len(STARTS) - 2))
def test_no_segment_can_be_repeated_or_left_out(where: int) -> None:
    begin, end = STARTS[where], STARTS[where + 1]
    _code(_insert(GOOD, end, GOOD[begin:end]))
    _code(GOOD[:begin] + GOOD[end:])


@given(st.binary(max_size=300))
def test_bytes_that_are_no_picture_are_refused(data: bytes) -> None:
    _code(data)
    _code(b"\xff\xd8" + data)
    _code(b"\xff\xd8" + data + b"\xff\xd9")


@given(st.binary(min_size=1, max_size=300))
def test_nothing_may_follow_the_picture(tail: bytes) -> None:
    _code(GOOD + tail)
    assert _code(GOOD + tail + b"\xff\xd9") == "leak_scan"


@given(cut=st.integers(0, len(GOOD) - 1))
def test_a_picture_cut_short_is_refused(cut: int) -> None:
    _code(GOOD[:cut])


@pytest.mark.parametrize("at", range(STARTS[-1]))
def test_no_byte_of_the_header_can_be_changed_but_for_a_size_of_as_many_blocks(at: int) -> None:
    for value in {0, 1, 2, 0x7F, 0xFF, GOOD[at] ^ 1, GOOD[at] ^ 0x80, GOOD[at] + 1 & 0xFF} - {GOOD[at]}:
        changed = GOOD[:at] + bytes([value]) + GOOD[at + 1 :]
        try:
            check(changed)
        except Damaged:
            continue
        assert at in (SIZE_AT + 1, SIZE_AT + 3), "only the size's low bytes"
        was, now = (int.from_bytes(data[at - 1 : at + 1], "big") for data in (GOOD, changed))
        assert -(-was // 8) == -(-now // 8)


@given(at=st.integers(0, STARTS[-1]), value=st.integers(0, 255))
def test_no_byte_can_be_put_into_the_header(at: int, value: int) -> None:
    changed = _insert(GOOD, at, bytes([value]))
    try:
        check(changed)
    except Damaged:
        return
    assert at == STARTS[-1], "the first byte of the picture's data: another picture"
    assert is_ours(changed)


@pytest.mark.parametrize("marker", [*range(1, 0xD9), *range(0xDA, 0x100)])
def test_a_marker_in_the_scan_is_refused(marker: int) -> None:
    middle = (STARTS[-1] + len(GOOD)) // 2
    while GOOD[middle - 1] == 0xFF:
        middle += 1
    assert _code(_insert(GOOD, middle, bytes([0xFF, marker]))) == "leak_scan"


def test_a_second_picture_in_the_file_is_refused() -> None:
    assert _code(GOOD + GOOD) == "leak_scan"


def test_a_thumbnail_in_the_jfif_header_is_refused() -> None:
    thumb = _segment(0xE0, b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x01\x01" + b"rgb")
    assert _code(GOOD[:2] + thumb + GOOD[STARTS[1] :]) == "leak_segment"


def _saved(**options: object) -> bytes:
    out = io.BytesIO()
    Image.open(io.BytesIO(GOOD)).convert("RGB").save(out, "JPEG", **options)
    return out.getvalue()


def _exif() -> bytes:
    exif = Image.Exif()
    exif[0x013B] = "Amelia Nonsuch"
    return exif.tobytes()


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(lambda: _saved(exif=_exif()), id="exif"),
        pytest.param(lambda: _saved(comment=b"hello"), id="comment"),
        pytest.param(lambda: _saved(icc_profile=b"profile"), id="icc"),
        pytest.param(lambda: _saved(progressive=True), id="progressive"),
        pytest.param(lambda: _saved(dpi=(300, 300)), id="resolution"),
        pytest.param(lambda: _saved(subsampling="4:4:4"), id="other sampling"),
        pytest.param(lambda: _saved(restart_marker_blocks=1), id="restart markers"),
        pytest.param(lambda: b"", id="nothing"),
        pytest.param(lambda: b"\xff\xd8", id="start only"),
        pytest.param(lambda: b"\xff\xd8\xff\xd9", id="start and end"),
        pytest.param(lambda: GOOD[: STARTS[-1]] + b"\xff\xd9", id="no data"),
    ],
)
def test_a_file_of_another_make_is_refused(write: Callable[[], bytes]) -> None:
    _code(write())


def test_a_pillow_file_without_any_extras_is_as_good_as_ours() -> None:
    check(_saved(subsampling="4:2:0"))


def test_walking_the_segments_takes_no_time() -> None:
    data = _jpeg(4096, 2731, quality=95)
    began = time.perf_counter()
    check_segments(data)
    assert time.perf_counter() - began < 0.2


def test_it_needs_no_picture_library() -> None:
    code = "import sys, appliance.sanitise.leaks; assert not {'cv2', 'PIL', 'simplejpeg'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=True)
