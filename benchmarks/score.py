"""Times `sharpcli score` against a plain loop over scikit-image's metrics, in alternation, and compares the figures.

`python benchmarks/score.py RESULT REFERENCE [INPUT]` takes folders whose images have equal names; without folders it
makes some of scikit-image's photographs, enlarged to 1080p and blurred. Times are of whole processes, start-up and
reading included; a second ratio leaves out what each needs for a single pair.
"""

import argparse
import csv
import math
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from PIL import Image as PILImage
from PIL import ImageFilter
from skimage import data

from sharpcli.measure.cores import cores

SIZE = (1920, 1080)
NAMES = ("astronaut", "brick", "camera", "chelsea", "coffee", "grass", "gravel", "rocket")

PLAIN = """
import csv, sys
from pathlib import Path
import numpy as np
from PIL import Image
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

def read(path):
    return np.asarray(Image.open(path).convert("RGB"))

def figures(result, reference):
    window = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    return (
        peak_signal_noise_ratio(reference, result, data_range=255),
        structural_similarity(reference, result, channel_axis=2, data_range=255, **window),
    )

report, *folders = map(Path, sys.argv[1:])
with report.open("w", newline="") as file:
    rows = csv.writer(file)
    rows.writerow(["image", "psnr", "ssim", "input_psnr", "input_ssim"][: 2 * len(folders) - 1])
    for path in sorted(p for p in folders[0].rglob("*") if p.is_file()):
        name = path.relative_to(folders[0])
        result, reference, *baselines = (read(folder / name) for folder in folders)
        row = [name.with_suffix("").as_posix(), *figures(result, reference)]
        for one in baselines:
            row += figures(one, reference)
        rows.writerow(row)
"""


def make(folder: Path, count: int) -> list[Path]:
    """Folders of results, references and inputs."""
    folders = [folder / name for name in ("result", "reference", "input")]
    for one in folders:
        one.mkdir()
    for number in range(count):
        photo = PILImage.fromarray(getattr(data, NAMES[number % len(NAMES)])()).convert("RGB")
        # Another part of it each time, so that no two pairs are the same.
        left, top = (side // 8 * (number // len(NAMES) % 3) for side in photo.size)
        box = (left, top, left + photo.width * 3 // 4, top + photo.height * 3 // 4)
        large = photo.resize(SIZE, PILImage.Resampling.LANCZOS, box)
        for one, radius in zip(folders, (1, 0, 2), strict=True):
            image = large.filter(ImageFilter.GaussianBlur(radius)) if radius else large
            image.save(one / f"{number:02}.png", compress_level=1)
    return folders


def timed(command: list[str]) -> float:
    """Wall seconds of a process; an error ends the benchmark."""
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def commands(folders: list[Path], reports: list[Path]) -> tuple[list[str], list[str]]:
    """The plain loop and sharpcli, on the same files."""
    paths = [str(folder) for folder in folders]
    baseline = ["--input", paths[2]] if len(paths) > 2 else []
    score = ["-m", "sharpcli", "score", *paths[:2], *baseline, "--report", str(reports[1])]
    return [sys.executable, "-c", PLAIN, str(reports[0]), *paths], [sys.executable, *score]


def difference(reports: list[Path]) -> float:
    """The largest relative difference of a figure; the images must be the same."""
    plain, ours = ({row["image"]: row for row in csv.DictReader(path.open())} for path in reports)
    del ours["mean"]
    assert list(plain) == list(ours), "the two scored different images"
    pairs = [(float(row[key]), float(ours[name][key])) for name, row in plain.items() for key in row if key != "image"]
    return max(0.0 if a == b else abs(a - b) / abs(a) if math.isfinite(a) else math.inf for a, b in pairs)


def single(folders: list[Path], inside: Path) -> list[Path]:
    """The same folders with their first image alone."""
    first = sorted(path for path in folders[0].rglob("*") if path.is_file())[0].relative_to(folders[0])
    found = []
    for number, folder in enumerate(folders):
        found.append(inside / f"single-{number}")
        found[-1].mkdir()
        (found[-1] / first.name).symlink_to((folder / first).resolve())
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, help="RESULT REFERENCE [INPUT]")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pairs", type=int, default=16, help="How many to make where no folders are given.")
    parser.add_argument("--no-input", action="store_true", help="Leave the made inputs out.")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folders = arguments.folders or make(Path(temporary), arguments.pairs)[: 2 if arguments.no_input else 3]
        reports = [Path(temporary) / "plain.csv", Path(temporary) / "ours.csv"]
        alone = commands(single(folders, Path(temporary)), reports)
        whole = commands(folders, reports)
        print(f"load before: {os.getloadavg()[0]:.2f} on {cores()} cores; {len(folders)} folders")
        for command in whole:  # once untimed: from here on the files are in the system's cache for both
            timed(command)
        largest = difference(reports)
        rounds = [[timed(command) for command in (*whole, *alone)] for _ in range(arguments.rounds)]
        print(f"load after: {os.getloadavg()[0]:.2f}")
    plain, ours, plain_one, ours_one = (median(column) for column in zip(*rounds, strict=True))
    ratios = sorted(one[0] / one[1] for one in rounds)
    print(
        f"plain loop {plain:.2f} s, sharpcli score {ours:.2f} s (medians of {arguments.rounds} rounds in alternation)"
    )
    print(f"ratio {median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})")
    without = (plain - plain_one) / (ours - ours_one)
    print(f"one pair: {plain_one:.2f} s and {ours_one:.2f} s; ratio without it {without:.2f}")
    print(f"largest relative difference of a figure: {largest:.1e}")


if __name__ == "__main__":
    main()
