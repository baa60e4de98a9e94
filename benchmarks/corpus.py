"""Make the workbooks to measure on: a demo of invented communes, made once and kept until its sources change."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import time
import zipfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.demo.make import make_demo
from pipeline.register import read_register
from pipeline.units import REGISTER_FILE
from pipeline.write.register import write_register

HOME = Path(__file__).parent
CORPORA = HOME / "corpus"
PEOPLE = 30
"""People of a hamlet, on average."""
_SOURCES = ("pipeline/form/*.csv", "pipeline/demo/*.py", "pipeline/write/template*.py", "pipeline/write/register.py")


@dataclass(frozen=True)
class Corpus:
    """One inputs folder: `workbooks` counts the hamlets' own; each commune has one more."""

    folder: Path
    workbooks: int
    communes: int
    rows: int
    """People in all lists."""
    seconds: float
    """How long making took; 0 when it was there already."""

    def hamlet_files(self) -> list[Path]:
        """Return the hamlets' workbooks, sorted; what the peers read."""
        return sorted(path for path in self.folder.glob("*/*.xlsx") if path.stem.count("-") == 2)


def make_corpus(communes: int, hamlets: int, districts: int) -> Corpus:
    """Make the demo, or find it: one mistake for each hamlet workbook, as real ones have them."""
    count = communes * hamlets
    folder = CORPORA / f"{count}-{_digest(communes, hamlets, districts, PEOPLE)}"
    marker = folder.with_suffix(".done")
    since, made = time.perf_counter(), 0.0
    if not marker.is_file():
        for old in CORPORA.glob(f"{count}-*"):
            shutil.rmtree(old) if old.is_dir() else old.unlink()
        demo = make_demo(folder, communes=communes, hamlets=hamlets, people=PEOPLE, districts=districts, mistakes=count,
                         workers=os.cpu_count() or 1)
        marker.write_text(str(demo.people), encoding="ascii")
        made = time.perf_counter() - since
    return Corpus(folder, count, communes, int(marker.read_text(encoding="ascii")), made)


def multiply(corpus: Corpus, times: int) -> Corpus:
    """Make a province of a district: the same workbooks again and again under other unit codes, with other identity numbers.

    Making each would take hours. A hundredth of the numbers meets another's by chance: those people are found in two communes.
    """
    folder = CORPORA / f"{corpus.workbooks * times}-{corpus.folder.name}"
    marker = folder.with_suffix(".done")
    since = time.perf_counter()
    if not marker.is_file():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        _write_units(corpus.folder, folder, times)
        paths = sorted(path for path in corpus.folder.glob("*/*.xlsx"))
        with ProcessPoolExecutor() as pool:
            list(pool.map(_copy_as, [folder] * times, [paths] * times, range(times)))
        marker.write_text(str(corpus.rows * times), encoding="ascii")
    return Corpus(folder, corpus.workbooks * times, corpus.communes * times, corpus.rows * times, time.perf_counter() - since)


def _write_units(source: Path, target: Path, times: int) -> None:
    units = read_register(source).units
    write_register(target / REGISTER_FILE, [replace(unit, unit_id=_code(unit.unit_id, at), parent_id=_code(unit.parent_id, at))
                                            for at in range(times) for unit in units])


def _code(unit_id: str, at: int) -> str:
    return f"{unit_id[0]}{at:02d}{unit_id[1:]}" if unit_id else ""


def _copy_as(folder: Path, paths: list[Path], at: int) -> None:
    """Write all workbooks once more, with this copy's unit codes and identity numbers."""
    for path in paths:
        place = folder / f"{at:02d}-{path.parent.name}" / re.sub(r"X(?=[0-9]{3})", f"X{at:02d}", path.name)
        place.parent.mkdir(exist_ok=True)
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
            for one in old.infolist():
                part = old.read(one)
                if one.filename == "xl/sharedStrings.xml":
                    part = re.sub(rb">X(?=[0-9]{3}[-<])", b">X%02d" % at, part)
                    part = re.sub(rb">(000[0-9]{3})([0-9]{6})<",
                                  lambda found: b">%s%06d<" % (found[1], (int(found[2]) + 31_415 * at) % 1_000_000), part)
                new.writestr(one, part)


def lay_out(corpus: Corpus, target: Path) -> None:
    """Lay the corpus out a second time, as links to the same files, so that some can be changed."""
    shutil.copytree(corpus.folder, target, copy_function=os.link)


def change(folder: Path, count: int) -> None:
    """Give the first person of every so-manieth hamlet's workbook no work: `count` workbooks are saved again by openpyxl."""
    from openpyxl import load_workbook

    paths = sorted(path for path in folder.glob("*/*.xlsx") if path.stem.count("-") == 2)
    for path in paths[::max(1, len(paths) // count)][:count]:
        book = load_workbook(path)
        sheet = book["Danh sách"]
        header = next(cell for row in sheet.iter_rows(max_row=6) for cell in row if str(cell.value or "").startswith("Tình trạng việc làm"))
        sheet.cell(header.row + 1, header.column, "Chưa có việc làm")
        beside = path.with_suffix(".tmp")
        book.save(beside)
        beside.replace(path)


def _digest(*numbers: int) -> str:
    """Return a short hash of everything that the demo's workbooks come from."""
    root, whole = HOME.parent, hashlib.sha256(repr(numbers).encode())
    for path in sorted(found for pattern in _SOURCES for found in root.glob(pattern)):
        whole.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return whole.hexdigest()[:10]
