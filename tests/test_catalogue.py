"""Every finding of the catalogue is raised by its mistake alone, on the cell that holds it, with its severity.

Each mistake is made in a workbook of its own; all workbooks go through the stages together, as they do in a run.
"""

from __future__ import annotations

import json
import re
import shutil
import struct
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

import hostile_files  # noqa: F401 - registers its kinds
import hostile_sheets  # noqa: F401 - likewise
import numpy as np
import pytest
from hostile import KINDS, PEOPLE
from intake import (
    BIRTH,
    CATALOGUE,
    CUTOFF,
    EXPECTATIONS,
    FORM,
    PERIOD,
    PREVIOUS,
    SPEAKER,
    Book,
    Taken,
    act,
    commune_book,
    edit_workbook,
    hamlet_book,
    loan,
    person,
    replace_part,
    settings_for,
    take_in,
    write_units,
)
from journey import run
from openpyxl import Workbook

from pipeline.fault import Fault
from pipeline.finding import Finding
from pipeline.place import place_workbooks
from pipeline.prove import SUITE, prove
from pipeline.rollup import Statistics
from pipeline.statistics import Edition
from pipeline.tidy.batch import Workbook as BookFacts
from pipeline.tidy.dates import to_days
from pipeline.units import Unit, build_register
from pipeline.validate import load_suites

BOOK_CODES = {code for code in CATALOGUE.wordings if code.startswith("book_") or code == "commune_twice"}
"""Findings about communes' statistics workbooks: raised where those are consolidated, tested there."""
NIGHT_CODES = {"file_changing", "reader_failed", "last_accepted"}
"""Findings that no single file can raise: tested in test_night.py."""
TEXT_CODES = {"orgs_unnamed", "orgs_unclear", "birth_both_columns"}
"""Findings about columns that only other forms than ours have: tested with the parsers of such columns."""
CONDITIONAL = "Tha tù trước thời hạn có điều kiện"
MASS_ORGS = ("women", "youth", "veterans", "elderly")

Spoil = Callable[[Book], None]


class Case(NamedTuple):
    """One mistake: the finding, where it stands ("Sheet!Cell", "Sheet", or nothing for the file), how it is made."""

    code: str
    where: str
    spoil: Spoil
    also: tuple[str, ...] = ()
    """What the mistake unavoidably brings besides, as "code where"."""
    profile: str = "hamlet"
    name: str = ""
    """The file's name where it matters; else the unit's."""
    times: int = 1


def cells(**values: object) -> Spoil:
    """Type these cells into the person's row."""
    return lambda book: book.first().update(values)


def support(**values: object) -> Spoil:
    """Add an act of support for the person, with these cells."""
    return lambda book: book.rows.update(support=[act(book.first(), **values)])


def lend(**values: object) -> Spoil:
    """Add a loan to the person, with these cells."""
    return lambda book: book.rows.update(loans=[loan(book.first(), **values)])


def one_row(sheet: str, **values: object) -> Spoil:
    """Add a row to a sheet."""
    return lambda book: book.rows.update({sheet: [values]})


def info(**values: object) -> Spoil:
    """Type these values into Thông tin."""
    return lambda book: book.info.update(values)


def nil(*sheets: str) -> Spoil:
    """Tick exactly these sheets as Không phát sinh."""
    return lambda book: setattr(book, "nil", set(sheets))


def edit(change: Callable[[Workbook], None]) -> Spoil:
    """Change the finished workbook as in Excel."""
    return lambda book: setattr(book, "edit", change)


def damage(harm: Callable[[Path], object]) -> Spoil:
    """Harm the finished file."""
    return lambda book: setattr(book, "damage", harm)


def both(*spoils: Spoil) -> Spoil:
    """Make one change after another."""
    def spoil(book: Book) -> None:
        for one in spoils:
            one(book)
    return spoil


def type_into(sheet: str, **typed: object) -> Spoil:
    """Put values into cells by their addresses."""
    def change(book: Workbook) -> None:
        for address, value in typed.items():
            book[sheet][address] = value
    return edit(change)


def type_as(sheet: str, number_format: str, **typed: object) -> Spoil:
    """Put values into cells by their addresses, and give those cells a number format."""
    def change(book: Workbook) -> None:
        for address, value in typed.items():
            book[sheet][address] = value
            book[sheet][address].number_format = number_format
    return edit(change)


def drop_sheet(name: str) -> Spoil:
    """Delete a sheet."""
    return edit(lambda book: book.remove(book[name]))


def add_sheet(name: str) -> Spoil:
    """Add a sheet at the end."""
    def change(book: Workbook) -> None:
        book.create_sheet(name)
    return edit(change)


def twice(sheet: str, **values: object) -> Spoil:
    """Write the sheet's first row a second time, with these cells instead."""
    return lambda book: book.rows[sheet].append({**book.first(sheet), **values})


def copy_as(period: str = "", **values: object) -> Callable[[Path], None]:
    """Put a second workbook of the unit beside the first: the same, or with other cells or another period."""
    def harm(path: Path) -> None:
        beside = path.with_name(f"{path.stem}-2.xlsx")
        shutil.copy(path, beside)
        if period or values:
            edit_workbook(beside, lambda book: (book["Thông tin"].__setitem__("B7", period or PERIOD),
                                                *(book["Danh sách"].__setitem__(at, value) for at, value in values.items())))
    return harm


