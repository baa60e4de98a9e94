"""Measure the two inner parts in one process: reading a workbook, and Great Expectations by the row.

python -m benchmarks.reading INPUTS prints one JSON object.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from xml.parsers import expat

from pipeline.collect import Workers, collect
from pipeline.edition import choose_edition
from pipeline.find import Source, find_workbooks
from pipeline.form import load_form
from pipeline.read import read_workbook
from pipeline.register import read_register
from pipeline.settings import Settings
from pipeline.tidy.columns import Tidier
from pipeline.tidy.workbooks import tidy_batch

SAMPLE, ROUNDS = 60, 5
SECRET = bytes(32)
_NEEDED = ("xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml")


def time_workbook(sources: Sequence[Source]) -> dict[str, float]:
    """Return milliseconds per workbook (medians over rounds) for each way of reading it, least work first."""
    form, tidier = load_form(), Tidier(load_form())
    names = {form.sheet["info"].name, *(sheet.name for sheet in form.data_sheets("hamlet"))}

    def ours_tidied() -> None:
        tidy_batch([read_workbook(source, form) for source in sources], 0, form, tidier, SECRET)

    ways: dict[str, Callable[[], object]] = {
        "inflate": lambda: [_inflate(source.path) for source in sources],
        "inflate and expat": lambda: [_parse(source.path) for source in sources],
        "python-calamine, the list": lambda: [_calamine(source.path, {form.sheet["people"].name}) for source in sources],
        "python-calamine, every sheet of ours": lambda: [_calamine(source.path, names) for source in sources],
        "ours, read_workbook": lambda: [read_workbook(source, form) for source in sources],
        "ours, read and tidied": ours_tidied,
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            since = time.process_time()
            way()
            taken[name].append((time.process_time() - since) * 1000 / len(sources))
    return {name: statistics.median(values) for name, values in taken.items()}


def time_judging(inputs: Path) -> dict[str, float]:
    """Return what Great Expectations costs on the merged list: microseconds a row, for the suite and for 25 rules of it."""
    from pipeline.finding import load_catalogue
    from pipeline.merge import merge_tables
    from pipeline.place import place_workbooks
    from pipeline.tidy.helpers import help_people
    from pipeline.validate import load_suites, parameters_for, prepare, validate
    from pipeline.word import Speaker

    form, settings, workers = load_form(), Settings(inputs=inputs), Workers()
    collected = collect(find_workbooks(inputs), SECRET, workers, prepare)
    workers.close()
    edition = choose_edition(collected.workbooks, settings, date(2026, 6, 1), {})
    speaker = Speaker(form, load_catalogue(settings.expectations_folder / "messages.csv"))
    frames = merge_tables(collected, place_workbooks(collected.workbooks, read_register(inputs), edition, speaker).placed, form)
    people = help_people(frames["people"], frames["support"], edition)
    suite = load_suites(settings.expectations_folder, ("people",))["people"]
    taken = []
    for _ in range(3):
        since = time.process_time()
        validate(people, suite, parameters_for(form, edition))
        taken.append(time.process_time() - since)
    rules, row = len(suite["expectations"]), statistics.median(taken) * 1e6 / len(people)
    return {"rows": len(people), "rules": rules, "us_per_row": row, "us_per_row_25_rules": row * 25 / rules}


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
    print(json.dumps({"workbook": time_workbook(spread), "judging": time_judging(inputs)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
