"""Map headers: which column of a found table is which column of the form, and how that was understood.

A header is asked for as written, then with its tones where documents put them, then by alias, and folded only where it has no
diacritics itself: "Hộ tên" is no "Họ tên". Its last text first, then the whole path, then the texts above; without its
parentheses only as a second try. Nothing is guessed: two columns of one meaning are ambiguous, and none of them is taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pipeline.anatomy.books import HeaderBook, Understanding, book_of
from pipeline.anatomy.lexicon import PERSON_KEYS
from pipeline.anatomy.values import HeaderColumn
from pipeline.anatomy.words import bare_label, is_hint, label_key
from pipeline.form import Sheet
from pipeline.tidy.codes import nearest

SEXES = {"nam": "male", "nữ": "female", "nu": "female"}
"""Leaf below "Năm sinh" or "Giới tính" -> end of the pseudo key."""
PSEUDO_KEYS = ("birth_male", "birth_female", "sex_male", "sex_female", "orgs_text", "work_text", "hamlet", "address", "permanent_address")
"""Keys that the form has not: a birth date in the column that gives the sex, a tick below the sex, several organisations in one
text, work in free words, the hamlet, and two addresses in which only the hamlet is looked for."""
FAMILY_NAME = "family_name"
"""Half a name: never taken."""
_ORGANISATIONS = ("orgs_text", "helper", "org")
_OTHER_LEAVES = ("khác", "tổ chức khác", "đoàn thể khác")


@dataclass(frozen=True)
class HeaderMap:
    """What the columns of one table mean as columns of one sheet of the form; positions count from 0."""

    sheet: str
    keys: Mapping[int, str] = field(default_factory=dict)
    """Position -> column key or pseudo key; of each key one position."""
    how: Mapping[int, str] = field(default_factory=dict)
    """Position -> fixed, exact, tone, alias or folded."""
    ambiguous: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Key -> the columns that all mean it; none of them is in `keys`."""
    unknown: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """Position -> the headers of the form that are nearest, two at the most."""
    left_out: Mapping[int, str] = field(default_factory=dict)
    """Position -> what it is ("offence", "phone"): understood, and no column of the form takes it."""

    @property
    def positions(self) -> dict[str, int]:
        """Return the position of each key."""
        return {key: position for position, key in self.keys.items()}


class _Meaning(NamedTuple):
    key: str
    how: str
    weak: bool = False
    through_parent: bool = False


def map_headers(columns: Sequence[HeaderColumn], sheet: Sheet, fixed: Mapping[str, str] | None = None) -> HeaderMap:
    """Understand the headers of one table as columns of one sheet of the form.

    `fixed`: header path or its last text -> key, as the clerk has said once and for all; an empty key leaves the column out.
    """
    book = book_of(sheet)
    ruled = {label_key(text): key for text, key in (fixed or {}).items()}
    meanings: dict[int, _Meaning] = {}
    left_out: dict[int, str] = {}
    headed = [column for column in columns if column.path]
    for column in headed:
        said = next((ruled[key] for key in (label_key(column.text), label_key(column.path[-1])) if key in ruled), None)
        meaning = _Meaning(said, "fixed") if said is not None else _understand(column.path, book)
        if meaning and meaning.key in book.others:
            left_out[column.position] = meaning.key
        elif meaning and meaning.key:
            meanings[column.position] = meaning
        elif meaning:
            left_out[column.position] = "fixed"
    _drop_loose_parents(meanings, headed)
    left_out |= _join_names(meanings)
    ambiguous = _settle(meanings)
    taken = {position: meaning for position, meaning in meanings.items() if meaning.key not in ambiguous}
    unknown = {c.position: _near(c.path, sheet) for c in headed if c.position not in left_out and c.position not in meanings}
    return HeaderMap(sheet.key, _as_free_text(taken, ambiguous), {position: meaning.how for position, meaning in taken.items()},
                     ambiguous, unknown, left_out)


def _understand(path: tuple[str, ...], book: HeaderBook) -> _Meaning | None:
    """Return what a header path means: its last text, the path, a text above it; then all that without parentheses."""
    special = _under_parent(path, book)
    if special:
        return special
    weak: _Meaning | None = None
    for bare in (False, True):
        texts = [bare_label(text) if bare else text for text in path]
        if bare and texts == list(path):
            continue
        found = _ask(book, texts[-1], bare)
        whole = _ask(book, " > ".join(texts), bare) if len(texts) > 1 else None
        if found and not found.weak:
            return found
        if whole:
            return whole
        weak = weak or found
        above = [meaning for text in reversed(texts[:-1]) if (meaning := _ask(book, text, bare)) and not meaning.weak]
        if above and above[0].key not in book.others and not weak:
            return above[0]._replace(through_parent=not (is_hint(path[-1]) or not texts[-1]))
    return weak


