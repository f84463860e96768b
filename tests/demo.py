"""A demo card, roster and portraits made of pictures of adults in public office; tests/data/SOURCES.md says whose.

Never a child or a private person. The names, consents and dates are invented and say nothing about anybody's wishes.
Run as `python tests/demo.py OUT`.
"""

import argparse
import csv
import datetime as dt
import itertools
import random
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

PEOPLE = Path(__file__).parent / "data" / "people"
CHANNELS = ("website", "social", "newsletter", "press", "display", "family")

LARGEST_ENLARGEMENT = 2.8  # beyond it the small pictures look soft
PICTURE_SHARE = 0.8  # of its frame, in width
WIDEST_FRAME_PX = 780  # on larger faces the detector sees a second one, in the chin


@dataclass(frozen=True)
class Person:
    """Somebody on the demo roster; `portraits` names the pictures to enrol from."""

    subject: str
    given: str
    family: str
    kind: str
    portraits: tuple[str, ...]
    granted: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


# daley_1 and webb_1 are on no roster: strangers.
ROSTER = (
    Person("V001", "Ava", "Astronaut", "visitor", ("collins_1",), granted=("biometric", *CHANNELS)),
    Person("S002", "Connie", "Commodore", "staff", ("hopper_1",), granted=("biometric", *CHANNELS)),
    Person("V003", "Vincent", "Vice-President", "visitor", ("biden_2", "biden_1"), granted=("biometric", "newsletter")),
    Person("V004", "Perry", "President", "visitor", ("obama_1",), refused=("biometric", *CHANNELS)),
    Person("S005", "Adam", "Admiral", "staff", ("mullen_1",), granted=("website", "newsletter")),
)


@dataclass(frozen=True)
class Shot:
    """One photo of the card: where, who, and how the camera was held (EXIF orientation)."""

    scene: str
    pictures: tuple[str, ...]
    orientation: int = 1


SHOTS = (
    Shot("hall", ("collins_1", "obama_2", "hopper_1", "biden_1", "daley_1")),
    Shot("field", ("hopper_1", "obama_4", "collins_1")),
    Shot("stage", ("collins_1", "mullen_1"), orientation=6),
    Shot("hall", ("hopper_1", "obama_3", "collins_1", "mullen_1", "biden_1", "webb_1")),
    Shot("field", ("hopper_1",), orientation=8),
    Shot("stage", ("biden_1", "collins_1", "obama_2", "daley_1")),
    Shot("field", ("collins_1", "webb_1", "hopper_1", "mullen_1")),
    Shot("hall", ("mullen_1", "hopper_1"), orientation=6),
    Shot("stage", ("hopper_1", "collins_1")),
    Shot("field", ("daley_1", "obama_2", "biden_1", "collins_1", "hopper_1")),
    Shot("hall", ("collins_1",), orientation=3),
    Shot("stage", ("webb_1", "daley_1")),
)


def build_demo(out: Path, *, photos: int = 12, today: dt.date | None = None, seed: int = 1) -> None:
    """Write card/, portraits/, roster.csv, consents.csv and dpia.md into `out`; equal arguments give equal bytes.

    Raises FileExistsError where `out` has a card already.
    """
    day = today or dt.datetime.now().astimezone().date()
    dcim = out / "card" / "DCIM" / "100DEMO"
    dcim.mkdir(parents=True)
    for index in range(photos):
        shoot(dcim / f"DSC_{index + 1:04d}.JPG", index, day, seed)
    add_oddities(dcim, photos)
    write_roster(out / "roster.csv")
    write_consents(out / "consents.csv", day)
    write_portraits(out / "portraits")
    (out / "dpia.md").write_text(DPIA.format(day=day), encoding="utf-8")


# --- the school's files ------------------------------------------------------------------------------------------


def write_roster(path: Path) -> None:
    """One row for each person; adults have no one with parental responsibility."""
    header = "subject_id,given_name,family_name,known_as,group,kind,birth_on,leaving_on,family,parents,protected"
    groups = {"staff": "Staff", "visitor": "Visitors"}
    rows = [
        (p.subject, p.given, p.family, "", groups[p.kind], p.kind, f"19{60 + i}-05-01", "", "", 0, "no")
        for i, p in enumerate(ROSTER)
    ]
    write_csv(path, header, rows)


