"""Unit names: which unit of the register somebody means who wrote "T. Đông 1", "TDP3" or "thôn đông I" (domain.md §2.4)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from pipeline.text import clean, fold, tone_neutral
from pipeline.units import Register, Unit

_TYPES = {
    "thon": "thon", "t": "thon", "lang": "lang", "xom": "xom", "ban": "ban", "buon": "buon", "bon": "bon", "plei": "plei", "play": "plei",
    "ap": "ap", "phum": "phum", "soc": "soc", "to dan pho": "to dan pho", "tdp": "to dan pho", "khu pho": "khu pho", "kp": "khu pho",
    "khoi": "khoi", "khoi pho": "khoi", "khom": "khom", "tieu khu": "tieu khu", "tk": "tieu khu", "khu dan cu": "khu dan cu",
    "kdc": "khu dan cu", "khu vuc": "khu vuc", "khu": "khu", "cum": "cum", "to": "to",
    "xa": "xa", "phuong": "phuong", "p": "phuong", "thi tran": "thi tran", "tt": "thi tran", "dac khu": "dac khu",
}
"""Words that a unit's name begins with, folded -> one word for each kind."""
_LONGEST = sorted(_TYPES, key=len, reverse=True)
_JOINT = re.compile(r"(?<=[a-z])(?=[0-9])|(?<=[0-9])(?=[a-z])")
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "xi": 11, "xii": 12}
"""A lone v or x after a name may be a letter."""


class UnitKey(NamedTuple):
    """What names of units are compared by; `kind` is empty where no type is written."""

    kind: str
    name: str


@dataclass(frozen=True)
class Found:
    """What a name was found to mean: one unit, or none and the nearest."""

    unit: Unit | None
    near: tuple[Unit, ...] = ()


def unit_key(text: str) -> UnitKey:
    """Return the key of a unit's name as somebody wrote it."""
    words = _JOINT.sub(" ", fold(clean(text))).strip()
    kind = ""
    for start in _LONGEST:
        if words.startswith(f"{start} "):
            kind, words = _TYPES[start], words[len(start) + 1:]
            break
    parts = words.split()
    if len(parts) > 1 and parts[0] == "so" and parts[1].isdecimal():
        parts = parts[1:]
    if parts and parts[-1] in _ROMAN:
        parts[-1] = str(_ROMAN[parts[-1]])
    return UnitKey(kind, " ".join(part.lstrip("0") or "0" if part.isdecimal() else part for part in parts))


class UnitNames:
    """The register's hamlets and communes at a date, by what people call them."""

    def __init__(self, register: Register, day: date, level: str = "hamlet") -> None:
        self._register, self._day = register, day
        self._by_name: dict[str, list[tuple[str, Unit]]] = {}
        for unit in register.at(day):
            if unit.level == level:
                kind, name = unit_key(unit.full_name)
                self._by_name.setdefault(name, []).append((kind, unit))

    def find(self, text: str, commune_id: str = "") -> Found:
        """Return the unit that a name means, inside one commune where that is known; never one that is only similar."""
        kind, name = unit_key(text)
        known = [one for one in self._by_name.get(name, ()) if self._inside(one[1], commune_id)] if name else []
        same = [unit for found, unit in known if found == kind] or [unit for found, unit in known if not kind or not found]
        if len(same) > 1:
            toned = _toned(text)
            same = [unit for unit in same if _toned(unit.full_name) == toned or _toned(unit.name) == toned]
        if len(same) == 1:
            return Found(same[0])
        return Found(None, tuple(self._nearest(name, commune_id)) if name else ())

    def _inside(self, unit: Unit, commune_id: str) -> bool:
        parent = self._register.parent(unit, self._day)
        return not commune_id or (parent is not None and parent.unit_id == commune_id)

    def _nearest(self, name: str, commune_id: str) -> Iterable[Unit]:
        from rapidfuzz import fuzz, process  # only names that nobody has pay for it

        names = [known for known, units in self._by_name.items() if any(self._inside(unit, commune_id) for _, unit in units)]
        for known, _, _ in process.extract(name, names, scorer=fuzz.ratio, limit=2, score_cutoff=50):
            yield next(unit for _, unit in self._by_name[known] if self._inside(unit, commune_id))


def _toned(text: str) -> str:
    """Return what tells Đông from Động: the name's key, its words with their tones."""
    parts = unit_key(text).name.split()
    words = tone_neutral(text).replace(".", " ").split()[-len(parts):] if parts else []
    return " ".join(word if fold(word) == part else part for word, part in zip(words, parts, strict=False))


def first_found(texts: Sequence[str], names: UnitNames, commune_id: str = "") -> Unit | None:
    """Return the unit that the first telling one of some texts means."""
    return next((found.unit for text in texts if (found := names.find(text, commune_id)).unit), None)
