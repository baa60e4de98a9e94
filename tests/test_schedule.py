"""The nightly schedule: texts that each scheduler reads as meant, commands that run on their own kind of machine only."""

from __future__ import annotations

import codecs
import configparser
import plistlib
import shlex
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath, PureWindowsPath
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.fault import Fault, SettingsFault
from pipeline.schedule import NAME, PLATFORMS, Schedule, describe, find_planned, install, make_schedule, next_time, remove, show
from pipeline.schedule_texts import Planned, read_crontab, read_plist, read_systemd, read_task

FOLDER, PYTHON = PurePosixPath("/srv/Số liệu 100%/$xã"), PurePosixPath("/srv/máy tính/bin/python3")
C, D = "C:", "D:"
WINDOWS = (PureWindowsPath(rf"{D}\Số liệu\xã & thôn"), PureWindowsPath(rf"{C}\Program Files\Python\python.exe"))
HOME = PurePosixPath("/u")
TASK = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"


def made(platform: str, at: str = "22:05") -> Schedule:
    folder, python = WINDOWS if platform == "win32" else (FOLDER, PYTHON)
    return make_schedule(at, folder, python, platform, HOME, 501)


class Machine:
    """A scheduler that writes down what it is told; `answers` by the command's first two words."""

    def __init__(self, **answers: Any) -> None:
        self.told: list[str] = []
        self.typed: list[str | None] = []
        self.answers = answers

    def __call__(self, command: list[str], input: str | None = None, **_how: object) -> Any:  # noqa: A002 - subprocess's word
        self.told.append(" ".join(command))
        self.typed.append(input)
        answer = self.answers.get(command[0], (0, "well"))
        if isinstance(answer, Exception):
            raise answer
        return SimpleNamespace(returncode=answer[0], stdout=answer[1], stderr="no\nway")


def units(schedule: Schedule) -> dict[str, configparser.ConfigParser]:
    read = {}
    for path, data in schedule.files:
        read[path.name] = configparser.ConfigParser(interpolation=None)
        read[path.name].optionxform = str  # type: ignore[assignment,method-assign]
        read[path.name].read_string(data.decode())
    return read


def test_systemd_runs_every_night_of_vietnam_and_makes_up_for_a_night_off() -> None:
    read = units(made("linux"))
    timer, service = read[f"{NAME}.timer"], read[f"{NAME}.service"]
    assert timer["Timer"]["OnCalendar"] == "*-*-* 22:05:00 Asia/Ho_Chi_Minh"
    assert timer["Timer"]["Persistent"] == "true"
    assert service["Service"]["WorkingDirectory"] == "/srv/Số liệu 100%%/$xã"
    assert service["Service"]["ExecStart"] == '"/srv/máy tính/bin/python3" -m pipeline run'
    assert service["Service"]["SuccessExitStatus"] == "1"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")
def test_systemd_itself_finds_nothing_wrong(tmp_path: Path) -> None:
    folder, python = tmp_path / "Số liệu 100%", tmp_path / "máy tính" / "python"
    folder.mkdir()
    python.parent.mkdir()
    python.symlink_to(sys.executable)
    for path, data in make_schedule("22:05", folder, python, "linux", tmp_path).files:
        (tmp_path / path.name).write_bytes(data)
    told = subprocess.run(["systemd-analyze", "--user", "verify", tmp_path / f"{NAME}.service", tmp_path / f"{NAME}.timer"],
                          capture_output=True, text=True, check=False)
    assert [line for line in told.stderr.splitlines() if NAME in line] == []


def test_a_crontab_line_is_read_back_by_a_shell() -> None:
    lines = made("cron").files[0][1].decode().splitlines()
    assert lines[1] == "CRON_TZ=Asia/Ho_Chi_Minh"
    minute, hour, *stars, command = lines[2].split(" ", 5)
    assert (minute, hour, stars) == ("5", "22", ["*", "*", "*"])
    words = shlex.split(command.replace("\\%", "%"))
    assert words[:8] == ["cd", str(FOLDER), "&&", str(PYTHON), "-m", "pipeline", "run", ">"]
    assert command.replace("\\%", "").count("%") == 0


def test_launchd_reads_the_agent() -> None:
    path, data = made("darwin").files[0]
    agent = plistlib.loads(data)
    assert path == PurePosixPath("/u/Library/LaunchAgents/vn.thncd.pipeline.plist")
    assert agent["StartCalendarInterval"] == {"Hour": 22, "Minute": 5}
    assert agent["WorkingDirectory"] == str(FOLDER)
    assert agent["ProgramArguments"][3] == str(PYTHON)


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of Unix")
def test_the_agent_s_shell_keeps_what_the_last_run_printed(tmp_path: Path) -> None:
    python = tmp_path / "máy tính"
    python.write_text('#!/bin/sh\necho "$@"\n')
    python.chmod(0o700)
    agent = plistlib.loads(make_schedule("22:05", tmp_path, python, "darwin", tmp_path, 501).files[0][1])
    for _ in range(2):
        subprocess.run(agent["ProgramArguments"], cwd=tmp_path, check=True)
    assert (tmp_path / "lan-chay-cuoi.txt").read_text() == "-m pipeline run\n"


