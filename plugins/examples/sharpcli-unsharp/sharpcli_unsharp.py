"""An unsharp mask: a whole sharpcli plugin in one file."""

from skimage.filters import gaussian

from sharpcli.plugin import Enhancer, hookimpl, option


class UnsharpMask(Enhancer):
    name = "unsharp"
    summary = "adds back the detail that a Gaussian blur removes"
    color = "luma"
    receptive_radius = 8
    amount: float = option(0.6, "fraction of the difference to add", min=0, max=3)

    def enhance(self, pixels):
        blurred = gaussian(pixels, sigma=1, truncate=8, channel_axis=2)
        return (pixels + self.amount * (pixels - blurred)).clip(0, 1).astype("float32")


@hookimpl
def enhancers():
    return [UnsharpMask]
