"""The names of the stages, and where in the appliance each of them is to be timed."""

from __future__ import annotations

import os

from appliance.pipeline import analyse, render
from appliance.store.jobs import Jobs
from appliance.store.ledger import Ledger
from appliance.store.vault import Vault
from appliance.vision import eyes
from appliance.vision.decoder import Decoder
from appliance.vision.detect import Detector
from appliance.vision.embed import Embedder
from appliance.vision.runtime import Network, Pixels
from tests.bench.stopwatch import Stopwatch

DETECTOR, EMBEDDER = "detector network", "embedder network"
DECODE = "decode and turn, in a process of its own"
NETWORKS = (DETECTOR, EMBEDDER)
REST = "everything not named"
STAGES = (
    "read the file", DECODE, DETECTOR, "detect, around the network", "align", EMBEDDER,
    "embed, around the network", "match", "decide", "derive", "encode and check", "proof", "keep files",
    "fsync of files", "ledger", REST,
)  # fmt: skip
"""In the order of the line."""
CHIP_PX = 112


def instrument(watch: Stopwatch) -> None:
    """Time every stage of analysing and rendering, in this process, for good."""
    watch.put("read the file", Vault, "read")
    watch.put(DECODE, Decoder, "decode")
    watch.put("detect, around the network", Detector, "detect")
    watch.put(_which, Network, "run")
    watch.put(EMBEDDER, Network, "run_all")
    watch.put("align", eyes, "align")
    watch.put("embed, around the network", Embedder, "embed")
    watch.put("match", analyse, "templates_in_use", "compare", "identify")
    watch.put("decide", analyse, "undecidable_subjects", "identification_version")
    watch.put("decide", render, "general_version", "facts_of", "decide")
    watch.put("derive", render, "derive")
    watch.put("encode and check", render, "encode")
    watch.put("proof", render, "proof")
    watch.put("keep files", Vault, "add_all", "has")
    watch.put("fsync of files", os, "fsync")
    watch.put("ledger", Ledger, "record_analysis", "record_render", "derivative", "set_aside")
    watch.put("ledger", Jobs, "claim", "complete")


def _which(_: Network, pixels: Pixels) -> str:
    return EMBEDDER if pixels.shape[:2] == (CHIP_PX, CHIP_PX) else DETECTOR
