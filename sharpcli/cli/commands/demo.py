"""`sharpcli demo`: the page in the browser."""

from __future__ import annotations

from importlib.util import find_spec

import click

from sharpcli.errors import SharpError


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Listen on this address; 0.0.0.0 is all.")
@click.option("--port", type=click.IntRange(1, 65535), help="[default: the first that is free from 7860 on]")
@click.option(
    "--auth", metavar="USER:PASSWORD", envvar="SHARPCLI_AUTH", help="Ask visitors for these.  [env: SHARPCLI_AUTH]"
)
@click.option("--browser/--no-browser", default=True, help="Open the page in the browser.  [default: yes]")
@click.option("--max-megapixels", type=click.FloatRange(0.1, 268), default=50, show_default=True, help="Of an image.")
@click.option("--max-upload", type=click.IntRange(1), default=500, show_default=True, help="Megabytes at a time.")
def command(
    host: str, port: int | None, auth: str | None, browser: bool, max_megapixels: float, max_upload: int
) -> None:
    """Open a page in the browser that does all of this by hand.

    It listens on this machine alone unless --host says otherwise, fetches nothing from outside, and deletes visitors'
    files when they leave. Ctrl-C ends it.
    """
    name, colon, password = (auth or "").partition(":")
    if auth is not None and not (name and colon and password):
        raise SharpError("--auth is given as USER:PASSWORD, neither empty")
    if find_spec("gradio") is None:
        raise SharpError("the page needs Gradio: pip install 'sharpcli[web]'")
    from sharpcli.web.gate.origins import is_local
    from sharpcli.web.limits import Limits
    from sharpcli.web.serve import Service, serve

    if not is_local(host) and auth is None:
        click.echo(
            f"warning: everybody who reaches {host} can use this page; --auth USER:PASSWORD asks for more", err=True
        )
    limits = Limits(max_megapixels, max_upload * 1_000_000, paths=is_local(host))
    serve(
        Service(host, port, (name, password) if auth else None, browser, limits),
        lambda address: click.echo(f"sharpcli is at {address} (Ctrl-C ends it)"),
    )
