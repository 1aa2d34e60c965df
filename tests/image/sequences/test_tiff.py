import numpy as np
import pytest
import tifffile

GREY = (np.indices((50, 70)).sum(0) * 2).astype(np.uint8)
PAGES = [
    (GREY, {"resolution": (300, 300), "compression": "zlib", "software": "A scanner"}),
    (np.stack([GREY] * 3, 2)[:30], {"resolution": (150, 150), "resolutionunit": 3, "photometric": "rgb"}),
    (GREY.astype(np.uint16)[:, :33] * 257, {"compression": "lzw"}),
    (np.stack([GREY] * 4, 2), {"photometric": "rgb", "extrasamples": ["unassalpha"], "tile": (16, 16)}),
]


def written(path, *, previews=False, **options):
    with tifffile.TiffWriter(path, **options) as file:
        for number, (pixels, own) in enumerate(PAGES):
            tags = [(297, 3, 2, (number, len(PAGES)), True), (33432, 2, 0, f"page {number}'s owner", True)]
            more = {"metadata": None, "description": f"page {number}", "extratags": tags}
            file.write(pixels, **{"software": False, **own}, **more)
            if previews:
                file.write(pixels[::2, ::2].copy(), subfiletype=1, metadata=None, photometric=own.get("photometric"))
    return path


def read(path):
    """Pixels and what is said of them, page by page."""
    names = ("ImageDescription", "PageNumber", "Copyright", "Software", "XResolution", "ResolutionUnit")
    with tifffile.TiffFile(path) as file:
        return [
            (page.asarray(), {name: page.tags[name].value for name in names if name in page.tags})
            for page in file.pages
        ]


@pytest.mark.parametrize("options", [{}, {"byteorder": ">"}, {"bigtiff": True}, {"bigtiff": True, "byteorder": ">"}])
def test_pages_of_all_sizes_and_depths_keep_pixels_and_tags(tmp_path, sharpcli, options):
    source, out = written(tmp_path / "a.tif", **options), tmp_path / "b.tif"
    result = sharpcli("enhance", source, "-o", out, "-e", "bicubic", "--strength", 0)
    assert result.exit_code == 0, result.output
    assert "not carried over" not in result.output
    before, after = read(source), read(out)
    assert [said for _, said in after] == [said for _, said in before]
    for (was, _), (became, _) in zip(before, after, strict=True):
        assert became.dtype == was.dtype
        np.testing.assert_array_equal(became, was)


def test_each_page_is_enlarged(tmp_path, sharpcli):
    result = sharpcli("enhance", written(tmp_path / "a.tif"), "-o", tmp_path / "b.tif", "-e", "bicubic", "--upscale", 2)
    assert result.exit_code == 0, result.output
    sizes = [pixels.shape[:2] for pixels, _ in read(tmp_path / "b.tif")]
    assert sizes == [(2 * pixels.shape[0], 2 * pixels.shape[1]) for pixels, _ in PAGES]


def test_smaller_copies_are_dropped_with_a_word(tmp_path, sharpcli):
    result = sharpcli("enhance", written(tmp_path / "a.tif", previews=True), "-o", tmp_path / "b.tif", "-e", "bicubic")
    assert "not carried over: preview x 4" in result.output
    assert len(read(tmp_path / "b.tif")) == len(PAGES)


def test_a_damaged_page_is_named_and_nothing_is_written(tmp_path, sharpcli):
    path = written(tmp_path / "a.tif")
    with tifffile.TiffFile(path, mode="r+") as file:
        file.pages[1].tags["StripByteCounts"].overwrite(1 << 30)
    result = sharpcli("enhance", path, "-o", tmp_path / "out", "-e", "bicubic")
    assert result.exit_code == 1
    assert "page 2: is damaged or truncated" in result.output
    assert not list((tmp_path / "out").glob("a*"))


def test_pages_do_not_become_an_animation(tmp_path, sharpcli):
    result = sharpcli("enhance", written(tmp_path / "a.tif"), "-o", tmp_path / "out", "--format", "png")
    assert "has 4 pages, which PNG does not hold" in result.output
