def test_a_browser_would_install_the_page_with_its_own_icon(browser_page):
    asked = browser_page.context.new_cdp_session(browser_page)
    manifest = asked.send("Page.getAppManifest")
    assert not manifest["errors"]
    found = asked.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [one["errorId"] for one in found] == ["in-incognito"]  # as tests are
    address = browser_page.url
    described = browser_page.request.get(f"{address}manifest.json").json()
    assert (described["name"], browser_page.title()) == ("sharpcli", "sharpcli")
    sizes = browser_page.evaluate(
        """addresses => Promise.all(addresses.map(async one => {
            const image = new Image();
            image.src = one;
            await image.decode();
            return image.naturalWidth;
        }))""",
        ["/favicon.ico", *(icon["src"] for icon in described["icons"])],
    )
    assert sizes == [512, 192, 512]
