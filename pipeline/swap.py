"""Swap: two folders change names at one instant, where the machine can."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_HERE, _EXCHANGE = -100, 2
"""AT_FDCWD and RENAME_EXCHANGE of Linux."""


def swap(one: Path, other: Path) -> bool:
    """Let two folders change names with no moment in between; False, and nothing done, where system or filesystem cannot."""
    if sys.platform != "linux":
        return False
    import ctypes

    call = getattr(ctypes.CDLL(None), "renameat2", None)
    return call is not None and call(_HERE, os.fsencode(one), _HERE, os.fsencode(other), ctypes.c_uint(_EXCHANGE)) == 0
