"""Compares probes with the gallery: plain cosine with every template. Exact, and fast enough for any school."""

from __future__ import annotations

from collections.abc import Sequence

from appliance.vision.runtime import Floats


def compare(probe: Floats, subjects: Sequence[str], vectors: Floats) -> dict[str, float]:
    """Cosine of one probe, float32 [128], to every template, float32 [n, 128], by subject."""
    return dict(zip(subjects, (float(s) for s in vectors @ probe), strict=True))
