"""What the tabs share."""

from __future__ import annotations

from dataclasses import dataclass, field

from sharpcli.web.cache import Recent
from sharpcli.web.limits import Limits
from sharpcli.web.tasks.runs import Runs
from sharpcli.web.visitors.files import Visits


@dataclass(frozen=True)
class Page:
    """What the tabs share: the visitors' files, how large those may be, the last results, and what is in work."""

    visits: Visits
    limits: Limits = field(default_factory=Limits)
    recent: Recent = field(default_factory=Recent)
    runs: Runs = field(default_factory=Runs)
