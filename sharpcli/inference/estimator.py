"""Estimates what an image went through from some of its patches, before it is sharpened."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_softmax, softmax

from sharpcli.image.image import BT601, FloatPixels
from sharpcli.inference.degradation import Degradation
from sharpcli.inference.runtime import load_model

WEIGHTS = Path(__file__).parent / "weights" / "estimator.onnx"
CALL_WEIGHTS = WEIGHTS.with_stem("estimator-call")
"""Of one that learned on frames of calls: `quality` is that of a video codec."""
SIDE = 96
"""Rows and columns of a patch."""
PATCHES = 24
CANDIDATES = 256
"""So many places are looked at for the patches with the most texture, whatever the image's size."""
FLAT_PATCHES, FLAT_TO_ALL, DARK = 8, 1.2, 0.04
"""How many patches with least texture are looked at for noise, how much more of it the others may have, since it can
grow with the light, and the mean luma, from black or from white, of those that cannot show it; chosen on held-out
photographs."""
CLEARLY, UNEVEN = 0.7, 0.6
"""The probability of no blur from which a patch is sharp, and the span of the logarithm of sizes from which these
differ; chosen on held-out photographs, some of them blurred in parts."""
AT_A_TIME = 8
"""Patches in one call of the network, whose memory grows with them."""
CONFIDENCE = 2.0
"""How much surer all patches together are than one; chosen on held-out photographs."""
HEADS = {
    "kind": 4, "sigma": 2, "stretch": 2, "radius": 2, "length": 2, "direction": 2, "linear": 1, "resampled": 1,
    "scale": 2, "up": 3, "down": 4, "early_jpeg": 1, "early_quality": 2, "noise": 2, "noise_width": 1, "sharpened": 1,
    "jpeg": 1, "quality": 2, "exponent": 1,
}  # fmt: skip
"""What the network says of a patch, in this order, and in how many numbers each."""


def estimate(pixels: NDArray[Any], weights: Path | None = None) -> Degradation:
    """What H x W x C pixels (C 1 or 3; uint8, uint16, or float in [0, 1]) went through.

    A network sees the patches with the most texture and their power spectra, where a defocus shows as dark rings and a
    motion as dark stripes; the patches' findings are put together by their certainty. `weights`: WEIGHTS unless given.
    """
    patches, textured, flat = patches_of(pixels)
    model, shown = load_model(weights or WEIGHTS), np.split(patches, range(AT_A_TIME, len(patches), AT_A_TIME))
    findings = np.concatenate([model({"patches": part, "spectrum": power_spectra(part)}) for part in shown])
    return combined(findings[textured], findings[flat])


def patches_of(pixels: NDArray[Any]) -> tuple[FloatPixels, NDArray[np.intp], NDArray[np.intp]]:
    """The luma of some patches, N x 1 x SIDE x SIDE in [0, 1], and which of them have most texture, and which least.

    Small images are mirrored.
    """
    short = [max(0, SIDE - side) for side in pixels.shape[:2]]
    if any(short):
        pixels = np.pad(pixels, ((0, short[0]), (0, short[1]), (0, 0)), mode="symmetric")
    corners = [_starts(side) for side in pixels.shape[:2]]
    patches = [_luma(pixels[y : y + SIDE, x : x + SIDE]) for y in corners[0] for x in corners[1]]
    texture = [float(np.hypot(*np.gradient(patch)).mean()) for patch in patches]
    order = sorted(range(len(patches)), key=lambda index: -texture[index])
    textured = order[:PATCHES]
    # Noise is cut off in black and in white.
    flat = [index for index in order if DARK < patches[index].mean() < 1 - DARK][-FLAT_PATCHES:]
    chosen = sorted({*textured, *flat})
    stacked = np.stack([patches[index] for index in chosen])[:, None]
    return stacked, np.searchsorted(chosen, textured), np.searchsorted(chosen, flat)


