"""All that is found out about an ONNX network before a plugin is made of it."""

from __future__ import annotations

import hashlib
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

from sharpcli.errors import SharpError
from sharpcli.files.names import shown
from sharpcli.inference.generic import ForeignNetwork, Form, Layout, Order, Peak, engine_message
from sharpcli.plugin.enhancer import Cost
from sharpcli.scaffold.onnx.cost import cost
from sharpcli.scaffold.onnx.files import whole_onnx
from sharpcli.scaffold.onnx.questions import Ask
from sharpcli.scaffold.onnx.sizes import form_of
from sharpcli.scaffold.onnx.tiles import Tiles, tiles_of
from sharpcli.scaffold.onnx.values import Look, looks_of

COST_SIDE = 960
"""The side of an image for which multiplications are counted: a multiple of what most networks need."""


@dataclass(frozen=True)
class Facts:
    """A network's file as one, and what it is; `look` is what it does to a photograph."""

    source: str
    content: bytes
    kind: str
    form: Form
    scale: int
    look: Look
    cost: Cost
    tiles: Tiles

    @property
    def color(self) -> str:
        """As an enhancer declares it."""
        return "luma" if self.form.channels == 1 else "rgb"

    def summary(self) -> str:
        """The enhancer in a line."""
        does = f"that enlarges {self.scale} times, run on the small image" if self.scale > 1 else "from an ONNX file"
        return f"a network {does} ({self.cost.parameters:,} parameters)"

    def attributes(self) -> dict[str, str]:
        """What the enhancer's class declares, as Python has it."""
        form, tiles = self.form, self.tiles
        dtype = {"dtype": '"uint8"'} if self.kind == "uint8" and self.scale == 1 else {}
        order = {"order": f'"{form.order}"'} if form.channels == 3 else {}
        least = {"least": str(form.least)} if form.least > form.multiple else {}
        memory = {"bytes_per_pixel": str(tiles.bytes_per_pixel)} if tiles.bytes_per_pixel else {}
        return {
            "color": f'"{self.color}"',
            **dtype,
            "layout": f'"{form.layout}"',
            **order,
            "peak": str(form.peak),
            "scale": str(self.scale),
            "multiple": str(form.multiple),
            **least,
            "receptive_radius": str(tiles.receptive_radius),
            "tile_multiple": str(tiles.tile_multiple),
            **memory,
        }

    def lines(self) -> list[str]:
        """The same for people."""
        form, tiles = self.form, self.tiles
        layout = {"nchw": "before rows and columns (nchw)", "nhwc": "after rows and columns (nhwc)"}[form.layout]
        order = {"rgb": "red, green, blue (rgb)", "bgr": "blue, green, red (bgr)"}[form.order]
        channels = f"3, {order}" if form.channels == 3 else "1, luma"
        sides = "any" if form.multiple == 1 else f"multiples of {form.multiple}, to which edges are repeated"
        needs = (
            "the whole image at once"
            if tiles.receptive_radius is None
            else f"receptive radius {tiles.receptive_radius}, tile multiple {tiles.tile_multiple}"
        )
        least = f", at least {form.least}" if form.least > form.multiple else ""
        return [
            f"channels: {channels}, {layout}",
            f"values: {self.kind}, white is {form.peak}",
            f"does: a soft photograph goes from {self.look.before:.1f} to {self.look.after:.1f} dB PSNR",
            f"scale: {f'it enlarges {self.scale} times' if self.scale > 1 else 'same size'}",
            f"sides: {sides}{least}",
            f"needs: {needs}{f', {tiles.bytes_per_pixel} bytes of memory a pixel' if tiles.bytes_per_pixel else ''}",
            f"cost: {self.cost.parameters:,} parameters, {self.cost.kmac_per_pixel:,} kMAC per pixel",
        ]

    def card(self, name: str) -> bytes:
        """The card to lie beside the file."""
        content = {
            "name": name,
            "source": self.source,
            "sha256": hashlib.sha256(self.content).hexdigest(),
            "bytes": len(self.content),
            "color": self.color,
            "tile_multiple": self.tiles.tile_multiple,
            "receptive_radius": self.tiles.receptive_radius,
            "parameters": self.cost.parameters,
            "kmac_per_pixel": self.cost.kmac_per_pixel,
        }
        return f"{json.dumps(content, indent=2)}\n".encode()


def read_facts(path: Path, ask: Ask, layout: Layout | None, order: Order | None, peak: Peak | None) -> Facts:
    """What an ONNX file says and what trying its network tells; the rest is asked for, unless it is given.

    Raises SharpError for what is no ONNX file, or no network from images to images.
    """
    shown_as = shown(path.name)
    content = whole_onnx(path)
    with tempfile.TemporaryDirectory(prefix="sharpcli-") as folder:
        file = Path(folder) / path.name  # as messages name it
        file.write_bytes(content)
        try:
            form, scale, kind = form_of(file, shown_as, layout, ask)
            _check_given(shown_as, form, kind, order, peak)
            form, look = looks_of(file, shown_as, form, scale, kind, order, peak, ask)
            known = cost(file, form, scale, COST_SIDE // form.multiple * form.multiple)
            tiles = tiles_of(ForeignNetwork(file, form), form.channels, scale, form.multiple, known.kmac_per_pixel or 0)
        except RuntimeError as error:  # from the engine
            raise SharpError(f"{shown_as} cannot be run ({engine_message(error)})") from error
    return Facts(shown_as, content, kind, form, scale, look, known, tiles)


def _check_given(shown_as: str, form: Form, kind: str, order: Order | None, peak: Peak | None) -> None:
    if order and form.channels == 1:
        raise SharpError(f"{shown_as} has one channel, so omit --order")
    if kind == "uint8" and peak == 1:
        raise SharpError(f"{shown_as} takes bytes, whose white is 255; omit --peak")
