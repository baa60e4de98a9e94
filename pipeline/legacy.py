"""Tell a column typed in an old font (TCVN3, VNI) from Unicode, and convert it: domain.md §3.2.

Such a font draws Vietnamese letters in place of Western ones: "NguyÔn V¨n" is Nguyễn Văn in .VnTime, "Nguyeãn Vaên" in VNI-Times.
What is neither clearly the one nor the other is doubtful, and nothing is guessed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, NamedTuple

from pipeline.syllables import is_kin, is_syllable, read_charset

Encoding = Literal["unicode", "tcvn3", "vni", "doubtful"]

SIGNED_SHARE = 0.2
SIGNED_CELLS = 3
"""So many cells must hold a letter that no Unicode Vietnamese has."""
SHORTEST = 24
"""Characters of a column below which what it holds proves nothing without its font."""
MISSPELT = 50
MISSPELT_IN_FONT = 10
"""One word in so many may be no Vietnamese under any reading; one in ten where the font agrees."""
_TABLES: tuple[Encoding, ...] = ("tcvn3", "vni")
_SIGNATURE = re.compile("[¡-®µ-¹»-¾Ä-ÇËÎ-ÑÖ-ØÛÜÞßä-çëîïñö-øûüþ]")
"""Letters of the old fonts that no Unicode Vietnamese has."""
_MODERN = re.compile("[ĂăĐđĨĩŨũƠơƯưẠ-ỹ\u0300-\u036f]")
_WORD = re.compile("[A-Za-z¡-®µ-¹»-¾À-ÿĀ-ɏẠ-ỹ\u0300-\u036f]+")
_SMALL = re.compile("[a-z]")
_REPAIRED = str.maketrans("Ðð", "Đđ", "\u00ad")
_UNIT = "µ(?:[AFgHlLmMNsSVW]|mol|Sv|Gy|Ci|Pa)"
_UNITS = re.compile(_UNIT)
_KEPT = rf"(?P<kept>(?<=[\d ])[×÷·](?=[\d ])|(?<=\d)[¼½¾]|(?<![A-Za-z¡-®µ-ÿ]){_UNIT}(?![A-Za-z¡-®µ-ÿ]))"
"""Signs, which are no letters: 3 × 4, 10÷15, 1½, 5 µS/cm."""


class Verdict(NamedTuple):
    """What a column is written in, and how many cells that concerns: to be converted or, when doubtful, in doubt."""

    encoding: Encoding = "unicode"
    cells: int = 0


class _Reading(NamedTuple):
    """What a word may be: `strict`, where it is a legal syllable; `kin`, where it may pass for a name or an abbreviation.

    A word is `signed` by a letter that no Unicode Vietnamese has, or by a spelling that none has ("Traàn").
    """

    signed: bool
    strict: frozenset[Encoding]
    kin: frozenset[Encoding]

    def explained_by(self, encoding: Encoding) -> bool:
        """Tell whether an encoding makes sense of the word; where one makes a syllable of it, no mere likeness counts."""
        return encoding in (self.strict or self.kin)


@dataclass
class _Column:
    """What was seen in a column."""

    texts: int = 0
    length: int = 0
    signed: int = 0
    """Cells with a signed word that an old font makes sense of."""
    modern: bool = False
    counts: Counter[_Reading] = field(default_factory=Counter)
    """Distinct words of each reading."""
    fonts: Counter[Encoding] = field(default_factory=Counter)


def decide(texts: Sequence[str], fonts: Sequence[str] = ()) -> Verdict:
    """Decide what a column's texts are written in; `fonts` names the font of each, where known.

    A table is kept when all that it gives are Vietnamese syllables and no other reading does as well; the font settles what
    the words leave open. A mixture, a tie, or a column too short to tell is doubtful. Blank texts count for nothing.
    """
    told = [font_encoding(font) for font in fonts] or ["unicode"] * len(texts)
    joined = "\n".join(texts)
    if joined.isascii() or (not _SIGNATURE.search(joined) and _MODERN.search(joined)):
        return Verdict()
    cells = Counter(zip(texts, told, strict=True))
    column = _survey(cells)
    encoding = _conclude(column)
    if encoding == "doubtful":
        return Verdict(encoding, column.signed)
    return Verdict(encoding, sum(count for (text, _), count in cells.items() if convert(text, encoding) != text))


def convert(text: str, encoding: Encoding, capitals: bool = False) -> str:
    """Return a cell's text in Unicode; `capitals` for a font that draws every letter as a capital (see capital_font).

    A cell that already holds letters of Unicode Vietnamese stays as it is.
    """
    if encoding not in _TABLES or _MODERN.search(text):
        return text
    if not text.isascii():
        text = _converter(encoding)(text)
        text = _level(text) if encoding == "tcvn3" else text
    return text.upper() if capitals else text


def font_encoding(font: str) -> Encoding:
    """Return the encoding that a font's name speaks for."""
    name = font.strip().upper()
    return "tcvn3" if name.startswith(".VN") else "vni" if name.startswith("VNI") else "unicode"


def capital_font(font: str) -> bool:
    """Tell whether a font draws the codes of small letters as capitals (.VnTimeH)."""
    return font_encoding(font) == "tcvn3" and font.strip().endswith("H")


def _survey(cells: Counter[tuple[str, Encoding]]) -> _Column:
    column = _Column()
    seen: set[str] = set()
    for (text, font), count in cells.items():
        words = _WORD.findall(text)
        if not words:
            continue
        column.texts += count
        column.length += count * len(text.strip())
        modern = bool(_MODERN.search(text))
        column.modern |= modern
        readings = [(word, reading) for word in words if not (word.isascii() or _MODERN.search(word)) and (reading := _read(word))]
        if any(reading.signed and any(map(reading.explained_by, _TABLES)) for _, reading in readings):
            column.signed += count
        if readings and not modern:
            column.fonts[font] += count
        # Western letters beside modern ones are simply Unicode.
        new = {(word, reading) for word, reading in readings if word not in seen and (reading.signed or not modern)}
        seen.update(word for word, _ in new)
        column.counts.update(reading for _, reading in new)
    return column


