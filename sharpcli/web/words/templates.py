"""HTML templates, in which `say` says what stands in the catalogues and all else is escaped."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sharpcli.web.words.say import say, say_known

if TYPE_CHECKING:
    import jinja2


def template(package: str, name: str, **filters: Callable[..., Any]) -> jinja2.Template:
    """The template of that file name beside a package's modules."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(package, "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= filters
    environment.globals |= {"say": say, "say_known": say_known}
    return environment.get_template(name)
