"""What the template offers is accepted: every drop-down value and every example, typed in, raises no finding."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import cycle
from pathlib import Path

import pytest
from intake import CUTOFF, FORM, PERIOD, Book, Row, Taken, act, commune_book, hamlet_book, loan, person, take_in, write_units

from pipeline.form import Code, Column
from pipeline.settings import ORGANISATIONS
from pipeline.tidy.helpers import EMPLOYED
from pipeline.units import Unit

Way = Callable[[Code], list[str]]
WAYS: dict[str, Way] = {"label": lambda code: [code.label], "code": lambda code: [code.code],
                        "alias": lambda code: list(code.aliases), "shout": lambda code: [code.label.upper()]}
"""How a value of a list may be typed."""
TICKS = {f"org_{name}": "x" for name in ORGANISATIONS}


def typed(name: str, way: Way) -> list[tuple[str, str]]:
    """Return (code, text to type) for every value of a list."""
    return [(code.code, text) for code in FORM.lists[name] for text in way(code)]


def people_of(way: Way, first: int) -> list[Row]:
    """Return consistent rows that together hold every value of the lists of Danh sách."""
    rows: list[Row] = [person(first, **TICKS)]
    for code, text in typed("sex", way):
        rows.append({"sex": text} | ({"citizen_id": None} if code == "F" else {}))
    for code, text in typed("release_type", way):
        rows.append({"release_type": text} | ({"probation_end_date": date(2023, 12, 1)} if code == "CONDITIONAL" else {}))
    for code, text in typed("employment_status", way):
        rows.append({"employment_status": text} | ({} if code in EMPLOYED else {"occupation": None}))
    rows += [{"occupation": text} for _, text in typed("occupation", way)]
    for code, text in typed("end_reason", way):
        ended = date(2024, 4, 20)
        again = {"reoffend_date": date(2024, 4, 18)} if code == "REOFFENDED" else {}
        rows.append({"end_reason": text, "end_date": ended} | again)
    return [rows[0], *(person(first + at, **row) for at, row in enumerate(rows[1:], start=1))]


def hamlet_rows(way: Way, first: int) -> dict[str, list[Row]]:
    """Return rows of every sheet of a hamlet's workbook; everybody helped by a ticked organisation has all ticks."""
    people = people_of(way, first)
    helped = people[0]
    kinds, orgs = ([text for _, text in typed(name, way)] for name in ("support_type", "org"))
    support = [act(helped, support_type=kind, org=org) for kind, org in zip(cycle(kinds), orgs, strict=False)]
    support += [act(helped, support_type=kind, org=orgs[0] if orgs else "MTTQ") for kind in kinds]
    loans = [loan(helped, purpose=text) for _, text in typed("loan_purpose", way)]
    loans += [loan(helped, program=text) for _, text in typed("loan_program", way)]
    return {"people": people, "support": support, "loans": loans, "outreach": talks(way)}


def talks(way: Way) -> list[Row]:
    return [{"date": date(2024, 4, 15), "channel": text, "sessions": 1} for _, text in typed("channel", way)]


def commune_rows(way: Way) -> dict[str, list[Row]]:
    """Return rows of every sheet of a commune's own workbook."""
    models = [{"name": "Tổ tự quản", "model_type": text, "founded_on": date(2022, 1, 15)} for _, text in typed("model_type", way)]
    fund = {"date": date(2024, 4, 10), "source": "Quỹ", "kind": "Đã chi", "amount": 1_000_000}
    funds = [fund | {"source": text} for _, text in typed("fund_source", way)]
    funds += [fund | {"kind": text} for _, text in typed("fund_kind", way)]
    return {"models": models, "outreach": talks(way), "funds": funds}


def example_row(sheet: str) -> Row:
    """Return a row of a sheet's instruction examples, typed as they stand."""
    def value(column: Column) -> object:
        return int(column.example) if column.type in ("serial", "count", "money") else column.example
    return {column.key: value(column) for column in FORM.sheet[sheet].columns if column.example}


