"""The picture's data, to the last bit: whatever is not a block as our encoder writes it is refused."""

from __future__ import annotations

import time
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.errors import Damaged
from appliance.sanitise.leaks import check
from tests.sanitise.reference import Block, Picture, is_ours, jpeg, read, write
from tests.sanitise.residue import RESIDUE

BEGIN = 623


@st.composite
def pictures(draw: st.DrawFn, most: int = 70) -> bytes:
    """A file of ours: noise, flat, harsh or nearly empty pixels of any size and quality."""
    height, width, seed = draw(st.integers(1, most)), draw(st.integers(1, most)), draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    kind = draw(st.sampled_from(["noise", "flat", "harsh", "dot", "soft"]))
    pixels = np.zeros((height, width, 3), np.uint8)
    if kind == "noise":
        pixels = rng.integers(0, 256, pixels.shape, np.uint8)
    elif kind == "flat":
        pixels[:] = rng.integers(0, 256, 3)
    elif kind == "harsh":
        pixels = (rng.integers(0, 2, pixels.shape) * 255).astype(np.uint8)
    elif kind == "dot":
        pixels[rng.integers(0, height), rng.integers(0, width)] = 255
    else:
        pixels = cv2.GaussianBlur(rng.integers(0, 256, pixels.shape, np.uint8), (0, 0), 2).astype(np.uint8)
    return jpeg(pixels, draw(st.integers(50, 95)))


def passes(data: bytes) -> bool:
    try:
        check(data)
    except Damaged:
        return False
    return True


def markers(data: bytes) -> bool:
    scan = data[BEGIN:-2]
    return not scan or scan.count(b"\xff") != scan.count(b"\xff\x00")


@settings(max_examples=300, deadline=None)
@given(pictures())
def test_everything_that_our_encoder_writes_passes_and_is_written_as_the_standard_says(data: bytes) -> None:
    assert check(data) == len(read(data).blocks)
    assert is_ours(data)


@settings(max_examples=400, deadline=None)
@given(pictures(40), st.data())
def test_a_byte_put_in_taken_out_or_changed_is_refused_unless_it_makes_another_picture(
    data: bytes, draw: st.DataObject
) -> None:
    """The judge is another codec, which writes the blocks that it reads anew: the file must be what it writes."""
    at, value = draw.draw(st.integers(BEGIN, len(data) - 2)), draw.draw(st.integers(0, 255))
    for changed in (
        data[:at] + bytes([value]) + data[at:],
        data[:at] + data[at + 1 :],
        data[:at] + bytes([value]) + data[at + 1 :],
    ):
        if changed.endswith(b"\xff\xd9"):
            assert passes(changed) == (not markers(changed) and is_ours(changed))


@settings(max_examples=200, deadline=None)
@given(pictures(), st.binary(min_size=1, max_size=40))
def test_nothing_can_stand_behind_the_last_block(data: bytes, hidden: bytes) -> None:
    tail = hidden.replace(b"\xff", b"\xff\x00")
    assert not passes(data[:-2] + tail + b"\xff\xd9")


@settings(max_examples=100, deadline=None)
@given(pictures())
def test_the_bits_that_fill_the_last_byte_are_ones(data: bytes) -> None:
    last = len(data) - 3 if data[-4:-2] != b"\xff\x00" else len(data) - 4
    for bit in range(8):
        changed = data[:last] + bytes([data[last] ^ 1 << bit]) + data[last + 1 :]
        if not markers(changed):
            assert passes(changed) == is_ours(changed)
    assert not passes(data[:-2] + b"\xff\x00\xff\xd9"), "a byte of ones is not filling"


def _changed(change: Callable[[list[Block]], None], width: int = 40, height: int = 40) -> bytes:
    """A file whose blocks were changed, and written as the standard allows."""
    picture = read(jpeg(np.random.default_rng(5).integers(0, 256, (height, width, 3), np.uint8)))
    change(picture.blocks)
    return write(Picture(picture.header, picture.width, picture.height, picture.blocks))


