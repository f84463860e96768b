import shutil
from pathlib import Path

import numpy as np
import pytest

from appliance.errors import Damaged, Refusal
from appliance.vision import runtime
from appliance.vision.runtime import Models, Network, models_folder


def copy_of_models(folder: Path) -> Path:
    return Path(shutil.copytree(models_folder(), folder / "models", ignore=shutil.ignore_patterns("__pycache__")))


def test_the_models_in_the_tree_are_those_of_the_manifest() -> None:
    models = Models.open()
    assert models.path("detector").exists()
    assert models.path("embedder_stem").exists()
    assert models.path("embedder_trunk").exists()


def test_a_changed_model_is_not_started(tmp_path: Path) -> None:
    folder = copy_of_models(tmp_path)
    model = Models.open(folder).path("detector")
    model.write_bytes(model.read_bytes()[:-1] + b"!")
    with pytest.raises(Damaged) as error:
        Models.open(folder)
    assert error.value.code == "model_changed"


def test_a_missing_model_is_not_started(tmp_path: Path) -> None:
    folder = copy_of_models(tmp_path)
    Models.open(folder).path("embedder_trunk").unlink()
    with pytest.raises(Damaged) as error:
        Models.open(folder)
    assert error.value.code == "model_missing"


def test_a_runtime_that_imports_but_cannot_run_is_found_out_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(*_: object, **__: object) -> None:
        raise RuntimeError("numpy.core.multiarray failed to import")

    monkeypatch.setattr(runtime, "Interpreter", dies)
    with pytest.raises(Refusal) as error:
        Models.open()
    assert error.value.code == "tflite_broken"


def test_the_same_input_gives_the_same_output_every_time() -> None:
    network = Network(Models.open().path("embedder_stem"))
    pixels = np.random.default_rng(1).integers(0, 255, (112, 112, 3), np.uint8)
    assert np.array_equal(network.run(pixels)[0], network.run(pixels)[0])


def test_a_smaller_picture_is_padded_with_black_and_leaves_nothing_of_the_one_before() -> None:
    network = Network(Models.open().path("detector"), (1, 64, 64, 3))
    small = np.full((40, 50, 3), 99, np.uint8)
    padded = np.zeros((64, 64, 3), np.uint8)
    padded[:40, :50] = small
    whole = network.run(padded)
    network.run(np.full((64, 64, 3), 255, np.uint8))
    assert all(np.array_equal(a, b) for a, b in zip(network.run(small), whole, strict=True))
