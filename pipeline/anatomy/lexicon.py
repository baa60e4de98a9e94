"""The known header words: the form's own, and the aliases of pipeline/form/aliases.csv, which are written with diacritics.

`sheet` other holds words of office lists that no column of the form takes; a `weak` alias ("Tên", "Khác") is too common
a word to tell a header by, and gives way to a better one.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from pipeline.anatomy.words import LONGEST_LABEL, bare_label, has_marks, is_serial_header, label_key, label_text
from pipeline.fault import SettingsFault
from pipeline.form import FORM_FOLDER, Form, load_form
from pipeline.text import fold

ALIASES = FORM_FOLDER / "aliases.csv"
NOT_TABLES = ("guide", "info", "lists")
OTHER = "other"
"""The sheet of words that no column takes."""
PERSON_KEYS = ("full_name", "person")


class Alias(NamedTuple):
    """One more name of a column; `alias` may be a path ("Việc làm > Tình trạng")."""

    sheet: str
    key: str
    alias: str
    weak: bool


@lru_cache(maxsize=4)
def load_aliases(path: Path = ALIASES) -> tuple[Alias, ...]:
    """Read the aliases. Raises SettingsFault when the file cannot be read."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return tuple(Alias(row["sheet"], row["key"], row["alias"], row["weak"] == "yes") for row in csv.DictReader(file))
    except (OSError, KeyError) as error:
        raise SettingsFault(f"Không đọc được tệp biểu mẫu {path.name}.") from error


@dataclass(frozen=True)
class Lexicon:
    """Header words, asked cheaply by their first word, then by their key; folded only where the text has no diacritics."""

    keys: frozenset[str]
    folded: frozenset[str]
    firsts: frozenset[str]
    people: frozenset[str]
    """Keys, with and without diacritics, that head the names of people."""
    machine: frozenset[str]
    """The template's hidden column keys."""
    releases: dict[str, str]
    """Release type -> its label."""

    def knows(self, text: str) -> bool:
        """Tell whether a text is a known header word."""
        if len(text) > LONGEST_LABEL or _first_word(text) not in self.firsts:
            return False
        return self._has(label_key(text)) or self._has(label_key(bare_label(text)))

    def _has(self, key: str) -> bool:
        return key in self.keys or (bool(key) and not has_marks(key) and key in self.folded)

    def heads_people(self, path: tuple[str, ...]) -> bool:
        """Tell whether a header path heads the names of people."""
        return any(key in self.people for text in path for key in (label_key(text), label_key(bare_label(text))))


@lru_cache(maxsize=16384)
def _fold_first(word: str) -> str:
    return fold(word).split(" ", 1)[0]


def _first_word(text: str) -> str:
    """Return the first word, folded: enough to pass over most cells of a table without looking closer."""
    words = text.split(None, 1)
    if not words:
        return ""
    first = words[0]
    return _fold_first(first) if first[0].isalpha() else _fold_first(label_text(text)[:24])


@lru_cache(maxsize=1)
def default_lexicon() -> Lexicon:
    """Return the lexicon of our form and its aliases."""
    return build_lexicon(load_form(), load_aliases())


def build_lexicon(form: Form, aliases: tuple[Alias, ...]) -> Lexicon:
    """Gather the header words of a form and its aliases; paths and weak words tell no header."""
    sheets = [sheet for sheet in form.sheets if sheet.key not in NOT_TABLES]
    columns = [column for sheet in sheets for column in sheet.columns]
    strong = [a for a in aliases if not a.weak and ">" not in a.alias]
    words = [column.header for column in columns] + [alias.alias for alias in strong]
    words = [word for word in words if not is_serial_header(word)]
    keys = frozenset(label_key(word) for word in words)
    people = [c.header for c in columns if c.key in PERSON_KEYS] + [a.alias for a in strong if a.key in PERSON_KEYS]
    plain = {key for key in map(fold, words) if len(key) > 3}
    return Lexicon(keys, frozenset(plain), frozenset(_first_word(word) for word in words),
                   frozenset(key for word in people for key in (label_key(word), fold(word))),
                   frozenset(column.key for column in columns), {c.code: c.label for c in form.lists["release_type"]})