def lock(path: Path) -> None:
    """Replace the file with the container that Excel puts around an encrypted workbook, here without content."""
    end, free, fat = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
    head = struct.pack("<8s16xHHHHH6xIIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6,
                       0, 1, 1, 0, 4096, end, 0, end, 0, 0)
    table = struct.pack("<128I", fat, end, *[free] * 126)

    def entry(name: str, kind: int, child: int) -> bytes:
        text = f"{name}\0".encode("utf-16-le")
        return struct.pack("<64sHBBIII36xIQ", text, len(text), kind, 1, free, free, child, end, 0)
    directory = entry("Root Entry", 5, 1) + entry("EncryptedPackage", 2, free) + bytes(256)
    path.write_bytes(head + struct.pack("<108I", *[free] * 108) + table + directory)


def strange(path: Path) -> None:
    """Replace the file with somebody's own workbook."""
    book = Workbook()
    book.active.title = "Ghi chép"
    book.active["A1"] = "Sổ khác"
    book.save(path)


def ruin(kind: str) -> Spoil:
    """Harm the finished file as one of the kinds of bad input."""
    make = next(one.make for one in KINDS if one.name == kind)
    return damage(lambda path: path.write_bytes(make(path.read_bytes())))


def calculate(path: Path) -> None:
    """Put a formula with its result into an entry cell."""
    with zipfile.ZipFile(path) as archive:
        cell = re.search(rb'<c r="B5"( s="\d+")/>', archive.read(PEOPLE))
    assert cell
    replace_part(path, PEOPLE, cell[0], b'<c r="B5"%s t="str"><f>"HS"&amp;"1"</f><v>HS1</v></c>' % cell[1])


MODEL: dict[str, object] = {"name": "Tổ tự quản", "model_type": "Câu lạc bộ", "founded_on": date(2022, 1, 15)}
TALK: dict[str, object] = {"date": date(2024, 4, 15), "channel": "Sinh hoạt chi bộ", "sessions": 1}
WEEKLY: dict[str, object] = {"from": date(2024, 4, 10), "per_week": 2, "channel": "Loa truyền thanh"}
FUND: dict[str, object] = {"date": date(2024, 4, 10), "source": "Quỹ", "kind": "Đã chi", "amount": 5_000_000}

