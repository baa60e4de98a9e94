"""The status: an alarm that nobody overlooks, what ran, what waits, what comes next; a look changes nothing."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from journey import command, folders_in

from pipeline.fault import Fault
from pipeline.ledger import LEDGER_FILE, RunRecord, Waiting, open_ledger
from pipeline.schedule_texts import Planned
from pipeline.status import ALARM, Report, report

HOME = Path(__file__).parent.parent
NOW = datetime.fromisoformat("2026-05-20T09:12:00+07:00")
DEAD = 2**22 + 1


def ran(hours_ago: float, exit_code: int = 0, **more: str) -> RunRecord:
    began, ended = (NOW - timedelta(hours=hours, minutes=minutes) for hours, minutes in ((hours_ago, 1), (hours_ago, 0)))
    plain = RunRecord(began.isoformat(), ended.isoformat(), "thu-ha@xa-01 (812)", "run", "2026-05" if exit_code < 2 else "", "",
                      exit_code, "", "", "")
    return plain._replace(**more)  # type: ignore[arg-type]


def remember(root: Path, *runs: RunRecord, **waiting: Waiting) -> None:
    (root / "state").mkdir(exist_ok=True)
    with open_ledger(root / "state") as ledger:
        for run in runs:
            ledger.add_run(run)
        ledger.replace_waiting({f"{name}.xlsx": one for name, one in waiting.items()})


def look(root: Path, count: int = 7, planned: Planned | None = None) -> Report:
    return report(root / "state", root / "inputs", root / "outputs", NOW, count, lambda: planned)


def text(root: Path, planned: Planned | None = None) -> str:
    """Return what is told as one line, wherever it was wrapped."""
    return " ".join(" ".join(look(root, planned=planned).lines).split())


def tree(root: Path) -> dict[str, tuple[int, int]]:
    return {f"{path.relative_to(root)}": (path.stat().st_size, path.stat().st_mtime_ns) for path in root.rglob("*")}


def test_after_a_good_night_there_is_no_alarm(tmp_path: Path) -> None:
    remember(tmp_path, ran(60, 2), ran(8))
    found = look(tmp_path)
    assert not found.late
    assert found.lines[0] == "TÌNH TRẠNG lúc 09:12 ngày 20/05/2026 (giờ Việt Nam)"
    assert "Lượt chạy thành công gần nhất: 01:12 ngày 20/05/2026 (8 giờ trước)." in found.lines
    assert "  01:11 20/05/2026  đã phát hành kỳ 2026-05, không có lỗi nghiêm trọng [run, thu-ha@xa-01]" in found.lines


@pytest.mark.parametrize(("hours", "late"), [(35.9, False), (36.1, True)])
def test_the_alarm_comes_when_the_last_good_run_is_older_than_36_hours(tmp_path: Path, hours: float, late: bool) -> None:
    remember(tmp_path, ran(hours, 1), ran(12, 2), ran(1, 4))
    found = look(tmp_path)
    assert found.late is late
    assert found.lines[0].startswith(ALARM) is late


def test_the_alarm_stands_first_and_says_how_long_since_when_and_what_to_do(tmp_path: Path) -> None:
    remember(tmp_path, ran(52), ran(28, 2, lines="Đĩa đầy."))
    assert text(tmp_path).startswith("CẢNH BÁO: đã 52 giờ không có lượt chạy nào thành công (lần cuối 05:12 ngày 18/05/2026). Hãy xem ")
    assert "pipeline run" in " ".join(look(tmp_path).lines[:2])
    remember(tmp_path, ran(30, 2))
    assert "KHÔNG PHÁT HÀNH: Đĩa đầy." in text(tmp_path)


def test_where_nothing_ever_ran_the_alarm_says_so_and_nothing_is_made(tmp_path: Path) -> None:
    found = look(tmp_path)
    assert found.late
    assert found.lines[0] == "CẢNH BÁO: chưa có lượt chạy nào thành công. Hãy chạy: pipeline run"
    assert "Không thấy thư mục inputs" in text(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_runs_that_never_went_well_are_an_alarm(tmp_path: Path) -> None:
    remember(tmp_path, ran(8, 2, lines="Không thấy thư mục inputs."), ran(1, 3))
    assert text(tmp_path).startswith("CẢNH BÁO: chưa có lượt chạy nào thành công. Hãy xem lý do ở các lượt chạy dưới đây")


def test_exit_codes_are_said_in_words_newest_first(tmp_path: Path) -> None:
    remember(tmp_path, ran(5), ran(4, 1), ran(3, 2, lines="Dừng lại:\n  đĩa đầy."), ran(2, 3), ran(1, 4))
    told = [line.partition("  0")[2][17:] for line in look(tmp_path).lines if "[run, thu-ha@xa-01]" in line]
    assert [line.removesuffix(" [run, thu-ha@xa-01]") for line in told] == [
        "KHÔNG PHÁT HÀNH: có dữ liệu cá nhân trong kết quả", "KHÔNG PHÁT HÀNH: một lượt chạy khác đang làm việc",
        "KHÔNG PHÁT HÀNH: Dừng lại: đĩa đầy.", "đã phát hành kỳ 2026-05, có lỗi nghiêm trọng",
        "đã phát hành kỳ 2026-05, không có lỗi nghiêm trọng"]


def test_only_so_many_runs_are_told_and_all_are_looked_at(tmp_path: Path) -> None:
    remember(tmp_path, ran(30), *(ran(20 - at, 2) for at in range(9)))
    found = look(tmp_path, 3)
    assert not found.late
    assert sum("KHÔNG PHÁT HÀNH" in line for line in found.lines) == 3
    assert "3 LƯỢT CHẠY GẦN NHẤT (mới nhất trước)" in found.lines


def test_a_last_run_that_published_nothing_is_noted_before_it_is_an_alarm(tmp_path: Path) -> None:
    remember(tmp_path, ran(32), ran(8, 2, lines="x" * 20))
    found = look(tmp_path)
    assert not found.late
    assert found.lines[0].startswith("CHÚ Ý: lượt chạy cuối không phát hành được")


def test_why_the_newest_run_failed_is_told_whole_and_older_ones_shortly(tmp_path: Path) -> None:
    long = "Không ghi được kết quả. " * 20 + "HẾT."
    remember(tmp_path, ran(5, 2, lines=long), ran(1, 2, lines=long))
    assert text(tmp_path).count("HẾT.") == 1
    assert max(map(len, look(tmp_path).lines)) <= 110


def test_a_clock_that_was_set_back_is_told(tmp_path: Path) -> None:
    remember(tmp_path, ran(20), ran(-5))
    found = look(tmp_path)
    assert not found.late
    assert "CHÚ Ý: lượt chạy cuối ghi lúc 14:12 ngày 20/05/2026, sau giờ hiện nay của máy." in text(tmp_path)


def test_with_all_good_runs_ahead_nobody_knows_and_that_is_an_alarm(tmp_path: Path) -> None:
    remember(tmp_path, ran(-9000), ran(3, 2))
    assert look(tmp_path).late
    assert "không rõ đã bao lâu" in text(tmp_path)


def test_times_that_are_none_are_no_crash(tmp_path: Path) -> None:
    remember(tmp_path, ran(8), ran(1, 2, started="hôm qua", finished=""), a=Waiting("file_open", "Sổ đang mở.", "?"))
    assert "hôm qua KHÔNG PHÁT HÀNH: mã 2" in text(tmp_path)
    assert "  a.xlsx: Sổ đang mở." in look(tmp_path).lines


def test_what_waits_is_told_with_why_and_since_when(tmp_path: Path) -> None:
    remember(tmp_path, ran(8), b=Waiting("file_open", "Sổ đang mở (Thu Hà).", "2026-05-19T01:30:00+07:00"),
             a=Waiting("file_changing", "Sổ đang được chép.", "2026-05-20T01:30:00+07:00"))
    lines = look(tmp_path).lines
    at = next(at for at, line in enumerate(lines) if line.startswith("SỔ CHƯA NHẬN ĐƯỢC ở lượt chạy cuối (2)"))
    assert lines[at + 1:at + 3] == ("  a.xlsx: Sổ đang được chép. (từ 01:30 ngày 20/05/2026)",
                                    "  b.xlsx: Sổ đang mở (Thu Hà). (từ 01:30 ngày 19/05/2026)")


def test_of_many_that_wait_the_first_are_told(tmp_path: Path) -> None:
    remember(tmp_path, ran(8), **{f"s{at:03d}": Waiting("file_open", "Sổ đang mở.", "") for at in range(33)})
    assert sum(line.endswith("Sổ đang mở.") for line in look(tmp_path).lines) == 20
    assert "  … và 13 sổ khác" in look(tmp_path).lines


def test_workbooks_open_right_now_are_told_with_who(tmp_path: Path) -> None:
    folder = tmp_path / "inputs" / "an-binh"
    folder.mkdir(parents=True)
    (folder / "Thôn Đông.xlsx").write_bytes(b"a")
    (folder / "Thôn Hạ.xlsx").write_bytes(b"a")
    (folder / ".~lock.Thôn Đông.xlsx#").write_text(",thu-ha,xa-01,20.05.2026 09:00,file:///;", encoding="utf-8")
    (folder / "~$Thôn Bắc.xlsx").write_bytes(b"the workbook of this lock is gone")
    os.utime(folder / ".~lock.Thôn Đông.xlsx#", (NOW.timestamp(),) * 2)
    remember(tmp_path, ran(8))
    assert "  an-binh/Thôn Đông.xlsx: thu-ha đang mở" in look(tmp_path).lines
    os.utime(folder / ".~lock.Thôn Đông.xlsx#", ((NOW - timedelta(days=8)).timestamp(),) * 2)
    assert "Sổ đang mở lúc này: không có (trong 2 sổ)." in look(tmp_path).lines


def lock(root: Path, **facts: object) -> None:
    (root / "state").mkdir(exist_ok=True)
    plain = {"owner": "thu-ha", "host": platform.node(), "pid": os.getpid(), "started": "2026-05-20T02:10:00+00:00"}
    (root / "state" / "lock.json").write_text(json.dumps(plain | facts), encoding="utf-8")


def test_a_run_under_way_is_told_with_who_and_since_when(tmp_path: Path) -> None:
    assert "Đang chạy: không." in look(tmp_path).lines
    lock(tmp_path)
    assert "Đang chạy: có, từ 09:10 ngày 20/05/2026, thu-ha." in look(tmp_path).lines
    lock(tmp_path, host="may-khac", pid=DEAD)
    assert "Đang chạy: có, từ 09:10 ngày 20/05/2026, thu-ha trên máy may-khac." in look(tmp_path).lines


def test_a_run_that_was_killed_or_hangs_is_told(tmp_path: Path) -> None:
    lock(tmp_path, pid=DEAD)
    assert "Đang chạy: không. Lượt bắt đầu lúc 09:10 ngày 20/05/2026 (thu-ha) bị ngắt giữa chừng" in text(tmp_path)
    lock(tmp_path, started="2026-05-20T01:30:00+07:00")
    assert "có thể bị treo" in text(tmp_path)


@pytest.mark.parametrize("said", ["", "{", "[]", '"x"', '{"owner": "a"}', '{"owner": "a", "host": "b", "pid": "c", "started": 1}'])
def test_a_lock_that_does_not_say_who_is_told_as_such(tmp_path: Path, said: str) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "lock.json").write_text(said)
    assert "Đang chạy: không rõ" in text(tmp_path)


@pytest.mark.parametrize(("planned", "told"), [
    (None, "chưa đặt lịch. Đặt bằng: pipeline schedule --at 01:30"),
    (Planned(1, 30, ""), "01:30 ngày 21/05/2026 (mỗi ngày lúc 01:30, giờ Việt Nam)."),
    (Planned(22, 5, "/elsewhere"), "22:05 ngày 20/05/2026 (mỗi ngày lúc 22:05, giờ Việt Nam). Lịch này chạy ở thư mục khác: /elsewhere"),
    (Planned(1, 30, "", enabled=False), "không có, lịch 01:30 đã ghi nhưng chưa bật. Đặt lại bằng: pipeline schedule --at 01:30")])
def test_the_next_run_is_told(tmp_path: Path, planned: Planned | None, told: str) -> None:
    assert f"Lượt chạy tới: {told}" in look(tmp_path, planned=planned).lines


def test_a_schedule_that_cannot_be_seen_is_told(tmp_path: Path) -> None:
    def refuse() -> Planned:
        raise Fault("Máy lạ.")

    told = report(tmp_path / "state", tmp_path / "inputs", tmp_path / "outputs", NOW, 7, refuse).lines
    assert "Lượt chạy tới: không xem được lịch. Máy lạ." in told


def test_the_disk_is_told_and_warned_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, size in (("inputs/a.xlsx", 1_500_000), ("outputs/2026-05/a", 3000), ("outputs/.truoc/2026-05/a", 2000), ("state/key", 32)):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(bytes(size))
    remember(tmp_path, ran(1))
    assert "Dung lượng: sổ 1,5 MB, kết quả 5 kB (trong đó bản trước 2 kB), trạng thái" in text(tmp_path)
    monkeypatch.setattr("shutil.disk_usage", lambda _place: SimpleNamespace(free=312_400_000))
    assert look(tmp_path).lines[0] == "CẢNH BÁO: đĩa chỉ còn trống 312,4 MB. Hãy dọn đĩa; xem thứ có thể xóa bằng: pipeline purge"
    assert not look(tmp_path).late


def test_a_look_changes_nothing_not_even_beside_a_run_that_writes(tmp_path: Path) -> None:
    remember(tmp_path, ran(8))
    before = tree(tmp_path)
    look(tmp_path)
    assert tree(tmp_path) == before
    writing = sqlite3.connect(tmp_path / "state" / LEDGER_FILE)
    writing.execute("BEGIN EXCLUSIVE")
    writing.execute("DELETE FROM runs")
    assert not look(tmp_path).late
    writing.rollback()
    writing.close()


def test_a_ledger_that_is_none_is_told_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / LEDGER_FILE).write_bytes(b"no database" * 1000)
    before = tree(tmp_path)
    assert look(tmp_path).late
    assert text(tmp_path).startswith("CẢNH BÁO: không rõ lượt chạy thành công gần nhất. Không đọc được sổ trạng thái ledger.sqlite")
    assert tree(tmp_path) == before


def test_the_command_tells_a_monitor_by_its_exit_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.status.planned_here", lambda: None)
    told = command("status", *folders_in(tmp_path))
    assert (told.code, told.err) == (1, "")
    assert told.out.startswith("CẢNH BÁO: chưa có lượt chạy nào thành công.")
    just_now = (datetime.now().astimezone() - timedelta(hours=1)).isoformat()
    remember(tmp_path, ran(0, started=just_now, finished=just_now))
    told = command("status", "--last", 1, *folders_in(tmp_path))
    assert told.code == 0
    assert "không có lỗi nghiêm trọng" in told.out


def test_a_look_loads_nothing_heavy(tmp_path: Path) -> None:
    (tmp_path / "pipeline.toml").write_text('[mail]\nhost = "thu.example"\nsender = "a@xa.example"\nrecipients = "b@xa.example"\n')
    remember(tmp_path, ran(8))
    probe = ("import sys\nfrom pipeline.cli import main\ntry:\n    main(['status', '--state', 'state'])\nexcept SystemExit:\n    pass\n"
             "print(*sys.modules, file=sys.stderr)")
    told = subprocess.run([sys.executable, "-c", probe], cwd=tmp_path, capture_output=True, encoding="utf-8", check=True,
                          env={**os.environ, "PYTHONPATH": str(HOME)})
    assert "LƯỢT CHẠY GẦN NHẤT" in told.stdout
    heavy = {"pandas", "numpy", "great_expectations", "pyarrow", "xlsxwriter", "python_calamine", "filelock"}
    assert heavy.isdisjoint(told.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("arguments", [("status", "--last", -1), ("purge", "--days", -1), ("watch", "--quiet", "-0.5")])
def test_a_number_below_0_is_refused(arguments: tuple[str, ...]) -> None:
    told = command(*arguments)
    assert (told.code, told.out) == (2, "")
    assert f"Giá trị của {arguments[1]} chưa đúng." in told.err
