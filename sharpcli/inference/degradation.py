"""What an image went through: in words for people, and as the vector that conditioned networks take."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

LENGTH = 29
KINDS = ("gaussian", "defocus", "motion")
UP_FILTERS = ("bicubic", "lanczos", "bilinear")
DOWN_FILTERS = ("bicubic", "lanczos", "area", "not antialiased")
LIKELY = 0.5
"""From this probability on, something counts as having happened."""
FAINT_BLUR = 0.5
"""A Gaussian below this many pixels is what many sharp photographs show."""
SURE, SMALL_BLUR = 0.75, 0.8
"""The probability that a blur of fewer than so many pixels needs: undone where there was none, it does most harm."""
SHARP_PART = 0.12
"""Share of clearly sharp patches from which a blur is one of parts of the image, such as its background. To undo it
everywhere would ruin the sharp parts. Of 216 evenly blurred held-out images 1 has more, of 72 sharp in parts 66."""
LINEAR_LIGHT = {"gaussian": 0.85, "defocus": 0.5, "motion": 0.65}
"""Probability from which a blur is taken for one of linear light, by kind. The networks' answers are nearly one or the
other, and of Gaussians, which are mostly digital, the estimator says it too often; chosen on training photographs."""
LINEAR_SPAN = 0.5
"""Log odds around that probability within which both are mixed."""
FAINT_NOISE = 0.75
"""Noise below this many levels is in nearly every photograph, and taking it out would take texture with it."""
GRAIN = 2.5
"""The same where nothing else happened: many a sharp photograph has so much, and nobody asked for it to go."""
FAINT_SHARPENING = 0.1
CALL_TRUST = 0.7
"""How much of what a video codec cost is told: of frames that came well, too much is found. On clips of training, more
gains less where bits are many, and hardly more where they are few."""
CALL_SCALE, CALL_QUALITY = 4.0, -30.0
"""The most that a frame of a call counts as enlarged, and the worst that its coding is told: networks know no more."""
FINE_JPEG = 92
"""From this quality on, and where nothing else happened, a JPEG's traces are too faint to tell them from a sharp
photograph's texture."""