CASES = (
    Case("file_unreadable", "", damage(lambda path: (path.unlink(), path.mkdir()))),
    Case("file_unreadable", "", damage(lambda path: replace_part(path, PEOPLE, b"<sheetData>", b"<sheetData"))),
    Case("file_truncated", "", damage(lambda path: path.write_bytes(b""))),
    Case("file_truncated", "", damage(lambda path: path.write_bytes(path.read_bytes()[:9000]))),
    Case("file_open", "", damage(lambda path: path.with_name(f"~${path.name}").write_bytes(b"\x05Thu H".ljust(165, b" ")))),
    Case("file_damaged", "", ruin("bit_rot_in_strings")),
    Case("file_suspicious", "", ruin("part_twice")),
    Case("file_too_large", "", ruin("stray_cell")),
    Case("sheet_twice", "", ruin("two_sheets_one_part")),
    Case("external_links", "", ruin("connection")),
    Case("macros", "", ruin("macros")),
    Case("dde_link", "", ruin("dde_part"), also=("external_links",)),
    Case("drop_downs_changed", "", ruin("drop_downs_removed")),
    Case("cell_error", "Danh sách!B5", type_into("Danh sách", B5="#REF!")),
    Case("formula_without_value", "Danh sách!B5", type_into("Danh sách", B5="=1+1")),
    Case("formula_in_cell", "Danh sách!B5", damage(calculate)),
    Case("cells_not_listed", "Danh sách", type_into("Danh sách", **{f"B{row}": "#N/A" for row in range(5, 256)}),
         also=tuple(f"cell_error Danh sách!B{row}" for row in range(5, 205))),
    Case("file_protected", "", damage(lock)),
    Case("file_unsupported", "", lambda book: None, name="so_{unit}_cu.xls"),
    Case("file_not_ours", "", damage(strange), name="ghi-chep.xlsx"),
    Case("sheet_missing_key", "Danh sách", drop_sheet("Danh sách")),
    Case("sheet_missing_key", "Thông tin", drop_sheet("Thông tin"), also=("unit_missing Thông tin",)),
    Case("sheet_missing", "Vay vốn", both(nil("support", "outreach"), drop_sheet("Vay vốn"))),
    Case("sheet_ambiguous", "Vay vốn", add_sheet("VAY VON")),
    Case("header_not_found", "Hỗ trợ", type_into("Hỗ trợ", **dict.fromkeys([f"{c}{r}" for c in "ABCDEFG" for r in (3, 4)]))),
    Case("column_missing_key", "Hỗ trợ", type_into("Hỗ trợ", B3=None, B4=None)),
    Case("column_missing_key", "Danh sách", type_into("Danh sách", C3=None, C4=None, C5=None)),
    Case("column_missing", "Danh sách", type_into("Danh sách", E3=None, E4=None, E5=None)),
    Case("column_unknown", "Danh sách!AA4", type_into("Danh sách", AA4="Số điện thoại")),
    Case("column_unknown", "Danh sách!AA4", type_into("Danh sách", AA5="có chữ mà không có tiêu đề")),
    Case("column_ambiguous", "Hỗ trợ!H4", type_into("Hỗ trợ", H4="Ngày giúp đỡ")),
    Case("header_differs", "Hỗ trợ!C4", type_into("Hỗ trợ", C4="Hôm nào")),
    Case("template_differs", "Thông tin", damage(lambda path: replace_part(path, "docProps/custom.xml", b"2026.1", b"2025.1"))),
    Case("unit_missing", "Thông tin!B3", info(hamlet_id=None)),
    Case("unit_unknown", "Thông tin!B3", info(hamlet_id="KT-9999")),
    Case("unit_unknown", "Thông tin!B3", info(hamlet_id="KT")),
    Case("unit_conflict", "Thông tin!B4", info(hamlet_name="Thôn Số 1")),
    Case("unit_name_differs", "Thông tin!B4", info(hamlet_name="Thôn Không Tên")),
    Case("commune_differs", "Thông tin!B5", info(commune_id="KT-X")),
    Case("unit_outside", "", lambda book: None, name="{ended}"),
    Case("period_unreadable", "Thông tin!B7", info(period=None)),
    Case("period_earlier", "Thông tin!B7", info(period="2024-04")),
    Case("period_later", "Thông tin!B7", info(period="2024-06")),
    Case("cutoff_unreadable", "Thông tin!B8", info(cutoff_date="cuối tháng")),
    Case("cutoff_differs", "Thông tin!B8", info(cutoff_date=date(2024, 5, 14))),
    Case("two_workbooks", "", damage(copy_as(C5="Người Được Ghi Khác")), times=2),
    Case("same_workbook_twice", "", damage(copy_as())),
    Case("workbook_superseded", "", damage(copy_as(period="2024-04"))),
    Case("people_empty", "Danh sách", both(lambda book: book.rows.clear(), nil("support", "loans", "outreach"))),
    Case("sheet_empty", "Hỗ trợ", nil("loans", "outreach")),
    Case("nil_with_rows", "Hỗ trợ", both(support(), nil("support", "loans", "outreach"))),
    Case("date_unreadable", "Danh sách!M5", cells(employment_updated="hôm qua")),
    Case("date_month_first", "Danh sách!M5", cells(employment_updated="03/13/2024")),
    Case("date_incomplete", "Danh sách!V5", cells(expunge_review_date="12/2026")),
    Case("date_incomplete", "Danh sách!V5", cells(expunge_review_date="năm 2026")),
    Case("date_short_year", "Danh sách!J5", cells(return_date="05/9/23")),
    Case("date_lunar", "Danh sách!V5", cells(expunge_review_date="15/8/2026 âm lịch")),
    Case("code_unknown", "Danh sách!K5", cells(employment_status="bình thường")),
    Case("code_unknown", "Danh sách!Y5", cells(end_date=date(2024, 4, 20), end_reason="lí do riêng")),
    Case("tick_unclear", "Danh sách!O5", cells(org_women="thỉnh thoảng")),
    Case("number_unreadable", "Hỗ trợ!F5", support(amount="ba trăm")),
    Case("number_negative", "Hỗ trợ!F5", support(amount=-5)),
    Case("number_not_whole", "Tuyên truyền!G5", one_row("outreach", **TALK, participants=2.5)),
    Case("citizen_id_unreadable", "Danh sách!F5", cells(citizen_id="00008512345")),
    # A number cell keeps at most two leading zeros lost, so this one alone cannot begin with the reserved 000.
    Case("citizen_id_padded", "Danh sách!F5", type_into("Danh sách", F5=1_085_000_000)),
    Case("citizen_id_old", "Danh sách!F5", cells(citizen_id="000123456")),
    Case("name_missing", "Danh sách!C5", cells(full_name=None)),
    Case("start_unknown", "Danh sách!H5", cells(release_date=None, return_date=None)),
    Case("start_unknown", "Danh sách!H5", cells(release_date="chưa rõ", return_date="chưa rõ"),
         also=("date_unreadable Danh sách!J5",)),
    Case("release_date_missing", "Danh sách!H5", cells(release_date=None)),
    Case("return_date_missing", "Danh sách!J5", cells(return_date=None)),
    Case("probation_end_missing", "Danh sách!I5", cells(release_type=CONDITIONAL)),
    Case("probation_end_missing", "Danh sách!I5", cells(release_type=CONDITIONAL, probation_end_date="chưa rõ")),
    Case("probation_not_conditional", "Danh sách!I5", cells(probation_end_date=date(2025, 1, 1))),
    Case("end_before_start", "Danh sách!X5", cells(end_date=date(2023, 9, 1), end_reason="Khác")),
    Case("date_impossible", "Danh sách!J5", cells(return_date=date(2050, 1, 1))),
    Case("date_impossible", "Danh sách!H5", cells(release_date="02/09/1929", birth="1900", citizen_id=None)),
    Case("person_duplicate", "Danh sách!C6", twice("people", return_date=date(2023, 9, 4))),
    Case("person_similar", "Danh sách!C6", both(cells(birth="1985", citizen_id=None),
                                                twice("people", release_date=date(2020, 1, 1), return_date=date(2020, 1, 2)))),
    Case("birth_missing", "Danh sách!D5", cells(birth=None)),
    Case("birth_impossible", "Danh sách!D5", cells(birth="1899", citizen_id=None)),
    Case("birth_too_late", "Danh sách!D5", cells(birth="20/10/2015", citizen_id=None)),
    Case("sex_missing", "Danh sách!E5", cells(sex=None)),
    Case("release_type_missing", "Danh sách!G5", cells(release_type=None)),
    Case("return_before_release", "Danh sách!J5", cells(return_date=date(2023, 8, 1))),
    Case("employment_missing", "Danh sách!K5", cells(employment_status=None, occupation=None)),
    Case("occupation_missing", "Danh sách!L5", cells(occupation=None)),
    Case("occupation_without_work", "Danh sách!L5", cells(employment_status="Chưa có việc làm")),
    Case("employment_updated_late", "Danh sách!M5", cells(employment_updated=date(2024, 5, 20))),
    Case("end_reason_missing", "Danh sách!Y5", cells(end_date=date(2024, 4, 20))),
    Case("end_date_missing", "Danh sách!X5", cells(end_reason="Khác")),
    Case("reoffend_date_missing", "Danh sách!W5", cells(end_date=date(2024, 4, 20), end_reason="Phạm tội mới")),
    Case("reoffend_date_late", "Danh sách!W5", cells(reoffend_date=date(2024, 5, 20))),
    Case("citizen_id_mismatch", "Danh sách!F5", cells(sex="Nữ")),
    Case("citizen_id_mismatch", "Danh sách!F5", cells(birth="17/3/1986")),
    Case("note_contradicts", "Danh sách!Z5", cells(note="tháng trước đã chuyển đi nơi khác")),
    Case("expunge_overdue", "Danh sách!V5", cells(expunge_review_date=date(2023, 9, 2))),
    Case("tick_without_support", "Danh sách!O5", both(cells(org_women="x"), support())),
    Case("support_without_tick", "Danh sách!O5", support(org="Hội Liên hiệp Phụ nữ")),
    Case("person_missing", "Hỗ trợ!B5", support(person=None)),
    Case("person_missing", "Vay vốn!B5", lend(person=None)),
    Case("person_unknown", "Hỗ trợ!B5", support(person="Ai Đó Không Quen")),
    Case("person_unknown", "Vay vốn!B5", lambda book: lend(person=f"{book.first()['full_name']}g")(book)),
    Case("person_ambiguous", "Hỗ trợ!B5", both(twice("people", birth="1970", citizen_id=None), support())),
    Case("person_ambiguous", "Vay vốn!B5", both(twice("people", birth="1970", citizen_id=None), lend())),
    Case("person_set_aside", "Hỗ trợ!B5", both(support(), cells(release_date=None, return_date=None)),
         also=("start_unknown Danh sách!H5",)),
    Case("person_set_aside", "Vay vốn!B5", both(lend(), cells(release_date=None, return_date=None)),
         also=("start_unknown Danh sách!H5",)),
    Case("person_not_managed", "Hỗ trợ!C5", both(support(), cells(end_date=date(2024, 4, 12), end_reason="Khác"))),
    Case("person_not_managed", "Vay vốn!C5", both(lend(loan_date=date(2024, 4, 20)),
                                                    cells(end_date=date(2024, 4, 12), end_reason="Khác"))),
    Case("event_date_missing", "Hỗ trợ!C5", support(support_date=None)),
    Case("event_date_missing", "Vay vốn!C5", lend(loan_date="chưa rõ")),
    Case("event_date_missing", "Tuyên truyền!A5", one_row("outreach", channel="Tờ rơi, pano", sessions=1)),
    Case("event_date_missing", "Kinh phí!A5", one_row("funds", **{**FUND, "date": None}), profile="commune"),
    Case("date_impossible", "Hỗ trợ!C5", support(support_date=date(1924, 4, 15))),
    Case("date_impossible", "Vay vốn!C5", lend(loan_date=date(1924, 4, 15))),
    Case("date_impossible", "Tuyên truyền!A5", one_row("outreach", **{**TALK, "date": date(1924, 4, 15)})),
    Case("date_impossible", "Tuyên truyền!C5", one_row("outreach", **WEEKLY, to=date(2224, 4, 15))),
    Case("date_impossible", "Mô hình!D5", one_row("models", **{**MODEL, "founded_on": date(1924, 4, 15)}), profile="commune"),
    Case("date_impossible", "Kinh phí!A5", one_row("funds", **{**FUND, "date": date(1924, 4, 15)}), profile="commune"),
    Case("support_type_missing", "Hỗ trợ!D5", support(support_type=None)),
    Case("support_type_missing", "Hỗ trợ!D5", support(support_type="khao thưởng")),
    Case("org_missing", "Hỗ trợ!E5", support(org=None)),
    Case("code_unknown", "Hỗ trợ!E5", support(org="Câu lạc bộ thơ")),
    Case("amount_missing", "Vay vốn!D5", lend(amount=None)),
    Case("amount_missing", "Vay vốn!D5", lend(amount="năm mươi")),
    Case("amount_missing", "Kinh phí!E5", one_row("funds", **{**FUND, "amount": None}), profile="commune"),
    Case("loan_too_late", "Vay vốn!C5", both(cells(release_date=date(2018, 9, 2), return_date=date(2018, 9, 5)), lend())),
    Case("loan_over_limit", "Vay vốn!D5", lend(amount=150_000_000)),
    Case("loan_on_probation", "Vay vốn!C5", both(cells(release_type=CONDITIONAL, probation_end_date=date(2025, 1, 1)), lend()),
         also=("person_not_managed Vay vốn!C5",)),
    Case("loan_settled_before", "Vay vốn!H5", lend(settled_on=date(2024, 4, 1))),
    Case("model_name_missing", "Mô hình!B5", one_row("models", **{**MODEL, "name": None}), profile="commune"),
    Case("model_type_missing", "Mô hình!C5", one_row("models", **{**MODEL, "model_type": None}), profile="commune"),
    Case("model_type_missing", "Mô hình!C5", one_row("models", **{**MODEL, "model_type": "kiểu mới"}), profile="commune"),
    Case("model_founded_missing", "Mô hình!D5", one_row("models", **{**MODEL, "founded_on": None}), profile="commune"),
    Case("model_ended_before", "Mô hình!F5", one_row("models", **MODEL, ended_on=date(2021, 1, 1)), profile="commune"),
    Case("model_repeated", "Mô hình!A5", both(one_row("models", **MODEL, model_id="MH-01"), twice("models", name="Tổ khác")),
         also=("model_repeated Mô hình!A6",), profile="commune"),
    Case("schedule_backwards", "Tuyên truyền!C5", one_row("outreach", **WEEKLY, to=date(2024, 4, 1))),
    Case("per_week_missing", "Tuyên truyền!D5", one_row("outreach", **{**WEEKLY, "per_week": None})),
    Case("per_week_missing", "Tuyên truyền!D5", one_row("outreach", **{**WEEKLY, "per_week": "nhiều"})),
    Case("sessions_assumed", "Tuyên truyền!F5", one_row("outreach", **{**TALK, "sessions": None})),
    Case("channel_missing", "Tuyên truyền!E5", one_row("outreach", **{**TALK, "channel": None})),
    Case("outreach_both", "Tuyên truyền!B5", one_row("outreach", **{**WEEKLY, **TALK})),
    Case("fund_kind_missing", "Kinh phí!C5", one_row("funds", **{**FUND, "kind": None}), profile="commune"),
    Case("fund_kind_missing", "Kinh phí!C5", one_row("funds", **{**FUND, "kind": "để dành"}), profile="commune"),
    Case("fund_source_missing", "Kinh phí!B5", one_row("funds", **{**FUND, "source": None}), profile="commune"),
    Case("value_understood", "Danh sách!K5", cells(employment_status="Khg", occupation=None)),
    Case("value_understood", "Danh sách!L5", cells(occupation="Công nhân công ty may ở xa")),
    Case("value_understood", "Danh sách!O5", cells(org_women="Khg")),
    Case("date_from_number", "Danh sách!M5", type_as("Danh sách", "General", M5=45383)),
    Case("date_year_in_cell", "Danh sách!D5", type_as("Danh sách", "dd/mm/yyyy", D5=1985)),
    Case("date_swapped", "Danh sách!J5", cells(return_date=date(2024, 6, 4))),
    Case("dates_swapped", "Tuyên truyền!A5", lambda book: book.rows.update(outreach=[
        {**TALK, "date": day} for day in (date(2024, 4, 9), date(2024, 4, 10), date(2024, 4, 11), "15/4/2024", "16/4/2024", "17/4/2024")])),
    Case("amounts_small", "Vay vốn!D5", lend(amount=50)),
    Case("date_unreadable", "Danh sách!M5", cells(employment_updated="01-03/4/2024")),
)
FROM_RELEASE = (
    Case("probation_end_expected", "Danh sách!I5", cells(release_type=CONDITIONAL)),
    Case("loan_on_probation", "Vay vốn!C5", both(cells(release_type=CONDITIONAL, probation_end_date=date(2025, 1, 1)), lend())),
)
"""Mistakes under the policy from_release."""


