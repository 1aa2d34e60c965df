"""Files that browsers cannot display: the visitor sees a PNG copy, the pipeline gets the file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from sharpcli.errors import SharpError
from sharpcli.files.formats import READ_ONLY
from sharpcli.image.image import Image
from sharpcli.image.write import write_image
from sharpcli.web.error_handling import named, report_errors
from sharpcli.web.tasks.tiles import displayable
from sharpcli.web.words.say import say

if TYPE_CHECKING:
    from sharpcli.web.context import Page

UNSHOWN = {".tif", ".tiff", *(f".{ending}" for ending in READ_ONLY)}


def showing(page: Page, component: gr.Image) -> gr.Image:
    """The component, which shows a PNG from now on where the browser cannot show the file."""
    # By way of a state: for an event that leaves the component as it is, Gradio puts a plain gr.Image in its place.
    seen = gr.State("")

    @report_errors
    def find(given: str | None, before: str) -> str:
        if given is None or Path(given).suffix.lower() not in UNSHOWN:
            return before
        from sharpcli.image.read import read_image

        path = Path(given)
        with named(path):
            page.limits.check(path)
            # Beside the file and by its name, so that nothing has to remember which file it shows.
            return str(write_preview(read_image(path), path.with_name(f"{path.name}.png")))

    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    component.upload(find, [component, seen], seen, **quiet)
    seen.change(lambda path: path, seen, component, **quiet)
    return component


def original(given: str) -> Path:
    """The file that was uploaded for what a visitor sees; raises SharpError when it has been deleted meanwhile."""
    path = Path(given)
    file = path.with_suffix("")
    if file.suffix.lower() in UNSHOWN and file.is_file():
        return file
    if not path.is_file():
        raise SharpError(
            say("this image has been deleted (the session ended or was unused for an hour); upload it again")
        )
    return path


def write_preview(image: Image, path: Path) -> Path:
    """Write a PNG of every pixel, in 8 bits and with its colour profile; its path."""
    write_image(displayable(image), path, strip=True)
    return path
