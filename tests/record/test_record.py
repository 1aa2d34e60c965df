"""Results and figures are those of the committed record, byte for byte.

The record holds where the libraries that decode and encode are those it was made with; results of networks also need
its processor's instructions and engine. Elsewhere other bytes are no mistake: there only the inputs that are made
here, the exit codes and the names of the files are compared.
"""

import json

import pytest

from tests.record.record import FILE, engine, libraries, record

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def test_results_and_figures_are_those_of_the_record(tmp_path):
    kept = json.loads(FILE.read_text("utf-8"))
    runs = record(tmp_path)
    same_libraries = kept["libraries"] == libraries()
    same_engine = same_libraries and kept["engine"] == engine()
    assert runs.keys() == kept["runs"].keys()
    changed = {}
    for name, run in runs.items():
        networks = name.startswith(("student", "teacher", "score gain"))
        exact = same_engine if networks else same_libraries
        if (run if exact else _outline(run)) != (kept["runs"][name] if exact else _outline(kept["runs"][name])):
            changed[name] = _difference(run, kept["runs"][name])
    assert changed == {}


def _outline(run):
    """What no processor and no library's version decides."""
    return {"exit": run.get("exit"), "files": sorted(run.get("files", {}))}


def _difference(run, kept):
    """The names of files that differ, so that a failure can be read; else the whole run."""
    now, then = run.get("files"), kept.get("files")
    if now is None or now == then:
        return run, kept
    return [name for name in sorted({*now, *then}) if now.get(name) != then.get(name)]
