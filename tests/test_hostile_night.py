"""One night over good workbooks and every kind of bad one: the good ones' figures are exact, each bad one is named, nothing leaks."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import hostile
import hostile_files  # noqa: F401 - registers its kinds
import hostile_sheets  # noqa: F401
import pytest
from intake import CUTOFF, PERIOD, hamlet_book, person, settings_for, write_units
from journey import rows_of, snapshot
from nights import TODAY

from pipeline.demo.make import make_demo
from pipeline.finding import Finding
from pipeline.night import spend
from pipeline.outcome import Outcome
from pipeline.register import read_register
from pipeline.units import Unit

COMMUNE = Unit("XAU", "commune", "Xã", "Sổ Xấu", "H01")
CODES = {"flags:error": "cell_error", "flags:uncached": "formula_without_value", "flags:formula": "formula_in_cell", "harmless": ""}
SPARSE = 1 << 30
needs_links = pytest.mark.skipif(os.name == "nt", reason="no pipes and few links here")


class Kind(NamedTuple):
    """One thing that may lie in inputs/: what must be said of it, and whether its figures count."""

    name: str
    """Of the file; {unit} is its unit's code."""
    make: Callable[[Path, bytes], object]
    code: str = ""
    counted: bool = False


def written(change: hostile.Maker = lambda good: good) -> Callable[[Path, bytes], object]:
    return lambda path, good: path.write_bytes(change(good))


def sparse(path: Path, _: bytes) -> None:
    with path.open("wb") as file:
        file.truncate(SPARSE)


def linked(path: Path, good: bytes) -> None:
    (path.parent.parent.parent / f"{path.stem}.that").write_bytes(good)
    path.symlink_to(path.parent.parent.parent / f"{path.stem}.that")


def folder(path: Path, good: bytes) -> None:
    path.mkdir()
    (path / "trong.xlsx").write_bytes(good)


def closed(path: Path, good: bytes) -> None:
    path.write_bytes(good)
    path.chmod(0)


def held(lock: str, days: int = 0) -> Callable[[Path, bytes], object]:
    def make(path: Path, good: bytes) -> None:
        path.write_bytes(good)
        beside = path.with_name(lock.format(name=path.name))
        beside.write_bytes(b"\x03lan".ljust(55, b" ") if lock.startswith("~$") else b"lan,may-1,may-1,01.05.2024 08:00,file:///x;")
        since = path.stat().st_mtime - days * 86_400
        os.utime(beside, (since, since))
    return make


FORMULA = next(one.make for one in hostile.KINDS if one.name == "formula")
CONTENT = [Kind(f"{{unit}}_{one.name}.xlsx", written(one.make), CODES.get(one.outcome, one.outcome.removeprefix("note:")),
                not one.outcome.startswith(("file_", "sheet_"))) for one in hostile.KINDS]
NAMES = [
    Kind("{unit}_  hai  dấu cách .xlsx", written(FORMULA), "formula_in_cell", True),
    Kind("{unit}_🙂 %s {{x}} $HOME `id` 'a' \"b\" & <c>; #?.xlsx", written(FORMULA), "formula_in_cell", True),
    Kind("{unit}_xuống\ndòng\tvà\rvề.xlsx", written(FORMULA), "formula_in_cell", True),
    Kind("{unit}_" + "dai" * 62 + ".xlsx", written(FORMULA), "formula_in_cell", True),
    Kind("=1+1 {unit}.xlsx", written(FORMULA), "formula_in_cell", True),
    Kind("+cmd|' {unit}.xlsx", written(FORMULA), "formula_in_cell", True),
    Kind("@SUM(A1) {unit}.XLSX", written(FORMULA), "formula_in_cell", True),
    Kind("-{unit}.xlsm", written(FORMULA), "formula_in_cell", True),
    Kind("{unit}.xlsx ", written()),
    Kind("{unit}_a.xls", written(), "file_unsupported"),
    Kind("{unit}_a.csv", written(), "file_unsupported"),
]
SYSTEM = [
    Kind("{unit}_thu-muc.xlsx", folder, "file_unreadable"),
    Kind("{unit}_loi-tat.xlsx", linked, "file_suspicious"),
    Kind("{unit}_loi-tat-gay.xlsx", lambda path, _: path.symlink_to("khong-co"), "file_suspicious"),
    Kind("{unit}_loi-tat-zero.xlsx", lambda path, _: path.symlink_to("/dev/zero"), "file_suspicious"),
    Kind("{unit}_vong", lambda path, _: path.symlink_to("..")),
    Kind("{unit}_ong.xlsx", lambda path, _: os.mkfifo(path), "file_unreadable"),
    Kind("{unit}_thua.xlsx", sparse, "file_too_large"),
    Kind("{unit}_rong.xlsx", lambda path, _: path.touch(), "file_truncated"),
    Kind("{unit}_khoa.xlsx", held("~${name}"), "file_open"),
    Kind("{unit}_khoa-2.xlsx", held(".~lock.{name}#"), "file_open"),
    Kind("{unit}_khoa-cu.xlsx", held("~${name}", days=9), "", True),
    Kind(".{unit}_an.xlsx", written()),
    Kind("~${unit}_mo-coi.xlsx", written()),
    Kind("{unit}_a.xlsx.tmp", written()),
    Kind("{unit}_a.xlsx.part", written()),
    Kind("{unit}.tmp", written()),
    Kind("Thumbs.db", written()),
]
if hasattr(os, "geteuid") and os.geteuid() != 0:
    SYSTEM.append(Kind("{unit}_dong.xlsx", closed, "file_unreadable"))
KINDS = [*CONTENT, *NAMES, *SYSTEM]


