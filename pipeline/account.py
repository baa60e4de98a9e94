"""Account for every row: read = counted + set aside + outside the dates, per workbook and table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.aggregate import Counted
from pipeline.choose import Placed
from pipeline.fault import Fault
from pipeline.form import Form
from pipeline.judge import Judged
from pipeline.rollup import status
from pipeline.statistics import Account, Edition, Receipt
from pipeline.units import Register


@dataclass(frozen=True)
class Ledger:
    """The accounts of every placed workbook, in the same order."""

    accounts: tuple[tuple[Account, ...], ...]

    def total(self, kind: str) -> int:
        """Sum "read", "counted", "set_aside" or "outside" over everything."""
        return sum(getattr(account, kind) for accounts in self.accounts for account in accounts)


def account_rows(judged: Judged, counted: Counted, placed: Sequence[Placed], form: Form) -> Ledger:
    """Say what became of each table's rows of each workbook.

    Raises Fault when a row was lost on the way: then nothing may be published.
    """
    by_table = {key: _count(judged, counted, key, len(placed)) for key in counted.rows}
    lines: list[tuple[Account, ...]] = []
    for at, one in enumerate(placed):
        accounts = []
        for sheet in form.data_sheets(one.book.profile):
            read = one.book.rows_read.get(sheet.key)
            if read is not None:
                split = (0, read, 0) if one.blocked or sheet.key in one.book.refused else tuple(int(n) for n in by_table[sheet.key][:, at])
                accounts.append(Account(one.unit.unit_id, one.unit.full_name, one.book.name, sheet.name, read, *split))
        lines.append(tuple(accounts))
    lost = [a for accounts in lines for a in accounts if a.read != a.counted + a.set_aside + a.outside]
    if lost:
        raise Fault(f"Số dòng không khớp ở tệp {lost[0].file}, sheet {lost[0].sheet}; không phát hành kết quả. "
                    "Hãy báo người phụ trách kỹ thuật.")
    return Ledger(tuple(lines))


def write_receipts(ledger: Ledger, placed: Sequence[Placed], register: Register, edition: Edition, form: Form) -> tuple[Receipt, ...]:
    """Return completeness by unit in register order: every hamlet, and each commune's own workbook where there is one."""
    by_unit: dict[str, list[Receipt]] = {}
    for one, accounts in zip(placed, ledger.accounts, strict=True):
        sums = (sum(getattr(a, kind) for a in accounts) for kind in ("read", "counted", "set_aside", "outside"))
        by_unit.setdefault(one.unit.unit_id, []).append(
            Receipt(one.unit.unit_id, one.unit.full_name, status(one, form), one.book.name, one.book.sha256, *sums))
    receipts: list[Receipt] = []
    for unit in register.at(edition.cutoff):
        if unit.level == "hamlet":
            receipts += by_unit.get(unit.unit_id) or [Receipt(unit.unit_id, unit.full_name, "missing")]
        elif unit.level == "commune":
            receipts += by_unit.get(unit.unit_id, [])
    return tuple(receipts)


def _count(judged: Judged, counted: Counted, key: str, size: int) -> np.ndarray:
    owners = judged.frames[key]["owner"].to_numpy()
    aside = judged.set_aside[key]
    flags: Mapping[int, np.ndarray] = {0: counted.rows[key] & ~aside, 1: aside, 2: ~counted.rows[key] & ~aside}
    return np.array([np.bincount(owners[flags[i]], minlength=size) for i in range(3)])
