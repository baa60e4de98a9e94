"""Purge: what earlier runs left behind and nobody needs, marked copies with personal data above all. Planned, then carried out."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import nullcontext
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from pipeline.alive import is_alive
from pipeline.find import RETURNED_FOLDER
from pipeline.forget import RUN_DAYS, Forgettable, forget, plan_forgetting
from pipeline.ledger import open_ledger
from pipeline.lock import hold_lock
from pipeline.log import LOG_FILE, LOG_FOLDER, VIETNAM
from pipeline.recall import recalling
from pipeline.records import ERASED, Row, append, who_works
from pipeline.restore import KEPT
from pipeline.secrets_file import PREFIX

_BUILDING = re.compile(r"\.(?:dang-ghi|cu)-(.+)-([0-9]+)\Z")
_PRIVATE = re.compile(re.escape(PREFIX) + r"([0-9]+)-")
_RECORDS = re.compile(r"xu-ly-([0-9]{4})\.csv\Z")
TABLES_FOLDER = "tables"
RECORD_YEARS = 2
REASONS = {"returned": "bản đánh dấu không còn sổ gốc bên cạnh", "unfinished": "tệp tạm của lượt chạy đã dừng giữa chừng",
           "before": "kết quả bản trước đã cũ", "tables": "số liệu đã đọc của những bản sổ không còn dùng", "log": "nhật ký chạy cũ",
           "records": f"nhật ký xử lý quá {RECORD_YEARS} năm"}
_LISTED = 20


class Rest(NamedTuple):
    """Something to remove, and why: a key of REASONS."""

    path: Path
    reason: str
    size: int
    """Bytes."""


def plan_purge(state: Path, inputs: Path, outputs: Path, today: date, days: int = 90,
               segments: Collection[str] | None = None) -> list[Rest]:
    """List what can go, nothing is removed.

    Marked copies without their workbook; rests of dead runs; results replaced more than `days` ago; folders of typed tables that
    are not among `segments` (None: not looked for); logs older than `days`; processing logs older than two years.
    """
    logs = state / LOG_FOLDER
    found = [*((path, "returned") for path in _orphans(inputs)), *((path, "unfinished") for path in _unfinished(outputs)),
             *((path, "before") for path in _replaced(outputs / KEPT, today, days)),
             *((path, "tables") for path in _unused(state / TABLES_FOLDER, segments)),
             *((path, "log") for path in _old_logs(logs, today, days)), *((path, "records") for path in _old_records(logs, today))]
    return [Rest(path, reason, _size(path)) for path, reason in found]


def purge(state: Path, inputs: Path, outputs: Path, moment: datetime, days: int, really: bool) -> Iterator[str]:
    """List what can go, and remove it when `really`; yield what to tell. Makes no state folder where there is none.

    Raises LockFault when it is to remove while a run is under way, Fault when the ledger cannot be read.
    """
    today = moment.astimezone(VIETNAM).date()
    with hold_lock(state) if really and state.is_dir() else nullcontext():
        with recalling(state) as ledger:
            plan = plan_forgetting(ledger, inputs, today, days) if ledger else None
        rests = plan_purge(state, inputs, outputs, today, days, plan.segments if plan else None)
        told = [*_tell(rests), *_tell_forgotten(plan or Forgettable(), days)]
        done = list(_carry_out_all(state, rests, plan, (inputs, outputs, state), moment)) if really and told else []
    yield from told
    if plan and plan.unseen:
        yield f"Giữ trạng thái của {plan.unseen} sổ đã lâu không thấy, vì lúc này không thấy sổ nào trong {inputs}."
    if not told:
        yield "Không có gì cần xóa."
    yield from done if really else ["", "Chưa xóa gì. Thêm --yes để xóa."] if told else []


def carry_out(rests: Iterable[Rest]) -> tuple[list[Rest], list[Rest]]:
    """Remove the rests; return those that are gone and those that could not be removed."""
    gone: list[Rest] = []
    kept: list[Rest] = []
    for rest in rests:
        (gone if _remove(rest.path) else kept).append(rest)
    return gone, kept


def _carry_out_all(state: Path, rests: list[Rest], plan: Forgettable | None, roots: Iterable[Path], moment: datetime) -> Iterator[str]:
    """Remove and forget, write that down in the processing log, and yield how it went."""
    if plan:
        with open_ledger(state) as ledger:
            forget(ledger, plan)
    gone, kept = carry_out(rests)
    rows = [*_rows(gone, roots, ""), *_rows(kept, roots, "không xóa được: "), *_forgotten_rows(plan or Forgettable())]
    written = not state.is_dir() or append(state, moment, who_works(), rows)
    yield ""
    yield "Đã xóa." if not kept else f"Đã xóa, trừ {len(kept)} mục không xóa được (có thể đang mở); hãy đóng rồi chạy lại."
    if not written:
        yield "Chưa ghi được việc xóa vào nhật ký xử lý."


def _tell(rests: list[Rest]) -> Iterator[str]:
    """Yield a line for each reason with how much there is, and which they are where a person knows them by name."""
    for reason, words in REASONS.items():
        mine = [rest for rest in rests if rest.reason == reason]
        if mine:
            yield f"{words[0].upper()}{words[1:]}: {len(mine)} mục, {sum(rest.size for rest in mine) / 1000:.0f} kB"
        if reason != "tables":
            yield from _some([f"{rest.path}" for rest in mine])


def _tell_forgotten(plan: Forgettable, days: int) -> Iterator[str]:
    if plan.gone:
        yield f"Trạng thái của sổ không còn trong thư mục sổ quá {days} ngày: {len(plan.gone)} sổ"
        yield from _some([f"{name} (lần cuối {date.fromisoformat(one.last_day):%d/%m/%Y})" for name, one in sorted(plan.gone.items())])
    if plan.versions:
        yield f"Bản sổ cũ không còn dùng, trong sổ trạng thái: {plan.versions} bản"
    if plan.runs:
        yield f"Lượt chạy cũ quá {max(days, RUN_DAYS)} ngày, trong sổ trạng thái: {plan.runs} lượt"


def _some(names: list[str]) -> Iterator[str]:
    yield from (f"  {name}" for name in names[:_LISTED])
    if len(names) > _LISTED:
        yield f"  … và {len(names) - _LISTED} mục khác"


def _rows(rests: list[Rest], roots: Iterable[Path], how: str) -> Iterator[Row]:
    """Yield what the processing log says of rests; of typed tables, whose folders mean nothing to a reader, how many there were."""
    for rest in rests:
        if rest.reason != "tables":
            root = next((root for root in roots if root in rest.path.parents), rest.path.parent)
            yield Row(ERASED, rest.path.relative_to(root).as_posix(), result=how + REASONS[rest.reason])
    if tables := sum(rest.reason == "tables" for rest in rests):
        yield Row(ERASED, result=f"{how}{REASONS['tables']}: {tables}")


def _forgotten_rows(plan: Forgettable) -> Iterator[Row]:
    for name, one in sorted(plan.gone.items()):
        yield Row(ERASED, name, one.sha256, "trạng thái của sổ không còn")
    for count, words in ((plan.versions, "bản sổ cũ trong sổ trạng thái"), (plan.runs, "lượt chạy cũ trong sổ trạng thái")):
        if count:
            yield Row(ERASED, result=f"{words}: {count}")


def _orphans(inputs: Path) -> Iterator[Path]:
    """Yield marked copies whose workbook of the same name is no longer in the folder above."""
    for place, folders, files in os.walk(inputs):
        folders.sort()
        if Path(place).name == RETURNED_FOLDER:
            yield from (Path(place, name) for name in sorted(files) if not Path(place).parent.joinpath(name).exists())


def _unfinished(outputs: Path) -> Iterator[Path]:
    """Yield what runs that are dead were building or had moved aside, and their private folders for names."""
    for path in sorted(outputs.glob(".*")):
        match = _BUILDING.match(path.name)
        # A period that a killed run had moved aside may be the only one there is, until the next run puts it back.
        needed = match and path.name.startswith(".cu-") and not (outputs / match[1]).exists()
        if match and not needed and not is_alive(int(match[2])):
            yield path
    for path in sorted(Path(tempfile.gettempdir()).glob(f"{PREFIX}*")):
        if (match := _PRIVATE.match(path.name)) and not is_alive(int(match[1])):
            yield path


def _replaced(folder: Path, today: date, days: int) -> Iterator[Path]:
    """Yield generations replaced long ago; what a dead run left half-moved among them is the next run's to put right."""
    for path in sorted(folder.glob("[!.]*")):
        kept = path.lstat()
        # When it was moved is its inode's time; its own is that of the night it was published, which may be long before.
        if (today - _day(max(kept.st_mtime, kept.st_ctime))).days > days:
            yield path


