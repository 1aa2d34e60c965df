"""`sharpcli demo`: open the web interface in a browser."""

from __future__ import annotations

from typing import Any

import click

from sharpcli.cli.serving import service_of, serving_options
from sharpcli.cli.stdout import Command, echo


@click.command(cls=Command)
@serving_options
@click.option("--browser/--no-browser", default=True, help="Open a browser window.  [default: on]")
def command(**options: Any) -> None:
    """Open the web interface in a browser.

    It listens on this machine only unless --host is given, loads nothing from the internet, and deletes each visitor's
    files when their session ends. Programs can use it too, as they can `sharpcli serve`. Press Ctrl-C to stop it.
    """
    service = service_of(("Gradio",), **options)
    from sharpcli.web.serve import serve

    serve(service, lambda address: echo(f"Serving sharpcli at {address} (press Ctrl-C to stop)"))
