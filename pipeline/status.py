"""Status: how the nightly runs are doing, for a person who looks in the morning and for a monitor; reads, and changes nothing."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from textwrap import shorten, wrap
from typing import NamedTuple

from pipeline.alive import is_alive
from pipeline.fault import Fault, LockFault
from pipeline.find import find_workbooks
from pipeline.ledger import RunRecord, Waiting
from pipeline.log import LOG_FILE, LOG_FOLDER, VIETNAM
from pipeline.nightly import planned_here
from pipeline.recall import recalling
from pipeline.restore import KEPT
from pipeline.schedule import next_time
from pipeline.schedule_texts import Planned

ALARM = "CẢNH BÁO"
LOCK_FACTS = "lock.json"
_LATE, _LONG, _SKEW = timedelta(hours=36), timedelta(hours=3), timedelta(minutes=5)
"""Without a good run; of one run; a clock may be out by."""
_SCANT = 500_000_000
_ALL_RUNS, _LISTED, _WIDTH = 100_000, 20, 110
_GOOD = {0: "không có lỗi nghiêm trọng", 1: "có lỗi nghiêm trọng"}
_BAD = {3: "một lượt chạy khác đang làm việc", 4: "có dữ liệu cá nhân trong kết quả"}
Plan = Callable[[], Planned | None]


class Report(NamedTuple):
    """What to print, and whether nobody may go on without looking: no good run for too long."""

    lines: tuple[str, ...]
    late: bool


class _Known(NamedTuple):
    """What the ledger tells, or why it does not."""

    runs: list[RunRecord]
    waiting: Mapping[str, Waiting]
    trouble: str = ""


def report(state: Path, inputs: Path, outputs: Path, moment: datetime, count: int = 7, plan: Plan = planned_here) -> Report:
    """Say how it stands at a moment: alarms first, then runs, the next one, what waits, the disk. Makes no folder and no file."""
    moment = moment.astimezone(VIETNAM)
    known = _recall(state)
    alarm = _silence(known, moment)
    parts = (list(_wrapped(filter(None, [alarm, *_scant((outputs, state)), *_notes(known.runs, moment)]))),
             [f"TÌNH TRẠNG lúc {_when(moment)} (giờ Việt Nam)"], list(_now(state, known.runs, moment, plan)),
             list(_runs(known.runs[:count])), [*_waiting(known.waiting), *_open(inputs, moment)], list(_disk(state, inputs, outputs)))
    lines = [line for part in parts if part for line in ("", *part)]
    return Report(tuple(lines[1:]), bool(alarm))


def _recall(state: Path) -> _Known:
    try:
        with recalling(state) as ledger:
            return _Known(ledger.last_runs(_ALL_RUNS), ledger.waiting()) if ledger else _Known([], {})
    except Fault as fault:
        return _Known([], {}, str(fault))


def _silence(known: _Known, moment: datetime) -> str:
    """Return the dead-man's note; empty while there was a good run of late."""
    if known.trouble:
        return f"{ALARM}: không rõ lượt chạy thành công gần nhất. {known.trouble}"
    good = [when for when in map(_finished, _good(known.runs)) if when and when <= moment + _SKEW]
    if good and moment - good[0] <= _LATE:
        return ""
    look = f"Hãy xem lý do ở các lượt chạy dưới đây và trong tệp {LOG_FOLDER}/{LOG_FILE} của thư mục trạng thái, rồi chạy: pipeline run"
    if good:
        silent = moment - good[0]
        long = f"{int(silent.total_seconds() // 3600)} giờ" + (f" (hơn {silent.days} ngày)" if silent > 2 * _LATE else "")
        return f"{ALARM}: đã {long} không có lượt chạy nào thành công (lần cuối {_when(good[0])}). {look}"
    if _good(known.runs):
        return f"{ALARM}: không rõ đã bao lâu không có lượt chạy nào thành công, vì giờ của máy không đúng. {look}"
    return f"{ALARM}: chưa có lượt chạy nào thành công. {look if known.runs else 'Hãy chạy: pipeline run'}"


