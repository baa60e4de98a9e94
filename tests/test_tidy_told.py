"""What tidying says of a workbook: a doubt cell by cell, a repair once for a column, doubts that only a whole column shows."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from intake import SECRET, SPEAKER
from worlds import FORM, TIDIER

from pipeline.find import Source
from pipeline.raw import Cell, RawTable, RawWorkbook, Trouble
from pipeline.tidy.batch import Batch
from pipeline.tidy.dates import from_days
from pipeline.tidy.told import Issue, tell
from pipeline.tidy.workbooks import tidy_batch

FIRST_ROW = 5
EARLY = [date(2024, 4, day) for day in (2, 5, 12)]
LATE_TEXTS = ["13/4/2024", "20/4/2024", "31/3/2024"]


@dataclasses.dataclass(frozen=True)
class Headed(RawTable):
    """A table whose own headers were kept."""

    headers: dict[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Mac(RawWorkbook):
    """A workbook that counts its days from 1904."""

    date1904: bool = True


def table(sheet: str, header: dict[str, str] | None = None, **columns: Sequence[Cell]) -> RawTable:
    size = max(map(len, columns.values()))
    letters = {key: "ABCDEFGH"[at] for at, key in enumerate(columns)}
    cells = {key: list(cells) for key, cells in columns.items()}
    return Headed(sheet, list(range(FIRST_ROW, FIRST_ROW + size)), cells, letters, header or {})


def workbook(*tables: RawTable, cutoff: Cell = date(2024, 5, 6), name: str = "so.xlsx") -> RawWorkbook:
    return RawWorkbook(Source(name, Path(name)), "0" * 64, "hamlet", {"cutoff_date": cutoff}, tables={one.sheet: one for one in tables})


def tidy(*raws: RawWorkbook) -> Batch:
    return tidy_batch(raws, range(len(raws)), FORM, TIDIER, SECRET)


def told(batch: Batch, at: int = 0) -> list[tuple[str, str, int]]:
    return [(trouble.code, trouble.column, trouble.row) for trouble in batch.workbooks[at].troubles]


def days(batch: Batch, sheet: str, key: str) -> list[date]:
    return [from_days(one) for one in batch.tables[sheet][key].tolist()]


# A repair is told once.


def test_a_repair_is_told_once_for_a_column_with_its_count_and_first_cell() -> None:
    words = ["Có việc làm", "Khg", "Khg", "c", "Khg", "ko có việc làm"]
    batch = tidy(workbook(table("people", employment_status=words)))
    (trouble,) = batch.workbooks[0].troubles
    finding = SPEAKER.say_trouble(trouble, batch.workbooks[0], None, None)
    assert (finding.code, finding.severity, finding.row, finding.cell) == ("value_understood", "info", 6, "A6")
    assert finding.message == ("Cột Tình trạng việc làm: đã hiểu “Khg” là “Chưa có việc làm” ở 3 ô, “c” là “Có việc làm” ở 1 ô, "
                               "cách viết gần giống là “Chưa có việc làm” ở 1 ô; ô đầu tiên A6.")


def test_each_workbook_hears_of_its_own_cells() -> None:
    batch = tidy(workbook(table("people", birth=["1/2/85", "3/4/1985"])), workbook(table("people", birth=["1/2/1985"])),
                 workbook(table("people", birth=["5/6/1985", "1/2/85", "1/2/85"])))
    assert [told(batch, at) for at in range(3)] == [[("date_short_year", "birth", 5)], [], [("date_short_year", "birth", 6)]]
    assert [dict(book.troubles[0].values)["count"] for book in batch.workbooks if book.troubles] == [1, 2]


def test_a_doubt_is_told_of_every_cell() -> None:
    batch = tidy(workbook(table("people", release_date=["hôm qua", "1985", "hôm kia"])))
    wanted = (("date_unreadable", 5), ("date_incomplete", 6), ("date_unreadable", 7))
    assert told(batch) == [(code, "release_date", row) for code, row in wanted]


def test_identity_numbers_that_lost_zeros_are_told_once_and_wrong_ones_cell_by_cell() -> None:
    batch = tidy(workbook(table("people", citizen_id=[1_085_000_000.0, "12", 24_085_000_000.0, 12_345_678.0])))
    assert told(batch) == [(f"citizen_id_{what}", "citizen_id", row) for what, row in (("unreadable", 6), ("old", 8), ("padded", 5))]
    assert dict(batch.workbooks[0].troubles[-1].values) == {"count": 3}


def test_many_ways_of_writing_are_counted_after_the_most_frequent() -> None:
    issues = [(at, Issue("value_understood", (("what", f"cách {at // 2}"),))) for at in range(14)]
    (trouble,) = tell("people", "occupation", range(20, 40), issues)
    assert trouble == Trouble("value_understood", "people", 20, "occupation", values=(
        ("count", 14), ("what", "cách 0 ở 2 ô, cách 1 ở 2 ô, cách 2 ở 2 ô, cách 3 ở 2 ô, cách 4 ở 2 ô, 2 cách viết khác ở 4 ô")))


def test_nothing_that_was_typed_about_a_person_is_told() -> None:
    typed = ["Nguyễn Văn Mẫu", "thợ xây Nguyễn Văn Mẫu", "000085123456", "06-08/5/2024", "17/3/85"]
    keys = ("occupation", "employment_status", "end_reason", "sex", "birth", "release_date", "org_women", "citizen_id")
    batch = tidy(workbook(table("people", **dict.fromkeys(keys, typed)), table("support", org=typed, amount=typed)))
    book = batch.workbooks[0]
    text = "\n".join(SPEAKER.say_trouble(one, book, None, None).message for one in book.troubles)
    assert book.troubles
    assert [one for one in ("Mẫu", "mẫu", "85123456", "08/5", "17/3") if one in text] == []


# Days and months changed over.


@pytest.mark.parametrize(("cells", "doubted"), [
    ([*EARLY, *LATE_TEXTS], True), ([*EARLY, *EARLY, "", *LATE_TEXTS], True), ([45383.0, 45386.0, 45393.0, *LATE_TEXTS], True),
    ([*EARLY, *LATE_TEXTS[:2]], False), ([*EARLY[:2], *LATE_TEXTS], False), ([*EARLY, date(2024, 4, 13), *LATE_TEXTS], False),
    ([*EARLY, *LATE_TEXTS, "12/4/2024"], False), ([*EARLY, *EARLY], False), ([*LATE_TEXTS, *LATE_TEXTS], False),
])
def test_a_column_whose_true_dates_are_all_early_and_whose_texts_are_all_late_is_doubted(cells: list[Cell], doubted: bool) -> None:
    batch = tidy(workbook(table("outreach", date=cells)))
    assert ("dates_swapped", "date", FIRST_ROW) in told(batch) if doubted else "dates_swapped" not in {code for code, *_ in told(batch)}


def test_a_doubted_column_is_counted_as_it_stands() -> None:
    batch = tidy(workbook(table("outreach", date=[*EARLY, *LATE_TEXTS])))
    assert days(batch, "outreach", "date") == [*EARLY, date(2024, 4, 13), date(2024, 4, 20), date(2024, 3, 31)]


def test_two_workbooks_are_not_doubted_for_what_they_hold_together() -> None:
    batch = tidy(workbook(table("outreach", date=EARLY)), workbook(table("outreach", date=LATE_TEXTS)))
    assert [told(batch, at) for at in (0, 1)] == [[], []]


@pytest.mark.parametrize(("cell", "cutoff", "doubted"), [
    (date(2024, 6, 4), date(2024, 5, 6), True), (date(2024, 6, 4), "06/05/2024", True), (45447.0, date(2024, 5, 6), True),
    (date(2024, 6, 4), None, False), (date(2024, 6, 4), "5/2024", False),
    (date(2024, 6, 6), date(2024, 5, 6), False), (date(2024, 6, 8), date(2024, 5, 6), False), (date(2024, 5, 20), date(2024, 5, 6), False),
    ("04/06/2024", date(2024, 5, 6), False), (date(2024, 5, 6), date(2024, 5, 6), False),
])
def test_a_true_date_after_the_cutoff_whose_swap_is_not_is_doubted(cell: Cell, cutoff: Cell, doubted: bool) -> None:
    batch = tidy(workbook(table("people", release_date=[date(2024, 1, 2), cell]), cutoff=cutoff))
    assert [one for one in told(batch) if one[0] == "date_swapped"] == ([("date_swapped", "release_date", 6)] if doubted else [])


@pytest.mark.parametrize(("sheet", "key"), [("people", "probation_end_date"), ("people", "expunge_review_date"), ("models", "planned_by"),
                                            ("outreach", "to")])
def test_dates_that_are_expected_after_the_cutoff_are_not_doubted(sheet: str, key: str) -> None:
    assert told(tidy(workbook(table(sheet, **{key: [date(2024, 6, 4)]})))) == []


# Births, units, the other day count.


def test_a_birth_in_a_two_digit_year_is_never_after_the_cutoff() -> None:
    batch = tidy(workbook(table("people", birth=["5/6/28", "5/6/24", "5/4/24", "29/2/28", "5/6/85"])))
    assert days(batch, "people", "birth") == [date(1928, 6, 5), date(1924, 6, 5), date(2024, 4, 5), date(1928, 2, 29), date(1985, 6, 5)]
    assert days(tidy(workbook(table("people", birth=["5/6/28"]), cutoff=None)), "people", "birth") == [date(2028, 6, 5)]


@pytest.mark.parametrize(("cells", "doubted"), [([50.0, 20.0, None], True), (["9.999"], True), ([50.0, 10_000.0], False), ([0.0], False),
                                                ([None, "ít"], False), ([], False)])
def test_amounts_that_are_all_small_are_doubted(cells: list[Cell], doubted: bool) -> None:
    batch = tidy(workbook(table("loans", amount=cells, purpose=[None])), workbook(table("loans", amount=[5_000_000.0])))
    assert ("amounts_small" in {code for code, *_ in told(batch)}) == doubted
    assert told(batch, 1) == []


def test_a_column_is_counted_in_the_unit_of_its_own_header() -> None:
    millions = table("loans", {"amount": "Số tiền vay (triệu đồng)"}, amount=[50.0, "1,5", "20.000.000 đồng", "ít", None])
    batch = tidy(workbook(table("loans", amount=[7_000_000.0])), workbook(millions), workbook(table("loans", amount=[8.0])))
    assert batch.tables["loans"]["amount"].tolist()[:4] == [7_000_000, 50_000_000, 1_500_000, 20_000_000]
    assert [told(batch, at) for at in range(3)] == [[], [("number_unreadable", "amount", 8)], [("amounts_small", "amount", 5)]]


def test_a_count_is_never_doubted_for_being_small() -> None:
    assert told(tidy(workbook(table("outreach", sessions=[1.0, 2.0], participants=[30.0, "06"])))) == []


def test_a_workbook_that_counts_from_1904_has_the_dates_that_it_means() -> None:
    one = workbook(table("people", release_date=[43956.0, date(2024, 5, 6)], birth=[date(1909, 6, 8), "1985"]), cutoff=44321.0)
    mac = Mac(**{field.name: getattr(one, field.name) for field in dataclasses.fields(RawWorkbook)})
    batch = tidy(mac)
    assert days(batch, "people", "release_date") == [date(2024, 5, 6)] * 2
    assert days(batch, "people", "birth") == [date(1985, 12, 31)] * 2
    assert from_days(batch.workbooks[0].cutoff_days) == date(2025, 5, 6)
