"""The one place where an error becomes what a visitor reads."""

from __future__ import annotations

import html
import inspect
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import gradio as gr

from sharpcli.errors import PictureError, SharpError
from sharpcli.names import shown


def told(function: Callable[..., Any]) -> Callable[..., Any]:
    """An event handler, a generator or not, whose errors are told in one sentence; a bug's traceback goes to stderr."""
    if inspect.isgeneratorfunction(function):

        @wraps(function)
        def generating(*args: Any, **kwargs: Any) -> Iterator[Any]:
            with _edge():
                yield from function(*args, **kwargs)

        return generating

    @wraps(function)
    def calling(*args: Any, **kwargs: Any) -> Any:
        with _edge():
            return function(*args, **kwargs)

    return calling


def sentence(error: BaseException) -> str:
    """What a visitor is told of an error; a bug's traceback goes to stderr."""
    if isinstance(error, SharpError):
        text = str(error)
    elif isinstance(error, MemoryError):
        text = "this needs more memory than there is; try a smaller picture"
    else:
        traceback.print_exception(error, file=sys.stderr)
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        text = f"internal error, please report it ({reason})"
    return text[:1].upper() + text[1:]


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Name the file in what is wrong with a picture: the visitor may have given several."""
    try:
        yield
    except PictureError as error:
        raise SharpError(f"{shown(path.name)} {error}") from error


@contextmanager
def _edge() -> Iterator[None]:
    try:
        yield
    except gr.Error:
        raise
    except (Exception, SystemExit) as error:  # neither ends the page
        # Shown as HTML, so a file's name must not be taken for some.
        text = html.escape(sentence(error), quote=False)
        raise gr.Error(text, duration=12, print_exception=False) from error
