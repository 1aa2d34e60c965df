"""A plugin file with one enhancer whose body a test writes, and the program run beside it."""

import os
import subprocess
import sys

SOURCE = """
import atexit, os, signal, subprocess, sys, threading, time
from pathlib import Path
from sharpcli.plugin import Enhancer, hookimpl
{top}

class Mine(Enhancer):
    name = "mine"
    summary = "does what the test says"
    receptive_radius = 0
    def enhance(self, pixels):
        {body}
        return pixels.copy()
    {method}

@hookimpl
def enhancers():
    return [Mine]
"""


def plugin(folder, body="pass", top="", method=""):
    """Write it as `mine.py`."""
    (folder / "mine.py").write_text(SOURCE.format(body=body, top=top, method=method))


def command(*arguments):
    return [sys.executable, "-m", "sharpcli", *map(str, arguments)]


def run(folder, *arguments, **environment):
    """What comes of the program in that folder."""
    env = {**os.environ, **environment}
    return subprocess.run(command(*arguments), cwd=folder, env=env, capture_output=True, text=True, check=False)


def started(folder, *arguments, **environment):
    """The program, running."""
    return subprocess.Popen(
        command(*arguments),
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
