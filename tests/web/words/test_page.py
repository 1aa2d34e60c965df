"""The page in the language that a browser asks for."""

import httpx
import pytest

from tests.web.conftest import visit


@pytest.mark.parametrize(
    ("locale", "language", "tab", "upload", "status"),
    [
        ("de-DE", "de", "Bewerten", "Datei hier ablegen", "Noch keine Ergebnisse; bitte zuerst welche hinzufügen"),
        ("ja", "ja", "評価", "ファイル", "結果がまだありません。先に追加してください"),
        ("en-GB", "en", "Score", "Drop File Here", "No results yet; add some first"),
        ("zh-TW", "en", "Score", "Drop File Here", "No results yet; add some first"),  # which Gradio has, but not we
    ],
)
def test_the_page_speaks_the_browsers_language(browser, page_url, locale, language, tab, upload, status):
    with visit(browser, page_url, locale=locale) as page:
        assert page.evaluate("document.documentElement.lang") == language
        page.get_by_role("tab", name=tab, exact=True).click()
        page.locator("#score-results").get_by_text(upload).wait_for()  # Gradio's own words
        page.locator("#score-start").click()
        page.get_by_test_id("toast-body").get_by_text(status).wait_for()
        assert "\ue000" not in page.content()


def test_what_is_kept_of_the_page_is_for_one_language(page_url):
    german = httpx.get(page_url, headers={"accept-language": "de"})
    again = {"if-none-match": german.headers["etag"]}
    assert german.headers["content-language"] == "de"
    assert "accept-language" in german.headers["vary"].lower()
    assert httpx.get(page_url, headers={"accept-language": "de-CH", **again}).status_code == 304
    french = httpx.get(page_url, headers={"accept-language": "fr", **again})
    assert (french.status_code, french.headers["content-language"]) == (200, "fr")
    assert '"Améliorer"' in french.text
