"""Settle: wait until the workbooks in inputs/ have been left alone for a while, then run; the only module that knows watchfiles.

The machine's notices only say when to look: what has changed is told by comparing the folder with how it was at the last run.
A notice too many costs nothing, and one that never came some minutes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from threading import Event
from time import monotonic

from pipeline.fault import Fault, LockFault
from pipeline.find import READABLE, RETURNED_FOLDER, UNSUPPORTED, find_workbooks
from pipeline.holder import lock_holder
from pipeline.log import LOG
from pipeline.units import REGISTER_FILE

LONGEST = 600.0
"""Seconds from the first change after which a workbook that is still open holds up the others no longer."""
_LOOK = 300.0
"""Seconds after which to look without a notice."""
_POLL_MILLISECONDS = 2_000
Looked = Mapping[str, tuple[int, int]]
"""Size and time of change of each workbook, by name below inputs/."""


@dataclass
class Settling:
    """How the folder was at the last run, how it is, and since when it differs; moments in seconds of one clock."""

    quiet: float
    was: Looked
    now: Looked = field(default_factory=dict)
    first: float | None = None
    last: float = 0.0

    def note(self, looked: Looked, at: float) -> None:
        """Take note of how the folder is at a moment."""
        if looked == self.was:
            self.first = None
        elif self.first is None:
            self.first = self.last = at
        elif looked != self.now:
            self.last = at
        self.now = looked

    def is_due(self, at: float, is_open: Callable[[str], bool]) -> bool:
        """Return whether to run: all is quiet and no changed workbook is open, or the first change has waited too long."""
        if self.first is None or at - self.first >= LONGEST:
            return self.first is not None
        changed = (name for name, how in self.now.items() if self.was.get(name) != how)
        return at - self.last >= self.quiet and not any(map(is_open, changed))


def watch_inputs(inputs: Path, quiet_seconds: float, run: Callable[[], object], stop: Event | None = None, poll: bool = False, *,
                 tell: Callable[[str], None] = LOG.warning, clock: Callable[[], float] | None = None) -> None:
    """Run now, and again whenever workbooks have changed and settled, until `stop` is set or the person interrupts.

    A Fault of one run is told and does not end the watching; one that another run was in the way of is made up for.
    `poll` looks at every file again and again, where the system gives no notice; `clock`, in seconds since 1970, tells the
    locks that a crash left. Raises Fault when there is no such folder, or it cannot be watched.
    """
    find_workbooks(inputs)
    settling = Settling(quiet_seconds, _run(inputs, run, tell, {}))
    looked = float("-inf")
    for noticed in _notices(inputs, stop, poll, min(1.0, max(quiet_seconds / 4, 0.05))):
        at = monotonic()
        if noticed or at - looked >= (_LOOK if settling.first is None else quiet_seconds / 3):
            looked = at
            settling.note(_look(inputs, settling.now), at)
        if settling.is_due(at, lambda name: lock_holder(inputs / name, clock() if clock else None) is not None):
            settling = Settling(quiet_seconds, _run(inputs, run, tell, settling.was))
            looked = float("-inf")  # what changed during the run is seen at once


def _run(inputs: Path, run: Callable[[], object], tell: Callable[[str], None], was: Looked) -> Looked:
    """Run once; return how the folder was then, or as it was before when another run is under way."""
    looked = _look(inputs, was)
    try:
        run()
    except Fault as fault:
        tell(str(fault))
        return was if isinstance(fault, LockFault) else looked
    return looked


def _look(inputs: Path, otherwise: Looked) -> Looked:
    """Return how the workbooks and the register are; `otherwise` while the folder cannot be read."""
    try:
        found = {source.name: (source.size, source.mtime_ns) for source in find_workbooks(inputs)}
    except Fault:  # a network folder that is away for a moment
        return otherwise
    try:
        register = (inputs / REGISTER_FILE).stat()
        found[REGISTER_FILE] = register.st_size, register.st_mtime_ns
    except OSError:
        pass
    return found


def _notices(inputs: Path, stop: Event | None, poll: bool, tick: float) -> Iterator[bool]:
    """Yield True when something has changed that may count, False every `tick` seconds without.

    Raises Fault when the machine cannot watch the folder.
    """
    import watchfiles

    try:
        for changes in watchfiles.watch(inputs, watch_filter=None, stop_event=stop, rust_timeout=int(tick * 1000), yield_on_timeout=True,
                                        force_polling=poll or None, poll_delay_ms=_POLL_MILLISECONDS):
            yield any(_counts(PurePath(path)) for _, path in changes)
    except (OSError, RuntimeError) as error:
        raise Fault(f"Máy không canh được thư mục {inputs.name} ({type(error).__name__}). Hãy chạy lại với tùy chọn --poll.") from error


def _counts(path: PurePath) -> bool:
    """Return whether a changed path may be a workbook, or a folder that may hold some; not a lock, a rest or a marked copy."""
    if path.name.startswith(("~$", ".")) or RETURNED_FOLDER in (path.name, path.parent.name):
        return False
    suffix = path.suffix.lower()
    return suffix in READABLE or suffix in UNSUPPORTED or Path(path).is_dir() or not Path(path).exists()
