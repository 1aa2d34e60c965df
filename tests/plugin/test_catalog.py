import json
from pathlib import Path

import pytest

from sharpcli.plugin import catalog as module
from sharpcli.plugin.catalog import catalog
from sharpcli.plugin.enhancer import Enhancer, option
from sharpcli.plugin.registry import Broken, Found, Registry
from sharpcli.plugin.sources import Origin

NETWORKS = ["student", "student-large", "student-live", "teacher"]


class Foreign(Enhancer):
    name = "foreign"
    summary = "somebody else's"
    steps: int = option(2, "how often", min=1, max=9)
    amount: float = option(0.5, "how much", min=0, max=float("inf"))
    folder = Path()

    @classmethod
    def weights(cls):
        return tuple(cls.folder / f"{name}.onnx" for name in ("whole", "short", "lost"))


@pytest.fixture
def foreign(tmp_path, monkeypatch):
    """A plugin whose weights have a good card, a card of another file, and neither file nor card."""
    monkeypatch.setattr(Foreign, "folder", tmp_path)
    (tmp_path / "whole.onnx").write_bytes(b"12345")
    (tmp_path / "whole.json").write_text('{"sha256": "ab", "bytes": 5, "licence": "MIT"}')
    (tmp_path / "short.onnx").write_bytes(b"123")
    (tmp_path / "short.json").write_text('{"bytes": 5, "licence": "CC0"}')
    registry = Registry({"foreign": Found(Foreign, Origin("foreign_module"))})
    registry.broken.append(Broken(Origin("other_module", "other", "2.0"), "ImportError: half installed"))
    monkeypatch.setattr(module, "load_registry", lambda: registry)
    return tmp_path


def test_it_knows_what_is_installed():
    installed = catalog()
    assert [entry.name for entry in installed.enhancers] == ["bicubic", *NETWORKS]
    assert installed.broken == ()
    for entry in installed.enhancers:
        assert (entry.origin.distribution, entry.origin.version) == ("sharpcli", "0.1.0")
        assert entry.licence.startswith("Apache-2.0")
        assert entry.problems == ()
        for file in entry.weights:
            assert file.problems == ()
            assert file.bytes == file.card.bytes
    student = installed.enhancers[1]
    assert [declared.name for declared in student.options] == ["profile", "kind", "blur", "noise", "light", "precision"]
    assert {file.card.weights for file in student.weights} == {"float32", "int8"}


def test_what_is_wrong_with_a_file_is_reported_at_that_file(foreign):
    (entry,) = catalog().enhancers
    whole, short, lost = entry.weights
    assert (whole.bytes, whole.problems) == (5, ())
    assert short.problems == ("the file has 3 bytes where its card says 5; install its package again",)
    assert lost.bytes is None
    assert [problem.split(";")[0] for problem in lost.problems] == [
        "the file is missing",
        "the card lost.json is missing",
    ]
    assert str(foreign) not in json.dumps(catalog().as_dict()), "a page for others shows no path of this machine"


def test_the_licence_is_that_of_the_weights(foreign):
    assert catalog().enhancers[0].licence == "MIT, CC0"


def test_weights_that_a_plugin_cannot_list_leave_it_in_the_list(foreign, monkeypatch):
    monkeypatch.setattr(Foreign, "weights", classmethod(lambda cls: 1 / 0))
    (entry,) = catalog().enhancers
    assert entry.weights == ()
    assert "ZeroDivisionError" in entry.problems[0]
    assert entry.licence is None


@pytest.mark.parametrize(
    ("stated", "licence"),
    [
        ("License-Expression: MIT\nLicense: something older", "MIT"),
        ("License: BSD 3-Clause\n        Redistribution and use", "BSD 3-Clause"),
        ("Classifier: Topic :: Software\nClassifier: License :: OSI Approved :: ISC License", "ISC License"),
        ("Summary: says nothing of it", None),
    ],
)
def test_without_weights_the_licence_is_the_package_s(tmp_path, monkeypatch, stated, licence):
    folder = tmp_path / "quiet_plugin-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.4\nName: quiet-plugin\nVersion: 1.0\n{stated}\n")
    monkeypatch.syspath_prepend(tmp_path)
    module._licence.cache_clear()
    assert module._licence("quiet-plugin") == licence
    module._licence.cache_clear()


def test_it_is_json_that_any_reader_takes(foreign):
    listing = catalog().as_dict()
    assert json.loads(json.dumps(listing, allow_nan=False)) == json.loads(json.dumps(listing))
    steps, amount = listing["enhancers"][0]["options"]
    assert (steps["type"], steps["expected"]) == ("int", "a whole number at least 1 and at most 9")
    assert (amount["type"], amount["min"], amount["max"]) == ("float", 0, None)
    assert listing["broken"] == [
        {
            "origin": {"module": "other_module", "distribution": "other", "version": "2.0", "file": None},
            "reason": "ImportError: half installed",
            "remedy": "",
            "name": "",
            "commands_only": False,
        }
    ]
