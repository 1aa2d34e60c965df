"""What plugin authors may import: what the guide lists, and what plugins, template and guide themselves import."""

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "plugins.md").read_text()
PUBLIC = {
    row[1]: set(re.findall(r"`(\w+)`", row[2]))
    for row in re.finditer(r"^\| `(sharpcli[.\w]*)` \| (`.*`) \|$", GUIDE, re.M)
}
TEMPLATES = sorted((ROOT / "sharpcli" / "scaffold" / "template").glob("*.py.j2"))
MODULES = sorted((ROOT / "plugins" / "examples").glob("*/*.py"))


def test_the_guide_lists_the_four_modules():
    assert set(PUBLIC) == {"sharpcli", "sharpcli.plugin", "sharpcli.inference", "sharpcli.testing"}


@pytest.mark.parametrize("name", PUBLIC)
def test_the_guide_lists_what_a_module_offers(name):
    module = importlib.import_module(name)
    assert set(module.__all__) == PUBLIC[name]
    assert all(hasattr(module, one) for one in PUBLIC[name])


@pytest.mark.parametrize("name", ["sharpcli", "sharpcli.plugin"])
def test_what_every_plugin_imports_is_light(name):
    code = f"import sys, {name}; sys.exit(bool({{'numpy', 'openvino', 'PIL'}} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def imported(source):
    """The names that a program imports from sharpcli, as (module, name)."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "sharpcli":
            yield from ((node.module, alias.name) for alias in node.names)
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names if alias.name.startswith("sharpcli."))


def plain(template):
    """A template as Python: one name for what is filled in, no line for what is decided."""
    return re.sub(r"^.*{%.*$", "", re.sub(r"{{.*?}}", "x", template), flags=re.M)


@pytest.mark.parametrize("file", [*TEMPLATES, *MODULES], ids=lambda file: file.name)
def test_plugins_import_nothing_else(file):
    source = file.read_text()
    for module, name in imported(plain(source) if file.suffix == ".j2" else source):
        assert name in PUBLIC.get(module, ()), f"{module}.{name}"


def test_the_guide_imports_nothing_else():
    blocks = re.findall(r"```python\n(.*?)```", GUIDE, re.S)
    assert blocks
    for module, name in (one for block in blocks for one in imported(block)):
        assert name in PUBLIC.get(module, ()), f"{module}.{name}"