def _unused(folder: Path, segments: Collection[str] | None) -> Iterator[Path]:
    if segments is not None and folder.is_dir():
        yield from sorted(path for path in folder.iterdir() if path.name not in segments)


def _old_logs(folder: Path, today: date, days: int) -> Iterator[Path]:
    for path in sorted(folder.glob("*")):
        ours = path.name == LOG_FILE or _RECORDS.match(path.name)
        if path.is_file() and not ours and (today - _day(path.lstat().st_mtime)).days > days:
            yield path


def _old_records(folder: Path, today: date) -> Iterator[Path]:
    """Yield the processing logs of years whose last day is more than two years ago."""
    for path in sorted(folder.glob("*")):
        if (year := _RECORDS.match(path.name)) and int(year[1]) + RECORD_YEARS < today.year:
            yield path


def _day(seconds: float) -> date:
    return datetime.fromtimestamp(seconds, VIETNAM).date()


def _size(path: Path) -> int:
    if path.is_dir() and not path.is_symlink():
        return sum(one.lstat().st_size for one in path.rglob("*") if one.is_file())
    return path.lstat().st_size


def _remove(path: Path) -> bool:
    """Remove a file, a folder, or a link and not what it points at; an empty folder for marked copies goes with its last."""
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        if path.parent.name == RETURNED_FOLDER and not any(path.parent.iterdir()):
            path.parent.rmdir()
    except OSError:
        return False
    return True
