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
    # Without its log nobody has it open, and it can be read without a trace; with it, as it was before what is being written.
    untouched = "" if path.with_name(f"{path.name}-wal").exists() else "&immutable=1"
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro{untouched}", uri=True, timeout=5)) as connection:
            yield Ledger(connection)
    except (sqlite3.Error, OSError) as error:
        raise Fault(f"Không đọc được sổ trạng thái {LEDGER_FILE} ({type(error).__name__}). Hãy thử lại sau ít phút; "
                    "nếu vẫn vậy thì chạy pipeline run, lượt chạy sẽ lập lại sổ này.") from error
