"""Detector, embedder and thresholds of one process: what sees and compares."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from appliance.domain.face import Detection
from appliance.domain.identify import Thresholds
from appliance.vision.align import align
from appliance.vision.detect import Detector
from appliance.vision.embed import Embedder, mean_template
from appliance.vision.picture import Picture
from appliance.vision.runtime import Floats, Models

PROBE_SCORE = 0.6
PROBE_PX = 26
"""A face is compared only where the detector is sure and its box is this wide in decoded pixels: of faces of 24 px,
which have such a box, half are recognised, below that hardly any. What is not compared is covered."""


@dataclass(frozen=True)
class Eyes:
    """Everything that needs a model. `model` names the exact files and settings, for the ledger.

    The thresholds in use are not part of that name: templates do not depend on them, `identification_version` does.
    """

    detector: Detector
    embedder: Embedder
    thresholds: Thresholds
    model: str
    models: Models

    @classmethod
    def open(cls, fpir: float, models: Models | None = None) -> Eyes:
        """The eyes by the checked models. fpir: the false-positive identification rate the school accepts."""
        models = models or Models.open()
        detector = Detector(models.path("detector"))
        embedder = Embedder(models.path("embedder_stem"), models.path("embedder_trunk"))
        settings = f"{detector.settings}{models.operating_points()}{PROBE_SCORE}{PROBE_PX}"
        model = f"{models.version}-{_short(settings)}"
        return cls(detector, embedder, thresholds_for(fpir, models), model, models)

    def at(self, fpir: float) -> Eyes:
        """The same eyes, at the thresholds for another rate of false identification."""
        return replace(self, thresholds=thresholds_for(fpir, self.models))

    def detect(self, picture: Picture) -> list[Detection]:
        """Every face, in pixels of the upright original, best score first."""
        return self.detector.detect(picture)

    def probes(self, picture: Picture, faces: Sequence[Detection]) -> dict[int, Floats]:
        """The templates, float32 [128], of those of the faces that are good enough to be compared, by their index."""
        good = [i for i, face in enumerate(faces) if self._is_comparable(picture, face)]
        vectors = self.embedder.embed([align(picture, faces[i]) for i in good])
        return dict(zip(good, vectors, strict=True))

    def template(self, picture: Picture, face: Detection) -> Floats:
        """The template of a portrait's face, float32 [128], however good it is: the mean of it and its mirror image.

        With two portraits each .3 % more people are found by it, at the same rate of false ones (docs/decisions/0003).
        """
        chip = align(picture, face)
        return mean_template(list(self.embedder.embed([chip, np.ascontiguousarray(chip[:, ::-1])])))

    def _is_comparable(self, picture: Picture, face: Detection) -> bool:
        return face.score >= PROBE_SCORE and face.box.w * picture.scale[0] >= PROBE_PX


def thresholds_for(fpir: float, models: Models) -> Thresholds:
    """The measured thresholds for the smallest tabled rate that is not above what the school accepts."""
    table = models.operating_points()
    rows = [r for r in table["operating_point"] if r["fpir"] <= fpir]
    row = max(rows, key=lambda r: float(r["fpir"])) if rows else table["operating_point"][0]
    return Thresholds(row["plain"], row["raised"], table["cohort"], row["small_plain"], row["margin"])


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
