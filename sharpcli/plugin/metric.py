"""What the author of a metric meets: `Metric`, and `LocalMetric` for those that are a mean over places."""

# NumPy is imported for types only: listing what is installed must answer at once.
from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sharpcli.plugin.sources import Origin


class Metric:
    """Tells how close a result is to its reference, or how good it looks by itself; see `measure`."""

    name: ClassVar[str]
    summary: ClassVar[str]
    unit: ClassVar[str] = ""
    """What stands behind a figure, such as dB."""
    places: ClassVar[int] = 4
    """Decimal places that are shown."""
    higher_is_better: ClassVar[bool] = True
    reference: ClassVar[bool] = True
    """False for a metric that judges a result by itself."""
    color: ClassVar[Literal["convention", "rgb"]] = "convention"
    """`convention` is given what the convention compares, `rgb` whole RGB images under every convention."""
    least: ClassVar[int] = 1
    """The smallest side, in pixels, of what can be measured."""
    origin: ClassVar[Origin | None] = None
    """Where it came from; the registry knows."""

    def measure(self, result: NDArray[Any], reference: NDArray[Any]) -> float:
        """The figure of one image; must be safe to call from several threads.

        Both are float64 H x W x C in levels 0 to 255, C 3 under the convention `rgb` and 1 under `y`, whose border
        is cut already; for `colour = "rgb"` they are uint8 H x W x 3. Where `reference` is False on the class, both are
        the result.
        """
        raise NotImplementedError


class LocalMetric(Metric):
    """A metric that is made of a mean over places, so that a large image can be measured in bands of rows."""

    radius: ClassVar[int] = 0
    """How many pixels a place takes to each side; places lie where that many are left."""

    def total(self, result: NDArray[Any], reference: NDArray[Any]) -> float:
        """The sum over all channels and places of H x W x C: those at least `radius` from every edge."""
        raise NotImplementedError

    def figure(self, mean: float) -> float:
        """What a mean over all channels and places is reported as."""
        return mean

    def measure(self, result: NDArray[Any], reference: NDArray[Any]) -> float:
        """The figure of one image."""
        height, width, channels = result.shape
        places = (height - 2 * self.radius) * (width - 2 * self.radius) * channels
        return self.figure(self.total(result, reference) / places)
