"""The two networks as functions from a picture to what the appliance reads, made from the ONNX graphs of the model zoo.

Everything that the appliance would have to do to every picture, and that a network can do faster, is inside.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from models.nhwc import Tensor, convolve, rebuild
from models.onnx_graph import Array, Graph, Step

STRIDES_PX = (8, 16, 32)
HEADS = ("cls", "obj", "bbox", "kps")  # 1 + 1 + 4 + 10 = 16 channels, in this order
POINTWISE = {"strides": [1, 1], "pads": [0, 0, 0, 0], "group": 1}
DEPTHWISE = {"strides": [1, 1], "pads": [1, 1, 1, 1], "group": 16}


@dataclass(frozen=True)
class Network:
    """`function` takes one tensor of the shape, type and name in `picture` (a tf.TensorSpec)."""

    function: Callable[[Tensor], Any]
    picture: Any


SFACE_CUT, SFACE_FEATURES = "conv_7_relu", (14, 14, 512)
"""Where SFace is cut in two, and what crosses the cut. Before it pictures are large and weights few: one face at a
time stays in the cache. After it weights are many (38 MB) and pictures small: several faces at once share them."""


def sface_stem(graph: Graph) -> Network:
    """[1, 112, 112, 3] float32 RGB 0 to 255, an aligned face -> [1, 14, 14, 512] float32, what the trunk takes.

    SFace 2021dec, Zhong et al., "SFace: Sigmoid-Constrained Hypersphere Loss for Robust Face Recognition", IEEE TIP
    2021, doi:10.1109/TIP.2020.3048632; model zoo: face_recognition_sface. (x - 127.5) / 128 is inside.
    """

    def features(rgb: Tensor) -> Tensor:
        return rebuild(graph, {"data": rgb}, [SFACE_CUT])[0]

    return Network(features, tf.TensorSpec([1, 112, 112, 3], tf.float32, name="rgb_0_255"))


def sface_trunk(graph: Graph) -> Network:
    """[n, 14, 14, 512] float32 from the stem -> [n, 128] float32, not yet of length one. n can be resized."""

    def embed(features: Tensor) -> Tensor:
        return rebuild(graph, {SFACE_CUT: features}, ["fc1"])[0]

    return Network(embed, tf.TensorSpec([1, *SFACE_FEATURES], tf.float32, name="features"))


def yunet(graph: Graph, height_px: int, width_px: int) -> Network:
    """[1, H, W, 3] float32 BGR 0 to 255 -> for s = 8, 16, 32: [1, H/s, W/s, 16] float32.

    Channels: cls, obj (both 0 to 1), dx, dy, log w, log h, five times (x, y); score = sqrt(cls * obj),
    centre = (cell + d) * s, size = exp(log size) * s, landmark = (value + cell) * s. H and W must be multiples of 32;
    no constant depends on them, so the converted network can be resized.

    YuNet 2023mar, Wu, Peng and Yu, "YuNet: A Tiny Millisecond-level Face Detector", Machine Intelligence Research
    2023, doi:10.1007/s11633-023-1423-y; model zoo: face_detection_yunet.
    """
    features = [_head_steps(graph, level, "conv1")[0].inputs[0] for level in range(len(STRIDES_PX))]

    def detect(bgr: Tensor) -> tuple[Tensor, ...]:
        return tuple(_head(graph, level, x) for level, x in enumerate(rebuild(graph, {"input": bgr}, features)))

    return Network(detect, tf.TensorSpec([1, height_px, width_px, 3], tf.float32, name="bgr_0_255"))


def _head(graph: Graph, level: int, x: Tensor) -> Tensor:
    """[1, h, w, 64] -> [1, h, w, 16]: the four heads of one level as one.

    Each is a 1 x 1 convolution followed by a 3 x 3 depthwise one, so their channels can simply be laid side by side.
    """
    y = convolve(POINTWISE, x, *_side_by_side(graph, _head_steps(graph, level, "conv1")))
    y = convolve(DEPTHWISE, y, *_side_by_side(graph, _head_steps(graph, level, "conv2")))
    return tf.concat([tf.sigmoid(y[..., :2]), y[..., 2:]], axis=-1)


def _head_steps(graph: Graph, level: int, part: str) -> list[Step]:
    """List the convolutions called `part` in the four heads of `level`, in the order of HEADS."""
    prefixes = [f"bbox_head.multi_level_{head}.{level}.{part}." for head in HEADS]
    return [next(step for step in graph.steps if step.inputs[1:2] and step.inputs[1].startswith(p)) for p in prefixes]


def _side_by_side(graph: Graph, steps: list[Step]) -> tuple[Array, Array]:
    """Weights [16, in / group, height, width] and biases [16] of convolutions whose outputs are concatenated."""
    weights, biases = zip(*([graph.constants[name] for name in step.inputs[1:]] for step in steps), strict=True)
    return np.concatenate(weights), np.concatenate(biases)
