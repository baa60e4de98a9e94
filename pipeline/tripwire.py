"""Tripwire: before publication, look into everything written for a name or an identity number seen that night.

A hit says which file and which part of it, never what was found.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.fault import TripwireFault
from pipeline.lay_bare import BREAK, decode, open_parts, spell_out, split_groups
from pipeline.secrets_file import Secrets
from pipeline.text import clean, fold

NAME_OF_FILE, NAME_OF_PART = "(tên tệp)", "(tên phần)"
_BLOCK, _OVERLAP = 16 << 20, 4096
"""Files that are no archives are read so many bytes at a time; so many are read twice, for what lies across."""
_REMEMBERED = 400_000
"""Texts found clean that are not looked at again: the communes' workbooks say mostly the same."""
_LISTED = 5
_JOINER = re.compile(r"[\s_.\-\u2010-\u2015'’]+")
_NOT_LETTER = re.compile(r"(?:[^\w\u0300-\u036f ]|\d)+")
_DIGITS = re.compile(r"(?<![0-9])[0-9](?:[\s.\-\u2010-\u2015]?[0-9]){8,}(?![0-9])")
_HEX = re.compile(r"\b[0-9a-f]{32,}\b", re.IGNORECASE)
_NUMBER_SIZES = (9, 10, 11, 12)
"""Digits of an identity number: 12 or (the old kind) 9; 10 and 11 are 12 that lost zeros in a number cell."""


class Hit(NamedTuple):
    """Where something personal stands; `part` is the member of an archive, empty for a plain file."""

    file: str
    part: str


class Tripwire:
    """Knows the night's names and numbers, and which of them are words of our own."""

    def __init__(self, secrets: Secrets, allowed: Iterable[str] = ()) -> None:
        """Prepare; `allowed` are texts that outputs say of themselves: a name within one of them never trips."""
        names = {one for name in secrets.names for one in _name_forms(name)}
        folded = {bare for name in names if name.count(" ") >= 4 and (bare := f" {fold(name)} ") not in names}
        self._patterns = [*sorted(names), *sorted(folded)]
        self._automaton = _build(self._patterns)
        self._numbers = {form for number in secrets.numbers for form in _number_forms(number)}
        text = BREAK.join(allowed)
        self._numbers -= set(_numbers_in(text))
        plain = _plain(text)
        bare = f" {BREAK} ".join(f" {fold(piece)} " for piece in plain.split(BREAK))
        self._excused = frozenset(self._found(plain)) | {at for at in self._found(_spaced(bare)) if at >= len(names)}
        self._clean: set[str] = set()

    @property
    def watched(self) -> int:
        """Return how many spellings of names and numbers are looked for."""
        return len(self._patterns) - len(self._excused) + len(self._numbers)

    @property
    def excused(self) -> int:
        """Return how many spellings of names are words of our own, and so are not looked for."""
        return len(self._excused)

    def scan_folder(self, folder: Path, skip: Collection[str] = ()) -> list[Hit]:
        """Look into every file below a folder, hidden ones too, and at its name; `skip` names files of the folder to leave out.

        Raises OSError for a file that cannot be read: it cannot be said to be clean.
        """
        hits: list[Hit] = []
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            if self._trips([path.name]):
                hits.append(Hit(self._clean_path(name), NAME_OF_FILE))
            if path.is_file() and name not in skip:
                shown = self._clean_path(name)
                hits += [hit for block in _blocks(path) for hit in self.scan_bytes(shown, block)]
        return list(dict.fromkeys(hits))

    def scan_bytes(self, name: str, data: bytes) -> list[Hit]:
        """Look into one file's bytes; `name` is how hits call it."""
        hits = []
        for at, part in enumerate(open_parts(data), start=1):
            shown = f"{NAME_OF_PART} {at}" if part.name and self._trips([part.name]) else part.name
            if shown != part.name or self._trips(split_groups(decode(part.data))):
                hits.append(Hit(name, shown))
        return hits

    def _clean_path(self, name: str) -> str:
        """Return a path with … for what must not be said of it."""
        return "/".join("…" if self._trips([step]) else step for step in name.split("/"))

    def _trips(self, groups: Collection[str]) -> bool:
        new = [group for group in groups if group not in self._clean]
        for text in spell_out(new):
            if not self._numbers.isdisjoint(_numbers_in(text)) or any(at not in self._excused for at in self._found(_plain(text))):
                return True
        if len(self._clean) + len(new) > _REMEMBERED:
            self._clean.clear()
        self._clean.update(new)
        return False

    def _found(self, plain: str) -> Iterator[int]:
        """Yield the position of every pattern in a plain text."""
        return (at for _, at in self._automaton.iter(plain)) if self._patterns else iter(())


def refuse(hits: Sequence[Hit]) -> None:
    """Raise TripwireFault, which stops publication with exit code 4, when there is a hit."""
    if not hits:
        return
    places = [f"{file} › {part}" if part else file for file, part in hits]
    more = f" và {len(places) - _LISTED} chỗ khác" if len(places) > _LISTED else ""
    raise TripwireFault(f"Phát hiện dữ liệu cá nhân trong kết quả nên không phát hành: {'; '.join(places[:_LISTED])}{more}. "
                        "Kết quả cũ vẫn giữ nguyên. Hãy báo người phụ trách kỹ thuật.")


def _build(patterns: Sequence[str]) -> Any:
    import ahocorasick

    automaton = ahocorasick.Automaton()
    for at, pattern in enumerate(patterns):
        automaton.add_word(pattern, at)
    automaton.make_automaton()
    return automaton


def _blocks(path: Path) -> Iterator[bytes]:
    """Yield a file's bytes: an archive whole, anything else a block at a time."""
    with path.open("rb") as file:
        block = file.read(_BLOCK)
        if block.startswith(b"PK"):
            block += file.read()
        yield block
        while more := file.read(_BLOCK):
            yield block[-_OVERLAP:] + more
            block = more


def _spaced(text: str) -> str:
    return " " + " ".join(text.split()) + " "


def _plain(text: str) -> str:
    """Return lower-case NFC words with a space around each; a break wherever something else than a joiner stands."""
    return _spaced(_NOT_LETTER.sub(f" {BREAK} ", _JOINER.sub(" ", clean(text).casefold())))


def _name_forms(name: str) -> Iterator[str]:
    """Yield " nguyễn văn a " for a name of two syllables or more; what stands in brackets or after a comma is none of it."""
    for piece in _plain(name).split(BREAK):
        syllables = piece.split()
        if len(syllables) >= 2 and max(map(len, syllables)) >= 2:
            yield f" {' '.join(syllables)} "
            return


def _number_forms(number: str) -> Iterator[str]:
    """Yield the digits of an identity number; none for what nobody's number can be: 000000000000, a round sum."""
    digits = re.sub(r"[^0-9]", "", number)
    if len(digits) not in _NUMBER_SIZES or len(set(digits)) < 3 or digits.endswith("00000"):
        return
    yield digits
    if len(digits) > 9 and len(bare := digits.lstrip("0")) >= 10:
        yield bare
    if len(digits) in (10, 11):
        yield digits.zfill(12)


def _numbers_in(text: str) -> Iterator[str]:
    """Yield every run of 9 to 12 digits that is whole, or in groups parted by spaces, dots or dashes; none of a hash."""
    for match in _DIGITS.finditer(_HEX.sub(BREAK, text)):
        groups = re.findall(r"[0-9]+", match[0])
        for start in range(len(groups)):
            digits = ""
            for group in groups[start:]:
                digits += group
                if len(digits) > 12:
                    break
                if len(digits) >= 9:
                    yield digits
