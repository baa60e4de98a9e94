"""The texts that a machine's scheduler reads: systemd units, a crontab's lines, a launchd plist, a Windows task; and read back."""

from __future__ import annotations

import plistlib
import re
import shlex
import xml.etree.ElementTree as ET
from html import unescape
from pathlib import PurePath
from typing import NamedTuple
from xml.parsers.expat import ExpatError

ZONE = "Asia/Ho_Chi_Minh"
ARGUMENTS = ("-m", "pipeline", "run")
LAST_RUN = "lan-chay-cuoi.txt"
"""What the last run printed, in the working folder; written anew every night."""
_TASK = "http://schemas.microsoft.com/windows/2004/02/mit/task"
_PAST_DAY = "2025-01-01"
"""A daily trigger counts from it."""


class Planned(NamedTuple):
    """What an installed text says of the nightly run."""

    hour: int
    minute: int
    folder: str
    """Where it runs; empty when that cannot be told."""
    vietnam: bool = True
    """Whether the hour is Vietnam's; else it is that of the machine's own clock."""
    enabled: bool = True


def systemd_service(folder: PurePath, python: PurePath) -> str:
    """Return the unit that runs once. Exit code 1 is a published period with critical findings, no failure of the service."""
    return f"""[Unit]
Description=THNCD: nightly run

[Service]
Type=oneshot
WorkingDirectory={_percent(folder)}
ExecStart={_systemd_word(python)} {' '.join(ARGUMENTS)}
SuccessExitStatus=1
Nice=10
TimeoutStartSec=2h
"""


def systemd_timer(hour: int, minute: int) -> str:
    """Return the timer; a night on which the machine was off is made up for when it is on again."""
    return f"""[Unit]
Description=THNCD: every night at {hour:02d}:{minute:02d}, Vietnam

[Timer]
OnCalendar=*-*-* {hour:02d}:{minute:02d}:00 {ZONE}
Persistent=true
AccuracySec=1min

[Install]
WantedBy=timers.target
"""


def _percent(path: PurePath) -> str:
    return str(path).replace("%", "%%")


def _systemd_word(path: PurePath) -> str:
    """Quote for ExecStart: specifiers, variables, backslashes and quotes are taken literally."""
    text = str(path).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{text}"'


def crontab_block(hour: int, minute: int, folder: PurePath, python: PurePath, name: str) -> str:
    """Return our lines of a crontab, between marks by which they are found again.

    CRON_TZ holds for the lines after it, so the block stands last; a cron that does not know it uses the machine's clock.
    """
    command = f"cd {shlex.quote(str(folder))} && {_shell_command(shlex.quote(str(python)))}".replace("%", "\\%")
    return f"# >>> {name}\nCRON_TZ={ZONE}\n{minute} {hour} * * * {command}\n# <<< {name}\n"


def _shell_command(python: str) -> str:
    return f"{python} {' '.join(ARGUMENTS)} > {LAST_RUN} 2>&1"


def launchd_plist(hour: int, minute: int, folder: PurePath, python: PurePath, label: str) -> bytes:
    """Return the agent; launchd appends to the files it is given, so a shell writes the last run's words anew."""
    command = "exec " + _shell_command('"$0"')
    return plistlib.dumps({
        "Label": label,
        "ProgramArguments": ["/bin/sh", "-c", command, str(python)],
        "WorkingDirectory": str(folder),
        "StartCalendarInterval": {"Hour": hour, "Minute": minute},
        "ProcessType": "Background",
    }, sort_keys=False)


def windows_task(hour: int, minute: int, folder: PurePath, python: PurePath) -> bytes:
    """Return the task as UTF-16 XML in ASCII characters; it needs no administrator and runs while its owner is logged in.

    The command is quoted where it has spaces; the working folder never is: the scheduler takes its quotes for a part of it.
    """
    task = ET.Element("Task", {"version": "1.2", "xmlns": _TASK})
    _add(task, "RegistrationInfo", Description="THNCD: nightly run")
    start = f"{_PAST_DAY}T{hour:02d}:{minute:02d}:00+07:00"
    trigger = _add(_add(task, "Triggers"), "CalendarTrigger", StartBoundary=start)
    _add(trigger, "ScheduleByDay", DaysInterval="1")
    _add(_add(task, "Principals"), "Principal", LogonType="InteractiveToken", RunLevel="LeastPrivilege").set("id", "Author")
    _add(task, "Settings", MultipleInstancesPolicy="IgnoreNew", DisallowStartIfOnBatteries="false", StopIfGoingOnBatteries="false",
         StartWhenAvailable="true", ExecutionTimeLimit="PT2H", Priority="7", Enabled="true")
    actions = _add(task, "Actions")
    actions.set("Context", "Author")
    command = f'"{python}"' if " " in str(python) else str(python)
    _add(actions, "Exec", Command=command, Arguments=" ".join(ARGUMENTS), WorkingDirectory=str(folder))
    ET.indent(task)
    text = str(ET.tostring(task, encoding="us-ascii"), "ascii")
    return ('<?xml version="1.0" encoding="UTF-16"?>\n' + text + "\n").encode("utf-16")


def _add(parent: ET.Element, tag: str, **children: str) -> ET.Element:
    """Add an element with children that hold text, in the order given."""
    made = ET.SubElement(parent, tag)
    for name, text in children.items():
        ET.SubElement(made, name).text = text
    return made


def read_systemd(service: str, timer: str, enabled: bool) -> Planned | None:
    """Read back the units; None when the timer says no hour."""
    at = re.search(rf"^OnCalendar=\S+ (\d\d):(\d\d):\d\d( {ZONE})?$", timer, re.MULTILINE)
    folder = re.search(r"^WorkingDirectory=(.+)$", service, re.MULTILINE)
    return Planned(int(at[1]), int(at[2]), folder[1].replace("%%", "%") if folder else "", bool(at[3]), enabled) if at else None


def read_crontab(block: str) -> Planned | None:
    """Read back our lines of a crontab; None when there are none."""
    at = re.search(r"^(\d+) (\d+) \* \* \* (.+)$", block, re.MULTILINE)
    if not at:
        return None
    try:
        words = shlex.split(at[3].replace("\\%", "%"))
    except ValueError:
        words = []
    return Planned(int(at[2]), int(at[1]), words[1] if words[:1] == ["cd"] else "", f"CRON_TZ={ZONE}" in block)


def read_plist(data: bytes) -> Planned | None:
    """Read back the agent, whose hour is the machine's; None when it says none."""
    try:
        agent = plistlib.loads(data)
        at = agent["StartCalendarInterval"]
        return Planned(int(at["Hour"]), int(at["Minute"]), str(agent.get("WorkingDirectory", "")), vietnam=False)
    except (plistlib.InvalidFileException, ExpatError, KeyError, TypeError, ValueError):
        return None


def read_task(xml: str) -> Planned | None:
    """Read back the task as the scheduler prints it; None when it says no hour.

    Printed in the console's code page, a folder with accents cannot be told.
    """
    at = re.search(r"<StartBoundary>[\d-]+T(\d\d):(\d\d):\d\d(\+07:00)?</StartBoundary>", xml)
    found = re.search(r"<WorkingDirectory>(.*?)</WorkingDirectory>", xml)
    folder = unescape(found[1]) if found else ""
    return Planned(int(at[1]), int(at[2]), folder if folder.isascii() and "?" not in folder else "", bool(at[3]),
                   "<Enabled>false</Enabled>" not in xml) if at else None
