"""Section rows: a group's title among the data. Only a unit's name or a release type is kept of its text."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.anatomy.values import Section
from pipeline.anatomy.words import release_named, section_title, unit_named
from pipeline.text import fold

_LONGEST_UNIT = 60


def read_section(text: str, row: int, units: frozenset[str], releases: Mapping[str, str]) -> Section:
    """Return what a section row (0-based) is about. `units`: folded names of known units; `releases`: code -> label."""
    title = section_title(text)
    if len(title) <= _LONGEST_UNIT and (unit_named(title) or fold(title) in units):
        return Section(row + 1, "hamlet", title)
    code = release_named(title)
    if code:
        return Section(row + 1, "release_type", releases.get(code, ""), code)
    return Section(row + 1, "other")
