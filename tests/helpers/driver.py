"""What drives browsers in tests."""

import atexit
from functools import lru_cache


@lru_cache(maxsize=1)
def driver():
    """Playwright, started once a process: a second one beside it refuses to run."""
    from playwright.sync_api import sync_playwright

    running = sync_playwright().start()
    atexit.register(running.stop)
    return running