@dataclass(frozen=True)
class Degradation:
    """How likely each thing happened to an image, and how strong it is if it did.

    Probabilities are 0-1, lengths in pixels, `noise` the standard deviation of luma in 8-bit levels; the default is an
    image that nothing happened to. Stages are in the order of a camera's chain: blur, resampling (with JPEG before the
    enlargement), noise, sharpening, JPEG.
    """

    blur: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Probability of each of KINDS."""
    sigma: float = 0.0
    """Of a Gaussian: the geometric mean of both axes."""
    stretch: tuple[float, float] = (0.0, 0.0)
    """Of a Gaussian: log of the axes' ratio, times cosine and sine of twice the longer axis's angle."""
    exponent: float = 0.0
    """Of a Gaussian: log of half its exponent, 0 for a true one, above for a flatter top with steeper flanks."""
    radius: float = 0.0
    """Of a defocus disc."""
    length: float = 0.0
    """Of a straight motion."""
    direction: tuple[float, float] = (0.0, 0.0)
    """Of a motion: cosine and sine of twice its angle."""
    linear: float = 0.0
    """Probability that the blur mixed linear light, as a lens does, and not encoded levels."""
    resampled: float = 0.0
    log_scale: float = 0.0
    """Natural log of how many times it was enlarged."""
    up: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Probability of each of UP_FILTERS."""
    down: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    """Probability of each of DOWN_FILTERS."""
    early_jpeg: float = 0.0
    early_quality: float = 105.0
    noise: float = 0.0
    noise_width: float = 0.0
    """Sigma of the blur that the noise itself went through."""
    sharpened: float = 0.0
    """Share of an unsharp mask of radius 1 that was added."""
    jpeg: float = 0.0
    quality: float = 105.0
    video: bool = False
    """Whether `jpeg` and `quality` say what a video codec did: see `coding_error`."""
    sharp_share: float = 0.0
    """Share of the image that is clearly sharp, whatever the rest is. Networks are not told."""

    def vector(self) -> tuple[float, ...]:
        """The LENGTH numbers that networks were trained with; all zero where nothing happened."""
        gaussian, defocus, motion = self.blur
        return (
            *self.blur,
            gaussian * self.sigma,
            *(gaussian * part for part in self.stretch),
            defocus * self.radius / 2,
            motion * self.length / 4,
            *(motion * self.length / 4 * part for part in self.direction),
            sum(self.blur) * self.linear,
            self.resampled,
            self.resampled * 2 * self.log_scale,
            *(self.resampled * part for part in self.up),
            *(self.resampled * part for part in self.down),
            self.resampled * self.early_jpeg,
            self.resampled * self.early_jpeg * _loss(self.early_quality),
            self.noise / 3,
            self.noise_width if self.noise > FAINT_NOISE else 0.0,
            self.sharpened,
            self.jpeg,
            self.jpeg * _loss(self.quality) * (CALL_TRUST if self.video else 1),
            0.0,
            gaussian * self.exponent,
        )

    def decided(self) -> Degradation:
        """The same without what probably did not happen: doubt must not change an image that is as it should be."""
        surplus = _log_odds(self.linear) - _log_odds(LINEAR_LIGHT[self._likeliest])
        result = replace(self, linear=min(max(surplus / LINEAR_SPAN + 0.5, 0.0), 1.0))
        least = LIKELY if self.size >= SMALL_BLUR else SURE
        if sum(self.blur) < least or (self.kind == "gaussian" and self.sigma < FAINT_BLUR):
            result = replace(result, blur=(0.0, 0.0, 0.0), sharp_share=0.0)
        elif self.sharp_share > SHARP_PART:
            result = replace(result, blur=(0.0, 0.0, 0.0))
        if self.resampled < LIKELY:
            result = replace(result, resampled=0.0)
        soft = result.kind != "none" or result.resampled > 0
        if self.noise < (FAINT_NOISE if soft else GRAIN):
            result = replace(result, noise=0.0)
        if self.sharpened < FAINT_SHARPENING:
            result = replace(result, sharpened=0.0)
        if self.jpeg < LIKELY or (self.quality >= FINE_JPEG and not soft):
            result = replace(result, jpeg=0.0)
        return result

    def of_call(self) -> Degradation:
        """The same as a frame of a call, whose line neither blurs nor compresses twice, without what is too faint."""
        return replace(
            self,
            blur=(0.0, 0.0, 0.0),
            linear=0.0,
            sharp_share=0.0,
            early_jpeg=0.0,
            resampled=0.0 if self.resampled < LIKELY else self.resampled,
            log_scale=min(max(self.log_scale, 0.0), math.log(CALL_SCALE)),
            noise=0.0 if self.noise < FAINT_NOISE else self.noise,
            sharpened=0.0 if self.sharpened < FAINT_SHARPENING else self.sharpened,
            jpeg=0.0 if self.jpeg < LIKELY else self.jpeg,
            quality=min(max(self.quality, CALL_QUALITY), 105.0),
            video=True,
        )

    def with_blur(self, kind: str, size: float | None = None) -> Degradation:
        """The same with a blur that is known: one of KINDS or `none`, of a size in pixels or of the size found."""
        blur = tuple(float(kind == known) for known in KINDS)
        changed = replace(self, blur=(blur[0], blur[1], blur[2]), sharp_share=0.0)
        if size is None or kind not in KINDS:
            return changed
        if kind == "gaussian":
            return replace(changed, sigma=size, stretch=(0.0, 0.0), exponent=0.0)
        return replace(changed, radius=size) if kind == "defocus" else replace(changed, length=size)

    @property
    def kind(self) -> str:
        """The most likely kind of blur, `none` where there is probably none."""
        return "none" if sum(self.blur) < LIKELY else self._likeliest

    @property
    def coding_error(self) -> float:
        """What a video codec cost: root of the mean squared error of luma in 8-bit levels, as the networks count it."""
        return float(2 ** _loss(self.quality) - 1)

    @property
    def _likeliest(self) -> str:
        return KINDS[max(range(len(KINDS)), key=lambda index: self.blur[index])]

    @property
    def reduced_smoothly(self) -> bool:
        """Whether what was enlarged had been reduced by bicubic or Lanczos resampling, as far as one can tell."""
        return self.down[0] + self.down[1] >= LIKELY

    @property
    def size(self) -> float:
        """The size in pixels of the most likely blur, 0 where there is none."""
        sizes = dict(zip(KINDS, (self.sigma, self.radius, self.length), strict=True))
        return sizes.get(self.kind, 0.0)

    def describe(self) -> str:
        """What happened in words: `defocus of about 2.5 px, noise 3.1`."""
        names = {"gaussian": "blur", "defocus": "defocus", "motion": "motion"}
        parts = [] if self.kind == "none" else [f"{names[self.kind]} of about {self.size:.1f} px"]
        if self.resampled >= LIKELY:
            parts.append(f"enlarged about {math.exp(self.log_scale):.1f} times")
            if self.early_jpeg >= LIKELY:
                parts.append(f"from a JPEG of about quality {self.early_quality:.0f}")
        if self.noise >= FAINT_NOISE:
            parts.append(f"noise {self.noise:.1f}")
        if self.sharpened >= FAINT_SHARPENING:
            parts.append(f"sharpening by {self.sharpened:.0%}")
        if self.jpeg >= LIKELY and self.video:
            parts.append(f"video coding of about {self.coding_error:.1f} levels")
        elif self.jpeg >= LIKELY:
            parts.append(f"JPEG of about quality {self.quality:.0f}")
        partly = self.sharp_share > SHARP_PART and self.kind == "none"
        return (", ".join(parts) or "nothing") + ("; parts are blurred, and were left so" if partly else "")


def _log_odds(probability: float) -> float:
    bounded = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(bounded / (1 - bounded))


def _loss(quality: float) -> float:
    """JPEG's quality as the networks are told it: 0.2 for 99, 1 for 75, 2 for 45."""
    return (105 - quality) / 30
