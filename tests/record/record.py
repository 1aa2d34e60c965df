"""What the command line makes of a fixed set of files, byte for byte: `python -m tests.record.record` writes it anew.

A change of structure must change none of it. A change that means to alter pixels, files or figures records again, in a
commit that says why.
"""

import contextlib
import csv
import hashlib
import json
import platform
import tempfile
from importlib.metadata import version
from pathlib import Path

import numpy as np
import tifffile
from click.testing import CliRunner
from PIL import Image as PILImage
from skimage import data

from sharpcli.cli.main import main
from tests.fuzz.seeds import seeds

FILE = Path(__file__).parent / "record.json"
LIBRARIES = ("pillow", "imagecodecs", "simplejpeg", "tifffile", "numpy", "scipy", "scikit-image")
"""They decode, resample, encode and score."""
ENGINE = ("openvino",)
FLAGS = ("sse4_2", "avx2", "fma", "avx512f", "avx512_vnni", "avx_vnni", "avx512_bf16", "amx_tile", "amx_int8")
"""What the engine chooses its kernels by, and a network's last bits depend on the kernel."""
PLAIN = ("enhance", "--workers", "1", "--quiet")
VARIANTS = {"": (), "upscale-2": ("--upscale", "2"), "strength-0.5": ("--strength", "0.5")}
NETWORKS = ("student", "student-live")


def libraries():
    """What the bytes of results without a network depend on."""
    return {"machine": platform.machine(), **{name: version(name) for name in LIBRARIES}}


def engine():
    """What a network's pixels depend on besides."""
    file = Path("/proc/cpuinfo")
    words = set(file.read_text().split()) if file.is_file() else set()
    return {**{name: version(name) for name in ENGINE}, "flags": [flag for flag in FLAGS if flag in words]}


def record(work, networks=True):
    """Every run with its exit code, the SHA-256 of each file it left, and the figures it wrote."""
    for name, files in {"files": _files, "photos": _photos, "tiny": _tiny}.items():
        (work / name).mkdir()
        files(work / name)
    runs = {"inputs": {"files": _sums(work, "files", "photos", "tiny")}}
    for name, arguments in _enhancing(networks).items():
        runs[name] = _run(work, *arguments, "-o", f"out/{name}", out=f"out/{name}")
    for name, arguments in _scoring(networks).items():
        runs[name] = {**_run(work, *arguments, "--report", f"{name}.json"), "figures": _read(work / f"{name}.json")}
        runs[f"{name} csv"] = _run(work, *arguments, "--report", f"{name}.csv")
        runs[f"{name} csv"]["figures"] = _read(work / f"{name}.csv")
    return runs


def _enhancing(networks):
    """Name of each run and its arguments."""
    runs = {f"bicubic {name}".strip(): ("-e", "bicubic", *more, "files", "photos") for name, more in VARIANTS.items()}
    for format in ("png", "jpg", "webp", "tif", "bmp", "avif"):
        runs[f"bicubic to {format}"] = ("-e", "bicubic", "--format", format, "files")
    runs["bicubic stripped"] = ("-e", "bicubic", "--strip", "--quality", "70", "files")
    if networks:
        for enhancer in NETWORKS:
            for name, more in VARIANTS.items():
                runs[f"{enhancer} {name}".strip()] = ("-e", enhancer, *more, "files", "photos")
        runs["student photo"] = ("-e", "student", "-O", "profile=photo", "files", "photos")
        runs["student in little memory"] = ("-e", "student", "--memory", "200MB", "--upscale", "3", "photos")
        runs["student lr"] = ("-e", "student", "lr")
        runs["teacher"] = ("-e", "teacher", "tiny")
    runs = {name: (*PLAIN, *arguments) for name, arguments in runs.items()}
    degraded = ("degrade", "--workers", "1", "--quiet", "photos")
    small = (*degraded, "--scale", "3", "--small-jpeg", "40")
    camera = (*degraded, "--blur", "defocus:2.5", "--linear", "--scale", "1.5", "--noise", "3", "--seed", "1")
    return {"degrade": degraded, "degrade jpeg": small, "degrade camera": camera, **runs}


def _scoring(networks):
    """The same of `score`: LR against HR, and the student's results with their gain."""
    metrics = ("-m", "psnr", "-m", "ssim", "-m", "ms-ssim")
    runs = {}
    for convention in ("rgb", "papers"):
        runs[f"score {convention}"] = ("out/degrade", "photos", "--convention", convention, *metrics)
    if networks:
        runs["score gain"] = ("out/student lr", "photos", "--input", "out/degrade", *metrics)
    return {name: ("score", "--workers", "1", *arguments) for name, arguments in runs.items()}


def _run(work, *arguments, out=None):
    if "lr" in arguments and not (work / "lr").exists():
        (work / "out" / "degrade").rename(work / "lr")
        (work / "out" / "degrade").symlink_to(work / "lr")
    with contextlib.chdir(work):
        ended = CliRunner().invoke(main, list(arguments))
    if ended.exception is not None and not isinstance(ended.exception, SystemExit):
        raise RuntimeError(f"sharpcli {' '.join(arguments)}") from ended.exception
    return {"exit": ended.exit_code, **({"files": _sums(work / out) if (work / out).is_dir() else {}} if out else {})}


def _sums(root, *folders):
    """SHA-256 of every file by its path, save the output folder's own notes, which name the version."""
    paths = sorted(path for folder in folders or (".",) for path in (root / folder).rglob("*") if path.is_file())
    seen = {path.relative_to(root).as_posix(): path for path in paths if not path.name.startswith(".")}
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in seen.items()}


def _read(report):
    """Every number of a report's rows, in their order; the words beside them are not what is recorded."""
    if not report.is_file():
        return None
    if report.suffix == ".json":
        return list(_numbers({**json.loads(report.read_text()), "metrics": None}))
    return [cell for row in csv.reader(report.read_text().splitlines()) for cell in row if _is_number(cell)]


def _numbers(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _numbers(one)
    elif isinstance(value, float):
        yield value


def _is_number(cell):
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _files(folder):
    """Every format, mode and depth that the tests make, a few hundred pixels each."""
    for name, content in seeds().items():
        (folder / name).write_bytes(content)


def _photos(folder):
    """Two photographs, the second in 16 bits, large enough for tiles and for every metric."""
    cat = np.ascontiguousarray(data.chelsea()[:299, :449])
    PILImage.fromarray(cat).save(folder / "cat.png")
    deep = data.astronaut()[:300, 100:400].astype(np.uint16) * 257
    noise = np.random.default_rng(0).integers(0, 257, deep.shape)
    deep = np.minimum(deep.astype(int) + noise, 65535).astype(np.uint16)
    tifffile.imwrite(folder / "deep.tif", deep, photometric="rgb", metadata=None)


def _tiny(folder):
    PILImage.fromarray(np.ascontiguousarray(data.chelsea()[100:148, 150:214])).save(folder / "eye.png")


def write():
    """Write the record of this machine."""
    with tempfile.TemporaryDirectory() as work:
        runs = record(Path(work))
    text = json.dumps({"libraries": libraries(), "engine": engine(), "runs": runs}, indent=1, ensure_ascii=False)
    FILE.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    write()