def _good(runs: Iterable[RunRecord]) -> list[RunRecord]:
    return [run for run in runs if run.exit_code in _GOOD]


def _notes(runs: list[RunRecord], moment: datetime) -> Iterator[str]:
    """Yield what is no alarm yet: the newest run published nothing, or lies ahead, so that the clock was set back or was ahead then."""
    last = _finished(runs[0]) if runs else None
    if runs and runs[0].exit_code not in (*_GOOD, LockFault.exit_code):
        yield "CHÚ Ý: lượt chạy cuối không phát hành được; số liệu trong thư mục kết quả là của lượt trước."
    if last and last > moment + _SKEW:
        yield (f"CHÚ Ý: lượt chạy cuối ghi lúc {_when(last)}, sau giờ hiện nay của máy. Đồng hồ của máy đã bị chỉnh; "
               "hãy kiểm tra ngày giờ của máy.")


def _scant(folders: Iterable[Path]) -> Iterator[str]:
    for free in sorted({_free(folder) for folder in folders}):
        if free < _SCANT:
            yield f"{ALARM}: đĩa chỉ còn trống {_bytes(free)}. Hãy dọn đĩa; xem thứ có thể xóa bằng: pipeline purge"
            return


def _now(state: Path, runs: list[RunRecord], moment: datetime, plan: Plan) -> Iterator[str]:
    last = next((when for when in map(_finished, _good(runs)) if when), None)
    ago = f" ({_ago(moment - last)})" if last and last <= moment else ""
    yield f"Lượt chạy thành công gần nhất: {f'{_when(last)}{ago}' if last else 'chưa có'}."
    yield f"Đang chạy: {_under_way(state, moment)}"
    yield f"Lượt chạy tới: {_next(moment, plan)}"


def _under_way(state: Path, moment: datetime) -> str:
    """Say whether a run holds the lock, by what it left beside it."""
    try:
        facts = json.loads((state / LOCK_FACTS).read_text(encoding="utf-8"))
        owner, host, pid = str(facts.get("owner") or facts["user"]), str(facts["host"]), int(facts["pid"])
        began = datetime.fromisoformat(facts["started"]).astimezone(VIETNAM)
    except FileNotFoundError:
        return "không."
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return "không rõ, tệp khóa chưa đọc được. Hãy xem lại sau ít phút."
    here = host.casefold() == platform.node().casefold()
    if here and not is_alive(pid):
        return (f"không. Lượt bắt đầu lúc {_when(began)} ({owner}) bị ngắt giữa chừng; kết quả cũ vẫn giữ nguyên, "
                "lượt chạy sau sẽ tự dọn.")
    long = " Đã quá lâu, có thể bị treo." if moment - began > _LONG else ""
    return f"có, từ {_when(began)}, {owner}{'' if here else f' trên máy {host}'}.{long}"


def _next(moment: datetime, plan: Plan) -> str:
    try:
        planned = plan()
    except Fault as fault:
        return f"không xem được lịch. {fault}"
    if not planned:
        return "chưa đặt lịch. Đặt bằng: pipeline schedule --at 01:30"
    hour = f"{planned.hour:02d}:{planned.minute:02d}"
    if not planned.enabled:
        return f"không có, lịch {hour} đã ghi nhưng chưa bật. Đặt lại bằng: pipeline schedule --at {hour}"
    clock = "giờ Việt Nam" if planned.vietnam else "giờ của máy"
    elsewhere = planned.folder and Path(planned.folder) != Path.cwd()
    other = f" Lịch này chạy ở thư mục khác: {planned.folder}" if elsewhere else ""
    return f"{_when(next_time(planned, moment))} (mỗi ngày lúc {hour}, {clock}).{other}"


def _runs(runs: list[RunRecord]) -> Iterator[str]:
    if runs:
        yield f"{len(runs)} LƯỢT CHẠY GẦN NHẤT (mới nhất trước)"
    for at, run in enumerate(runs):
        began, who = _time(run.started), re.sub(r" \(\d+\)$", "", run.who)
        when = f"{began:%H:%M %d/%m/%Y}" if began else run.started
        yield from _wrapped([f"{when}  {_result(run, whole=not at)} [{', '.join(filter(None, (run.command, who)))}]"], "  ", " " * 20)


