"""Restore: what a run that died left half-moved in outputs/ is put right; the generation before comes back on request.

While a period is replaced, each folder's name says what it is, so that any moment can be told from what is there:

    .dang-ghi-<period>-<pid>             being built; worth nothing
    .truoc/<period>                      the generation before, whole
    .truoc/.bo-<period>-<pid>            the generation before that, which gives way
    .truoc/.doi<inode>-<period>-<pid>    with this inode the new one, about to change names with the old; with another the old
    .truoc/.cu-<period>-<pid>            the old one, moved aside where names cannot be changed at one instant
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from pipeline.alive import is_alive
from pipeline.fault import Fault
from pipeline.swap import swap

KEPT = ".truoc"
_REST = re.compile(r"\.(dang-ghi|cu|bo|doi([0-9]+))-(.+)-([0-9]+)\Z")
_ORDER = ("cu", "doi", "bo", "dang-ghi")
"""An old folder finds its place before it is settled whether an older one must give way."""


class _Rest(NamedTuple):
    path: Path
    kind: str
    inode: int
    period: str


def building_path(place: Path) -> Path:
    """Return where this run builds the folder that will stand at `place`."""
    return place.with_name(f".dang-ghi-{place.name}-{os.getpid()}")


def kept_path(place: Path) -> Path:
    """Return where the generation before stands."""
    return place.parent / KEPT / place.name


def aside_path(place: Path, kind: str) -> Path:
    """Return where this run moves a folder while `place` is replaced: `cu`, `bo` or `doi<inode>`."""
    return place.parent / KEPT / f".{kind}-{place.name}-{os.getpid()}"


def replace_folder(place: Path, new: Path) -> None:
    """Move `new` to `place`; the one that stood there becomes the generation before once `put_right` has run.

    Raises OSError when a folder cannot be moved; `put_right` then undoes what was begun.
    """
    if not place.exists():
        new.rename(place)
        return
    kept = kept_path(place)
    kept.parent.mkdir(exist_ok=True)
    if kept.exists():
        kept.rename(aside_path(place, "bo"))
    if not _changed_names(place, new):
        place.rename(aside_path(place, "cu"))
        new.rename(place)


def _changed_names(place: Path, new: Path) -> bool:
    if sys.platform != "linux":
        return False
    waiting = new.rename(aside_path(place, f"doi{new.stat().st_ino}"))
    if not swap(waiting, place):
        waiting.rename(new)
        return False
    return True


def put_right(outputs: Path) -> None:
    """Settle what dead runs left in outputs/, and what this one did; whatever cannot be moved now waits for the next run.

    A run that is under way elsewhere is left alone.
    """
    stuck: set[str] = set()
    for rest in sorted(_rests(outputs), key=lambda one: _ORDER.index(one.kind)):
        if rest.kind == "bo" and rest.period in stuck:
            continue  # else the older one would take the place of the one that waits
        try:
            _settle(rest, outputs / rest.period)
        except OSError:
            stuck.add(rest.period)
    with suppress(OSError):
        (outputs / KEPT).rmdir()  # only when nothing is in it


def restore(outputs: Path, period: str) -> None:
    """Let the published folder of a period and the generation before it change places; asked twice, nothing has changed.

    Raises Fault when there is no generation before, or a folder cannot be moved.
    """
    place = outputs / period
    put_right(outputs)
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}", period) or not kept_path(place).is_dir():
        raise Fault(f"Không có kết quả trước đó của kỳ {period} trong {outputs.name}/{KEPT} để khôi phục.")
    try:
        if not place.exists():
            kept_path(place).rename(place)
        elif not swap(kept_path(place), place):
            place.rename(aside_path(place, "cu"))
            kept_path(place).rename(place)
    except OSError as error:
        raise Fault(f"Không khôi phục được kỳ {period}: {error.strerror}. Kết quả hiện có vẫn giữ nguyên. "
                    "Hãy đóng các tệp kết quả đang mở rồi chạy lại.") from error
    finally:
        put_right(outputs)


def _rests(outputs: Path) -> Iterator[_Rest]:
    for path in [*outputs.glob(".*-*"), *(outputs / KEPT).glob(".*-*")]:
        match = _REST.match(path.name)
        if match and (int(match[4]) == os.getpid() or not is_alive(int(match[4]))):
            yield _Rest(path, match[1].rstrip("0123456789"), int(match[2] or 0), match[3])


def _settle(rest: _Rest, place: Path) -> None:
    """Move or remove one rest; raises OSError when the system refuses."""
    published_never = rest.kind == "dang-ghi" or (rest.kind == "doi" and rest.path.stat().st_ino == rest.inode)
    kept = kept_path(place)
    if published_never:
        shutil.rmtree(rest.path)
    elif rest.kind != "bo" and not place.exists():
        rest.path.rename(place)
    elif not kept.exists():
        kept.parent.mkdir(exist_ok=True)
        rest.path.rename(kept)
    else:
        shutil.rmtree(rest.path)
