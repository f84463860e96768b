"""An ONNX graph rebuilt step by step in TensorFlow, in NHWC: [batch, height, width, channels], as TFLite wants it.

Nothing here may write a picture's size into the graph, or the detector could no longer be resized when it runs.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import tensorflow as tf

from models.onnx_graph import Array, Graph, Step, scale_and_shift

Tensor: TypeAlias = Any  # a tf.Tensor, which mypy cannot see
Attributes: TypeAlias = Mapping[str, Any]  # of an ONNX node


class UnknownStepError(Exception):
    """The graph holds an operator, or a form of one, that this file does not rebuild."""


def rebuild(graph: Graph, known: Mapping[str, Tensor], wanted: Sequence[str]) -> list[Tensor]:
    """Compute the tensors named in `wanted`, in NHWC, from the tensors in `known` (NHWC, float32).

    Only the steps that `wanted` needs are rebuilt. Raises UnknownStepError for one that cannot be.
    """
    tensors = dict(known)
    for step in needed(graph, set(known), wanted):
        if step.op not in REBUILDERS:
            raise UnknownStepError(f"{step.op} ({step.output})")
        inputs = [tensors[name] if name in tensors else graph.constants[name] for name in step.inputs]
        tensors[step.output] = REBUILDERS[step.op](step.attributes, *inputs)
    return [tensors[name] for name in wanted]


def needed(graph: Graph, known: set[str], wanted: Sequence[str]) -> list[Step]:
    """List the steps on which `wanted` depends, in running order, stopping at the tensors in `known`."""
    open_names, steps = set(wanted) - known, []
    for step in reversed(graph.steps):
        if step.output in open_names:
            steps.append(step)
            open_names |= set(step.inputs) - known - set(graph.constants)
    return steps[::-1]


def convolve(attributes: Attributes, x: Tensor, weights: Array, bias: Array | None = None) -> Tensor:
    """ONNX Conv on NHWC `x`; `weights` in ONNX's [out, in / group, height, width].

    Stride 2 is padded by hand: TensorFlow's SAME pads an even picture at the bottom and right only, ONNX all round.
    """
    strides, pads, groups = attributes["strides"], attributes["pads"], attributes["group"]
    padding = "SAME" if strides == [1, 1] and pads == [side // 2 for side in weights.shape[2:] * 2] else "VALID"
    if padding == "VALID" and any(pads):
        x = tf.pad(x, [[0, 0], [pads[0], pads[2]], [pads[1], pads[3]], [0, 0]])
    if groups == 1:
        y = tf.nn.conv2d(x, weights.transpose(2, 3, 1, 0), [1, *strides, 1], padding)
    elif groups == weights.shape[0] and weights.shape[1] == 1:
        y = tf.nn.depthwise_conv2d(x, weights.transpose(2, 3, 0, 1), [1, *strides, 1], padding)
    else:
        raise UnknownStepError(f"Conv with {groups} groups and weights {weights.shape}")
    return y if bias is None else y + bias


def upsample_twice(x: Tensor) -> Tensor:
    """[1, H, W, C] -> [1, 2H, 2W, C], each pixel becoming four: ONNX Resize "nearest", "asymmetric", "floor".

    TFLite's own RESIZE_NEAREST_NEIGHBOR holds the target size as a constant. Four copies and DEPTH_TO_SPACE give the
    same pixels and hold none. Measured against it: as fast in LiteRT, where XNNPACK then runs the graph in one piece
    and not three; 2 % slower at 832 x 832 and 7 % at 3008 x 1056 in tflite-runtime 2.14.
    """
    return tf.nn.depth_to_space(tf.concat([x] * 4, axis=-1), 2)


def flat_weights(weights: Array, x: Tensor) -> Array:
    """Gemm weights [out, C * H * W] for a flattened NCHW picture -> [H * W * C, out] for the same picture in NHWC."""
    height, width, channels = x.shape[1:]
    return weights.reshape(-1, channels, height, width).transpose(2, 3, 1, 0).reshape(height * width * channels, -1)


def _gemm(_: Attributes, x: Tensor, weights: Array, bias: Array) -> Tensor:
    return tf.matmul(tf.reshape(x, [-1, weights.shape[1]]), flat_weights(weights, x)) + bias


def _batch_norm(attributes: Attributes, x: Tensor, *statistics: Array) -> Tensor:
    scale, shift = scale_and_shift(*statistics, epsilon=attributes["epsilon"])
    return x * scale + shift


def _prelu(_: Attributes, x: Tensor, slope: Array) -> Tensor:
    """Of these five operations the converter makes one PRELU, provided that the slopes are [1, 1, channels]."""
    return tf.nn.relu(x) + (-slope.reshape(1, 1, -1)) * tf.nn.relu(-x)


def _max_pool(attributes: Attributes, x: Tensor) -> Tensor:
    if any(attributes["pads"]):
        raise UnknownStepError("MaxPool with pads")
    return tf.nn.max_pool2d(x, attributes["kernel_shape"], attributes["strides"], "VALID")


def _resize(attributes: Attributes, x: Tensor, *scales: Array) -> Tensor:
    modes = [attributes[name] for name in ("mode", "coordinate_transformation_mode", "nearest_mode")]
    if modes != [b"nearest", b"asymmetric", b"floor"] or scales[-1].tolist() != [1, 1, 2, 2]:
        raise UnknownStepError("Resize other than twofold nearest")
    return upsample_twice(x)


REBUILDERS: Mapping[str, Callable[..., Tensor]] = {
    "Add": lambda _, x, y: x + y,
    "BatchNormalization": _batch_norm,
    "Conv": convolve,
    "Dropout": lambda _, x, *_ratio: x,
    "Flatten": lambda _, x: x,  # Gemm flattens: it needs the shape from before
    "Gemm": _gemm,
    "MaxPool": _max_pool,
    "Mul": lambda _, x, factor: x * np.float32(factor.item()),
    "PRelu": _prelu,
    "Relu": lambda _, x: tf.nn.relu(x),
    "Resize": _resize,
    "Sub": lambda _, x, offset: x - np.float32(offset.item()),
}
