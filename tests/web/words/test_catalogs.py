"""Every sentence of the page is in every catalogue, and no others are."""

import json
import re

import numpy as np
import pytest

from sharpcli.web.words.languages import ENGLISH, FOLDER, catalog, languages
from sharpcli.web.words.scripts import said
from tests.web.words import harvest

OTHERS = [language for language in languages() if language != ENGLISH]
NOT_SAID = {
    "api/",  # for programs
    "endpoints/",
    "gate/",  # before there is an event whose visitor is known
    "visitors/",
    "app.py",  # for the operator
    "edge_files.py",  # likewise before there is an event
    "listening.py",
    "serve.py",
    "service.py",
    "widgets/accessible.js",  # selectors
    "words/",
}
NO_WORDS = {
    "sharpcli",
    "# sharpcli\n",
    "SHA-256",
    "student:profile=x2 student:precision=fp32",
    "Video call",
    "not reached",
}
"""Names, keys, and what is typed."""


def elsewhere():
    """Texts of plugins and other rooms that the page shows."""
    from sharpcli.compare.compare import lined_up
    from sharpcli.image.image import Image
    from sharpcli.plugin.catalog import catalog as installed
    from sharpcli.plugin.catalog import metric_entries
    from sharpcli.scoring.score import CONVENTIONS

    texts = {"input", "result", "reference", *CONVENTIONS.values(), *(metric.summary for metric in metric_entries())}
    for entry in installed().enhancers:
        texts |= {entry.summary, *(option.help for option in entry.options)}
    pixels = np.zeros((32, 32, 3), np.uint8)
    lined = lined_up(Image(pixels, "RGB"), [], pixels)
    return texts | {one.role for one in lined.candidates}


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_has_what_the_page_says_and_nothing_else(language):
    said, found = harvest.all_said(), set(catalog(language))
    assert found >= said
    assert found - said <= elsewhere()


@pytest.mark.parametrize("language", OTHERS)
def test_translations_have_the_places_of_the_original_and_need_no_escaping(language):
    sentences = catalog(language)
    assert not [one for one, other in sentences.items() if harvest.braces(one) != harvest.braces(other)]
    # They stand in HTML, in attributes, in JSON and in templates of scripts.
    assert not [text for pair in sentences.items() for text in pair if re.search(r'[<>&"\\]|\$\{', text)]
    assert not [text for text in sentences.values() if "`" in text or text != text.strip()]


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_is_sorted_and_written_alike(language):
    lines = json.dumps(dict(sorted(catalog(language).items())), ensure_ascii=False, indent=1)
    assert (FOLDER / f"{language}.json").read_text("utf-8") == f"{lines}\n"


@pytest.mark.parametrize("path", harvest.files(".py", ".html.j2", ".html", ".js"), ids=harvest.name)
def test_what_visitors_read_is_said(path):
    source, name = path.read_text("utf-8"), harvest.name(path)
    wrong = []
    if path.suffix == ".py":
        _, wrong, silent = harvest.in_python(source)
    elif path.suffix == ".js":
        silent = harvest.in_script(source)
    else:
        _, silent = harvest.in_template(source)
    if not name.startswith(tuple(NOT_SAID)):
        assert not wrong
        assert set(silent) <= NO_WORDS


def test_words_that_are_not_said_are_found():
    module = (
        'def tab(n):\n    gr.Button("Go")\n    raise SharpError(f"no {n}")\n    gr.Radio(label="A")\n    x("two words")'
    )
    assert harvest.in_python(module)[2] == ["Go", "no ", "two words"]
    assert harvest.in_python('A = say("A")\ndef f(x):\n    say(x); say("{a}", b=1)')[1] == [
        "line 1: 'A' is said before there is a visitor",
        "line 3: not a literal",
        "line 3: '{a}' and ['b']",
    ]
    assert harvest.in_template('<p title="Of it">{{ say("Yes") }} No </p>') == (["Yes"], ["Of it", "No"])
    assert harvest.in_script('a(say("Said so")); b("Not said"); // "A comment"') == ["Not said"]
    assert said('say("Said {n}", { n })') == ["Said {n}"]
