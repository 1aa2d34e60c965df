"""Files that browsers do not show: the visitor sees a PNG, the pipeline gets the file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from sharpcli.errors import SharpError
from sharpcli.web.edge import named, told

if TYPE_CHECKING:
    from sharpcli.web.page import Page

UNSHOWN = {".tif", ".tiff"}


class Originals:
    """Knows which file was uploaded for what a visitor sees; `known` is the state that an event needs for it."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.known = gr.State({})

    def of(self, component: gr.Image) -> gr.Image:
        """The component, which shows a PNG from now on where the browser cannot show the file."""

        @told
        def show(request: gr.Request, given: str | None, known: dict[str, str]) -> Any:
            if given is None or Path(given).suffix.lower() not in UNSHOWN:
                return gr.skip()
            from sharpcli.reading import read_picture
            from sharpcli.web.preview import write_preview

            path = Path(given)
            with named(path):
                self._page.limits.check(path)
                seen = write_preview(read_picture(path), self._page.visits.folder(request) / f"{path.stem}.png")
            return str(seen), {**known, str(seen): given}

        component.upload(
            show,
            [component, self.known],
            [component, self.known],
            show_progress="hidden",
            api_visibility="private",
        )
        return component

    def path(self, known: dict[str, str], given: str) -> Path:
        """The file that was uploaded; raises SharpError when it has been deleted meanwhile."""
        path = Path(known.get(given, given))
        if not path.is_file():
            raise SharpError("this picture was deleted after an hour without use; upload it again")
        return path
