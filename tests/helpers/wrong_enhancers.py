"""Enhancers that are each wrong in one way, with the check that must say so, and right ones beside them."""

import ctypes
import threading
from dataclasses import field
from itertools import count
from typing import Any

import numpy as np
from scipy.ndimage import uniform_filter

from sharpcli.errors import SharpError
from sharpcli.plugin.enhancer import Enhancer, option

CAUGHT_BY: dict[type[Enhancer], str] = {}
"""Each wrong enhancer, and the check that must fail."""


def caught_by(check):
    def note(cls):
        CAUGHT_BY[cls] = check
        return cls

    return note


def blurred(pixels, radius=3):
    """Depends on exactly `receptive_radius` pixels around."""
    return uniform_filter(pixels, (2 * radius + 1, 2 * radius + 1, 1), mode="nearest")


class Right(Enhancer):
    """What the others are made of: an unsharp mask with options of every type."""

    name = "right"
    summary = "an unsharp mask"
    receptive_radius = 3
    amount: float = option(0.5, "fraction of the difference to add", min=0, max=2)
    rounds: int = option(1, "how often", min=1, max=1)
    gentle: bool = option(False, "half of it")
    way: str = option("mean", "what is taken away", choices=("mean", "nothing"))

    def enhance(self, pixels):
        amount = self.amount * (0.5 if self.gentle else 1) * (self.way == "mean")
        return pixels + np.float32(amount) * (pixels - blurred(pixels))


class RightOnBytes(Enhancer):
    name = "right-on-bytes"
    summary = "an unsharp mask on bytes"
    dtype = "uint8"
    color = "luma"
    receptive_radius = 3

    def enhance(self, pixels):
        exact = pixels.astype(np.float32)
        return (2 * exact - blurred(exact)).clip(0, 255).astype(np.uint8)


class RightOnTheWhole(Enhancer):
    name = "right-on-the-whole"
    summary = "a little more contrast"
    color = "any"
    dtype = "any"

    def enhance(self, pixels):
        full = 255 if pixels.dtype == np.uint8 else 1
        values = pixels / np.float32(full)
        return ((values + (values - values.mean()) * 0.1).clip(0, 1) * full).astype(pixels.dtype)


