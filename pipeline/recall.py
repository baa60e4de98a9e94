"""Recall: read the ledger without making, changing or holding up anything, also while a run writes to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from pipeline.fault import Fault
from pipeline.ledger import LEDGER_FILE, Ledger


@contextmanager
def recalling(state: Path) -> Iterator[Ledger | None]:
    """Give the ledger for reading; None when there is none yet.

    Raises Fault when it cannot be read; unlike a run, a look sets no damaged ledger aside.
    """
    path = state / LEDGER_FILE
    if not path.is_file():
        yield None
        return
    try:
        with closing(_connect(path)) as connection:
            yield Ledger(connection)
    except (sqlite3.Error, OSError) as error:
        raise Fault(f"Không đọc được sổ trạng thái {LEDGER_FILE} ({type(error).__name__}). Hãy thử lại sau ít phút; "
                    "nếu vẫn vậy thì chạy pipeline run, lượt chạy sẽ lập lại sổ này.") from error


def _connect(path: Path) -> sqlite3.Connection:
    """Open for reading only; a ledger that a killed run left half-written is read as it lies there: a run puts it right."""
    for how in ("mode=ro", "mode=ro&immutable=1"):
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, timeout=5)
        try:
            connection.execute("SELECT max(number) FROM runs").fetchone()
        except sqlite3.OperationalError:
            connection.close()
        else:
            return connection
    raise sqlite3.OperationalError