def write_consents(path: Path, today: dt.date) -> None:
    """Everybody speaks for themselves, since 60 days ago; grants end 300 days ahead."""
    header = "subject_id,party,scope,decision,from_on,until_on,basis,evidence"
    begins, ends = today - dt.timedelta(days=60), today + dt.timedelta(days=300)
    rows: list[tuple[object, ...]] = []
    for p in ROSTER:
        form = f"DEMO form {p.subject} (invented)"
        rows += [(p.subject, "self", scope, "granted", begins, ends, "consent", form) for scope in p.granted]
        rows += [(p.subject, "self", scope, "refused", begins, "", "consent", form) for scope in p.refused]
    write_csv(path, header, rows)


def write_csv(path: Path, header: str, rows: Sequence[Sequence[object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as f:
        writer = csv.writer(f)
        writer.writerow(header.split(","))
        writer.writerows(rows)


def write_portraits(folder: Path) -> None:
    """Portraits to enrol from; a picture that is on the card too is mirrored and made lighter."""
    folder.mkdir()
    on_card = {picture for shot in SHOTS for picture in shot.pictures}
    for p in ROSTER:
        for n, picture in enumerate(p.portraits, start=1):
            portrait = load(picture).resize((800, 1000), Image.Resampling.LANCZOS)
            if picture in on_card:
                portrait = ImageEnhance.Brightness(ImageOps.mirror(portrait)).enhance(1.06)
            portrait.save(folder / f"{p.subject}_{n}.jpg", quality=90)


DPIA = """\
# DEMO – data protection impact assessment – DEMO

**This is a specimen for trying the appliance out. It is not an assessment, and no school may rely on it.**

- Date: {day}. School: the Demo School (does not exist). Signed off by: nobody.
- Processing: faces on the demo card are compared with the portraits of the demo roster.
- People: five invented adults, shown by public-domain pictures of holders of public office. No child.
- Lawful basis: the consents in `consents.csv`, which are invented.
- Necessity: without matching, staff name everybody by hand; both ways can be tried with this card.
- Risks: none to anybody, since the data are invented; delete the demo home before real data come in.
- Decision: matching may be switched on **for the demo only**.
"""


# --- files on a card that are no plain photos --------------------------------------------------------------------


def add_oddities(dcim: Path, photos: int) -> None:
    """Add an exact copy under a second name, a JPEG cut short, and a film."""
    first, last = (dcim / f"DSC_{n:04d}.JPG" for n in (1, photos))
    (dcim / f"DSC_{photos + 1:04d}.JPG").write_bytes(first.read_bytes())
    whole = last.read_bytes()
    (dcim / f"DSC_{photos + 2:04d}.JPG").write_bytes(whole[: len(whole) * 2 // 5])
    (dcim / "MVI_0003.MP4").write_bytes(film())


def film() -> bytes:
    """The boxes of an MP4 (ISO/IEC 14496-12) without a track: enough to be known as a film, nothing to play."""
    boxes = ((b"ftyp", b"mp42" + bytes(4) + b"mp42isom"), (b"free", b""), (b"mdat", bytes(range(256)) * 64))
    return b"".join(struct.pack(">I", 8 + len(body)) + kind + body for kind, body in boxes)


# --- one photo ---------------------------------------------------------------------------------------------------


def shoot(path: Path, index: int, today: dt.date, seed: int) -> None:
    """Paint photo `index` (12 MP) and save it as a camera would: turned, and full of metadata."""
    shot = SHOTS[index % len(SHOTS)]
    rng = random.Random(f"{seed}/{index}")
    size = (3000, 4000) if shot.orientation in (6, 8) else (4000, 3000)
    scene = SCENES[shot.scene]
    canvas = scene.paint(size, rng)
    scene.mount(canvas, shot.pictures, places(len(shot.pictures), size, scene), rng)
    scene.adorn(canvas, rng)
    stored = grain(canvas, rng)
    if shot.orientation != 1:
        stored = stored.transpose(AS_STORED[shot.orientation])
    stored.save(path, "JPEG", quality=88, exif=metadata(shot, index, today), comment=b"DEMO comment by Demo Owner")


# What turns an upright picture into the stored one that a viewer turns upright again.
AS_STORED = {
    3: Image.Transpose.ROTATE_180,
    6: Image.Transpose.ROTATE_90,
    8: Image.Transpose.ROTATE_270,
}


def metadata(shot: Shot, index: int, today: dt.date) -> Image.Exif:
    """What should not leave the school: owner, serial number, place and time (the place is Greenwich Observatory)."""
    taken = dt.datetime.combine(today - dt.timedelta(days=2), dt.time(10, 0)) + dt.timedelta(minutes=7 * index)
    stamp = taken.strftime("%Y:%m:%d %H:%M:%S")
    exif = Image.Exif()
    base, exposure, place = exif, exif.get_ifd(ExifTags.IFD.Exif), exif.get_ifd(ExifTags.IFD.GPSInfo)
    base[ExifTags.Base.Make], base[ExifTags.Base.Model] = "DemoCam", "School 12"
    base[ExifTags.Base.Orientation] = shot.orientation
    base[ExifTags.Base.Artist] = exposure[ExifTags.Base.CameraOwnerName] = "Demo Owner"
    base[ExifTags.Base.ImageDescription] = "DEMO caption typed into the camera"
    base[ExifTags.Base.DateTime] = exposure[ExifTags.Base.DateTimeOriginal] = stamp
    exposure[ExifTags.Base.BodySerialNumber] = "DEMO-000123"
    place[ExifTags.GPS.GPSLatitudeRef], place[ExifTags.GPS.GPSLatitude] = "N", (51.0, 28.0, 40.0)
    place[ExifTags.GPS.GPSLongitudeRef], place[ExifTags.GPS.GPSLongitude] = "W", (0.0, 0.0, 5.0)
    return exif


def load(picture: str) -> Image.Image:
    return Image.open(PEOPLE / f"{picture}.jpg").convert("RGB")


def grain(canvas: Image.Image, rng: random.Random) -> Image.Image:
    """A little sensor noise, which also hides the steps of the gradients."""
    noise = np.random.default_rng(rng.getrandbits(32)).normal(0, 1.6, (512, 512, 1)).round().astype(np.int16)
    width, height = canvas.size
    tiled = np.tile(noise, (height // 512 + 1, width // 512 + 1, 1))[:height, :width]
    return Image.fromarray((np.asarray(canvas).astype(np.int16) + tiled).clip(0, 255).astype(np.uint8))


# --- where the pictures hang or stand ----------------------------------------------------------------------------

Box = tuple[int, int, int, int]  # left, top, right, bottom
Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Scene:
    """A place: its background, how pictures are put up, what is in front, and the part of its height they take."""

    paint: Callable[[tuple[int, int], random.Random], Image.Image]
    mount: Callable[[Image.Image, tuple[str, ...], list[Box], random.Random], None]
    adorn: Callable[[Image.Image, random.Random], None]
    top: float
    bottom: float
    rows: int


def places(count: int, size: tuple[int, int], scene: Scene) -> list[Box]:
    """Outer boxes (7:8.6, about that of a matted 4:5 picture) for `count` pictures, in centred rows."""
    width, height = size
    across = 5 if scene.rows == 1 else 3
    per_row = [count] if count <= across else [-(-count // 2), count // 2]
    row_height = height * (scene.bottom - scene.top) / len(per_row)
    boxes: list[Box] = []
    for row, n in enumerate(per_row):
        pitch = min(width * 0.92 / max(per_row), row_height * 1.3)
        h = min(row_height * 0.88, pitch * 0.84 * 8.6 / 7, WIDEST_FRAME_PX * 8.6 / 7)
        middle = height * scene.top + row_height * (row + 0.5)
        for i in range(n):
            centre = width / 2 + (i - (n - 1) / 2) * pitch
            boxes.append(around(centre, middle, h * 7 / 8.6, h))
    return boxes


def around(x: float, y: float, width: float, height: float) -> Box:
    return round(x - width / 2), round(y - height / 2), round(x + width / 2), round(y + height / 2)


def moved(box: Box, scale: float, down: float) -> Box:
    """The box made smaller about its centre and shifted: further back, or nearer."""
    left, top, right, bottom = box
    return around((left + right) / 2, (top + bottom) / 2 + down, (right - left) * scale, (bottom - top) * scale)


def fitted(box: Box, picture: Image.Image, *, on_its_foot: bool) -> Box:
    """The box, or a smaller one where the picture is too small to fill it sharply."""
    wide, tall = box[2] - box[0], box[3] - box[1]
    scale = min(1.0, picture.width * LARGEST_ENLARGEMENT / (wide * PICTURE_SHARE))
    return moved(box, scale, tall * (1 - scale) / 2 if on_its_foot else 0)


def hang(canvas: Image.Image, pictures: Sequence[str], boxes: Sequence[Box], rng: random.Random) -> None:
    """Framed portraits on a wall."""
    boxes = [fitted(b, load(p), on_its_foot=False) for p, b in zip(pictures, boxes, strict=True)]
    shade(canvas, [("ellipse", (a - 60, b - 140, c + 60, d)) for a, b, c, d in boxes], (255, 250, 232), 90, 170)
    shade(canvas, [("rectangle", (a + 24, b + 40, c + 24, d + 40)) for a, b, c, d in boxes], (60, 45, 30), 26, 120)
    for picture, box, wood in zip(pictures, boxes, woods(rng), strict=False):
        frame(canvas, load(picture), box, wood)


def plant(canvas: Image.Image, pictures: Sequence[str], boxes: Sequence[Box], _: random.Random) -> None:
    """White boards on two posts in the grass, every second one further back."""
    boxes = [moved(b, 0.84, -0.05 * canvas.height) if i % 2 else b for i, b in enumerate(boxes)]
    for picture, box in sorted(zip(pictures, boxes, strict=True), key=lambda pair: pair[1][3]):
        foot = box[3] + (box[2] - box[0]) * 2 // 5
        posts(canvas, fitted(box, load(picture), on_its_foot=True), foot)
        frame(canvas, load(picture), fitted(box, load(picture), on_its_foot=True), (250, 249, 245))


def posts(canvas: Image.Image, box: Box, foot: int) -> None:
    left, top, right, _ = box
    wide = right - left
    shade(canvas, [("ellipse", (left - 40, foot - wide // 12, right + 120, foot + wide // 12))], (20, 45, 15), 20, 130)
    draw = ImageDraw.Draw(canvas)
    for x in (left + wide // 6, right - wide // 6):
        draw.rectangle((x - 14, top + 40, x + 14, foot), fill=(236, 232, 222))
        draw.rectangle((x + 4, top + 40, x + 14, foot), fill=(198, 192, 180))


def stand(canvas: Image.Image, pictures: Sequence[str], boxes: Sequence[Box], rng: random.Random) -> None:
    """Portraits on wooden easels in an arc, the outer ones nearer."""
    middle = (len(boxes) - 1) / 2
    boxes = [moved(b, 1.0, 0.025 * canvas.height * abs(i - middle)) for i, b in enumerate(boxes)]
    for picture, box, wood in zip(pictures, boxes, woods(rng), strict=False):
        foot = box[3] + (box[3] - box[1]) * 2 // 5
        small = fitted(box, load(picture), on_its_foot=True)
        easel(canvas, small, foot)
        frame(canvas, load(picture), small, wood)
        ledge(canvas, small)


def easel(canvas: Image.Image, box: Box, foot: int) -> None:
    """Three legs that meet above the picture, and the shadows of both."""
    left, top, right, bottom = box
    wide, x, peak = right - left, (left + right) // 2, top - (bottom - top) // 7
    shade(canvas, [("ellipse", (left, foot - 70, right, foot + 50))], (25, 12, 5), 24, 150)
    draw = ImageDraw.Draw(canvas)
    for head, toe in ((x, (x, foot - 60)), (x - 20, (left + wide // 10, foot)), (x + 20, (right - wide // 10, foot))):
        draw.line(((head, peak), toe), fill=(112, 74, 42), width=36)
        draw.line(((head - 8, peak), (toe[0] - 8, toe[1])), fill=(150, 104, 62), width=12)
    shade(canvas, [("rectangle", (left + 16, top + 26, right + 16, bottom + 26))], (20, 10, 10), 18, 130)


def ledge(canvas: Image.Image, box: Box) -> None:
    left, _, right, bottom = box
    draw = ImageDraw.Draw(canvas)
    draw.rectangle((left - 30, bottom - 6, right + 30, bottom + 34), fill=(134, 90, 52))
    draw.rectangle((left - 30, bottom - 6, right + 30, bottom + 6), fill=(170, 122, 76))


WOODS: tuple[Colour, ...] = ((92, 62, 40), (150, 108, 62), (54, 50, 52), (176, 140, 82), (120, 50, 40))


def woods(rng: random.Random) -> Iterator[Colour]:
    """Colours of frames, no two neighbours alike, without end."""
    return itertools.cycle(rng.sample(WOODS, len(WOODS)))


def frame(canvas: Image.Image, picture: Image.Image, box: Box, colour: Colour) -> None:
    """A frame with a lit and a dark edge, a white mat, and the picture in its middle."""
    draw = ImageDraw.Draw(canvas)
    left, top, right, bottom = box
    rim = (right - left) // 18
    draw.rectangle(box, fill=toned(colour, 0.72))
    draw.polygon(((left, top), (right, top), (left, bottom)), fill=toned(colour, 1.25))
    draw.rectangle(grown(box, -rim * 3 // 5), fill=colour)
    draw.rectangle(grown(box, -rim), fill=(250, 248, 242))
    width, height = picture_size(picture, grown(box, -rim))
    corner = (left + right - width) // 2, (top + bottom - height) // 2
    draw.rectangle(grown((*corner, corner[0] + width, corner[1] + height), 5), fill=(206, 200, 188))
    canvas.paste(picture.resize((width, height), Image.Resampling.LANCZOS), corner)


def grown(box: Box, by: int) -> Box:
    return box[0] - by, box[1] - by, box[2] + by, box[3] + by


def toned(colour: Colour, factor: float) -> Colour:
    red, green, blue = (min(255, round(c * factor)) for c in colour)
    return red, green, blue


def picture_size(picture: Image.Image, mat: Box) -> tuple[int, int]:
    """As large as the mat allows."""
    scale = min((mat[2] - mat[0]) / picture.width, (mat[3] - mat[1]) / picture.height) * 0.9
    return round(picture.width * scale), round(picture.height * scale)


# --- painting ----------------------------------------------------------------------------------------------------


WALLS: tuple[tuple[Colour, Colour], ...] = (
    ((246, 238, 220), (226, 208, 178)),
    ((232, 240, 240), (196, 214, 216)),
    ((240, 234, 240), (212, 200, 214)),
)


def hall(size: tuple[int, int], rng: random.Random) -> Image.Image:
    """A school hall: a pale wall with bunting and a wooden floor."""
    width, height = size
    canvas = gradient(size, *rng.choice(WALLS))
    floor = round(height * 0.885)
    lamps = [around(width * at, height / 4, width * 0.4, height * 0.83) for at in (0.2, 0.5, 0.8)]
    shade(canvas, [("ellipse", lamp) for lamp in lamps], (255, 252, 240), 260, 150)
    canvas.paste(gradient((width, height - floor), (186, 138, 88), (142, 96, 56)), (0, floor))
    boards(canvas, floor, (122, 82, 48))
    draw = ImageDraw.Draw(canvas)
    draw.rectangle((0, floor - 70, width, floor), fill=(250, 248, 242))
    draw.rectangle((0, floor - 12, width, floor), fill=(196, 186, 168))
    return canvas.filter(ImageFilter.GaussianBlur(2))


def field(size: tuple[int, int], rng: random.Random) -> Image.Image:
    """A sports field on a fine day."""
    width, height = size
    canvas = gradient(size, (96, 164, 222), (176, 214, 238), (236, 244, 244))
    horizon = round(height * 0.46)
    for _ in range(7):
        cloud(canvas, rng.randint(0, width), rng.randint(height // 12, horizon * 2 // 3), rng)
    for tone, lift in (((92, 140, 96), 190), ((66, 118, 66), 110)):
        trees = [(rng.randint(0, width), rng.randint(lift // 2, lift), rng.randint(90, 260)) for _ in range(80)]
        shade(canvas, [("ellipse", (x - r, horizon - h, x + r, horizon + r)) for x, h, r in trees], tone, 10, 245)
    canvas.paste(gradient((width, height - horizon), (128, 178, 84), (70, 138, 52)), (0, horizon))
    mow(canvas, horizon)
    return canvas.filter(ImageFilter.GaussianBlur(3))


def cloud(canvas: Image.Image, x: int, y: int, rng: random.Random) -> None:
    wide = rng.randint(300, 700)
    at = [(x + rng.randint(-wide, wide), y + rng.randint(-50, 20), rng.randint(wide // 4, wide // 2)) for _ in range(6)]
    shade(canvas, [("ellipse", around(a, b, 2 * r, 2 * r / 3)) for a, b, r in at], (255, 255, 255), 60, 150)


def stage(size: tuple[int, int], rng: random.Random) -> Image.Image:
    """A stage with a curtain and warm light."""
    width, height = size
    colour = rng.choice(((36, 62, 110), (104, 30, 44), (28, 84, 84)))
    folds = np.arange(width) / width
    wave = 0.5 + 0.5 * np.sin(2 * np.pi * (17 * folds + 0.35 * np.sin(2 * np.pi * 3 * folds + rng.uniform(0, 6))))
    rows = np.linspace(1.15, 0.8, height)[:, None, None]
    cloth = (0.55 + 0.6 * wave)[None, :, None] * np.array(colour) * rows
    canvas = Image.fromarray(cloth.clip(0, 255).astype(np.uint8))
    floor = round(height * 0.63)
    canvas.paste(gradient((width, height - floor), (150, 96, 54), (206, 150, 92)), (0, floor))
    boards(canvas, floor, (110, 66, 36))
    light = around(width / 2, height * 0.53, width * 0.83, height * 0.81)
    shade(canvas, [("ellipse", light)], (255, 226, 180), 460, 46)
    shade(canvas, [("rectangle", (0, floor - 50, width, floor + 24))], (20, 8, 6), 40, 150)
    return canvas.filter(ImageFilter.GaussianBlur(2))


def adorn_hall(canvas: Image.Image, rng: random.Random) -> None:
    """Bunting, and a plant in each corner."""
    width, height = canvas.size
    bunting(canvas, height // 28, height // 16, rng)
    for x in (width // 16, width * 15 // 16):
        plant_in_pot(canvas, x, height * 94 // 100, height // 6, rng)


def adorn_field(canvas: Image.Image, rng: random.Random) -> None:
    bunting(canvas, canvas.height // 30, canvas.height // 9, rng)


def adorn_stage(canvas: Image.Image, rng: random.Random) -> None:
    bunting(canvas, canvas.height // 40, canvas.height // 10, rng)


# The heights keep faces whole in one of the detector's tiles: half a face at a border gets a box of its own.
SCENES = {
    "hall": Scene(hall, hang, adorn_hall, top=0.17, bottom=0.81, rows=2),
    "field": Scene(field, plant, adorn_field, top=0.22, bottom=0.62, rows=1),
    "stage": Scene(stage, stand, adorn_stage, top=0.18, bottom=0.62, rows=1),
}


def gradient(size: tuple[int, int], *stops: Colour) -> Image.Image:
    """Vertical, through evenly spaced colours."""
    at = np.linspace(0, len(stops) - 1, size[1])
    column = np.stack([np.interp(at, range(len(stops)), [s[c] for s in stops]) for c in range(3)], axis=-1)
    return Image.fromarray(np.broadcast_to(column.astype(np.uint8)[:, None], (size[1], size[0], 3)).copy())


def shade(canvas: Image.Image, shapes: Sequence[tuple[str, Box]], colour: Colour, blur: int, strength: int) -> None:
    """Lay soft-edged shapes of one colour over the canvas; painted at an eighth of its size."""
    mask = Image.new("L", (canvas.width // 8, canvas.height // 8))
    draw = ImageDraw.Draw(mask)
    for kind, box in shapes:
        paint = draw.ellipse if kind == "ellipse" else draw.rectangle
        paint([v / 8 for v in box], fill=strength)
    mask = mask.filter(ImageFilter.GaussianBlur(blur / 8)).resize(canvas.size, Image.Resampling.BICUBIC)
    canvas.paste(colour, (0, 0, *canvas.size), mask)


def boards(canvas: Image.Image, floor: int, colour: Colour) -> None:
    """The gaps between floor boards, running towards the middle of the horizon."""
    width, height = canvas.size
    draw = ImageDraw.Draw(canvas)
    for i in range(-24, 25):
        draw.line(((width / 2 + i * width / 20, floor), (width / 2 + i * width / 9, height)), fill=colour, width=5)


def plant_in_pot(canvas: Image.Image, x: int, foot: int, tall: int, rng: random.Random) -> None:
    """A fan of leaves in a pot that stands at (x, foot)."""
    pot, rim = tall // 3, foot - tall // 3
    shade(canvas, [("ellipse", (x - pot, foot - 30, x + pot, foot + 40))], (40, 24, 10), 20, 150)
    draw = ImageDraw.Draw(canvas)
    for lean in np.linspace(-1, 1, 13):
        length, green = tall * rng.uniform(0.55, 0.8), rng.randint(96, 150)
        tip = (x + lean * length * 0.75, rim - length * (1 - 0.55 * abs(lean)))
        a, b, half = x + lean * length * 0.22, rim - length * 0.55, tall // 28
        leaf = ((x, rim), (a - half, b), tip, (a + half, b + half))
        draw.polygon(leaf, fill=(green // 3, green, green // 2))
    side = ((x - pot // 2, rim), (x + pot // 2, rim), (x + pot * 2 // 5, foot), (x - pot * 2 // 5, foot))
    draw.polygon(side, fill=(196, 108, 74))
    draw.rectangle((x - pot * 5 // 9, rim - 10, x + pot * 5 // 9, rim + pot // 6), fill=(212, 124, 88))


def mow(canvas: Image.Image, horizon: int) -> None:
    """Mown stripes and a white line."""
    width, height = canvas.size
    stripes = Image.new("L", canvas.size)
    draw = ImageDraw.Draw(stripes)
    for i in range(-14, 15, 2):
        near, far = width / 4, width / 16
        x, y = width / 2 + i * near, width / 2 + i * far
        draw.polygon(((y, horizon), (y + far, horizon), (x + near, height), (x, height)), fill=46)
    canvas.paste((210, 236, 150), (0, 0, *canvas.size), stripes)
    line = ImageDraw.Draw(canvas)
    y = horizon + (height - horizon) * 2 // 9
    line.polygon(((0, y), (width, y - 24), (width, y - 8), (0, y + 18)), fill=(240, 246, 236))


RED, YELLOW, BLUE, GREEN = (216, 70, 66), (246, 190, 70), (62, 140, 196), (98, 170, 98)
PENNANTS: tuple[Colour, ...] = (RED, YELLOW, BLUE, GREEN, (238, 236, 228), (232, 128, 66))


def bunting(canvas: Image.Image, top: int, sag: int, rng: random.Random) -> None:
    """Two swags of pennants across the top."""
    width, draw = canvas.width, ImageDraw.Draw(canvas)
    colours = rng.sample(PENNANTS, len(PENNANTS))
    for swag, (start, end) in enumerate(((-0.06, 0.5), (0.5, 1.06))):
        line = [(width * (start + (end - start) * t), top + 4 * sag * t * (1 - t)) for t in np.linspace(0, 1, 62)]
        draw.line(line, fill=(186, 174, 156), width=9)
        for i in range(1, 57, 5):
            (x0, y0), (x1, y1) = line[i], line[i + 4]
            tip = ((x0 + x1) / 2 - (y1 - y0) * 0.5, (y0 + y1) / 2 + (x1 - x0) * 1.15)
            fold = (x0 + (x1 - x0) * 0.6, y0 + (y1 - y0) * 0.6)
            colour = colours[(i // 5 + swag) % len(colours)]
            draw.polygon(((x0, y0), (x1, y1), tip), fill=colour)
            draw.polygon((fold, (x1, y1), tip), fill=toned(colour, 0.88))


def main() -> None:
    """Build the demo into the folder named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--photos", type=int, default=12)
    parser.add_argument("--today", type=dt.date.fromisoformat)
    parser.add_argument("--seed", type=int, default=1)
    a = parser.parse_args()
    build_demo(a.out, photos=a.photos, today=a.today, seed=a.seed)


if __name__ == "__main__":
    main()
