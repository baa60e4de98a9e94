"""The unit register: who belongs to whom, at a date (inputs/don-vi.xlsx, sheet Đơn vị)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from pipeline.fault import SettingsFault
from pipeline.text import fold, slug

REGISTER_FILE = "don-vi.xlsx"
REGISTER_SHEET = "Đơn vị"
LEVELS = {"thon": "hamlet", "xa": "commune", "huyen": "district", "tinh": "province", "cum": "cluster"}
"""Folded Vietnamese level -> the word of statistics.csv."""
LEVEL_LABELS = {"hamlet": "thôn", "commune": "xã", "district": "huyện", "province": "tỉnh", "cluster": "cụm"}
REGISTER_COLUMNS = {"unit_id": "Mã", "level": "Cấp", "type": "Loại", "name": "Tên", "parent_id": "Mã cấp trên",
                    "valid_from": "Từ ngày", "valid_to": "Đến ngày", "gso_code": "Mã ĐVHC"}
_SAFE_ID = re.compile(r"[^\W_][\w.\-]*\Z")


@dataclass(frozen=True)
class Unit:
    """A hamlet, commune, district, province or cluster, valid between two dates (both included)."""

    unit_id: str
    level: str
    type: str
    name: str
    parent_id: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    gso_code: str = ""
    row: int = 0

    @property
    def full_name(self) -> str:
        """Return the type and the name ("Xã Hợp Đức"), the type once."""
        if not self.type or fold(self.name).startswith(fold(self.type)):
            return self.name
        return f"{self.type} {self.name}"

    @property
    def folder(self) -> str:
        """Return the unit's part of an output path ("HD-hop-duc")."""
        return f"{self.unit_id}-{slug(self.name) or 'don-vi'}"

    def valid_at(self, day: date) -> bool:
        """Tell whether the unit exists on `day`."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class Register:
    """All units, in the register's order, which is the order of every table."""

    units: tuple[Unit, ...] = ()
    given: bool = True
    """False when the units were taken from the workbooks because there is no register."""
    _by_id: Mapping[str, tuple[Unit, ...]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        by_id: dict[str, tuple[Unit, ...]] = {}
        for unit in self.units:
            by_id[unit.unit_id] = (*by_id.get(unit.unit_id, ()), unit)
        object.__setattr__(self, "_by_id", by_id)

    @cached_property
    def ids(self) -> frozenset[str]:
        """Return every unit_id, whenever valid."""
        return frozenset(self._by_id)

    def find(self, unit_id: str, day: date) -> Unit | None:
        """Return the unit as it is on `day`, or None when it is not valid then."""
        return next((unit for unit in self._by_id.get(unit_id, ()) if unit.valid_at(day)), None)

    def known(self, unit_id: str) -> Unit | None:
        """Return the unit, whenever valid."""
        return next(iter(self._by_id.get(unit_id, ())), None)

    def at(self, day: date) -> tuple[Unit, ...]:
        """Return the units valid on `day`, in register order."""
        return tuple(unit for unit in self.units if unit.valid_at(day))

    def parent(self, unit: Unit, day: date) -> Unit | None:
        """Return the nearest unit above that is valid on `day`.

        A parent that has ended is passed over for its own parent, whenever that was written down.
        """
        seen = {unit.unit_id}
        above = unit.parent_id
        while above and above not in seen:
            seen.add(above)
            found = self.find(above, day)
            if found:
                return found
            past = self.known(above)
            above = past.parent_id if past else ""
        return None

    def children(self, day: date) -> dict[str, tuple[Unit, ...]]:
        """Return the units below each unit on `day`, in register order."""
        below: dict[str, list[Unit]] = {}
        for unit in self.at(day):
            parent = self.parent(unit, day)
            if parent:
                below.setdefault(parent.unit_id, []).append(unit)
        return {parent_id: tuple(units) for parent_id, units in below.items()}


def is_safe_id(unit_id: str) -> bool:
    """Tell whether a code can name a unit, and so a folder: no space, no slash."""
    return _SAFE_ID.match(unit_id) is not None


def build_register(units: Iterable[Unit]) -> Register:
    """Check the register's rows and return it.

    Raises SettingsFault naming the rows: a repeated code, an unknown level or parent, a unit above itself.
    A unit may stand in several rows whose dates do not overlap (its parent changed).
    """
    units = tuple(units)
    problems = [*_problems_of_rows(units), *_problems_of_parents(units)]
    if problems:
        shown = "; ".join(problems[:5]) + (f"; và {len(problems) - 5} lỗi khác" if len(problems) > 5 else "")
        raise SettingsFault(f"Sổ đơn vị {REGISTER_FILE} có lỗi: {shown}. Hãy sửa sổ đơn vị rồi chạy lại.")
    return Register(units)


def _problems_of_rows(units: tuple[Unit, ...]) -> Iterable[str]:
    seen: dict[str, list[Unit]] = {}
    for unit in units:
        if not is_safe_id(unit.unit_id):
            yield f"dòng {unit.row}: Mã để trống hoặc có dấu cách, dấu gạch chéo"
        if unit.level not in LEVEL_LABELS:
            yield f"dòng {unit.row}: Cấp phải là thôn, xã, huyện, tỉnh hoặc cụm"
        if not unit.name:
            yield f"dòng {unit.row}: chưa ghi Tên"
        if any(_overlap(unit, other) for other in seen.get(unit.unit_id, ())):
            yield f"dòng {unit.row}: mã {unit.unit_id} bị trùng"
        seen.setdefault(unit.unit_id, []).append(unit)


def _overlap(one: Unit, other: Unit) -> bool:
    starts = max(one.valid_from or date.min, other.valid_from or date.min)
    return starts <= min(one.valid_to or date.max, other.valid_to or date.max)


def _problems_of_parents(units: tuple[Unit, ...]) -> Iterable[str]:
    parents = {unit.unit_id: unit.parent_id for unit in units}
    levels = {unit.unit_id: unit.level for unit in units}
    for unit in units:
        if unit.parent_id and unit.parent_id not in parents:
            yield f"dòng {unit.row}: Mã cấp trên {unit.parent_id} không có trong sổ"
        if unit.level == "hamlet" and not unit.parent_id:
            yield f"dòng {unit.row}: thôn chưa ghi Mã cấp trên"
        if unit.level == "hamlet" and levels.get(unit.parent_id, "commune") != "commune":
            yield f"dòng {unit.row}: Mã cấp trên của thôn phải là mã một xã"
        seen, above = set(), unit.unit_id
        while above and above not in seen:
            seen.add(above)
            above = parents.get(above, "")
        if above:
            yield f"dòng {unit.row}: đơn vị {unit.unit_id} nằm dưới chính nó"
