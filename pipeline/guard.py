"""Guard: take a private copy of a file and judge it by its content before a reader opens it.

Order: what the file is, what its archive declares, what each part holds. Standard library only. Meant for a worker process
with the limits of limits.py: what gets past the guard on purpose ends there.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.archive import Archive, open_archive
from pipeline.details import CellFlag, FlagCount, look_closely
from pipeline.holder import lock_holder
from pipeline.kinds import name_kind
from pipeline.parts import FOR_READERS, PROPERTIES, RELATIONS, STRINGS, STYLES, WORKBOOK, Sheet, check_part, check_whole, list_sheets
from pipeline.refusal import MIB, Refusal, Refused, refuse
from pipeline.repack import Copy
from pipeline.scan import Scan, check_strings, check_styles, lists_used, scan_sheet, uses_strings

__all__ = ["CellFlag", "FlagCount", "Inspection", "Refusal", "Snapshot", "examine", "inspect", "lock_holder", "take"]

MAX_FILE = 50 * MIB
"""Bytes of one workbook: 4 MB at the most in real ones."""
_FLAGS = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))
"""No link is followed, no pipe waited for, no handle inherited; Windows has none of these but bytes."""
_VERSION = re.compile(rb'name="template_version"[^>]*>\s*<vt:lpwstr>\s*([\w.+-]{1,20})\s*<')


@dataclass(frozen=True)
class Snapshot:
    """A private copy that no other program writes to; hash and size are the file's."""

    path: Path
    sha256: str
    size: int


@dataclass(frozen=True)
class Inspection:
    """What the content checks found: either a refusal, or cells and notes to report about a file that can be read."""

    refusal: Refusal | None = None
    cells: tuple[CellFlag, ...] = ()
    """At most 200 a sheet, the worst kinds first."""
    counts: tuple[FlagCount, ...] = ()
    """The exact number of flagged cells of each sheet and kind."""
    notes: tuple[str, ...] = ()
    """Codes of findings about the whole file: external_links, macros, dde_link, drop_downs_changed."""
    template_version: str = ""
    """As the document's properties say; empty when they do not."""


def take(path: Path, folder: Path, number: int) -> Snapshot | Refusal:
    """Copy a file into the private `folder` as `number`.xlsx, unless it is no plain file or changes meanwhile.

    Never waits and never tries again: that is the caller's decision.
    """
    data = _fetch(path)
    if isinstance(data, Refusal):
        return data
    snapshot = _snapshot(data, folder, number)
    snapshot.path.write_bytes(data)
    return snapshot


def examine(path: Path, folder: Path, number: int,
            drop_downs: Mapping[str, Set[str]] | None = None) -> tuple[Snapshot, Inspection] | Refusal:
    """Take and inspect in one go, the file read once. A Refusal when there is nothing to inspect; then no copy is written,
    and none for a file whose inspection ends in a refusal.

    The copy is for a reader only: it holds the parts that a reader opens, as they were judged, unpacked, and without
    prepared rows that nobody has filled. A reader gets the same cells from it as from the file, in a quarter of the time.
    """
    data = _fetch(path)
    if isinstance(data, Refusal):
        return data
    snapshot, parts = _snapshot(data, folder, number), Copy()
    inspection = _judge(data, drop_downs or {}, parts)
    if inspection.refusal is None:
        snapshot.path.write_bytes(parts.pack() or data)
    return snapshot, inspection


def _snapshot(data: bytes, folder: Path, number: int) -> Snapshot:
    """Name the copy: readers go by the extension, and cannot open every name there is."""
    return Snapshot(folder / f"{number:06d}.xlsx", hashlib.sha256(data).hexdigest(), len(data))


def _fetch(path: Path) -> bytes | Refusal:
    try:
        return _read_once(path)
    except Refused as refused:
        return refused.refusal
    except PermissionError:
        holder = lock_holder(path)
        return Refusal("file_unreadable") if holder is None else Refusal("file_open", (("who", holder),))
    except (OSError, ValueError):
        return Refusal("file_suspicious", (("what", "lối tắt thay cho tệp"),)) if path.is_symlink() else Refusal("file_unreadable")


