"""Tripwire: before publication, look into everything written for a name or an identity number seen that night.

A hit says which file and which part of it, never what was found.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from pipeline import lay_bare_arrow as arrow
from pipeline import lay_bare_sqlite as sqlite
from pipeline.fault import TripwireFault
from pipeline.lay_bare import Pieces, cut, cut_fields, open_parts, spell_out
from pipeline.secrets_file import Secrets
from pipeline.spelling import BREAK, names_in_full, number_forms, numbers_in, plain, without_marks

NAME_OF_FILE, NAME_OF_PART = "(tên tệp)", "(tên phần)"
_BLOCK, _OVERLAP = 16 << 20, 4096
"""Files that are no archives are read so many bytes at a time; so many are read twice, for what lies across."""
_REMEMBERED = 400_000
"""Texts found clean that are not looked at again: the communes' workbooks say mostly the same."""
_AT_ONCE = 8_000_000
"""Characters read together."""
_LISTED = 5
_SHORTEST_HASH, _HASH = 32, re.compile("(?:><t>)?[0-9a-f]{32,}(?:</t>)?")


class Hit(NamedTuple):
    """Where something personal stands; `part` is the member of an archive, empty for a plain file."""

    file: str
    part: str


class Tripwire:
    """Knows the night's names and numbers, and which of them are words of our own."""

    def __init__(self, secrets: Secrets, allowed: Iterable[str] = ()) -> None:
        """Prepare; `allowed` are texts that outputs say of themselves: a name within one of them never trips."""
        names = sorted(names_in_full(secrets.names))
        bare = without_marks(names)
        folded = {bare[at] for at, name in enumerate(names) if name.count(" ") >= 4} - set(names)
        self._patterns = [*names, *sorted(folded)]
        self._automaton = _build(self._patterns)
        text = BREAK.join(allowed)
        self._numbers = number_forms(secrets.numbers) - set(numbers_in(text))
        words = plain(text)
        self._excused = frozenset(self._found(words)) | {at for at in self._found(*without_marks([words])) if at >= len(names)}
        self._known_groups: set[str] = set()
        self._known_pieces: set[bytes] = set()
        self._known_parts: set[int] = set()

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
        paths = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*"))}
        files = {name: path for name, path in paths.items() if name not in skip and path.is_file()}
        if self.is_clean(files.values(), (path.name for path in paths.values())):
            return []
        hits: list[Hit] = []
        for name, path in paths.items():
            shown = self._clean_path(name)
            if self._trips([path.name]):
                hits.append(Hit(shown, NAME_OF_FILE))
            if name in files:
                hits += self._hits(shown, self._read_file(path))
        return list(dict.fromkeys(hits))

    def is_clean(self, paths: Iterable[Path], texts: Iterable[str] = ()) -> bool:
        """Tell whether nothing trips in some files, nor in these texts: everything they say is read once, all of it together."""
        unread, size = set(texts), 0
        try:
            for name, groups in (read for path in paths for read in self._read_file(path)):
                unread |= groups
                unread.add(name)
                size += sum(map(len, groups))
                if size > _AT_ONCE:
                    if self._trips(unread):
                        return False
                    unread, size = set(), 0
            return not self._trips(unread)
        except BaseException:
            self._forget()
            raise

    def scan_bytes(self, name: str, data: bytes) -> list[Hit]:
        """Look into one file's bytes; `name` is how hits call it."""
        return self._hits(name, self._read_parts_of(data))

    def _hits(self, name: str, parts: Iterable[tuple[str, set[str]]]) -> list[Hit]:
        hits = []
        for at, (part, groups) in enumerate(parts, start=1):
            if part and self._trips([part]):
                hits.append(Hit(name, f"{NAME_OF_PART} {at}"))
            elif self._trips(groups):
                hits.append(Hit(name, part))
        return hits

    def _read_file(self, path: Path) -> Iterator[tuple[str, set[str]]]:
        """Yield each part's name and what it says that was not said before, and take it as read."""
        if sqlite.is_index(path):
            return
        with suppress(ValueError):  # what is torn is read as it is
            if sqlite.is_base(path):
                yield from (("", self._unread(cut_fields(fields))) for fields in sqlite.read_fields(path))
                return
            if arrow.is_table(path):
                yield from (("", self._new({text.replace(BREAK, " / ") for text in texts})) for texts in arrow.read_texts(path))
                return
        for block in _blocks(path):
            yield from self._read_parts_of(block)

    def _read_parts_of(self, data: bytes) -> Iterator[tuple[str, set[str]]]:
        for part in open_parts(data, self._known_parts):
            self._known_parts.add(part.mark)
            yield part.name, self._unread(cut(part.data))

    def _unread(self, cutting: Pieces) -> set[str]:
        pieces = cutting.pieces - self._known_pieces
        if len(self._known_pieces) > _REMEMBERED:
            self._known_pieces.clear()
        self._known_pieces |= pieces
        return self._new(cutting.groups(pieces))

    def _new(self, groups: set[str]) -> set[str]:
        new = groups - self._known_groups
        if len(self._known_groups) > _REMEMBERED:
            self._known_groups.clear()
        self._known_groups |= new
        return {group for group in new if len(group) < _SHORTEST_HASH or not _HASH.fullmatch(group)}

    def _forget(self) -> None:
        """Take nothing as read."""
        self._known_groups.clear()
        self._known_pieces.clear()
        self._known_parts.clear()

    def _clean_path(self, name: str) -> str:
        """Return a path with … for what must not be said of it."""
        return "/".join("…" if self._trips([step]) else step for step in name.split("/"))

    def _trips(self, groups: Collection[str]) -> bool:
        for text in spell_out(groups):
            if not self._numbers.isdisjoint(numbers_in(text)) or any(at not in self._excused for at in self._found(plain(text))):
                self._forget()
                return True
        return False

    def _found(self, words: str) -> Iterator[int]:
        """Yield the position of every pattern in a plain text."""
        return (at for _, at in self._automaton.iter(words)) if self._patterns else iter(())


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