def _ask(book: HeaderBook, text: str, bare: bool) -> _Meaning | None:
    found: Understanding | None = book.ask(text) if text else None
    if not found:
        return None
    return _Meaning(found.key, "alias" if bare and found.how in ("exact", "tone") else found.how, found.weak)


def _under_parent(path: tuple[str, ...], book: HeaderBook) -> _Meaning | None:
    """Return what a short text means below its parent: "Năm sinh > Nam", "Tổ chức giúp đỡ > Khác"."""
    if len(path) < 2:
        return None
    leaf = label_key(bare_label(path[-1]) or path[-1])
    parents = {found.key for text in path[:-1] for one in (text, bare_label(text)) if (found := book.ask(one)) and not found.weak}
    if leaf in SEXES:
        key = next((key for key in ("birth", "sex") if key in parents), "")
        return _Meaning(f"{key}_{SEXES[leaf]}", "alias") if key else None
    if leaf in _OTHER_LEAVES and parents & set(_ORGANISATIONS) and "org_other" in book.known:
        return _Meaning("org_other", "alias")
    return None


def _drop_loose_parents(meanings: dict[int, _Meaning], columns: Sequence[HeaderColumn]) -> None:
    """Trust a text above only where it heads that column alone; of several columns below it the last text must speak.

    Two or more that only their common parent explains stay, and so are ambiguous: "Tình trạng việc làm > Có | Không".
    """
    paths = {column.position: column.path for column in columns}
    for position in [at for at, meaning in meanings.items() if meaning.through_parent]:
        siblings = [at for at, path in paths.items() if at != position and path[:1] == paths[position][:1]]
        alike = [at for at in siblings if at in meanings and meanings[at].key == meanings[position].key]
        if siblings and not alike:
            del meanings[position]


def _join_names(meanings: dict[int, _Meaning]) -> dict[int, str]:
    """Take a family name and a given name in two columns for two names, which are ambiguous; beside a whole name leave them out."""
    parts = [at for at, meaning in meanings.items() if meaning.key == FAMILY_NAME]
    names = {at: meaning for at, meaning in meanings.items() if meaning.key in PERSON_KEYS}
    if not names or any(not meaning.weak for meaning in names.values()):
        return {at: meanings.pop(at).key for at in parts}
    for at in parts:
        meanings[at] = _Meaning(next(iter(names.values())).key, "alias", weak=True)
    return {}


def _settle(meanings: dict[int, _Meaning]) -> dict[str, tuple[int, ...]]:
    """Let common words give way to telling ones; return the keys that still have two columns."""
    by_key: dict[str, list[int]] = {}
    for position, meaning in meanings.items():
        by_key.setdefault(meaning.key, []).append(position)
    ambiguous = {}
    for key, positions in by_key.items():
        fixed = [at for at in positions if meanings[at].how == "fixed"]
        telling = fixed or [at for at in positions if not meanings[at].weak]
        if len(positions) > 1 and len(telling) == 1:
            for position in set(positions) - set(telling):
                del meanings[position]
        elif len(positions) > 1:
            ambiguous[key] = tuple(sorted(positions))
    return ambiguous


def _as_free_text(taken: Mapping[int, _Meaning], ambiguous: Mapping[str, object]) -> dict[int, str]:
    """Return the keys, the only column about work taken for free text, and the only address for the address."""
    keys = {position: meaning.key for position, meaning in taken.items()}
    have = set(keys.values()) | set(ambiguous)
    work = have & {"employment_status", "occupation", "work_text"}
    if len(work) == 1:
        loose = {"occupation": ("exact", "tone", "alias", "folded"), "employment_status": ("alias", "folded")}
        keys = {at: "work_text" if taken[at].how in loose.get(key, ()) else key for at, key in keys.items()}
    if "permanent_address" in have and "address" not in have:
        keys = {at: "address" if key == "permanent_address" else key for at, key in keys.items()}
    return keys


def _near(path: tuple[str, ...], sheet: Sheet) -> tuple[str, ...]:
    """Return the two nearest headers of the form, the nearest first."""
    labels = [column.header for column in sheet.columns]
    first = nearest(path[-1], labels) or (nearest(path[0], labels) if len(path) > 1 else "")
    second = nearest(path[-1], [label for label in labels if label != first]) if first else ""
    return tuple(label for label in (first, second) if label)
