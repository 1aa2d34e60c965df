import json

from sharpcli.plugin.metric import Metric
from sharpcli.plugin.registry import load_registry
from sharpcli.plugin.sources import Origin


class Quality(Metric):
    name, summary, unit = "quality", "how good it looks", "points"
    higher_is_better = reference = False
    color = "rgb"
    least = 32
    origin = Origin("sharpcli_quality", "sharpcli-quality", "0.3")


def test_the_list_shows_unit_direction_what_is_judged_and_origin(sharpcli, monkeypatch):
    monkeypatch.setitem(load_registry().metrics, "quality", Quality)
    lines = sharpcli("metrics").stdout.splitlines()
    assert [line.split(":")[0] for line in lines if not line.startswith(" ")] == ["ms-ssim", "psnr", "quality", "ssim"]
    start = lines.index("psnr: peak signal-to-noise ratio")
    assert lines[start + 1 : start + 8] == [
        "    package  sharpcli 0.1.0 (sharpcli.scoring.metrics)",
        "    unit     dB, higher is better",
        "    compares the result with its reference, in the chosen convention",
        "quality: how good it looks",
        "    package  sharpcli-quality 0.3 (sharpcli_quality)",
        "    unit     points, lower is better",
        "    compares the result alone, without a reference, whole image in RGB; at least 32 x 32 pixels",
    ]


def test_as_json_it_has_all_that_is_known(sharpcli):
    listing = json.loads(sharpcli("metrics", "--json").stdout)
    assert listing["broken"] == []
    known = {entry["name"]: entry for entry in listing["metrics"]}
    assert list(known) == ["ms-ssim", "psnr", "ssim"]
    assert known["psnr"] == {
        **{"name": "psnr", "summary": "peak signal-to-noise ratio", "unit": "dB", "higher_is_better": True},
        **{"reference": True, "color": "convention", "least": 1},
        "origin": {"module": "sharpcli.scoring.metrics", "distribution": "sharpcli", "version": "0.1.0", "file": None},
    }
