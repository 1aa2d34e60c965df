"""The options of `demo` and `serve`: where to listen, for whom, and how large files may be."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import click

from sharpcli.cli.numbers import Number
from sharpcli.cli.stderr import say
from sharpcli.errors import SharpError

if TYPE_CHECKING:
    from sharpcli.web.service import Service

OPTIONS = (
    click.option(
        "--host",
        metavar="ADDRESS",
        default="127.0.0.1",
        show_default=True,
        help="Address to listen on; 0.0.0.0 for all interfaces.",
    ),
    click.option(
        "--port",
        metavar="PORT",
        type=click.IntRange(1, 65535),
        help="Port to listen on.  [default: the first free port from 7860]",
    ),
    click.option(
        "--auth",
        metavar="USER:PASSWORD",
        envvar="SHARPCLI_AUTH",
        help="Require this user name and password.  [env: SHARPCLI_AUTH]",
    ),
    click.option(
        "--allow-host",
        "names",
        metavar="NAME",
        multiple=True,
        help="Also answer to this host name, such as a proxy's; repeat for several.  "
        "[default: this machine's names and addresses]",
    ),
    click.option(
        "--root-path",
        metavar="PATH",
        default="",
        help="Path under which a proxy in front shows it, such as /sharp.",
    ),
    click.option(
        "--max-megapixels",
        metavar="N",
        type=Number(0.1, 268),
        default=50,
        show_default=True,
        help="Largest image accepted.",
    ),
    click.option(
        "--max-upload",
        metavar="MB",
        type=click.IntRange(1),
        default=500,
        show_default=True,
        help="Largest upload in megabytes.",
    ),
)


def serving_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command, which hands them to `service_of`."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def service_of(
    needed: tuple[str, ...],
    *,
    host: str,
    port: int | None,
    auth: str | None,
    names: tuple[str, ...],
    root_path: str,
    max_megapixels: float,
    max_upload: int,
    browser: bool = False,
) -> Service:
    """What was asked for, with a warning where strangers come in.

    Raises SharpError, also where a package that is `needed` is missing.
    """
    from sharpcli.web.service import Service, login_of, root_path_of

    login, path = login_of(auth, "--auth"), root_path_of(root_path, "--root-path")
    if missing := [name for name in needed if find_spec(name.lower().replace("-", "_")) is None]:
        raise SharpError(f"the web interface needs {missing[0]}: pip install 'sharpcli[web]'")
    from sharpcli.web.gate.origins import is_local
    from sharpcli.web.limits import Limits

    shared = not is_local(host) or bool(names)
    if shared and login is None:
        reached = " or ".join((host, *names))
        say(f"warning: anyone who can reach {reached} can use this page; add --auth USER:PASSWORD to require a login")
    limits = Limits(max_megapixels, max_upload * 1_000_000, paths=not shared)
    return Service(host, port, login, browser, limits, path, names)
