"""The one place where an error becomes what a visitor reads."""

from __future__ import annotations

import html
import inspect
import os
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from sharpcli.errors import ImageError, SharpError
from sharpcli.files.names import shown
from sharpcli.web.words.say import say

if TYPE_CHECKING:
    import gradio as gr


@overload
def report_errors(function: Callable[..., Any]) -> Callable[..., Any]: ...


@overload
def report_errors(*, otherwise: Callable[[str], Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]: ...


def report_errors(function: Callable[..., Any] | None = None, *, otherwise: Callable[[str], Any] | None = None) -> Any:
    """Decorate an event handler, a generator or not: errors become one sentence, a bug's traceback goes to stderr.

    After an error the outputs keep what they have, or with `otherwise` get what it makes of the sentence, lest they be
    taken for the answer.
    """
    if function is None:
        return partial(_reporting, otherwise=otherwise)
    return _reporting(function, otherwise)


def _reporting(function: Callable[..., Any], otherwise: Callable[[str], Any] | None) -> Callable[..., Any]:
    import gradio as gr  # not above: what is served without the page needs the sentences only

    if inspect.isgeneratorfunction(function):

        @wraps(function)
        def generating(*args: Any, **kwargs: Any) -> Iterator[Any]:
            try:
                with _reported():
                    yield from function(*args, **kwargs)
            except gr.Error as error:
                yield _instead(error, otherwise)

        return generating

    @wraps(function)
    def calling(*args: Any, **kwargs: Any) -> Any:
        try:
            with _reported():
                return function(*args, **kwargs)
        except gr.Error as error:
            return _instead(error, otherwise)

    return calling


def _instead(error: gr.Error, otherwise: Callable[[str], Any] | None) -> Any:
    """What the outputs get instead of an answer; without such, the error is raised."""
    import gradio as gr

    if otherwise is None:
        raise error
    gr.Warning(error.message, duration=error.duration, title=say("Error"))
    return otherwise(html.unescape(error.message))


def sentence(error: BaseException) -> str:
    """What a visitor reads of an error; a bug's traceback goes to stderr."""
    if isinstance(error, SharpError):
        text = str(error)
    elif isinstance(error, MemoryError):
        text = say("not enough memory; try a smaller image")
    else:
        traceback.print_exception(error, file=sys.stderr)
        text = say(
            "internal error ({kind}); please report it with the output in the terminal", kind=type(error).__name__
        )
    text = _without_places(text)
    return text[:1].upper() + text[1:]


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Name the file in what is wrong with an image: the visitor may have given several."""
    try:
        yield
    except ImageError as error:
        raise SharpError(f"{shown(path.name)} {error}") from error


@contextmanager
def _reported() -> Iterator[None]:
    import gradio as gr

    try:
        yield
    except gr.Error:
        raise
    except (Exception, SystemExit) as error:  # neither ends the page
        # Shown as HTML, so a file's name must not be taken for some.
        text = html.escape(sentence(error), quote=False)
        raise gr.Error(text, duration=12, print_exception=False, title=say("Error")) from error


def _without_places(text: str) -> str:
    """A sentence without the folders in which visitors' files lie, which mean nothing to a visitor."""
    root = os.environ.get("GRADIO_TEMP_DIR")
    return re.sub(rf"{re.escape(root)}/[^/\s]+/", "", text) if root else text
