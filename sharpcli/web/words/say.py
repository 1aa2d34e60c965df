"""Sentences in the visitor's language."""

from __future__ import annotations

import json
import re
import sys
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from sharpcli.web.words.languages import ENGLISH, catalog, languages, negotiated

# Characters for private use, between which a sentence passes HTML, Markdown and JSON as base64 does: untouched.
START, END = "\ue000", "\ue001"
PENDING = re.compile(f"{START}([A-Za-z0-9_=-]+){END}".encode())
_building: ContextVar[bool] = ContextVar("building", default=False)


def say(english: str, **values: object) -> str:
    """A sentence in the language of the visitor whose event is being handled, with `values` in its braces.

    While the page is built it stands for no visitor yet, and is filled in whenever the page is sent (see `deliver`).
    Elsewhere it is English. `english` is a literal, so that a test can find it.
    """
    if _building.get():
        sentence = json.dumps([english, {name: str(value) for name, value in values.items()}])
        return f"{START}{urlsafe_b64encode(sentence.encode()).decode()}{END}"
    return _in(_language(), english, values)


def say_known(text: str) -> str:
    """A text of a plugin's or another room's, such as the help of an option, where the catalogues have it."""
    return say(text) if any(text in catalog(language) for language in languages()) else text


@contextmanager
def building() -> Iterator[None]:
    """The page is built, for visitors of all languages."""
    token = _building.set(True)
    try:
        yield
    finally:
        _building.reset(token)


def filled_in(content: bytes, language: str) -> bytes:
    """JSON, also within a script of a page, with the sentences that were left open when the page was built."""

    def sentence(found: re.Match[bytes]) -> bytes:
        english, values = json.loads(urlsafe_b64decode(found[1]))
        text = json.dumps(_in(language, english, values), ensure_ascii=False)[1:-1]
        for character in "<>&'":
            text = text.replace(character, f"\\u{ord(character):04x}")
        return text.encode()

    return PENDING.sub(sentence, content)


def _in(language: str, english: str, values: dict[str, object]) -> str:
    text = catalog(language).get(english, english)
    return text.format(**values) if values else text


def _language() -> str:
    """Of the event that Gradio is handling."""
    gradio = sys.modules.get("gradio.context")  # not imported: what is served without the page has no need of it
    request = gradio.LocalContext.request.get(None) if gradio else None
    return negotiated(request.headers.get("accept-language", "")) if request else ENGLISH
