"""The header book of one sheet of the form: asked by a header's text, from the surest way of understanding to the last."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from pipeline.anatomy.lexicon import OTHER, load_aliases
from pipeline.anatomy.words import has_marks, is_serial_header, label_key, label_text
from pipeline.form import Sheet
from pipeline.text import fold

_LONG_DAY = "ngày tháng năm "
"""Says no more than "ngày"."""


class Understanding(NamedTuple):
    """A header understood: the column's key, and how."""

    key: str
    how: str
    weak: bool = False
    """Too common a word to prefer to any other header."""


@dataclass(frozen=True)
class HeaderBook:
    """The names of one sheet's columns."""

    exact: dict[str, str]
    toned: dict[str, str]
    aliases: dict[str, Understanding]
    folded: dict[str, Understanding]
    """Only names that no other column shares when folded."""
    known: frozenset[str]
    """The keys of the sheet."""
    others: frozenset[str]
    """What a header can be that no column takes."""

    def ask(self, text: str) -> Understanding | None:
        """Return what a header text means; None when it is unknown."""
        text = label_text(text)
        if text in self.exact:
            return Understanding(self.exact[text], "exact")
        if is_serial_header(text):
            return Understanding("stt" if "stt" in self.known else "serial", "alias")
        key = _path_key(text)
        if key in self.toned:
            return Understanding(self.toned[key], "tone")
        found = self.aliases.get(key) or (None if has_marks(text) else self.folded.get(_folded_path(text)))
        if not found and key.startswith(_LONG_DAY):
            short = "ngày " + key.removeprefix(_LONG_DAY)
            found = Understanding(self.toned[short], "alias") if short in self.toned else self.aliases.get(short)
        return found


@lru_cache(maxsize=16384)
def _path_key(text: str) -> str:
    return " > ".join(label_key(part) for part in text.split(">"))


def _folded_path(text: str) -> str:
    return " > ".join(fold(part) for part in text.split(">"))


@lru_cache(maxsize=64)
def _book(names: tuple[tuple[str, str], ...], plain: tuple[tuple[str, str], ...], sheet: str) -> HeaderBook:
    own = [alias for alias in load_aliases() if alias.sheet == sheet]
    other = [alias for alias in load_aliases() if alias.sheet == OTHER]
    toned = {label_key(header): key for header, key in names}
    aliases: dict[str, Understanding] = {}
    for alias in (*own, *other):
        aliases.setdefault(_path_key(alias.alias), Understanding(alias.key, "alias", alias.weak))
    weak = {_folded_path(alias.alias) for alias in own if alias.weak}
    folded: dict[str, set[str]] = {}
    for name, key in (*names, *plain, *((alias.alias, alias.key) for alias in own)):
        folded.setdefault(_folded_path(name), set()).add(key)
    mine = frozenset(folded)
    for alias in other:
        if (name := _folded_path(alias.alias)) not in mine:
            folded.setdefault(name, set()).add(alias.key)
    # What stands under one folded key twice, as "nam" for Nam and Năm, is not understood without diacritics.
    unique = {name: Understanding(min(keys), "folded", name in weak) for name, keys in folded.items() if len(keys) == 1 and name}
    return HeaderBook({label_text(header): key for header, key in names}, toned, aliases, unique,
                      frozenset(key for _, key in names), frozenset(alias.key for alias in other))


def book_of(sheet: Sheet) -> HeaderBook:
    """Return the header book of a sheet of the form."""
    return _book(tuple((column.header, column.key) for column in sheet.columns),
                 tuple((name, column.key) for column in sheet.columns for name in column.aliases), sheet.key)