def power_spectra(patches: FloatPixels) -> FloatPixels:
    """Log power of Hann-windowed patches, N x 1 x SIDE/2 x SIDE/4, frequency zero at the left in the middle."""
    window = np.hanning(SIDE)[:, None] * np.hanning(SIDE)
    level = patches - patches.mean((2, 3), keepdims=True)
    power = np.abs(np.fft.rfft2(level * window)) ** 2
    power = np.roll(power[..., : SIDE // 2], SIDE // 2, axis=2)
    pooled = power.reshape(len(patches), 1, SIDE // 2, 2, SIDE // 4, 2).mean((3, 5))
    spectra: FloatPixels = np.log(pooled + 1e-6).astype(np.float32)
    return spectra


def combined(findings: NDArray[np.float32], flat: NDArray[np.float32] | None = None) -> Degradation:
    """One estimate from what was found in each patch, N x sum(HEADS).

    `flat` is what was found where there is least texture, M x sum(HEADS). Noise is everywhere, and what is seen among
    texture alone was texture (after Liu, Tanaka and Okutomi, "Single-image noise level estimation", 2013).
    """
    part = _by_head(findings)
    size = {name: _gentle(part[name]) for name in ("sigma", "radius", "length")}
    size |= {name: _weighted_quantile(part[name]) for name in ("scale", "early_quality", "noise", "quality")}
    middle = {
        name: np.median(part[name], axis=0) for name in ("stretch", "direction", "noise_width", "sharpened", "exponent")
    }
    likely = {name: _likely(part[name]) for name in ("linear", "resampled", "early_jpeg", "jpeg")}
    gaussian, defocus, motion = _classes(part["kind"])[1:]
    up, down = _classes(part["up"]), _classes(part["down"])
    return Degradation(
        blur=(gaussian, defocus, motion),
        sigma=_exp(size["sigma"]),
        stretch=(float(middle["stretch"][0]), float(middle["stretch"][1])),
        exponent=float(np.clip(middle["exponent"][0], -1, 1)),
        radius=_exp(size["radius"]),
        length=_exp(size["length"]),
        direction=(float(middle["direction"][0]), float(middle["direction"][1])),
        linear=likely["linear"],
        resampled=likely["resampled"],
        log_scale=size["scale"] / 2,
        up=(up[0], up[1], up[2]),
        down=(down[0], down[1], down[2], down[3]),
        early_jpeg=likely["early_jpeg"],
        early_quality=105 - 30 * size["early_quality"],
        noise=min(_noise(size["noise"]), _seen_in(flat)),
        noise_width=max(0.0, float(middle["noise_width"][0])),
        sharpened=max(0.0, float(middle["sharpened"][0])),
        jpeg=likely["jpeg"],
        quality=105 - 30 * size["quality"],
        sharp_share=float((softmax(part["kind"], axis=1)[:, 0] > CLEARLY).mean()),
    )


def _by_head(findings: NDArray[np.float32]) -> dict[str, NDArray[np.float64]]:
    ends = np.cumsum(list(HEADS.values()))[:-1]
    return dict(zip(HEADS, np.split(findings.astype(np.float64), ends, axis=1), strict=True))


def _noise(said: float) -> float:
    """In levels."""
    return max(0.0, _exp(said, 4.0) - 0.25)


def _seen_in(flat: NDArray[np.float32] | None) -> float:
    """The most noise that an image can have with what was found in its flattest patches."""
    if flat is None or not len(flat):
        return math.inf
    return FLAT_TO_ALL * _noise(float(np.median(_by_head(flat)["noise"][:, 0])))


def _starts(length: int) -> NDArray[np.int64]:
    count = min(max(1, (length - 1) // SIDE + 1), int(CANDIDATES**0.5))
    return np.linspace(0, length - SIDE, count).astype(np.int64)


def _luma(patch: NDArray[Any]) -> FloatPixels:
    white = np.iinfo(patch.dtype).max if patch.dtype.kind == "u" else 1
    grey: NDArray[Any] = patch[..., 0].astype(np.float32) if patch.shape[2] == 1 else patch.astype(np.float32) @ BT601
    result: FloatPixels = (np.rint(grey * np.float32(255 / white)) / np.float32(255)).astype(np.float32)
    return result


def _gentle(values: NDArray[np.float64]) -> float:
    """The size of a blur as most patches show it; where they differ, as in the near and the far, a small one."""
    low, middle, high = (_weighted_quantile(values, share) for share in (0.2, 0.5, 0.8))
    return low if high - low > UNEVEN else middle


def _weighted_quantile(values: NDArray[np.float64], share: float = 0.5) -> float:
    """Of the first column; the second is the log of each value's doubt (a Laplace distribution's scale)."""
    weight = np.exp(np.clip(-values[:, 1], -5, 5)) ** 2
    order = np.argsort(values[:, 0], kind="stable")
    below = np.cumsum(weight[order]) / weight.sum()
    return float(values[order[min(int((below < share).sum()), len(order) - 1)], 0])


def _classes(logits: NDArray[np.float64]) -> list[float]:
    """Probabilities of classes that exclude each other."""
    return [float(share) for share in softmax(CONFIDENCE * log_softmax(logits, axis=1).mean(0))]


def _likely(logits: NDArray[np.float64]) -> float:
    return float(expit(CONFIDENCE * logits.mean()))


def _exp(value: float, top: float = 3.0) -> float:
    return float(np.exp(np.clip(value, -3.0, top)))
