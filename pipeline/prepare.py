"""Prepare: hand out blank workbooks, and set up a working folder."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from pipeline.edition import preset_cutoff
from pipeline.fault import Fault
from pipeline.form import load_form
from pipeline.register import read_register
from pipeline.settings import SETTINGS_FILE, Settings
from pipeline.units import REGISTER_FILE, Register, Unit

_SETTINGS_TEXT = """\
# Cài đặt của chương trình. Bỏ dấu # ở đầu dòng để đổi giá trị; dòng lệnh được ưu tiên hơn tệp này.
# inputs = "inputs"
# outputs = "outputs"
# state = ".pipeline"
# cutoff_preset = "nd09"        # ngày chốt khi các sổ không ghi: nd09 (ngày 14), day5 (ngày 05), month_end (cuối tháng)
# conditional_release_policy = "after_probation"   # hoặc "from_release"
# mass_orgs = ["women", "youth", "veterans", "elderly"]   # tổ chức tính vào "được đoàn thể giúp đỡ"

# [mail]                        # gửi tóm tắt (chỉ số lượng) sau mỗi lượt chạy; mật khẩu đặt ở biến môi trường THNCD_SMTP_PASSWORD
# host = "thu.xa.example"
# sender = "van-thu@xa.example"
# recipients = ["chu-tich@xa.example"]
# user = "van-thu"
"""


def write_templates(folder: Path, unit_ids: Sequence[str], settings: Settings, today: date) -> tuple[int, int]:
    """Write the blank workbooks of the given units, or of every hamlet and commune of the register, pre-filled.

    Without a register: an empty one and a blank workbook of each kind. A file that is there already may be filled in:
    it is kept. Returns how many workbooks were written, and how many kept.
    Raises Fault for a unit that the register does not have at the cut-off.
    """
    from pipeline.write.register import write_register
    from pipeline.write.template import write_workbook

    period = settings.period or f"{today:%Y-%m}"
    cutoff = settings.cutoff or preset_cutoff(period, settings.cutoff_preset)
    register, form = read_register(settings.inputs), load_form()
    dates = {"period": period, "cutoff_date": cutoff}
    if register.given:
        blanks = {folder / _place(unit, register, period, cutoff): (unit.level, {**dates, **_names(unit, register, cutoff)})
                  for unit in _chosen(register, unit_ids, cutoff)}
    else:
        blanks = {folder / "THNCD_mau-thon.xlsx": ("hamlet", dates), folder / "THNCD_mau-xa.xlsx": ("commune", dates)}
    fresh = {path: blank for path, blank in blanks.items() if not path.exists()}
    folder.mkdir(parents=True, exist_ok=True)
    if not register.given and not (folder / REGISTER_FILE).exists():
        write_register(folder / REGISTER_FILE)
    for path, (profile, info) in fresh.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_workbook(path, form, profile, info)
    return len(fresh), len(blanks) - len(fresh)


def _place(unit: Unit, register: Register, period: str, day: date) -> Path:
    from pipeline.write.template import workbook_name

    commune = _commune(unit, register, day)
    return Path(commune.folder if commune else "") / workbook_name(unit, period)


def _names(unit: Unit, register: Register, day: date) -> dict[str, str]:
    commune = _commune(unit, register, day)
    names = {"commune_id": commune.unit_id, "commune_name": commune.full_name} if commune else {}
    return {**names, "hamlet_id": unit.unit_id, "hamlet_name": unit.full_name} if unit.level == "hamlet" else names


def _commune(unit: Unit, register: Register, day: date) -> Unit | None:
    return unit if unit.level == "commune" else register.parent(unit, day)


def _chosen(register: Register, unit_ids: Sequence[str], day: date) -> list[Unit]:
    units = [unit for unit in register.at(day) if unit.level in ("hamlet", "commune")]
    if not units:
        raise Fault(f"{REGISTER_FILE} chưa có thôn hoặc xã nào vào ngày {day:%d/%m/%Y}. Hãy điền sổ đơn vị rồi chạy lại.")
    unknown = sorted(set(unit_ids) - {unit.unit_id for unit in units})
    if unknown:
        raise Fault(f"Sổ đơn vị không có thôn hoặc xã mã {unknown[0]} vào ngày {day:%d/%m/%Y}.")
    return [unit for unit in units if not unit_ids or unit.unit_id in unit_ids]


def set_up_folder(folder: Path, settings: Settings) -> list[str]:
    """Make a working folder: inputs/ with an empty register, outputs/, expectations/, pipeline.toml. Nothing is overwritten."""
    from pipeline.write.register import write_register

    made = []
    for name in ("inputs", "outputs"):
        if not (folder / name).is_dir():
            (folder / name).mkdir(parents=True)
            made.append(f"{name}/")
    if not (folder / "expectations").exists():
        shutil.copytree(settings.expectations_folder, folder / "expectations")
        made.append("expectations/")
    if not (folder / SETTINGS_FILE).exists():
        (folder / SETTINGS_FILE).write_text(_SETTINGS_TEXT, encoding="utf-8")
        made.append(SETTINGS_FILE)
    if not (folder / "inputs" / REGISTER_FILE).exists():
        write_register(folder / "inputs" / REGISTER_FILE)
        made.append(f"inputs/{REGISTER_FILE}")
    return made
