"""Measure the inner parts in one process: reading a workbook, Great Expectations by the row, writing a workbook.

python -m benchmarks.inside INPUTS prints one JSON object.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any
from xml.parsers import expat

from pipeline.collect import collect_batch
from pipeline.find import Source, find_workbooks
from pipeline.form import load_form
from pipeline.read import read_workbook
from pipeline.settings import Settings

SAMPLE, ROUNDS, WRITTEN = 60, 5, 30
SECRET = bytes(32)
TODAY = date(2026, 6, 1)
_NEEDED = ("xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml")


def time_workbook(sources: Sequence[Source]) -> dict[str, float]:
    """Return milliseconds per workbook (medians over rounds) for each way of reading it, least work first."""
    form = load_form()
    names = {form.sheet["info"].name, *(sheet.name for sheet in form.data_sheets("hamlet"))}
    ways: dict[str, Callable[[], object]] = {
        "inflate": lambda: [_inflate(source.path) for source in sources],
        "inflate and expat": lambda: [_parse(source.path) for source in sources],
        "python-calamine, the list": lambda: [_calamine(source.path, {form.sheet["people"].name}) for source in sources],
        "python-calamine, every sheet of ours": lambda: [_calamine(source.path, names) for source in sources],
        "ours, read_workbook": lambda: [read_workbook(source, form) for source in sources],
        "ours, read and tidied": lambda: collect_batch(sources, 0, SECRET),
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            taken[name].append(_seconds(way) * 1000 / len(sources))
    return {name: statistics.median(values) for name, values in taken.items()}


class _Enough(Exception):
    """Ends a run that has shown what it was run for."""


def time_run(inputs: Path) -> dict[str, dict[str, float]]:
    """Run up to the writing; return what Great Expectations costs on the merged list, and a commune's workbook."""
    from pipeline import judge
    from pipeline.run import run
    from pipeline.write import everything

    found: dict[str, dict[str, float]] = {}
    validate = judge.validate

    def watched(frame: Any, suite: Any, *rest: Any) -> Any:
        if suite["name"] == "people":
            row = statistics.median(_seconds(lambda: validate(frame, suite, *rest)) for _ in range(3)) * 1e6 / len(frame)
            rules = len(suite["expectations"])
            found["judging"] = {"rows": len(frame), "rules": rules, "us_per_row": row, "us_per_row_25_rules": row * 25 / rules}
        return validate(frame, suite, *rest)

    def write(tasks: Any, *_rest: Any) -> None:
        chosen = [task for task in tasks if task[0] is everything.write_commune][:WRITTEN]
        taken = [_seconds(lambda task=task: task[0](*task[1:])) for task in chosen]  # type: ignore[misc]
        found["writing"] = {"ms": statistics.median(taken) * 1000}
        raise _Enough

    judge.validate, everything.spread = watched, write
    with tempfile.TemporaryDirectory(dir=inputs.parent) as room, suppress(_Enough):
        run(Settings(inputs=inputs, outputs=Path(room, "outputs"), state=Path(room, "state")), TODAY)
    return found


def _seconds(work: Callable[[], object]) -> float:
    since = time.process_time()
    work()
    return time.process_time() - since


def _inflate(path: Path) -> list[bytes]:
    """Inflate what a reader must see: the sheets, the shared texts, the styles."""
    with zipfile.ZipFile(path) as archive:
        return [archive.read(name) for name in archive.namelist() if name in _NEEDED or name.startswith("xl/worksheets/sheet")]


def _parse(path: Path) -> None:
    for part in _inflate(path):
        expat.ParserCreate().Parse(part, True)


def _calamine(path: Path, names: set[str]) -> None:
    from python_calamine import CalamineWorkbook

    with CalamineWorkbook.from_path(path) as workbook:
        for name in workbook.sheet_names:
            if name in names:
                workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)


def main(inputs: Path) -> None:
    hamlets = [source for source in find_workbooks(inputs) if source.path.stem.count("-") == 2]
    spread = hamlets[:: max(1, len(hamlets) // SAMPLE)][:SAMPLE]
    print(json.dumps({"workbook": time_workbook(spread), **time_run(inputs)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
