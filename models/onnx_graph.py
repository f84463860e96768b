"""An ONNX file as a list of steps and a table of constants, with everything that can be computed beforehand computed.

Layouts are ONNX's own here: pictures are NCHW, convolution weights are [out, in / group, height, width].
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Step:
    """One ONNX node: reads `inputs`, writes `output`. An optional input that is left out is not in `inputs`."""

    op: str
    inputs: tuple[str, ...]
    output: str
    attributes: Mapping[str, Any]


@dataclass(frozen=True)
class Graph:
    """Steps in an order in which they can run; `constants` holds every weight by its tensor name, as float32."""

    steps: tuple[Step, ...]
    constants: Mapping[str, Array]


def load(path: Path) -> Graph:
    """Read an ONNX file; fold its dequantised weights, their reshapes and its batch norms into plain weights."""
    return fold_batch_norms(fold_constants(read(path)))


def read(path: Path) -> Graph:
    """Read an ONNX file as it is; its weights may still be quantised."""
    proto = onnx.load(str(path)).graph
    steps = tuple(
        Step(node.op_type, tuple(filter(None, node.input)), node.output[0], _attributes(node)) for node in proto.node
    )
    return Graph(steps, {tensor.name: numpy_helper.to_array(tensor) for tensor in proto.initializer})


def _attributes(node: onnx.NodeProto) -> dict[str, Any]:
    return {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}


def fold_constants(graph: Graph) -> Graph:
    """Replace every Constant, DequantizeLinear and Reshape that depends on constants alone by its value."""
    constants = dict(graph.constants)
    kept = []
    for step in graph.steps:
        value = _constant_value(step, constants)
        if value is None:
            kept.append(step)
        else:
            constants[step.output] = value
    return Graph(tuple(kept), constants)


def _constant_value(step: Step, constants: Mapping[str, Array]) -> Array | None:
    if not all(name in constants for name in step.inputs):
        return None
    inputs = [constants[name] for name in step.inputs]
    if step.op == "Constant":
        value: Array = numpy_helper.to_array(step.attributes["value"])
        return value
    if step.op == "DequantizeLinear":
        return dequantise(*inputs, axis=step.attributes["axis"], block=step.attributes["block_size"])
    if step.op == "Reshape":
        return inputs[0].reshape(inputs[1])
    return None


def dequantise(quantised: Array, scale: Array, zero: Array, *, axis: int, block: int) -> Array:
    """(quantised - zero) * scale in float32, where each scale serves `block` neighbours along `axis`.

    ONNX operator DequantizeLinear, opset 21, "blocked"; the last block may be a short one.
    """
    neighbours = np.arange(quantised.shape[axis]) // block
    zeros, scales = (np.take(table, neighbours, axis) for table in (zero.astype(np.float32), scale))
    result: Array = (quantised.astype(np.float32) - zeros) * scales
    return result


def fold_batch_norms(graph: Graph) -> Graph:
    """Put each batch norm that alone reads a Conv's or Gemm's output into that step's weights and bias."""
    readers = Counter(name for step in graph.steps for name in step.inputs)
    norms = {step.inputs[0]: step for step in graph.steps if step.op == "BatchNormalization"}
    foldable = {
        step.output: norms[step.output]
        for step in graph.steps
        if step.op in ("Conv", "Gemm") and step.output in norms and readers[step.output] == 1
    }
    constants = dict(graph.constants)
    steps = tuple(
        _with_norm(step, foldable[step.output], constants) if step.output in foldable else step
        for step in _without(graph.steps, foldable.values())
    )
    return Graph(steps, constants)


def _without(steps: Iterable[Step], dropped: Iterable[Step]) -> list[Step]:
    outputs = {step.output for step in dropped}
    return [step for step in steps if step.output not in outputs]


def _with_norm(step: Step, norm: Step, constants: dict[str, Array]) -> Step:
    """`step` with the weights that give what `norm` gave, writing to the norm's output. Adds to `constants`."""
    statistics = (constants[name] for name in norm.inputs[1:])
    scale, shift = scale_and_shift(*statistics, epsilon=norm.attributes["epsilon"])
    weights, *bias = (constants[name] for name in step.inputs[1:])
    names = f"{norm.output}/weights", f"{norm.output}/bias"
    constants[names[0]] = weights * scale.reshape(-1, *[1] * (weights.ndim - 1))
    constants[names[1]] = bias[0] * scale + shift if bias else shift
    return replace(step, inputs=(step.inputs[0], *names), output=norm.output)


def scale_and_shift(gamma: Array, beta: Array, mean: Array, variance: Array, *, epsilon: float) -> tuple[Array, Array]:
    """Return the (scale, shift), each [channels] float32, with which a batch norm is x * scale + shift."""
    scale = gamma / np.sqrt(variance.astype(np.float64) + epsilon)
    return scale.astype(np.float32), (beta - mean * scale).astype(np.float32)
