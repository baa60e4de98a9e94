"""Lay one unit's figures down as tidy rows: sheet Số liệu and statistics.csv."""

from __future__ import annotations

from typing import NamedTuple

from pipeline.form import Form, Indicator
from pipeline.statistics import Edition, Figures


class TidyRow(NamedTuple):
    """One figure of one unit; the field names are the columns."""

    period: str
    cutoff: str
    level: str
    unit_id: str
    unit_name: str
    parent_id: str
    indicator: str
    value: int | float | str | None
    """None when nobody reported it, never 0; "-" for the rate of nobody."""
    reported: int | None
    expected: int | None


TIDY_COLUMNS = TidyRow._fields


def tidy_value(figures: Figures, indicator: Indicator) -> int | float | None:
    """Return the figure as a whole number, or a rate with one decimal.

    None when it is absent, or when `reported` counts nobody for its way of being born ("hamlet", "commune", "both").
    """
    value = figures.values.get(indicator.key)
    if value is None or not figures.reported.get(indicator.born):
        return None
    if indicator.unit == "%":
        return round(float(value), 1)
    return int(value) if float(value).is_integer() else float(value)


def tidy_rows(edition: Edition, figures: Figures, form: Form) -> list[TidyRow]:
    """Return one row for each indicator of the form, in the form's order."""
    unit, cutoff = figures.unit, edition.cutoff.isoformat()
    head = (edition.period, cutoff, unit.level, unit.unit_id, unit.full_name, figures.parent_id)
    reported, expected = figures.reported, figures.expected
    return [TidyRow(*head, one.key, _rate_of_nobody(figures, one) or tidy_value(figures, one), reported.get(one.born),
                    expected.get(one.born)) for one in form.indicators]


def _rate_of_nobody(figures: Figures, indicator: Indicator) -> str | None:
    """Return "-" for a rate whose whole was reported as 0 (DESIGN §4)."""
    idle = indicator.unit == "%" and figures.reported.get(indicator.born) and not figures.values.get("total")
    return "-" if idle else None
