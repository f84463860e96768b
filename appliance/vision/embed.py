"""Turns aligned faces into templates with SFace. What comes out lives in memory; keeping it is not decided here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from appliance.vision.runtime import Floats, Network, Pixels

LENGTH = 128
AT_ONCE = 16
"""Most faces that go through the trunk together, where they share its weights; more at once gain little."""


class Embedder:
    """SFace on one thread: its stem face by face, its trunk on all faces of a photo."""

    def __init__(self, stem: Path, trunk: Path) -> None:
        self._stem, self._trunk = Network(stem), Network(trunk)

    def embed(self, chips: Sequence[Pixels]) -> Floats:
        """The templates of aligned faces, each uint8 [112, 112, 3] BGR: float32 [n, 128], L2-normalised.

        A face's template does not depend on which others it is computed with (on x86-64 to the last bit).
        """
        rows = [np.zeros((0, LENGTH), np.float32)]
        for some in np.array_split(np.arange(len(chips)), -(-len(chips) // AT_ONCE) or 1):
            features = [self._stem.run(chips[i][:, :, ::-1])[0][0] for i in some]
            rows += [unit(self._trunk.run_all(features))] if features else []
        return np.concatenate(rows)


def unit(vectors: Floats) -> Floats:
    """Scaled to length 1 along the last axis."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled: Floats = (vectors / np.maximum(lengths, 1e-9)).astype(np.float32)
    return scaled


def mean_template(vectors: list[Floats]) -> Floats:
    """One template of a person's several portraits: their mean. Measured better than the best of them."""
    return unit(np.mean(np.stack(vectors), axis=0))
