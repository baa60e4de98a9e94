"""Stamp: what a night's outputs depend on, as short hashes, so that a night where nothing changed is known at a glance.

Size and times decide only whether a file is hashed again; a file changed within a moment of being looked at is hashed anyway.
Standard library only: an unchanged night imports nothing heavy.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from pipeline import __version__
from pipeline.find import Source, try_hash
from pipeline.ledger import RunRecord, SeenFile
from pipeline.settings import Settings
from pipeline.units import REGISTER_FILE

MOMENT = 2_000_000_000
"""Nanoseconds: clocks of shared folders tick no faster than this."""
_NOT_TRUSTED = "-"
_HOME = Path(__file__).parent


class Look(NamedTuple):
    """What a night depends on: `glance` by sizes and times, `content` by hashes."""

    glance: str
    content: str

    def stamp(self, settings: Settings, period: str) -> str:
        """Return what a run remembers, once its outputs are published."""
        return f"{self.glance} {self.content} {_outputs(settings.outputs, period)}"


def reading_rules(key: bytes) -> str:
    """Return the hash of all that decides what a workbook's rows become: form, program, key."""
    form = sorted((_HOME / "form").glob("*.csv"))
    return _digest([__version__, *(try_hash(path) for path in form), *_stats(_HOME, "**/*.py"), hashlib.sha256(b"key|" + key).hexdigest()])


def terms_of(settings: Settings, today: date, rules: str) -> str:
    """Return the hash of everything but the workbooks, to be taken before any of it is read; of today only the month matters."""
    chosen = (settings.period, settings.cutoff, settings.previous_cutoff, settings.cutoff_preset, settings.conditional_release_policy,
              settings.mass_orgs, settings.inputs.resolve(), settings.outputs.resolve(), f"{today:%Y-%m}")
    suites = sorted(path for path in settings.expectations_folder.glob("*") if path.suffix in (".json", ".csv"))
    register = settings.inputs / REGISTER_FILE
    return _digest([rules, *map(str, chosen), *(f"{path.name}|{try_hash(path)}" for path in (register, *suites))])


def glance_at(sources: Sequence[Source], terms: str, now_ns: int) -> str:
    """Return the hash of what a night depends on by sizes and times; "-" when a file changed only just now."""
    if any(source.size < 0 or _is_fresh(source, now_ns) for source in sources):
        return _NOT_TRUSTED
    files = (f"{s.name}|{s.size}|{s.mtime_ns}|{s.ctime_ns}|{s.holder}" for s in sources)
    return _digest([terms, *files])


def look_closely(sources: Sequence[Source], hashes: Mapping[str, str], terms: str) -> str:
    """Return the hash of what a night depends on by content."""
    return _digest([terms, *(f"{source.name}|{hashes.get(source.name, '')}|{source.holder}" for source in sources)])


def hash_sources(sources: Iterable[Source], seen: Mapping[str, SeenFile], now_ns: int) -> dict[str, SeenFile]:
    """Return every plain file with its hash, hashing only those whose size or times are not as they were."""
    found = {}
    for source in sources:
        if source.size < 0:
            continue
        known = seen.get(source.name)
        if known and known[:3] == source[3:6] and not _is_fresh(source, known.seen_ns):
            found[source.name] = known
        elif sha256 := try_hash(source.path):
            found[source.name] = SeenFile(source.size, source.mtime_ns, source.ctime_ns, now_ns, sha256)
    return found


def same_night(runs: Iterable[RunRecord], look: Look, settings: Settings) -> RunRecord | None:
    """Return the run that depended on just this, whose outputs are still there as it left them."""
    for run in runs:
        glance, content, outputs = [*run.stamp.split(" "), "", "", ""][:3]
        same = look.content == content if look.content else look.glance == glance != _NOT_TRUSTED
        if content and same and outputs == _outputs(settings.outputs, run.period):
            return run
    return None


def _is_fresh(source: Source, seen_ns: int) -> bool:
    """Tell whether a file changed so shortly before it was looked at, or after, that its times prove nothing."""
    return max(source.mtime_ns, source.ctime_ns) > seen_ns - MOMENT


def _outputs(outputs: Path, period: str) -> str:
    """Return the hash of a period's folder as it lies there, and of what other periods tell it: cut-offs and the totals before."""
    periods = "[12][0-9][0-9][0-9]-[01][0-9]"
    others = [*_stats(outputs, f"{periods}/run.json"), *_stats(outputs, f"{periods}/statistics.csv")]
    return _digest([period, *_stats(outputs / period, "**/*"), *others])


def _stats(folder: Path, pattern: str) -> Iterator[str]:
    """Yield name, size and time of every file below a folder that fits."""
    for path in sorted(folder.glob(pattern)):
        try:
            kept = path.stat()
        except OSError:
            continue
        if path.is_file():
            yield f"{path.relative_to(folder).as_posix()}|{kept.st_size}|{kept.st_mtime_ns}"


def _digest(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()[:32]