@pytest.mark.parametrize(("size", "beyond"), [((40, 40), 6 * 8 + 3), ((40, 48), 6 * 2 + 1), ((48, 40), 6 * 6 + 2)])
def test_a_block_beyond_the_edge_cannot_hold_anything(size: tuple[int, int], beyond: int) -> None:
    """40 px are five blocks: the sixth only completes a 16 × 16, and nobody ever sees it."""
    assert passes(_changed(lambda blocks: None, *size))

    def hide(blocks: list[Block]) -> None:
        blocks[beyond][7] = 42

    def shift(blocks: list[Block]) -> None:
        blocks[beyond][0] += 1

    assert not passes(_changed(hide, *size))
    assert not passes(_changed(shift, *size))


def test_a_block_more_or_less_is_refused() -> None:
    assert not passes(_changed(lambda blocks: blocks.append([0] * 64)))
    assert not passes(_changed(lambda blocks: blocks.extend([[0] * 64] * 6)))

    def cut(blocks: list[Block]) -> None:
        del blocks[-6:]

    assert not passes(_changed(cut))


ZEROS = {"luma": "11111111001", "chroma": "1111111010"}
END = {"luma": "1010", "chroma": "00"}


def _flat(bits: str) -> bytes:
    """One flat 16 × 16 with its blocks written by hand."""
    header = jpeg(np.zeros((16, 16, 3), np.uint8))[:BEGIN]
    text = bits + "1" * (-len(bits) % 8)
    return header + int(text, 2).to_bytes(len(text) // 8, "big").replace(b"\xff", b"\xff\x00") + b"\xff\xd9"


LUMA, CHROMA = "00" + END["luma"], "00" + END["chroma"]


@pytest.mark.parametrize("count", [1, 2, 3, 4])
@pytest.mark.parametrize("where", ["luma", "chroma"])
def test_zeros_written_out_before_the_end_of_a_block_are_refused(where: str, count: int) -> None:
    """They change nothing that is seen: a block can be ended in four ways, which is two bits to hide something in."""
    padded = "00" + ZEROS[where] * count + END[where]
    blocks = [LUMA] * 4 + [CHROMA] * 2
    assert passes(_flat("".join(blocks)))
    blocks[0 if where == "luma" else 5] = padded
    assert not passes(_flat("".join(blocks)))


def test_a_last_coefficient_is_followed_by_no_end() -> None:
    """After coefficient 63 the block is over (T.81, F.1.2.2): 3 × 16 zeros, then 14 zeros and a one."""
    full = "00" + ZEROS["luma"] * 3 + "1111111111101011" + "1"
    assert is_ours(_flat(full + LUMA * 3 + CHROMA * 2)) == passes(_flat(full + LUMA * 3 + CHROMA * 2))
    assert not passes(_flat(full + END["luma"] + LUMA * 3 + CHROMA * 2))


def test_a_code_that_no_table_has_is_refused() -> None:
    for bits in ("1" * 16, "00" + "1" * 16, "00" + END["luma"] + "1" * 32):
        assert not passes(_flat(bits + LUMA * 4 + CHROMA * 2))


@pytest.mark.parametrize("name", RESIDUE)
def test_what_was_tried_to_get_past_is_refused(name: str) -> None:
    assert not passes(RESIDUE[name])


def test_a_usual_picture_is_walked_in_well_under_a_tenth_of_a_second() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (1067, 1600, 3), np.uint8)
    data = jpeg(cv2.GaussianBlur(noise, (0, 0), 1).astype(np.uint8))
    assert len(data) > 400_000
    check(data)
    times = []
    for _ in range(5):
        began = time.perf_counter()
        check(data)
        times.append(time.perf_counter() - began)
    assert min(times) < 0.3, "35 to 60 ms when nothing else runs"
