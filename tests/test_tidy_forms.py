"""Laws of what is typed: in whatever form, a value is understood as what it is, or something is said; never another value in silence."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.form import load_form
from pipeline.raw import Cell
from pipeline.text import fold
from pipeline.tidy.birth_by_sex import birth_by_sex
from pipeline.tidy.codes import NO_CODE, CodeBook
from pipeline.tidy.columns import Tidier
from pipeline.tidy.dates import NO_DATE, count_from_1900, parse_date, to_days
from pipeline.tidy.identity import parse_citizen_id
from pipeline.tidy.marks import meaning_of_x, parse_tick
from pipeline.tidy.numbers import multiplier_of, parse_number
from pipeline.tidy.orgs_text import parse_orgs
from pipeline.tidy.work_text import WorkReader

FORM = load_form()
BOOKS = {name: CodeBook(codes) for name, codes in FORM.lists.items()}
READER = WorkReader(FORM)
DAY_FORMS: tuple[str, ...] = (
    "{d}/{m}/{y}", "{d:02}/{m:02}/{y}", "{d}/{m:02}/{y}", "{d:02}.{m:02}.{y}", "{d}-{m}-{y}", "{d}–{m}–{y}", "{d:02} {m:02} {y}",
    " {d} / {m} / {y} ", "'{d:02}/{m:02}/{y}", "{d}.{m}/{y}", "{d:02}{m:02}{y}", "{y}-{m:02}-{d:02}", "{y}/{m}/{d}",
    "{y}-{m:02}-{d:02}T14:30:00", "{y}-{m:02}-{d:02} 00:00:00", "{d:02}/{m:02}/{y} 14:30", "{d}/{m}/{y} 2:30 PM", "14h30 ngày {d}/{m}/{y}",
    "ngày {d} tháng {m} năm {y}", "Ngày {d:02} tháng {m:02} năm {y}", "{d} tháng {m} năm {y}", "NGAY {d} THANG {m} NAM {y}",
    "ngày {d}/{m}/{y}", "Thứ ba, ngày {d:02}/{m:02}/{y}", "sinh ngày {d}/{m}/{y}", "{d:02}/{m:02}/{y}.", "\u200b{d}/{m}/{y}\u00a0")
MONTH_FORMS = ("{m}/{y}", "{m:02}/{y}", "{m}-{y}", "tháng {m}/{y}", "Tháng {m:02} năm {y}", "{y}-{m:02}", "00/{m:02}/{y}")
YEAR_FORMS = ("{y}", "năm {y}", "sn {y}", "sinh năm {y}", "00/00/{y}")
REFUSED_FORMS = ("{d}-{d}/{m}/{y}", "{d}/{m}/{y} - {d}/{m}/{y}", "từ {d}/{m}/{y} đến {d}/{m}/{y}", "{d}/{m}/{y} âm lịch", "{d}/{m}/{y} ÂL",
                 "{d},{m},{y}", "{d}:{m}:{y}", "khoảng {d}/{m}/{y}")
DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))
AMOUNTS = st.builds(int.__mul__, st.integers(0, 999_999), st.sampled_from((1, 7, 1000, 10**5, 10**6)))


def grouped(amount: int, separator: str) -> str:
    return f"{amount:,}".replace(",", separator)


def scaled(amount: int, size: int, comma: str) -> str:
    whole, rest = divmod(amount, size)
    tail = str(rest).zfill(len(str(size)) - 1).rstrip("0")
    return f"{whole}{comma}{tail}" if tail else str(whole)


AMOUNT_FORMS: tuple[Callable[[int], object], ...] = (
    float, str, lambda n: f"'{n}", lambda n: f"0{n}", lambda n: f"{n} đồng", lambda n: f"{n}đ", lambda n: f"{n} VNĐ",
    lambda n: grouped(n, "."), lambda n: grouped(n, ","), lambda n: grouped(n, " "), lambda n: grouped(n, "\u00a0"),
    lambda n: grouped(n, ".") + "đ", lambda n: grouped(n, ".") + ",00", lambda n: grouped(n, ",") + ".00 đồng",
    lambda n: scaled(n, 10**6, ",") + " triệu",
    lambda n: f"{n // 10**6}tr{n % 10**6 // 1000:03}" if n % 1000 == 0 else n, lambda n: scaled(n, 10**9, ",") + " tỷ đồng",
    lambda n: scaled(n, 1000, ",") + " nghìn", lambda n: scaled(n, 1000, ",") + "k", lambda n: scaled(n, 1000, ",") + " NGÀN ĐỒNG",
    lambda n: f"{n // 10**6} triệu {n % 10**6 // 1000} nghìn" if n % 1000 == 0 else n)


@given(DAYS, st.sampled_from(DAY_FORMS))
@example(date(2010, 12, 20), "{d:02}{m:02}{y}")
def test_a_day_in_any_form_is_that_day_without_a_word(day: date, form: str) -> None:
    assert parse_date(form.format(d=day.day, m=day.month, y=day.year)) == (to_days(day), "day", "", "", "")


@given(DAYS)
def test_a_day_in_a_cell_is_that_day_or_the_year_that_was_typed(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    for cell in (day, datetime.combine(day, time(14, 30))):
        parsed = parse_date(cell)
        assert parsed.days == to_days(day) or (parsed.repair, parsed.days) == ("date_year_in_cell", to_days(date(serial, 12, 31)))
    for number in (serial, serial + 0.75):
        parsed = parse_date(float(number))
        assert (parsed.days, parsed.repair) == (to_days(day), "date_from_number") or parsed.code
        mac = parse_date(count_from_1900(number - 1462.0))
        assert (mac.days, mac.repair) == (to_days(day), "date_from_number") or mac.code


@given(DAYS, st.sampled_from([form for form in DAY_FORMS if not form.startswith("{y}")]))
def test_a_day_in_a_two_digit_year_is_that_day_or_it_is_said(day: date, form: str) -> None:
    parsed = parse_date(form.replace("{y}", "{y:02}").format(d=day.day, m=day.month, y=day.year % 100))
    assert parsed.code
    if parsed.days != NO_DATE and 1931 <= day.year <= 2030:
        assert (parsed.days, parsed.code) == (to_days(day), "date_short_year")


@given(DAYS, st.sampled_from(MONTH_FORMS + YEAR_FORMS))
def test_a_month_or_a_year_is_its_last_day_and_is_said(day: date, form: str) -> None:
    precision = "month" if form in MONTH_FORMS else "year"
    last = date(day.year, 12, 31) if precision == "year" or day.month == 12 else date(day.year, day.month + 1, 1) - timedelta(days=1)
    assert parse_date(form.format(m=day.month, y=day.year))[:3] == (to_days(last), precision, "date_incomplete")


@given(DAYS, st.sampled_from(REFUSED_FORMS))
def test_what_is_no_single_day_of_the_calendar_is_refused_and_said(day: date, form: str) -> None:
    parsed = parse_date(form.format(d=day.day, m=day.month, y=day.year))
    assert parsed.days == NO_DATE
    assert parsed.code


@given(DAYS)
def test_a_day_in_american_order_is_never_understood_where_that_can_be_seen(day: date) -> None:
    parsed = parse_date(f"{day.month:02}/{day.day:02}/{day.year}")
    if day.day > 12:
        assert (parsed.days, parsed.code) == (NO_DATE, "date_month_first")


@given(AMOUNTS, st.sampled_from(AMOUNT_FORMS))
def test_an_amount_in_any_form_is_that_amount_or_it_is_said(amount: int, form: Callable[[int], object]) -> None:
    typed = form(amount)
    for whole in (True, False):
        parsed = parse_number(typed, whole)
        assert parsed.value == amount if not parsed.code else math.isnan(parsed.value), typed
        assert not parsed.code or re.search(r",\d{3}(\D|\d{3,})", str(typed)), typed


@given(st.integers(0, 999_999), st.sampled_from((1, 1000, 10**6, 10**9)), st.sampled_from(AMOUNT_FORMS[:4]))
def test_an_amount_in_a_columns_unit_is_that_many_units(amount: int, unit: int, form: Callable[[int], object]) -> None:
    assert parse_number(form(amount), whole=True, multiplier=unit).value == amount * unit


@given(st.integers(0, 10**12 - 1), st.sampled_from((str, float, "{:012d}".format, " {:012d} ".format, "'{:012d}".format)))
def test_an_identity_number_is_itself_or_it_is_said(number: int, form: Callable[[int], object]) -> None:
    parsed = parse_citizen_id(form(number))
    assert parsed.digits in ("", f"{number:012d}", f"{number:09d}")
    assert parsed.digits == f"{number:012d}" or parsed.code
    assert parsed.padded or parsed.code or len(str(form(number)).strip(" '")) == 12 or isinstance(form(number), float)


@settings(max_examples=300)
@given(st.sampled_from(sorted(FORM.lists)), st.randoms(use_true_random=False), st.integers(0, 3))
def test_a_spoilt_name_is_its_code_or_nothing_and_is_said(name: str, rng: random.Random, changes: int) -> None:
    codes = FORM.lists[name]
    code = rng.choice(codes)
    typed = rng.choice((code.label, *code.aliases))
    for _ in range(changes):
        typed = spoil(typed, rng)
    position, said = BOOKS[name].parse(typed)
    known = {fold(one): other.code for other in codes for one in (other.code, other.label, *other.aliases)}
    if position != NO_CODE and codes[position].code != code.code:  # another name of ours came out, or one that is nearer
        assert said or known.get(fold(typed)) == codes[position].code, (typed, code.label)
    assert position != NO_CODE or said or not fold(typed)


def spoil(text: str, rng: random.Random) -> str:
    """Return text with one letter doubled, lost, exchanged, changed or without its marks, or in other case."""
    at = rng.randrange(len(text)) if text else 0
    return rng.choice((text[:at] + text[at:at + 1] + text[at:], text[:at] + text[at + 1:], text[:at] + text[at + 1:at + 2] + text[at:at + 1]
                       + text[at + 2:], text[:at] + rng.choice("abceghiklmnoprstuvxyđươ") + text[at + 1:], fold(text), text.upper()))


CELLS: st.SearchStrategy[Cell] = st.one_of(
    st.none(), st.text(max_size=80), st.floats(), st.dates(), st.datetimes(), st.times(), st.timedeltas(),
    st.text("0123456789/.-–: ,'xXtrđngàyhá€E+", max_size=24),
    st.lists(st.sampled_from(("không", "chưa", "có việc", "làm", "thợ xây", "ổn định", "hội pn", "đoàn", "tn", "nd", "ca", "xã", ",", ";",
                              "và", "-", ".", "ở nhà", "trước đây", "x")), max_size=8).map(" ".join))


@settings(max_examples=400)
@given(CELLS, CELLS)
def test_no_cell_is_too_odd(cell: Cell, other: Cell) -> None:
    parse_date(cell), parse_date(count_from_1900(cell)), parse_number(cell, whole=True, multiplier=1000), parse_citizen_id(cell)
    parse_tick(cell), meaning_of_x([cell, other]), parse_orgs(cell), READER.read(cell), birth_by_sex(cell, other)
    multiplier_of(str(cell))
    for sheet in FORM.sheets:
        for column in sheet.columns:
            TIDIER.tidy(column, [cell, other])


TIDIER = Tidier(FORM)
WORDS = st.lists(st.sampled_from(("Nguyễn", "Văn", "Mẫu", "Thợ", "Xây", "Tự", "Do", "An", "không", "Khg")),
                 min_size=2, max_size=5).map(" ".join)


@given(st.lists(WORDS, min_size=1, max_size=5))
def test_no_text_of_two_words_is_ever_quoted(cells: list[str]) -> None:
    for sheet in FORM.sheets:
        for column in sheet.columns:
            for _, issue in TIDIER.tidy(column, cells)[1]:
                told = " ".join(str(value) for _, value in issue.values)
                labels = {code.label for code in FORM.lists.get(column.list, ())}
                assert [cell for cell in cells if cell in told and cell not in labels] == [], told
