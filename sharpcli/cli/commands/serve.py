"""`sharpcli serve`: answer programs over HTTP, without a page."""

from __future__ import annotations

from typing import Any

import click

from sharpcli.cli.serving import service_of, serving_options
from sharpcli.cli.stdout import Command, echo


@click.command(cls=Command)
@serving_options
def command(**options: Any) -> None:
    """Answer programs over HTTP, without a page.

    curl -F image=@photo.jpg http://127.0.0.1:7860/api/enhance -o sharp.jpg sharpens an image; /openapi.json describes
    the rest. It listens on this machine only unless --host is given, and deletes each file when its answer is sent.
    Press Ctrl-C to stop it.
    """
    service = service_of(("FastAPI", "uvicorn", "python-multipart"), **options)
    from sharpcli.web.api.serve import serve

    serve(service, lambda address: echo(f"Serving sharpcli at {address} (press Ctrl-C to stop)"))
