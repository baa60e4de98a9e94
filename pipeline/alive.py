"""Alive: whether the run that a number stands for is still under way."""

from __future__ import annotations

import os
import sys


def is_alive(pid: int) -> bool:
    """Return whether a process of this number runs on this machine; True when it cannot be told."""
    if sys.platform == "win32":
        return _is_alive_on_windows(pid)
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True  # it runs, and belongs to somebody else
    return True


def _is_alive_on_windows(pid: int) -> bool:
    """Ask Windows; os.kill would end the process there."""
    import ctypes

    query, still_active = 0x1000, 259
    system = ctypes.windll.kernel32  # type: ignore[attr-defined,unused-ignore]
    handle = system.OpenProcess(query, False, pid)
    if not handle:
        return bool(system.GetLastError() == 5)  # 5: access denied, so somebody's
    code = ctypes.c_ulong()
    known = system.GetExitCodeProcess(handle, ctypes.byref(code))
    system.CloseHandle(handle)
    return not known or code.value == still_active
