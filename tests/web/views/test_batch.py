from sharpcli.web.views.batch import SEEN, latest, whole

UNKNOWN = dict.fromkeys(("width", "height", "output_width", "output_height"))


def row(name, status="done", reason=""):
    sizes = UNKNOWN if status == "failed" else {"width": 4, "height": 3, "output_width": 8, "output_height": 6}
    return {"path": name, "status": status, "reason": reason, "seconds": 1.26, **sizes}


def test_names_and_reasons_are_text_and_nothing_else():
    html = whole([row("<script>\u202e\n.png", "failed", "<b>&")])
    assert "<script>" not in html
    assert "\u202e" not in html
    assert "&lt;script&gt;\\u202e\\n.png" in html
    assert "&lt;b&gt;&amp;" in html


def test_the_newest_come_first_while_it_grows_and_what_failed_at_the_end():
    rows = [row("b.png"), row("c.png", "failed"), row("a.png")]
    for html, order in ((latest(rows), "acb"), (whole(rows), "cab")):
        places = [html.index(f"{name}.png") for name in order]
        assert places == sorted(places)
    assert "4 x 3 to 8 x 6" in whole(rows)
    assert "1.3 s" in whole(rows)


def test_a_browser_is_shown_no_more_than_it_can_bear():
    rows = [row(f"{index:05}.png", "failed" if index == SEEN + 50 else "done") for index in range(SEEN + 100)]
    for html in (latest(rows), whole(rows)):
        assert html.count("<tr class=") == SEEN
        assert "100 more" in html
        assert f"{SEEN + 50:05}.png" in html
    assert latest([]) == whole([]) == ""
