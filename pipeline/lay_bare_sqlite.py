"""Lay bare a database file: every value of every table by itself, where the file's bytes have them without anything between."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path

_MAGIC = b"SQLite format 3\0"
_ENDINGS = (".sqlite", ".sqlite3", ".db")
_ROWS = 20_000
_LEAST, _MOST = 10**8, 10**12
"""Between these a whole number may be an identity number that lost its zeros."""


def is_base(path: Path) -> bool:
    """Tell a database by its name, else by its first bytes.

    One that this program itself writes to must not be opened beside SQLite: closing it again would drop its locks.
    """
    if path.suffix in _ENDINGS:
        return True
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def is_index(path: Path) -> bool:
    """Tell the index of a database's write-ahead log: numbers of pages, nothing that was written to one."""
    return path.name.endswith("-shm") and path.with_name(path.name.removesuffix("-shm")).suffix in _ENDINGS


def read_fields(path: Path) -> Iterator[bytes]:
    """Yield the texts and long whole numbers of all tables, so many rows at a time, with a comma between any two.

    Raises ValueError when it is none, or torn, or kept by another program.
    """
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=1)) as base:
            base.text_factory = bytes
            tables = base.execute("SELECT name, sql, type FROM sqlite_master").fetchall()
            yield _fields(tables)
            for name in (name.decode().replace('"', '""') for name, _, kind in tables if kind == b"table"):
                rows = base.execute(f'SELECT * FROM "{name}"')  # noqa: S608 - names of tables cannot be given otherwise
                while some := rows.fetchmany(_ROWS):
                    yield _fields(some)
    except sqlite3.Error as error:
        raise ValueError(type(error).__name__) from None


def _fields(rows: list[tuple[object, ...]]) -> bytes:
    values = set(chain.from_iterable(rows))
    texts = [value for value in values if isinstance(value, bytes)]
    return b",".join([*texts, *(b"%d" % value for value in values if isinstance(value, int | float) and _LEAST <= value < _MOST)])
