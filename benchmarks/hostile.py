"""Time and memory of the worst file: each kind of bad workbook judged and read by a worker of its own. `python -m benchmarks.hostile`.

A kind's time is the least of several tries, its memory the worker's peak beyond what it has before it sees a file.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

TESTS = Path(__file__).parent.parent / "tests"
TRIES, WORST = 3, 10
_NOTHING = "đọc được"
LIMITS: dict[str, Callable[[], bytes]] = {
    "20 million empty cells": lambda: b'<row r="1220"><c r="A1220"><v>1</v></c><c r="XFD1220"><v>1</v></c></row>',
    "10 million styled cells": lambda: b"".join(b'<row r="%d">%b</row>' % (at, b'<c s="1"/>' * 25) for at in range(300, 400_000)),
    "2.5 million values": lambda: b"".join(b'<row r="%d">%b</row>' % (at, b"<c><v>45000</v></c>" * 25) for at in range(300, 100_000)),
}
"""Rows of workbooks that are as large as the checks let through."""


class Cost(NamedTuple):
    """What one file costs a worker; `said` is the first thing said of it, or how the worker died."""

    kind: str
    said: str
    kilobytes: float
    milliseconds: float
    mebibytes: float


def main() -> None:
    """Print the ten slowest and the ten hungriest kinds, and a good workbook beside them."""
    with tempfile.TemporaryDirectory() as folder:
        costs = list(measure_all(Path(folder)))
    good, *bad = costs
    print(f"{len(bad)} kinds; a good workbook: {good.milliseconds:.1f} ms, {good.mebibytes:.0f} MiB")
    for title, key in (("slowest", Cost._fields.index("milliseconds")), ("hungriest", Cost._fields.index("mebibytes"))):
        print(f"\n{title:30} {'said':20} {'kB':>8} {'ms':>8} {'MiB':>6}")
        for one in sorted(bad, key=lambda cost: -float(cost[key]))[:WORST]:
            print(f"{one.kind:30} {one.said:20} {one.kilobytes:8.0f} {one.milliseconds:8.1f} {one.mebibytes:6.0f}")


def measure_all(folder: Path) -> Iterator[Cost]:
    """Yield what a good workbook costs, then each kind of bad one."""
    sys.path.insert(0, str(TESTS))
    import hostile
    import hostile_files  # noqa: F401 - registers its kinds
    import hostile_sheets  # noqa: F401
    from test_guard import good_workbook
    from test_readers import DEADLY

    good, path = good_workbook(), folder / "book.xlsx"
    path.write_bytes(good)
    read(path)  # what a worker learns once is none of a file's cost
    makers = {"good": bytes, **{one.name: one.make for one in hostile.KINDS}, **{f"deadly: {name}": one for name, one in DEADLY.items()},
              **{f"limit: {name}": lambda good, rows=rows: hostile.row(rows())(good) for name, rows in LIMITS.items()}}
    for name, make in makers.items():
        in_a_child(lambda make=make: path.write_bytes(make(good)) and "")  # type: ignore[misc] # this process stays small
        base = in_a_child(lambda: "")[2]
        told = [in_a_child(lambda: limited(path)) for _ in range(TRIES)]
        best, most = min(one[1] for one in told), max(one[2] for one in told)
        yield Cost(name, told[0][0] or _NOTHING, path.stat().st_size / 1000, best, most - base)


def limited(path: Path) -> str:
    """Read under a worker's limits."""
    from pipeline.limits import limit_worker

    limit_worker()
    return read(path)


def read(path: Path) -> str:
    """Judge and read one file; return the code of what is said of it."""
    from pipeline.find import Source
    from pipeline.form import load_form
    from pipeline.read import read_workbook

    raw = read_workbook(Source(path.name, path), load_form(), path.parent)
    return raw.troubles[0].code if raw.troubles else ""


def in_a_child(call: Callable[[], str]) -> tuple[str, float, float]:
    """Run a call in a process of its own; return what it said, milliseconds and MiB."""
    out, into = os.pipe()
    since = time.perf_counter()
    child = os.fork()
    if not child:
        try:
            os.write(into, call().encode())
        finally:
            os._exit(0)
    os.close(into)
    with os.fdopen(out, "rb") as said:
        _, status, usage = os.wait4(child, 0)
        took = (time.perf_counter() - since) * 1000
        text = said.read().decode()
    code = os.waitstatus_to_exitcode(status)
    return text if code == 0 else f"died: {code}", took, usage.ru_maxrss / 1024


if __name__ == "__main__":
    main()
