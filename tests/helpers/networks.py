"""Networks as other people make them, exported to ONNX by torch; each knows what it is."""

import warnings

import numpy as np
import torch
from torch import nn
from torch.nn import functional


class Sharpener(nn.Module):
    """Adds the work of two convolutions to its input, times a little; the base of the others."""

    channels = 3
    last = False
    bgr = False
    peak = 1
    kind = torch.float32
    scale = 1
    multiple = 1
    strength = 0.1

    def __init__(self):
        super().__init__()
        torch.manual_seed(1)
        self.body = nn.Sequential(
            nn.Conv2d(self.channels, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, self.channels, 3, padding=1)
        )

    def forward(self, x):
        return x + self.strength * self.body(x)


class Certain(Sharpener):
    """One whose values end at 1 and whose red and blue cannot be confused: it draws each to where it usually lies."""

    def forward(self, x):
        usual = torch.tensor([0.9, 0.45, 0.1]).view(1, 3, 1, 1)
        return (x + self.strength * self.body(x) + 0.2 * (usual - x)).clamp(0, 1)


class OpenCv(Sharpener):
    """The same for blue, green, red from 0 to 255, as images lie in OpenCV."""

    bgr = True
    peak = 255

    def forward(self, x):
        usual = torch.tensor([25.0, 115.0, 230.0]).view(1, 3, 1, 1)
        return (x + self.strength * self.body(x) + 0.2 * (usual - x)).clamp(0, 255)


class Keras(Certain):
    """Channels last."""

    last = True

    def forward(self, x):
        return super().forward(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)


class Bytes(Certain):
    """Takes and returns bytes."""

    kind = torch.uint8
    peak = 255

    def forward(self, x):
        return (super().forward(x.float() / 255) * 255).round().to(torch.uint8)


class Luma(Sharpener):
    """One channel, from 0 to 1."""

    channels = 1

    def forward(self, x):
        return super().forward(x).clamp(0, 1)


class Doubler(Certain):
    """Enlarges twice by pixel shuffle, beside an interpolation."""

    scale = 2

    def __init__(self):
        super().__init__()
        self.up = nn.Conv2d(3, 12, 3, padding=1)

    def forward(self, x):
        large = functional.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
        fine = functional.pixel_shuffle(self.up(x), 2)
        return super().forward(large + 0.02 * fine)


class Shrinking(Certain):
    """Works at an eighth of the size and adds what comes back: both sides must be multiples of 8."""

    multiple = 8

    def __init__(self):
        super().__init__()
        self.down, self.up = nn.Conv2d(3, 4, 8, stride=8), nn.ConvTranspose2d(4, 3, 8, stride=8)

    def forward(self, x):
        return super().forward(x + 0.1 * self.up(self.down(x).relu()))


class Padding(Shrinking):
    """The same with any size: it pads inside, so that only the place of tiles tells."""

    multiple = 1

    def forward(self, x):
        height, width = x.shape[2:]
        whole = functional.pad(x, (0, 7, 0, 7), mode="replicate")
        back = self.up(self.down(whole).relu())[:, :, :height, :width]
        return Certain.forward(self, x + 0.3 * back)


class Pooling(Certain):
    """Looks at the mean of the whole image."""

    def forward(self, x):
        return super().forward(x * (1 + 0.3 * (x.mean(dim=(2, 3), keepdim=True) - 0.5)))


class Mirroring(Certain):
    """Needs a few pixels to mirror."""

    def forward(self, x):
        return super().forward(functional.pad(x, (5, 5, 5, 5), mode="reflect"))[:, :, 5:-5, 5:-5]


class Fixed(Certain):
    """Knows one size only."""

    def __init__(self):
        super().__init__()
        self.place = nn.Parameter(torch.full((1, 3, 64, 64), 0.01))

    def forward(self, x):
        return super().forward(x) + self.place


class Classifier(Sharpener):
    """Says what is on an image."""

    def forward(self, x):
        return self.body(x).mean(dim=(2, 3))


class Valid(Sharpener):
    """Returns less than it is given."""

    def forward(self, x):
        return x[:, :, 4:-4, 4:-4]


class Thumbnail(Sharpener):
    """Returns half of it."""

    def forward(self, x):
        return functional.avg_pool2d(x, 2)


class Residual(Sharpener):
    """Returns what has to be added."""

    def forward(self, x):
        return 0.1 * self.body(x)


class Grey(Sharpener):
    """Returns one channel of three."""

    def forward(self, x):
        return x.mean(dim=1, keepdim=True)


class Rgba(Sharpener):
    channels = 4


class Twin(Sharpener):
    """Takes two images."""

    def forward(self, x, y):
        return super().forward(x) + y


class Half(Certain):
    """Computes with half the bits."""

    kind = torch.float16

    def forward(self, x):
        return super().forward(x.float()).half()


def export(network, path, *, shape=None, dynamic=True):
    """Write a network to an ONNX file, and give it back ready to run."""
    network = network.eval()
    shape = shape or ((1, 64, 64, 3) if network.last else (1, network.channels, 64, 64))
    example = torch.zeros(shape, dtype=network.kind)
    sides = {1: "h", 2: "w"} if network.last else {2: "h", 3: "w"}
    names = ["x", "y"] if isinstance(network, Twin) else ["x"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (example,) * len(names),
            path,
            dynamo=False,
            input_names=names,
            output_names=["out"],
            dynamic_axes=dict.fromkeys([*names, "out"], sides) if dynamic else None,
        )
    return network


def run(network, pixels):
    """What torch makes of H x W x C in [0, 1]."""
    height, width = pixels.shape[:2]
    multiple = network.multiple
    whole = np.pad(pixels, ((0, -height % multiple), (0, -width % multiple), (0, 0)), mode="edge")
    given = torch.from_numpy(whole[..., ::-1].copy() if network.bgr else whole) * network.peak
    given = (given.round() if network.kind == torch.uint8 else given).to(network.kind)
    with torch.no_grad():
        given = given[None] if network.last else given.permute(2, 0, 1)[None]
        made = network(given)[0].float() / network.peak
    result = (made if network.last else made.permute(1, 2, 0)).numpy()
    result = result[..., ::-1] if network.bgr else result
    return result[: height * network.scale, : width * network.scale]
