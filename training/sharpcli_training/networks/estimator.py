"""Looks at a patch and says what it went through."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, leaky_relu

from sharpcli_training.networks.vector import AUDIBLE, Findings, to_vector

PATCH = 96
SPECTRUM = (48, 24)
LEAK = 0.1
NOISE_OFFSET = 0.25
"""Levels added to noise before its logarithm is taken, so that none is a number too."""
HEADS = {
    "kind": 4,
    "sigma": 2,
    "anisotropy": 2,
    "radius": 2,
    "length": 2,
    "direction": 2,
    "linear": 1,
    "resampled": 1,
    "scale": 2,
    "up": 3,
    "down": 4,
    "jpeg_before": 1,
    "jpeg_before_loss": 2,
    "noise": 2,
    "correlation": 1,
    "sharpened": 1,
    "jpeg": 1,
    "jpeg_loss": 2,
    "exponent": 1,
}
"""Outputs of each head: logits of classes (`kind` begins with none), a logit of yes, or a size and the logarithm of its
doubt. Sizes of blur are logarithms. Files in use depend on the order."""
SIZES = ("sigma", "radius", "length", "scale", "jpeg_before_loss", "noise", "jpeg_loss")
"""Heads that come with their doubt."""


class Estimator(nn.Module):
    """Luma patches (N x 1 x 96 x 96 in [0, 1]) to raw outputs (N x 36).

    Two views: the pixels, and the power spectrum, where a disc and a motion show as dark rings and stripes.
    """

    window: Tensor

    def __init__(self, widths: tuple[int, int, int, int] = (32, 48, 64, 96)) -> None:
        super().__init__()
        a, b, c, d = widths
        body = ((1, a, 5, 1), (a, b, 3, 2), (b, b, 3, 1), (b, c, 3, 2), (c, c, 3, 1), (c, d, 3, 2), (d, d, 3, 1))
        self.body = nn.ModuleList(_conv(*layer) for layer in body)
        waves = ((1, 24, 3, 1), (24, 48, 3, 2), (48, 48, 3, 1), (48, 64, 3, 2), (64, 16, 1, 1))
        self.spec = nn.ModuleList(_conv(*layer) for layer in waves)
        self.flat = nn.Linear(16 * (SPECTRUM[0] // 4) * (SPECTRUM[1] // 4), 128)
        self.head = nn.Sequential(
            nn.Linear(2 * d + 2 * b + 128 + 1, 256),
            nn.LeakyReLU(LEAK),
            nn.Linear(256, 128),
            nn.LeakyReLU(LEAK),
            nn.Linear(128, sum(HEADS.values())),
        )
        hann = torch.hann_window(PATCH, periodic=False)
        self.register_buffer("window", hann[:, None] * hann)

    def spectrum(self, patches: Tensor) -> Tensor:
        """Logarithms of mean power, N x 1 x 48 x 24, frequency zero at the left in the middle."""
        waves = torch.fft.rfft2((patches - patches.mean((2, 3), keepdim=True)) * self.window)
        power = waves.real.square() + waves.imag.square()
        half = PATCH // 2
        return avg_pool2d(power[..., :half].roll(half, 2), 2).add(1e-6).log()

    def forward(self, patches: Tensor, spectrum: Tensor | None = None) -> Tensor:
        """Raw outputs; exported files are given the spectrum, which their engines cannot all compute."""
        spectrum = self.spectrum(patches) if spectrum is None else spectrum
        deviation = patches.std((2, 3), keepdim=True) + 0.004
        features = ((patches - patches.mean((2, 3), keepdim=True)) / deviation).contiguous(
            memory_format=torch.channels_last
        )
        early = features
        for index, layer in enumerate(self.body):
            features = leaky_relu(layer(features), LEAK)
            if index == 2:
                early = features
        waves = (spectrum / 4).contiguous(memory_format=torch.channels_last)
        for layer in self.spec:
            waves = leaky_relu(layer(waves), LEAK)
        seen = leaky_relu(self.flat(waves.flatten(1)), LEAK)
        parts = (*_statistics(features), *_statistics(early), seen, deviation.log().flatten(1))
        out: Tensor = self.head(torch.cat(parts, 1))
        return out


def split(outputs: Tensor) -> dict[str, Tensor]:
    """Raw outputs by head."""
    return dict(zip(HEADS, torch.split(outputs, list(HEADS.values()), 1), strict=True))


def soft_vector(outputs: Tensor) -> Tensor:
    """The degradation vector, N x 29, of raw outputs: each part weighted by how likely it is."""
    heads = split(outputs)
    sizes = {name: heads[name][:, 0] for name in SIZES}
    likely = {name: heads[name][:, 0].sigmoid() for name in ("linear", "resampled", "jpeg_before", "jpeg")}
    noise = (sizes["noise"].clamp(-3, 4).exp() - NOISE_OFFSET).clamp(min=0)
    return to_vector(
        Findings(
            kinds=heads["kind"].softmax(1)[:, 1:],
            sigma=sizes["sigma"].clamp(-3, 3).exp(),
            anisotropy=heads["anisotropy"],
            exponent=heads["exponent"][:, 0].clamp(-1, 1),
            radius=sizes["radius"].clamp(-3, 3).exp(),
            length=sizes["length"].clamp(-3, 3).exp(),
            direction=heads["direction"],
            linear=likely["linear"],
            resampled=likely["resampled"],
            log_scale=sizes["scale"],
            up=heads["up"].softmax(1),
            down=heads["down"].softmax(1),
            jpeg_before=likely["resampled"] * likely["jpeg_before"],
            jpeg_before_loss=sizes["jpeg_before_loss"],
            noise=noise,
            correlation=heads["correlation"][:, 0].clamp(min=0) * (noise > AUDIBLE),
            sharpened=heads["sharpened"][:, 0].clamp(min=0),
            jpeg=likely["jpeg"],
            jpeg_loss=sizes["jpeg_loss"],
        )
    )


def _conv(inputs: int, outputs: int, side: int, stride: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, side, stride, side // 2)


def _statistics(features: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and root mean square of each channel, N x C."""
    return features.mean((2, 3)), features.square().mean((2, 3)).add(1e-6).sqrt()
