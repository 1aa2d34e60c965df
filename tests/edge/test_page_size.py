"""What a visitor downloads."""

import gzip

from tests.edge.static_page import BUILT

FIRST = [
    "index.html",
    "index.css",
    "index.js",
    "icon.svg",
    "manifest.webmanifest",
    "networks/student-live-photo-int8.bin",
]
"""Of a first visit, beside one backend."""
BACKENDS = ["webgpu.js", "webgl.js", "wasm.js"]
KB = 1000


def size(path):
    return len(gzip.compress(path.read_bytes(), mtime=0))


def test_a_first_visit_is_small():
    first = sum(size(BUILT / name) for name in FIRST) + max(size(BUILT / name) for name in BACKENDS)
    assert first <= 60 * KB, first


def test_page_and_code_with_the_plain_networks_are_at_most_150_kb():
    shown = [*FIRST, *BACKENDS, "worker.js", "sw.js"]
    assert sum(size(BUILT / name) for name in shown) <= 75 * KB


def test_all_that_is_kept_for_use_without_a_connection():
    kept = [path for path in BUILT.rglob("*") if path.is_file() and not path.name.startswith("estimator")]
    assert sum(size(path) for path in kept) <= 650 * KB
