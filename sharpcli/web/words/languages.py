"""The languages of the page, and which of them a browser asks for."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

ENGLISH = "en"
FOLDER = Path(__file__).with_name("catalogs")
"""`LANGUAGE.json` has the sentences of a language by the English ones; a new file is a new language."""
WISH = re.compile(r"([A-Za-z]+(?:-[A-Za-z0-9]+)*)\s*(?:;\s*q=([01](?:\.\d*)?))?")
TRADITIONAL = re.compile(r"zh-(hant|hk|mo|tw)\b", re.IGNORECASE)


@cache
def languages() -> tuple[str, ...]:
    """The language tags, English first."""
    return (ENGLISH, *sorted(file.stem for file in FOLDER.glob("*.json")))


@cache
def catalog(language: str) -> Mapping[str, str]:
    """The sentences of a language by the English ones; empty for English itself."""
    if language == ENGLISH:
        return {}
    sentences: dict[str, str] = json.loads((FOLDER / f"{language}.json").read_text("utf-8"))
    return sentences


def negotiated(accepted: str) -> str:
    """The language that an Accept-Language header (RFC 9110, 12.5.4) asks for first and the page has, or English."""
    wishes = [found for part in accepted.split(",") if (found := WISH.fullmatch(part.strip()))]
    for wish in sorted(wishes, key=lambda one: -float(one[2] or 1)):
        if float(wish[2] or 1) > 0 and (language := _nearest(wish[1])):
            return language
    return ENGLISH


def _nearest(tag: str) -> str | None:
    """The language of a tag, whichever country it names: zh alone is written as in China, de-AT as in Germany."""
    if TRADITIONAL.match(tag):
        return None
    same = [one for one in languages() if one.partition("-")[0] == tag.lower().partition("-")[0]]
    return next((one for one in same if one.lower() == tag.lower()), same[0] if same else None)
