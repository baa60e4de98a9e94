"""Small workbooks in code, and the stages from files to findings, for the tests of what is said about them."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from openpyxl import Workbook, load_workbook

from pipeline.collect import Collected, Job, collect, gather
from pipeline.demo.people import FAMILIES, GIVENS, identity_number
from pipeline.edition import choose_edition
from pipeline.find import Source, find_workbooks
from pipeline.finding import Catalogue, Finding, load_catalogue, order
from pipeline.form import Form, load_form
from pipeline.judge import Judged, drop_repeated, judge_tables
from pipeline.merge import merge_tables
from pipeline.place import Intake, place_workbooks
from pipeline.readers import Readers
from pipeline.register import read_register
from pipeline.secrets_file import secrets_folder
from pipeline.settings import Settings
from pipeline.statistics import Edition
from pipeline.units import REGISTER_FILE, Unit
from pipeline.validate import load_suites
from pipeline.word import Speaker
from pipeline.write.register import write_register
from pipeline.write.template import write_workbook

EXPECTATIONS = Path(__file__).parent.parent / "expectations"
FORM: Form = load_form()
CATALOGUE: Catalogue = load_catalogue(EXPECTATIONS / "messages.csv")
SPEAKER = Speaker(FORM, CATALOGUE)
SECRET = b"a secret for tests only, 32 byte"
PERIOD, CUTOFF, PREVIOUS = "2024-05", date(2024, 5, 6), date(2024, 4, 6)
FIRST_ROW = 5
"""Excel row of a data sheet's first entry: title, hint, keys and headers stand above."""
BIRTH = date(1985, 3, 17)

Row = dict[str, object]


def person(number: int, **cells: object) -> Row:
    """Return a generated man whom no rule has anything against; no two numbers below 700 share a name or an identity."""
    family, given = FAMILIES[number % len(FAMILIES)], GIVENS["M"][number // len(FAMILIES)]
    return {"full_name": f"{family} Văn Mẫu {given}", "birth": BIRTH, "sex": "Nam",
            "citizen_id": identity_number("M", BIRTH, number), "release_type": "Chấp hành xong án phạt tù",
            "release_date": date(2023, 9, 2), "return_date": date(2023, 9, 5),
            "employment_status": "Có việc làm ổn định", "occupation": "Thợ xây", "employment_updated": date(2024, 4, 1)} | cells


def act(whom: Row, **cells: object) -> Row:
    """Return an act of support in the period that no rule has anything against."""
    return {"person": whom["full_name"], "support_date": date(2024, 4, 15), "support_type": "Thăm hỏi, động viên",
            "org": "Công an xã"} | cells


def loan(whom: Row, **cells: object) -> Row:
    """Return a loan in the period that no rule has anything against."""
    return {"person": whom["full_name"], "loan_date": date(2024, 4, 10), "amount": 50_000_000} | cells


@dataclass
class Book:
    """One workbook in the making: a hamlet's with one person, or a commune's own with nothing in it."""

    profile: str
    info: dict[str, object]
    rows: dict[str, list[Row]] = field(default_factory=dict)
    nil: set[str] | None = None
    """Sheets ticked Không phát sinh; None ticks those without rows."""
    edit: Callable[[Workbook], None] | None = None
    """What somebody did to the finished workbook in Excel."""
    damage: Callable[[Path], None] | None = None
    """What befell the finished file."""

    def first(self, sheet: str = "people") -> Row:
        """Return the first row of a sheet."""
        return self.rows[sheet][0]

    def write(self, path: Path) -> None:
        """Write the workbook as the template command would, with its rows typed in."""
        path.parent.mkdir(parents=True, exist_ok=True)
        blank = {sheet.key for sheet in FORM.data_sheets(self.profile) if not self.rows.get(sheet.key)}
        write_workbook(path, FORM, self.profile, self.info, self.rows, blank if self.nil is None else self.nil, prepared_rows=3)
        if self.edit:
            edit_workbook(path, self.edit)
        if self.damage:
            self.damage(path)


def hamlet_book(unit: Unit, commune: Unit, number: int) -> Book:
    """Return the workbook of a hamlet with one person in it."""
    names = {"hamlet_id": unit.unit_id, "hamlet_name": unit.full_name}
    return Book("hamlet", {**names, **_shared(commune)}, {"people": [person(number)]})


def commune_book(commune: Unit) -> Book:
    """Return a commune's own workbook, without a row."""
    return Book("commune", _shared(commune))


def _shared(commune: Unit) -> dict[str, object]:
    return {"commune_id": commune.unit_id, "commune_name": commune.full_name, "period": PERIOD, "cutoff_date": CUTOFF}


def edit_workbook(path: Path, edit: Callable[[Workbook], None]) -> None:
    """Open a finished workbook, let `edit` change it, and save it."""
    book = load_workbook(path)
    edit(book)
    book.save(path)


def replace_part(path: Path, part: str, old: bytes, new: bytes) -> None:
    """Replace bytes in one part of a workbook's archive."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert old in parts[part]
    parts[part] = parts[part].replace(old, new)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


@dataclass(frozen=True)
class Taken:
    """What became of an inputs folder on the way from files to findings."""

    collected: Collected
    edition: Edition
    intake: Intake
    judged: Judged
    findings: tuple[Finding, ...]

    def of(self, file: str) -> list[Finding]:
        """Return the findings about files whose path begins so."""
        return [finding for finding in self.findings if finding.file.startswith(file)]


def settings_for(inputs: Path, **given: object) -> Settings:
    """Return the settings of a run over `inputs` for the tests' period, unless told otherwise."""
    told: dict[str, object] = {"period": PERIOD, "cutoff": CUTOFF, "previous_cutoff": PREVIOUS, **given}
    return Settings(inputs=inputs, outputs=inputs.parent / "outputs", state=inputs.parent / "state",
                    expectations=EXPECTATIONS, **told)  # type: ignore[arg-type]


def take_in(inputs: Path, known: Mapping[str, date] | None = None, sources: Sequence[Source] | None = None,
            **given: object) -> Taken:
    """Run the stages from files to findings, as a run does."""
    settings = settings_for(inputs, **given)
    jobs = [Job(number, source) for number, source in enumerate(find_workbooks(inputs) if sources is None else sources)]
    with secrets_folder() as private:
        collected = gather(collect(jobs, SECRET, Readers(isolated=False), private))
    edition = choose_edition(collected.workbooks, settings, date(2024, 5, 20), dict(known or {}))
    intake = place_workbooks(collected.workbooks, read_register(inputs), edition, SPEAKER)
    frames = merge_tables(collected, intake.placed, FORM)
    judged = judge_tables(frames, intake.placed, edition, load_suites(EXPECTATIONS), SPEAKER)
    return Taken(collected, edition, intake, judged, tuple(order(drop_repeated(intake.findings, judged.findings))))


def write_units(inputs: Path, units: Sequence[Unit]) -> None:
    """Write the register of an inputs folder."""
    inputs.mkdir(parents=True, exist_ok=True)
    write_register(inputs / REGISTER_FILE, units)
