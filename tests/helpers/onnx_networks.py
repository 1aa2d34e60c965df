"""Small networks as other people export them, written with `onnx.helper`; each declares what it is."""

from functools import cache
from itertools import count

import numpy as np
import onnx
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator


class Graph:
    """Collects nodes and weights; calling it adds an operation and returns the name of its output."""

    def __init__(self):
        self.nodes, self.weights = [], []
        self.random = np.random.default_rng(1)
        self.numbers = count()

    def __call__(self, operation, *inputs, **attributes):
        output = f"{operation.lower()}_{next(self.numbers)}"
        names = [one if isinstance(one, str) else self.constant(one) for one in inputs]
        self.nodes.append(helper.make_node(operation, names, [output], **attributes))
        return output

    def constant(self, value):
        """Store an array; Python's floats become float32, its integers int64."""
        array = np.asarray(value)
        array = array.astype(np.float32) if array.dtype == np.float64 else array
        name = f"constant_{next(self.numbers)}"
        self.weights.append(numpy_helper.from_array(array, name))
        return name

    def drawn(self, *shape, fan_in):
        """Random weights, spread as torch initializes a layer with that many inputs."""
        return self.random.uniform(-(fan_in**-0.5), fan_in**-0.5, shape).astype(np.float32)

    def conv(self, x, channels, outputs, kernel, *, groups=1, **attributes):
        """A convolution with a bias."""
        shape = (outputs, channels // groups, kernel, kernel)
        fan_in = int(np.prod(shape[1:]))
        weights, bias = self.drawn(*shape, fan_in=fan_in), self.drawn(outputs, fan_in=fan_in)
        return self("Conv", x, weights, bias, group=groups, **attributes)

    def conv_transpose(self, x, channels, outputs, kernel, *, groups=1, **attributes):
        """A transposed convolution with a bias."""
        shape = (channels, outputs // groups, kernel, kernel)
        fan_in = int(np.prod(shape[1:]))
        weights, bias = self.drawn(*shape, fan_in=fan_in), self.drawn(outputs, fan_in=fan_in)
        return self("ConvTranspose", x, weights, bias, group=groups, **attributes)


class Sharpener:
    """Adds a fraction of two convolutions to its input; the base of the others."""

    channels = 3
    last = False
    bgr = False
    peak = 1
    kind = np.float32
    scale = 1
    multiple = 1
    inputs = ("x",)

    def body(self, graph, x):
        hidden = graph("Relu", graph.conv(x, self.channels, 8, 3, pads=[1] * 4))
        return graph.conv(hidden, 8, self.channels, 3, pads=[1] * 4)

    def added(self, graph, x):
        return graph("Add", x, graph("Mul", self.body(graph, x), 0.1))

    def forward(self, graph, x):
        return self.added(graph, x)


class Certain(Sharpener):
    """One whose values end at 1 and whose red and blue cannot be confused: it draws each to where it usually lies."""

    usual = (0.9, 0.45, 0.1)

    def forward(self, graph, x):
        usual = np.reshape(np.float32(self.usual), (1, 3, 1, 1))
        pull = graph("Mul", graph("Sub", usual, x), 0.2)
        high = 255.0 if self.bgr else 1.0
        return graph("Clip", graph("Add", self.added(graph, x), pull), 0.0, high)


class OpenCv(Certain):
    """The same for blue, green, red from 0 to 255, as pixels lie in OpenCV."""

    bgr = True
    peak = 255
    usual = (25.0, 115.0, 230.0)


class Keras(Certain):
    """Channels last."""

    last = True

    def forward(self, graph, x):
        made = super().forward(graph, graph("Transpose", x, perm=[0, 3, 1, 2]))
        return graph("Transpose", made, perm=[0, 2, 3, 1])


class Bytes(Certain):
    """Takes and returns bytes."""

    kind = np.uint8
    peak = 255

    def forward(self, graph, x):
        made = super().forward(graph, graph("Div", graph("Cast", x, to=onnx.TensorProto.FLOAT), 255.0))
        return graph("Cast", graph("Round", graph("Mul", made, 255.0)), to=onnx.TensorProto.UINT8)


class Half(Certain):
    """Takes and returns half-precision floats."""

    kind = np.float16

    def forward(self, graph, x):
        made = super().forward(graph, graph("Cast", x, to=onnx.TensorProto.FLOAT))
        return graph("Cast", made, to=onnx.TensorProto.FLOAT16)


class Luma(Sharpener):
    """One channel, from 0 to 1."""

    channels = 1

    def forward(self, graph, x):
        return graph("Clip", self.added(graph, x), 0.0, 1.0)


class Doubler(Certain):
    """Enlarges twice by pixel shuffle, beside a bilinear interpolation written as a transposed convolution."""

    scale = 2

    def forward(self, graph, x):
        row = np.float32([0.25, 0.75, 0.75, 0.25])
        kernel = np.tile(np.outer(row, row), (3, 1, 1, 1))
        framed = graph("Pad", x, np.int64([0, 0, 1, 1, 0, 0, 1, 1]), mode="edge")
        large = graph("ConvTranspose", framed, kernel, strides=[2, 2], pads=[3] * 4, group=3)
        fine = graph("DepthToSpace", graph.conv(x, 3, 12, 3, pads=[1] * 4), blocksize=2, mode="CRD")
        return super().forward(graph, graph("Add", large, graph("Mul", fine, 0.02)))


class Shrinking(Certain):
    """Works at an eighth of the size and adds what comes back: both sides must be multiples of 8."""

    multiple = 8

    def coarse(self, graph, x):
        small = graph("Relu", graph.conv(x, 3, 4, 8, strides=[8, 8]))
        return graph.conv_transpose(small, 4, 3, 8, strides=[8, 8])

    def forward(self, graph, x):
        return super().forward(graph, graph("Add", x, graph("Mul", self.coarse(graph, x), 0.1)))


class Padding(Shrinking):
    """The same with any size: it pads inside, so that only the place of tiles tells."""

    multiple = 1

    def forward(self, graph, x):
        whole = graph("Pad", x, np.int64([0, 0, 0, 0, 0, 0, 7, 7]), mode="edge")
        sides = graph("Shape", x, start=2, end=4)
        back = graph("Slice", self.coarse(graph, whole), np.int64([0, 0]), sides, np.int64([2, 3]))
        return Certain.forward(self, graph, graph("Add", x, graph("Mul", back, 0.3)))


class Pooling(Certain):
    """Looks at the mean of the whole image."""

    def forward(self, graph, x):
        mean = graph("ReduceMean", x, axes=[2, 3], keepdims=1)
        factor = graph("Add", graph("Mul", graph("Sub", mean, 0.5), 0.3), 1.0)
        return super().forward(graph, graph("Mul", x, factor))


def cut(graph, x, border):
    """Take `border` pixels away on every side."""
    ends = np.int64([-border, -border])
    return graph("Slice", x, -ends, ends, np.int64([2, 3]))


class Mirroring(Certain):
    """Needs a few pixels to mirror."""

    def forward(self, graph, x):
        framed = graph("Pad", x, np.int64([0, 0, 5, 5, 0, 0, 5, 5]), mode="reflect")
        return cut(graph, super().forward(graph, framed), 5)


class Fixed(Certain):
    """Knows one size only."""

    def forward(self, graph, x):
        return graph("Add", super().forward(graph, x), np.full((1, 3, 64, 64), 0.01, np.float32))


class Classifier(Sharpener):
    """Says what an image shows."""

    def forward(self, graph, x):
        return graph("ReduceMean", self.body(graph, x), axes=[2, 3], keepdims=0)


class Valid(Sharpener):
    """Returns less than it is given."""

    def forward(self, graph, x):
        return cut(graph, x, 4)


class Thumbnail(Sharpener):
    """Returns half of it."""

    def forward(self, graph, x):
        return graph("AveragePool", x, kernel_shape=[2, 2], strides=[2, 2])


class Residual(Sharpener):
    """Returns what has to be added."""

    def forward(self, graph, x):
        return graph("Mul", self.body(graph, x), 0.1)


class Grey(Sharpener):
    """Returns one channel of three."""

    def forward(self, graph, x):
        return graph("ReduceMean", x, axes=[1], keepdims=1)


class Rgba(Sharpener):
    """Has a fourth channel."""

    channels = 4


class Twin(Sharpener):
    """Takes two images."""

    inputs = ("x", "y")

    def forward(self, graph, x):
        return graph("Add", self.added(graph, x), "y")


def model(network, *, dynamic=True):
    """The ONNX model of a network; a dynamic one takes any height and width."""
    graph = Graph()
    graph("Identity", network.forward(graph, "x"))
    graph.nodes[-1].output[0] = "out"
    sides = ["h", "w"] if dynamic else [64, 64]
    shape = [1, *sides, 3] if network.last else [1, network.channels, *sides]
    kind = helper.np_dtype_to_tensor_dtype(np.dtype(network.kind))
    inputs = [helper.make_tensor_value_info(name, kind, shape) for name in network.inputs]
    output = helper.make_tensor_value_info("out", kind, None)
    made = helper.make_graph(graph.nodes, "network", inputs, [output], graph.weights)
    whole = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return onnx.shape_inference.infer_shapes(whole)


def export(network, path, *, dynamic=True):
    """Write a network to an ONNX file, and give it back."""
    onnx.save(model(network, dynamic=dynamic), path)
    return network


@cache
def _evaluator(kind):
    return ReferenceEvaluator(model(kind()))


def run(network, pixels):
    """What ONNX's reference implementation makes of H x W x C in [0, 1]."""
    height, width = pixels.shape[:2]
    multiple = network.multiple
    whole = np.pad(pixels, ((0, -height % multiple), (0, -width % multiple), (0, 0)), mode="edge")
    given = (whole[..., ::-1] if network.bgr else whole) * np.float32(network.peak)
    given = (given.round() if network.kind == np.uint8 else given).astype(network.kind)[None]
    given = np.ascontiguousarray(given if network.last else given.transpose(0, 3, 1, 2))
    (made,) = _evaluator(type(network)).run(None, {"x": given})
    made = made[0].astype(np.float32) / np.float32(network.peak)
    result = made if network.last else made.transpose(1, 2, 0)
    result = result[..., ::-1] if network.bgr else result
    return result[: height * network.scale, : width * network.scale]