def folder_of(at: int) -> str:
    return f"{at:03d}/"


def write_cases(inputs: Path, cases: tuple[Case, ...]) -> None:
    """Write the workbook of every mistake into a folder of its own, and the register of all units."""
    commune = Unit("KT", "commune", "Xã", "Kiểm Tra")
    units = [commune, Unit("KT-X", "commune", "Xã", "Khác")]
    for at, case in enumerate(cases):
        number = at + 1
        if case.profile == "hamlet":
            ended = date(2023, 12, 31) if "{ended}" in case.name else None
            unit = Unit(f"KT-{number:03d}", "hamlet", "Thôn", f"Số {number}", "KT", None, ended)
            book = hamlet_book(unit, commune, number)
        else:
            unit = Unit(f"X-{number:03d}", "commune", "Xã", f"Riêng {number}")
            book = commune_book(unit)
        units.append(unit)
        case.spoil(book)
        named = "" if "{ended}" in case.name else case.name.format(unit=unit.unit_id)
        book.write(inputs / folder_of(at) / (named or f"THNCD_{unit.unit_id}_{PERIOD}.xlsx"))
    write_units(inputs, units)


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Taken:
    """All mistakes, through the stages in one run."""
    inputs = tmp_path_factory.mktemp("mistakes") / "inputs"
    write_cases(inputs, CASES)
    return take_in(inputs)