def example_book(profile: str) -> Book:
    own = {column.key: column.example for column in FORM.sheet["info"].columns
           if column.example and (profile == "hamlet" or not column.key.startswith("hamlet_"))}
    return Book(profile, dict(own), {sheet.key: [example_row(sheet.key)] for sheet in FORM.data_sheets(profile)})


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Taken:
    """A hamlet's and a commune's workbook for every way of typing, and the examples in workbooks of their own."""
    inputs = tmp_path_factory.mktemp("round") / "inputs"
    units = [Unit("HD", "commune", "Xã", "Hợp Đức"), Unit("HD-01", "hamlet", "Thôn", "Đông", "HD")]
    first = 50
    for at, (name, way) in enumerate(WAYS.items(), start=1):
        commune = Unit(f"X{at}", "commune", "Xã", f"Số {at}")
        hamlet = Unit(f"X{at}-01", "hamlet", "Thôn", "Thử", commune.unit_id)
        units += [commune, hamlet]
        own, theirs = commune_book(commune), hamlet_book(hamlet, commune, 0)
        own.rows, theirs.rows = commune_rows(way), hamlet_rows(way, first)
        first += len(theirs.rows["people"])
        own.write(inputs / name / "xa.xlsx")
        theirs.write(inputs / name / "thon.xlsx")
    example_book("commune").write(inputs / "example" / "xa.xlsx")
    example_book("hamlet").write(inputs / "example" / "thon.xlsx")
    write_units(inputs, units)
    return take_in(inputs, period=PERIOD, cutoff=CUTOFF)


@pytest.mark.parametrize("way", [*WAYS, "example"])
def test_what_the_template_offers_raises_no_finding(taken: Taken, way: str) -> None:
    assert [(f.file, f.code, f.cell, f.message) for f in taken.of(f"{way}/")] == []


def test_every_row_is_read_and_none_is_set_aside(taken: Taken) -> None:
    assert all(not flags.any() for flags in taken.judged.set_aside.values())
    for one in taken.intake.placed:
        assert not one.blocked
        assert all(one.book.rows_read[sheet.key] for sheet in FORM.data_sheets(one.book.profile)), one.book.name


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("sheet", "column"), [(s.key, c.key) for s in FORM.sheets for c in s.columns if c.list],
                         ids=lambda value: str(value))
def test_every_value_of_a_list_arrives_as_its_code(taken: Taken, way: str, sheet: str, column: str) -> None:
    frame = taken.judged.frames[sheet]
    mine = frame["source_file"].astype(str).str.startswith(f"{way}/")
    offered = {code for code, _ in typed(FORM.sheet[sheet].by_key[column].list, WAYS[way])}
    assert offered <= set(frame.loc[mine, column].dropna().astype(str))


def test_every_example_of_the_form_is_in_the_example_workbooks() -> None:
    books = [example_book(profile) for profile in ("hamlet", "commune")]
    written = {(key, name) for book in books for key, rows in book.rows.items() for name in rows[0]}
    written |= {("info", name) for name in example_book("hamlet").info}
    assert written == {(sheet.key, column.key) for sheet in FORM.sheets for column in sheet.columns if column.example}


def test_a_blank_template_with_every_sheet_ticked_as_nil_raises_no_finding(tmp_path: Path) -> None:
    inputs = tmp_path / "inputs"
    commune, hamlet = Unit("HD", "commune", "Xã", "Hợp Đức"), Unit("HD-01", "hamlet", "Thôn", "Đông", "HD")
    write_units(inputs, [commune, hamlet])
    book = hamlet_book(hamlet, commune, 0)
    book.rows.clear()
    book.write(inputs / "thon.xlsx")
    commune_book(commune).write(inputs / "xa.xlsx")
    assert take_in(inputs).findings == ()
