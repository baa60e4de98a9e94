"""The state folder: closed to others (mode 700), with the key of the HMACs (600) in it."""

from __future__ import annotations

import json
import os
import secrets
from datetime import date
from pathlib import Path

from pipeline.fault import Fault

_KEY_BYTES = 32


def open_state(folder: Path) -> Path:
    """Make the state folder, readable by its owner alone."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    except OSError as error:
        raise Fault(f"Không tạo được thư mục trạng thái {folder.name}: {error.strerror}.") from error
    return folder


def load_key(folder: Path) -> bytes:
    """Return the office's secret, made at the first run.

    Raises Fault when the key file is there but not whole: a new key would make every person a stranger.
    """
    path = open_state(folder) / "key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read_key(path)
    except OSError as error:
        raise Fault(f"Không ghi được khóa vào thư mục trạng thái {folder.name}: {error.strerror}.") from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(_KEY_BYTES))
    return path.read_bytes()


def _read_key(path: Path) -> bytes:
    try:
        path.chmod(0o600)
        key = path.read_bytes()
    except OSError as error:
        raise Fault(f"Không đọc được tệp khóa {path.name} trong thư mục trạng thái: {error.strerror}.") from error
    if len(key) != _KEY_BYTES:
        raise Fault(f"Tệp khóa {path.name} trong thư mục trạng thái bị hỏng; hãy khôi phục từ bản sao lưu.")
    return key


def published_cutoffs(outputs: Path) -> dict[str, date]:
    """Return the cut-off of every period already published, as its run.json says."""
    known = {}
    for path in sorted(outputs.glob("[12][0-9][0-9][0-9]-[01][0-9]/run.json")):
        try:
            known[path.parent.name] = date.fromisoformat(json.loads(path.read_text(encoding="utf-8"))["cutoff"])
        except (OSError, ValueError, KeyError, TypeError):
            continue  # a damaged run.json only means that the period is not known
    return known
