"""A whole card with a known truth through the product's own command line, scored by looking at the finished pixels."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tests.evaluate.kept import reasons
from tests.evaluate.progress import watched
from tests.evaluate.rate import Rate
from tests.evaluate.source import BUILD
from tests.evaluate.table import table

HOME = BUILD / "home"
PROGRAM = Path(sys.executable).with_name("appliance")
CHANNELS = ("website", "newsletter")
KINDS = {
    "stranger": "on no roster", "no_biometric": "photo consent, none for biometrics",
    "refuses": "one parent grants, the other refuses", "silent": "no answer on file",
    "withdrew": "both channels withdrawn three days ago", "split_biometric": "the second parent refuses biometrics",
    "not_notified": "the second parent was never notified", "child_refuses": "the pupil refuses the website",
    "leaver": "has left the school", "expired": "consent ended ten days ago", "future": "consent begins in ten days",
    "website_only": "website granted, newsletter not", "consents": "everything granted", "protected": "protected",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Order:
    """What card is made. face_px: the smallest and the largest face, width in pixels of the original."""

    people: int = 80
    photos: int = 60
    seed: int = 11
    face_px: tuple[int, int] = (40, 320)

    @property
    def arguments(self) -> list[str]:
        """For tools/make_card.py. The consents are about today, so tomorrow the same order is another card."""
        today = date.today().isoformat()  # noqa: DTZ011  as the tool has it
        words = ["--people", self.people, "--photos", self.photos, "--seed", self.seed, "--today", today]
        return [*map(str, words), "--face-px", *map(str, self.face_px)]


def measure(shared: Path, order: Order) -> str:
    """The section on the card."""
    card = make(shared, order, BUILD / "card")
    process(card)
    scored = _score(shared, card)
    return TEXT.format(
        people=order.people, photos=order.photos, seed=order.seed,
        channels=_channels(scored), kinds=_split(scored, "leak", KINDS),
        sizes=_split(scored, "leak", None), kept=_split(scored, "kept", None),
        reasons=reasons(card, appliance("photos", "--json"), CHANNELS[0]),
    )  # fmt: skip


def make(shared: Path, order: Order, folder: Path) -> Path:
    """The card's folder; made anew only where the last one was ordered differently."""
    note, arguments = folder / "order.json", order.arguments
    if note.exists() and json.loads(note.read_text(encoding="utf-8")) == arguments:
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    tool = [sys.executable, shared / "tools" / "make_card.py", "--identities", shared / "data" / "lfw", "--out", folder]
    with subprocess.Popen([*map(str, tool), *arguments], stdout=subprocess.PIPE, text=True) as maker:
        for _ in watched(maker.stdout or (), "making the card", order.photos):
            pass
    if maker.returncode:
        raise SystemExit("the card could not be made")
    note.write_text(json.dumps(arguments), encoding="utf-8")
    return folder


def process(card: Path) -> None:
    """A new home, the school, an assessment, matching on, the card taken in and processed: what a user would type."""
    shutil.rmtree(HOME, ignore_errors=True)
    (BUILD / "dpia.md").write_text("An assessment for measuring only.\n", encoding="utf-8")
    appliance("init")
    files = {"people": card / "roster.csv", "consents": card / "consents.csv", "portraits": card / "portraits"}
    appliance("roster", "import", *(w for k, p in files.items() for w in (f"--{k}", str(p))), "--as", "evaluation")
    recorded = json.loads(appliance("dpia", "record", str(BUILD / "dpia.md"), "--as", "evaluation", "--json"))
    appliance("matching", "on", "--dpia", recorded["dpia"], "--as", "evaluation")
    appliance("ingest", str(card / "card"), "--event", "Evaluation")
    appliance("process")


def appliance(*arguments: str) -> str:
    """One command of the product; its standard output. Its own progress goes to the terminal."""
    command = [str(PROGRAM), "--home", str(HOME), *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def _score(shared: Path, card: Path) -> Mapping[str, Any]:
    """What tools/score_card.py says, by channel. It exits 1 where something leaked: that is a result too."""
    tool = [sys.executable, shared / "tools" / "score_card.py", "--truth", card / "truth.json", "--json"]
    command = [*map(str, tool), "--cli", f"{PROGRAM} --home {HOME}", "--channels", *CHANNELS]
    scored: Mapping[str, Any] = json.loads(subprocess.run(command, check=False, stdout=subprocess.PIPE).stdout)
    return scored


def _channels(scored: Mapping[str, Any]) -> str:
    header = ["channel", "leak", "leak, 95 %", "kept", "kept, 95 %", "photos withheld", "missing", "metadata canaries"]
    rows = [
        [
            channel, f"{r['leak']} of {r['leak_of']}", Rate(r["leak"], r["leak_of"]),
            f"{r['kept']} of {r['kept_of']}", Rate(r["kept"], r["kept_of"]), r["withheld"], r["missing"], r["canaries"],
        ]
        for channel, r in scored.items()
    ]  # fmt: skip
    return table(header, rows)


def _split(scored: Mapping[str, Any], what: str, kinds: Mapping[str, str] | None) -> str:
    """`leak` or `kept`, by kind of person, or by size where no kinds are given."""
    keys = [f"{what} {k}" for k in kinds] if kinds else sorted(_sizes(scored, what), key=_from_px)
    rows = []
    for key in keys:
        cells = [scored[c]["by"].get(key) for c in CHANNELS]
        if any(cells):
            words = key.partition(" ")[2].replace("-10000 px", " px and more").replace("-", "–")
            words = f"{words}: {kinds[words]}" if kinds else words
            rows.append([words, *(f"{cell[0]} of {cell[1]}" if cell else "–" for cell in cells)])
    return table(["who" if kinds else "width of the face in the original", *CHANNELS], rows)


def _sizes(scored: Mapping[str, Any], what: str) -> Iterator[str]:
    yield from {k for c in CHANNELS for k in scored[c]["by"] if k.startswith(what) and k.endswith(" px")}


def _from_px(key: str) -> int:
    return int(key.partition(" ")[2].partition("-")[0])


TEXT = """\
A camera card made of LFW faces (tools/make_card.py: {people} people on the roster with two portraits each, {photos}
photos of 24 MP, seed {seed}, all eight orientations, faces from 40 px up, two in five on no roster) goes through the
product's own command line: `init`, `roster import`, `dpia record`, `matching on`, `ingest`, `process`, no ruling by
anybody. tools/score_card.py then looks at the finished pictures: a face counts as shown when the middle of its box is
not flat.

{channels}

**Leak**: faces that may not be shown and are; this must be 0. **Kept**: faces that may be shown and are; the rest
wait for a click by a person. **Canaries**: pictures in which any of the planted metadata was found.

Leaks by who the person is:

{kinds}

Leaks by size:

{sizes}

Kept by size:

{kept}

What became of the faces that may be shown, by the product's own account:

{reasons}

*Limits.* Pasted portraits of adults: upright, frontal, in focus, nobody half hidden. Zero leaks among so many faces
means that the true share is below the upper end of the interval, not that it is zero.
"""