@pytest.fixture(scope="module")
def from_release(tmp_path_factory: pytest.TempPathFactory) -> Taken:
    """The mistakes that the other policy knows."""
    inputs = tmp_path_factory.mktemp("policy") / "inputs"
    write_cases(inputs, FROM_RELEASE)
    return take_in(inputs, conditional_release_policy="from_release")


def said(finding: Finding) -> str:
    return f"{finding.code} {finding.sheet}{'!' if finding.cell else ''}{finding.cell}".rstrip()


def check(case: Case, found: list[Finding]) -> None:
    wanted = [f"{case.code} {case.where}".rstrip()] * case.times + list(case.also)
    assert sorted(said(finding) for finding in found) == sorted(wanted)
    for finding in found:
        assert finding.severity == CATALOGUE.wordings[finding.code].severity


def names_of(cases: tuple[Case, ...]) -> list[str]:
    return [f"{case.code} {case.where}".rstrip() for case in cases]


@pytest.mark.parametrize("at", range(len(CASES)), ids=names_of(CASES))
def test_a_mistake_raises_its_finding_alone_on_its_cell(taken: Taken, at: int) -> None:
    check(CASES[at], taken.of(folder_of(at)))


@pytest.mark.parametrize("at", range(len(FROM_RELEASE)), ids=names_of(FROM_RELEASE))
def test_a_mistake_under_from_release_raises_its_finding_alone(from_release: Taken, at: int) -> None:
    check(FROM_RELEASE[at], from_release.of(folder_of(at)))


