import io

import numpy as np
import pytest
from PIL import Image

from appliance.errors import Parked, Unreadable
from appliance.vision.decode import Limits, decode

TRANSPOSE = Image.Transpose
STORED_AS = {
    1: None, 2: TRANSPOSE.FLIP_LEFT_RIGHT, 3: TRANSPOSE.ROTATE_180, 4: TRANSPOSE.FLIP_TOP_BOTTOM,
    5: TRANSPOSE.TRANSPOSE, 6: TRANSPOSE.ROTATE_90, 7: TRANSPOSE.TRANSVERSE, 8: TRANSPOSE.ROTATE_270,
}  # fmt: skip


def upright(width: int = 96, height: int = 64) -> Image.Image:
    """Red upper left, blue lower right: no two orientations look alike."""
    pixels = np.full((height, width, 3), 200, np.uint8)
    pixels[: height // 2, : width // 2] = (255, 0, 0)
    pixels[height // 2 :, width // 2 :] = (0, 0, 255)
    return Image.fromarray(pixels)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG"])
def test_every_orientation_comes_out_upright(orientation: int, kind: str) -> None:
    how = STORED_AS[orientation]
    stored = upright() if how is None else upright().transpose(how)
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = decode(saved(stored, kind, exif=exif, quality=95))
    assert (picture.width, picture.height) == (96, 64)
    assert picture.pixels.shape == (64, 96, 3)
    red, blue = picture.pixels[10, 10], picture.pixels[50, 80]
    assert red[2] > 200 and red[0] < 60, "pixels are BGR"
    assert blue[0] > 200 and blue[2] < 60


def test_a_large_jpeg_is_decoded_at_half_its_size_and_keeps_its_true_size() -> None:
    picture = decode(saved(upright(601, 403), "JPEG"), Limits(half_from_px=600))
    assert picture.pixels.shape == (202, 301, 3)
    assert (picture.width, picture.height) == (601, 403)


@pytest.mark.parametrize("mode", ["L", "RGBA", "LA", "P", "1", "CMYK", "I;16"])
def test_every_mode_becomes_bgr(mode: str) -> None:
    kind = "TIFF" if mode == "CMYK" else "PNG"
    image = Image.fromarray(np.full((8, 8), 40_000, np.uint16)) if mode == "I;16" else upright().convert(mode)
    picture = decode(saved(image, kind))
    assert picture.pixels.dtype == np.uint8 and picture.pixels.ndim == 3
    if mode == "I;16":
        assert abs(int(picture.pixels[0, 0, 0]) - 40_000 // 256) <= 1


def test_what_is_transparent_becomes_white() -> None:
    assert (decode(saved(Image.new("RGBA", (8, 8), (10, 20, 30, 0)), "PNG")).pixels == 255).all()


def test_a_cmyk_jpeg_is_read() -> None:
    assert decode(saved(upright().convert("CMYK"), "JPEG")).pixels.shape == (64, 96, 3)


def test_colours_are_converted_by_the_pictures_own_profile() -> None:
    from PIL import ImageCms

    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    plain = decode(saved(upright(), "PNG"))
    profiled = decode(saved(upright(), "PNG", icc_profile=lab))
    assert profiled.pixels.shape == plain.pixels.shape


def test_a_truncated_jpeg_is_refused() -> None:
    whole = saved(Image.fromarray(np.random.default_rng(1).integers(0, 255, (300, 300, 3), np.uint8)), "JPEG")
    with pytest.raises(Unreadable) as refused:
        decode(whole[: len(whole) // 2])
    assert refused.value.code == "truncated"


def test_a_bomb_is_refused_by_its_header_alone() -> None:
    bomb = saved(Image.new("1", (30_000, 30_000)), "PNG")
    assert len(bomb) < 200_000
    with pytest.raises(Unreadable) as refused:
        decode(bomb)
    assert refused.value.code == "too_many_pixels"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\x00\x00\x00\x20ftypisom" + bytes(64), "video"),
        (b"FUJIFILMCCD-RAW " + bytes(64), "raw_not_read"),
        (b"\x00\x00\x00\x0cJXL \r\n\x87\n" + bytes(64), "format_not_read"),
        (b"%PDF-1.7" + bytes(64), "not_a_photo"),
    ],
    ids=["video", "raw", "jpeg xl", "pdf"],
)
def test_what_is_not_processed_is_parked_with_a_reason(data: bytes, code: str) -> None:
    with pytest.raises(Parked) as parked:
        decode(data)
    assert parked.value.code == code


@pytest.mark.parametrize("data", [b"", b"\xff\xd8\xff", b"\xff\xd8\xff" + bytes(500), b"\x89PNG\r\n\x1a\n" + bytes(90)])
def test_rubbish_is_refused(data: bytes) -> None:
    with pytest.raises(Unreadable):
        decode(data)
