"""List the mistakes: the ways in which typed rows go wrong, and the rows that each fits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from pipeline.demo.cases import EMPLOYED, Row
from pipeline.demo.events import PLAIN_ORGS
from pipeline.demo.labels import label

ORG_COLUMNS = ("org_women", "org_youth", "org_veterans", "org_elderly", "org_farmers", "org_front", "org_other")
DUPLICATE = "person_in_two_hamlets"


@dataclass(frozen=True)
class Mistake:
    """A kind of mistake: the rows it can be made in, and what it does to a row (it returns the column)."""

    kind: str
    sheet: str
    fits: Callable[[Row], bool]
    spoil: Callable[[Row, date], str]
    quiet: bool = False
    """Only for people without support, loans or ticks, so that the mistake has no followers."""


def _put(kind: str, sheet: str, column: str, value: object, fits: Callable[[Row], bool] = lambda row: True, *,
         quiet: bool = False) -> Mistake:
    def spoil(row: Row, cutoff: date) -> str:
        row[column] = value
        return column
    return Mistake(kind, sheet, fits, spoil, quiet)


def shifted(row: Row, column: str, days: int) -> date:
    """Return the date in a cell, so many days later.

    Raises TypeError where the cell holds none.
    """
    value = row[column]
    if not isinstance(value, date):
        raise TypeError(f"{column} holds no date")
    return value + timedelta(days=days)


def _shift(kind: str, sheet: str, column: str, origin: str, days: int, fits: Callable[[Row], bool] = lambda row: True, *,
           quiet: bool = False) -> Mistake:
    """Put a date so many days after the date in `origin`, or after the cut-off where that is empty."""
    def spoil(row: Row, cutoff: date) -> str:
        row[column] = shifted(row, origin, days) if origin else cutoff + timedelta(days=days)
        return column
    return Mistake(kind, sheet, fits, spoil, quiet)


def _managed(row: Row) -> bool:
    return row.get("end_date") is None and isinstance(row["employment_updated"], date) and not _conditional(row)


def _conditional(row: Row) -> bool:
    return row["release_type"] == label("release_type", "CONDITIONAL")


def _at_work(row: Row) -> bool:
    return _managed(row) and row["employment_status"] in {label("employment_status", code) for code in EMPLOYED}


def _jobless(row: Row) -> bool:
    return _managed(row) and row["employment_status"] == label("employment_status", "NONE")


def _with(column: str) -> Callable[[Row], bool]:
    return lambda row: bool(row.get(column))


def _managed_with(column: str) -> Callable[[Row], bool]:
    return lambda row: _managed(row) and bool(row.get(column))


def _plain(row: Row) -> bool:
    return row["org"] in {label("org", code) for code in PLAIN_ORGS}


def _lose_both_dates(row: Row, cutoff: date) -> str:
    row["release_date"] = row["return_date"] = None
    return "release_date"


def _drop_digit(row: Row, cutoff: date) -> str:
    row["citizen_id"] = str(row["citizen_id"])[:-1]
    return "citizen_id"


def _shift_id_year(row: Row, cutoff: date) -> str:
    digits = str(row["citizen_id"])
    row["citizen_id"] = f"{digits[:4]}{(int(digits[4:6]) + 7) % 100:02d}{digits[6:]}"
    return "citizen_id"


def _swap_id_sex(row: Row, cutoff: date) -> str:
    digits = str(row["citizen_id"])
    row["citizen_id"] = f"{digits[:3]}{int(digits[3]) ^ 1}{digits[4:]}"
    return "citizen_id"


def _make_child(row: Row, cutoff: date) -> str:
    row["birth"], row["citizen_id"] = shifted(row, "release_date", 0).year - 8, None
    return "birth"


def _say_tick_in_words(row: Row, cutoff: date) -> str:
    column = next(column for column in ORG_COLUMNS if row.get(column))
    row[column] = "thỉnh thoảng"
    return column


def _lose_session_dates(row: Row, cutoff: date) -> str:
    row["date"] = row["from"] = row["to"] = None
    return "date"


def _copy(row: Row, cutoff: date) -> str:
    return "full_name"


MISTAKES = (
    _put("name_blank", "people", "full_name", None, _managed, quiet=True),
    _put("birth_blank", "people", "birth", None, _managed),
    _put("birth_unreadable", "people", "birth", "31/02/1985", _managed),
    _put("sex_blank", "people", "sex", None, _managed),
    Mistake("id_eleven_digits", "people", _managed_with("citizen_id"), _drop_digit),
    Mistake("id_other_birth_year", "people", _managed_with("citizen_id"), _shift_id_year),
    Mistake("id_other_sex", "people", _managed_with("citizen_id"), _swap_id_sex),
    _put("release_type_blank", "people", "release_type", None, _managed),
    _put("release_date_unreadable", "people", "release_date", "32/13/2023", _managed),
    _put("release_date_in_1824", "people", "release_date", "15/06/1824", _managed, quiet=True),
    Mistake("release_and_return_blank", "people", _managed, _lose_both_dates, quiet=True),
    _put("return_blank", "people", "return_date", None, _managed),
    _shift("return_before_release", "people", "return_date", "release_date", -20, _managed),
    _shift("return_far_ahead", "people", "return_date", "", 30 * 366, _managed, quiet=True),
    _put("probation_end_blank", "people", "probation_end_date", None, _conditional, quiet=True),
    _put("employment_blank", "people", "employment_status", None, _jobless),
    _put("employment_unknown_text", "people", "employment_status", "bình thường", _jobless),
    _put("occupation_blank", "people", "occupation", None, _at_work),
    _shift("employment_updated_ahead", "people", "employment_updated", "", 40, _managed),
    Mistake("tick_in_words", "people", lambda row: any(row.get(column) for column in ORG_COLUMNS), _say_tick_in_words),
    _shift("review_long_past", "people", "expunge_review_date", "", -400, _managed),
    _shift("end_before_start", "people", "end_date", "release_date", -90, _with("end_date"), quiet=True),
    _put("end_without_reason", "people", "end_reason", None, _with("end_date")),
    _put("reason_without_end", "people", "end_date", None, _with("end_date")),
    _put("reoffended_without_date", "people", "reoffend_date", None,
         lambda row: row["end_reason"] == label("end_reason", "REOFFENDED")),
    Mistake("released_as_child", "people", lambda row: _managed(row) and isinstance(row["release_date"], date), _make_child),
    Mistake(DUPLICATE, "people", _managed_with("citizen_id"), _copy, quiet=True),
    _put("support_unknown_name", "support", "person", "Người Không Có Tên", _plain),
    _put("support_date_blank", "support", "support_date", None, _plain),
    _shift("support_date_a_century_off", "support", "support_date", "support_date", -36525, _plain),
    _put("support_type_blank", "support", "support_type", None, _plain),
    _put("support_org_unknown", "support", "org", "Đoàn từ thiện", _plain),
    _put("support_amount_in_words", "support", "amount", "ba trăm", lambda row: _plain(row) and bool(row["amount"])),
    _put("loan_unknown_name", "loans", "person", "Người Không Có Tên"),
    _put("loan_date_blank", "loans", "loan_date", None, lambda row: not row["settled_on"]),
    _put("loan_amount_blank", "loans", "amount", None),
    _put("loan_over_limit", "loans", "amount", 250_000_000, lambda row: row["program"] == label("loan_program", "QD22")),
    _shift("loan_settled_before", "loans", "settled_on", "loan_date", -30),
    Mistake("session_without_dates", "outreach", _with("date"), _lose_session_dates),
    _put("session_without_channel", "outreach", "channel", None),
    _put("schedule_without_rate", "outreach", "per_week", None, _with("per_week")),
    _put("model_without_name", "models", "name", None),
    _put("model_type_unknown", "models", "model_type", "Mô hình mới"),
    _put("fund_amount_blank", "funds", "amount", None),
    _put("fund_date_unreadable", "funds", "date", "30/02/2026"),
)
"""Every kind of mistake, in the order in which the first ones are planted."""
KINDS = tuple(mistake.kind for mistake in MISTAKES)
