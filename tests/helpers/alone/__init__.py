"""Runs commands as on a machine that is alone: nobody to connect to, and nowhere to write but where results belong."""

import ast
import os
import subprocess
import sys
from pathlib import Path

HOOK = Path(__file__).parent
ROOT = HOOK.parents[2]
NOBODY = "http://192.0.2.1:3128"
"""A proxy that RFC 5737 says nobody has: what asks it is seen, and what is asked through it as well."""
PROXIES = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), NOBODY)

COMPILED = {name: os.environ[name] for name in ("PYTHONPYCACHEPREFIX",) if name in os.environ}
"""Where modules lie compiled, to be read there and not compiled by every process again."""


class Alone:
    """A folder `work` for inputs and results, and an empty, read-only HOME.

    `may_run` are programs besides Python and uname. All variables are its own: what the environment of the tests
    switches off must be off without it.
    """

    def __init__(self, base, may_run=(), **environment):
        self.home, self.work, self.record = (base / name for name in ("home", "work", "record"))
        for folder in (self.home, self.work, base / "temp"):
            folder.mkdir(parents=True)
        self.home.chmod(0o500)
        self.environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(map(str, (HOOK, ROOT, *sys.path))),
            "PYTHONDONTWRITEBYTECODE": "1",
            "OMP_NUM_THREADS": "1",
            "HOME": str(self.home),
            "TMPDIR": str(base / "temp"),
            "ALONE_RECORD": str(self.record),
            "ALONE_MAY_WRITE": os.pathsep.join(map(str, (self.work, base / "temp"))),
            "ALONE_MAY_RUN": " ".join(("uname", *may_run)),  # Python's own `platform` runs it
            **PROXIES,
            **COMPILED,
            **environment,
        }

    def start(self, *command, wrapper=()):
        """The process of a Python command, in the folder `work`; what it prints is one text."""
        words = [*wrapper, sys.executable, *map(str, command)]
        return subprocess.Popen(
            words,
            cwd=self.work,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *command, wrapper=()):
        """Run a Python command to a good end; it may not have tried anything. Returns what it printed."""
        process = self.start(*command, wrapper=wrapper)
        printed, _ = process.communicate()
        assert not self.attempts(), self.attempts()
        assert process.returncode == 0, printed
        return printed

    def attempts(self):
        """What was refused so far, and what lies below HOME: root may write where nobody may."""
        events = [ast.literal_eval(line) for line in self.record.read_text().splitlines()]
        assert any(event[0] == "started" for event in events)  # or nobody was looking
        return [event for event in events if event[0] != "started"] + [*self.home.rglob("*")]
