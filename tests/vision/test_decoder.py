import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from appliance.errors import Parked, Unreadable
from appliance.vision.decode import decode
from appliance.vision.decoder import Decoder
from appliance.vision.limits import CANVAS_BYTES, Allowance, Limits
from appliance.vision.wire import CODE, REASONS, REPLY, Purpose, Reply, unpacked
from tests.vision.dng import dng
from tests.vision.hard import noise, saved, scan_bomb

pillow_heif.register_heif_opener()
PLAIN = saved(noise(320, 200), "JPEG")
BOMB = scan_bomb(5000, 3000)


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    with Decoder() as started:
        yield started


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF", "HEIF", "BMP", "GIF", "DNG"])
@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_it_reads_what_decode_reads(decoder: Decoder, kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    if kind == "DNG":
        data = dng(np.asarray(noise(96, 62)), orientation=orientation)
    else:
        data = saved(noise(97, 61), kind, **({"exif": exif} if kind not in ("BMP", "GIF") else {}))
    here, there = decode(data), decoder.decode(data)
    assert np.array_equal(here.pixels, there.pixels)
    assert (here.width, here.height, here.remarks) == (there.width, there.height, there.remarks)


def test_a_large_jpeg_is_halved_there_too(decoder: Decoder) -> None:
    picture = decoder.decode(saved(noise(4500, 300), "JPEG"))
    assert picture.pixels.shape == (150, 2250, 3)
    assert (picture.width, picture.height) == (4500, 300)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (PLAIN[: len(PLAIN) // 2], "truncated"),
        (b"\x00\x00\x00\x20ftypisom" + bytes(64), "video"),
        (b"%PDF-1.7" + bytes(64), "not_a_photo"),
    ],
    ids=["empty", "truncated", "video", "pdf"],
)
def test_a_reason_comes_back_as_it_was_given(decoder: Decoder, data: bytes, code: str) -> None:
    with pytest.raises((Parked, Unreadable)) as refused:
        decoder.decode(data)
    assert isinstance(refused.value, type(REASONS[CODE[code] - 1]))
    assert refused.value.code == code


def test_pixels_outlive_the_next_picture_and_are_nobody_elses(decoder: Decoder) -> None:
    first = decoder.decode(PLAIN)
    part, before = first.pixels[10:20, 30:40], first.pixels.copy()
    for seed in range(3):
        other = decoder.decode(saved(noise(320, 200, seed + 5), "PNG"))
        assert not np.array_equal(other.pixels, before)
    assert np.array_equal(first.pixels, before)
    assert np.array_equal(part, before[10:20, 30:40])
    first.pixels[:] = 7
    assert decoder.decode(saved(Image.new("RGB", (320, 200)), "PNG")).pixels.max() == 0


def test_one_canvas_serves_all_pictures_that_are_let_go(decoder: Decoder) -> None:
    for _ in range(3):
        decoder.decode(PLAIN)
    held = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        decoder.decode(PLAIN)
    assert len(list(Path("/proc/self/fd").iterdir())) == held


def test_what_burns_time_costs_one_reason_and_the_next_picture_is_read_at_once() -> None:
    strict = Decoder(Allowance(cpu_s=1))
    strict.decode(PLAIN)
    waiting = strict.pid
    with pytest.raises(Unreadable) as refused:
        strict.decode(BOMB)
    assert refused.value.code == "took_too_long"
    started = time.monotonic()
    assert strict.decode(PLAIN).width == 320
    assert strict.pid == waiting and time.monotonic() - started < 1, "the waiting process was not touched"
    strict.close()


def test_what_needs_too_much_memory_is_refused() -> None:
    with Decoder(Allowance(memory_bytes=30_000_000)) as strict:
        with pytest.raises(Unreadable) as refused:
            strict.decode(saved(Image.new("RGB", (4300, 4300)), "PNG"))
        assert refused.value.code == "too_large"
        assert strict.decode(PLAIN).width == 320


def children_of(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def child_at_work(decoder: Decoder, but: int = 0) -> int:
    """The process that decodes right now, once it has shut itself in."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        for child in children_of(decoder.pid):
            with contextlib.suppress(OSError):
                if child != but and _filters(child) >= 2:
                    return child
        time.sleep(0.005)
    raise AssertionError("nothing decodes")


def _filters(pid: int) -> int:
    status = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(status["Seccomp_filters"])


def test_a_decoder_that_crashes_twice_costs_its_picture_a_reason(decoder: Decoder) -> None:
    refused: list[Unreadable] = []

    def ask() -> None:
        try:
            decoder.decode(BOMB)
        except Unreadable as error:
            refused.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    first = child_at_work(decoder)
    os.kill(first, signal.SIGSEGV)
    os.kill(child_at_work(decoder, but=first), signal.SIGSEGV)
    asking.join(30)
    assert [r.code for r in refused] == ["decoder_died"]
    assert decoder.decode(PLAIN).width == 320


def test_a_waiting_process_that_dies_is_replaced_and_nobody_notices(decoder: Decoder) -> None:
    decoder.decode(PLAIN)
    dead = decoder.pid
    os.kill(dead, signal.SIGKILL)
    assert decoder.decode(PLAIN).width == 320
    assert decoder.pid != dead


def test_one_that_hangs_is_ended_and_replaced() -> None:
    with Decoder(Allowance(cpu_s=60, wall_s=1)) as hanging:
        hanging.decode(PLAIN)
        with pytest.raises(Unreadable) as refused:
            hanging.decode(BOMB)
        assert refused.value.code == "took_too_long"
        assert hanging.decode(PLAIN).width == 320


def test_signals_that_end_a_box_do_not_end_a_decoder(decoder: Decoder) -> None:
    decoder.decode(PLAIN)
    waiting = decoder.pid
    for stray in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        os.kill(waiting, stray)
    assert decoder.decode(PLAIN).width == 320
    assert decoder.pid == waiting


def test_while_it_decodes_it_holds_nothing_but_picture_canvas_and_pipe_and_is_shut_in() -> None:
    decoder = Decoder(Allowance(cpu_s=3))
    walls = decoder.walls
    if not (walls.landlock and walls.filtered):
        pytest.skip(f"this machine holds the decoder by less: {walls}")
    asking = threading.Thread(target=_ask, args=(decoder,))
    asking.start()
    child = child_at_work(decoder)
    held = [str(n.readlink()) for n in Path(f"/proc/{child}/fd").iterdir()]
    status = Path(f"/proc/{child}/status").read_text()
    limits = Path(f"/proc/{child}/limits").read_text()
    os.kill(decoder.pid, signal.SIGKILL)
    asking.join(60)
    assert {h.split(" ")[0].split(":[")[0] for h in held} <= {"/dev/null", "/memfd:picture", "/memfd:canvas", "pipe"}
    assert "NoNewPrivs:\t1" in status and "Seccomp:\t2" in status
    assert "Max open files            0 " in limits and "Max cpu time              3 " in limits
    assert "Max file size             0 " in limits and "Max core file size        0 " in limits
    until = time.monotonic() + 5
    while Path(f"/proc/{child}/exe").exists() and time.monotonic() < until:
        time.sleep(0.01)
    assert not Path(f"/proc/{child}/exe").exists(), "it goes with the process that started it"
    decoder.close()


def _ask(decoder: Decoder) -> None:
    with contextlib.suppress(Unreadable):
        decoder.decode(BOMB)


GOOD = Reply(None, (), 6000, 4000, 3000, 2000)


def test_a_reply_comes_back_as_it_was_meant() -> None:
    for reply in (GOOD, Reply(None, ("one_of_several_pictures",), 10, 20, 10, 20), Reply(Unreadable("damaged", ""))):
        back = unpacked(reply.packed(), Limits())
        assert (back.reason and back.reason.code) == (reply.reason and reply.reason.code)
        assert (back.remarks, back.width, back.down) == (reply.remarks, reply.width, reply.down)


@pytest.mark.parametrize(
    "untrusted",
    [
        b"", GOOD.packed()[:-1], GOOD.packed() + b"\0", REPLY.pack(len(CODE) + 1, 0, 1, 1, 1, 1, 0),
        REPLY.pack(0, 0, 0, 4000, 0, 2000, 0), REPLY.pack(0, 0, 6000, 4000, 6000, 4000, 0),
        REPLY.pack(0, 0, 6000, 4000, 3001, 2000, 0), REPLY.pack(0, 0, 40_000, 40_000, 5000, 5000, 0),
        REPLY.pack(0, 0, 2**32 - 1, 2**32 - 1, 2**32 - 1, 2**32 - 1, 0), REPLY.pack(0, 0b100, 10, 10, 10, 10, 0),
        REPLY.pack(0, 0, 10, 10, 10, 10, 4_000_000),
    ],
)  # fmt: skip
def test_a_reply_that_an_honest_decoder_would_not_give_is_not_believed(untrusted: bytes) -> None:
    with pytest.raises(ValueError, match="reply"):
        unpacked(untrusted, Limits())


def test_every_size_that_is_allowed_fits_on_the_canvas() -> None:
    limits = Limits()
    for width, height in ((4400, 4400), (8800, 8800), (14_800, 14_800), (35_200, 6250), (40_000, 5500)):
        factor = limits.shrink(width, height)
        assert -(-width // factor) * -(-height // factor) * 3 <= CANVAS_BYTES


def test_a_portrait_has_limits_of_its_own(decoder: Decoder) -> None:
    huge = saved(Image.new("L", (9000, 7000)), "JPEG")
    assert decoder.decode(huge).width == 9000
    with pytest.raises(Unreadable) as refused:
        decoder.decode(huge, Purpose.PORTRAIT)
    assert refused.value.code == "too_many_pixels"
