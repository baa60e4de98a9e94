"""Schedule: the texts and commands that make a machine run the pipeline every night, for each kind of machine.

Times are Vietnam's where the machine's scheduler can be told so (systemd, cronie, Windows); launchd knows its own clock only.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePath
from typing import Any

from pipeline.fault import Fault, SettingsFault
from pipeline.log import VIETNAM
from pipeline.schedule_texts import (
    Planned,
    crontab_block,
    launchd_plist,
    read_crontab,
    read_plist,
    read_systemd,
    read_task,
    systemd_service,
    systemd_timer,
    windows_task,
)

NAME = "thncd-pipeline"
LABEL = "vn.thncd.pipeline"
PLATFORMS = ("linux", "cron", "darwin", "win32")
"""sys.platform's words; "cron" is any machine with a crontab instead of systemd."""
Command = tuple[str, ...]
Run = Callable[..., Any]
_AT = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])\Z")
_BLOCK = re.compile(rf"^# >>> {NAME}$.*?^# <<< {NAME}$\n?", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Schedule:
    """A nightly run on one kind of machine: files to write, and the commands to install, show and remove it."""

    platform: str
    files: tuple[tuple[PurePath, bytes], ...]
    """Where each file stands, and what is in it; with cron, one whose text goes into the crontab and is not written."""
    install: tuple[Command, ...]
    show: tuple[Command, ...]
    remove: tuple[Command, ...]


def make_schedule(at: str, folder: PurePath, python: PurePath, platform: str, home: PurePath | None = None, user: int = 0) -> Schedule:
    """Return the schedule that runs in `folder` with `python` every day at `at` ("22:30").

    `home` is where systemd's and launchd's files belong (default: this user's); `user` launchd's number of the user.
    Raises SettingsFault for a time, a platform or a path that cannot be.
    """
    match = _AT.match(at)
    if not match:
        raise SettingsFault("Giờ chạy phải theo dạng giờ:phút, ví dụ 22:30.")
    if platform not in PLATFORMS:
        raise SettingsFault(f"Chưa biết đặt lịch trên loại máy này; các loại dùng được: {', '.join(PLATFORMS)}.")
    for path in (folder, python):
        if not path.is_absolute() or re.search(r"[\x00-\x1f\x7f]", str(path)):
            raise SettingsFault("Đường dẫn dùng để đặt lịch phải là đường dẫn đầy đủ, không có ký tự điều khiển.")
    home = home or Path.home()
    if platform == "linux":
        return _systemd(match, folder, python, home)
    if platform == "cron":
        return _cron(match, folder, python)
    if platform == "darwin":
        return _launchd(match, folder, python, home, user)
    return _windows(match, folder, python)


def _systemd(at: re.Match[str], folder: PurePath, python: PurePath, home: PurePath) -> Schedule:
    place, timer = home / ".config" / "systemd" / "user", f"{NAME}.timer"
    files = ((place / f"{NAME}.service", systemd_service(folder, python).encode()),
             (place / timer, systemd_timer(int(at[1]), int(at[2])).encode()))
    user = ("systemctl", "--user")
    return Schedule("linux", files,
                    ((*user, "daemon-reload"), (*user, "enable", "--now", timer), ("loginctl", "enable-linger")),
                    ((*user, "list-timers", "--all", timer), (*user, "status", "--no-pager", f"{NAME}.service")),
                    ((*user, "disable", "--now", timer),))


def _cron(at: re.Match[str], folder: PurePath, python: PurePath) -> Schedule:
    block = crontab_block(int(at[1]), int(at[2]), folder, python, NAME).encode()
    # The crontab is one file for everything: the block is put into it, nothing else in it is touched.
    return Schedule("cron", ((PurePath("crontab"), block),), (("crontab", "-"),), (("crontab", "-l"),), (("crontab", "-"),))


def _launchd(at: re.Match[str], folder: PurePath, python: PurePath, home: PurePath, user: int) -> Schedule:
    place = home / "Library" / "LaunchAgents" / f"{LABEL}.plist"
    domain = f"gui/{user}"
    return Schedule("darwin", ((place, launchd_plist(int(at[1]), int(at[2]), folder, python, LABEL)),),
                    (("launchctl", "bootstrap", domain, str(place)),), (("launchctl", "print", f"{domain}/{LABEL}"),),
                    (("launchctl", "bootout", f"{domain}/{LABEL}"),))


def _windows(at: re.Match[str], folder: PurePath, python: PurePath) -> Schedule:
    place = folder / f"{NAME}.xml"
    return Schedule("win32", ((place, windows_task(int(at[1]), int(at[2]), folder, python)),),
                    (("schtasks", "/Create", "/TN", NAME, "/XML", str(place), "/F"),),
                    (("schtasks", "/Query", "/TN", NAME, "/V", "/FO", "LIST"),), (("schtasks", "/Delete", "/TN", NAME, "/F"),))


def describe(schedule: Schedule) -> str:
    """Return everything as text, to be read or typed by hand: each file, then the commands."""
    windows = schedule.platform == "win32"
    texts = [f"# {path}\n{data.decode('utf-16' if windows else 'utf-8')}" for path, data in schedule.files]
    for title, commands in (("Đặt lịch", schedule.install), ("Xem lịch", schedule.show), ("Gỡ lịch", schedule.remove)):
        told = [subprocess.list2cmdline(one) if windows else shlex.join(one) for one in commands]
        texts.append(f"# {title}:\n" + "\n".join(told) + "\n")
    return "\n".join(texts)


def install(schedule: Schedule, run: Run = subprocess.run) -> None:
    """Write the files and tell the scheduler; a schedule installed before is replaced.

    Raises Fault on another kind of machine, and when the scheduler refuses.
    """
    _check_here(schedule)
    if schedule.platform == "cron":
        _change_crontab(_others(run) + schedule.files[0][1].decode(), run)
        return
    for path, data in schedule.files:
        try:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            Path(path).write_bytes(data)
        except OSError as error:
            raise Fault(f"Không ghi được tệp đặt lịch {path.name}: {error.strerror}.") from error
    if schedule.platform == "darwin":
        _call(schedule.remove[0], run, tolerant=True)
    for command in schedule.install:
        # Lingering lets the timer run while nobody is logged in; where the machine's owner forbids it, it still runs.
        _call(command, run, tolerant=command[0] == "loginctl")


def show(schedule: Schedule, run: Run = subprocess.run) -> str:
    """Return what the scheduler says of the schedule; empty when it is not installed. Raises Fault on another kind of machine."""
    _check_here(schedule)
    if schedule.platform == "cron":
        return "".join(_BLOCK.findall(_crontab(run)))
    return "\n".join(filter(None, (_call(command, run, tolerant=True) for command in schedule.show)))


def find_planned(schedule: Schedule, run: Run = subprocess.run) -> Planned | None:
    """Return when the machine runs the pipeline, as what is installed says; None when nothing is.

    Raises Fault on another kind of machine.
    """
    _check_here(schedule)
    if schedule.platform == "cron":
        return read_crontab("".join(_BLOCK.findall(_crontab(run))))
    if schedule.platform == "win32":
        return read_task(_call((*schedule.show[0][:4], "/XML"), run, tolerant=True))
    texts = [path.read_bytes() if path.is_file() else b"" for path, _ in ((Path(path), data) for path, data in schedule.files)]
    if schedule.platform == "darwin":
        return read_plist(texts[0])
    service, timer = (text.decode("utf-8", "replace") for text in texts)
    place = Path(schedule.files[1][0])
    return read_systemd(service, timer, enabled=(place.parent / "timers.target.wants" / place.name).is_symlink())


def next_time(planned: Planned, moment: datetime) -> datetime:
    """Return the next run after a moment, in Vietnam's time."""
    local = moment.astimezone(VIETNAM if planned.vietnam else None)
    at = local.replace(hour=planned.hour, minute=planned.minute, second=0, microsecond=0)
    return (at if at > local else at + timedelta(days=1)).astimezone(VIETNAM)


def remove(schedule: Schedule, run: Run = subprocess.run) -> None:
    """Take the schedule away, its files too; one that is not installed is no fault. Raises Fault on another kind of machine."""
    _check_here(schedule)
    if schedule.platform == "cron":
        _change_crontab(_others(run), run)
        return
    for command in schedule.remove:
        _call(command, run, tolerant=True)
    for path, _ in schedule.files:
        Path(path).unlink(missing_ok=True)
    if schedule.platform == "linux":
        _call(("systemctl", "--user", "daemon-reload"), run, tolerant=True)


def _check_here(schedule: Schedule) -> None:
    here = sys.platform != "win32" if schedule.platform == "cron" else sys.platform == schedule.platform
    if not here:
        raise Fault("Lịch này dành cho loại máy khác; chỉ đặt, xem và gỡ được trên đúng loại máy đó.")


def _call(command: Command, run: Run, tolerant: bool = False, text: str | None = None) -> str:
    """Run one command of the scheduler and return what it printed."""
    try:
        done = run(list(command), capture_output=True, text=True, errors="replace", input=text, check=False, timeout=60)
    except (OSError, subprocess.SubprocessError) as error:
        if tolerant:
            return ""
        raise Fault(f"Không chạy được lệnh đặt lịch {command[0]} ({type(error).__name__}).") from error
    if done.returncode and not tolerant:
        raise Fault(f"Lệnh {command[0]} từ chối (mã {done.returncode}): {' '.join((done.stderr or '').split())}")
    return str(done.stdout or "").strip() if not done.returncode else ""


def _crontab(run: Run) -> str:
    text = _call(("crontab", "-l"), run, tolerant=True)
    return f"{text}\n" if text else ""


def _others(run: Run) -> str:
    """Return the crontab without our block."""
    return _BLOCK.sub("", _crontab(run))


def _change_crontab(text: str, run: Run) -> None:
    _call(("crontab", "-"), run, text=text)