def test_a_hamlet_without_a_workbook_is_reported_missing(tmp_path: Path) -> None:
    inputs = tmp_path / "inputs"
    commune = Unit("KT", "commune", "Xã", "Kiểm Tra")
    here, gone = (Unit(f"KT-{at:02d}", "hamlet", "Thôn", f"Số {at}", "KT") for at in (1, 2))
    write_units(inputs, [commune, here, gone])
    hamlet_book(here, commune, 1).write(inputs / "THNCD_KT-01_2024-05.xlsx")
    outcome = run(settings_for(inputs), date(2024, 5, 20))
    assert [(f.code, f.severity, f.commune_id, f.hamlet_id) for f in outcome.findings] == [
        ("unit_not_reported", "warning", "KT", "KT-02")]
    assert outcome.findings[0].message.startswith("Thôn Số 2 chưa nộp sổ")
    assert {receipt.unit_id: receipt.status for receipt in outcome.receipts} == {"KT-01": "reported", "KT-02": "missing"}


# The laws of the finished figures: spoiled by hand, because the stages keep them.

HAMLET, COMMUNE, DISTRICT = (Unit("KT-01", "hamlet", "Thôn", "Số 1", "KT"), Unit("KT", "commune", "Xã", "Kiểm Tra", "TY"),
                             Unit("TY", "district", "Huyện", "Thử"))
LAWFUL = {"total": 10, "total_served": 10, "opening": 10, "employed": 6, "employed_stable": 6, "unemployed": 4, "occ_mason": 6,
          "org_women": 3, "org_youth": 2, "org_any": 4, "female": 2}
"""Figures that keep every law."""


def figures(unit: Unit, parent_id: str = "", **spoiled: float) -> tuple[Unit, str, np.ndarray]:
    values = {one.key: 0.0 for one in FORM.indicators} | LAWFUL | spoiled
    return unit, parent_id, np.array([values[one.key] for one in FORM.indicators])


def laid(*rows: tuple[Unit, str, np.ndarray]) -> Statistics:
    statistics = Statistics(FORM)
    for unit, parent_id, values in rows:
        statistics.add(unit, parent_id, "reported", values, (1, 1, 1), (1, 1, 1), (1, 0, 0, 0, 0))
    return statistics.freeze()


class Law(NamedTuple):
    """A spoiled figure, and the law that it breaks."""

    code: str
    column: str
    spoiled: dict[str, float]


LAWS = (
    Law("sum_differs", "total", {"total_served": 9}),
    Law("sum_differs", "total", {"unemployed": 5}),
    Law("sum_differs", "employed", {"employed_stable": 5}),
    Law("sum_differs", "employed", {"occ_carpenter": 1}),
    Law("sum_differs", "models_total", {"models_m1": 1}),
    Law("part_exceeds", "female", {"female": 11}),
    Law("movement_differs", "total", {"in_new": 1}),
    Law("org_any_impossible", "org_any", {"org_any": 2}),
    Law("org_any_impossible", "org_any", {"org_any": 6}),
)
JUMPS = (
    ("total_jump", "total", {"total": 7.0, "employed": 6.0}, ("opening_restated",)),
    ("employed_jump", "employed", {"total": 10.0, "employed": 2.0}, ()),
    ("opening_restated", "opening", {"total": 9.0, "employed": 6.0}, ()),
)


