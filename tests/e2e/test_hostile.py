"""Every hostile and every odd file as one card: all accounted for, nothing dies, nothing leaks."""

import resource
import shutil
import subprocess
from functools import partial
from pathlib import Path

import pytest

from tests.e2e.box import SHARED, Box
from tests.e2e.fate import fate_of, in_folder
from tests.e2e.made import sound, unsound

REASONS = {
    "damaged", "truncated", "empty", "too_large", "too_many_pixels", "video", "sidecar", "not_a_photo",
    "raw_not_read", "format_not_read", "jpeg_12_bit", "jpeg_arithmetic", "jpeg_lossless", "took_too_long",
}  # fmt: skip
SLOWEST_S = 40
MOST_MEMORY_MB = 1500


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.skipif(
    not (SHARED / "data").is_dir(), reason="the hostile and metadata collections are not beside the checkout"
)
@pytest.mark.parametrize("collection", ["hostile", "metadata"])
def test_every_file_is_accounted_for_and_every_derivative_is_clean(tmp_path: Path, collection: str) -> None:
    card = SHARED / "data" / collection
    box = Box(tmp_path / "home")
    box.run("init")
    box.run("ingest", card)
    box.run("process")
    photos = box.photos()
    names = {name for photo in photos for name in photo["names"]}
    there = {str(p.relative_to(card)) for p in card.rglob("*") if p.is_file() and not p.is_symlink()}
    assert names == {n.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace") for n in there}
    assert {p["state"] for p in photos} <= {"rendered", "refused", "parked"}
    assert {p["reason"] for p in photos if p["state"] != "rendered"} <= REASONS
    assert [p for p in photos if p["state"] == "rendered"]
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024 < MOST_MEMORY_MB
    judge(box, tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.skipif(
    not (SHARED / "data").is_dir(), reason="the hostile and metadata collections are not beside the checkout"
)
@pytest.mark.parametrize("collection", ["hostile", "metadata"])
def test_no_file_of_a_collection_crashes_or_hangs_its_decoder(collection: str) -> None:
    folder = SHARED / "data" / collection
    fate = fate_of(collection, partial(in_folder, folder))
    assert fate.files > 100 and fate.read > 50
    assert (fate.crashed, fate.replaced) == (0, 0)
    assert set(fate.refused) <= REASONS
    assert fate.slowest < SLOWEST_S and fate.peak_mb < MOST_MEMORY_MB


@pytest.mark.slow
def test_every_generated_format_is_read_or_refused_as_it_should_be() -> None:
    good = fate_of("generated, sound", sound)
    assert good.read == good.files and not good.refused
    bad = fate_of("generated, unsound", unsound)
    assert bad.read == 0 and (bad.crashed, bad.hung) == (0, 0)
    assert set(bad.refused) <= REASONS


def judge(box: Box, folder: Path) -> None:
    """exiftool and mat2, which know nothing of this project, look at every derivative."""
    derivatives = sorted((box.home / "derivatives").glob("??/*"))
    judged = folder / "judged"
    judged.mkdir()
    for path in derivatives:
        shutil.copy(path, judged / f"{path.name}.jpg")
    if shutil.which("exiftool"):
        told = subprocess.run(
            ["exiftool", "-G1", "-a", "-s", "-r", judged], capture_output=True, text=True, check=True
        ).stdout
        groups = {line[1 : line.index("]")].strip() for line in told.splitlines() if line.startswith("[")}
        assert groups <= {"ExifTool", "System", "File", "JFIF", "Composite"}
    if shutil.which("mat2"):
        pictures = sorted(judged.iterdir())
        for start in range(0, len(pictures), 50):
            told = subprocess.run(
                ["mat2", "--show", *pictures[start : start + 50]], capture_output=True, text=True, check=False
            ).stdout
            assert told.count("No metadata found") == len(pictures[start : start + 50]), told[:2000]