def _read_once(path: Path) -> bytes:
    handle = os.open(path, _FLAGS)
    with os.fdopen(handle, "rb") as file:
        before = os.fstat(handle)
        if not stat.S_ISREG(before.st_mode):
            refuse("file_unreadable")
        if before.st_size > MAX_FILE:
            refuse("file_too_large", what=f"tệp {before.st_size // MIB} MB")
        data = file.read(MAX_FILE + 1)
        after = os.fstat(handle)
    if len(data) != after.st_size or (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        refuse("file_changing")
    if not data:  # a copy begins as an empty file
        refuse("file_truncated")
    return data


@dataclass
class _Found:
    cells: list[CellFlag] = field(default_factory=list)
    counts: list[FlagCount] = field(default_factory=list)
    notes: dict[str, None] = field(default_factory=dict)
    template_version: str = ""


def inspect(snapshot: Path, drop_downs: Mapping[str, Set[str]] | None = None) -> Inspection:
    """Judge one file. Whatever it holds, an answer comes back: exceptions are refusals.

    `drop_downs` says which of our code lists (defined names, "dm_sex") the drop-downs of a sheet refer to, by sheet name;
    sheets of our own template that no longer do so are noted.
    """
    try:
        data = snapshot.read_bytes()
    except OSError:
        return Inspection(Refusal("file_unreadable"))
    return _judge(data, drop_downs or {}, Copy())


def _judge(data: bytes, drop_downs: Mapping[str, Set[str]], copy: Copy) -> Inspection:
    """Judge a file's bytes, and add to `copy` the parts that a reader opens."""
    try:
        if not data.startswith(b"PK\x03\x04"):
            name_kind(data)
        found = _inspect_parts(open_archive(data), drop_downs, copy)
    except Refused as refused:
        return Inspection(refused.refusal)
    except MemoryError:
        return Inspection(Refusal("file_too_large", (("what", "cần quá nhiều bộ nhớ"),)))
    except Exception:  # a file no check foresaw is refused, it does not stop the others
        return Inspection(Refusal("file_unreadable"))
    return Inspection(None, tuple(found.cells), tuple(found.counts), tuple(found.notes), found.template_version)


def _inspect_parts(archive: Archive, drop_downs: Mapping[str, Set[str]], copy: Copy) -> _Found:
    """Look at every XML part once, to its end."""
    if WORKBOOK not in archive.entries:
        name_kind(b"", archive.entries)
    if RELATIONS not in archive.entries:
        refuse("file_damaged", what="thiếu workbook.xml.rels")
    parts = {name: _checked(archive, name) for name in (WORKBOOK, RELATIONS)}
    sheets = {sheet.part: sheet for sheet in list_sheets(parts[WORKBOOK], parts[RELATIONS], archive)}
    ours = b"template_version" in parts[WORKBOOK]
    found = _Found(notes=_notes_of(archive))
    for name in dict.fromkeys([*archive.text_parts, *sheets]):
        part = parts.get(name) or _checked(archive, name)
        if name in sheets:
            scan = _inspect_sheet(sheets[name], part, STRINGS in archive.entries, found)
            copy.add(archive.entries[name], part, scan.blank, scan.end)
            if ours and not drop_downs.get(sheets[name].name, set()) <= lists_used(part[scan.end:]):
                found.notes["drop_downs_changed"] = None
            continue
        if name in FOR_READERS:
            copy.add(archive.entries[name], part)
        if name in parts:
            continue
        if name == STRINGS:
            check_strings(part)
        elif name == STYLES:
            check_whole("styles.xml", part)
            check_styles(part)
        elif name == PROPERTIES:
            version = _VERSION.search(part)
            found.template_version = version[1].decode() if version else ""
        elif name.startswith("xl/externallinks/") and b"ddeLink" in part:
            found.notes["dde_link"] = None
    order = {sheet.name: at for at, sheet in enumerate(sheets.values())}
    found.cells.sort(key=lambda flag: order[flag.sheet])
    return found


def _checked(archive: Archive, name: str) -> bytes:
    part = archive.read(name)
    check_part(archive.entries[name].shown, part)
    return part


def _inspect_sheet(sheet: Sheet, part: bytes, has_strings: bool, found: _Found) -> Scan:
    if not has_strings and uses_strings(part):
        refuse("file_damaged", what="thiếu sharedStrings.xml")
    scan = scan_sheet(sheet.shown, part)
    if not scan.odd:
        return scan
    details = look_closely(sheet, part)
    found.cells += details.listed()
    found.counts += [FlagCount(sheet.name, kind, count) for kind, count in details.counts.items() if count]
    if details.dde:
        found.notes["dde_link"] = None
    return scan


def _notes_of(archive: Archive) -> dict[str, None]:
    """Note what a reader never touches but an opener in Excel would run or fetch."""
    notes: dict[str, None] = {}
    for name in archive.entries:
        if name.startswith("xl/externallinks/") or name == "xl/connections.xml":
            notes["external_links"] = None
        if name.endswith("vbaproject.bin") or name.startswith("xl/macrosheets/"):
            notes["macros"] = None
    return notes
