"""Allowed: what outputs say of themselves and of units and files, so that a person who is called the same stops no night."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from pipeline.lay_bare import open_parts, texts_of
from pipeline.units import Unit

_HOME = Path(__file__).parent
_READ = frozenset({".py", ".csv", ".json", ".toml", ".html", ".css", ".docx", ".txt"})
_INVENTORS = "demo"
"""Holds invented people: the one part of the program whose words are names."""


def allowed_texts(expectations: Path, units: Iterable[Unit], files: Iterable[str]) -> Iterator[str]:
    """Yield the program's own words, the catalogue's, the units' names as outputs write them, the workbooks' paths below inputs/."""
    yield from own_texts(_HOME)
    yield from own_texts(expectations)
    for unit in units:
        yield from (unit.name, unit.full_name, unit.folder, f"{unit.type} {unit.name}")
    yield from files


@cache
def own_texts(folder: Path) -> tuple[str, ...]:
    """Return all text of the files below a folder of the program: labels, headers, messages, templates."""
    return tuple(text for path in sorted(folder.rglob("*")) if _is_ours(path, folder)
                 for part in open_parts(path.read_bytes()) for text in texts_of(part.data))


def _is_ours(path: Path, folder: Path) -> bool:
    return path.suffix in _READ and _INVENTORS not in path.relative_to(folder).parts and path.is_file()
