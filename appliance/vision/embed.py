"""Turns an aligned face into a template with SFace. What comes out lives in memory; keeping it is not decided here."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from appliance.vision.runtime import Floats, Network, Pixels

LENGTH = 128


class Embedder:
    """SFace on one thread."""

    def __init__(self, model: Path) -> None:
        self._network = Network(model)

    def embed(self, chip: Pixels) -> Floats:
        """The template of one aligned face, uint8 [112, 112, 3] BGR: float32 [128], L2-normalised."""
        return unit(self._network.run(chip[:, :, ::-1])[0][0])


def unit(vector: Floats) -> Floats:
    """Scaled to length 1."""
    return (vector / max(float(np.linalg.norm(vector)), 1e-9)).astype(np.float32)


def mean_template(vectors: list[Floats]) -> Floats:
    """One template of a person's several portraits: their mean. Measured better than the best of them."""
    return unit(np.mean(np.stack(vectors), axis=0))