def prove_figures(statistics: Statistics, previous: dict[str, dict[str, float]] | None = None) -> list[Finding]:
    return prove(statistics, MASS_ORGS, load_suites(EXPECTATIONS, (SUITE,))[SUITE], CATALOGUE, previous)


def told(finding: Finding) -> tuple[str, str, str, str, str]:
    return finding.code, finding.severity, finding.commune_id, finding.hamlet_id, finding.column


@pytest.mark.parametrize("law", LAWS, ids=lambda law: f"{law.code} {law.spoiled}")
def test_a_figure_that_breaks_a_law_is_found(law: Law) -> None:
    found = prove_figures(laid(figures(HAMLET, "KT", **law.spoiled)))
    assert [told(finding) for finding in found] == [(law.code, "critical", "KT", "KT-01", FORM.indicator[law.column].label)]
    assert "Thôn Số 1" in found[0].message


def test_a_sum_that_the_units_below_do_not_give_is_found() -> None:
    below = figures(HAMLET, "KT")
    spoiled = LAWFUL | {"helper_assigned": 1}
    found = prove_figures(laid(below, figures(COMMUNE, "TY", **spoiled), figures(DISTRICT, "", **spoiled)))
    assert [(finding.code, finding.severity) for finding in found] == [("below_differs", "critical")]
    assert found[0].message.startswith("Xã Kiểm Tra")


def test_a_communes_own_outreach_adds_to_its_hamlets() -> None:
    assert prove_figures(laid(figures(HAMLET, "KT"), figures(COMMUNE, "TY", outreach_sessions=8, fund_spent=5))) == []


@pytest.mark.parametrize(("code", "column", "before", "also"), JUMPS, ids=[jump[0] for jump in JUMPS])
def test_a_figure_far_from_the_period_before_is_found(code: str, column: str, before: dict[str, float],
                                                      also: tuple[str, ...]) -> None:
    grown = {"total": 11, "total_served": 11, "in_new": 1, "unemployed": 5} if code == "total_jump" else {}
    found = prove_figures(laid(figures(COMMUNE, "TY", **grown)), {"KT": before})
    assert sorted(finding.code for finding in found) == sorted([code, *also])
    mine = next(finding for finding in found if finding.code == code)
    assert told(mine) == (code, "warning", "KT", "", FORM.indicator[column].label)


def test_hamlets_are_not_compared_with_the_period_before() -> None:
    assert prove_figures(laid(figures(HAMLET, "KT")), {"KT-01": {"total": 1.0, "employed": 1.0}}) == []


def test_figures_that_break_a_law_are_not_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = tmp_path / "inputs"
    commune = Unit("KT", "commune", "Xã", "Kiểm Tra")
    hamlet = Unit("KT-01", "hamlet", "Thôn", "Số 1", "KT")
    write_units(inputs, [commune, hamlet])
    hamlet_book(hamlet, commune, 1).write(inputs / "so.xlsx")
    monkeypatch.setattr("pipeline.rollup.roll_up", lambda *args: laid(figures(HAMLET, "KT", in_new=1)))
    with pytest.raises(Fault, match="không phát hành"):
        run(settings_for(inputs), date(2024, 5, 20))
    assert not (settings_for(inputs).outputs / PERIOD).exists()


# The catalogue itself.


def test_every_finding_of_the_catalogue_is_raised_by_a_test() -> None:
    raised = {case.code for case in (*CASES, *FROM_RELEASE)}
    laws = {law.code for law in LAWS} | {jump[0] for jump in JUMPS} | {"below_differs"}
    assert raised | laws | {"unit_not_reported"} | BOOK_CODES | NIGHT_CODES | TEXT_CODES == set(CATALOGUE.wordings)


def test_every_rule_of_the_suites_names_a_finding_of_the_catalogue_with_its_severity() -> None:
    for path in sorted(EXPECTATIONS.glob("*.json")):
        for rule in json.loads(path.read_text(encoding="utf-8"))["expectations"]:
            wording = CATALOGUE.wordings.get(rule["meta"]["code"])
            assert wording, (path.name, rule["meta"]["code"])
            assert rule["severity"] == wording.severity, (path.name, rule["meta"]["code"])


def code_literals() -> dict[str, set[str]]:
    """Return every finding code written out in the program, and the modules that write it."""
    start = r'(?:(?:Trouble|say|_say|say_of_parcel|Issue|refuse|Refusal)\(\s*(?:(?:catalogue|source),\s*)?|\bcode ?= ?)'
    pattern = re.compile(start + r'"([a-z_]+)"(?: if [^"\n]*(?:"\w+"[^"\n]*)? else "([a-z_]+)")?')
    found: dict[str, set[str]] = {}
    for path in sorted((EXPECTATIONS.parent / "pipeline").rglob("*.py")):
        for groups in pattern.findall(path.read_text(encoding="utf-8")):
            for code in filter(None, groups):
                found.setdefault(code, set()).add(path.name)
    return found


