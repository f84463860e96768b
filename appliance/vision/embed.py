"""Turns aligned faces into templates with SFace. What comes out lives in memory; keeping it is not decided here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from appliance.vision.runtime import Floats, Network, Pixels

LENGTH = 128
AT_ONCE = 16
"""Faces that go through the trunk together: they share its weights on their way through the cache. More gain little."""


class Embedder:
    """SFace on one thread: its stem face by face, its trunk on all faces of a photo."""

    def __init__(self, stem: Path, trunk: Path) -> None:
        self._stem, self._trunk = Network(stem), Network(trunk)

    def embed(self, chips: Sequence[Pixels]) -> Floats:
        """The templates of aligned faces, each uint8 [112, 112, 3] BGR: float32 [n, 128], L2-normalised.

        A face's template does not depend on which others it is computed with (on x86-64 to the last bit).
        """
        rows = [np.zeros((0, LENGTH), np.float32)]
        for start in range(0, len(chips), AT_ONCE):
            features = [self._stem.run(chip[:, :, ::-1])[0] for chip in chips[start : start + AT_ONCE]]
            rows.append(unit(self._trunk.run_all(np.concatenate(features))))
        return np.concatenate(rows)


def unit(vectors: Floats) -> Floats:
    """Scaled to length 1 along the last axis."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return (vectors / np.maximum(lengths, 1e-9)).astype(np.float32)


def mean_template(vectors: list[Floats]) -> Floats:
    """One template of a person's several portraits: their mean. Measured better than the best of them."""
    return unit(np.mean(np.stack(vectors), axis=0))