class RightOnBlocks(Enhancer):
    name = "right-on-blocks"
    summary = "works on blocks of pixels"
    receptive_radius = 4
    tile_multiple = 4
    side = 4

    def enhance(self, pixels):
        size, (height, width) = self.side, pixels.shape[:2]
        whole = np.pad(pixels, ((0, -height % size), (0, -width % size), (0, 0)), mode="edge")
        means = whole.reshape(whole.shape[0] // size, size, whole.shape[1] // size, size, -1).mean((1, 3))
        return pixels + np.float32(0.1) * (pixels - means.repeat(size, 0).repeat(size, 1)[:height, :width])


class RightWithLock(Right):
    """Shares its scratch memory, and holds a lock as long as it needs it."""

    name = "right-with-lock"
    lock, scratch = threading.Lock(), {}

    def enhance(self, pixels):
        with self.lock:
            store = self.scratch.setdefault(pixels.shape, np.empty_like(pixels))
            np.subtract(pixels, blurred(pixels), out=store)
            return pixels + np.float32(0.5) * store


RIGHT = (Right, RightOnBytes, RightOnTheWhole, RightOnBlocks)


@caught_by("declaration")
class Colorless(Right):
    name = "colourless"
    color = "RGB"


@caught_by("declaration")
class TwoWords(Right):
    name = "two words, and more"


@caught_by("declaration")
class NegativeRadius(Right):
    name = "negative-radius"
    receptive_radius = -1


@caught_by("runs")
class Raises(Right):
    name = "raises"

    def enhance(self, pixels):
        return pixels @ np.eye(4)


@caught_by("runs")
class Exits(Right):
    name = "exits"

    def enhance(self, pixels):
        raise SystemExit("no licence")


@caught_by("runs")
class LacksModule(Right):
    name = "lacks-module"

    def enhance(self, pixels):
        import nothing_of_this_name  # noqa: F401

        return pixels


@caught_by("runs")
class ReturnsList(Right):
    name = "returns-list"

    def enhance(self, pixels):
        return super().enhance(pixels).tolist()


@caught_by("runs")
class ReturnsNothing(Right):
    name = "returns-nothing"

    def enhance(self, pixels):
        super().enhance(pixels)


@caught_by("input")
class WritesToInput(Right):
    name = "writes-to-input"

    def enhance(self, pixels):
        pixels -= blurred(pixels)
        return pixels


@caught_by("input")
class WritesToInputThroughAlias(Right):
    """As torch.from_numpy does, it does not heed that the pixels are read-only."""

    name = "writes-to-input-through-alias"

    def enhance(self, pixels):
        memory = (ctypes.c_char * pixels.nbytes).from_address(pixels.ctypes.data)
        alias = np.frombuffer(memory, pixels.dtype).reshape(pixels.shape) if pixels.flags.c_contiguous else pixels
        alias *= 0.9
        return alias.copy()


@caught_by("shape")
class Transposes(Right):
    name = "transposes"

    def enhance(self, pixels):
        return super().enhance(pixels).transpose(1, 0, 2)


@caught_by("shape")
class DropsChannels(Right):
    name = "drops-channels"

    def enhance(self, pixels):
        return super().enhance(pixels).mean(axis=2)


@caught_by("shape")
class Enlarges(Right):
    name = "enlarges"

    def enhance(self, pixels):
        return super().enhance(pixels).repeat(2, 0).repeat(2, 1)


@caught_by("dtype")
class ReturnsDoubles(Right):
    name = "returns-doubles"

    def enhance(self, pixels):
        return super().enhance(pixels).astype(np.float64)


@caught_by("dtype")
class ReturnsBytes(Right):
    name = "returns-bytes"

    def enhance(self, pixels):
        return (super().enhance(pixels).clip(0, 1) * 255).astype(np.uint8)


@caught_by("dtype")
class BytesOnly(Right):
    """Says that it takes both dtypes, and keeps one."""

    name = "bytes-only"
    dtype = "any"

    def enhance(self, pixels):
        return super().enhance(pixels.astype(np.float32))


@caught_by("finite")
class NotANumber(Right):
    name = "not-a-number"

    def enhance(self, pixels):
        result = super().enhance(pixels)
        result[7, 7] = np.nan
        return result


@caught_by("finite")
class Infinite(Right):
    name = "infinite"

    def enhance(self, pixels):
        result = super().enhance(pixels)
        result[7, 7] = np.inf
        return result


@caught_by("memory")
class Hungry(Right):
    name = "hungry"
    bytes_per_pixel = 40

    def enhance(self, pixels):
        copies = [pixels * np.float32(factor) for factor in range(40)]
        return super().enhance(pixels) + 0 * sum(copies)


@caught_by("range")
class Levels(Right):
    name = "levels"

    def enhance(self, pixels):
        return super().enhance(pixels) * np.float32(255)


@caught_by("range")
class WrapsRound(RightOnBytes):
    name = "wraps-round"

    def enhance(self, pixels):
        exact = pixels.astype(np.float32)
        return (2 * exact - blurred(exact)).astype(np.int16).astype(np.uint8)


@caught_by("flat")
class DividesByContrast(Enhancer):
    name = "divides-by-contrast"
    summary = "stretches contrast"

    def enhance(self, pixels):
        with np.errstate(all="ignore"):
            return (pixels - pixels.min()) / (pixels.max() - pixels.min())


@caught_by("flat")
class MinusOneToOne(Right):
    name = "minus-one-to-one"

    def enhance(self, pixels):
        return super().enhance(pixels).clip(0, 1) * 2 - 1


@caught_by("silence")
class Prints(Right):
    name = "prints"

    def enhance(self, pixels):
        print("enhancing", pixels.shape)  # noqa: T201
        return super().enhance(pixels)


@caught_by("determinism")
class Random(Right):
    name = "random"

    def enhance(self, pixels):
        return super().enhance(pixels) + np.random.default_rng().normal(0, 0.01, pixels.shape).astype(np.float32)


@caught_by("determinism")
class DependsOnInstance(Right):
    name = "depends-on-instance"
    number: Any = field(default_factory=count().__next__, init=False, compare=False)

    def enhance(self, pixels):
        return super().enhance(pixels) * np.float32(1 + self.number / 10)


@caught_by("state")
class RemembersLast(Right):
    name = "remembers-last"
    last = threading.local()

    def enhance(self, pixels):
        result = super().enhance(pixels)
        before = getattr(self.last, "mean", result.mean())
        self.last.mean = pixels.mean()
        return result + np.float32(before - pixels.mean())


@caught_by("state")
class ReusesResult(Right):
    name = "reuses-result"
    kept = threading.local()

    def enhance(self, pixels):
        store = self.kept.__dict__.setdefault(pixels.shape, np.empty_like(pixels))
        store[:] = super().enhance(pixels)
        return store


@caught_by("threads")
class SharesScratch(Right):
    name = "shares-scratch"
    scratch = {}  # noqa: RUF012

    def enhance(self, pixels):
        store = self.scratch.setdefault(pixels.shape, np.empty_like(pixels))
        np.subtract(pixels, blurred(pixels), out=store)
        return pixels + np.float32(0.5) * store


@caught_by("threads")
class SharesRest(Right):
    """Keeps what it is about to need in its class, from one line to the next."""

    name = "shares-rest"

    def enhance(self, pixels):
        type(self).rest = pixels - blurred(pixels)
        return pixels + np.float32(0.5) * type(self).rest


@caught_by("receptive-radius")
class RadiusTooSmall(Right):
    name = "radius-too-small"
    receptive_radius = 2


@caught_by("receptive-radius")
class WholeStatistics(Right):
    """The mean of the image, which no single pixel moves visibly."""

    name = "whole-statistics"

    def enhance(self, pixels):
        return pixels + np.float32(0.5) * (pixels - pixels.mean())


@caught_by("tile-multiple")
class MultipleIgnored(RightOnBlocks):
    name = "multiple-ignored"
    tile_multiple = 1


@caught_by("tile-multiple")
class Vignette(Right):
    """What it does depends on where a pixel lies."""

    name = "vignette"

    def enhance(self, pixels):
        light = np.linspace(1, 0.5, pixels.shape[1], dtype=np.float32)[:, None]
        return super().enhance(pixels) * light


@caught_by("tiles")
class BorderWiderThanRadius(Right):
    """Leaves a frame untouched that is wider than its radius."""

    name = "border-wider-than-radius"

    def enhance(self, pixels):
        result = pixels.copy()
        result[9:-9, 9:-9] = super().enhance(pixels)[9:-9, 9:-9]
        return result


@caught_by("odd-sizes")
class EvenSizesOnly(Right):
    name = "even-sizes-only"

    def enhance(self, pixels):
        if max(pixels.shape) > 9:
            pixels.reshape(pixels.shape[0] // 2, 2, pixels.shape[1] // 2, 2, 3)
        return super().enhance(pixels)


@caught_by("odd-sizes")
class CropsOddSizes(Right):
    name = "crops-odd-sizes"

    def enhance(self, pixels):
        height, width = (side // 2 * 2 if side > 9 else side for side in pixels.shape[:2])
        return super().enhance(pixels[:height, :width])


@caught_by("1x1")
class NeedsTwoPixels(Right):
    name = "needs-two-pixels"

    def enhance(self, pixels):
        np.gradient(pixels, axis=(0, 1))
        return super().enhance(pixels)


@caught_by("layout")
class ReadsMemory(Right):
    name = "reads-memory"

    def enhance(self, pixels):
        memory = (ctypes.c_char * pixels.nbytes).from_address(pixels.ctypes.data)
        return super().enhance(np.frombuffer(memory, pixels.dtype).reshape(pixels.shape))


@caught_by("grey")
class DividesByColor(Enhancer):
    name = "divides-by-colour"
    summary = "more saturated"

    def enhance(self, pixels):
        if np.ptp(pixels, axis=2).max() == 0 < np.ptp(pixels):
            raise ZeroDivisionError("no colour")
        return pixels


@caught_by("grey")
class ThreeChannelsOnly(Enhancer):
    name = "three-channels-only"
    summary = "says that it takes grey too"
    color = "any"

    def enhance(self, pixels):
        return np.stack([pixels[..., 0], pixels[..., 1], pixels[..., 2]], axis=2)


@caught_by("16-bit")
class OtherOnFloats(RightOnTheWhole):
    name = "other-on-floats"

    def enhance(self, pixels):
        result = super().enhance(pixels)
        return result if pixels.dtype == np.uint8 else result * np.float32(0.5)


@caught_by("options")
class NoHelp(Right):
    name = "no-help"
    more: float = option(1.0, " ", min=0, max=1)


@caught_by("bounds")
class FailsAtABound(Right):
    name = "fails-at-a-bound"
    size: int = option(3, "the size of the window", min=0, max=5)

    def enhance(self, pixels):
        return super().enhance(pixels) + 0 * (1 // self.size)


@caught_by("bounds")
class FailsWithAChoice(Right):
    name = "fails-with-a-choice"
    filter: str = option("mean", "what to take away", choices=("mean", "gauss"))

    def enhance(self, pixels):
        return super().enhance(pixels) + 0 * {"mean": 1}[self.filter]


@caught_by("bounds")
class RefusesABound(Right):
    name = "refuses-a-bound"

    def __post_init__(self):
        super().__post_init__()
        if self.amount == 2:
            raise SharpError("amount must be below 2")


@caught_by("bounds")
class ChecksNoBounds(Right):
    name = "checks-no-bounds"

    def __post_init__(self):
        """Forgets what its parents do here."""


@caught_by("batch")
class SettlesOnOther(Right):
    name = "settles-on-other"

    def for_this_machine(self):
        return type(self)(amount=2.0)


@caught_by("batch")
class ReleasesTooMuch(Right):
    name = "releases-too-much"
    table: Any = field(default_factory=lambda: [np.float32(1)])

    def enhance(self, pixels):
        return super().enhance(pixels) * self.table[0]

    def free_memory(self):
        self.table.clear()


@caught_by("pickle")
class HoldsALock(Right):
    name = "holds-a-lock"
    lock: Any = field(default_factory=threading.Lock, compare=False)


@caught_by("weights")
class LacksWeights(Right):
    name = "lacks-weights"

    @classmethod
    def weights(cls):
        from pathlib import Path

        return (Path("no-such-folder") / "weights.onnx",)
