"""Guess which sheet of the form a foreign table is, by its headers; a sheet's name alone proves nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pipeline.anatomy.map_headers import HeaderMap, map_headers
from pipeline.anatomy.values import HeaderColumn
from pipeline.form import Form
from pipeline.text import tone_neutral

NEEDED: dict[str, tuple[frozenset[str], ...]] = {
    "people": (frozenset({"full_name"}), frozenset({"birth", "birth_male", "birth_female", "sex", "sex_male", "citizen_id", "release_type",
                                                    "release_date", "return_date", "employment_status", "work_text", "hamlet"})),
    "support": (frozenset({"person"}), frozenset({"support_type", "org"}), frozenset({"support_date", "support_type"})),
    "loans": (frozenset({"person"}), frozenset({"amount"}), frozenset({"loan_date", "purpose", "program", "lender", "settled_on"})),
    "outreach": (frozenset({"channel", "sessions", "per_week"}), frozenset({"date", "from", "participants"})),
    "models": (frozenset({"name"}), frozenset({"model_type", "founded_on", "members"})),
    "funds": (frozenset({"amount"}), frozenset({"source", "kind"})),
}
"""Of each set one key is needed, else a table cannot be that sheet."""
RELEASED = frozenset({"release_type", "release_date", "return_date", "probation_end_date", "expunge_review_date", "reoffend_date",
                      "end_date", "end_reason", "helper", "orgs_text"})
"""Columns that only a register of released people has; any list of people has names and birth dates."""
TITLES = {
    "people": ("chấp hành xong", "đặc xá", "tái hòa nhập", "mãn hạn", "ra tù", "tha tù", "ra trại", "thncđ"),
    "support": ("hỗ trợ", "giúp đỡ"), "loans": ("vay vốn", "cho vay"), "models": ("mô hình",), "outreach": ("tuyên truyền",),
    "funds": ("kinh phí",)}
"""Words of a title that confirm a guess."""
_COMMON = frozenset({"stt", "note", "record_id", "person", "amount", "date", "participants", "purpose", "name"})
"""Keys that several sheets have: they tell little."""
_TELLING = 2
"""Keys that few sheets have, from which on any other sheet than a list of people is sure."""
_APART = 1.0
"""Points by which the best sheet must lead."""


class Guess(NamedTuple):
    """Which sheet of the form a table is."""

    sheet: str
    """Sheet key; empty when no sheet, or no single one, fits."""
    sure: bool = False
    """Its columns or its title say so; without that it may be any list of people, any table with a day and a form."""
    candidates: tuple[str, ...] = ()
    """The sheets that fit, the best first."""
    headers: HeaderMap = HeaderMap("")
    """The columns, understood as that sheet's."""


def guess_sheet(
    columns: Sequence[HeaderColumn], form: Form, title: str = "", fixed: Mapping[str, str] | None = None
) -> Guess:
    """Guess the sheet of a table from its headers; `title` (titles and sheet name) only confirms what they say."""
    scored = []
    for key, needs in NEEDED.items():
        headers = map_headers(columns, form.sheet[key], fixed)
        have = set(headers.keys.values()) | set(headers.ambiguous)
        if all(need & have for need in needs):
            score = sum(0.5 if one in _COMMON else 2.0 for one in have) - 0.5 * len(headers.unknown)
            scored.append((score, key, headers))
    scored.sort(key=lambda one: -one[0])
    candidates = tuple(key for _, key, _ in scored)
    if not scored or (len(scored) > 1 and scored[0][0] - scored[1][0] < _APART):
        return Guess("", candidates=candidates)
    _, best, headers = scored[0]
    have = set(headers.keys.values())
    told = bool(have & RELEASED) if best == "people" else len(have - _COMMON) >= _TELLING
    return Guess(best, told or any(word in tone_neutral(title) for word in TITLES[best]), candidates, headers)