def _conclude(column: _Column) -> Encoding:
    font = _font(column)
    signed = [one for one in column.counts if one.signed and not one.strict.isdisjoint(_TABLES)]
    enough = column.signed >= SIGNED_CELLS or column.signed >= SIGNED_SHARE * column.texts
    as_unicode = all(one.explained_by("unicode") for one in signed)
    if not signed:
        return _without_signature(column, font, enough)
    if column.modern:
        return "unicode" if as_unicode or not enough else "doubtful"
    if not enough and font == "unicode":
        return "unicode"
    fitting: list[Encoding] = [table for table in _TABLES if _fits(column, table, font)] + (["unicode"] if as_unicode else [])
    if len(fitting) == 1 and (column.length >= SHORTEST or fitting[0] in (font, "unicode")):
        return fitting[0]
    return font if font in fitting and font != "unicode" else "doubtful"


def _without_signature(column: _Column, font: Encoding, enough: bool) -> Encoding:
    """Judge a column in which no word is surely Vietnamese in an old font: foreign words and signs, or names of other peoples."""
    if column.modern:
        return "unicode"
    foreign = [one for one in column.counts if not one.explained_by("unicode")]
    if font != "unicode" and any(one.explained_by(font) for one in foreign) and _fits(column, font, font):
        return font
    hinted = enough and column.signed and any(_fits(column, table, font) for table in _TABLES)
    return "doubtful" if hinted and foreign else "unicode"


def _font(column: _Column) -> Encoding:
    """Return the encoding that the fonts of more than half of the cells in question speak for."""
    most = column.fonts.most_common(1)
    return most[0][0] if most and 2 * most[0][1] > column.fonts.total() else "unicode"


def _fits(column: _Column, table: Encoding, font: Encoding) -> bool:
    """Tell whether a table explains every word that has an explanation; a few misspelt ones have none."""
    if any(one.strict and table not in one.strict for one in column.counts):
        return False
    explained = sum(count for one, count in column.counts.items() if one.explained_by(table))
    return (column.counts.total() - explained) * (MISSPELT_IN_FONT if font == table else MISSPELT) <= explained


@lru_cache(maxsize=65536)
def _read(word: str) -> _Reading | None:
    """Return the readings of a word that is not plain ASCII; None for a sign or a unit, which prove nothing."""
    if len(word) == 1 or _UNITS.fullmatch(word):
        return None
    readings = {table: _decoded(word, table) for table in _TABLES}
    modern = word.translate(_REPAIRED)
    readings["unicode"] = "" if _SIGNATURE.search(modern) or not _evenly_cased(modern) else modern
    strict = {name for name, read in readings.items() if is_syllable(read)}
    kin = {name for name, read in readings.items() if read and is_kin(read)}
    if modern != word and (modern.isascii() or "unicode" in kin):
        strict.add("unicode")  # Đ typed as another letter (LÐ), a soft hyphen: Unicode at its most careless
    signed = bool(_SIGNATURE.search(word)) or ("unicode" not in strict and not strict.isdisjoint(_TABLES))
    return _Reading(signed, frozenset(strict), frozenset(kin))


def _decoded(word: str, table: Encoding) -> str:
    """Return a word as a table reads it; nothing where it holds a letter that the table has not."""
    pattern, letters = _table(table)
    return "" if not pattern.sub("", word).isascii() else pattern.sub(lambda found: letters[found[0]], word)


def _evenly_cased(word: str) -> bool:
    return word.islower() or word.isupper() or (word[0].isupper() and word[1:].islower())


@lru_cache(maxsize=2)
def _table(encoding: Encoding) -> tuple[re.Pattern[str], dict[str, str]]:
    """Return a table's letters by what an old font's text holds for them, and a pattern that finds the longest first."""
    letters = {bytes.fromhex(row["bytes"]).decode("latin-1"): row["letter"] for row in read_charset(f"{encoding}.csv")}
    if encoding == "vni":
        # A capital with a small letter's mark: what PROPER() makes of AÙNH.
        letters |= {glyphs[0] + glyphs[1:].lower(): letter for glyphs, letter in letters.items() if letter.isupper()}
    return re.compile("|".join(map(re.escape, sorted(letters, key=len, reverse=True)))), letters


@lru_cache(maxsize=2)
def _converter(encoding: Encoding) -> Callable[[str], str]:
    pattern, letters = _table(encoding)
    found = re.compile(f"{_KEPT}|{pattern.pattern}")
    return lambda text: found.sub(lambda one: one[0] if one["kept"] else letters[one[0]], text)


def _level(text: str) -> str:
    """Raise the small letters of words otherwise in capitals: TCVN3 has no toned capitals, "TRéM" is TRỘM.

    A word of one capital (Hµ) is raised only where the whole text is in capitals: "LÊ THị Hà" is LÊ THỊ HÀ, "UBND Hà" stays.
    """
    words = _WORD.findall(text)
    if not _SMALL.search(text) and any(_capitals(word) and (len(word) > 2 or not word.isascii()) and is_syllable(word) for word in words):
        return text.upper()
    return _WORD.sub(lambda found: found[0].upper() if _capitals(found[0]) and not _SMALL.search(found[0]) else found[0], text)


def _capitals(word: str) -> bool:
    """Tell whether a word has more than one capital, one of them without a mark."""
    return sum(map(str.isupper, word)) > 1 and bool(re.search("[A-Z]", word))