@dataclass
class Night:
    """What a good night and the night with everything bad left."""

    inputs: Path
    before: dict[str, list[dict[str, str]]]
    after: dict[str, list[dict[str, str]]]
    outcome: Outcome
    files: dict[str, str] = field(default_factory=dict)
    """Kind -> the file's name in findings."""

    def figures(self, unit_id: str) -> dict[str, str]:
        return {row["indicator"]: row["value"] for row in self.after["statistics"] if row["unit_id"] == unit_id}

    def of(self, name: str) -> list[Finding]:
        return [finding for finding in self.outcome.findings if finding.file == name]


def unit_of(number: int) -> Unit:
    return Unit(f"K{number:03}", "hamlet", "Thôn", f"Số {number}", COMMUNE.unit_id)


def good_bytes(number: int, at: Path) -> bytes:
    """Return the good workbook of a unit, with a person of its own."""
    hamlet_book(unit_of(number), COMMUNE, number).write(at)
    return at.read_bytes()


def tables(period: Path) -> dict[str, list[dict[str, str]]]:
    return {name: rows_of(period / f"{name}.csv") for name in ("statistics", "completeness", "findings")}


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    """Publish a demo's good workbooks; then drop every kind of bad one among them, and publish again with real workers."""
    root = tmp_path_factory.mktemp("night")
    inputs, bad = root / "inputs", root / "inputs" / "xau"
    make_demo(inputs, hamlets=4, people=6, seed=7, period=PERIOD, cutoff=CUTOFF)
    units = read_register(inputs).units
    write_units(inputs, [*units, COMMUNE, *(unit_of(number) for number in range(len(KINDS) + 1))])
    good_bytes(0, bad / "K000_tot.xlsx")
    settings = settings_for(inputs)
    assert spend(settings, TODAY, isolated=False).exit_code == 0
    before = tables(settings.outputs / PERIOD)
    files = {}
    for number, one in enumerate(KINDS, start=1):
        name = one.name.format(unit=unit_of(number).unit_id)
        one.make(bad / name, good_bytes(number, root / "good.xlsx"))
        files[one.name] = "xau/" + os.fsencode(name).decode("utf-8", "backslashreplace")
    (bad / "_can-sua").mkdir()
    (bad / "_can-sua" / "K000_tot.xlsx").write_bytes(good_bytes(0, root / "good.xlsx"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.collect.time", SimpleNamespace(sleep=lambda seconds: None))
        outcome = spend(settings, TODAY).outcome
    assert outcome is not None
    yield Night(inputs, before, tables(settings.outputs / PERIOD), outcome, files)
    sparse_ones = [path for path in bad.iterdir() if path.name.endswith("_thua.xlsx")]
    for path in sparse_ones:
        path.unlink()


@needs_links
def test_the_good_workbooks_figures_are_those_of_a_night_without_the_bad_ones(night: Night) -> None:
    def good(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        return [row for row in rows if row["unit_id"].startswith("X001") or row["unit_id"] == "K000"]

    assert len(good(night.before["statistics"])) > 300
    for table in ("statistics", "completeness"):
        assert good(night.after[table]) == good(night.before[table])
    assert [row for row in night.after["findings"] if row["hamlet_id"].startswith("X001")] == []


@needs_links
@pytest.mark.parametrize("one", KINDS, ids=lambda one: one.name.encode("ascii", "replace").decode())
def test_each_kind_is_named_or_read_right(night: Night, one: Kind) -> None:
    name = night.files[one.name]
    found = night.of(name)
    if one.code:
        assert one.code in {finding.code for finding in found}
    elif one.counted:
        assert found == []
    if one.counted:
        unit_id = unit_of(KINDS.index(one) + 1).unit_id
        assert night.figures(unit_id) == night.figures("K000")
        assert not [finding for finding in found if finding.severity == "critical"]
    elif one.code:
        assert {finding.severity for finding in found} == {"critical"}


@needs_links
def test_what_cannot_be_counted_has_no_figure_and_is_said_to_be_blocked(night: Night) -> None:
    statuses = {row["unit_id"]: row["status"] for row in night.after["completeness"]}
    for number, one in enumerate(KINDS, start=1):
        unit_id = unit_of(number).unit_id
        if not one.counted:
            assert set(night.figures(unit_id).values()) == {""}, one.name
        placed = one.code and unit_id in one.name.format(unit=unit_id).rsplit(".", 1)[0].split("_")
        assert statuses[unit_id] == ("reported" if one.counted else "blocked" if placed else "missing"), one.name


@needs_links
def test_only_the_bad_ones_are_found_fault_with(night: Night) -> None:
    named = {finding.file for finding in night.outcome.findings if finding.code not in ("unit_not_reported", "total_jump", "employed_jump")}
    assert named == {night.files[one.name] for one in KINDS if one.code}


@needs_links
def test_nothing_personal_is_said_and_no_error_of_ours(night: Night) -> None:
    root = night.inputs.parent
    names = {str(person(number)[key]) for number in range(len(KINDS) + 1) for key in ("full_name", "citizen_id")}
    told = {**snapshot(root / "outputs"), **snapshot(root / "state" / "log"), **snapshot(root / "state" / "nhat-ky")}
    assert len(told) > 5
    for name, data in told.items():
        text = data.decode("utf-8", "replace")
        assert not re.search("Traceback|lỗi bên trong|reader_failed", text), name
        assert not [one for one in names if one in text], name


@needs_links
def test_the_night_after_has_nothing_to_do(night: Night) -> None:
    settings = settings_for(night.inputs)
    told, before = spend(settings, TODAY), snapshot(settings.outputs)
    assert told.outcome is None
    assert told.exit_code == 1
    assert snapshot(settings.outputs) == before
