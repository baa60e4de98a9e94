"""Seal the figures of a workbook, so that a figure changed by hand is noticed when it is read back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence

from pipeline.statistics import STATUSES, Edition, Figures

SEALED_KEYS = ("period", "cutoff", "previous_cutoff", "policy", "mass_orgs", "form_version", "unit_id", "level", "parent_id", "status",
               *(f"progress_{status}" for status in STATUSES))
"""The keys of Thuyết minh that the checksum covers besides the rows of Số liệu."""


def checksum_rows(rows: Iterable[Sequence[object]], seal: Mapping[str, str]) -> str:
    """Return the SHA-256 of the rows of Số liệu (without its header) and of the sealed values.

    Only SEALED_KEYS count, so the whole of Thuyết minh may be passed. Numbers are the same whether they
    come as int, float or text, because each reader of workbooks returns them in its own way.
    """
    sealed = [(key, str(seal.get(key) or "")) for key in SEALED_KEYS]
    text = json.dumps([[[_canonical(cell) for cell in row] for row in rows], sealed], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _canonical(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    return str(cell)


def seal_of(edition: Edition, figures: Figures, form_version: str) -> dict[str, str]:
    """Return the machine keys of Thuyết minh that the checksum covers."""
    seal = {"period": edition.period, "cutoff": edition.cutoff.isoformat(),
            "previous_cutoff": edition.previous_cutoff.isoformat(), "policy": edition.policy,
            "mass_orgs": ",".join(edition.mass_orgs), "form_version": form_version,
            "unit_id": figures.unit.unit_id, "level": figures.unit.level, "parent_id": figures.parent_id,
            "status": figures.status}
    return seal | {f"progress_{status}": str(figures.progress.get(status, 0)) for status in STATUSES}
