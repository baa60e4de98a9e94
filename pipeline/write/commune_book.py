"""Write thong-ke.xlsx: all that one commune's figures say."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from pipeline.form import Form
from pipeline.statistics import CommuneBook
from pipeline.write.commune_checks import write_checks
from pipeline.write.commune_form import write_form
from pipeline.write.commune_tables import (
    hamlet_lines,
    write_activities,
    write_by_hamlet,
    write_employment,
    write_organisations,
)
from pipeline.write.findings_sheet import write_findings
from pipeline.write.machine_sheets import write_data, write_explanations
from pipeline.write.style import Book
from pipeline.write.tidy_table import tidy_rows


def write_commune_book(target: Path | BinaryIO, form: Form, book: CommuneBook, notes: Mapping[str, str],
                       titles: Mapping[str, str] | None = None) -> None:
    """Write the commune's workbook: nine sheets, counts only, the same bytes for the same arguments.

    notes: further keys and values of Thuyết minh; `parent_name` also names the receiving unit, and
    `confirmed.<unit_id>` (YYYY-MM) the period that a stale hamlet confirmed last, `received.<unit_id>` (YYYY-MM-DD) when the
    version that is counted was received, where the newest cannot be counted.
    titles: the title of each finding code, for Chất lượng; a code without one stands for itself.
    """
    unit = book.commune.unit
    out = Book(f"Thống kê {unit.full_name}, kỳ {book.edition.period}", book.edition.cutoff)
    rows = tidy_rows(book.edition, book.commune, form)
    write_form(out, form, book, notes)
    lines = hamlet_lines(book, notes)
    spots = [write_by_hamlet(out, form, book, lines), *write_employment(out, form, book, lines),
             write_organisations(out, form, book, lines), write_activities(out, form, book, lines)]
    write_checks(out, form, book, spots)
    write_findings(out, "Chất lượng", book.findings, {h.unit.unit_id: h.unit.name for h in book.hamlets}, titles or {})
    write_data(out, rows)
    hashes = [(receipt.file, receipt.sha256) for receipt in book.receipts if receipt.file]
    write_explanations(out, form, book.edition, book.commune, rows, hashes, notes)
    out.save(target)
