"""Word: turn a trouble met in a workbook into a finding that names file, sheet, cell and remedy."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.finding import Catalogue, Finding, Place
from pipeline.form import Column, Form
from pipeline.raw import Trouble
from pipeline.tidy.batch import Workbook
from pipeline.units import Unit


@dataclass(frozen=True)
class Speaker:
    """Words findings about workbooks; knows the form's headers and examples and the catalogue."""

    form: Form
    catalogue: Catalogue

    def place(self, book: Workbook, unit: Unit | None, commune: Unit | None, sheet: str = "", row: int = 0,
              column: str = "", letter: str = "") -> Place:
        """Return the place of a cell, named as the workbook's own sheets and columns are."""
        known = self.form.sheet.get(sheet)
        name = book.sheet_names.get(sheet) or (known.name if known else sheet)
        if sheet == "info" and column in book.info_cells:
            row, letter = book.info_cells[column]
        found = self.column(sheet, column)
        header = found.header if found else ""
        letter = letter or book.letters.get(sheet, {}).get(column, "")
        hamlet_id = unit.unit_id if unit and unit.level == "hamlet" else ""
        return Place(book.name, name, row, header, letter, commune.unit_id if commune else "", hamlet_id)

    def column(self, sheet: str, key: str) -> Column | None:
        """Return a column of the form, None when it has no such column."""
        known = self.form.sheet.get(sheet)
        return known.by_key.get(key) if known else None

    def say(self, code: str, book: Workbook, unit: Unit | None, commune: Unit | None, /, sheet: str = "", row: int = 0,
            column: str = "", letter: str = "", severity: str | None = None, **values: object) -> Finding:
        """Return the finding `code` about a workbook, a sheet or a cell of it."""
        found = self.column(sheet, column)
        spoken = {"example": found.example if found else "", **values}
        place = self.place(book, unit, commune, sheet, row, column, letter)
        return self.catalogue.say(code, place, severity, **spoken)

    def say_trouble(self, trouble: Trouble, book: Workbook, unit: Unit | None, commune: Unit | None) -> Finding:
        """Return the finding of a trouble met while reading or tidying."""
        return self.say(trouble.code, book, unit, commune, trouble.sheet, trouble.row, trouble.column, trouble.letter,
                        None, **dict(trouble.values))
