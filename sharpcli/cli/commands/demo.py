"""`sharpcli demo`: open the web interface in a browser."""

from __future__ import annotations

from importlib.util import find_spec

import click

from sharpcli.cli.numbers import Number
from sharpcli.cli.stderr import say
from sharpcli.cli.stdout import Command, echo
from sharpcli.errors import SharpError


@click.command(cls=Command)
@click.option(
    "--host",
    metavar="ADDRESS",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on; 0.0.0.0 for all interfaces.",
)
@click.option(
    "--port",
    metavar="PORT",
    type=click.IntRange(1, 65535),
    help="Port to listen on.  [default: the first free port from 7860]",
)
@click.option(
    "--auth",
    metavar="USER:PASSWORD",
    envvar="SHARPCLI_AUTH",
    help="Require this user name and password.  [env: SHARPCLI_AUTH]",
)
@click.option(
    "--allow-host",
    "names",
    metavar="NAME",
    multiple=True,
    help="Also answer to this host name, such as a proxy's; repeat for several.  "
    "[default: this machine's names and addresses]",
)
@click.option("--browser/--no-browser", default=True, help="Open a browser window.  [default: on]")
@click.option(
    "--max-megapixels",
    metavar="N",
    type=Number(0.1, 268),
    default=50,
    show_default=True,
    help="Largest image accepted.",
)
@click.option(
    "--max-upload",
    metavar="MB",
    type=click.IntRange(1),
    default=500,
    show_default=True,
    help="Largest upload in megabytes.",
)
def command(
    host: str,
    port: int | None,
    auth: str | None,
    names: tuple[str, ...],
    browser: bool,
    max_megapixels: float,
    max_upload: int,
) -> None:
    """Open the web interface in a browser.

    It listens on this machine only unless --host is given, loads nothing from the internet, and deletes each visitor's
    files when their session ends. Press Ctrl-C to stop it.
    """
    name, colon, password = (auth or "").partition(":")
    if auth is not None and not (name and colon and password):
        raise SharpError("--auth must be USER:PASSWORD, both non-empty")
    if find_spec("gradio") is None:
        raise SharpError("the web interface needs Gradio: pip install 'sharpcli[web]'")
    from sharpcli.web.gate.origins import is_local
    from sharpcli.web.limits import Limits
    from sharpcli.web.serve import Service, serve

    shared = not is_local(host) or bool(names)
    if shared and auth is None:
        reached = " or ".join((host, *names))
        say(f"warning: anyone who can reach {reached} can use this page; add --auth USER:PASSWORD to require a login")
    limits = Limits(max_megapixels, max_upload * 1_000_000, paths=not shared)
    serve(
        Service(host, port, (name, password) if auth else None, browser, limits, names),
        lambda address: echo(f"Serving sharpcli at {address} (press Ctrl-C to stop)"),
    )
