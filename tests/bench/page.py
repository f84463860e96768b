"""Writes the figures down for a person: docs/speed.md."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from statistics import median

from tests.bench.alone import Alone
from tests.bench.card import Card
from tests.bench.crew import Crews
from tests.bench.intake import Intakes
from tests.bench.machine import machine
from tests.bench.result import Result
from tests.bench.rival import Rival, Side
from tests.bench.stages import NETWORKS
from tests.bench.target import targets
from tests.evaluate.table import table

INTRODUCTION = """\
# Speed

Every figure that counts here is a ratio of two things measured in the same run, in turns: the machine is shared and
noisy, and milliseconds mean little on another one. The *floor* is what any program pays that makes a small picture
out of a large one: decode at half size, shrink to 1600 px (bilinear), encode (quality 85, 4:2:0), on one thread, with
the same libraries (simplejpeg, OpenCV) and nothing else. Nothing here was measured on a Raspberry Pi or a Jetson.
"""


def page(r: Result, figure: str) -> str:
    """The whole page, as Markdown."""
    parts = [INTRODUCTION, _circumstances(r), _targets(r), f"![Where the time goes]({figure})\n"]
    parts += [_stages(r), _one_worker(r), _crews(r.crews), _intakes(r.intakes), _rival(r.rival)]
    return "\n".join(parts)


def _circumstances(r: Result) -> str:
    return (
        f"Measured on {datetime.now(UTC).date()} by `{r.command}` on {machine()}. Other work took {r.others:.0%} of\n"
        "the machine's processor time meanwhile: the more it is, the less the milliseconds, and the comparison of two\n"
        "workers with one, can be trusted. There is no pass or fail on time.\n"
    )


def _targets(r: Result) -> str:
    rows = [t.row() for t in targets(r)]
    return "## Against the targets\n\n" + table(["what", "target", "measured", "met"], rows) + "\n"


def _stages(r: Result) -> str:
    measured = (r.alone_24, r.alone_12)
    stages = [a.stages_ms() for a in measured]
    floors = [a.floor_ms() for a in measured]
    rows = [[name, *_pair([s[name] for s in stages], floors)] for name in stages[0]]
    rows.append(["**whole**", *_pair([a.whole_ms() for a in measured], floors)])
    rows.append(["of which networks", *_pair([sum(s[n] for n in NETWORKS) for s in stages], floors)])
    rows.append(["floor", *_pair(floors, floors)])
    header = ["one thread", "24 MP, ms", "× floor", "12 MP, ms", "× floor"]
    return "## Where the time of one photo goes\n\n" + table(header, rows) + "\n"


def _pair(ms: list[float], floors: list[float]) -> Iterator[str]:
    for value, floor in zip(ms, floors, strict=True):
        yield f"{value:.1f}"
        yield f"{value / floor:.2f}"


def _one_worker(r: Result) -> str:
    return f"""\
Each value is the mean over the photos of the median over {len(r.alone_24.walks)} repeats; the ratios in the table of
targets are medians over all pairs of a photo and its floor, measured back to back in one process. The worker does the
real jobs with the real ledger and vault: every file and every commit is flushed to the disk.

{_described(r.card_24, r.alone_24)}
{_described(r.card_12, r.alone_12)}

