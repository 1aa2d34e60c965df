"""A plugin that makes trouble: enhancers that break in all ways, and one that takes as long as it is told."""

import os
import sys
import time
from pathlib import Path

from sharpcli.plugin.enhancer import Enhancer
from sharpcli.plugin.hooks import hookimpl


class Fails(Enhancer):
    name = "fails"
    summary = "raises an error of its own"

    def enhance(self, pixels):
        raise RuntimeError("on purpose")


class Crashes(Enhancer):
    name = "crashes"
    summary = "raises an error where nobody expects one"

    @property
    def max_tile(self):
        raise RuntimeError("on purpose")

    def enhance(self, pixels):
        return pixels


class Quits(Enhancer):
    name = "quits"
    summary = "ends the program"

    def enhance(self, pixels):
        sys.exit()


class Waits(Enhancer):
    name = "waits"
    summary = "is at work until a file appears"

    def enhance(self, pixels):
        while not Path(os.environ["SHARPCLI_TEST_GO"]).exists():
            time.sleep(0.05)
        return pixels


@hookimpl
def enhancers():
    return [Fails, Crashes, Quits, Waits]