def test_windows_reads_a_well_formed_task_in_utf_16_and_ascii_characters() -> None:
    data = made("win32").files[0][1]
    assert data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = data.decode("utf-16")
    assert text.isascii()
    assert text.startswith('<?xml version="1.0" encoding="UTF-16"?>\n<Task version="1.2"')
    task = ET.fromstring(data)  # noqa: S314 - our own text
    told = {node.tag.removeprefix(TASK): node.text for node in task.iter()}
    assert told["StartBoundary"] == "2025-01-01T22:05:00+07:00"
    assert told["DaysInterval"] == "1"
    assert told["StartWhenAvailable"] == "true"
    assert told["Command"] == rf'"{C}\Program Files\Python\python.exe"'
    assert told["WorkingDirectory"] == rf"{D}\Số liệu\xã & thôn"
    assert told["Arguments"] == "-m pipeline run"


def test_commands_name_what_was_written() -> None:
    windows, mac = made("win32"), made("darwin")
    assert windows.install == (("schtasks", "/Create", "/TN", NAME, "/XML", str(WINDOWS[0] / f"{NAME}.xml"), "/F"),)
    assert windows.remove == (("schtasks", "/Delete", "/TN", NAME, "/F"),)
    assert mac.install == (("launchctl", "bootstrap", "gui/501", "/u/Library/LaunchAgents/vn.thncd.pipeline.plist"),)
    assert made("linux").install[1] == ("systemctl", "--user", "enable", "--now", f"{NAME}.timer")


@pytest.mark.parametrize("platform", PLATFORMS)
def test_everything_can_be_read_before_it_is_installed(platform: str) -> None:
    text = describe(made(platform))
    assert "# Đặt lịch:" in text
    assert "# Gỡ lịch:" in text
    assert "-m pipeline run" in text or "<Arguments>-m pipeline run</Arguments>" in text
    assert text == describe(made(platform))


@pytest.mark.parametrize("at", ["", "24:00", "7:00", "22:60", "22h", "22:05\n", "22:05:00"])
def test_a_time_that_is_none_is_refused(at: str) -> None:
    with pytest.raises(SettingsFault, match="giờ:phút"):
        made("linux", at)


def test_a_path_that_is_not_whole_and_an_unknown_machine_are_refused() -> None:
    for folder in (PurePosixPath("số liệu"), PurePosixPath("/srv/a\nExecStart=/bin/sh")):
        with pytest.raises(SettingsFault, match="Đường dẫn"):
            make_schedule("22:05", folder, PYTHON, "linux", FOLDER)
    with pytest.raises(SettingsFault, match="loại máy"):
        made("amiga")


