import pytest

from appliance.domain.item import companions

D = "DCIM/100TEST"


@pytest.mark.parametrize(
    ("names", "hangs"),
    [
        (["IMG_1.CR2", "IMG_1.JPG"], {"IMG_1.CR2": "IMG_1.JPG"}),
        (["IMG_1.JPG", "img_1.nef"], {"img_1.nef": "IMG_1.JPG"}),
        (["IMG_1.HEIC", "IMG_1.MOV"], {"IMG_1.MOV": "IMG_1.HEIC"}),
        (["IMG_1.DNG", "IMG_1.HEIC", "IMG_1.AAE"], {"IMG_1.DNG": "IMG_1.HEIC", "IMG_1.AAE": "IMG_1.HEIC"}),
        (["IMG_1.CR2", "IMG_1.CR2.xmp", "IMG_1.JPG"], {"IMG_1.CR2": "IMG_1.JPG", "IMG_1.CR2.xmp": "IMG_1.JPG"}),
        (["IMG_1.CR2", "IMG_1.xmp"], {"IMG_1.xmp": "IMG_1.CR2"}),
        (["MVI_2.AVI", "MVI_2.THM"], {"MVI_2.THM": "MVI_2.AVI"}),
        (["IMG_0001.HEIC", "IMG_O0001.AAE"], {"IMG_O0001.AAE": "IMG_0001.HEIC"}),
        (["IMG_1.XMP", "IMG_1.AAE"], {}),
        (["IMG_1.JPG", "IMG_2.CR2", "IMG_3.MOV"], {}),
        (["IMG_1.JPG", "IMG_1.HEIC", "IMG_1.PNG"], {}),
        (["IMG_1.JPG", "IMG_1.HEIC", "IMG_1.MOV"], {"IMG_1.MOV": "IMG_1.JPG"}),
        ([".JPG", ".MOV", "README", "notes.txt", "IMG_1.txt", "IMG_1.JPG"], {}),
        ([], {}),
    ],
)
def test_what_hangs_on_what(names: list[str], hangs: dict[str, str]) -> None:
    assert companions(f"{D}/{n}" for n in names) == {f"{D}/{a}": f"{D}/{b}" for a, b in hangs.items()}
    assert companions(names) == hangs


def test_equal_names_in_other_folders_have_nothing_to_do_with_each_other() -> None:
    assert companions(["100A/IMG_1.JPG", "101A/IMG_1.CR2", "IMG_1.MOV"]) == {}


def test_nothing_hangs_on_what_hangs() -> None:
    names = [f"IMG_{n % 7}.{s}" for n in range(7) for s in ("JPG", "CR2", "MOV", "XMP", "CR2.xmp", "AAE", "HEIC")]
    hangs = companions(names)
    assert not set(hangs.values()) & set(hangs)
    assert len(hangs) == 7 * 5
