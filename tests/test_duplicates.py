"""One person is counted in one row at a time, whoever typed what."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from intake import Book, Row, act, commune_book, hamlet_book, loan, person, take_in, write_units

from pipeline.aggregate import aggregate
from pipeline.units import Unit

COMMUNE = Unit("X1", "commune", "Xã", "Một")
HAMLETS = (Unit("X1-01", "hamlet", "Thôn", "Đông", "X1"), Unit("X1-02", "hamlet", "Thôn", "Tây", "X1"))


def figures(folder: Path, *lists: dict[str, list[Row]]) -> tuple[dict[str, list[float]], list[str]]:
    """Return each indicator by hamlet, and the codes of critical and similar findings."""
    write_units(folder, [COMMUNE, *HAMLETS])
    for number, (hamlet, rows) in enumerate(zip(HAMLETS, lists, strict=False)):
        book: Book = hamlet_book(hamlet, COMMUNE, number)
        book.rows = rows
        book.write(folder / f"{hamlet.unit_id}.xlsx")
    commune_book(COMMUNE).write(folder / "xa.xlsx")
    taken = take_in(folder)
    counted = aggregate(taken.judged, len(taken.intake.placed), taken.edition)
    order = [at for hamlet in HAMLETS for at, one in enumerate(taken.intake.placed) if one.unit.unit_id == hamlet.unit_id]
    return ({key: [float(values[at]) for at in order] for key, values in counted.values.items()},
            [finding.code for finding in taken.findings if finding.code.startswith("person_")])


def returned(number: int) -> list[Row]:
    """A person who ended in the period and came back in it, in the same list."""
    return [person(number, end_date=date(2024, 4, 20), end_reason="Chuyển đi nơi khác"),
            person(number, return_date=date(2024, 4, 25))]


def test_one_who_left_and_came_back_to_the_same_hamlet_is_one_person_of_support(tmp_path: Path) -> None:
    rows = returned(1)
    support = [act(rows[0], support_date=date(2024, 4, 15)), act(rows[0], support_date=date(2024, 5, 2))]
    values, codes = figures(tmp_path, {"people": rows, "support": support})
    assert codes == []
    assert (values["visit_people"], values["visit_times"]) == ([1.0], [2.0])
    assert (values["opening"], values["in_new"], values["out_moved"], values["total"]) == ([1.0], [1.0], [1.0], [1.0])


def test_an_open_loan_of_the_first_stay_is_still_open_after_coming_back(tmp_path: Path) -> None:
    rows = returned(1)
    values, _ = figures(tmp_path, {"people": rows, "loans": [loan(rows[0], loan_date=date(2024, 4, 10))]})
    assert (values["loan_open"], values["loan_balance"]) == ([1.0], [50_000_000.0])


def test_the_order_of_two_stays_of_the_same_dates_changes_no_figure(tmp_path: Path) -> None:
    closed, opened = person(1, end_date=date(2024, 4, 20), end_reason="Chuyển đi nơi khác"), person(1)
    support = [act(opened, org="Hội Nông dân", support_date=date(2024, 5, 2))]
    one, _ = figures(tmp_path / "a", {"people": [closed, opened], "support": support})
    other, _ = figures(tmp_path / "b", {"people": [opened, closed], "support": support})
    assert one == other
    assert one["org_farmers"] == [1.0]


def test_a_person_on_the_books_twice_at_the_previous_cutoff_opens_the_period_once(tmp_path: Path) -> None:
    moved = person(1, end_date=date(2024, 4, 20), end_reason="Chuyển đi nơi khác")
    values, codes = figures(tmp_path, {"people": [moved]}, {"people": [person(1, return_date=date(2024, 3, 1))]})
    assert codes == ["person_duplicate"]
    assert (values["opening"], values["total"], values["out_moved"]) == ([0.0, 1.0], [0.0, 1.0], [0.0, 0.0])


def test_a_row_without_a_number_joins_the_one_numbered_person_it_fits(tmp_path: Path) -> None:
    values, codes = figures(tmp_path, {"people": [person(1)]}, {"people": [person(1, citizen_id=None, return_date=date(2024, 1, 5))]})
    assert codes == ["person_duplicate"]
    assert values["total"] == [0.0, 1.0]


def test_a_row_without_a_number_that_fits_two_numbered_people_is_counted_and_said(tmp_path: Path) -> None:
    second = person(1, citizen_id="000085654321")
    values, codes = figures(tmp_path, {"people": [person(1), second]}, {"people": [person(1, citizen_id=None)]})
    assert set(codes) == {"person_similar"}
    assert sum(values["total"]) == 3.0


def test_two_people_of_one_name_and_two_numbers_are_two_people(tmp_path: Path) -> None:
    values, codes = figures(tmp_path, {"people": [person(1), person(1, citizen_id="000085654321")]})
    assert (codes, values["total"]) == ([], [2.0])


def test_the_same_year_of_birth_alone_makes_two_people_similar_not_one(tmp_path: Path) -> None:
    plain = person(1, citizen_id=None, birth=1985)
    values, codes = figures(tmp_path, {"people": [plain, plain | {"release_date": date(2022, 9, 2)}]})
    assert (codes, values["total"]) == (["person_similar"], [2.0])
