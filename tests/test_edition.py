"""Which period is published, and the dates it lies between."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.edition import agreed_cutoff, choose_edition, month_earlier, newest_period, period_before, preset_cutoff
from pipeline.fault import Fault
from pipeline.settings import Settings
from pipeline.tidy.batch import Workbook
from pipeline.tidy.dates import NO_DATE, to_days

TODAY = date(2024, 5, 20)
SIXTH = date(2024, 5, 6)


def book(period: str, cutoff: date | None = None) -> Workbook:
    return Workbook(0, "so.xlsx", "", "hamlet", period=period, cutoff_days=to_days(cutoff) if cutoff else NO_DATE)


def test_the_given_period_and_dates_stand() -> None:
    settings = Settings(period="2024-03", cutoff=date(2024, 3, 10), previous_cutoff=date(2024, 2, 1))
    edition = choose_edition([book("2024-05", SIXTH)], settings, TODAY, {})
    assert (edition.period, edition.cutoff, edition.previous_cutoff) == ("2024-03", date(2024, 3, 10), date(2024, 2, 1))


def test_the_policy_and_the_organisations_go_with_the_edition() -> None:
    settings = Settings(period="2024-05", conditional_release_policy="from_release", mass_orgs=("women",))
    edition = choose_edition([], settings, TODAY, {})
    assert (edition.policy, edition.mass_orgs) == ("from_release", ("women",))


def test_the_newest_confirmed_period_is_published() -> None:
    assert newest_period([book("2024-03"), book("2024-05"), book(""), book("2024-04")], TODAY) == "2024-05"


def test_a_period_after_next_month_is_a_slip_of_the_pen() -> None:
    assert newest_period([book("2024-05"), book("2024-06"), book("2024-07"), book("2042-05")], TODAY) == "2024-06"
    assert newest_period([book("2025-01"), book("2025-02")], date(2024, 12, 31)) == "2025-01"


@pytest.mark.parametrize("periods", [[], [""], ["2042-05"]])
def test_without_a_confirmed_period_there_is_nothing_to_publish(periods: list[str]) -> None:
    with pytest.raises(Fault, match="Chưa sổ nào ghi Kỳ báo cáo"):
        newest_period([book(period) for period in periods], TODAY)


def test_the_cutoff_is_the_one_that_most_workbooks_of_the_period_state() -> None:
    books = [book("2024-05", SIXTH), book("2024-05", SIXTH), book("2024-05", date(2024, 5, 14)), book("2024-05"),
             *[book("2024-04", date(2024, 4, 30))] * 5]
    assert agreed_cutoff(books, "2024-05") == SIXTH


def test_of_equally_many_cutoffs_the_later_stands() -> None:
    books = [book("2024-05", date(2024, 5, 14)), book("2024-05", SIXTH)]
    assert agreed_cutoff(books, "2024-05") == agreed_cutoff(books[::-1], "2024-05") == date(2024, 5, 14)


def test_no_cutoff_is_agreed_where_none_is_stated() -> None:
    assert agreed_cutoff([book("2024-05"), book("2024-04", SIXTH)], "2024-05") is None


@pytest.mark.parametrize(("preset", "day"), [("nd09", date(2024, 2, 14)), ("day5", date(2024, 2, 5)),
                                             ("month_end", date(2024, 2, 29))])
def test_the_preset_gives_the_cutoff_that_nobody_states(preset: str, day: date) -> None:
    assert preset_cutoff("2024-02", preset) == day
    assert choose_edition([book("2024-02")], Settings(cutoff_preset=preset), TODAY, {}).cutoff == day


def test_the_agreed_cutoff_goes_before_the_preset() -> None:
    assert choose_edition([book("2024-05", SIXTH)], Settings(cutoff_preset="month_end"), TODAY, {}).cutoff == SIXTH


@pytest.mark.parametrize(("books", "known", "previous"), [
    ([], {"2024-04": date(2024, 4, 10)}, date(2024, 4, 10)),
    ([book("2024-04", date(2024, 4, 8))], {"2024-04": date(2024, 4, 10)}, date(2024, 4, 10)),
    ([book("2024-04", date(2024, 4, 8))], {}, date(2024, 4, 8)),
    ([book("2024-04", date(2024, 6, 8))], {}, date(2024, 4, 6)),
    ([book("2024-03", date(2024, 3, 8))], {"2024-03": date(2024, 3, 9)}, date(2024, 4, 6)),
    ([], {}, date(2024, 4, 6)),
])
def test_the_previous_cutoff_is_the_known_one_else_a_month_earlier(books: list[Workbook], known: dict[str, date],
                                                                      previous: date) -> None:
    assert choose_edition([book("2024-05", SIXTH), *books], Settings(), TODAY, known).previous_cutoff == previous


def test_month_ends_follow_month_ends() -> None:
    settings = Settings(period="2024-03", cutoff_preset="month_end")
    assert choose_edition([], settings, TODAY, {}).previous_cutoff == date(2024, 2, 29)
    settings = Settings(period="2024-04", cutoff_preset="month_end")
    assert choose_edition([], settings, TODAY, {}).previous_cutoff == date(2024, 3, 31)


def test_a_previous_cutoff_that_is_not_before_the_cutoff_is_a_fault() -> None:
    with pytest.raises(Fault, match="phải trước ngày chốt 06/05/2024"):
        choose_edition([book("2024-05", SIXTH)], Settings(previous_cutoff=SIXTH), TODAY, {})


@pytest.mark.parametrize(("day", "earlier"), [(date(2024, 3, 31), date(2024, 2, 29)), (date(2024, 1, 14), date(2023, 12, 14)),
                                              (SIXTH, date(2024, 4, 6))])
def test_the_same_day_a_month_earlier_is_at_most_that_months_last(day: date, earlier: date) -> None:
    assert month_earlier(day) == earlier


def test_the_month_before_january_is_december() -> None:
    assert (period_before("2024-01"), period_before("2024-12")) == ("2023-12", "2024-11")
