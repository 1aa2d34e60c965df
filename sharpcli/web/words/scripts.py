"""Scripts of gr.HTML that say something."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sharpcli.web.words.say import say

SAID = re.compile(r'\bsay\(\s*"([^"\\]+)"')
SAY = """\
const say = (english, values = {}) =>
  (props.words[english] ?? english).replace(/{(\\w+)}/g, (all, name) => values[name] ?? all);
"""


def speaking(file: Path) -> dict[str, Any]:
    """The settings of a gr.HTML that runs a script in which `say("English {name}", { name })` says a sentence."""
    script = file.read_text("utf-8")
    return {"js_on_load": SAY + script, "words": {english: say(english) for english in said(script)}}


def said(script: str) -> list[str]:
    """The English sentences that a script says."""
    return list(dict.fromkeys(SAID.findall(script)))
