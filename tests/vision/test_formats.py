import io
import struct
from datetime import date

import cv2
import numpy as np
import pillow_heif
import pytest
from PIL import Image

from appliance.errors import Parked, Unreadable
from appliance.vision.decode import Limits, decode
from tests.vision.dng import dng
from tests.vision.hard import noise, saved, with_frame
from tests.vision.icc import GAMMA, P3, display_p3, grey_inks, linear_grey

pillow_heif.register_heif_opener()
COLOUR = (200, 100, 50)


def flat(
    mode: str = "RGB", colour: float | tuple[float, ...] = COLOUR, size: tuple[int, int] = (64, 48)
) -> Image.Image:
    return Image.new(mode, size, colour)


def middle(data: bytes) -> tuple[int, int, int]:
    """Red, green, blue in the middle."""
    pixels = decode(data).pixels
    blue, green, red = (int(v) for v in pixels[pixels.shape[0] // 2, pixels.shape[1] // 2])
    return red, green, blue


def near(seen: tuple[int, int, int], meant: tuple[float, float, float], by: float = 4) -> bool:
    return all(abs(s - m) <= by for s, m in zip(seen, meant, strict=True))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF", "HEIF", "BMP"])
def test_each_format_keeps_its_colours_and_size(kind: str) -> None:
    data = saved(flat(), kind)
    picture = decode(data)
    assert (picture.width, picture.height, picture.remarks) == (64, 48, ())
    assert near(middle(data), COLOUR)


@pytest.mark.parametrize(
    ("kind", "options"),
    [("JPEG", {"progressive": True}), ("TIFF", {"compression": "tiff_lzw"}), ("TIFF", {"compression": "jpeg"}),
     ("TIFF", {"compression": "tiff_deflate"}), ("WEBP", {"lossless": True}), ("PNG", {"compress_level": 9})],
)  # fmt: skip
def test_their_common_variants_too(kind: str, options: dict[str, object]) -> None:
    assert near(middle(saved(flat(), kind, **options)), COLOUR)


def test_a_grey_and_a_cmyk_jpeg_are_read() -> None:
    assert near(middle(saved(flat("L", 77), "JPEG")), (77, 77, 77))
    assert near(middle(saved(flat("CMYK", (0, 255, 255, 0)), "JPEG")), (255, 0, 0), by=6)


@pytest.mark.parametrize(
    ("marker", "bits", "code"),
    [(0xC1, 12, "jpeg_12_bit"), (0xC0, 12, "jpeg_12_bit"), (0xC3, 8, "jpeg_lossless"), (0xC9, 8, "jpeg_arithmetic"),
     (0xCA, 8, "jpeg_arithmetic"), (0xC5, 8, "damaged"), (0xCB, 8, "jpeg_lossless")],
)  # fmt: skip
def test_kinds_of_jpeg_that_are_not_read_are_refused_by_name(marker: int, bits: int, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        decode(with_frame(marker, bits))
    assert refused.value.code == code


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
@pytest.mark.parametrize("depth", ["colour", "grey", "see-through"])
def test_16_bits_become_8(suffix: str, depth: str) -> None:
    bgr = np.full((40, 50, 3), (50 * 257, 100 * 257, 200 * 257), np.uint16)
    if depth == "grey":
        bgr = bgr[:, :, 1]
    elif depth == "see-through":
        bgr = np.dstack([bgr, np.full((40, 50), 65_535, np.uint16)])
    stored = cv2.imencode(suffix, bgr)[1].tobytes()
    assert near(middle(stored), (100, 100, 100) if depth == "grey" else COLOUR, by=2)


def test_a_10_bit_heic_is_read() -> None:
    rgb = np.full((64, 64, 3), [c * 257 for c in COLOUR], "<u2")
    out = io.BytesIO()
    pillow_heif.from_bytes(mode="RGB;16", size=(64, 64), data=rgb.tobytes()).save(out, quality=95)
    assert pillow_heif.open_heif(out.getvalue(), convert_hdr_to_8bit=False).info["bit_depth"] > 8
    assert near(middle(out.getvalue()), COLOUR)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "HEIF", "AVIF"])
def test_what_is_see_through_lies_on_white(kind: str) -> None:
    data = saved(flat("RGBA", (0, 0, 0, 128)), kind)
    assert near(middle(data), (127, 127, 127), by=5)


def test_a_transparent_colour_of_a_palette_is_white() -> None:
    image = flat().quantize(4)
    assert near(middle(saved(image, "PNG")), COLOUR)
    assert middle(saved(image, "PNG", transparency=image.getpixel((0, 0)))) == (255, 255, 255)
    assert middle(saved(flat("L", 9), "PNG", transparency=9)) == (255, 255, 255)


def p3_as_srgb(colour: tuple[int, int, int]) -> tuple[float, float, float]:
    """Worked out from the primaries, without LittleCMS."""
    linear = (np.array(colour) / 255) ** GAMMA
    xyz = np.array(P3).T @ linear
    to_srgb = np.array([[3.13386, -1.61687, -0.49061], [-0.97877, 1.91614, 0.03345], [0.07194, -0.22899, 1.40524]])
    rgb = (to_srgb @ xyz).clip(0, 1)
    r, g, b = np.where(rgb <= 0.0031308, 12.92 * rgb, 1.055 * rgb ** (1 / 2.4) - 0.055) * 255
    return float(r), float(g), float(b)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF", "HEIF"])
@pytest.mark.parametrize("colour", [COLOUR, (90, 160, 80), (40, 60, 180)])
def test_colours_are_converted_by_the_pictures_own_profile(kind: str, colour: tuple[int, int, int]) -> None:
    meant = p3_as_srgb(colour)
    assert not near(colour, meant), "the profile says something else than sRGB"
    assert near(middle(saved(flat(colour=colour), kind, icc_profile=display_p3())), meant, by=5)


def test_a_profile_of_greys_and_one_of_inks_are_followed() -> None:
    assert near(middle(saved(flat("L", 128), "JPEG", icc_profile=linear_grey())), (188, 188, 188))
    assert near(middle(saved(flat("L", 128), "PNG", icc_profile=linear_grey())), (188, 188, 188))
    red, green, blue = middle(saved(flat("CMYK", (0, 255, 255, 0)), "JPEG", icc_profile=grey_inks()))
    assert max(red, green, blue) - min(red, green, blue) <= 2, "naively it would be red"


@pytest.mark.parametrize("profile", [b"x" * 200, linear_grey(), display_p3()[:300], bytes(3000)])
def test_a_profile_that_makes_no_sense_is_as_none(profile: bytes) -> None:
    assert near(middle(saved(flat(), "JPEG", icc_profile=profile)), COLOUR)
    assert near(middle(saved(flat(), "PNG", icc_profile=profile)), COLOUR)


@pytest.mark.parametrize("kind", ["TIFF", "GIF", "WEBP", "PNG"])
def test_of_several_pages_the_first_is_read_and_that_is_said(kind: str) -> None:
    pages = [flat(colour=(10, 200, 10)), flat(colour=(200, 10, 10))]
    data = saved(flat(), kind, save_all=True, append_images=pages)
    assert near(middle(data), COLOUR, by=8)
    assert decode(data).remarks == ("one_of_several_pictures",)


def test_pictures_behind_the_first_in_a_jpeg_are_part_of_it() -> None:
    data = saved(flat(), "MPO", save_all=True, append_images=[flat(colour=(0, 0, 255), size=(32, 24))])
    assert data.count(b"\xff\xd8\xff") > 1
    picture = decode(data)
    assert (picture.width, picture.height, picture.remarks) == (64, 48, ())
    assert near(middle(data), COLOUR)


def test_a_motion_photo_is_a_photo() -> None:
    video = struct.pack(">I", 24) + b"ftypmp42" + bytes(12) + struct.pack(">I", 5000) + b"mdat" + bytes(4992)
    assert near(middle(saved(flat(), "JPEG") + video), COLOUR)


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP", "HEIF"])
def test_whatever_is_large_is_halved(kind: str) -> None:
    picture = decode(saved(noise(901, 303), kind), Limits(half_from_px=900))
    assert picture.pixels.shape == (152, 451, 3)
    assert (picture.width, picture.height) == (901, 303)


def corners() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    rgb = np.full((200, 300, 3), 128, np.uint8)
    rgb[:100, :150], rgb[100:, 150:] = (255, 0, 0), (0, 0, 255)
    return rgb


@pytest.mark.parametrize(
    ("orientation", "red", "blue"),
    [(1, (10, 10), (-10, -10)), (3, (-10, -10), (10, 10)), (6, (10, -10), (-10, 10)), (8, (-10, 10), (10, -10))],
)
def test_a_raw_is_developed_upright(orientation: int, red: tuple[int, int], blue: tuple[int, int]) -> None:
    picture = decode(dng(corners(), orientation=orientation))
    assert (picture.width, picture.height) == ((300, 200) if orientation < 5 else (200, 300))
    assert picture.pixels.shape == (picture.height, picture.width, 3) and picture.remarks == ()
    assert picture.pixels[red][2] > 200 and picture.pixels[red][0] < 60
    assert picture.pixels[blue][0] > 200 and picture.pixels[blue][2] < 60


def test_a_large_raw_is_developed_at_half_its_size() -> None:
    picture = decode(dng(corners()), Limits(half_from_px=200))
    assert picture.pixels.shape == (100, 150, 3)
    assert (picture.width, picture.height) == (300, 200)


def test_a_raws_preview_is_taken_where_it_is_large_enough_and_that_is_said() -> None:
    preview = saved(Image.new("RGB", (300, 200), (10, 220, 30)), "JPEG")
    picture = decode(dng(corners(), orientation=6, preview=preview, preview_size=(300, 200)))
    assert picture.remarks == ("preview_of_raw",)
    assert picture.pixels.shape == (300, 200, 3)
    assert picture.pixels[10, -10][1] > 200


def test_a_small_preview_is_not_taken_for_the_photo() -> None:
    preview = saved(Image.new("RGB", (120, 80), (10, 220, 30)), "JPEG")
    picture = decode(dng(corners(), preview=preview, preview_size=(120, 80)))
    assert (picture.width, picture.height, picture.remarks) == (300, 200, ())
    assert picture.pixels[10, 10][2] > 200


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF", "HEIF", "BMP", "GIF", "DNG"])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_half_a_file_is_refused_with_a_reason(kind: str, share: float) -> None:
    whole = dng(np.asarray(noise(64, 64))) if kind == "DNG" else saved(noise(64, 64), kind)
    with pytest.raises((Unreadable, Parked)) as refused:
        decode(whole[: int(len(whole) * share)])
    assert refused.value.code in ("truncated", "damaged", "raw_not_read")


def test_a_raw_of_an_unknown_kind_is_parked() -> None:
    with pytest.raises(Parked) as parked:
        decode(b"\x00\x00\x00\x18ftypcrx \x00\x00\x00\x01crx isom" + bytes(200))
    assert parked.value.code == "raw_not_read"


@pytest.mark.parametrize("kind", ["JPEG", "HEIF", "PNG", "TIFF"])
def test_the_day_that_the_camera_wrote_is_told_and_broken_exif_tells_none(kind: str) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2026:05:03 10:00:00"
    assert decode(saved(noise(60, 40, 1), kind, exif=exif.tobytes())).taken_on == date(2026, 5, 3)
    exif.get_ifd(0x8769)[0x9003] = "0000:00:00 00:00:00"
    assert decode(saved(noise(60, 40, 1), kind, exif=exif.tobytes())).taken_on is None
    broken = b"Exif\x00\x00II*\x00\xff\xff\xff\x7f"
    if kind != "TIFF":  # there it is the file's own directory, and no picture without it
        assert decode(saved(noise(60, 40, 1), kind, exif=broken)).taken_on is None