@pytest.mark.parametrize("platform", PLATFORMS)
def test_another_kind_of_machine_is_told_nothing(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32" if platform != "win32" else "linux")
    machine = Machine()
    for verb in (install, show, remove):
        with pytest.raises(Fault, match="loại máy khác"):
            verb(made(platform), run=machine)
    assert machine.told == []


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_installing_writes_the_files_and_removing_takes_them_away(platform: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    schedule, machine = make_schedule("22:05", tmp_path, tmp_path / "python", platform, tmp_path, 501), Machine()
    monkeypatch.setattr(sys, "platform", platform)
    install(schedule, run=machine)
    assert [Path(path).read_bytes() for path, _ in schedule.files] == [data for _, data in schedule.files]
    assert machine.told[-len(schedule.install):] == [" ".join(one) for one in schedule.install]
    assert "well" in show(schedule, run=machine)
    remove(schedule, run=machine)
    remove(schedule, run=machine)
    assert not [path for path, _ in schedule.files if Path(path).exists()]


@pytest.mark.skipif(sys.platform == "win32", reason="no crontab")
def test_a_crontab_keeps_what_others_wrote_and_holds_one_block_of_ours() -> None:
    theirs, ours = "MAILTO=a\n1 2 * * * backup\n", made("cron").files[0][1].decode()
    first = Machine(crontab=(0, theirs))
    install(made("cron"), run=first)
    assert first.typed == [None, theirs + ours]
    again = Machine(crontab=(0, theirs + ours))
    install(made("cron", "23:00"), run=again)
    assert again.typed[1] == theirs + made("cron", "23:00").files[0][1].decode()
    assert show(made("cron"), run=again) == ours
    away = Machine(crontab=(0, theirs + ours))
    remove(made("cron"), run=away)
    assert away.typed[1] == theirs


@pytest.mark.skipif(sys.platform == "win32", reason="no crontab")
def test_who_has_no_crontab_yet_gets_one() -> None:
    machine = Machine(crontab=(1, ""))
    with pytest.raises(Fault, match="từ chối"):
        install(made("cron"), run=machine)
    assert machine.typed[1] == made("cron").files[0][1].decode()


def test_a_scheduler_that_refuses_or_is_missing_is_a_fault_that_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    schedule = make_schedule("22:05", tmp_path, tmp_path / "python", "linux", tmp_path)
    with pytest.raises(Fault, match=r"systemctl từ chối \(mã 3\): no way"):
        install(schedule, run=Machine(systemctl=(3, "")))
    with pytest.raises(Fault, match="Không chạy được lệnh đặt lịch systemctl"):
        install(schedule, run=Machine(systemctl=FileNotFoundError("systemctl")))
    install(schedule, run=Machine(loginctl=(1, "")))
    assert show(schedule, run=Machine(systemctl=(4, ""))) == ""


@pytest.mark.parametrize(("platform", "folder", "vietnam"), [
    ("cron", str(FOLDER), True), ("darwin", str(FOLDER), False), ("linux", str(FOLDER), True), ("win32", "", True)])
def test_what_was_written_is_read_back(platform: str, folder: str, vietnam: bool) -> None:
    data = [one for _, one in made(platform).files]
    read = {"cron": lambda: read_crontab(data[0].decode()), "darwin": lambda: read_plist(data[0]),
            "linux": lambda: read_systemd(data[0].decode(), data[1].decode(), enabled=True),
            "win32": lambda: read_task(data[0].decode("utf-16"))}
    assert read[platform]() == Planned(22, 5, folder, vietnam)


def test_a_task_that_was_switched_off_or_moved_by_hand_is_read_as_it_is() -> None:
    xml = made("win32").files[0][1].decode("utf-16")
    off = xml.replace("<Enabled>true</Enabled>", "<Enabled>false</Enabled>").replace("T22:05:00+07:00", "T23:10:00")
    assert read_task(off) == Planned(23, 10, "", vietnam=False, enabled=False)
    plain = make_schedule("22:05", PureWindowsPath(rf"{D}\xa & thon"), WINDOWS[1], "win32").files[0][1].decode("utf-16")
    assert read_task(plain) == Planned(22, 5, rf"{D}\xa & thon")


@pytest.mark.parametrize("text", ["", "no schedule", "<plist/>", "OnCalendar=weekly"])
def test_a_text_that_says_no_hour_is_no_schedule(text: str) -> None:
    assert (read_systemd("", text, enabled=True), read_crontab(text), read_plist(text.encode()), read_task(text)) == (None,) * 4


@pytest.mark.skipif(sys.platform == "win32", reason="a link as systemctl makes it")
def test_what_is_installed_is_found_and_whether_it_is_switched_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    schedule = make_schedule("22:05", tmp_path, tmp_path / "python", "linux", tmp_path / "home")
    assert find_planned(schedule) is None
    install(schedule, run=Machine())
    assert find_planned(schedule) == Planned(22, 5, str(tmp_path), enabled=False)
    timer = Path(schedule.files[1][0])
    (timer.parent / "timers.target.wants").mkdir()
    (timer.parent / "timers.target.wants" / timer.name).symlink_to(timer)
    assert find_planned(schedule) == Planned(22, 5, str(tmp_path))
    cron = made("cron")
    assert find_planned(cron, Machine(crontab=(0, "MAILTO=a\n" + cron.files[0][1].decode()))) == Planned(22, 5, str(FOLDER))
    assert find_planned(cron, Machine(crontab=(1, ""))) is None
    monkeypatch.setattr(sys, "platform", "darwin")
    agent = make_schedule("22:05", tmp_path, tmp_path / "python", "darwin", tmp_path / "home")
    assert find_planned(agent) is None
    install(agent, run=Machine())
    assert find_planned(agent) == Planned(22, 5, str(tmp_path), vietnam=False)


def test_windows_is_asked_for_the_task_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    machine = Machine(schtasks=(0, made("win32").files[0][1].decode("utf-16")))
    assert find_planned(made("win32"), machine) == Planned(22, 5, "")
    assert machine.told == [f"schtasks /Query /TN {NAME} /XML"]
    assert find_planned(made("win32"), Machine(schtasks=(1, "ERROR: no such task"))) is None


def test_the_next_time_is_told_in_vietnam_s_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    night = Planned(1, 30, "")
    assert next_time(night, datetime(2026, 5, 19, 18, 29, tzinfo=UTC)).isoformat() == "2026-05-20T01:30:00+07:00"
    assert next_time(night, datetime(2026, 5, 19, 18, 30, tzinfo=UTC)).isoformat() == "2026-05-21T01:30:00+07:00"
    if hasattr(time, "tzset"):
        monkeypatch.setenv("TZ", "UTC")
        time.tzset()
        machine = night._replace(vietnam=False)
        assert next_time(machine, datetime(2026, 5, 19, 18, 30, tzinfo=UTC)).isoformat() == "2026-05-20T08:30:00+07:00"
        monkeypatch.undo()
        time.tzset()
