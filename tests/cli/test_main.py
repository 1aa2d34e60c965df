import subprocess
import sys

import pytest

HEAVY = ("torch", "gradio", "openvino", "numpy", "PIL", "rich")


@pytest.mark.parametrize(
    "arguments", [["--help"], ["enhancers"], ["enhancers", "--json"], ["metrics"], ["train", "--help"], ["--version"]]
)
def test_what_answers_questions_imports_nothing_heavy(arguments):
    code = f"""
import sys
from sharpcli.cli.main import main
try:
    main({arguments!r})
except SystemExit as end:
    assert end.code in (0, None), end.code
loaded = [name for name in {HEAVY!r} if name in sys.modules]
assert not loaded, loaded
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_help_names_every_command_in_one_line_each(sharpcli):
    text = sharpcli("--help").stdout
    for name in ("enhance", "score", "degrade", "enhancers", "train"):
        assert f"\n  {name} " in text


def test_the_one_line_helps_are_those_of_the_commands():
    from importlib import import_module

    from sharpcli.cli.main import COMMANDS

    for name, line in COMMANDS.items():
        command = import_module(f"sharpcli.cli.commands.{name}").command
        assert command.help.split("\n")[0] == line


@pytest.mark.parametrize("arguments", [["sharpen"], ["enhance"], ["enhance", "--nope", "x"]])
def test_an_unknown_command_or_option_is_exit_2(sharpcli, arguments):
    assert sharpcli(*arguments).exit_code == 2


def test_ctrl_c_is_exit_130(sharpcli, folder, tmp_path, monkeypatch):
    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("sharpcli.cli.batch.plan", interrupted)
    assert sharpcli("enhance", folder, "-o", tmp_path / "out").exit_code == 130


def test_a_page_without_gradio_says_what_to_install():
    code = """
import sys
sys.modules["gradio"] = sys.modules["starlette"] = None
from sharpcli.cli.main import main
main(["demo"])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "Error: the web interface needs Gradio: pip install 'sharpcli[web]'\n"
