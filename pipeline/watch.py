"""Watch: how a run goes, for a progress bar, a log and run.json."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Watch:
    """Hears how a run goes: a stage begins (with how many steps), a step is done."""

    begin: Callable[[str, int], None] = lambda stage, steps: None
    step: Callable[[int], None] = lambda done: None
    durations: dict[str, float] = field(default_factory=dict)
    _name: str = field(default="", repr=False)
    _since: float = field(default=0.0, repr=False)

    def stage(self, name: str, steps: int = 0) -> None:
        """Close the stage before and begin another."""
        now = time.perf_counter()
        if self._name:
            self.durations[self._name] = round(now - self._since, 3)
        self._name, self._since = name, now
        if name:
            self.begin(name, steps)
