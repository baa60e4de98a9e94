"""Refusal: why a file is not read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

MIB = 1 << 20


@dataclass(frozen=True)
class Refusal:
    """Why a file is not read: a finding's code, and what fills its message."""

    code: str
    values: tuple[tuple[str, object], ...] = ()


class Refused(Exception):
    """Ends an inspection with its refusal; never leaves guard.py."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


def refuse(code: str, **values: object) -> NoReturn:
    """End the inspection."""
    raise Refused(Refusal(code, tuple(values.items())))
