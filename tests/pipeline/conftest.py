"""The school of the tests of release; the tests of the roster have one of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pipeline.releasing import School


@pytest.fixture
def school(tmp_path: Path) -> School:
    """A new home whose one person may be shown."""
    return School(tmp_path / "home")