def test_no_finding_is_raised_that_the_catalogue_does_not_have() -> None:
    found = code_literals()
    assert {"file_unreadable", "column_unknown", "unit_conflict", "person_duplicate", "date_lunar",
            "sheet_missing", "column_missing", "unit_name_differs", "date_unreadable", "sheet_empty"} <= found.keys()
    assert found.keys() - CATALOGUE.wordings.keys() == set()


def test_findings_read_well(taken: Taken, from_release: Taken) -> None:
    awkward = re.compile(r"  |\s[,;:)]|\s\.(?!\w)|ví dụ[ .,;]*$|ví dụ \.|[{}]|\bNone\b|\bnan\b|\.\.|\( |“”|(ô|cột|sheet) [:;,.]")
    for finding in (*taken.findings, *from_release.findings):
        for text in (finding.message, finding.fix):
            assert not awkward.search(text), (finding.code, text)
            assert text[0].isupper(), (finding.code, text)
            assert text[-1] in ".?", (finding.code, text)


def test_findings_hold_nothing_of_what_was_typed_about_a_person(taken: Taken) -> None:
    typed = {str(person(number)[key]) for number in range(1, len(CASES) + 1) for key in ("full_name", "citizen_id")}
    typed |= {f"{BIRTH:%d/%m/%Y}", "thỉnh thoảng", "bình thường", "Câu lạc bộ thơ", "hôm qua", "Ai Đó Không Quen"}
    told = "\n".join(f"{finding.message} {finding.fix}" for finding in taken.findings)
    assert [value for value in typed if value in told] == []


def test_a_misspelt_name_is_met_with_the_row_of_the_nearest(taken: Taken) -> None:
    at = next(at for at, case in enumerate(CASES) if case.code == "person_unknown" and case.where.startswith("Vay"))
    assert taken.of(folder_of(at))[0].message.endswith("Gần giống tên ở dòng 5 của sheet Danh sách.")


def test_a_row_is_set_aside_exactly_where_a_critical_finding_stands(taken: Taken) -> None:
    said_of = {(f.file, f.sheet, f.row) for f in taken.findings if f.severity == "critical" and f.row and f.sheet != "Thông tin"
               and not f.code.startswith("column_")}
    aside = set()
    for key, frame in taken.judged.frames.items():
        rows = frame.loc[taken.judged.set_aside[key], ["source_file", "source_sheet", "source_row"]]
        aside |= {(str(file), str(sheet), int(row)) for file, sheet, row in rows.itertuples(index=False)}
    assert aside == said_of


# Which workbook stands for a unit.


def handed_in(*periods: str) -> list[BookFacts]:
    names = {"hamlet_id": "KT-01", "hamlet_name": "Thôn Số 1", "commune_id": "KT", "commune_name": "Xã Kiểm Tra"}
    return [BookFacts(at, f"so-{at}.xlsx", f"{at}", "hamlet", **names, period=period, cutoff_days=to_days(CUTOFF),
                      rows_read={"people": 1}) for at, period in enumerate(periods)]


@pytest.mark.parametrize(("periods", "chosen", "stale"), [
    (("2024-04", "2024-05", "2024-06"), [1], False),
    (("2024-01", "2024-04", "2024-06"), [1], True),
    (("2024-08", "2024-06"), [1], False),
    (("", "2023-01"), [1], True),
    (("", "2024-07"), [1], False),
    (("",), [0], True),
    (("2024-05", "2024-05", "2024-04"), [0, 1], False),
])
def test_the_workbook_nearest_to_the_period_stands_and_earlier_goes_before_later(periods: tuple[str, ...], chosen: list[int],
                                                                                 stale: bool) -> None:
    register = build_register([replace(COMMUNE, parent_id=""), HAMLET])
    placed = place_workbooks(handed_in(*periods), register, Edition(PERIOD, CUTOFF, PREVIOUS), SPEAKER).placed
    assert [(one.book.number, one.stale, one.blocked) for one in placed] == [(at, stale, len(chosen) > 1) for at in chosen]


@pytest.mark.parametrize(("before", "jumps"), [(31, False), (30, True), (45, False), (58, True)])
def test_a_total_jumps_by_more_than_three_in_ten(before: int, jumps: bool) -> None:
    grown = {"total": 40, "total_served": 40, "opening": before, "in_new": max(40 - before, 0), "out_moved": max(before - 40, 0),
             "unemployed": 34}
    found = prove_figures(laid(figures(COMMUNE, "TY", **grown)), {"KT": {"total": float(before), "employed": 6.0}})
    assert [finding.code for finding in found] == ["total_jump"] * jumps


def test_a_total_of_few_jumps_by_more_than_three() -> None:
    def grown(total: int) -> Statistics:
        return laid(figures(COMMUNE, "TY", total=total, total_served=total, opening=4, in_new=total - 4, unemployed=total - 6))
    before = {"KT": {"total": 4.0, "employed": 6.0}}
    assert prove_figures(grown(7), before) == []
    assert [finding.code for finding in prove_figures(grown(8), before)] == ["total_jump"]
