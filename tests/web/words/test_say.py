import json
from types import SimpleNamespace

import pytest
from gradio.context import LocalContext
from starlette.testclient import TestClient

from sharpcli.web.tasks.background import followed
from sharpcli.web.tasks.runs import Runs, Visitor
from sharpcli.web.words.deliver import InLanguage
from sharpcli.web.words.languages import negotiated
from sharpcli.web.words.say import building, filled_in, say, say_known


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("en-GB,en;q=0.9,de;q=0.8", "en"),
        ("nl,en;q=0.5,fr;q=0.7", "fr"),
        ("ja;q=0, es;q=0.1", "es"),
        ("zh", "zh-CN"),
        ("zh-Hans-SG", "zh-CN"),
        ("zh-TW,ja;q=0.3", "ja"),  # whoever reads traditional characters has not asked for simplified ones
        ("", "en"),
        ("*;q=0.5, ;;q=x", "en"),
    ],
)
def test_the_page_speaks_the_first_language_wished_for_that_it_has(accepted, language):
    assert negotiated(accepted) == language


@pytest.fixture
def visitor():
    """Handles an event of a visitor with this language."""
    tokens = []

    def of(language):
        tokens.append(LocalContext.request.set(SimpleNamespace(headers={"accept-language": language})))

    yield of
    for token in reversed(tokens):
        LocalContext.request.reset(token)


def test_a_sentence_is_said_in_the_language_of_the_visitor(visitor):
    assert say("{scored} scored", scored=3) == "3 scored"
    visitor("de-DE")
    assert say("{scored} scored", scored=3) == "3 bewertet"
    assert say_known("peak signal-to-noise ratio") == "Spitzen-Signal-Rausch-Verhältnis"
    assert say_known("a text of a {plugin}") == "a text of a {plugin}"


def test_work_in_a_thread_of_its_own_speaks_the_visitors_language(visitor):
    visitor("fr")
    with Runs().run(Visitor("one", "127.0.0.1")) as run:
        *_, found = followed(run, lambda: say("Error"), "")
    assert found == "Erreur"


def test_what_is_built_once_is_said_in_the_language_of_each_visitor():
    with building():
        built = json.dumps({"label": f"# {say('Error')}", "html": say("{part} of {name}", part="</script>", name='"')})
    sent = built.encode().decode("unicode_escape").encode("utf-8", "surrogatepass")
    assert json.loads(filled_in(sent, "fr"))["label"] == "# Erreur"
    assert "</script>" not in filled_in(sent, "de").decode()
    assert json.loads(filled_in(sent, "de"))["html"] == '</script> von "'
    assert json.loads(filled_in(sent, "en"))["html"] == '</script> of "'


@pytest.mark.parametrize("path", ["/", "/config", "/config?page=x"])
def test_the_page_is_sent_whole_in_the_language_of_each_request(path):
    with building():
        page = f'<!doctype html><html\n lang="en"><head></head>{json.dumps(say("Error"), ensure_ascii=False)}</html>'

    async def built(scope, receive, send):
        body = page.encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
        await send({"type": "http.response.body", "body": body[:90], "more_body": True})
        await send({"type": "http.response.body", "body": body[90:]})

    asking = TestClient(InLanguage(built))
    sent = asking.get(path, headers={"accept-language": "nl,fr;q=0.5"})
    assert '"Erreur"' in sent.text
    assert 'lang="fr"' in sent.text
    assert len(sent.content) == int(sent.headers["content-length"])
    assert (sent.headers["content-language"], sent.headers["vary"]) == ("fr", "accept-language")
    assert '"Fehler"' in asking.get(path, headers={"accept-language": "de"}).text
    assert '"Error"' in asking.get(path, headers={"accept-language": "pl"}).text
    assert "\ue000" in asking.get("/other").text
