"""Plugins that print, exit or change the working folder, in processes of their own."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image as PILImage

from tests.helpers.plugin_file import plugin, run

ENHANCE = ("enhance", "cat.png", "dog.png", "-e", "mine", "--plugin", "mine.py", "-o", "out")
LOUD = (
    "print('said'); sys.stdout.write('said\\n'); sys.__stdout__.write('said\\n'); sys.__stdout__.flush(); "
    "os.write(1, b'said\\n'); subprocess.run(['echo', 'said']); threading.Thread(target=print, args=['said']).start()"
)


@pytest.fixture
def here(tmp_path, photo):
    """A folder with two images."""
    for index, name in enumerate(("cat.png", "dog.png")):
        PILImage.fromarray(photo[index : index + 40, :50]).save(tmp_path / name)
    return tmp_path


def is_json(text):
    """Whether a text is one JSON document, or one a line."""
    try:
        json.loads(text)
    except ValueError:
        return all(isinstance(json.loads(line), dict) for line in text.splitlines())
    return True


@pytest.mark.parametrize(
    "arguments",
    [
        (*ENHANCE, "--json"),
        ("bench", "-e", "mine", "--rounds", "1", "--size", "32x24", "--json", "--plugin", "mine.py"),
        ("check", "mine.py", "-k", "runs", "--json"),
        ("enhancers", "--json", "--plugin", "mine.py"),
        ("--plugin", "mine.py", "metrics", "--json"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_what_a_plugin_prints_is_not_among_the_json(here, arguments):
    plugin(here, LOUD, top=LOUD)
    done = run(here, *arguments)
    assert done.returncode == 0, done.stderr
    assert is_json(done.stdout)
    assert done.stderr.count("said") >= 6


def test_a_plugins_own_command_prints_where_it_likes(here):
    (here / "mine.py").write_text(
        "import os, click\nfrom sharpcli.plugin import hookimpl\nprint('at import')\n"
        "@hookimpl\ndef commands(group):\n    @group.command()\n    def talk():\n"
        "        click.echo('echoed')\n        print('printed', flush=True)\n        os.write(1, b'written\\n')\n"
    )
    done = run(here, "--plugin", "mine.py", "talk")
    assert done.stdout == "echoed\nprinted\nwritten\n"
    assert "at import" in done.stderr


@pytest.mark.parametrize(
    "body", ["os._exit(0)", "sys.exit(0)", "raise BaseException('odd')", "raise KeyboardInterrupt"]
)
def test_one_that_exits_fails_its_images_and_is_named(here, body):
    plugin(here, body)
    done = run(here, *ENHANCE)
    assert done.returncode == 1
    for name in ("cat.png", "dog.png"):
        assert f"failed: {name}: enhancer mine of {here / 'mine.py'} failed: " in done.stderr
    assert "Traceback" not in done.stderr


def test_one_that_exits_at_import_is_left_out(here):
    plugin(here, top="os._exit(0)")
    done = run(here, "enhancers", "--plugin", "mine.py")
    assert done.returncode == 0
    assert "mine.py left out: SystemExit: it called os._exit(0)" in done.stderr
    assert "student" in done.stdout


def test_one_whose_thread_ends_the_process_is_not_taken_for_success(here):
    plugin(here, "threading.Thread(target=os._exit, args=[0]).start(); time.sleep(30)")
    done = run(here, *ENHANCE, "--workers", "1")
    assert done.returncode == 1
    assert "ended the program with os._exit(0)" in done.stderr
    assert "cat.png" in done.stderr


def test_one_that_ends_the_process_at_the_end_does_not_change_the_exit_code(here):
    plugin(here, "raise ValueError", top="atexit.register(os._exit, 0)")
    assert run(here, *ENHANCE).returncode == 1
    plugin(here, top="atexit.register(os._exit, 0)")
    assert run(here, *ENHANCE).returncode == 0


def test_a_process_that_a_plugin_forks_ends_as_it_likes(here):
    plugin(here, "child = os.fork() or os._exit(0); assert os.waitpid(child, 0)[1] == 0")
    done = run(here, *ENHANCE)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "how",
    [
        {"body": "os.chdir('/'); time.sleep(0.2)"},
        {"top": "os.chdir('/')"},
        {"method": "def for_this_machine(self): os.chdir('/'); return self"},
        {"method": "def for_image(self, pixels): os.chdir('/'); return self"},
        {"method": "def weight_files(self): os.chdir('/'); return ()"},
    ],
    ids=lambda how: next(iter(how)),
)
def test_one_that_changes_the_working_folder_moves_nothing(here, how):
    plugin(here, **how)
    done = run(here, *ENHANCE, "--json", "--report", "report.json")
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (here / "out").glob("*.png")) == ["cat.png", "dog.png"]
    rows = [json.loads(line) for line in done.stdout.splitlines()][:-1]
    assert sorted((row["path"], row["output"]) for row in rows) == [
        ("cat.png", "out/cat.png"),
        ("dog.png", "out/dog.png"),
    ]
    assert json.loads((here / "report.json").read_text())["summary"]["done"] == 2
    assert "2 skipped" in run(here, *ENHANCE).stdout


def test_one_that_changes_the_working_folder_moves_no_sheet_and_no_array(here):
    plugin(here, "os.chdir('/')")
    assert run(here, "compare", "cat.png", "-e", "mine", "-o", "sheet.png", "--plugin", "mine.py").returncode == 0
    assert (here / "sheet.png").is_file()
    code = "import sharpcli; sharpcli.enhance('cat.png', 'mine', out='array.png')"
    environment = {**os.environ, "SHARPCLI_PLUGINS": "mine.py"}
    subprocess.run([sys.executable, "-c", code], cwd=here, env=environment, check=True)
    assert np.asarray(PILImage.open(here / "array.png")).shape == (40, 50, 3)


@pytest.mark.parametrize("arguments", [["--help"], ["nosuch"], ["enhance", "--help"], ["metrics"]])
@pytest.mark.parametrize("top", ["import nothing_of_this_name", "raise SystemExit(0)"])
def test_a_broken_plugin_is_named_in_one_line_whatever_is_asked(here, arguments, top):
    plugin(here, top=top)
    done = run(here, *arguments, SHARPCLI_PLUGINS="mine.py")
    assert sum("mine.py left out: " in line for line in done.stderr.splitlines()) == 1
    assert "mine.py" not in done.stdout


@pytest.mark.parametrize("arguments", [["--help"], ["nosuch"]])
def test_a_plugin_whose_commands_fail_is_named_where_commands_are_asked_for(here, arguments):
    (here / "mine.py").write_text("from sharpcli.plugin import hookimpl\n@hookimpl\ndef commands(group): 1 / 0\n")
    done = run(here, *arguments, SHARPCLI_PLUGINS="mine.py")
    assert sum("mine.py without its commands: ZeroDivisionError" in line for line in done.stderr.splitlines()) == 1


def test_a_plugin_may_set_signals_when_it_is_imported(here):
    top = "signal.signal(signal.SIGALRM, signal.SIG_IGN); signal.signal(signal.SIGINT, signal.SIG_IGN)"
    plugin(here, "assert signal.getsignal(signal.SIGALRM) is signal.SIG_IGN", top=top)
    done = run(here, *ENHANCE)
    assert done.returncode == 0, done.stderr
