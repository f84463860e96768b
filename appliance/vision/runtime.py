"""The one door to TFLite: ai-edge-litert, or tflite-runtime, its predecessor. Loads models whose hash is known."""

from __future__ import annotations

import hashlib
import os
import sys
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from appliance.errors import Damaged, Refusal

try:
    from ai_edge_litert.interpreter import Interpreter

    RUNTIME = "ai-edge-litert"
except ImportError:
    try:
        from tflite_runtime.interpreter import Interpreter

        RUNTIME = "tflite-runtime"
    except ImportError:
        RUNTIME = ""

Floats = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]


def models_folder() -> Path:
    """Where the models stand in a checkout."""
    return Path(__file__).parents[2] / "models"


class Network:
    """One model on one thread. Give `shape` for a model whose input size is chosen at run time."""

    def __init__(self, path: Path, shape: tuple[int, int, int, int] | None = None) -> None:
        self._interpreter: Any = Interpreter(str(path), num_threads=1)
        self._input = int(self._interpreter.get_input_details()[0]["index"])
        if shape is not None:
            self._interpreter.resize_tensor_input(self._input, list(shape))
        self._interpreter.allocate_tensors()
        self._outputs = [int(d["index"]) for d in self._interpreter.get_output_details()]
        self._at_once = int(self._interpreter.get_input_details()[0]["shape"][0])

    def run(self, pixels: Pixels) -> list[Floats]:
        """The outputs for uint8 [h, w, 3]; where that is smaller than the input the rest is black.

        Written into the tensor itself: converting to float32 on the way would cost as much again as copying.
        """
        height, width = pixels.shape[:2]
        tensor = self._interpreter.tensor(self._input)()
        if tensor.shape[1:3] != (height, width):
            tensor[:] = 0
        tensor[0, :height, :width] = pixels
        del tensor  # the interpreter does not run while anybody holds a view of it
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(i) for i in self._outputs]

    def run_all(self, rows: Sequence[Floats]) -> Floats:
        """The one output, [n, …], for n inputs of a model whose first size is how many there are."""
        if len(rows) != self._at_once:
            self._interpreter.resize_tensor_input(self._input, (len(rows), *rows[0].shape))
            self._interpreter.allocate_tensors()
            self._at_once = len(rows)
        tensor = self._interpreter.tensor(self._input)()
        for place, row in zip(tensor, rows, strict=True):
            place[:] = row
        del tensor, place
        self._interpreter.invoke()
        out: Floats = self._interpreter.get_tensor(self._outputs[0])
        return out


class Models:
    """The models in a folder, checked against `manifest.toml` when opened."""

    def __init__(self, folder: Path, manifest: dict[str, Any]) -> None:
        self._folder, self._manifest = folder, manifest
        used = sorted(str(entry["sha256"]) for entry in manifest["model"])
        self.version = hashlib.sha256("".join(used).encode()).hexdigest()[:12]

    @classmethod
    def open(cls, folder: Path | None = None) -> Models:
        """Check every model's hash and that an interpreter can be built and run.

        Raises Damaged if a file is not what the manifest says, Refusal if no TFLite runtime works here.
        """
        folder = folder or models_folder()
        models = cls(folder, tomllib.loads((folder / "manifest.toml").read_text(encoding="utf-8")))
        for entry in models._manifest["model"]:
            _check(folder / entry["file"], entry["sha256"])
        models.prove()
        return models

    def path(self, role: str) -> Path:
        """The model file for a role: `detector`, `embedder_stem` or `embedder_trunk`."""
        return self._folder / str(next(e["file"] for e in self._manifest["model"] if e["role"] == role))

    def operating_points(self) -> dict[str, Any]:
        """The measured thresholds that come with the embedder: the table `identification` of operating_points.toml."""
        text = (self._folder / "operating_points.toml").read_text(encoding="utf-8")
        table: dict[str, Any] = tomllib.loads(text)["identification"]
        return table

    def prove(self) -> None:
        """Build an interpreter and run it: a runtime that imports may still be unable to."""
        if not RUNTIME:
            raise Refusal("no_tflite", "no TFLite runtime is installed: install ai-edge-litert (or tflite-runtime).")
        try:
            with _quiet():
                Network(self.path("detector"), (1, 32, 32, 3)).run(np.zeros((32, 32, 3), np.uint8))
        except Exception as error:  # a broken runtime fails in its own ways, and each of them means the same
            raise Refusal(
                "tflite_broken",
                f"{RUNTIME} is installed but cannot run a model ({error}). With tflite-runtime, numpy must be below 2.",
            ) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Without what the runtime's native code says on standard error about itself when it is used first."""
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _check(path: Path, sha256: str) -> None:
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError as error:
        raise Damaged(
            "model_missing", f"the model {path.name} is missing; put it back, or run `make models`"
        ) from error
    if found != sha256:
        raise Damaged("model_changed", f"the model {path.name} is not the one in the manifest; run `make models`")
