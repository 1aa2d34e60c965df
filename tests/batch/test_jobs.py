import json

from sharpcli.batch.job import sharpening, written
from sharpcli.batch.plan import MEMORY
from sharpcli.pipeline.spec import create_enhancer


def test_the_settings_are_those_that_the_command_line_remembers(sharpcli, folder, tmp_path):
    options = ["-e", "student", "--upscale", 2, "--strength", 0.5, "--format", "png", "--strip"]
    assert sharpcli("enhance", folder, "-o", tmp_path / "out", *options).exit_code == 0
    job, settings = written(*sharpening(create_enhancer("student", {}, 2), 2, 0.5), format="png", strip=True)
    assert json.loads((tmp_path / "out" / MEMORY).read_text())["settings"] == settings
    assert (job.upscale, job.strip, job.quality) == (2, True, None)
    assert settings["options"]["precision"] in ("fp32", "int8")  # not auto, which is another thing elsewhere