The memory is the peak (VmHWM) of a process that does nothing but this. Photos whose longer side is above 4,400 px are
decoded at half size; a 12 MP photo is below that and is decoded and searched in full, so that small faces are found in
it too; that is why it costs more floors than a larger one.
"""


def _described(card: Card, alone: Alone) -> str:
    return (
        f"- {card.megapixels} MP: {len(card.photos)} photos at {card.bits_per_pixel:.1f} bits a pixel, all eight "
        f"orientations, {card.faces:.1f} faces a photo, {alone.faces:.1f} boxes found; floor "
        f"{alone.floor_ms():.0f} ms, whole {alone.whole_ms():.0f} ms; in processor time alone "
        f"{alone.whole_cpu:.2f} × floor; peak {alone.peak_mb:.0f} MB."
    )


def _crews(c: Crews) -> str:
    rows = [
        [words, f"{median(x.rate for x in runs):.2f}", f"{median(x.cpu_s for x in runs):.3f}",
         f"{median(x.start_up_s for x in runs):.1f}",
         f"{max(x.workers_mb for x in runs):.0f}", f"{max(x.all_mb for x in runs):.0f}"]
        for words, runs in (("one worker", c.one), ("two workers", c.two))
    ]  # fmt: skip
    header = [
        "`appliance process`",
        "photos/s",
        "processor s/photo",
        "s to the first photo",
        "MB, one worker",
        "MB, all processes",
    ]
    gains = ", ".join(f"{b.rate / a.rate:.2f}" for a, b in zip(c.one, c.two, strict=True))
    return f"""\
## Two workers against one

{table(header, rows)}

Turn by turn: {gains} times the throughput, median {c.gain:.2f}. The pace is taken from the ledger's own timestamps,
without each worker's first two photos and without the end, where one waits for the other. *All processes* adds up the
peaks of parent and children and so counts what they share several times.
"""


def _intakes(i: Intakes) -> str:
    rows = [
        [words, f"{i.megabytes / median(p.ours):.0f}", f"{i.megabytes / median(p.plain):.0f}",
         f"{100 * p.speed(p.plain):.0f} %", f"{i.megabytes / median(p.synced):.0f}", f"{100 * p.speed(p.synced):.0f} %"]
        for words, p in (("cold", i.cold), ("warm", i.warm))
    ]  # fmt: skip
    header = ["card", "taking in, MB/s", "`cp -r` + `sha256sum`", "share of it", "the same + `sync`", "share of it"]
    return f"""\
## Taking a card in

{table(header, rows)}

{i.megabytes:.0f} MB, {len(i.cold.ours)} turns each, medians. *Cold*: the card's files were dropped from the page cache
just before. Taking in writes each file, flushes it, drops it from the cache, reads it back from the disk, compares, and
records it; `cp` and `sha256sum` flush nothing and read their copies back out of the cache. The second comparison has
them flush as well (`sync FILE` before `sha256sum`).
"""


def _rival(r: Rival | str) -> str:
    if isinstance(r, str):
        return f"## Against deface\n\nNot measured: {r}.\n"
    rows = [_side(s, w) for s, w in ((r.scaled, "`--scale 1280x720`"), (r.default, "default scale"))]
    header = [
        "deface",
        "photos",
        "its ms/photo",
        "our throughput",
        "its peak MB",
        "its bare faces",
        "ours",
        "ours kept",
    ]
    ours = f"{median(x.rate for x in r.ours):.2f} photos/s, {max(x.workers_mb for x in r.ours):.0f} MB a worker"
    all_mb = max(x.all_mb for x in r.ours)
    return f"""\
## Against deface

{table(header, rows)}

deface 1.5.0 as `pip install` lays it ({r.scaled.backend} backend, free to use every core), `--replacewith solid`; two
of our workers ({ours}, {all_mb:.0f} MB with the parent); the same upright photos, {len(r.ours)} turns. deface's time is
that within one process after its first photo. *Bare*: faces of people who may not be shown on the website whose
middle is not flat in the finished picture; *kept*: faces that may be shown and are. deface knows nobody, covers
everybody, and does not recognise, decide, record or flush.
"""


def _side(s: Side, words: str) -> list[str]:
    return [
        words, str(s.photos), f"{median(s.ms):.0f}", f"{s.gain:.2f} ×", f"{s.peak_mb:.0f}",
        f"{s.bare.leaked} of {s.bare.leaked_of}", f"{s.ours_bare.leaked} of {s.ours_bare.leaked_of}",
        f"{s.ours_bare.kept} of {s.ours_bare.kept_of}",
    ]  # fmt: skip