def _result(run: RunRecord, whole: bool) -> str:
    """Say an exit code in words; why nothing was published in one sentence or, of the newest run, in all that was said."""
    if run.exit_code in _GOOD:
        return f"đã phát hành{f' kỳ {run.period}' if run.period else ''}, {_GOOD[run.exit_code]}"
    why = " ".join(run.lines.split()) or _BAD.get(run.exit_code, f"mã {run.exit_code}")
    return f"KHÔNG PHÁT HÀNH: {why if whole else shorten(why, _WIDTH, placeholder=' …')}"


def _waiting(waiting: Mapping[str, Waiting]) -> Iterator[str]:
    told = []
    for name, one in waiting.items():
        since = _time(one.since)
        told.append(f"{name}: {one.reason}{f' (từ {_when(since)})' if since else ''}")
    yield from _listed(f"SỔ CHƯA NHẬN ĐƯỢC ở lượt chạy cuối ({len(told)}); số liệu theo bản nhận trước đó, nếu có", told)
    if not told:
        yield "Sổ chưa nhận được: không có."


def _open(inputs: Path, moment: datetime) -> Iterator[str]:
    try:
        books = find_workbooks(inputs, now=moment.timestamp())
    except Fault as fault:
        yield f"CHÚ Ý: {fault}"
        return
    held = [book for book in books if book.holder is not None]
    told = [f"{book.name}: {f'{book.holder} đang mở' if book.holder else 'không rõ ai đang mở'}" for book in held]
    yield from _listed(f"SỔ ĐANG MỞ lúc này ({len(told)}); hãy nhắc lưu và đóng trước giờ chạy", told)
    if not told:
        yield f"Sổ đang mở lúc này: không có (trong {len(books)} sổ)."


def _wrapped(texts: Iterable[str], first: str = "", later: str = "  ") -> Iterator[str]:
    for text in texts:
        yield from wrap(text, _WIDTH, initial_indent=first, subsequent_indent=later, break_long_words=False, break_on_hyphens=False)


def _listed(title: str, told: list[str]) -> Iterator[str]:
    if told:
        yield title
        yield from (f"  {line}" for line in told[:_LISTED])
    if len(told) > _LISTED:
        yield f"  … và {len(told) - _LISTED} sổ khác"


def _disk(state: Path, inputs: Path, outputs: Path) -> Iterator[str]:
    previous = _size(outputs / KEPT)
    yield (f"Dung lượng: sổ {_bytes(_size(inputs))}, kết quả {_bytes(_size(outputs))} (trong đó bản trước {_bytes(previous)}), "
           f"trạng thái {_bytes(_size(state))}; đĩa còn trống {_bytes(min(_free(outputs), _free(state)))}.")


def _size(folder: Path) -> int:
    total = 0
    for place, _, files in os.walk(folder):
        for name in files:
            try:
                total += Path(place, name).lstat().st_size
            except OSError:
                continue  # it went meanwhile
    return total


def _free(folder: Path) -> int:
    """Return the free bytes of the disk on which a folder stands or would stand."""
    there = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    return shutil.disk_usage(there).free


def _bytes(size: int) -> str:
    """Return a size as Vietnamese readers write it, a decimal comma before the last digit."""
    for unit, step in (("GB", 1e9), ("MB", 1e6)):
        if size >= step:
            return f"{size / step:.1f} {unit}".replace(".", ",")
    return f"{size / 1e3:.0f} kB"


def _finished(run: RunRecord) -> datetime | None:
    return _time(run.finished or run.started)


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(VIETNAM)
    except (ValueError, OverflowError):
        return None


def _when(moment: datetime) -> str:
    return f"{moment:%H:%M ngày %d/%m/%Y}"


def _ago(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    return f"{minutes // 60} giờ trước" if minutes >= 60 else f"{minutes} phút trước" if minutes else "vừa xong"
